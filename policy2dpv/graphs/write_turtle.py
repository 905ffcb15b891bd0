"""Turtle and TriG: prefixed, grouped by subject, in reading order."""

from __future__ import annotations

from policy2dpv.graphs.layout import Properties, Shortener, lay_out, reading_order
from policy2dpv.graphs.triples import Literal, Object, PolicyGraph, object_text

WIDTH = 100
INDENT = "    "


def write_turtle(graph: PolicyGraph) -> str:
    """The graph as Turtle.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> text = write_turtle(build_graph(plain_document("Our policy."), [], []))
    >>> text.startswith("@prefix "), " a " in text
    (True, True)
    """
    short = Shortener(graph.prefixes)
    body = "\n".join(_subjects(graph, short, ""))
    return f"{_prefixes(graph, short)}\n{body}"


def write_trig(graph: PolicyGraph) -> str:
    """The graph as TriG, under its name.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> write_trig(build_graph(plain_document("Our policy."), [], [])).rstrip().endswith("}")
    True
    """
    short = Shortener(graph.prefixes)
    name = _iri(graph.name, short)
    body = "\n".join(_subjects(graph, short, INDENT))
    return f"{_prefixes(graph, short)}\n{name} {{\n{body}}}\n"


def _prefixes(graph: PolicyGraph, short: Shortener) -> str:
    return "".join(
        f"@prefix {prefix}: <{graph.prefixes[prefix]}> .\n" for prefix in sorted(short.used)
    )


def _subjects(graph: PolicyGraph, short: Shortener, indent: str) -> list[str]:
    types = next(iter(graph.order))  # the tables rank the type first
    laid = lay_out(graph)
    return [
        _subject(subject, laid[subject], short, indent, types)
        for subject in reading_order(laid, types)
    ]


def _subject(
    subject: str, properties: Properties, short: Shortener, indent: str, types: str
) -> str:
    parts = []
    for term, values in properties.items():
        name = "a" if term == types else _iri(term, short)
        parts.append(_values(name, [_value(value, short) for value in values], indent + INDENT))
    joined = f" ;\n{indent}{INDENT}".join(parts)
    return f"{indent}{_iri(subject, short)} {joined} .\n"


def _values(name: str, values: list[str], indent: str) -> str:
    line = f"{name} {', '.join(values)}"
    if len(values) == 1 or len(line) + len(indent) <= WIDTH:
        return line
    return f"{name} " + f",\n{indent}{INDENT}".join(values)


def _value(value: Object, short: Shortener) -> str:
    if isinstance(value, str):
        return _iri(value, short)
    if value.datatype:
        return f"{object_text(Literal(value.text))}^^{_iri(value.datatype, short)}"
    return object_text(value)


def _iri(iri: str, short: Shortener) -> str:
    return short.curie(iri) or f"<{iri}>"
