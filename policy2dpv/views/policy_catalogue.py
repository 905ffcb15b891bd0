"""The policies of a store, ready to be searched: what each says of itself, and its concepts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.knowledge.slots import Modelling, load_modelling
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary
from policy2dpv.querying.store import PolicyRecord, list_policies, vocabulary_graph
from policy2dpv.views.policy_facts import kinds_of_properties
from policy2dpv.views.policy_statements import load_display

if TYPE_CHECKING:
    import pyoxigraph

FACETS = ("purpose", "data", "recipient", "basis", "place")
FLAT = ("recipient", "place")  # facets whose values are listed as they are, without a tree
SLUG = 48  # characters of a title in an address
WORD = re.compile(r"[^\W_]+")
HASH = "sha256:"


class PolicyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One policy: the name that its address ends in, its record, and the concepts it speaks of.

    `concepts` are IRIs by facet, all broader ones among them; `stated` those that it names itself.
    `texts` are the sha256 of its canonical text, `words` what a search looks in.
    """

    id: str
    record: PolicyRecord
    concepts: Mapping[str, frozenset[str]]
    stated: Mapping[str, frozenset[str]]
    texts: tuple[str, ...]
    words: str

    @property
    def name(self) -> str:
        """What the policy is called: its title, else its address."""
        return self.record.title or self.record.notice or self.record.graph


class Choice(msgspec.Struct, frozen=True):
    """A value of a facet: its IRI, label and the number of policies that have it."""

    iri: str
    label: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """A facet as a page offers it: the value chosen, those above it, and those to choose from."""

    name: str
    chosen: str
    path: tuple[Choice, ...]
    choices: tuple[Choice, ...]


class Catalogue:
    """All policies of a store, by id, with the concepts that they can be found by."""

    def __init__(self, entries: Iterable[PolicyEntry], labels: Mapping[str, str],
                 wider: Mapping[str, frozenset[str]]) -> None:  # fmt: skip
        self.entries = {entry.id: entry for entry in entries}
        self._labels, self._wider = labels, wider
        self._known = load_vocabulary()
        self._tables = load_modelling()
        self._notices = {e.record.notice: e for e in self.entries.values() if e.record.notice}

    def of_notice(self, iri: str) -> PolicyEntry | None:
        """The policy whose notice or graph has an IRI; the last version where there are several."""
        by_graph = (e for e in self.entries.values() if e.record.graph == iri)
        return self._notices.get(iri) or next(by_graph, None)

    def find(self, words: str, chosen: Mapping[str, str]) -> list[PolicyEntry]:
        """The policies that have all words and, in each facet, the chosen concept."""
        wanted = [word.casefold() for word in words.split()]
        return [
            entry for entry in self.entries.values()
            if all(word in entry.words for word in wanted)
            and all(iri in entry.concepts.get(name, ()) for name, iri in chosen.items() if iri)
        ]  # fmt: skip

    def facets(self, found: Iterable[PolicyEntry], chosen: Mapping[str, str]) -> list[Facet]:
        """The facets over the policies that were found."""
        entries = list(found)
        return [self._facet(name, entries, chosen.get(name, "")) for name in FACETS]

    def label(self, iri: str) -> str:
        """What a concept is called."""
        if iri in self._labels:
            return self._labels[iri]
        term = self._known.curie(iri)
        return self._known.label(term) if self._known.has(term) else term

    def _facet(self, name: str, entries: list[PolicyEntry], chosen: str) -> Facet:
        counted = Counter(iri for e in entries for iri in e.concepts[name])
        if name in FLAT:
            own = {iri for e in entries for iri in e.stated[name]} - {chosen}
            path = [chosen] if chosen else []
        else:
            roots = self._roots(name)
            parent = {chosen} if chosen else roots
            own = {iri for iri in counted if self._wider.get(iri, frozenset()) & parent} - roots
            path = sorted(self._above(chosen, counted, roots), key=lambda i: (-counted[i], i))
            path += [chosen] if chosen else []
        choices = [Choice(iri, self.label(iri), counted[iri]) for iri in own]
        choices.sort(key=lambda choice: (-choice.count, choice.label.casefold(), choice.iri))
        shown = (Choice(iri, self.label(iri), counted[iri]) for iri in path)
        return Facet(name, chosen, tuple(shown), tuple(choices))

    def _roots(self, name: str) -> set[str]:
        kinds = [kind for kind, display in load_display().items() if display.group == name]
        slots = self._tables.slots
        return {slots[kind].node_class for kind in kinds if kind in slots}

    def _above(self, chosen: str, counted: Mapping[str, int], roots: set[str]) -> set[str]:
        term = self._known.curie(chosen)
        found = set(self._wider.get(chosen, ()))
        if self._known.has(term):
            found |= {self._known.iri(up) for up in self._known.ancestors(term)}
        for up in tuple(found):
            narrower = self._known.curie(up)
            if self._known.has(narrower):
                found |= {self._known.iri(one) for one in self._known.ancestors(narrower)}
        below = {iri for iri in found if self._is_under(iri, roots)}
        return {iri for iri in below if iri in counted} - roots

    def _is_under(self, iri: str, roots: set[str]) -> bool:
        term = self._known.curie(iri)
        if not self._known.has(term):
            return False
        return any(self._known.iri(up) in roots for up in self._known.ancestors(term))


def read_catalogue(store: pyoxigraph.Store) -> Catalogue:
    """Return the policies of a store with their concepts; denials lend none.

    >>> from policy2dpv.querying.store import open_store
    >>> read_catalogue(open_store()).entries
    {}
    """
    return _Reader(store).read()


class _Reader:
    """Reads a store once, property by property rather than policy by policy."""

    def __init__(self, store: pyoxigraph.Store) -> None:
        self.store = store
        self.tables: Modelling = load_modelling()
        self.known: Vocabulary = load_vocabulary()
        self.beside = vocabulary_graph()
        self.labels: dict[str, str] = {}
        self.wider: dict[str, set[str]] = {}
        self._closed: dict[str, frozenset[str]] = {}

    def read(self) -> Catalogue:
        """All that a catalogue needs."""
        for graph, node, label in self.triples(self.tables.terms["label"]):
            if graph != self.beside:
                self.labels.setdefault(node, label)
        for _, node, label in self.triples(self.tables.terms["name"]):
            self.labels[node] = label
        for _, node, up in self.triples(self.tables.terms["broader"]):
            self.wider.setdefault(node, set()).add(up)
        stated = self.stated()
        texts = self.texts()
        practised = {graph for graph, _ in self.typed("process")}
        entries = [
            self.entry(record, stated.get(record.graph, {}), texts.get(record.graph, ()))
            for record in list_policies(self.store)
            if record.notice or record.graph in practised
        ]
        entries.sort(key=lambda e: ((e.record.controller or e.name).casefold(), e.name, e.id))
        wider = {node: frozenset(up) for node, up in self.wider.items()}
        return Catalogue(entries, self.labels, wider)

    def triples(self, term: str) -> Iterator[tuple[str, str, str]]:
        """Graph, subject and object (a literal's text) of all triples of a property."""
        import pyoxigraph

        node = pyoxigraph.NamedNode(term)
        found = (
            (_name(q.graph_name), _name(q.subject), _name(q.object))
            for q in self.store.quads_for_pattern(None, node, None, None)
        )
        yield from sorted(found)

    def typed(self, name: str) -> set[tuple[str, str]]:
        """Graph and node of all that has the class that structure.tsv calls `name`."""
        import pyoxigraph

        kind = pyoxigraph.NamedNode(self.tables.terms["type"])
        wanted = pyoxigraph.NamedNode(self.tables.terms[name])
        return {
            (_name(q.graph_name), _name(q.subject))
            for q in self.store.quads_for_pattern(None, kind, wanted, None)
        }

    def denied(self) -> set[tuple[str, str]]:
        """Graph and node of all denials, in any of their forms."""
        terms = self.tables.terms
        found = self.typed("prohibition")
        found |= {(g, o) for g, _, o in self.triples(terms["has_prohibition"])}
        rules = self.triples(terms["has_rule"])
        found |= {(g, s) for g, s, o in rules if o == terms["prohibition"]}
        stored = self.triples(terms["has_storage_condition"])
        return found | {(g, o) for g, s, o in stored if (g, s) in found}

    def stated(self) -> dict[str, dict[str, set[str]]]:
        """The concepts that each graph's practices name, by facet."""
        denied = self.denied()
        stored = {(g, o) for g, _, o in self.triples(self.tables.terms["has_storage_condition"])}
        saying = (self.typed("process") | stored) - denied
        groups = {kind: shown.group for kind, shown in load_display().items()}
        found: dict[str, dict[str, set[str]]] = {}
        for term, kind in kinds_of_properties(self.tables).items():
            if groups.get(kind) not in FACETS:
                continue
            for graph, node, value in self.triples(term):
                if (graph, node) in saying:
                    found.setdefault(graph, {}).setdefault(groups[kind], set()).add(value)
        return found

    def texts(self) -> dict[str, tuple[str, ...]]:
        """The sha256 of the text of each graph."""
        found: dict[str, tuple[str, ...]] = {}
        texts = self.typed("text")
        for graph, node, value in self.triples(self.tables.terms["identifier"]):
            if value.startswith(HASH) and (graph, node) in texts:
                found[graph] = (*found.get(graph, ()), value.removeprefix(HASH))
        return found

    def entry(
        self, record: PolicyRecord, stated: Mapping[str, set[str]], texts: tuple[str, ...]
    ) -> PolicyEntry:
        """What the catalogue knows of one policy."""
        own = {name: frozenset(stated.get(name, ())) for name in FACETS}
        concepts = {
            name: frozenset().union(*(self.closed(iri) for iri in own[name])) for name in FACETS
        }
        labels = sorted({self.name(iri) for name in FACETS for iri in own[name]})
        words = " ".join([record.title, record.controller, record.notice, record.page, *labels])
        return PolicyEntry(
            id=policy_id(record), record=record, concepts=concepts, stated=own, texts=texts,
            words=words.casefold(),
        )  # fmt: skip

    def name(self, iri: str) -> str:
        """What a concept is called, in a search."""
        term = self.known.curie(iri)
        return self.labels.get(iri) or (self.known.label(term) if self.known.has(term) else "")

    def closed(self, iri: str) -> frozenset[str]:
        """A concept and all that is broader."""
        if iri not in self._closed:
            self._closed[iri] = frozenset([iri])  # where broader terms run in a circle
            ups = self.wider.get(iri, set())
            term = self.known.curie(iri)
            if self.known.has(term):
                ups = ups | {self.known.iri(up) for up in self.known.ancestors(term)}
            above = frozenset().union(*(self.closed(up) for up in sorted(ups)))
            self._closed[iri] = above | {iri}
        return self._closed[iri]


def policy_id(record: PolicyRecord) -> str:
    """Return the name that a policy's address ends in: words of its title and a hash of its graph.

    >>> policy_id(PolicyRecord(graph="urn:g", title="Acme: Privacy"))
    'acme-privacy-e036c16b'
    """
    words = "-".join(WORD.findall(record.title.casefold()))
    plain = words.encode("ascii", "ignore").decode()[:SLUG].strip("-") or "policy"
    digest = hashlib.sha256(record.graph.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain}-{digest[:8]}"


def _name(term: object) -> str:
    import pyoxigraph

    value = str(getattr(term, "value", ""))
    return f"_:{value}" if isinstance(term, pyoxigraph.BlankNode) else value
