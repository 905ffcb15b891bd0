"""What a register of processing activities holds: its columns, entries and activities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.knowledge.yardstick import plain_words

Level = Literal["row", "notice", "words"]
TABLE = "register.tsv"
CODE = re.compile(r"(.*)\[([^\[\]]*)\]", re.DOTALL)


class Column(msgspec.Struct, frozen=True):
    """A column of the register; see vocab/bridges/register.tsv for what each field means."""

    heading: str
    also: tuple[str, ...]
    item: str
    kind: str
    level: Level
    needed: bool
    tie: bool
    frame: str


class Entry(msgspec.Struct, frozen=True, order=True):
    """One value: its kind, its words, the terms that it stands for, and its code.

    `name` is a party's proper name. `code` is an xsd:duration, or "" where there is none.
    """

    kind: str
    label: str
    terms: tuple[str, ...] = ()
    name: str = ""
    code: str = ""

    def cell(self) -> str:
        """Return the value as a cell holds it: its words, then its terms or code in brackets.

        >>> Entry("storage_duration", "two years", code="P2Y").cell()
        'two years [P2Y]'
        """
        words = " ".join(re.sub(r"[\[\];]", ",", self.name or self.label).split())
        code = self.code or " ".join(self.terms)
        return f"{words} [{code}]" if code else words


class Activity(msgspec.Struct, frozen=True):
    """One row: a purpose (none where it is not stated) and what is done for it."""

    purpose: Entry | None
    entries: tuple[Entry, ...]
    words: tuple[str, ...] = ()
    place: str = ""


class Register(msgspec.Struct, frozen=True):
    """A register: its activities, what holds for all of them, what could not be understood.

    `denied` are the values that a policy says it has not. `ties` are the kinds whose values are
    tied to the purpose they stand beside, `kinds` those that the register can hold at all.
    `quotes` are the clauses that state a value.
    """

    activities: tuple[Activity, ...]
    facts: tuple[Entry, ...] = ()
    denied: tuple[Entry, ...] = ()
    ties: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    quotes: Mapping[Entry, tuple[str, ...]] = {}

    def entries(self, kind: str) -> tuple[Entry, ...]:
        """Return all values of a kind, each once, sorted.

        >>> Register((), (Entry("controller", "Acme"),)).entries("controller")[0].label
        'Acme'
        """
        found = [e for a in self.activities for e in (a.purpose, *a.entries) if e is not None]
        return tuple(sorted({e for e in (*found, *self.facts) if e.kind == kind}))


@cache
def load_columns() -> tuple[Column, ...]:
    """Return the columns of a register. Raises TableError for a level that is none.

    >>> [column.item for column in load_columns()][:3]
    ['b', 'c', 'c']
    """
    return tuple(map(_column, read_table(data_folder("vocab") / "bridges" / TABLE)))


def columns_by_kind() -> Mapping[str, Column]:
    """Return the columns by the kind of their values.

    >>> columns_by_kind()["purpose"].needed
    True
    """
    return {column.kind: column for column in load_columns() if column.kind}


def heading_key(text: str) -> str:
    """Return a heading as headings are compared: in lower case, without signs.

    >>> heading_key("Purpose(s) of  processing") == heading_key("purpose s of processing")
    True
    """
    return plain_words(text)


def _column(row: Row) -> Column:
    if row["level"] not in get_args(Level):
        raise TableError(row.place, f"no such level: {row['level']}", "see the table's head")
    also = tuple(filter(None, row["also"].split("|")))
    return Column(
        row["column"], also, row["item"], row["kind"], row["level"],  # type: ignore[arg-type]  # looked at above
        bool(row["needed"]), bool(row["tie"]), row["frame"],
    )  # fmt: skip
