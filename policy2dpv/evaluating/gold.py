"""Gold: what people say a policy states, with its words or with their places only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec

from policy2dpv.data import replace_file
from policy2dpv.errors import PolicyError
from policy2dpv.model import Span

FACTS, PRACTICES = ".facts.jsonl", ".practices.jsonl"
ENDINGS = (FACTS, PRACTICES)
NEAR = 20_000  # how far from its old place a quote is looked for when the text has changed


class GoldError(PolicyError):
    """Gold that cannot be read, or whose policy or words cannot be found."""


class GoldLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all lines have: a quote, or its place and the hash of its words."""

    quote: str = ""
    start: int | None = None
    end: int | None = None
    quote_sha256: str = ""


class GoldFact(GoldLine, frozen=True, kw_only=True, omit_defaults=True):
    """A line of NAME.facts.jsonl; a value may be replaced by its place as a quote is."""

    kind: str
    term: str
    also_ok: tuple[str, ...] = ()
    name: str | None = None
    value: str | None = None
    value_start: int | None = None
    value_end: int | None = None
    value_sha256: str = ""
    polarity: str = "affirmed"
    explicit: bool = True
    note: str = ""


class GoldRecipient(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recipient of a practice: its class and, where it is named, its name."""

    term: str
    name: str | None = None


class GoldPractice(GoldLine, frozen=True, kw_only=True, omit_defaults=True):
    """A line of NAME.practices.jsonl; the condition's words may be replaced by their place."""

    actor: str = "first_party"
    processing: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    recipients: tuple[GoldRecipient, ...] = ()
    legal_bases: tuple[str, ...] = ()
    polarity: str = "affirmed"
    condition: str | None = None
    condition_start: int | None = None
    condition_end: int | None = None
    condition_sha256: str = ""

    def terms(self, field: str) -> tuple[str, ...]:
        """Return the terms of a field, those of recipients without their names."""
        if field == "recipients":
            return tuple(recipient.term for recipient in self.recipients)
        found: tuple[str, ...] = getattr(self, field)
        return found


Line = TypeVar("Line", GoldFact, GoldPractice)


class Gold(msgspec.Struct, frozen=True):
    """The gold of one policy; the name is that of the policy's file without its ending."""

    name: str
    facts: tuple[GoldFact, ...]
    practices: tuple[GoldPractice, ...]

    @property
    def lines(self) -> tuple[GoldFact | GoldPractice, ...]:
        """All lines, facts first."""
        return (*self.facts, *self.practices)


def find_gold(place: Path) -> list[Path]:
    """Return the paths up to the names that a folder, a file of gold or such a path stands for.

    Raises GoldError where there is no gold.

    >>> find_gold(Path("nowhere"))
    Traceback (most recent call last):
    ...
    policy2dpv.evaluating.gold.GoldError: nowhere: there is no gold; give a folder with ...
    """
    if place.is_dir():
        files = sorted(place.glob(f"*{FACTS}"))
    else:
        name = place.name
        for ending in ENDINGS:
            name = name.removesuffix(ending)
        files = [place.with_name(name + FACTS)]
    found = [file.with_name(file.name.removesuffix(FACTS)) for file in files if file.is_file()]
    if not found:
        raise GoldError(place, "there is no gold", f"give a folder with NAME{FACTS} in it, or NAME")
    return found


def read_gold(prefix: Path) -> Gold:
    """Return the gold at a path up to the name. GoldError: no file, or a line that is no gold."""
    facts = _read_lines(prefix.with_name(prefix.name + FACTS), GoldFact)
    path = prefix.with_name(prefix.name + PRACTICES)
    practices = _read_lines(path, GoldPractice) if path.is_file() else ()
    return Gold(prefix.name, facts, practices)


def write_gold(gold: Gold, folder: Path) -> list[Path]:
    """Write the two files of a gold into a folder and return their paths."""
    paths = []
    for ending, lines in ((FACTS, gold.facts), (PRACTICES, gold.practices)):
        path = folder / f"{gold.name}{ending}"
        replace_file(path, "".join(msgspec.json.encode(one).decode() + "\n" for one in lines))
        paths.append(path)
    return paths


def strip_gold(gold: Gold, text: str) -> tuple[Gold, list[str]]:
    """Return gold without the policy's words, and what could not be found in its text.

    Quotes, values and conditions become places on the canonical text with the hash of the words
    there; notes go. A value or condition that does not stand in the text is the annotator's own
    and stays; a quote that does not is named in the list and its line has neither.

    >>> gold = Gold("x", (GoldFact(kind="purpose", term="ex:Sale", quote="to  sell"),), ())
    >>> stripped, lost = strip_gold(gold, "We use it to sell boats.")
    >>> stripped.facts[0].start, stripped.facts[0].quote, lost
    (10, '', [])
    """
    index, lost = _TextIndex(text), list[str]()
    facts = tuple(_strip(line, "value", index, lost) for line in gold.facts)
    practices = tuple(_strip(line, "condition", index, lost) for line in gold.practices)
    facts = tuple(msgspec.structs.replace(line, note="") for line in facts)
    return Gold(gold.name, facts, practices), lost


def restore_gold(gold: Gold, text: str) -> tuple[Gold, list[str]]:
    """Return gold with its words and their places, and what could not be found in the text.

    Accepts both forms: words get their first place, places their words. Where the text has moved,
    words are looked for by their hash near the place where they were.

    >>> text = "We use it to sell boats."
    >>> gold = Gold("x", (GoldFact(kind="purpose", term="ex:Sale", quote="to sell"),), ())
    >>> restored, lost = restore_gold(strip_gold(gold, text)[0], "Hello! " + text)
    >>> restored.facts[0].quote, restored.facts[0].start, lost
    ('to sell', 17, [])
    """
    index, lost = _TextIndex(text), list[str]()
    facts = tuple(_restore(line, "value", index, lost) for line in gold.facts)
    practices = tuple(_restore(line, "condition", index, lost) for line in gold.practices)
    return Gold(gold.name, facts, practices), lost


def _read_lines(path: Path, kind: type[Line]) -> tuple[Line, ...]:
    decoder = msgspec.json.Decoder(kind)
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(path, f"cannot be read ({error})", "give a file of gold") from error
    for number, line in enumerate(lines, start=1):
        try:
            found += [decoder.decode(line)] if line.strip() else []
        except msgspec.DecodeError as error:
            advice = f"write a {kind.__name__} as JSON on each line"
            raise GoldError(f"{path.name}:{number}", str(error), advice) from error
    return tuple(found)


def _strip(line: Line, words: str, index: _TextIndex, lost: list[str]) -> Line:
    changes: dict[str, object] = {}
    if line.quote:
        span = index.find(line.quote)
        changes |= {"quote": "", **_place("", "quote_sha256", span, index.text)}
        if span is None:
            lost.append(line.quote)
    own = getattr(line, words)
    span = index.find(own) if own else None
    if span is not None:
        changes |= {words: None, **_place(f"{words}_", f"{words}_sha256", span, index.text)}
    return msgspec.structs.replace(line, **changes)


def _place(prefix: str, digest: str, span: Span | None, text: str) -> dict[str, object]:
    if span is None:
        return {}
    words = text[span[0] : span[1]]
    return {f"{prefix}start": span[0], f"{prefix}end": span[1], digest: _sha256(words)}


def _restore(line: Line, words: str, index: _TextIndex, lost: list[str]) -> Line:
    changes: dict[str, object] = {}
    span: Span | None
    if line.quote:
        span = index.find(line.quote)
    else:
        span = index.locate(line.start, line.end, line.quote_sha256)
    if span is None:
        lost.append(line.quote or f"the words at {line.start}")
        changes |= {"start": None, "end": None}
    else:
        words_there = line.quote or index.text[span[0] : span[1]]
        changes |= {"start": span[0], "end": span[1], "quote": words_there}
    if digest := getattr(line, f"{words}_sha256"):
        places = (getattr(line, f"{words}_start"), getattr(line, f"{words}_end"))
        span = index.locate(*places, digest)
        if span is None:
            lost.append(f"the {words} at {places[0]}")
        else:
            changes[words] = index.text[span[0] : span[1]]
    return msgspec.structs.replace(line, **changes)


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


class _TextIndex:
    """Finds words in a text whatever their white space and signs, or by their hash."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._shift = 0

    def find(self, words: str) -> Span | None:
        """The first place of the words: with other white space, else with other signs too."""
        spaced = r"\s+".join(map(re.escape, words.split()))
        for pattern in (rf"(?<!\w){spaced}(?!\w)", spaced):
            if spaced and (found := re.search(pattern, self.text)):
                return found.span()
        wanted = "".join(letter for letter, _ in _letters(words))
        at = self._letters.find(wanted) if wanted else -1
        return None if at < 0 else (self._at[at], self._at[at + len(wanted) - 1] + 1)

    def locate(self, start: int | None, end: int | None, digest: str) -> Span | None:
        """The place of the words with this hash, nearest to where they were."""
        if start is None or end is None:
            return None
        for shift in self._shifts():
            first, last = start + shift, end + shift
            inside = 0 <= first < last <= len(self.text)
            if inside and _sha256(self.text[first:last]) == digest:
                self._shift = shift
                return first, last
        return None

    def _shifts(self) -> Iterator[int]:
        yield from (self._shift, 0)
        for distance in range(1, NEAR):
            yield from (self._shift + distance, self._shift - distance)

    @cached_property
    def _letters(self) -> str:
        return "".join(letter for letter, _ in _letters(self.text))

    @cached_property
    def _at(self) -> list[int]:
        return [at for _, at in _letters(self.text)]


def _letters(text: str) -> Iterable[tuple[str, int]]:
    """The letters and digits of a text in lower case, with their places."""
    for at, character in enumerate(text):
        if character.isalnum():
            for letter in character.casefold():
                yield letter, at
