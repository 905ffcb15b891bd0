"""Which terms of a graph the release does not have, will drop, or has in another place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import VocabularyError
from policy2dpv.knowledge.vocabulary import SUNSET, Vocabulary, load_prefixes

if TYPE_CHECKING:
    import pyoxigraph

PROPERTY = "rdf:Property"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SHORT = re.compile(r"(?P<prefix>[a-z][a-z0-9-]*):(?P<name>[A-Za-z][\w.-]*)")
# How a term went, as vocab/dpv-*/replaced.tsv says it, and the rule that tells so.
GONE = {SUNSET: "sunset-term", "never": "never-term", "": "retired-namespace"}


class TermFault(msgspec.Struct, frozen=True):
    """A faulty term, the rule it breaks, and the first of the places where it stands.

    `literal` tells that the value there is a literal, not an IRI or a blank node.
    """

    rule: str
    term: str
    advice: str
    subject: str
    predicate: str
    value: str
    literal: bool
    places: int


def find_term_faults(quads: Iterable[pyoxigraph.Quad], vocabulary: Vocabulary) -> list[TermFault]:
    """Return the faults of the terms, one for each term and rule, sorted; places are counted.

    Looked at are all IRIs in the namespaces of DPV, of versions before and of this project, and
    strings that spell such a term.

    >>> from pyoxigraph import RdfFormat, parse
    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
    >>> line = b"<x:s> <https://w3id.org/dpv#hasPurpos> <x:o> ."
    >>> [fault] = find_term_faults(parse(line, format=RdfFormat.TURTLE), load_vocabulary())
    >>> fault.rule, fault.term
    ('unknown-term', 'dpv:hasPurpos')
    """
    import pyoxigraph

    look = _Look(vocabulary)
    found: dict[tuple[str, str], set[tuple[str, str, str, bool]]] = {}
    advice: dict[tuple[str, str], str] = {}
    for quad in quads:
        literal = isinstance(quad.object, pyoxigraph.Literal)
        place = _text(quad.subject), quad.predicate.value, _text(quad.object), literal
        for rule, term, what in look.at(quad):
            found.setdefault((rule, term), set()).add(place)
            advice[rule, term] = what
    return [
        TermFault(rule, term, advice[rule, term], *min(places), len(places))
        for (rule, term), places in sorted(found.items())
    ]


Fault = tuple[str, str, str]  # rule, term, advice


class _Look:
    """Judges the terms of one triple after another, each term once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        spaces = load_prefixes().values()
        self.ours = [p.namespace for p in spaces if p.standing == "own"]
        self.modules = {p.namespace[:-1] for p in spaces if p.standing == "dpv"}
        self.root = min(self.modules, key=len)
        self.judge: Callable[[str], Fault | None] = cache(self._judge)
        self.is_property: Callable[[str], bool | None] = cache(self._is_property)

    def at(self, quad: pyoxigraph.Quad) -> Iterator[Fault]:
        """The faults of the terms of a triple."""
        import pyoxigraph

        value, predicate = quad.object, quad.predicate.value
        named = [
            n.value for n in (quad.subject, quad.predicate, value)
            if isinstance(n, pyoxigraph.NamedNode)
        ]  # fmt: skip
        yield from (fault for iri in named if (fault := self.judge(iri)))
        if self.is_property(predicate) is False:
            yield "term-as-property", self.vocabulary.curie(predicate), ""
        about = self.vocabulary.is_dpv(predicate) or predicate == TYPE
        if isinstance(value, pyoxigraph.NamedNode):
            if about and self.is_property(value.value):
                yield "property-as-value", self.vocabulary.curie(value.value), ""
        elif isinstance(value, pyoxigraph.Literal) and about and self._spells(value.value):
            yield "string-for-term", value.value, ""
        if isinstance(quad.subject, pyoxigraph.NamedNode):
            subject = self.vocabulary.curie(quad.subject.value)
            if self.vocabulary.is_dpv(quad.subject.value) and self.vocabulary.has(subject):
                yield "term-redescribed", subject, ""

    def _judge(self, iri: str) -> Fault | None:
        """The fault of an IRI by itself: unknown, gone, sunset, of no namespace."""
        known = self.vocabulary
        if any(iri.startswith(space) for space in self.ours):
            return None if iri in own_terms() else ("own-term", known.curie(iri), "")
        term = known.curie(iri)
        if self._names_prefix(iri):
            return "unexpanded-prefix", iri, ""
        if not known.is_dpv(iri):
            strayed = iri.startswith(self.root) and iri not in self.modules
            bare = "#" not in iri and re.match(r"/\d+\.\d+", iri[len(self.root) :])
            return ("unknown-namespace", iri, "") if strayed and not bare else None
        if not iri.rpartition("#")[2]:
            return None  # the namespace itself
        if replaced := known.replacement(term):
            return GONE.get(replaced.gone, "gone-term"), term, self._advice(term)
        if known.has(term):
            return (
                ("sunset-term", term, self._advice(term)) if known.status(term) == SUNSET else None
            )
        loaded = known.has_module(term.partition(":")[0])
        return "unknown-term" if loaded else "module-not-loaded", term, self._advice(term)

    def _advice(self, term: str) -> str:
        try:
            self.vocabulary.term(term)
        except VocabularyError as error:
            return error.advice
        successor = self.vocabulary.successor(term)
        return f"use {successor}" if successor else "there is no successor: say it otherwise"

    def _names_prefix(self, iri: str) -> bool:
        """Whether an IRI is a CURIE whose prefix nobody declared."""
        short = SHORT.fullmatch(iri)
        space = load_prefixes().get(short["prefix"]) if short else None
        return space is not None and space.standing in ("dpv", "retired")

    def _spells(self, text: str) -> bool:
        short = SHORT.fullmatch(text.strip())
        return bool(short and self.vocabulary.has(short[0])) or (
            " " not in text and self.vocabulary.is_dpv(text.strip())
        )

    def _is_property(self, iri: str) -> bool | None:
        """Whether a term of the release is a property; None for what is no term of it."""
        term = self.vocabulary.curie(iri)
        if not self.vocabulary.is_dpv(iri) or not self.vocabulary.has(term):
            return None
        return PROPERTY in self.vocabulary.term(term).types


@cache
def own_terms() -> frozenset[str]:
    """Return the IRIs that vocab/policy2dpv.ttl describes.

    >>> len(own_terms()) > 5
    True
    """
    import pyoxigraph

    path = data_folder("vocab") / "policy2dpv.ttl"
    quads = pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE)
    return frozenset(_text(quad.subject) for quad in quads)


def _text(node: object) -> str:
    value = str(getattr(node, "value", node))
    return value if type(node).__name__ != "BlankNode" else f"_:{value}"
