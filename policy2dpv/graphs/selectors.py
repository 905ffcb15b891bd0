"""Clause nodes: where the words stand in the canonical text, by position and by quotation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote as percent

from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.identity import Names, normal_phrase
from policy2dpv.graphs.triples import Ground, Grounds, Literal
from policy2dpv.knowledge.slots import Modelling
from policy2dpv.model import Annotation, Document, Segment, Span, Statement

FRAGMENT = "/?:@!$&'()*+,;=-._~"  # what a fragment may hold beside letters and digits (RFC 3986)
CONTEXT = 32  # characters of the text that a quote selector gives before and after the words


class Clauses:
    """Makes the node of each clause once, with its two selectors."""

    def __init__(
        self,
        document: Document,
        segments: Iterable[Segment],
        tables: Modelling,
        names: Names,
        *,
        quotes: str,
    ) -> None:
        self.text_node = names.entity(tables.letters["text"], document.sha256)
        self._document = document
        self._segments: Mapping[str, Segment] = {segment.id: segment for segment in segments}
        self._by_span = {(s.start, s.end): s for s in self._segments.values()}
        self._tables = tables
        self._names = names
        self._quotes = quotes
        self._nodes: dict[Span, str] = {}
        self._spans: dict[str, Span] = {}

    def of(self, statement: Statement, facts: Facts) -> tuple[str, ...]:
        """The nodes of all spans that say a statement, the clause's own first."""
        found = (self.node(span, statement, facts) for span in spans(statement, self._segments))
        return tuple(dict.fromkeys(found))

    def around(self, annotation: Annotation, clauses: Sequence[str]) -> Sequence[str]:
        """Those of a statement's clauses that hold the annotation's words, else the first."""
        if len(clauses) < 2:
            return clauses
        holding = [
            iri for iri in clauses
            if self._spans[iri][0] <= annotation.start and annotation.end <= self._spans[iri][1]
        ]  # fmt: skip
        return holding or clauses[:1]

    def grounds(self, statement: Statement) -> Grounds:
        """The spans that say a statement, as grounds for what the whole clause decides."""
        return tuple(
            Ground(start, end, "relation", statement.confidence)
            for start, end in spans(statement, self._segments)
        )

    def node(self, span: Span, statement: Statement, facts: Facts) -> str:
        """The node of a span. A segment's is named by the segment, another's by its words."""
        if span in self._nodes:
            return self._nodes[span]
        segment = self._by_span.get(span)
        notice, letter = self._names.notice, self._tables.letters
        if segment is not None:
            tail = segment.id  # of another's file, if it is not plain
            tail = tail if tail.isalnum() else percent(tail, safe=FRAGMENT)
            iri = f"{notice}#{letter['clause']}{tail}"
        else:
            words = normal_phrase(self._document.text[span[0] : span[1]])
            iri = self._names.next(letter["clause"], statement.segment, words)
            tail = iri.partition(f"#{letter['clause']}")[2]
        self._nodes[span] = iri
        self._spans[iri] = span
        position = f"{notice}#{letter['position_selector']}{tail}"
        quote = f"{notice}#{letter['quote_selector']}{tail}"
        describe_target(
            facts, self._tables, self._document, span, self._quotes,
            (iri, self.text_node, position, quote),
        )  # fmt: skip
        return iri


def spans(statement: Statement, segments: Mapping[str, Segment]) -> tuple[Span, ...]:
    """The evidence of a statement; without any, the span of its segment."""
    if statement.evidence:
        return tuple(dict.fromkeys(statement.evidence))
    segment = segments.get(statement.segment)
    return ((segment.start, segment.end),) if segment else ()


def describe_target(
    facts: Facts,
    tables: Modelling,
    document: Document,
    span: Span,
    quotes: str,
    nodes: tuple[str, str, str, str],
) -> None:
    """Add what a clause node says: its text and the two selectors.

    `nodes` are the IRIs of the clause, the text, the position selector and the quote selector.
    With ``quotes="none"`` the hash of the words takes the place of the words.
    """
    terms, text = tables.terms, document.text
    clause, source, position, quote = nodes
    start, end = span
    kind = terms["type"]
    facts.add(clause, kind, terms["clause"])
    facts.add(clause, terms["has_source"], source)
    facts.add(clause, terms["has_selector"], position)
    facts.add(position, kind, terms["position_selector"])
    facts.add(position, terms["start"], Literal(str(start), terms["as_count"]))
    facts.add(position, terms["end"], Literal(str(end), terms["as_count"]))
    if quotes == "none":
        digest = hashlib.sha256(text[start:end].encode("utf-8", "surrogatepass")).hexdigest()
        facts.add(clause, terms["identifier"], Literal(f"sha256:{digest}"))
        return
    facts.add(clause, terms["has_selector"], quote)
    facts.add(quote, kind, terms["quote_selector"])
    facts.add(quote, terms["exact"], Literal(text[start:end]))
    facts.add(quote, terms["prefix"], Literal(text[max(0, start - CONTEXT) : start]))
    facts.add(quote, terms["suffix"], Literal(text[end : end + CONTEXT]))
