"""Rights and grounds by the law in play: a law's own term only where the policy names that law."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from policy2dpv.graphs.identity import normal_phrase
from policy2dpv.graphs.nodes import LABELS, Nodes
from policy2dpv.graphs.triples import Literal, annotation_ground
from policy2dpv.knowledge.slots import Modelling, Slot
from policy2dpv.model import Annotation, Statement

ARTICLE = re.compile(r"A\d+\S*\s+")  # the number that labels of a law's terms begin with
ADDRESS = re.compile(r"[a-z]+:\S+$")  # mailto:, tel:, https:
SIGNS = ("laws", "areas", "locations", "destinations")  # these may name a law or its area


def laws_in_play(statements: Iterable[Statement], tables: Modelling) -> dict[str, Annotation]:
    """The laws that a policy names or whose area it names, each with the first words that do."""
    found: dict[str, Annotation] = {}
    for statement in statements:
        for field in SIGNS:
            for annotation in getattr(statement, field):
                for law in tables.signs.get(annotation.term, ()):
                    found.setdefault(law, annotation)
    return found


def term_in_law(annotation: Annotation, laws: Iterable[str], tables: Modelling) -> Annotation:
    """The annotation with the law's own term where the law is in play, else as it is."""
    for law in laws:
        own = tables.in_law.get((law, annotation.term))
        if own:
            return msgspec.structs.replace(annotation, term=own)
    return annotation


def right_node(
    nodes: Nodes,
    annotation: Annotation,
    slot: Slot,
    top: str,
    statement: Statement,
    laws: Iterable[str],
    clauses: Sequence[str],
) -> str:
    """The IRI of a right: one node for each right of the policy and law, however often it says so.

    A law's own term types the node where that law is in play; else the node is only close to it.
    """
    tables, vocabulary = nodes.tables, nodes.vocabulary
    ground = (annotation_ground(annotation),)
    home = tables.homes.get(annotation.term.partition(":")[0])
    stated = tuple(law.term for law in statement.laws)
    here = {law for term in stated for law in tables.signs.get(term, ())} if stated else {*laws}
    foreign = home is not None and home not in here
    broad = annotation.match in ("broad", "narrow")
    phrase = normal_phrase(annotation.label) if broad else ""
    iri = nodes.names.entity(
        slot.letter, annotation.term, phrase, *(sorted(stated) if foreign else ())
    )
    term = vocabulary.iri(annotation.term)
    nodes.add(iri, "type", top, ground)
    if foreign:
        nodes.add(iri, "close_match", term, ground)
    elif broad and term != top:
        nodes.add(iri, "broader", term, ground)
    else:
        nodes.add(iri, "type", term, ground)
    if broad or not vocabulary.has(annotation.term):
        nodes.label(iri, annotation.label, ground)
    else:
        name = vocabulary.label(annotation.term)
        label = Literal(ARTICLE.sub("", name) if foreign else name, language=LABELS)
        nodes.add(iri, "label", label, ground)
    if foreign:
        for law in statement.laws:
            nodes.add(iri, "applicable_law", vocabulary.iri(law.term), (annotation_ground(law),))
    for clause in clauses:
        nodes.add(iri, "source", clause, ground)
    _add_channel(nodes, iri, statement)
    return iri


def _add_channel(nodes: Nodes, right: str, statement: Statement) -> None:
    """Where the right is exercised, if the clause says so."""
    if not statement.contacts:
        return
    tables = nodes.tables
    said = sorted(contact.value or contact.quote for contact in statement.contacts)
    iri = nodes.names.entity(tables.letters["right_channel"], *said)
    for contact in statement.contacts:
        ground = (annotation_ground(contact),)
        nodes.add(right, "exercised_at", iri, ground)
        nodes.add(iri, "type", tables.terms["right_channel"], ground)
        add_contact(nodes, iri, contact)


def add_contact(nodes: Nodes, party: str, contact: Annotation) -> None:
    """A party's contact: a mail, telephone or web address, or a postal address in words."""
    ground = (annotation_ground(contact),)
    if contact.value and ADDRESS.match(contact.value):
        nodes.add(party, "has_contact", Literal(contact.value), ground)
    else:
        nodes.add(party, "has_address", Literal(" ".join(contact.quote.split())), ground)
