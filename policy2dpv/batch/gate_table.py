"""The words and weights by which `gates` tells a policy: ``patterns/gates.<language>.tsv``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.model import Statement

WORD = re.compile(r"[^\W_]+")
SETTINGS = ("least_words", "function_words", "start", "opening_words", "few_words")
BY_WORDS = ("opening", "heading", "word")  # rows whose values are words
BY_SLOT = ("said", "different")  # rows whose values are fields of a statement
SLOTS = frozenset(
    name for name, kind in Statement.__annotations__.items() if "tuple[Annotation" in str(kind)
)


class Mark(msgspec.Struct, frozen=True):
    """A row of the table: what is counted, the count at which it weighs in full, its weight.

    `sort` is opening (words in the title or the first words), heading (headings with the words),
    word (how often per 1,000 words), said (clauses with the slot per 1,000 words) or different
    (terms in the slot). `phrases` are the words as `plain_words` has them, none for a slot.
    """

    sort: str
    value: str
    full: float
    weight: float
    phrases: tuple[str, ...] = ()


class GateTable(msgspec.Struct, frozen=True):
    """The table of a language.

    A text of fewer than `least_words` words is empty, one with a smaller share of function words
    than `function_words` (0 to 1) is in another language; `start` is what the evidence of a text is
    before anything is found in it; the opening is the title and the first `opening_words`;
    `few_words` is added to the length of a text so that two words of a short one weigh little.
    """

    settings: Mapping[str, float]
    marks: tuple[Mark, ...]


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case.

    >>> plain_words("Don't sell  My_Data!")
    ['don', 't', 'sell', 'my', 'data']
    """
    return WORD.findall(text.lower())


def join_words(words: Iterable[str]) -> str:
    """Return words so that each phrase in them is a part of the whole, wherever it stands.

    >>> join_words(["your", "data"]) in join_words(["sell", "your", "data"])
    True
    """
    return f" {'  '.join(words)} "


@cache
def load_gates(language: str = DEFAULT_LANGUAGE) -> GateTable:
    """Return the table of a language, or the English one where there is none.

    TableError: a wrong row, or a setting that is missing.

    >>> load_gates("en").settings["least_words"] > 0
    True
    """
    folder = data_folder("mappings") / "patterns"
    path = folder / f"gates.{language}.tsv"
    return read_gates(path if path.is_file() else folder / f"gates.{DEFAULT_LANGUAGE}.tsv")


def read_gates(path: Path) -> GateTable:
    """Return the table of a file. TableError as `load_gates`.

    >>> read_gates(Path("no-such.tsv"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.TableError: no-such.tsv: cannot be read: No such file or directory; ...
    """
    settings: dict[str, float] = {}
    marks = []
    for row in read_table(path):
        if row["sort"] == "setting":
            settings[row["value"]] = _number(row, "weight")
        else:
            marks.append(_mark(row))
    for name in SETTINGS:
        if name not in settings:
            raise TableError(path, f"no setting {name!r}", f"set {', '.join(SETTINGS)}")
    return GateTable(settings, tuple(marks))


def _mark(row: Row) -> Mark:
    sort, value = row["sort"], row["value"]
    phrases: tuple[str, ...] = ()
    if sort in BY_WORDS:
        phrases = tuple(join_words(plain_words(one)) for one in value.split("|"))
    elif sort not in BY_SLOT:
        known = ", ".join(("setting", *BY_WORDS, *BY_SLOT))
        raise TableError(row.place, f"there is no sort {sort!r}", f"use {known}")
    elif value not in SLOTS:
        known = ", ".join(sorted(SLOTS))
        raise TableError(row.place, f"there is no slot {value!r}", f"use {known}")
    full = _number(row, "full")
    if full <= 0:
        raise TableError(row.place, f"full is {full:g}", "give the count that weighs in full")
    return Mark(sort, value, full, _number(row, "weight"), phrases)


def _number(row: Row, column: str, number: Callable[[str], float] = float) -> float:
    try:
        return number(row[column])
    except ValueError as error:
        raise TableError(row.place, f"{column} is {row[column]!r}", "give a number") from error
