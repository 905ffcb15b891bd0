"""A review applied to what was read: what is rejected goes, and people's own readings come."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from policy2dpv.annotating.annotation_check import check_annotations
from policy2dpv.graphs.triples import Assessment, Place
from policy2dpv.model import Annotation, Document, Segment, Span
from policy2dpv.reviewing.decisions import (
    ACCEPT,
    ADD,
    PLAIN,
    REJECT,
    REPLACE,
    Decision,
    check_decisions,
    check_signed,
)
from policy2dpv.reviewing.review_match import (
    HALF,
    Matched,
    Matching,
    Reading,
    fits,
    likeness,
    list_readings,
)
from policy2dpv.schemes.anchor import squeeze
from policy2dpv.schemes.labels import clause_of
from policy2dpv.schemes.marks import Lost

SOURCE = "review"  # what decided a reading that a person replaced or added


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a reading after a review, and what became of the decisions.

    `accepted`, `rejected`, `replaced` and `undecided` count readings, `added` rows. `stale` are
    rows whose words are gone or say something else now, `reworded` those that still hold in a
    clause that reads differently now. `assessments` tell who judged which words, `decided` are the
    places and sources of what was accepted, replaced or added.
    """

    annotations: Sequence[Annotation]
    assessments: tuple[Assessment, ...] = ()
    decided: frozenset[Place] = frozenset()
    accepted: int = 0
    rejected: int = 0
    replaced: int = 0
    added: int = 0
    undecided: int = 0
    stale: tuple[Lost, ...] = ()
    reworded: tuple[Lost, ...] = ()

    def summary(self) -> str:
        """The counts in one line.

        >>> Reviewed(annotations=(), accepted=3).summary()
        'review: 3 accepted, 0 rejected, 0 replaced, 0 added, 0 stale, 0 undecided'
        """
        counts = {name: getattr(self, name) for name in ("accepted", "rejected", "replaced",
                  "added")} | {"stale": len(self.stale), "undecided": self.undecided}  # fmt: skip
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        more = f"; {len(self.reworded)} in clauses that were reworded" if self.reworded else ""
        return f"review: {said}{more}"


def apply_review(
    document: Document,
    segments: Sequence[Segment],
    annotations: Sequence[Annotation],
    rows: Sequence[Decision],
    *,
    only_reviewed: bool = False,
) -> Reviewed:
    """Return the annotations as people decided, in the order of the places.

    Rows without a decision do nothing. What nobody decided stays as it was read, or goes with
    `only_reviewed`. An added reading joins the clause of the nearest one beside it and shares its
    polarity, modality, actor and condition, unless the row says otherwise; what was replaced or
    added is as sure as can be, and `by` the one who decided. ReadError: a row that cannot be used
    (see `decisions.check_decisions`) or is not signed. AnnotatorError: an added reading that
    cannot be used.

    >>> from policy2dpv import convert
    >>> made = convert(b"We share your name.")
    >>> row = Decision(decision="reject", quote="your name", kind="personal_data", term="pd:Name",
    ...                who="Ann", when="2026-03-01")
    >>> left = apply_review(made.document, made.segments, made.annotations, [row])
    >>> [one.quote for one in left.annotations], left.rejected
    (['share'], 1)
    """
    rows = check_decisions(rows)
    check_signed(rows)
    work = _Applying(document, segments, annotations)
    work.run([row for row in rows if row.decision])
    return work.reviewed(only_reviewed)


class _Applying:
    """One review on one text."""

    def __init__(
        self, document: Document, segments: Sequence[Segment], annotations: Sequence[Annotation]
    ) -> None:
        self.document = document
        self.segments = sorted(segments, key=lambda segment: segment.start)
        self.annotations = annotations
        self.readings = list_readings(document, segments, annotations)
        self.matching = Matching(self.readings)
        self.verdicts: dict[str, list[Matched]] = {ACCEPT: [], REJECT: [], REPLACE: []}
        self.added: list[tuple[Decision, Annotation]] = []
        self.stale: list[Lost] = []
        self.reworded: list[Lost] = []

    def run(self, rows: Sequence[Decision]) -> None:
        """Find what each row speaks of."""
        matched, left = self.matching.match([row for row in rows if row.decision != ADD])
        for one in matched:
            self.take(one)
        given = {row.place: row for row in left}
        again, gone = self.matching.match([_confirmed(r) for r in left if r.decision == REPLACE])
        for one in again:  # what is now read as it was corrected
            self.take(one)
        lost = {row.place for row in gone} | {r.place for r in left if r.decision != REPLACE}
        self.stale += [
            Lost(row.place, f"stale: {self.matching.why(row)}", row.quote)
            for place, row in given.items() if place in lost
        ]  # fmt: skip
        for row in rows:
            if row.decision == ADD:
                self.add(row)

    def take(self, matched: Matched) -> None:
        """Note a row that has readings."""
        self.verdicts[matched.row.decision].append(matched)
        if matched.reworded:
            self.note_rewording(matched.row)

    def note_rewording(self, row: Decision) -> None:
        found = f"{row.decision} holds, but its clause was reworded"
        self.reworded.append(Lost(row.place, found, row.quote))

    def add(self, row: Decision) -> None:
        """Put an added reading into its clause, or accept the one that stands there already."""
        where = self.place(row)
        if isinstance(where, Lost):
            self.stale.append(where)
            return
        segment, (start, end) = where
        if row.clause and squeeze(row.clause) != squeeze(self.words(segment)):
            self.note_rewording(row)
        for reading in self.readings:
            first = reading.annotations[0]
            there = any((one.start, one.end) == (start, end) for one in reading.annotations)
            same = there and (first.kind, first.term) == (row.kind, row.term)
            if same and fits(row, reading.row) and not self.is_rejected(reading):
                accepted = msgspec.structs.replace(row, decision=ACCEPT)
                self.verdicts[ACCEPT].append(Matched(row=accepted, readings=(reading,)))
                return
        self.added.append((row, self.annotation(row, segment, (start, end))))

    def is_rejected(self, reading: Reading) -> bool:
        return any(reading in one.readings for one in self.verdicts[REJECT])

    def words(self, segment: Segment) -> str:
        return self.document.text[segment.start : segment.end]

    def place(self, row: Decision) -> tuple[Segment, Span] | Lost:
        """The clause and the span where an added reading belongs, or why there is none."""
        found: dict[str, tuple[Segment, list[Span]]] = {}
        starts = [segment.start for segment in self.segments]
        for span in find_words(self.document.text, row.quote):
            at = bisect_right(starts, span[0]) - 1
            if at >= 0 and span[1] <= self.segments[at].end:
                segment = self.segments[at]
                found.setdefault(segment.id, (segment, []))[1].append(span)
        if not found:
            return Lost(row.place, "stale: the words are gone", row.quote)
        if not row.clause:
            places = [(segment, span) for segment, spans in found.values() for span in spans]
            several = f"stale: the words stand {len(places)} times; give their clause"
            return places[0] if len(places) == 1 else Lost(row.place, several, row.quote)
        best = min(found.values(), key=lambda one: self.unlike(row, one[0]))
        if self.unlike(row, best[0])[0] > -HALF:
            gone = "stale: no clause reads like the one that was decided on"
            return Lost(row.place, gone, row.quote)
        segment, spans = best
        return segment, spans[min(max(row.nth, 1), len(spans)) - 1]

    def unlike(self, row: Decision, segment: Segment) -> tuple[float, float, int]:
        """How unlike a row's clause a clause is, and what stands above it the row's section."""
        text = self.document.text
        same = squeeze(row.clause) == squeeze(self.words(segment))
        above = " ".join(text[a:b] for a, b in (*segment.trail, *segment.lead_in))
        alike = 2.0 if same else likeness(row.clause, self.words(segment))
        return -alike, -likeness(row.section, above), segment.start

    def annotation(self, row: Decision, segment: Segment, span: Span) -> Annotation:
        """The annotation that a row adds."""
        given: dict[str, Any] = {
            name: getattr(row, name) for name in ("polarity", "modality", "actor")
            if getattr(row, name)
        }  # fmt: skip
        if given.get("modality") == PLAIN:
            given["modality"] = ""
        one = Annotation(
            start=span[0], end=span[1], quote=self.document.text[span[0] : span[1]], kind=row.kind,
            term=row.term, segment=segment.id, source=_source(row.kind, row.term), by=(row.who,),
            name=row.name or None, value=row.value or None, **given,
        )  # fmt: skip
        return clause_of(one, [a for a in self.annotations if a.segment == segment.id], given)

    def reviewed(self, only_reviewed: bool) -> Reviewed:
        """The annotations that are left, with the counts."""
        changed: dict[Annotation, Annotation | None] = {}
        assessments = []
        for row, one in self.decisions():
            changed[one] = judgement = _judged(row, one)
            assessments.append(_assessment(row, judgement or one, one.term))
        assessments += [_assessment(row, one, one.term) for row, one in self.added]
        undecided = [one for one in self.annotations if one not in changed and not only_reviewed]
        open_places = frozenset(map(place_of, undecided))
        kept = [one for one in self.annotations if not only_reviewed or one in changed]
        left = [new for one in kept if (new := changed.get(one, one)) is not None]
        added = [one for _, one in self.added]
        ours = [*added, *(one for one in left if one.source.startswith(f"{SOURCE}:"))]
        check_annotations(self.document, self.segments, ours, by=SOURCE)
        if ours:
            left = sorted({*left, *added}, key=_order)
        count = {name: sum(len(m.readings) for m in found) for name, found in self.verdicts.items()}
        decided = {reading.row for m in chain(*self.verdicts.values()) for reading in m.readings}
        return Reviewed(
            annotations=left, assessments=tuple(sorted(set(assessments))),
            decided=frozenset(map(place_of, left)) - open_places, accepted=count[ACCEPT],
            rejected=count[REJECT], replaced=count[REPLACE], added=len(self.added),
            undecided=sum(one.row not in decided for one in self.readings),
            stale=tuple(self.stale), reworded=tuple(self.reworded),
        )  # fmt: skip

    def decisions(self) -> Iterator[tuple[Decision, Annotation]]:
        """The annotations that were read, each with the row that decides it."""
        for matched in chain(*self.verdicts.values()):
            for reading in matched.readings:
                for one in reading.annotations:
                    yield matched.row, one


def place_of(one: Annotation) -> Place:
    """The place and the source of an annotation, by which evidence knows it.

    >>> place_of(Annotation(start=3, end=7, quote="", kind="", term="", segment="", source="a:1"))
    (3, 7, 'a:1')
    """
    return one.start, one.end, one.source


def find_words(text: str, quote: str) -> list[Span]:
    r"""Return where words stand in a text, whatever white space is between them.

    They are whole words: a part of a longer one does not count.

    >>> find_words("Users use\nit; we use  it.", "use it")
    [(6, 12), (17, 24)]
    """
    words = quote.split()
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    pattern = before + r"\s+".join(map(re.escape, words)) + after
    return [found.span() for found in re.finditer(pattern, text)]


def _confirmed(row: Decision) -> Decision:
    """A correction as it reads where the tool has learnt it."""
    return msgspec.structs.replace(row, decision=ACCEPT, term=row.new_term, new_term="")


def _judged(row: Decision, one: Annotation) -> Annotation | None:
    """An annotation as a row decides it."""
    if row.decision == REJECT:
        return None
    if row.decision != REPLACE:
        return one
    return msgspec.structs.replace(
        one, term=row.new_term, source=_source(one.kind, row.new_term), match="exact",
        phrase=None, confidence=1.0, by=(row.who,),
    )  # fmt: skip


def _source(kind: str, term: str) -> str:
    return f"{SOURCE}:{kind} {term}"


def _assessment(row: Decision, one: Annotation, term: str) -> Assessment:
    return Assessment(
        of=place_of(one), verdict=row.decision, who=row.who, when=row.when,
        term=term,
    )  # fmt: skip


def _order(one: Annotation) -> tuple[Any, ...]:
    return one.start, one.end, one.kind, one.term, one.clause, one.source, one.by


def propose_rows(
    document: Document,
    segments: Sequence[Segment],
    annotations: Sequence[Annotation],
    rows: Sequence[Decision] = (),
) -> tuple[list[Decision], Reviewed]:
    """Return a row for each reading, in the text's order, and what became of earlier `rows`.

    Earlier decisions stand on the rows of the readings that they decide. One whose clause was
    reworded has lost who and when: somebody has to look and sign again. Below stand rows that add
    a reading, then stale ones as they were. Rows need not be signed here.

    >>> from policy2dpv import convert
    >>> made = convert(b"We share your name.")
    >>> found, _ = propose_rows(made.document, made.segments, made.annotations)
    >>> [(row.decision, row.quote, row.term) for row in found]
    [('', 'share', 'dpv:Share'), ('', 'your name', 'pd:Name')]
    """
    rows = check_decisions(rows)
    work = _Applying(document, segments, annotations)
    work.run([row for row in rows if row.decision])
    reworded = {lost.place for lost in work.reworded}
    decided: dict[Decision, dict[str, str]] = {}
    for matched in chain(*work.verdicts.values()):
        row = matched.row
        signed = {} if row.place in reworded else {"who": row.who, "when": row.when}
        said = {"decision": row.decision, "new_term": row.new_term, "note": row.note, **signed}
        decided |= {reading.row: said for reading in matched.readings}
    stale = {lost.place for lost in work.stale}
    found = [msgspec.structs.replace(one.row, **decided.get(one.row, {})) for one in work.readings]
    found += [row for row, _ in work.added]
    found += [row for row in rows if row.decision and row.place in stale]
    return found, work.reviewed(only_reviewed=False)
