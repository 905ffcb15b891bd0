"""One policy's graph as plain values, wherever it came from, and what its nodes are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from policy2dpv.graphs.triples import Literal, Object, Triple
from policy2dpv.knowledge.slots import Modelling, load_modelling
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph

BLANK = "_:"
XSD = "http://www.w3.org/2001/XMLSchema#"
STEPS = 30  # how far a chain of broader terms is followed


class PolicyFacts:
    """The triples of one graph by subject and property.

    `forms` tell how each node that says something does so: "practice" or "denied". A denial may
    have any of DPV's forms: a prohibition that carries the terms, a process behind
    hasProhibition, or a process with the rule Prohibition on it.

    >>> facts = PolicyFacts([("urn:a", "urn:p", Literal("x"))])
    >>> facts.objects("urn:a", "urn:p")
    (Literal(text='x', datatype='', language=''),)
    """

    def __init__(
        self,
        triples: Iterable[Triple],
        tables: Modelling | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.tables = tables or load_modelling()
        self.vocabulary = vocabulary or load_vocabulary()
        self.triples = tuple(triples)
        self.laid: dict[str, dict[str, list[Object]]] = {}
        for subject, term, value in self.triples:
            self.laid.setdefault(subject, {}).setdefault(term, []).append(value)
        self.forms = dict(self._forms())

    def objects(self, subject: str, term: str) -> tuple[Object, ...]:
        """The objects of a property of a node, in the order of the triples."""
        return tuple(self.laid.get(subject, {}).get(term, ()))

    def nodes(self, subject: str, name: str) -> tuple[str, ...]:
        """The nodes behind a property that structure.tsv calls `name`."""
        found = self.objects(subject, self.tables.terms[name])
        return tuple(value for value in found if isinstance(value, str))

    def words(self, subject: str, name: str) -> str:
        """The first literal behind a property that structure.tsv calls `name`, else ""."""
        found = self.objects(subject, self.tables.terms[name])
        return next((value.text for value in found if isinstance(value, Literal)), "")

    def typed(self, name: str) -> tuple[str, ...]:
        """The nodes of the class that structure.tsv calls `name`, sorted."""
        wanted = self.tables.terms[name]
        return tuple(sorted(s for s in self.laid if wanted in self.nodes(s, "type")))

    def notice(self) -> str:
        """The node of the notice itself, "" if the graph has none.

        A graph that says more of one notice than of others is that one's.
        """
        classes = {self.tables.terms["notice"], *self.tables.notice_classes.values()}
        found = [s for s in self.laid if classes.intersection(self.nodes(s, "type"))]
        return max(sorted(found), key=lambda s: len(self.laid[s]), default="")

    def label(self, node: str) -> str:
        """What a node is called: its name, its label, its term's label, else its own IRI's end."""
        for name in ("name", "label", "title"):
            if words := self.words(node, name):
                return words
        term = self.vocabulary.curie(node)
        if self.vocabulary.has(term):
            return self.vocabulary.label(term)
        for kind in self.nodes(node, "type"):
            term = self.vocabulary.curie(kind)
            if self.vocabulary.has(term) and node.startswith((BLANK, "urn:")):
                return self.vocabulary.label(term)
        return node.rstrip("/#").replace("#", "/").rpartition("/")[2] or node

    def above(self, node: str) -> frozenset[str]:
        """The IRIs of a node and of all that is broader, in this graph and in the vocabulary."""
        found: dict[str, None] = {}
        front = [node]
        for _ in range(STEPS):
            found.update(dict.fromkeys(front))
            wider = [w for n in front for w in self.nodes(n, "broader")]
            front = [w for w in dict.fromkeys(wider) if w not in found]
        terms = [self.vocabulary.curie(iri) for iri in found]
        known = [term for term in terms if self.vocabulary.has(term)]
        wider_terms = {up for term in known for up in self.vocabulary.ancestors(term)}
        return frozenset(found) | {self.vocabulary.iri(term) for term in wider_terms}

    def _forms(self) -> Iterator[tuple[str, str]]:
        terms = self.tables.terms
        denied = set(self.typed("prohibition"))
        denied.update(o for s in sorted(self.laid) for o in self.nodes(s, "has_prohibition"))
        denied.update(s for s in self.laid if terms["prohibition"] in self.nodes(s, "has_rule"))
        for node in self._said(denied | set(self.typed("process"))):
            yield node, "denied" if node in denied else "practice"

    def _said(self, nodes: Iterable[str]) -> Iterator[str]:
        """The nodes that say something, in the order of the notice's own lists or of their IRIs."""
        silent = {self.tables.terms[n] for n in ("type", "label", "title", "has_process")}
        return (n for n in sorted(nodes) if self.laid.get(n, {}).keys() - silent)


def read_facts(quads: Iterable[pyoxigraph.Quad]) -> PolicyFacts:
    """Return the facts of a graph that the engine holds.

    >>> import pyoxigraph as ox
    >>> a = ox.NamedNode("urn:a")
    >>> read_facts([ox.Quad(a, a, ox.Literal("x", language="en"))]).triples
    (('urn:a', 'urn:a', Literal(text='x', datatype='', language='en')),)
    """
    tables = load_modelling()
    found = {
        (_node(q.subject), q.predicate.value, _object(q.object, q.predicate.value, tables)): None
        for q in quads
    }
    return PolicyFacts(sorted(found, key=_order))


def _order(triple: Triple) -> tuple[str, str, bool, str]:
    subject, term, value = triple
    literal = isinstance(value, Literal)
    return subject, term, literal, value.text if isinstance(value, Literal) else value


def _node(term: object) -> str:
    import pyoxigraph

    if isinstance(term, pyoxigraph.BlankNode):
        return f"{BLANK}{term.value}"
    return str(getattr(term, "value", term))


def _object(term: object, property: str, tables: Modelling) -> Object:
    """An object, a number in the form that the tables give the property.

    The engine keeps the values of numbers and not their forms: what was a whole number from 0
    comes out as an integer, 30.0 as 30.
    """
    import pyoxigraph

    if not isinstance(term, pyoxigraph.Literal):
        return _node(term)
    if term.language:
        return Literal(term.value, language=term.language)
    text, kind = term.value, term.datatype.value
    if kind == XSD + "string":
        return Literal(text)
    wanted = tables.values.get(property, "")
    if wanted.startswith("xsd:") and kind in (XSD + "integer", XSD + "decimal"):
        kind = XSD + wanted.removeprefix("xsd:")
        text += ".0" if kind == XSD + "decimal" and "." not in text else ""
    return Literal(text, kind)


def kinds_of_properties(tables: Modelling) -> Mapping[str, str]:
    """Return the kind of value that each property leads to, by the property's IRI.

    A property of several kinds belongs to the first one in slots.tsv, a slot's own before a role's.

    >>> kinds_of_properties(load_modelling())[load_modelling().slots["purpose"].property]
    'purpose'
    """
    found: dict[str, str] = {}
    for kind, slot in tables.slots.items():
        found.setdefault(slot.property, kind)
    for kind, roles in tables.roles.items():
        for role in roles:
            found.setdefault(role.property, kind)
    return found
