"""Which readings of a text the rows of a review speak of, though the page was edited since.

A reading is what some words of a clause were read as. Its row fits if words, kind and term are the
same and the clause says the same of them: who accepted that an address is shared has not accepted
that it is never shared. Of several such readings the one with the row's clause is meant, else
the one with the most alike clause, if that shares half of its words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from policy2dpv.decisions import PLAIN, REJECT, SAID, VALUES, Decision, Key, key_of
from policy2dpv.model import Annotation, Document, Segment
from policy2dpv.schemes.anchor import squeeze

HALF = 0.5  # of the words of two clauses, for one to be the other after an edit
MOST_COMPARED = 500  # readings of equal words whose clauses are compared with a row's
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
    from policy2dpv.vocabulary import load_vocabulary

    known = load_vocabulary()
    return ", ".join(known.label(term) for term in terms.split() if known.has(term))


class Matching:
    """The rows of a review and the readings of a text, brought together."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._by_key = {key_of(reading.row): reading for reading in readings}
        self._alike: dict[Key, list[Reading]] = defaultdict(list)
        for reading in readings:
            self._alike[_words_of(reading.row)].append(reading)
        self._taken: set[Key] = set()

    def match(self, rows: Sequence[Decision]) -> tuple[list[Matched], list[Decision]]:
        """Return the rows that have readings, and those that have none; a reading has one row.

        Rows that quote a clause choose first, then those that speak of all equal words.
        """
        found = [self._exact(row) for row in rows]
        self._by_clause(rows, found)
        self._most_alike(rows, found)
        for at, row in enumerate(rows):
            if found[at] is None and not row.clause:
                free = self._free(row)
                self._taken.update(key_of(one.row) for one in free)
                found[at] = Matched(row=row, readings=tuple(free)) if free else None
        left = [row for row, matched in zip(rows, found, strict=True) if matched is None]
        return [matched for matched in found if matched is not None], left

    def why(self, row: Decision) -> str:
        """Why a row has no reading."""
        words = self._alike.get(_words_of(row), [])
        free = [one.row for one in words if key_of(one.row) not in self._taken]
        if not free:
            return f"nothing reads these words as {row.kind} {row.term} there"
        near = max(free, key=lambda one: likeness(row.clause, one.clause))
        if row.clause and likeness(row.clause, near.clause) < HALF:
            return "no clause reads like the one that was decided on"
        unlike = [name for name in SAID if getattr(row, name) not in ("", getattr(near, name))]
        was = [f"{name} was {getattr(row, name)!r} and is {getattr(near, name)!r}"
               for name in unlike]  # fmt: skip
        return ", ".join(was)

    def _exact(self, row: Decision) -> Matched | None:
        key = key_of(row)
        reading = self._by_key.get(key)
        return self._take(row, reading) if reading and key not in self._taken else None

    def _by_clause(self, rows: Sequence[Decision], found: list[Matched | None]) -> None:
        """The readings in the same clause, wherever it stands now."""
        for at, row in enumerate(rows):
            if found[at] is None and row.clause:
                there = [one for one in self._free(row) if _same_clause(one.row, row)]
                if there:
                    found[at] = self._take(row, min(there, key=lambda one: _far(row, one.row)))

    def _most_alike(self, rows: Sequence[Decision], found: list[Matched | None]) -> None:
        """The readings in clauses that are about the same, the most alike first."""
        pairs = []
        for at, row in enumerate(rows):
            if found[at] is None and row.clause:
                for order, one in enumerate(self._free(row)[:MOST_COMPARED]):
                    alike = likeness(row.clause, one.row.clause)
                    if alike >= HALF:
                        pairs.append((-alike, _far(row, one.row), at, order, one))
        for *_, at, _, one in sorted(pairs, key=lambda pair: pair[:4]):
            if found[at] is None and key_of(one.row) not in self._taken:
                found[at] = self._take(rows[at], one, reworded=True)

    def _free(self, row: Decision) -> list[Reading]:
        """The readings that a row may mean and that no row has taken."""
        return [
            one for one in self._alike.get(_words_of(row), ())
            if fits(row, one.row) and key_of(one.row) not in self._taken
        ]  # fmt: skip

    def _take(self, row: Decision, reading: Reading, *, reworded: bool = False) -> Matched:
        self._taken.add(key_of(reading.row))
        return Matched(row=row, readings=(reading,), reworded=reworded)


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
    first, second = (Counter(WORD.findall(clause.casefold())) for clause in (one, other))
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def _words_of(row: Decision) -> Key:
    return squeeze(row.quote), row.kind, row.term


def _same_clause(one: Decision, other: Decision) -> bool:
    return squeeze(one.clause) == squeeze(other.clause)


def _far(row: Decision, reading: Decision) -> tuple[float, bool]:
    """How unlike the place of two rows of one clause is: what stands above, which quote of it."""
    return -likeness(row.section, reading.section), row.nth != reading.nth
