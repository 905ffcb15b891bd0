"""What stands for an annotation in the graph: the concept itself, or a node of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.identity import Names, normal_phrase, shared_iri
from policy2dpv.graphs.triples import Grounds, Literal, annotation_ground
from policy2dpv.knowledge.slots import Form, Modelling, Slot
from policy2dpv.knowledge.vocabulary import Vocabulary
from policy2dpv.model import Annotation

PARTIES = "parties.tsv:"  # a source that names a row of known parties
LABELS = "en"  # the language of the release's labels
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
Place = tuple[str, str, Form]


class Nodes:
    """Writes the nodes that annotations need into `facts` and gives their IRIs."""

    def __init__(
        self, facts: Facts, tables: Modelling, vocabulary: Vocabulary, names: Names, language: str
    ) -> None:
        self.facts = facts
        self.tables = tables
        self.vocabulary = vocabulary
        self.names = names
        self.language = language if LANGUAGE.fullmatch(language) else ""
        self._parties: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._places: dict[tuple[str, str, frozenset[str]], Place] = {}

    def place(self, slot: Slot, term: str, beside: frozenset[str]) -> Place:
        """The property, top class and form of a term within its kind.

        `beside` are the terms that some roles ask for and that the statement's operations are
        under. A party's classes stand together in one term, with spaces between them.
        """
        key = (slot.kind, term, beside)
        if key not in self._places:
            self._places[key] = self._find_place(slot, term.split() or [term], beside)
        return self._places[key]

    def _find_place(self, slot: Slot, terms: list[str], beside: frozenset[str]) -> Place:
        for role in self.tables.roles.get(slot.kind, ()):
            if role.beside and role.beside not in beside:
                continue
            if any(self.vocabulary.is_under(term, role.under) for term in terms):
                return role.property, role.node_class or slot.node_class, role.form or slot.form
        return slot.property, slot.node_class, slot.form

    def object(
        self, annotation: Annotation, slot: Slot, top: str, form: Form, clauses: Sequence[str]
    ) -> str:
        """The IRI that stands for an annotation in a slot; its node is written if it needs one."""
        if form == "party":
            return self.party(annotation, slot, clauses, top=top)
        if form == "class":
            return self._typed(annotation, top)
        if annotation.name and form in ("named", "provided"):
            return self._named(annotation, top, form)
        if annotation.match in ("broad", "narrow"):
            return self.own_concept(annotation, top, annotation.label)
        return self.vocabulary.iri(annotation.term)

    def party(
        self, annotation: Annotation, slot: Slot, clauses: Sequence[str], *, top: str = ""
    ) -> str:
        """The node of a party: by its row if known, by its name in this policy, by its words.

        It has a class under `top`, the slot's if not given.
        """
        iri = self._party_iri(annotation, slot)
        ground = (annotation_ground(annotation),)
        for cls in self._classes(annotation.term.split(), top or slot.node_class):
            self.add(iri, "type", cls, ground)
        if annotation.name:
            spelled = self._spelled.setdefault(iri, annotation.name)
            self.add(iri, "name", Literal(spelled), ground)
        elif slot.kind != "controller":
            self.label(iri, annotation.label, ground)
        for clause in clauses:
            self.add(iri, "source", clause, ground)
        return iri

    def nameless(self, slot: Slot) -> str:
        """The node of a party that the policy never names, such as an unknown controller."""
        iri = self.names.entity(slot.letter, slot.kind, "")
        self.add(iri, "type", slot.node_class, ())
        return iri

    def shared_class(self, name: str, grounds: Grounds) -> str:
        """A node for anybody of a class that structure.tsv names, such as the user."""
        iri = shared_iri(self.tables.curies[name])
        self.add(iri, "type", self.tables.terms[name], grounds)
        label = self.vocabulary.label(self.tables.curies[name])
        self.add(iri, "label", Literal(label, language=LABELS), grounds)
        return iri

    def own_concept(self, annotation: Annotation, top: str, phrase: str) -> str:
        """An own concept under (or over) the term, with the phrase as its label; shared."""
        iri = shared_iri(annotation.term, phrase)
        ground = (annotation_ground(annotation),)
        term = self.vocabulary.iri(annotation.term)
        self.add(iri, "type", top, ground)
        if term != top:
            relation = "narrow_match" if annotation.match == "narrow" else "broader"
            self.add(iri, relation, term, ground)
        self.label(iri, phrase, ground)
        return iri

    def add(self, subject: str, name: str, value: str | Literal, grounds: Grounds) -> None:
        """Add a triple whose property is called `name` in structure.tsv."""
        self.facts.add(subject, self.tables.terms[name], value, grounds)

    def words(self, text: str) -> Literal:
        """A literal in the policy's language."""
        return Literal(text, language=self.language)

    def label(self, iri: str, phrase: str, grounds: Grounds) -> None:
        """Label a node with the phrase's words, the same wherever the phrase stands."""
        self.add(iri, "label", self.words(normal_phrase(phrase) or phrase), grounds)

    def _party_iri(self, annotation: Annotation, slot: Slot) -> str:
        name = annotation.name
        if not name:
            if slot.kind == "controller":
                return self.names.entity(slot.letter, slot.kind, "")
            return shared_iri(annotation.term or slot.kind, annotation.label)
        key = normal_phrase(name) or name
        if key not in self._parties:
            if PARTIES in annotation.source:
                self._parties[key] = shared_iri("party", name)
            else:
                self._parties[key] = self.names.entity(slot.letter, "party", key)
        return self._parties[key]

    def _classes(self, terms: list[str], top: str) -> list[str]:
        """The IRIs of a party's classes, and the slot's own where none of them is under it."""
        above = self.vocabulary.curie(top)
        classes = [self.vocabulary.iri(term) for term in terms]
        if not any(self.vocabulary.is_under(term, above) for term in terms):
            classes.append(top)
        return classes

    def _typed(self, annotation: Annotation, top: str) -> str:
        iri = shared_iri(annotation.term, annotation.label)
        ground = (annotation_ground(annotation),)
        self.add(iri, "type", top, ground)
        self.add(iri, "type", self.vocabulary.iri(annotation.term), ground)
        self.label(iri, annotation.label, ground)
        return iri

    def _named(self, annotation: Annotation, top: str, form: Form) -> str:
        """A concept narrowed by a name: a technology by its provider, a source by its own."""
        name = annotation.name or ""
        ground = (annotation_ground(annotation),)
        iri = self.own_concept(annotation, top, name)
        if form == "provided":
            maker = self._party_iri(annotation, self.tables.slots["recipient"])
            self.add(iri, "provider", maker, ground)
            self.add(maker, "type", self.tables.terms["provider_class"], ground)
            self.add(maker, "name", Literal(name), ground)
        else:
            self.add(iri, "name", Literal(name), ground)
        return iri
