"""How statements become triples: slots, roles, structure and laws, read from their tables.

All terms that the graph is made of come from here; the code asks for them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

# How an annotation is written: the concept itself (as an own concept where the phrase says more),
# the same with a name or a provider where one is said, a node of a class, a party, a storage
# condition, a literal, a right.
Form = Literal["concept", "named", "provided", "class", "party", "condition", "literal", "right"]
# What stands as object of a property: a node, words of the policy's language, a plain string,
# several datatypes ("any"), or the CURIE of the one datatype.
VALUES = ("iri", "text", "string", "any")


class Slot(msgspec.Struct, frozen=True):
    """One kind of annotation: the statement's field it stands in and how it is written."""

    kind: str
    field: str
    property: str
    node_class: str
    form: Form
    letter: str


class Role(msgspec.Struct, frozen=True):
    """A term's own property and class within its kind; `under` and `beside` are CURIEs.

    `beside` must be among the operations of the statement for the row to count.
    """

    kind: str
    under: str
    beside: str
    property: str
    node_class: str
    form: Form | None


class Modelling(msgspec.Struct, frozen=True):
    """The tables, with IRIs in place of CURIEs where the graph needs IRIs.

    `terms` maps a name of structure.tsv to its IRI, `letters` to its letter; `values` maps a
    property's IRI to what stands as its object; `order` lists all properties as they are written.
    `signs` maps a term's CURIE to the laws that it puts in play, `homes` a module to its law.
    """

    slots: Mapping[str, Slot]
    roles: Mapping[str, tuple[Role, ...]]
    terms: Mapping[str, str]
    curies: Mapping[str, str]
    letters: Mapping[str, str]
    values: Mapping[str, str]
    order: Mapping[str, int]
    signs: Mapping[str, tuple[str, ...]]
    notice_classes: Mapping[str, str]
    homes: Mapping[str, str]
    in_law: Mapping[tuple[str, str], str]


@cache
def load_modelling() -> Modelling:
    """Return what the tables slots, roles, structure, laws and in_law say, read once.

    Raises TableError for a row that names an unknown form, term or kind.

    >>> load_modelling().slots["purpose"].field
    'purposes'
    """
    return read_modelling(data_folder("mappings"), load_vocabulary())


def read_modelling(folder: Path, vocabulary: Vocabulary) -> Modelling:
    """Return what the tables in `folder` say. Raises TableError as `load_modelling` does.

    >>> tables = read_modelling(data_folder("mappings"), load_vocabulary())
    >>> tables.letters["process"]
    'p'
    """
    structure = read_table(folder / "structure.tsv")
    slot_rows = read_table(folder / "slots.tsv")
    role_rows = read_table(folder / "roles.tsv")
    law_rows = read_table(folder / "laws.tsv")
    slots = {row["kind"]: _slot(row, vocabulary) for row in slot_rows}
    roles: dict[str, tuple[Role, ...]] = {}
    for row in role_rows:
        if row["kind"] not in slots:
            raise TableError(row.place, f"no such kind: {row['kind']}", "see slots.tsv")
        roles[row["kind"]] = (*roles.get(row["kind"], ()), _role(row, vocabulary))
    signs: dict[str, tuple[str, ...]] = {}
    for row in law_rows:
        signs[row["sign"]] = (*signs.get(row["sign"], ()), row["law"])
    return Modelling(
        slots=slots,
        roles=roles,
        terms={row["name"]: _iri(row, "term", vocabulary) for row in structure},
        curies={row["name"]: row["term"] for row in structure},
        letters={row["name"]: row["letter"] for row in structure if row["letter"]},
        values=_values(structure, [*slot_rows, *role_rows], vocabulary),
        order=_order(structure, slot_rows, role_rows, vocabulary),
        signs=signs,
        notice_classes={
            row["sign"]: _iri(row, "notice_class", vocabulary)
            for row in law_rows if row["notice_class"]
        },
        homes={row["module"]: row["law"] for row in law_rows if row["module"]},
        in_law=_in_law(folder / "in_law.tsv"),
    )  # fmt: skip


def _in_law(path: Path) -> dict[tuple[str, str], str]:
    if not path.is_file():
        return {}
    return {(row["law"], row["term"]): row["law_term"] for row in read_table(path)}


def _form(row: Row) -> Form:
    if row["form"] not in get_args(Form):
        raise TableError(
            row.place, f"no such form: {row['form']}", f"use one of {', '.join(get_args(Form))}"
        )
    form: Form = msgspec.convert(row["form"], Form)
    return form


def _slot(row: Row, vocabulary: Vocabulary) -> Slot:
    return Slot(
        row["kind"],
        row["field"],
        _iri(row, "property", vocabulary),
        _iri(row, "node_class", vocabulary),
        _form(row),
        row["letter"],
    )


def _role(row: Row, vocabulary: Vocabulary) -> Role:
    return Role(
        row["kind"],
        row["under"],
        row["with"],
        _iri(row, "property", vocabulary),
        _iri(row, "node_class", vocabulary),
        _form(row) if row["form"] else None,
    )


def _iri(row: Row, column: str, vocabulary: Vocabulary) -> str:
    """The IRI of a cell's CURIE; "" of an empty cell. A DPV term must be in the release."""
    term = row[column]
    if not term:
        return ""
    iri = vocabulary.iri(term)
    if vocabulary.is_dpv(iri) and not vocabulary.has(term):
        near = " or ".join(vocabulary.nearest(term))
        raise TableError(row.place, f"not a term of the release: {term}", f"do you mean {near}?")
    return iri


def _values(structure: list[Row], others: list[Row], vocabulary: Vocabulary) -> dict[str, str]:
    values: dict[str, str] = {}
    for row in structure:
        if row["sort"] == "property":
            kind = row["value"]
            if kind not in VALUES and not kind.startswith("xsd:"):
                raise TableError(
                    row.place, f"no such value: {kind}", f"use {', '.join(VALUES)} or an xsd: type"
                )
            values[_iri(row, "term", vocabulary)] = kind
    for row in others:
        values.setdefault(_iri(row, "property", vocabulary), "iri")
    return values


def _order(
    structure: list[Row], slots: list[Row], roles: list[Row], vocabulary: Vocabulary
) -> dict[str, int]:
    """The place of each property: structure up to the slots' mark, then slots, then the rest."""
    before: list[str] = []
    after: list[str] = []
    part = before
    for row in structure:
        if row["sort"] == "slots":
            part = after
        elif row["sort"] == "property":
            part.append(_iri(row, "term", vocabulary))
    middle = []
    for slot in slots:
        own = [role for role in roles if role["kind"] == slot["kind"]]
        middle += [_iri(row, "property", vocabulary) for row in [*own, slot]]
    return {iri: place for place, iri in enumerate(dict.fromkeys([*before, *middle, *after]))}
