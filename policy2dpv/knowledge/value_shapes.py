"""The shapes of typed values in a language: periods of storage, e-mail addresses, telephones."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from policy2dpv.knowledge.tables import read_table

DURATION = "storage_duration"


class ValueRow(NamedTuple):
    """One shape, compiled, and the row it stands in; tried only where its trigger is found."""

    kind: str
    term: str
    sort: str
    pattern: re.Pattern[str]
    trigger: re.Pattern[str]
    source: str


class ValueShapes(msgspec.Struct, frozen=True):
    """The shapes of a language and the words for numbers and units of time."""

    rows: tuple[ValueRow, ...]
    numbers: tuple[tuple[re.Pattern[str], str], ...]
    units: tuple[tuple[re.Pattern[str], str], ...]

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


def _lookup(table: tuple[tuple[re.Pattern[str], str], ...], words: str) -> str | None:
    return next((value for pattern, value in table if pattern.fullmatch(words)), None)


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
            pattern = row["pattern"]
            for name, fill in fills.items():
                pattern = pattern.replace(name, fill)
            flags = re.IGNORECASE if row["kind"] == DURATION else 0
            rows.append(
                ValueRow(
                    row["kind"],
                    row["term"],
                    row["sort"],
                    re.compile(pattern, flags),
                    re.compile(row.get("trigger", ""), flags),
                    row.place,
                )
            )
    compiled = {
        sort: tuple((re.compile(w, re.IGNORECASE), value) for w, value in pairs)
        for sort, pairs in words.items()
    }
    return ValueShapes(tuple(rows), compiled["number"], compiled["unit"])
