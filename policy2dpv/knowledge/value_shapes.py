"""The shapes of typed values in a language: periods of storage, e-mail addresses, telephones."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from policy2dpv.knowledge.lazy_pattern import LazyPattern, Trigger
from policy2dpv.knowledge.tables import read_table

DURATION = "storage_duration"
Readings = tuple[tuple[LazyPattern, str], ...]  # what words are read as


class ValueRow(NamedTuple):
    """One shape, compiled, and the row it stands in; tried only where its trigger is found.

    A period may stand in capitals too: its shape is looked for in the text in small letters.
    """

    kind: str
    term: str
    sort: str
    pattern: LazyPattern
    trigger: Trigger
    source: str


class ValueShapes(msgspec.Struct, frozen=True):
    """The shapes of a language and the words for numbers and units of time."""

    rows: tuple[ValueRow, ...]
    numbers: Readings
    units: Readings

    def duration(self, count: str, unit: str) -> str | None:
        """The xsd:duration of a number and a unit.

        >>> load_value_shapes("en").duration("twelve", "months")
        'P12M'
        """
        number = "1" if not count else count if count.isdigit() else _lookup(self.numbers, count)
        letter = _lookup(self.units, unit)
        if number is None or letter is None:
            return None
        return (
            f"PT{number}{letter[1]}"
            if letter[0] == "T" and len(letter) == 2
            else f"P{number}{letter}"
        )


def _lookup(table: Readings, words: str) -> str | None:
    return next((value for pattern, value in table if pattern.regex.fullmatch(words)), None)


def small_letters(text: str) -> str:
    """A text in small letters, each of them in its place.

    >>> small_letters("One Month in \u0130zmir")
    'one month in izmir'
    """
    return text.replace("\u0130", "i").lower()  # of which Unicode makes two


def _flags(kind: str, words: str) -> int:
    """How a pattern is looked for in small letters, where its kind is: quicker if it has no other.

    What it names in capitals (a class of signs, a word of the language) must be found all the same.
    """
    words = words.replace("?P<", "")  # before the name of a group
    return re.IGNORECASE if kind == DURATION and words != words.lower() else 0


@lru_cache(maxsize=8)
def load_value_shapes(language: str, folders: tuple[Path, ...] = ()) -> ValueShapes:
    """The compiled rows of ``patterns/values`` and ``patterns/durations`` of a language."""
    from policy2dpv.data import data_folder

    places = folders or (data_folder("mappings"),)
    words: dict[str, list[tuple[str, str]]] = {"number": [], "unit": []}
    rows: list[ValueRow] = []
    for folder in places:
        path = folder / "patterns" / f"durations.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            words[row["sort"]].append((row["words"], row["value"]))
    fills = {
        "{number}": "(?:" + "|".join([r"\d{1,4}", *(w for w, _ in words["number"])]) + ")",
        "{unit}": "(?:" + "|".join(w for w, _ in words["unit"]) + ")",
    }
    for folder in places:
        path = folder / "patterns" / f"values.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            pattern, trigger = row["pattern"], row.get("trigger", "")
            for name, fill in fills.items():
                pattern = pattern.replace(name, fill)
            rows.append(
                ValueRow(
                    row["kind"],
                    row["term"],
                    row["sort"],
                    LazyPattern(pattern, _flags(row["kind"], pattern)),
                    Trigger(trigger, _flags(row["kind"], trigger)),
                    row.place,
                )
            )
    compiled = {
        sort: tuple((LazyPattern(w, re.IGNORECASE), value) for w, value in pairs)
        for sort, pairs in words.items()
    }
    return ValueShapes(tuple(rows), compiled["number"], compiled["unit"])
