"""Why the graph says what it says of some words, a node or a term, and why it says no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from policy2dpv.conversion import Conversion
from policy2dpv.errors import PolicyError
from policy2dpv.explaining.clause_views import ClauseView, view_clauses
from policy2dpv.explaining.fates import Fate, find_fates, shape_fate, why
from policy2dpv.explaining.what_if import WhatIf
from policy2dpv.graphs.triples import Literal as Words
from policy2dpv.graphs.triples import Object
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.rows import PHRASES, read_table
from policy2dpv.knowledge.tables import ENDING, PHRASE, TERM
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation, Segment, Span, Statement, overlaps

Sort = Literal["words", "node", "term", "row"]
ROW = re.compile(r"(\S+\.tsv):(\d+)")


class ExplainError(PolicyError):
    """Something to be explained that neither the policy nor its graph has."""


class Heading(msgspec.Struct, frozen=True):
    """A heading above: its words, what it is about, and the rows that tell."""

    quote: str
    topics: tuple[str, ...]
    rows: tuple[str, ...]


class SegmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One clause of the policy with all that the reader found in it.

    `opens` are the kinds that a lead-in, column or heading above opens; `inherits` tells that the
    lead-in's verb holds here too, `muted` that nothing here counts as a practice. `others` is
    the number of phrases that have nothing to do with what was asked.
    """

    id: str
    start: int
    end: int
    quote: str
    kind: str
    landmark: str
    headings: tuple[Heading, ...]
    lead_in: tuple[str, ...]
    opens: tuple[str, ...]
    inherits: bool
    muted: bool
    clauses: tuple[ClauseView, ...]
    phrases: tuple[Fate, ...]
    others: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and the clauses that hold it; `known` are rows that could say a term."""

    asked: str
    sort: Sort
    segments: tuple[SegmentView, ...]
    known: tuple[str, ...] = ()


class _Focus(NamedTuple):
    """The places asked for, and the phrases that are meant wherever they stand."""

    sort: Sort
    spans: Sequence[Span]
    term: str = ""
    row: str = ""


def explain_policy(
    conversion: Conversion, lexicon: Lexicon, asked: str, *, whole: bool = False
) -> Explanation:
    """Why a conversion says what it says of `asked`.

    `asked` is a piece of the policy's words, the IRI of a node of the graph (or its part from
    "#" on), a term of the vocabulary, or a row of a table (``purpose.sssom.tsv:12``). Of each
    clause that holds it the phrases that meet it are told, with `whole` all of them. `lexicon` is
    the one that read the policy. ExplainError: neither words, nor node, term or row.

    >>> from policy2dpv import convert, load_lexicon
    >>> made = convert(b"We use your phone number to call you.")
    >>> told = explain_policy(made, load_lexicon("en"), "phone")
    >>> [(fate.quote, fate.outcome) for fate in told.segments[0].phrases]
    [('phone', 'beaten'), ('phone number', 'said'), ('phone number', 'beaten')]
    """
    build = _Explainer(conversion, lexicon)
    focus = build.focus(asked.strip())
    segments = tuple(build.views(focus, whole=whole))
    known = tuple(build.rows_of(focus.term)) if focus.term and not segments else ()
    return Explanation(asked=asked, sort=focus.sort, segments=segments, known=known)


class _Explainer:
    """One conversion, read once more so that it can be asked."""

    def __init__(self, conversion: Conversion, lexicon: Lexicon) -> None:
        self.conversion, self.lexicon = conversion, lexicon
        self.document, self.graph = conversion.document, conversion.policy_graph
        self.reading = WhatIf(conversion.document, conversion.segments, lexicon)
        self.vocabulary = load_vocabulary()

    # -- what is asked ----------------------------------------------------------------------
    def focus(self, asked: str) -> _Focus:
        """What the words on the command line mean."""
        if not asked:
            raise ExplainError("explain", "nothing is asked", "give words, a node's IRI or a term")
        if (row := ROW.fullmatch(asked)) is not None:
            return _Focus("row", self._hit_spans(row=row[0]), row=row[0])
        term = self._term(asked)
        if term:
            iri = self.vocabulary.iri(term)
            return _Focus("term", [*self._hit_spans(term=term), *self._grounds(iri)], term=term)
        node = self._node(asked)
        if node:
            return _Focus("node", list(self._grounds(node)))
        spans = list(self._places(asked))
        if not spans:
            advice = "give words as `policy2dpv text` prints them, a node's IRI or a term"
            if asked.partition(":")[0] in self.vocabulary.prefixes:
                advice = "`policy2dpv vocab search WORDS` finds terms"
            raise ExplainError(self.document.uri or "policy", f"no {asked!r} in it", advice)
        return _Focus("words", spans)

    def _term(self, asked: str) -> str:
        """The term as PREFIX:NAME, "" if it is none."""
        try:
            term = self.vocabulary.curie(asked) if "://" in asked else asked
        except PolicyError:
            return ""
        return term if self.vocabulary.has(term) else ""

    def _node(self, asked: str) -> str:
        """The node's full IRI, "" if the graph has none of this name."""
        prefix, _, name = asked.partition(":")
        names = {asked, f"{self.graph.notice}{asked}", self.graph.prefixes.get(prefix, "") + name}
        nodes = {node for s, _, o in self.graph.triples for node in (s, o) if isinstance(node, str)}
        return next(iter(sorted(names & nodes)), "")

    def _grounds(self, node: str) -> Iterator[Span]:
        """The words that the triples of a node rest on, those on the text as a whole aside."""
        whole = (0, len(self.document.text))
        for (subject, _, value), grounds in zip(
            self.graph.triples, self.graph.grounds, strict=True
        ):
            if node in (subject, value):
                yield from ((g.start, g.end) for g in grounds if (g.start, g.end) != whole)

    def _hit_spans(self, *, term: str = "", row: str = "") -> list[Span]:
        """Where phrases of a term or row stand, whether they are said or not."""
        tokens = self.reading.tokens
        return [
            (tokens.starts[hit.first], tokens.end(hit.last))
            for index in range(len(self.reading.segments))
            for hit in self.reading.hits(index)
            if meant(hit.phrase.term, hit.phrase.source, term, row)
        ]

    def _places(self, words: str) -> Iterator[Span]:
        """Where the words stand, line breaks and letters' case left aside if need be."""
        pattern = r"\s+".join(map(re.escape, words.split()))
        for flags in (0, re.IGNORECASE):
            found = [m.span() for m in re.finditer(pattern, self.document.text, flags)]
            if found:
                yield from found
                return

    def rows_of(self, term: str) -> Iterator[str]:
        """The rows that read a term, with their phrases."""
        for folder in self.lexicon.folders:
            for path in sorted((folder / PHRASES / self.lexicon.language).glob(f"*{ENDING}")):
                for row in read_table(path):
                    if row[TERM] == term:
                        yield f"{row.place} {row[PHRASE]}"

    # -- the clauses that hold it -----------------------------------------------------------
    def views(self, focus: _Focus, *, whole: bool) -> Iterator[SegmentView]:
        """The segments that hold what is asked, in reading order."""
        for index, segment in enumerate(self.reading.segments):
            here = [s for s in focus.spans if overlaps(s, (segment.start, segment.end))]
            if here:
                yield self._view(index, segment, focus, here, whole=whole)

    def _view(
        self, index: int, segment: Segment, focus: _Focus, here: Sequence[Span], *, whole: bool
    ) -> SegmentView:
        fates = list(self._fates(index, segment))
        shown = [f for f in fates if whole or _concerns(f, focus, here)]
        _, scenes = self.reading.ask(index)
        context = self.reading.context(index)
        return SegmentView(
            id=segment.id, start=segment.start, end=segment.end, kind=segment.kind,
            quote=self._words((segment.start, segment.end)), landmark=segment.landmark,
            headings=tuple(self._headings(segment)),
            lead_in=tuple(self._words(span) for span in segment.lead_in),
            opens=tuple(sorted({k for s in scenes for k in s.context.open_kinds}
                               or context.open_kinds)),
            inherits=context.inherits, muted=any(seen.scene.mute for seen in scenes),
            clauses=tuple(view for seen in scenes for view in view_clauses(self.reading, seen)),
            phrases=tuple(shown), others=len(fates) - len(shown),
        )  # fmt: skip

    def _headings(self, segment: Segment) -> Iterator[Heading]:
        for span in segment.trail:
            above = self.reading.by_span.get(span)
            topics = self.reading.topics(above) if above is not None else ()
            hits = self.reading.title(above) if above is not None else []
            rows = (max((h for h in hits if h.phrase.term.endswith(f":{topic}")),
                        key=lambda h: h.size).phrase.source for topic in topics)  # fmt: skip
            yield Heading(self._words(span), topics, tuple(rows))

    def _words(self, span: Span) -> str:
        return self.document.text[span[0] : span[1]]

    # -- what became of it ------------------------------------------------------------------
    def _fates(self, index: int, segment: Segment) -> Iterator[Fate]:
        """The phrases of a segment; names, values and references that no phrase gave among them."""
        final = [a for a in self.conversion.annotations if a.segment == segment.id]
        told: set[Annotation] = set()
        for fate in find_fates(self.reading, index):
            ours = [a for a in final if _became(fate, a)]
            told.update(ours)
            if fate.outcome != "said":
                yield fate
            elif not ours:
                yield msgspec.structs.replace(fate, outcome="unlicensed", why=_lost(fate))
            for one in ours:
                yield self._told(fate, one)
        for one in final:
            if one not in told:
                yield self._told(shape_fate(one), one)

    def _told(self, fate: Fate, one: Annotation) -> Fate:
        """A fate with the statements and triples that the annotation went into."""
        return msgspec.structs.replace(
            fate, kind=one.kind, term=one.term, polarity=one.polarity, value=one.value,
            confidence=one.confidence, name=one.name,
            definition=self._words(one.definition) if one.definition else None,
            statements=tuple(self._statements(one)), triples=tuple(self._triples(one)),
        )  # fmt: skip

    def _statements(self, one: Annotation) -> Iterator[str]:
        for statement in self.conversion.statements:
            if any(_same(one, other) for _, other in _members(statement)):
                yield describe_statement(statement)

    def _triples(self, one: Annotation) -> Iterator[str]:
        place = one.start, one.end, one.source
        for triple, grounds in zip(self.graph.triples, self.graph.grounds, strict=True):
            if any((g.start, g.end, g.source) == place for g in grounds):
                yield " ".join(self._short(part) for part in triple)

    def _short(self, part: Object) -> str:
        if isinstance(part, Words):
            return msgspec.json.encode(part.text).decode()
        spaces = {s: p for p, s in self.graph.prefixes.items() if part.startswith(s)}
        space = max(spaces, key=len, default="")
        return f"{spaces[space]}:{part[len(space) :]}" if space else f"<{part}>"


def meant(its_term: str, its_row: str, term: str, row: str) -> bool:
    """Whether a phrase has the term, or stands in the row (which may lack its folders).

    >>> meant("ex:Sale", "lexicon/en/purpose.sssom.tsv:7", "", "purpose.sssom.tsv:7")
    True
    """
    if term:
        return its_term == term
    return bool(row) and (its_row == row or its_row.endswith(f"/{row}"))


def describe_statement(statement: Statement) -> str:
    """A statement in a line: kind, actor, polarity, then what each field holds.

    >>> describe_statement(Statement(segment="a", kind="practice", actor="user"))
    'practice, user, affirmed'
    """
    said = ", ".join(filter(None, (statement.kind, statement.actor, statement.polarity,
                                   statement.modality)))  # fmt: skip
    fields: dict[str, dict[str, None]] = {}
    for field, one in _members(statement):
        fields.setdefault(field, {})[one.term or one.value or one.quote] = None
    return "; ".join([said, *(f"{field} {' '.join(terms)}" for field, terms in fields.items())])


def _members(statement: Statement) -> Iterator[tuple[str, Annotation]]:
    for field in statement.__struct_fields__:
        value = getattr(statement, field)
        if isinstance(value, tuple):
            yield from ((field, one) for one in value if isinstance(one, Annotation))


def _same(one: Annotation, other: Annotation) -> bool:
    return (one.start, one.end, one.source, one.term) == (
        other.start, other.end, other.source, other.term
    )  # fmt: skip


def _became(fate: Fate, one: Annotation) -> bool:
    """Whether an annotation is what a phrase became, itself or as what a definition lists."""
    if fate.start != one.own[0]:
        return False
    return one.source == fate.row or (fate.kind == "defined" and one.definition is not None)


def _lost(fate: Fate) -> str:
    """Why what one clause said was taken back when the whole text was read."""
    return why("undefined" if fate.kind == "defined" else "none")


def _concerns(fate: Fate, focus: _Focus, here: Sequence[Span]) -> bool:
    """Whether a phrase is what was asked for or shares words with it."""
    return meant(fate.term, fate.row, focus.term, focus.row) or any(
        overlaps((fate.start, fate.end), span) for span in here
    )
