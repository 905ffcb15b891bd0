"""How meanings are compared and how much a change weighs: the tables comparison and changes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary

COMPARISON, CHANGES = "comparison.tsv", "changes.tsv"
How = Literal["set", "told", "party", "operation", "contact"]
Standing = Literal["worse", "better", "other"]
LIMITS = ("pair", "same", "clause", "tie", "words")


class ChangeKind(msgspec.Struct, frozen=True):
    """One kind of change: its weight (0 to 100), how it leaves the person, its heading, why."""

    name: str
    weight: int
    standing: Standing
    words: str
    reason: str


class ComparisonRules(msgspec.Struct, frozen=True):
    """What the two tables say. Terms are CURIEs, properties and values of graphs are IRIs."""

    kinds: Mapping[str, ChangeKind]
    facts: Mapping[str, str]
    compared: Mapping[str, How]
    aligned: Mapping[str, float]
    limits: Mapping[str, float]
    operations: frozenset[str]
    heavier: Mapping[str, int]
    pairs: tuple[tuple[str, str, str], ...]
    firmness: Mapping[tuple[str, str], int]
    families: frozenset[str]
    silent: frozenset[str]
    nobodies: frozenset[str]
    little: frozenset[str]


@cache
def load_comparison() -> ComparisonRules:
    """Return what comparison.tsv and changes.tsv say, read once. TableError: a wrong row.

    >>> load_comparison().kinds["denial_reversed"].weight
    100
    """
    folder = data_folder("mappings")
    sorts: dict[str, list[Row]] = {}
    for row in read_table(folder / COMPARISON):
        sorts.setdefault(row["sort"], []).append(row)
    terms, vocabulary = load_modelling().terms, load_vocabulary()
    limits = {row["key"]: _number(row, "value") for row in sorts.get("limit", ())}
    if missing := [name for name in LIMITS if name not in limits]:
        raise TableError(COMPARISON, f"no limit {missing[0]!r}", "restore the row")
    firmness = {}
    for row in sorts.get("firmness", ()):
        prop, _, value = row["key"].partition(" ")
        firmness[terms[prop], terms[value]] = int(_number(row, "value"))
    return ComparisonRules(
        kinds={row["change"]: _kind(row) for row in read_table(folder / CHANGES)},
        facts={vocabulary.iri(row["key"]): row["value"] for row in sorts.get("fact", ())},
        compared={row["key"]: _how(row) for row in sorts.get("compared", ())},
        aligned={row["key"]: _number(row, "value") for row in sorts.get("aligned", ())},
        limits=limits,
        operations=_keys(sorts.get("operation", ())),
        heavier={row["key"]: int(_number(row, "value")) for row in sorts.get("heavier", ())},
        pairs=tuple(_pair(row) for row in sorts.get("pair", ())),
        firmness=firmness,
        families=_keys(sorts.get("family", ())),
        silent=_keys(sorts.get("silent", ())),
        nobodies=_keys(sorts.get("nobody", ())),
        little=_keys(sorts.get("little", ())),
    )


def _keys(rows: list[Row] | tuple[()]) -> frozenset[str]:
    return frozenset(row["key"] for row in rows)


def _number(row: Row, column: str) -> float:
    try:
        return float(row[column])
    except ValueError as error:
        raise TableError(row.place, f"no number: {row[column]!r}", "write one") from error


def _kind(row: Row) -> ChangeKind:
    if row["standing"] not in get_args(Standing):
        known = ", ".join(get_args(Standing))
        raise TableError(row.place, f"no such standing: {row['standing']}", f"use {known}")
    standing: Standing = msgspec.convert(row["standing"], Standing)
    weight = int(_number(row, "weight"))
    return ChangeKind(row["change"], weight, standing, row["words"], row["reason"])


def _how(row: Row) -> How:
    if row["value"] not in get_args(How):
        known = ", ".join(get_args(How))
        raise TableError(row.place, f"no such way: {row['value']}", f"use one of {known}")
    how: How = msgspec.convert(row["value"], How)
    return how


def _pair(row: Row) -> tuple[str, str, str]:
    other, _, name = row["value"].partition(" ")
    return row["key"], other, name
