"""What must hold of whatever is read: AssertionError where it does not."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph

from policy2dpv.conversion import Conversion
from policy2dpv.model import Annotation, Document, Segment, Span

Quotes = Iterable[Annotation]


def check_document(document: Document) -> None:
    """Blocks stand in order within the text, their marks and headers on it, and hold words."""
    end = 0
    length = len(document.text)
    for block in document.blocks:
        assert end <= block.start < block.end <= length, block
        assert block.start <= block.words_start <= block.end, block
        assert all(0 <= a < b <= length for a, b in block.headers), block
        end = block.end
    for link in document.links:
        assert 0 <= link.start < link.end <= length, link
    for date in document.dates:
        assert 0 <= date.start < date.end <= length, date


def check_segments(document: Document, segments: Iterable[Segment]) -> None:
    """Segments lie on words of their block, and each has an id of its own."""
    seen: set[str] = set()
    length = len(document.text)
    for one in segments:
        assert 0 <= one.start < one.end <= length, one
        assert document.text[one.start : one.end].strip(), one
        spans: list[Span] = [*one.trail, *one.lead_in, *([one.label] if one.label else [])]
        assert all(0 <= a < b <= length for a, b in spans), one
        assert all(0 <= cell.start < cell.end <= length for cell in one.cells), one
        assert one.id not in seen, one
        seen.add(one.id)


def check_annotations(document: Document, annotations: Quotes) -> None:
    """Each quote is what stands there, and a definition stands in the text."""
    for one in annotations:
        assert 0 <= one.start < one.end <= len(document.text), one
        assert document.text[one.start : one.end] == one.quote, one
        assert one.quote.strip(), one
        if one.definition is not None:
            assert 0 <= one.definition[0] < one.definition[1] <= len(document.text), one


def check_conversion(made: Conversion) -> str:
    """All of it, down to the graph as N-Quads, which are returned and which a parser must take."""
    check_document(made.document)
    check_segments(made.document, made.segments)
    check_annotations(made.document, made.annotations)
    length = len(made.document.text)
    for said in made.statements:
        for start, end in said.evidence:
            assert 0 <= start < end <= length, said
    quads = made.to_nquads()
    parse_quads(quads)
    return quads


def parse_quads(quads: str) -> None:
    """Raise SyntaxError for text that is no N-Quads."""
    for _ in pyoxigraph.parse(quads.encode("utf-8"), format=pyoxigraph.RdfFormat.N_QUADS):
        pass
