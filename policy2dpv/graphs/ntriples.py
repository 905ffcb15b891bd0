"""Triples as the lines of N-Triples, in the order of those lines."""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy2dpv.graphs.triples import Grounds, Object, Triple

ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
    | {chr(c): f"\\u{c:04X}" for c in (*range(8), 0x0B, *range(0x0E, 0x20), 0x7F)}
)


def object_text(value: Object) -> str:
    r"""An object as N-Triples writes it.

    >>> from policy2dpv.graphs.triples import Literal
    >>> print(object_text(Literal('say "a"', language="en")), object_text("urn:x"))
    "say \"a\""@en <urn:x>
    """
    if isinstance(value, str):
        return f"<{value}>"
    text = _quoted(value.text)
    if value.language:
        return f"{text}@{value.language}"
    return f"{text}^^<{value.datatype}>" if value.datatype else text


def _quoted(text: str) -> str:
    """A string in quotation marks: as JSON writes it, save for the rarer control characters."""
    quoted: str = encode_basestring(text)
    if "\\u" in quoted or "\x7f" in quoted:
        return f'"{text.translate(ESCAPES)}"'
    return quoted


def sort_facts(found: Mapping[Triple, Grounds]) -> tuple[list[str], list[Triple], list[Grounds]]:
    """The N-Triples lines of some triples in their order, with the triples and their grounds.

    Subjects are put in order first: no IRI holds the sign that ends it.

    >>> sort_facts({("urn:s", "urn:p", "urn:o"): ()})
    (['<urn:s> <urn:p> <urn:o>'], [('urn:s', 'urn:p', 'urn:o')], [()])
    """
    by_subject: dict[str, dict[str, Any]] = {}
    triple: Any  # so that a compiled wheel keeps the tuple as it is
    for triple in found:
        parts: tuple[Any, ...] = triple
        subject: str = parts[0]
        term: str = parts[1]
        value = parts[2]
        known = by_subject.get(subject)
        if known is None:
            known = by_subject[subject] = {}
        if isinstance(value, str):
            known[f"{term}> <{value}>"] = triple
        else:
            known[f"{term}> {object_text(value)}"] = triple
    lines: list[str] = []
    triples: list[Any] = []
    for subject in sorted(by_subject, key=_closed):
        known, head = by_subject[subject], f"<{subject}> <"
        for rest in sorted(known):
            lines.append(head + rest)
            triples.append(known[rest])
    return lines, triples, [found[triple] for triple in triples]


def _closed(iri: str) -> str:
    return f"{iri}>"
