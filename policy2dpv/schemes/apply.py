"""Marks -> Annotations -> Statements: what a person marked becomes what a reading would give."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from policy2dpv.conversion import Conversion
from policy2dpv.lexicon import Lexicon
from policy2dpv.model import Annotation, Segment, Span
from policy2dpv.relate import relate_annotations
from policy2dpv.schemes.mapping import EFFECTS, Meaning, SchemeTable, load_effects
from policy2dpv.schemes.marks import Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.words import Told, WordReader
from policy2dpv.segment import find_segments
from policy2dpv.vocabulary import load_vocabulary


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """What the marks of one policy became, and what did not become anything.

    `unmapped` counts labels that no row has; `excused` the labels that DPV cannot say, by reason
    and label; `lost` are the spans that were not found in the text; `notes` say what of the file
    was read in a special way.
    """

    conversion: Conversion
    unmapped: Mapping[str, int]
    excused: Mapping[tuple[str, str], int]
    lost: Sequence[Lost] = ()
    notes: Sequence[str] = ()


def map_policy(
    policy: MarkedPolicy, table: SchemeTable, lexicon: Lexicon, *, base: str | None = None
) -> Mapped:
    """Return what the marks of a policy mean in DPV.

    Each marked clause becomes a segment and its marks the annotations of it, so that they apply
    together as the annotator meant it. `lexicon` reads the words of marks whose row lets them
    tell more than the label does. VocabularyError: a row names a term that the release lacks.

    >>> from policy2dpv import load_lexicon, read_document
    >>> from policy2dpv.schemes.mapping import load_scheme
    >>> mark = Mark(attribute="Personal Information Type", value="Contact", span=(11, 30))
    >>> clause = MarkedClause(
    ...     id="1", category="First Party Collection/Use", span=(0, 31), marks=(mark,)
    ... )
    >>> document = read_document(b"We collect your e-mail address.")
    >>> policy = MarkedPolicy(name="p", document=document, clauses=(clause,))
    >>> mapped = map_policy(policy, load_scheme("opp-115"), load_lexicon("en"))
    >>> [(a.kind, a.term, a.quote) for a in mapped.conversion.annotations][-1]
    ('personal_data', 'pd:EmailAddress', 'e-mail address')
    """
    application = _Application(policy, table, lexicon)
    annotations = sorted(
        dict.fromkeys(one for clause in policy.clauses for one in application.annotations(clause)),
        key=lambda a: (a.start, a.end, a.segment, a.kind, a.term),
    )
    segments = application.segments()
    statements = relate_annotations(policy.document, segments, annotations)
    return Mapped(
        conversion=Conversion(policy.document, segments, annotations, statements, base=base),
        unmapped=dict(sorted(application.unmapped.items())),
        excused=dict(sorted(application.excused.items())), lost=policy.lost,
        notes=policy.notes,
    )  # fmt: skip


class _Application:
    """One table applied to one policy."""

    def __init__(self, policy: MarkedPolicy, table: SchemeTable, lexicon: Lexicon) -> None:
        self.policy = policy
        self.table = table
        self.kinds = lexicon.grammar.kinds
        self.words = WordReader(policy.document, lexicon, load_vocabulary())
        self.effects = load_effects()
        self.unmapped: Counter[str] = Counter()
        self.excused: Counter[tuple[str, str]] = Counter()

    def annotations(self, clause: MarkedClause) -> Iterator[Annotation]:
        """What one clause's category and marks say, each with what is said of the whole clause."""
        meant = [(mark, m) for mark in (None, *clause.marks) for m in self._meanings(clause, mark)]
        scope = self._scope(clause, meant)
        for mark, meaning in meant:
            if meaning.kind in EFFECTS:
                continue
            for told in self._told(clause, mark, meaning):
                kind = self.kinds.get((meaning.kind, told.term), meaning.kind)
                start, end = told.span
                yield Annotation(
                    start=start, end=end, quote=self.policy.document.text[start:end], kind=kind,
                    term=told.term, segment=clause.id, source=told.source, match=told.match,
                    name=told.name, value=told.value, confidence=meaning.confidence, **scope,
                )  # fmt: skip

    def segments(self) -> list[Segment]:
        """The clauses as segments, each with the headings above it."""
        natural = find_segments(self.policy.document)
        starts = [segment.start for segment in natural]
        found = []
        for clause in self.policy.clauses:
            start, end = clause.span
            below = natural[max(bisect_right(starts, start) - 1, 0)] if natural else None
            one = Segment(id=clause.id, start=start, end=end, kind="sentence", block=0)
            if below and (below.id, below.start, below.end) == (clause.id, start, end):
                one = below
            elif below:
                one = msgspec.structs.replace(one, block=below.block, trail=below.trail)
            found.append(one)
        return sorted(found, key=lambda one: (one.start, one.end, one.id))

    def _meanings(self, clause: MarkedClause, mark: Mark | None) -> Iterator[Meaning]:
        label = clause.path(mark)
        if not label:
            return
        meanings = self.table.meanings(clause, mark)
        if meanings is None:
            self.unmapped[label] += 1
            return
        for meaning in meanings:
            if meaning.term:
                yield meaning
            else:
                self.excused[meaning.reason, label] += 1

    def _scope(
        self, clause: MarkedClause, meant: Sequence[tuple[Mark | None, Meaning]]
    ) -> dict[str, Any]:
        """What the marks say of the clause as a whole: denied, who acts, under which condition."""
        scope: dict[str, Any] = {}
        for mark, meaning in meant:
            if meaning.kind == "condition":
                if mark is not None and mark.span is not None:
                    scope["condition"] = self.policy.document.text[slice(*mark.span)]
            elif meaning.kind in EFFECTS:
                scope[meaning.kind] = self.effects[meaning.kind, meaning.term]
        return scope

    def _told(self, clause: MarkedClause, mark: Mark | None, meaning: Meaning) -> Sequence[Told]:
        """The label's own meaning, or what the marked words tell more closely."""
        marked = mark.span if mark else None
        span: Span = marked or clause.span
        told: list[Told] = []
        if marked and meaning.words == "narrower":
            told = list(self.words.narrower(span, meaning.kind, meaning.term))
        elif marked and meaning.words == "value":
            told = list(self.words.values(span, meaning.kind))
        if told:
            return told
        name = self.policy.document.text[slice(*span)] if meaning.words == "name" else None
        match = meaning.match if marked else "exact"  # a whole clause names no concept of its own
        return [
            Told(span=span, term=meaning.term, source=meaning.source, match=match,
                 name=name if marked else None)
        ]  # fmt: skip
