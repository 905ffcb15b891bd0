"""What conflicts are looked for and how much each weighs: mappings/conflicts.tsv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table

TABLE = "conflicts.tsv"


class ConflictKind(msgspec.Struct, frozen=True):
    """One kind of candidate: its weight (0 to 100), its heading, and why it may be one."""

    name: str
    weight: int
    words: str
    reason: str


class Relation(msgspec.Struct, frozen=True):
    """How two sides stand to each other, in words, and what that takes from the weight."""

    words: str
    less: int


class ConflictRules(msgspec.Struct, frozen=True):
    """The table; patterns by sort, each with the language that it is for ("" for all)."""

    kinds: Mapping[str, ConflictKind]
    relations: Mapping[str, Relation]
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]

    def shapes(self, sort: str, language: str) -> list[re.Pattern[str]]:
        """Return the patterns of a sort for a language, all of them where it is not known."""
        rows = self.patterns.get(sort, ())
        return [pattern for pattern, spoken in rows if not language or spoken in ("", language)]


@cache
def load_conflicts() -> ConflictRules:
    """Return what conflicts.tsv says, read once. TableError: a wrong row.

    >>> load_conflicts().kinds["denied_and_done"].weight
    90
    """
    kinds, relations = {}, {}
    patterns: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {}
    for row in read_table(data_folder("mappings") / TABLE):
        sort, key = row["sort"], row["key"]
        if sort == "conflict":
            kinds[key] = ConflictKind(key, _weight(row), row["words"], row["reason"])
        elif sort == "relation":
            relations[key] = Relation(row["words"], _weight(row))
        else:
            patterns[sort] = (*patterns.get(sort, ()), (_pattern(row), row["value"]))
    return ConflictRules(kinds=kinds, relations=relations, patterns=patterns)


def _weight(row: Row) -> int:
    try:
        return int(row["weight"])
    except ValueError as error:
        raise TableError(row.place, f"no weight: {row['weight']!r}", "write one") from error


def _pattern(row: Row) -> re.Pattern[str]:
    try:
        return re.compile(row["key"])
    except re.error as error:
        raise TableError(row.place, f"no pattern: {error}", "correct it") from error
