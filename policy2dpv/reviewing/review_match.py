"""Which readings of a text the rows of a review speak of, though the page was edited since.

A reading is what some words of a clause were read as. Its row fits if words, kind and term are the
same and the clause says the same of them: who accepted that an address is shared has not accepted
that it is never shared. Of several such readings the one with the row's clause is meant, else
the one with the most alike clause, if that shares half of its words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import msgspec

from policy2dpv.model import Annotation, Document, Segment
from policy2dpv.reviewing.decisions import PLAIN, REJECT, SAID, VALUES, Decision, Key, key_of
from policy2dpv.schemes.anchor import squeeze

HALF = 0.5  # of the words of two clauses, for one to be the other after an edit
MOST_COMPARED = 50  # readings of equal words whose clauses are compared with a row's
WORD = re.compile(r"\w+")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Annotations that one decision is about, and the row in which it will be asked for.

    They are several where a clause stands twice, or where clauses of a sentence share words.
    """

    row: Decision
    annotations: tuple[Annotation, ...]


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """A row with the readings that it decides; `reworded` where their clause reads differently."""

    row: Decision
    readings: tuple[Reading, ...]
    reworded: bool = False


def list_readings(
    document: Document, segments: Iterable[Segment], annotations: Iterable[Annotation]
) -> list[Reading]:
    """Return the readings of a text, in its order, each with a row that nobody has decided.

    >>> from policy2dpv import convert
    >>> made = convert(b"We share your name. We share your name.")
    >>> found = list_readings(made.document, made.segments, made.annotations)
    >>> [one] = [reading for reading in found if reading.row.kind == "personal_data"]
    >>> one.row.clause, len(one.annotations)
    ('We share your name.', 2)
    """
    by_id = {segment.id: segment for segment in segments}
    clauses = {key: _Clause(document.text, segment) for key, segment in by_id.items()}
    found: dict[Key, tuple[Decision, list[Annotation]]] = {}
    for one in annotations:
        row = _row(one, clauses[one.segment], document.text)
        found.setdefault(key_of(row), (row, []))[1].append(one)
    return [Reading(row=row, annotations=tuple(these)) for row, these in found.values()]


class _Clause:
    """A segment's words and what stands above them."""

    def __init__(self, text: str, segment: Segment) -> None:
        self.start = segment.start
        self.words = " ".join(text[segment.start : segment.end].split())
        self.squeezed = squeeze(self.words)
        above = (*segment.trail, *segment.lead_in)
        self.section = " > ".join(" ".join(text[start:end].split()) for start, end in above)


def _row(one: Annotation, clause: _Clause, text: str) -> Decision:
    """The row of an annotation that nobody has decided."""
    quote = squeeze(one.quote)
    several = clause.squeezed.count(quote) > 1
    before = squeeze(text[clause.start : one.end]).count(quote)
    return Decision(
        decision="", quote=" ".join(one.quote.split()), kind=one.kind, term=one.term,
        label=_label(one.term), clause=clause.words, section=clause.section,
        polarity=one.polarity, modality=one.modality or PLAIN, actor=one.actor,
        name=one.name or "", value=one.value or "", nth=max(before, 1) if several else 0,
        confidence=one.confidence,
    )  # fmt: skip


def _label(terms: str) -> str:
    """The labels of an annotation's terms."""
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    known = load_vocabulary()
    return ", ".join(known.label(term) for term in terms.split() if known.has(term))


class _Entry:
    """A reading that rows may take, with what is compared of it."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.row = reading.row
        self.clause = squeeze(reading.row.clause)
        self.words = _words(reading.row.clause)
        self.taken = False


class _Alike:
    """The readings of equal words, kind and term: by their clause, and by its words."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.by_clause: dict[str, list[_Entry]] = defaultdict(list)
        self.by_word: dict[str, list[_Entry]] = defaultdict(list)

    def add(self, entry: _Entry) -> None:
        self.entries.append(entry)
        self.by_clause[entry.clause].append(entry)
        for word in entry.words:
            self.by_word[word].append(entry)

    def near(self, words: Mapping[str, int]) -> list[_Entry]:
        """Readings whose clauses share words, those of the rarest words first; not all of many."""
        found: dict[int, _Entry] = {}
        for word in sorted(words, key=lambda word: (len(self.by_word.get(word, ())), word)):
            for entry in islice(self.by_word.get(word, ()), MOST_COMPARED):
                if not entry.taken:
                    found[id(entry)] = entry
            if len(found) >= MOST_COMPARED:
                break
        return list(found.values())


class Matching:
    """The rows of a review and the readings of a text, brought together."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._by_key: dict[Key, _Entry] = {}
        self._alike: dict[Key, _Alike] = defaultdict(_Alike)
        for reading in readings:
            entry = self._by_key[key_of(reading.row)] = _Entry(reading)
            self._alike[_what(reading.row)].add(entry)

    def match(self, rows: Sequence[Decision]) -> tuple[list[Matched], list[Decision]]:
        """Return the rows that have readings, and those that have none; a reading has one row.

        Rows that quote a clause choose first, then those that speak of all equal words.
        """
        found = [self._exact(row) for row in rows]
        for at, row in enumerate(rows):
            if found[at] is None and row.clause:
                found[at] = self._by_clause(row)
        self._most_alike(rows, found)
        for at, row in enumerate(rows):
            if found[at] is None and not row.clause:
                found[at] = self._everywhere(row)
        left = [row for row, matched in zip(rows, found, strict=True) if matched is None]
        return [matched for matched in found if matched is not None], left

    def why(self, row: Decision) -> str:
        """Why a row has no reading."""
        alike = self._alike.get(_what(row), _Alike())
        words = _words(row.clause)
        free = [entry for entry in alike.entries if not entry.taken]
        if not free:
            return f"nothing reads these words as {row.kind} {row.term} there"
        near = max(alike.near(words) or free[:1], key=lambda entry: _dice(words, entry.words))
        if row.clause and _dice(words, near.words) < HALF:
            return "no clause reads like the one that was decided on"
        unlike = [name for name in SAID if getattr(row, name) not in ("", getattr(near.row, name))]
        was = [f"{name} was {getattr(row, name)!r} and is {getattr(near.row, name)!r}"
               for name in unlike]  # fmt: skip
        return ", ".join(was)

    def _exact(self, row: Decision) -> Matched | None:
        entry = self._by_key.get(key_of(row))
        return _take(row, entry) if entry and not entry.taken else None

    def _by_clause(self, row: Decision) -> Matched | None:
        """The reading in the same clause, wherever it stands now."""
        alike = self._alike.get(_what(row), _Alike())
        there = [
            entry for entry in alike.by_clause.get(squeeze(row.clause), ())
            if not entry.taken and fits(row, entry.row)
        ]  # fmt: skip
        return _take(row, min(there, key=lambda entry: _far(row, entry.row))) if there else None

    def _most_alike(self, rows: Sequence[Decision], found: list[Matched | None]) -> None:
        """The readings in clauses that are about the same, the most alike first."""
        pairs = []
        for at, row in enumerate(rows):
            if found[at] is not None or not row.clause or _what(row) not in self._alike:
                continue
            words = _words(row.clause)
            for order, entry in enumerate(self._alike[_what(row)].near(words)):
                alike = _dice(words, entry.words)
                if alike >= HALF and fits(row, entry.row):
                    pairs.append((-alike, _far(row, entry.row), at, order, entry))
        for *_, at, _, entry in sorted(pairs, key=lambda pair: pair[:4]):
            if found[at] is None and not entry.taken:
                found[at] = _take(rows[at], entry, reworded=True)

    def _everywhere(self, row: Decision) -> Matched | None:
        """All readings of the words that no row has taken."""
        alike = self._alike.get(_what(row), _Alike())
        free = [entry for entry in alike.entries if not entry.taken and fits(row, entry.row)]
        for entry in free:
            entry.taken = True
        readings = tuple(entry.reading for entry in free)
        return Matched(row=row, readings=readings) if readings else None


def _take(row: Decision, entry: _Entry, *, reworded: bool = False) -> Matched:
    entry.taken = True
    return Matched(row=row, readings=(entry.reading,), reworded=reworded)


def fits(row: Decision, reading: Decision) -> bool:
    """Whether what a row states of its clause is what is read there.

    Who rejected what words were read as rejected it whatever their clause says of them.

    >>> row = Decision(decision="accept", quote="q", kind="k", term="t", polarity="affirmed")
    >>> denied = msgspec.structs.replace(row, actor="user", polarity="denied")
    >>> fits(row, denied), fits(msgspec.structs.replace(row, decision="reject"), denied)
    (False, True)
    """
    stated = SAID if row.decision != REJECT else VALUES
    return all(getattr(row, name) in ("", getattr(reading, name)) for name in stated)


def likeness(one: str, other: str) -> float:
    """How many of the words of two clauses they share, from 0 to 1 (Dice's coefficient).

    >>> likeness("We share your name.", "We will share your name."), likeness("a", "")
    (0.8888888888888888, 0.0)
    """
    return _dice(_words(one), _words(other))


def _words(clause: str) -> Counter[str]:
    return Counter(WORD.findall(clause.casefold()))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _what(row: Decision) -> Key:
    return squeeze(row.quote), row.kind, row.term


def _far(row: Decision, reading: Decision) -> tuple[float, bool]:
    """How unlike the place of two rows of one clause is: what stands above, which quote of it."""
    return -likeness(row.section, reading.section), row.nth != reading.nth
