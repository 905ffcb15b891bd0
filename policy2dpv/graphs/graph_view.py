"""A graph's triples by subject and by property, and what its nodes stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from policy2dpv.graphs.triples import Grounds, Object, Triple
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.yardstick import Yardstick, load_yardstick

AFFIRMED, DENIED = "affirmed", "denied"


class Triples(Protocol):
    """What any graph has, be it made here or read from a file: triples and their grounds."""

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The triples in a fixed order."""

    @property
    def grounds(self) -> tuple[Grounds, ...]:
        """What each of them rests on."""


class GraphView:
    """A graph's triples by subject and by property, and what its nodes stand for.

    >>> from policy2dpv import convert
    >>> view = GraphView(convert(b"We never sell your data.").policy_graph)
    >>> len(view.denied)
    1
    """

    def __init__(self, graph: Triples) -> None:
        self.stick: Yardstick = load_yardstick()
        self.names = load_modelling().terms
        self.out: dict[str, dict[str, list[tuple[Object, Grounds]]]] = {}
        self.pairs: dict[str, list[tuple[str, Object]]] = defaultdict(list)
        for (subject, prop, value), ground in zip(graph.triples, graph.grounds, strict=True):
            self.out.setdefault(subject, {}).setdefault(prop, []).append((value, ground))
            self.pairs[prop].append((subject, value))
        self.denied = self._denied()

    def objects(self, node: Object, *properties: str) -> list[Object]:
        """The objects of a node's properties, sorted as the graph is."""
        found = self.out.get(node, {}) if isinstance(node, str) else {}
        return [value for prop in properties for value, _ in found.get(prop, ())]

    def values_of(self, sort: str) -> set[Object]:
        """All objects of the properties of a sort."""
        return {value for prop in self.stick.links[sort] for _, value in self.pairs[prop]}

    def curie(self, node: Object) -> str:
        """The CURIE of a term of a namespace that counts, "" of all else."""
        return self.stick.curie(node) if isinstance(node, str) else ""

    def terms(self, node: Object) -> tuple[str, ...]:
        """The terms that an object stands for, without the generic ones if there are others."""
        if own := self.curie(node):
            return (own,)
        found = {self.curie(o) for o in self.objects(node, *self.stick.links["means"])} - {""}
        return tuple(sorted(found.difference(self.stick.rows["generic"]) or found))

    def classes(self, node: Object) -> tuple[str, ...]:
        """All classes of a party, the generic ones too."""
        if own := self.curie(node):
            return (own,)
        found = {self.curie(o) for o in self.objects(node, *self.stick.links["class"])}
        return tuple(sorted(found - {""}))

    def name(self, node: Object, properties: Iterable[str] | None = None) -> str:
        """The first of a node's names."""
        for prop in self.stick.links["name"] if properties is None else properties:
            if found := self.objects(node, prop):
                return text_of(found[0])
        return ""

    def quotes(self, node: Object) -> set[str]:
        """The exact words that a node's clauses quote."""
        names = self.names
        return {
            text_of(words)
            for clause in self.objects(node, names["source"])
            for selector in self.objects(clause, names["has_selector"])
            for words in self.objects(selector, names["exact"])
        }

    def polarity(self, node: str) -> str:
        """Whether a node is affirmed or denied."""
        return DENIED if node in self.denied else AFFIRMED

    def _denied(self) -> set[Object]:
        names = self.names
        typed = {s for s, o in self.pairs[names["type"]] if o == names["prohibition"]}
        pointed = {o for _, o in self.pairs[names["has_prohibition"]]}
        return {node for node in typed | pointed if not self.curie(node)}


def text_of(value: Object) -> str:
    """Return the text of a literal, or the IRI itself.

    >>> from policy2dpv.graphs.triples import Literal
    >>> text_of(Literal("Acme")), text_of("urn:x")
    ('Acme', 'urn:x')
    """
    return value if isinstance(value, str) else value.text
