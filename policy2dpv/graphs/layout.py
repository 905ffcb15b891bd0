"""A graph laid out for people: subjects and properties in reading order, IRIs shortened."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policy2dpv.graphs.triples import Object, PolicyGraph

LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
Properties = dict[str, list[Object]]


class Shortener:
    """Turns IRIs into CURIEs and remembers which prefixes were used.

    >>> short = Shortener({"x": "https://x.example/#"})
    >>> short.curie("https://x.example/#a"), short.curie("https://x.example/"), sorted(short.used)
    ('x:a', None, ['x'])
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = {namespace: prefix for prefix, namespace in prefixes.items()}
        self._known: dict[str, str | None] = {}
        self.used: set[str] = set()

    def curie(self, iri: str) -> str | None:
        """The CURIE of an IRI; None where no prefix fits or the rest is no plain name."""
        if iri not in self._known:
            self._known[iri] = self._find(iri)
        return self._known[iri]

    def _find(self, iri: str) -> str | None:
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._prefixes.get(iri[:cut])
        if prefix is None or not LOCAL.fullmatch(iri, cut):
            return None
        self.used.add(prefix)
        return f"{prefix}:{iri[cut:]}"


def lay_out(graph: PolicyGraph) -> dict[str, Properties]:
    """The triples by subject and property, all in reading order.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> next(iter(lay_out(graph))) == graph.notice
    True
    """
    found: dict[str, list[tuple[str, Object]]] = {subject: [] for subject in graph.subjects}
    for subject, term, value in graph.triples:
        found[subject].append((term, value))
    place = {subject: index for index, subject in enumerate(graph.subjects)}
    last, rank = len(place), graph.order
    laid: dict[str, Properties] = {}
    for subject, pairs in found.items():
        # the sort is stable, so that what has no place of its own stays as the lines are sorted
        pairs.sort(
            key=lambda pair: (
                rank.get(pair[0], len(rank)),
                place.get(pair[1], last) if isinstance(pair[1], str) else last,
            )
        )
        properties: Properties = {}
        for term, value in pairs:
            properties.setdefault(term, []).append(value)
        laid[subject] = properties
    return laid


def nest(laid: Mapping[str, Properties], type_property: str) -> dict[str, list[str]]:
    """For each subject those that are shown inside it, each where it is nearest to the notice.

    The empty string stands for the top: the first subject and what cannot be reached from it.
    """
    inside: dict[str, list[str]] = {"": []}
    seen: set[str] = set()
    for root in laid:
        if root in seen:
            continue
        seen.add(root)
        inside[""].append(root)
        queue = [root]
        for subject in queue:
            for term, values in laid[subject].items():
                if term == type_property:
                    continue
                for value in values:
                    if isinstance(value, str) and value in laid and value not in seen:
                        seen.add(value)
                        queue.append(value)
                        inside.setdefault(subject, []).append(value)
    return inside


def reading_order(laid: Mapping[str, Properties], type_property: str) -> list[str]:
    """The subjects so that each is followed by what belongs to it."""
    inside = nest(laid, type_property)
    ordered: list[str] = []
    stack = inside[""][::-1]
    while stack:
        subject = stack.pop()
        ordered.append(subject)
        stack += inside.get(subject, [])[::-1]
    return ordered
