"""Marks -> Annotations -> Statements: what a person marked becomes what a reading would give."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from policy2dpv.annotating.merge import AnnotatedClause, merge_clauses
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.conversion import Conversion
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation, Segment, Span
from policy2dpv.schemes.mapping import EFFECTS, Meaning, SchemeTable, load_effects
from policy2dpv.schemes.marks import Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.words import Told, WordReader

OWN = ("broad", "narrow")  # matches that make a concept of its own
LOOKED_UP = {"narrower", "found", "read", "known"}
ONLY_FOUND = {"found", "known"}  # without them nothing is said
NO_VALUE = "no-value"


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
    policy: MarkedPolicy,
    table: SchemeTable,
    lexicon: Lexicon,
    *,
    base: str | None = None,
    merge: str = "all",
) -> Mapped:
    """Return what the marks of a policy mean in DPV.

    Each marked clause becomes a segment and its marks the annotations of it, so that they apply
    together as the annotator meant it. `lexicon` reads the words of marks whose row lets them
    tell more than the label does. `merge` is the rule by which several annotators become one
    reading, see `merge_clauses`. VocabularyError: a row names a term that the release lacks.
    AnnotatorError: a rule that there is not, or that names nobody.

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
    clauses = merge_clauses(map(application.annotated, policy.clauses), merge)
    annotations = sorted(
        dict.fromkeys(one for clause in clauses for one in clause.annotations),
        key=lambda a: (a.start, a.end, a.segment, a.kind, a.term),
    )
    segments = application.segments(clauses)
    statements = [
        msgspec.structs.replace(one, kind=level)
        if (level := application.levels.get(one.segment)) else one
        for one in relate_annotations(policy.document, segments, annotations)
    ]  # fmt: skip
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
        self.slots = load_modelling().slots
        self.vocabulary = load_vocabulary()
        self.words = WordReader(policy.document, lexicon, self.vocabulary)
        self.effects = load_effects()
        self.levels: dict[str, str] = {}
        self.unmapped: Counter[str] = Counter()
        self.excused: Counter[tuple[str, str]] = Counter()

    def annotated(self, clause: MarkedClause) -> AnnotatedClause:
        """A clause with what its marks mean."""
        return AnnotatedClause(
            id=clause.id, by=(clause.annotator,), passage=clause.span, category=clause.category,
            annotations=tuple(dict.fromkeys(self.annotations(clause))),
        )  # fmt: skip

    def annotations(self, clause: MarkedClause) -> Iterator[Annotation]:
        """What one clause's category and marks say, each with what is said of the whole clause."""
        meant = [
            (mark, tuple(self._meanings(clause, mark))) for mark in (None, *clause.marks)
        ]  # fmt: skip
        scope = self._scope(clause, meant)
        for mark, meanings in meant:
            for meaning, told in self._told(clause, mark, meanings):
                start, end = told.span
                yield Annotation(
                    start=start, end=end, quote=self.policy.document.text[start:end],
                    kind=self._kind(meaning, told), term=told.term, segment=clause.id,
                    source=told.source, phrase=told.phrase, match=told.match, name=told.name,
                    value=told.value, confidence=meaning.confidence,
                    by=(clause.annotator,) if clause.annotator else (), **scope,
                )  # fmt: skip

    def segments(self, clauses: Sequence[AnnotatedClause]) -> list[Segment]:
        """The clauses as segments, each with the headings above it."""
        natural = find_segments(self.policy.document)
        starts = [segment.start for segment in natural]
        found = []
        for clause in clauses:
            start, end = clause.passage
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
        self, clause: MarkedClause, meant: Sequence[tuple[Mark | None, Sequence[Meaning]]]
    ) -> dict[str, Any]:
        """What the marks say of the clause as a whole: denied, who acts, under which condition.

        A mark says it more closely than the category, and the first mark more than a later one.
        """
        scope: dict[str, Any] = {}
        ordered = [*meant[:1], *reversed(meant[1:])]  # the category stands first
        for mark, meaning in ((mark, one) for mark, meanings in ordered for one in meanings):
            if meaning.kind == "condition":
                if mark is not None and mark.span is not None:
                    scope["condition"] = self.policy.document.text[slice(*mark.span)]
            elif meaning.kind == "level":
                self.levels[clause.id] = self.effects[meaning.kind, meaning.term]
            elif meaning.kind in EFFECTS:
                scope[meaning.kind] = self.effects[meaning.kind, meaning.term]
        return scope

    def _kind(self, meaning: Meaning, told: Told) -> str:
        """The finer kind of what says no more than its slot, such as personal data in general."""
        finer = self.kinds.get((meaning.kind, told.term), meaning.kind)
        slot = self.slots.get(meaning.kind)
        general = slot is not None and slot.node_class == self.vocabulary.iri(told.term)
        if told.source == meaning.source and (not general or told.match in OWN):
            return meaning.kind
        return finer

    def _told(
        self, clause: MarkedClause, mark: Mark | None, meanings: Sequence[Meaning]
    ) -> Iterator[tuple[Meaning, Told]]:
        """What the marked words tell by each row; the label's meaning where they tell no more."""
        rows = [meaning for meaning in meanings if meaning.kind not in EFFECTS]
        closer = [(row, told) for row in rows for told in self._by_words(mark, row)]
        yield from closer
        told_of = {row.kind for row, _ in closer if LOOKED_UP & row.words}
        told_rows = {row.source for row, _ in closer}
        for row in rows:
            looked_up = row.kind in told_of and LOOKED_UP & row.words
            if ONLY_FOUND & row.words or row.source in told_rows or looked_up:
                continue
            slot = self.slots.get(row.kind)
            if slot is not None and slot.form == "literal":  # only a value can be written there
                self.excused[NO_VALUE, clause.path(mark)] += 1
            else:
                yield row, self._label(clause, mark, row)

    def _by_words(self, mark: Mark | None, row: Meaning) -> Iterable[Told]:
        if mark is None or mark.span is None:
            return ()
        if "name" in row.words:
            named = list(self.words.known_names(mark.span, row.kind, row.term))
            if named or self.words.is_name(mark.span):
                return named
        if "found" in row.words:
            return self.words.narrower(mark.span, row.kind, row.term, itself=True)
        if "narrower" in row.words:
            return self.words.narrower(mark.span, row.kind, row.term)
        if {"read", "known"} & row.words:
            return self.words.terms(mark.span, row.kind, row.term)
        if "value" in row.words:
            return self.words.values(mark.span, row.kind)
        return ()

    def _label(self, clause: MarkedClause, mark: Mark | None, row: Meaning) -> Told:
        """The label's own meaning, said by the marked words or by the whole clause.

        A concept of its own is named by the words, or by the label where these do not name it.
        """
        marked = mark.span if mark else None
        span: Span = marked or clause.span
        named = marked if "name" in row.words and marked and self.words.is_name(marked) else None
        own = "label" in row.words or (marked and "evidence" not in row.words)
        by_label = "label" in row.words or not marked
        return Told(
            span=span, term=row.term, source=row.source, match=row.match if own else "exact",
            name=self.policy.document.text[slice(*named)] if named else None,
            phrase=(mark.value if mark else clause.category) if by_label else None,
        )  # fmt: skip
