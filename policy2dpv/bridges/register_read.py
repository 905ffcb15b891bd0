"""A register file of any of the three kinds -> the register that it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from policy2dpv.bridges.register_files import match_columns, read_cells
from policy2dpv.bridges.register_model import Activity, Column, Entry, Register
from policy2dpv.bridges.register_terms import read_value
from policy2dpv.errors import ReadError

KINDS = (".csv", ".xlsx", ".json")


def read_register(path: Path, *, sheet: str | None = None) -> Register:
    """Return the register in a CSV, Excel or TILT file; what was not understood is in `unread`.

    Values of a cell stand on lines of their own or between semicolons. Raises ReadError as
    `read_cells` and `match_columns` do, and for a file of another kind.

    >>> read_register(Path("register.odt"))
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: register.odt: ".odt" is no register; give a .csv, .xlsx or .json
    """
    if path.suffix.lower() not in KINDS:
        raise ReadError(path, f'"{path.suffix}" is no register', "give a .csv, .xlsx or .json")
    if path.suffix.lower() == ".json":
        from policy2dpv.bridges.tilt import read_tilt

        if sheet is not None:
            raise ReadError(path, "a TILT document has no sheets", "leave out --sheet")
        return read_tilt(path)
    cells = read_cells(path, sheet)
    columns, unknown = match_columns(path, cells[0])
    return _register(columns, unknown, cells[1:])


def _register(columns: Mapping[int, Column], unknown: list[str], rows: list[list[str]]) -> Register:
    unread: dict[str, None] = dict.fromkeys(f'column "{heading}"' for heading in unknown)
    facts: dict[Entry, None] = {}
    activities: list[Activity] = []
    for number, row in enumerate(rows, 2):
        found: list[Entry] = []
        for at, column in columns.items():
            if column.level == "words" or at >= len(row):
                continue
            for text in _values(row[at]):
                entries, understood = read_value(column.kind, text)
                if not understood:
                    unread[f"row {number}, {column.heading}: {text[:80]}"] = None
                if column.level == "notice":
                    facts.update(dict.fromkeys(entries))
                else:
                    found += entries
        activities += _activities(found, f"row {number}")
    used = [column for column in columns.values() if column.kind]
    return Register(
        tuple(activities),
        tuple(sorted(facts)),
        ties=frozenset(column.kind for column in used if column.tie),
        kinds=frozenset(column.kind for column in used),
        unread=tuple(unread),
    )


def _activities(found: list[Entry], place: str) -> Iterator[Activity]:
    """One activity for each purpose of a row."""
    rest = tuple(dict.fromkeys(e for e in found if e.kind != "purpose"))
    purposes = dict.fromkeys(e for e in found if e.kind == "purpose")
    for purpose in purposes or (None,):
        if purpose or rest:
            yield Activity(purpose, rest, place=place)


def _values(cell: str) -> list[str]:
    parts = (part.strip() for part in re.split(r"[\n;]", cell))
    return [part for part in parts if part]
