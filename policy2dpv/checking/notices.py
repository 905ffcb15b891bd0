"""What laws ask a privacy notice to say: the tables of vocab/notices, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import QueryError, TableError
from policy2dpv.knowledge.rows import Row, read_table

UNKNOWN = "unknown"  # an item whose condition no text can show


class Pattern(msgspec.Struct, frozen=True):
    """SPARQL for what carries an item: it binds ?node, from ?notice, and may bind ?value."""

    name: str
    looks_for: str
    sparql: str


class Item(msgspec.Struct, frozen=True):
    """One thing that a law asks for.

    `article` is where, `link` its address. `condition` says in words when it is asked for, ""
    for always; `when` is the pattern that shows the condition in a text, "unknown" where none
    can. `stated`, `vague` and `not_applicable` are the patterns that answer so. `comment` is
    what a reader of the report must know, such as what this tool does not read.
    """

    item: str
    article: str
    name: str
    condition: str
    when: str
    stated: str
    vague: str
    not_applicable: str
    link: str
    comment: str


class Notice(msgspec.Struct, frozen=True):
    """A kind of notice that a law knows, with its items in the law's order.

    `in_play` is the pattern that shows that a policy is under this law, "" where it is for all.
    """

    name: str
    title: str
    law: str
    in_play: str
    link: str
    items: tuple[Item, ...]


@cache
def load_notices() -> Mapping[str, Notice]:
    """Return the notices by name, in the order of notices.tsv.

    TableError: a table that is missing or damaged, or a row that names an unknown pattern.

    >>> load_notices()["gdpr-13"].items[0].article
    'Art. 13(1)(a)'
    """
    folder = data_folder("vocab") / "notices"
    found = {}
    for row in read_table(folder / "notices.tsv"):
        _known(row, "in_play")
        items = tuple(map(_item, read_table(folder / f"{row['notice']}.tsv")))
        found[row["notice"]] = Notice(
            row["notice"], row["title"], row["law"], row["in_play"], row["link"], items
        )
    return found


def choose_notices(names: str) -> list[Notice]:
    """Return the notices that names joined by commas mean. QueryError: an unknown name.

    >>> [notice.name for notice in choose_notices("gdpr-13,ccpa")]
    ['gdpr-13', 'ccpa']
    """
    known = load_notices()
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise QueryError(name, "no such notice", f"there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(wanted)]


@cache
def load_patterns() -> Mapping[str, Pattern]:
    """Return the patterns by name. TableError: a damaged table or an unknown part.

    >>> load_patterns()["purpose"].looks_for
    'what the data are used for'
    """
    folder = data_folder("vocab") / "notices"
    parts = {row["part"]: row["pattern"] for row in read_table(folder / "parts.tsv")}
    found = {}
    for row in read_table(folder / "patterns.tsv"):
        if row["part"] not in parts:
            raise TableError(row.place, f"no part {row['part']!r}", "add it to parts.tsv")
        where = f"{parts[row['part']]} {row['pattern']}"
        sparql = f"SELECT DISTINCT ?notice ?node ?value WHERE {{ {where} }}"
        found[row["name"]] = Pattern(row["name"], row["looks_for"], sparql)
    return found


def _item(row: Row) -> Item:
    for column in ("when", "stated", "vague", "not_applicable"):
        if not (column == "when" and row[column] == UNKNOWN):
            _known(row, column)
    if not row["stated"] or bool(row["condition"]) != bool(row["when"]):
        found = "an item without what states it, or a condition in one form only"
        raise TableError(row.place, found, "fill both `condition` and `when`, or neither")
    return Item(**{name: row[name] for name in Item.__struct_fields__})


def _known(row: Row, column: str) -> None:
    if row[column] and row[column] not in load_patterns():
        found = f"no pattern {row[column]!r} for {column}"
        raise TableError(row.place, found, "add it to patterns.tsv")
