"""Statements -> triples, once. The sinks load them into rdflib and pyoxigraph."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from typing import Literal as OneOf

from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.identity import SHARED, Names, notice_iri, page_iri
from policy2dpv.graphs.nodes import Nodes
from policy2dpv.graphs.rights import add_contact, laws_in_play, right_node, term_in_law
from policy2dpv.graphs.selectors import Clauses
from policy2dpv.graphs.storage import date_literal, storage_node
from policy2dpv.graphs.triples import (
    Ground,
    Grounds,
    Literal,
    PolicyGraph,
    annotation_ground,
    sort_facts,
    span_grounds,
)
from policy2dpv.knowledge.slots import Modelling, Slot, load_modelling
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary
from policy2dpv.model import Annotation, Document, Segment, Span, Statement

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

Values = tuple[Slot, tuple[Annotation, ...]]
Quotes = OneOf["full", "none"]
HERE = "here"  # the prefix of the notice's own fragments
SHARED_PREFIX = "p2id"
DOCUMENT = "document"  # what decided a triple that the reader of the document found
# Kinds that stand on the notice or its parties, never on a process.
NOTICE_KINDS = frozenset({"controller", "contact", "dpo_contact", "law"})
# Kinds that a prohibition must not have: it would read "forbidden on this basis".
BASIS = "legal_basis"


def plain_document(text: str) -> Document:
    """A document of bare text, for trying things out.

    >>> plain_document("Our policy.").language
    'en'
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Document(
        uri="", text=text, blocks=(), title="", language="en", sha256=digest,
        source_sha256=digest, media_type="text/plain",
    )  # fmt: skip


def build_graph(
    document: Document,
    segments: Iterable[Segment],
    statements: Iterable[Statement],
    *,
    base: str | None = None,
    quotes: Quotes = "full",
) -> PolicyGraph:
    """The graph of a policy: notice, processes, prohibitions, rights, parties and their clauses.

    `base` is the notice's IRI; without it the notice has a urn:uuid of its text. With
    ``quotes="none"`` clauses keep offsets and hashes only. Raises GraphError for a base that is
    no absolute IRI and VocabularyError for a term with an unknown prefix.

    >>> graph = build_graph(plain_document("Our policy."), [], [], base="https://x.example/p")
    >>> graph.notice, len(graph.subjects)
    ('https://x.example/p', 3)
    """
    notice = notice_iri(document.sha256, base)
    build = _Build(document, tuple(segments), tuple(statements), notice, quotes)
    build.run()
    return build.graph()


class _Said(NamedTuple):
    """A statement with its clause nodes, what they ground, and what some roles ask for beside."""

    statement: Statement
    clauses: tuple[str, ...]
    grounds: Grounds
    beside: frozenset[str]


class _Build:
    """One graph in the making."""

    def __init__(
        self,
        document: Document,
        segments: tuple[Segment, ...],
        statements: tuple[Statement, ...],
        notice: str,
        quotes: Quotes,
    ) -> None:
        self.document = document
        self.segments = segments
        self.statements = statements
        self.notice = notice
        self.quotes = quotes
        self.tables: Modelling = load_modelling()
        self.vocabulary: Vocabulary = load_vocabulary()
        self.facts = Facts()
        self.names = Names(notice)
        self.nodes = Nodes(self.facts, self.tables, self.vocabulary, self.names, document.language)
        self.clauses = Clauses(document, segments, self.tables, self.names, quotes=quotes)
        self.laws = laws_in_play(statements, self.tables)
        self.controllers: tuple[str, ...] = ()
        self.practice = [s for s in self.tables.slots.values() if s.kind not in NOTICE_KINDS]
        self.beside = {r.beside for rs in self.tables.roles.values() for r in rs if r.beside}

    def run(self) -> None:
        self.describe_notice()
        self.find_controllers()
        for statement in self.statements:
            said = _Said(
                statement,
                self.clauses.of(statement, self.facts),
                self.clauses.grounds(statement),
                self.operations(statement),
            )
            self.notice_facts(said)
            values = [
                (slot, found) for slot in self.practice
                if (found := self.sayable(slot, said))
            ]  # fmt: skip
            if values and statement.kind != "notice":
                self.process(said, values)
        self.describe_text()

    def sayable(self, slot: Slot, said: _Said) -> tuple[Annotation, ...]:
        """The values of a slot; without grounds where the statement denies."""
        found: tuple[Annotation, ...] = getattr(said.statement, slot.field)
        if said.statement.polarity != "denied":
            return found
        basis = self.tables.slots[BASIS].property
        return tuple(a for a in found if self.nodes.place(slot, a.term, said.beside)[0] != basis)

    def graph(self) -> PolicyGraph:
        lines, triples, grounds = sort_facts(self.facts.found)
        prefixes = {**self.vocabulary.prefixes, SHARED_PREFIX: SHARED, HERE: f"{self.notice}#"}
        return PolicyGraph(
            notice=self.notice,
            name=self.names.entity(self.tables.letters["version_graph"], self.document.sha256),
            language=self.nodes.language,
            prefixes=prefixes,
            triples=tuple(triples),
            lines=tuple(lines),
            grounds=tuple(grounds),
            subjects=self.facts.subjects(),
            order=self.tables.order,
            values=self.tables.values,
            document=self.document,
            segments=self.segments,
            statements=self.statements,
            quotes=self.quotes,
        )

    # the notice, its text and its parties

    def describe_notice(self) -> None:
        document, notice, add = self.document, self.notice, self.nodes.add
        whole = (Ground(0, len(document.text), DOCUMENT, 1.0),)
        add(notice, "type", self.tables.terms["notice"], whole)
        for law in sorted(self.laws):
            sign = self.laws[law]
            for term, cls in self.tables.notice_classes.items():
                if any(a.term == term for s in self.statements for a in s.laws):
                    add(notice, "type", cls, (annotation_ground(sign),))
        if document.title:
            add(notice, "title", self.nodes.words(" ".join(document.title.split())), whole)
        if document.language:
            add(notice, "language", Literal(document.language), whole)
        page = page_iri(document.page or document.uri)
        if page:
            add(notice, "page", page, whole)
        for date in document.dates:
            ground = span_grounds([(date.start, date.end)], DOCUMENT, 1.0)
            if date.kind == "version":
                add(notice, "version", Literal(date.value), ground)
            else:
                add(notice, date.kind, date_literal(date.value, self.tables), ground)

    def describe_text(self) -> None:
        add, text, terms = self.nodes.add, self.clauses.text_node, self.tables.terms
        whole = (Ground(0, len(self.document.text), DOCUMENT, 1.0),)
        add(self.notice, "source", text, whole)
        add(text, "type", terms["text"], whole)
        add(text, "type", terms["text_entity"], whole)
        add(text, "format", Literal("text/plain"), whole)
        add(text, "identifier", Literal(f"sha256:{self.document.sha256}"), whole)
        add(text, "subject", self.notice, whole)
        page = page_iri(self.document.page or self.document.uri)
        if page:
            add(text, "derived_from", page, whole)

    def find_controllers(self) -> None:
        """The controllers, before anything refers to them; one without a name if none is said."""
        slot = self.tables.slots["controller"]
        found: dict[str, None] = {}
        for statement in self.statements:
            for annotation in statement.controllers:
                iri = self.nodes.party(annotation, slot, ())
                self.facts.add(self.notice, slot.property, iri, (annotation_ground(annotation),))
                found[iri] = None
        if not found:
            iri = self.nodes.nameless(slot)
            self.facts.add(self.notice, slot.property, iri)
            found[iri] = None
        self.controllers = tuple(found)

    def notice_facts(self, said: _Said) -> None:
        """What a statement says of the whole policy, whatever else it says."""
        statement, slots = said.statement, self.tables.slots
        for annotation in statement.controllers:
            near = self.clauses.around(annotation, said.clauses)
            self.nodes.party(annotation, slots["controller"], near)
        self.contacts(said)
        self.officer(said)
        if statement.polarity == "denied":
            return
        law = slots["law"]
        for annotation in statement.laws:
            iri = self.nodes.object(annotation, law, law.node_class, law.form, ())
            self.facts.add(self.notice, law.property, iri, (annotation_ground(annotation),))
        for slot in self.practice if statement.kind == "notice" else (slots["right"],):
            for annotation in getattr(statement, slot.field):
                self.fill(self.notice, slot, annotation, said)

    def contacts(self, said: _Said) -> None:
        """Contacts stand on the controller, or on the party that the clause names as acting."""
        party = self.controllers[0]
        acting = said.statement.party
        for contact in said.statement.contacts:
            if acting is not None:
                party = self.nodes.party(acting, self.tables.slots["recipient"], said.clauses[:1])
            add_contact(self.nodes, party, contact)
            for clause in self.clauses.around(contact, said.clauses):
                self.nodes.add(party, "source", clause, (annotation_ground(contact),))

    def officer(self, said: _Said) -> None:
        """The data protection officer of the controller, with what the statement says of them."""
        add, iri = self.nodes.add, self.names.entity(self.tables.letters["officer"])
        for contact in said.statement.dpo_contacts:
            ground = (annotation_ground(contact),)
            add(self.controllers[0], "has_officer", iri, ground)
            add(iri, "type", self.tables.terms["officer"], ground)
            add(iri, "represents", self.controllers[0], ground)
            if contact.name:
                add(iri, "name", Literal(contact.name), ground)
            if contact.value or not contact.name:
                add_contact(self.nodes, iri, contact)
            for clause in self.clauses.around(contact, said.clauses):
                add(iri, "source", clause, ground)

    # processes and prohibitions

    def actors(self, said: _Said) -> tuple[str, ...]:
        """Who acts: a named party, the controllers, the user, or others."""
        statement = said.statement
        if statement.party is not None:
            near = self.clauses.around(statement.party, said.clauses)
            return (self.nodes.party(statement.party, self.tables.slots["recipient"], near),)
        if statement.actor == "first_party":
            return self.controllers
        name = "user" if statement.actor == "user" else "third_party"
        return (self.nodes.shared_class(name, said.grounds),)

    def process(self, said: _Said, values: Iterable[Values]) -> None:
        """The process of a practice or transfer, or the prohibition of a denied one."""
        statement, grounds = said.statement, said.grounds
        denied = statement.polarity == "denied"
        name = "prohibition" if denied else "process"
        add, terms = self.nodes.add, self.tables.terms
        node = self.names.next(self.tables.letters[name], statement.segment)
        add(self.notice, f"has_{name}", node, grounds)
        add(node, "type", terms[name], grounds)
        for actor in self.actors(said):
            add(node, "implemented_by", actor, grounds)
        if not denied:
            self.process_alone(node, said)
        for slot, found in values:
            for annotation in found:
                self.fill(node, slot, annotation, said)
        for span in (statement.condition, statement.exception):
            if span is not None:
                self.context(node, statement, span)
        for clause in said.clauses:
            add(node, "source", clause, grounds)

    def process_alone(self, node: str, said: _Said) -> None:
        """What only a process has: how sure it is, its exporter, and some data at the least."""
        add, terms, statement = self.nodes.add, self.tables.terms, said.statement
        if statement.modality == "possible":
            add(node, "modality", terms["possible"], said.grounds)
        elif statement.modality:
            add(node, "has_rule", terms[statement.modality], said.grounds)
        if not (statement.data or statement.processing or statement.purposes):
            add(node, "has_personal_data", terms["any_data"], said.grounds)
        if statement.kind == "transfer" and statement.actor == "first_party":
            for controller in self.controllers:
                add(node, "exporter", controller, said.grounds)

    def context(self, node: str, statement: Statement, span: Span) -> None:
        """The words of a condition or an exception, as the context of the node."""
        words = " ".join(self.document.text[span[0] : span[1]].split())
        ground = span_grounds([span], "relation", statement.confidence)
        iri = self.names.entity(self.tables.letters["condition"], statement.segment, words)
        self.nodes.add(node, "has_context", iri, ground)
        self.nodes.add(iri, "type", self.tables.terms["condition"], ground)
        if self.quotes == "full":
            self.nodes.add(iri, "description", self.nodes.words(words), ground)
        else:
            self.nodes.add(iri, "source", self.clauses.node(span, statement, self.facts), ground)

    def fill(self, node: str, slot: Slot, annotation: Annotation, said: _Said) -> None:
        """Add one value of one slot to a process, a prohibition or the notice."""
        if slot.kind == BASIS or slot.form == "right":
            annotation = term_in_law(annotation, self.laws, self.tables)
        prop, top, form = self.nodes.place(slot, annotation.term, said.beside)
        ground = (annotation_ground(annotation),)
        near = self.clauses.around(annotation, said.clauses)
        if form == "condition":
            value = storage_node(self.nodes, annotation, slot, said.statement.segment)
            self.nodes.add(node, "has_storage_condition", value, ground)
            return
        if form == "right":
            value = right_node(self.nodes, annotation, slot, top, said.statement, self.laws, near)
        else:
            value = self.nodes.object(annotation, slot, top, form, near)
        self.facts.add(node, prop, value, ground)

    def operations(self, statement: Statement) -> frozenset[str]:
        """Those terms that some roles ask for and that an operation of the statement is under."""
        under = self.vocabulary.is_under
        return frozenset(
            term for term in self.beside if any(under(a.term, term) for a in statement.processing)
        )


def to_rdflib(graph: PolicyGraph) -> rdflib.Graph:
    """The triples as an rdflib.Graph with their prefixes bound.

    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> len(to_rdflib(graph)) == len(graph.triples)
    True
    """
    import rdflib

    found = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in graph.prefixes.items():
        found.bind(prefix, namespace)
    node = rdflib.URIRef
    for s, p, o in graph.triples:
        value = (
            node(o) if isinstance(o, str)
            else rdflib.Literal(
                o.text, lang=o.language or None, datatype=node(o.datatype) if o.datatype else None,
                normalize=False,
            )
        )  # fmt: skip
        found.add((node(s), node(p), value))
    return found


def to_pyoxigraph(graph: PolicyGraph) -> pyoxigraph.Store:
    """The triples in a pyoxigraph.Store, in the graph of this version of the policy.

    The store itself keeps all whole numbers as xsd:integer; the files keep their datatype.

    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> len(to_pyoxigraph(graph)) == len(graph.triples)
    True
    """
    import pyoxigraph

    store = pyoxigraph.Store()
    name = f" <{graph.name}> .\n"
    text = "".join([line + name for line in graph.lines])
    store.load(text.encode("utf-8"), format=pyoxigraph.RdfFormat.N_QUADS)
    return store
