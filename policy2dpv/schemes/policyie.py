"""PolicyIE as PLUE publishes it: sentences with an intent, and their slots as tags of tokens.

Ahmad et al., Intent Classification and Slot Filling for Privacy Policies, ACL 2021; Chi et al.,
PLUE: Language Understanding Evaluation Benchmark for Privacy Policies in English, ACL 2023. Line n
of the three files of a part is about the same sentence: ``intent_classification_PART.jsonl``,
``type_I_slot_filling_PART.jsonl`` (who and what) and ``type_II_slot_filling_PART.jsonl`` (why,
how, when, and whether not).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, zip_longest
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Span
from policy2dpv.reading.media_types import TEXT
from policy2dpv.reading.read import read_document
from policy2dpv.schemes.marks import Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.source import read_records

LANGUAGE = "en"  # of all its policies
INTENTS, SLOTS = "intent_classification", ("type_I_slot_filling", "type_II_slot_filling")
NAME = re.compile(rf"(?:{'|'.join((INTENTS, *SLOTS))})_(?P<part>.+)\.jsonl")
TAG = re.compile(r"O|[BI]-(?P<label>.+)", re.DOTALL)
PARALLEL = "give the three files of one part as published"


class Intent(msgspec.Struct, forbid_unknown_fields=True):
    """A line of the intents: a sentence and what it is about."""

    sentence: str
    label: str


class Slots(msgspec.Struct, forbid_unknown_fields=True):
    """A line of the slots: the tokens of a sentence and the tag of each."""

    tokens: list[str]
    labels: list[str]


def read_policyie(path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
    """Yield each part (train, valid) that a folder holds, or the one that a file belongs to.

    A part is one text with a sentence on each line, and each sentence is a clause. ReadError: a
    file of the three is missing or damaged, they are not about the same sentences, a token holds
    white space, a tag is none, or a `page` is given though the lines hold the text.

    >>> import tempfile
    >>> intent = Intent("We store names", "data-storage-retention-deletion")
    >>> slots = Slots(intent.sentence.split(), ["O", "B-action", "B-data-retained.data-contact"])
    >>> rest = Slots(slots.tokens, ["O", "O", "O"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for stem, line in zip((INTENTS, *SLOTS), (intent, slots, rest), strict=True):
    ...         _ = Path(folder, f"{stem}_a.jsonl").write_bytes(msgspec.json.encode(line))
    ...     [policy] = read_policyie(Path(folder))
    >>> policy.clauses[0].path(policy.clauses[0].marks[1]), policy.clauses[0].marks[1].span
    ('data-storage-retention-deletion > data-retained > data-contact', (9, 14))
    """
    if page:
        raise ReadError(page, "the lines hold the text themselves", "leave out --page")
    for folder, part in _parts(path):
        intents, first, second = _lines(folder, part)
        texts = [" ".join(line.tokens) for line in first]
        text = "".join(f"{one}\n" for one in texts)
        document = read_document(text.encode(), media_type=TEXT, language=LANGUAGE)
        if document.text != text:
            raise ReadError(path, "characters that no text has", PARALLEL)
        starts = accumulate((len(one) + 1 for one in texts), initial=0)
        lost: list[Lost] = []
        clauses = []
        for number, (intent, start) in enumerate(zip(intents, starts, strict=False), 1):
            marks: list[Mark] = []
            for stem, slots in zip(SLOTS, (first, second), strict=True):
                place = f"{stem}_{part}.jsonl:{number}"
                marks += _marks(slots[number - 1], start, place, lost)
            span = start, start + len(texts[number - 1])
            clauses.append(
                MarkedClause(id=str(number), category=intent.label, span=span, marks=tuple(marks))
            )
        name = f"policyie-{part}"
        yield MarkedPolicy(name=name, document=document, clauses=clauses, lost=lost)


def find_spans(tags: Sequence[str], *, where: str = "tags") -> Iterator[tuple[str, Span, bool]]:
    """Yield the label of each marked run of tokens, its first and after-last token, and its fault.

    The fault is a run that begins with I: it is read as a begin. ReadError: a tag that is not of
    the form O, B-label or I-label (Ramshaw and Marcus, Text Chunking, 1995).

    >>> list(find_spans(["B-a", "I-a", "O", "I-b", "B-b"]))
    [('a', (0, 2), False), ('b', (3, 4), True), ('b', (4, 5), False)]
    """
    label, start, odd = "", 0, False
    for at, tag in enumerate([*tags, "O"]):
        form = TAG.fullmatch(tag)
        if form is None:
            raise ReadError(where, f"{tag!r} is no tag", "write O, B-label or I-label")
        if label and tag == f"I-{label}":
            continue
        if label:
            yield label, (start, at), odd
        label, start, odd = form["label"] or "", at, tag[0] == "I"


def _parts(path: Path) -> list[tuple[Path, str]]:
    """The folder and the name of each part that is meant."""
    if path.is_dir():
        forms = [NAME.fullmatch(one.name) for one in path.glob(f"{INTENTS}_*")]
        found = sorted(form["part"] for form in forms if form)
        if not found:
            wanted = f"no file {INTENTS}_*.jsonl in it"
            raise ReadError(path, wanted, "give the folder of PolicyIE's files")
        return [(path, part) for part in found]
    form = NAME.fullmatch(path.name)
    if form is None:
        advice = f"name it as published, such as {INTENTS}_valid.jsonl"
        raise ReadError(path, "the name does not tell what the lines hold", advice)
    return [(path.parent, form["part"])]


def _lines(folder: Path, part: str) -> tuple[list[Intent], list[Slots], list[Slots]]:
    """The lines of the three files, which are about the same sentences."""
    advice = "give an object with sentence and label on each line"
    intents = list(read_records(folder / f"{INTENTS}_{part}.jsonl", Intent, advice=advice))
    advice = "give an object with tokens and labels on each line"
    paths = [folder / f"{stem}_{part}.jsonl" for stem in SLOTS]
    first, second = (list(read_records(path, Slots, advice=advice)) for path in paths)
    for path, lines in zip(paths, (first, second), strict=True):
        for number, (intent, line) in enumerate(zip_longest(intents, lines), 1):
            place = f"{path.name}:{number}"
            if intent is None or line is None:
                found = f"{len(lines)} lines where the intents have {len(intents)}"
                raise ReadError(place, found, PARALLEL)
            _check_line(intent, line, place)
    return intents, first, second


def _check_line(intent: Intent, line: Slots, place: str) -> None:
    if len(line.tokens) != len(line.labels):
        found = f"{len(line.tokens)} tokens with {len(line.labels)} labels"
        raise ReadError(place, found, "give each token its label")
    odd = [token for token in line.tokens if token.split() != [token]]
    if odd or not line.tokens:
        found = f"the token {odd[0]!r} holds white space" if odd else "no tokens"
        raise ReadError(place, found, "give words as tokens")
    if intent.sentence.split() != line.tokens:
        raise ReadError(place, "other tokens than the intents' sentence", PARALLEL)


def _marks(slots: Slots, start: int, place: str, lost: list[Lost]) -> Iterator[Mark]:
    """The marks of a sentence that begins at an offset of the text."""
    starts = list(accumulate((len(token) + 1 for token in slots.tokens), initial=start))
    for label, (first, after), odd in find_spans(slots.labels, where=place):
        words = " ".join(slots.tokens[first:after])
        if odd:
            lost.append(Lost(place, f"I-{label} begins a span and is read as B-{label}", words))
        attribute, _, value = label.partition(".")
        span = starts[first], starts[after] - 1
        yield Mark(attribute=attribute, value=value or attribute, span=span)
