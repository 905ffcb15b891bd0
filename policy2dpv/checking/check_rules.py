"""The rules of `check`: their names, severities and words, as vocab/shapes states them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import GraphError

if TYPE_CHECKING:
    import rdflib

Severity = Literal["error", "warning", "note"]
SETS = ("structure", "vocabulary")
SHACL = "http://www.w3.org/ns/shacl#"
SEVERITIES: Mapping[str, Severity] = {"Violation": "error", "Warning": "warning", "Info": "note"}
RANKS: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name and IRI, how grave a breach is, what is wrong then and what to do."""

    name: str
    iri: str
    severity: Severity
    message: str
    advice: str
    of: str


@cache
def load_rules() -> Mapping[str, Rule]:
    """Return all rules by their IRI, structure before vocabulary, each in the order of names.

    GraphError: a shapes file that is missing or damaged, or a rule without its words.

    >>> rules = load_rules()
    >>> len(rules) > 40, {rule.of for rule in rules.values()} == set(SETS)
    (True, True)
    """
    rules: dict[str, Rule] = {}
    for name in SETS:
        graph = load_shapes(name)
        rules |= {rule.iri: rule for rule in _rules(graph, name)}
    return rules


@cache
def load_shapes(name: str) -> rdflib.Graph:
    """Return a shapes file of vocab/shapes as a graph. GraphError: it is missing or damaged.

    >>> len(load_shapes("vocabulary")) > 10
    True
    """
    import rdflib

    path = data_folder("vocab") / "shapes" / f"{name}.ttl"
    try:
        text = path.read_text("utf-8")
        return rdflib.Graph(bind_namespaces="none").parse(data=text, format="turtle")
    except (OSError, SyntaxError, ValueError) as error:
        raise GraphError(path.name, str(error), "restore the file") from error


def _rules(graph: rdflib.Graph, name: str) -> list[Rule]:
    import rdflib

    sh = rdflib.Namespace(SHACL)
    found = []
    for shape in sorted(set(graph.subjects(sh.message)), key=str):
        severity = str(graph.value(shape, sh.severity) or "").removeprefix(SHACL)
        advice = graph.value(shape, sh.description)
        if severity not in SEVERITIES or not advice or not isinstance(shape, rdflib.URIRef):
            raise GraphError(
                f"{name}.ttl: {shape}", "a rule without severity or advice", "add sh:description"
            )
        message = str(graph.value(shape, sh.message))
        local = str(shape).rpartition("#")[2]
        found.append(Rule(local, str(shape), SEVERITIES[severity], message, str(advice), name))
    return found
