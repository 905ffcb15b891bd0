"""Triples as light tuples, the grounds that they stand on, and the frozen graph that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from policy2dpv.model import Annotation, Document, Segment, Span, Statement


class Literal(msgspec.Struct, frozen=True, gc=False, order=True):
    """A literal: its text and the IRI of its datatype, or its language, or neither (a string)."""

    text: str
    datatype: str = ""
    language: str = ""


class Ground(msgspec.Struct, frozen=True, gc=False, order=True):
    """Why a triple is there: the span of the words, what decided, how sure it is, who said it."""

    start: int
    end: int
    source: str
    confidence: float
    by: tuple[str, ...] = ()


Place = tuple[int, int, str]  # the span of some words and what read them so


class Assessment(msgspec.Struct, frozen=True, gc=False, order=True, kw_only=True):
    """What a person decided (accept, reject, replace, add) of words that were read, who and when.

    `of` is the ground that was judged, `term` what the words were read as before.
    """

    of: Place
    verdict: str
    who: str
    when: str
    term: str


Object = str | Literal  # a string is an IRI
Triple = tuple[str, str, Object]
Grounds = tuple[Ground, ...]
ESCAPED = re.compile(r"[\x00-\x1f\"\\\x7f]")
ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
    | {chr(c): f"\\u{c:04X}" for c in (*range(8), 0x0B, *range(0x0E, 0x20), 0x7F)}
)


class PolicyGraph(msgspec.Struct, frozen=True, kw_only=True):
    """One graph, ready to be written or loaded.

    `name` is the IRI of the graph itself, `triples` are sorted as their N-Triples `lines` are
    (without the full stop), and `grounds` goes along with them. `subjects` are in reading order,
    `order` ranks the properties and `values` says what stands as a property's object (see
    slots.Modelling). `assessments` are people's decisions on what was read.
    """

    notice: str
    name: str
    language: str
    prefixes: Mapping[str, str]
    triples: tuple[Triple, ...]
    lines: tuple[str, ...]
    grounds: tuple[Grounds, ...]
    subjects: tuple[str, ...]
    order: Mapping[str, int]
    values: Mapping[str, str]
    document: Document
    segments: tuple[Segment, ...]
    statements: tuple[Statement, ...]
    quotes: str = "full"
    assessments: tuple[Assessment, ...] = ()


def object_text(value: Object) -> str:
    r"""An object as N-Triples writes it.

    >>> print(object_text(Literal('say "a"', language="en")), object_text("urn:x"))
    "say \"a\""@en <urn:x>
    """
    if isinstance(value, str):
        return f"<{value}>"
    text = value.text
    if ESCAPED.search(text):
        text = text.translate(ESCAPES)
    if value.language:
        return f'"{text}"@{value.language}'
    return f'"{text}"^^<{value.datatype}>' if value.datatype else f'"{text}"'


def sort_facts(found: Mapping[Triple, Grounds]) -> tuple[list[str], list[Triple], list[Grounds]]:
    """The N-Triples lines of some triples in their order, with the triples and their grounds.

    >>> sort_facts({("urn:s", "urn:p", "urn:o"): ()})
    (['<urn:s> <urn:p> <urn:o>'], [('urn:s', 'urn:p', 'urn:o')], [()])
    """
    by_line = {
        f"<{s}> <{p}> <{o}>" if o.__class__ is str else f"<{s}> <{p}> {object_text(o)}": fact
        for fact in found.items()
        for s, p, o in (fact[0],)
    }
    lines = sorted(by_line)
    facts = [by_line[line] for line in lines]
    return lines, [triple for triple, _ in facts], [grounds for _, grounds in facts]


def annotation_ground(annotation: Annotation) -> Ground:
    """The ground that an annotation gives."""
    return Ground(
        annotation.start, annotation.end, annotation.source, annotation.confidence, annotation.by
    )


def span_grounds(spans: Iterable[Span], source: str, confidence: float) -> Grounds:
    """The grounds that bare spans give."""
    return tuple(Ground(start, end, source, confidence) for start, end in spans)
