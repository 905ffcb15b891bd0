"""Storage conditions: where data are kept and for how long, with the length in days."""

from __future__ import annotations

import re
from decimal import Decimal

from policy2dpv.graphs.identity import shared_iri
from policy2dpv.graphs.nodes import Nodes
from policy2dpv.graphs.triples import Literal, annotation_ground
from policy2dpv.knowledge.slots import Modelling, Slot
from policy2dpv.model import Annotation

PERIOD = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
DATE = re.compile(r"\d{4}(-\d\d){0,2}")
# Days in a year, month, week, day, hour, minute and second.
DAYS = tuple(
    Decimal(text) / Decimal(share)
    for text, share in (
        ("365.25", 1), ("30.4375", 1), ("7", 1), ("1", 1), ("1", 24), ("1", 1440), ("1", 86400)
    )
)  # fmt: skip


def period_days(period: str) -> str | None:
    """The days of an xsd:duration as a decimal number, None for other text.

    >>> period_days("P6M"), period_days("P1Y"), period_days("PT36H"), period_days("soon")
    ('182.625', '365.25', '1.5', None)
    """
    found = PERIOD.fullmatch(period)
    if not found:
        return None
    pairs = zip(found.groups(), DAYS, strict=True)
    days = sum((int(count) * unit for count, unit in pairs if count), Decimal(0))
    text = f"{days:.6f}".rstrip("0").rstrip(".")
    return text if "." in text else f"{text}.0"


def schema_duration(period: str) -> str:
    """A period as xsd:duration allows it, which knows no weeks.

    >>> schema_duration("P2W"), schema_duration("P1M")
    ('P14D', 'P1M')
    """
    found = PERIOD.fullmatch(period)
    if not found or not found[3]:
        return period
    days = 7 * int(found[3]) + int(found[4] or 0)
    return re.sub(r"\d+W(?:\d+D)?", f"{days}D", period)


def date_literal(value: str, tables: Modelling) -> Literal:
    """A date as precise as it is stated: a day, a month or a year.

    >>> from policy2dpv.knowledge.slots import load_modelling
    >>> date_literal("2022-11", load_modelling()).datatype
    'http://www.w3.org/2001/XMLSchema#gYearMonth'
    """
    name = ("as_year", "as_month", "as_date")[min(value.count("-"), 2)]
    return Literal(value, tables.terms[name])


def storage_node(nodes: Nodes, annotation: Annotation, slot: Slot, clause: str) -> str:
    """The IRI of a storage condition that holds a place or a length of time."""
    ground = (annotation_ground(annotation),)
    curies, vocabulary = nodes.tables.curies, nodes.vocabulary
    own_class = slot.node_class
    if slot.kind == "storage_duration" and vocabulary.is_under(
        annotation.term, curies["storage_condition"]
    ):
        own_class = vocabulary.iri(annotation.term)
    iri = nodes.names.entity(slot.letter, clause, annotation.term, annotation.label)
    nodes.add(iri, "type", own_class, ground)
    describe = _length if slot.kind == "storage_duration" else _spot
    nodes.facts.add(iri, slot.property, describe(nodes, annotation), ground)
    return iri


def _spot(nodes: Nodes, annotation: Annotation) -> str:
    if annotation.match in ("broad", "narrow"):
        return nodes.own_concept(annotation, nodes.tables.terms["location"], annotation.label)
    return nodes.vocabulary.iri(annotation.term)


def _length(nodes: Nodes, annotation: Annotation) -> str:
    """The node of a length of time: a period, a date, or the words of an event."""
    value = annotation.value or ""
    days = period_days(value)
    curies = nodes.tables.curies
    name = "period" if days else "until_time" if DATE.fullmatch(value) else "until_event"
    term = curies[name]
    stated = nodes.vocabulary.is_under(annotation.term, curies["duration"])
    if stated and not nodes.vocabulary.is_under(annotation.term, curies["storage_condition"]):
        term = annotation.term
    iri = shared_iri(term, annotation.label)
    ground = (annotation_ground(annotation),)
    nodes.add(iri, "type", nodes.vocabulary.iri(term), ground)
    nodes.label(iri, annotation.label, ground)
    if days:
        terms = nodes.tables.terms
        nodes.add(iri, "value", Literal(schema_duration(value), terms["as_duration"]), ground)
        nodes.add(iri, "days", Literal(days, terms["as_decimal"]), ground)
    elif name == "until_time":
        nodes.add(iri, "value", date_literal(value, nodes.tables), ground)
    return iri
