"""The shapes of names in a language: of controllers, their short forms, and other firms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from policy2dpv.knowledge.tables import read_table

Run = tuple[str, ...]  # words that stand behind each other
POSSESSIVES = ("", "'s", "’s")


class NameRow(NamedTuple):
    """One shape, compiled: its number, how much it weighs, and the row it stands in.

    A shape is tried only in lines that hold one of its `triggers`; without any, in all of them.
    `where` is "title" for a shape that counts in the title only.
    """

    pattern: re.Pattern[str]
    triggers: tuple[Run, ...]
    source: str
    rank: int
    weight: float
    where: str = ""


class NameShapes(NamedTuple):
    """The shapes of a language: of controllers, their short forms, other firms, and no names.

    `triggers` are those of all shapes, by their first word.
    """

    controller: tuple[NameRow, ...]
    alias: tuple[NameRow, ...]
    party: tuple[NameRow, ...]
    not_name: re.Pattern[str]
    not_last: re.Pattern[str]
    not_alias: re.Pattern[str]
    suffix: re.Pattern[str]
    triggers: Mapping[str, Sequence[Run]]


@lru_cache(maxsize=8)
def load_name_shapes(language: str, folders: tuple[Path, ...]) -> NameShapes:
    """The compiled rows of ``patterns/names.<language>.tsv``. TableError: a broken row."""
    shapes: dict[str, str] = {}
    rows: dict[str, list[NameRow]] = {"controller": [], "alias": [], "party": []}
    words: dict[str, list[str]] = {"not_name": [], "not_last": [], "not_alias": []}
    for folder in folders:
        path = folder / "patterns" / f"names.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            sort = row["sort"]
            if sort == "shape":
                shapes[row["name"]] = _fill(row["pattern"], shapes)
            elif sort in words:
                words[sort].append(row["pattern"])
            else:
                body = _fill(row["pattern"], shapes | {"name": f"(?P<name>{shapes['name']})"})
                if "(?P<name>" not in body:
                    body = f"(?P<name>{body})"
                pattern = re.compile(body, re.MULTILINE)  # with no look-behind it searches faster
                triggers = tuple(tuple(run.split()) for run in row["trigger"].split("|") if run)
                rank, weight = int(row["name"]), float(row["weight"])
                rows[sort].append(NameRow(pattern, triggers, row.place, rank, weight, row["where"]))
    none = "(?!)"
    return NameShapes(
        tuple(rows["controller"]), tuple(rows["alias"]), tuple(rows["party"]),
        re.compile(rf"(?:{'|'.join(words['not_name']) or none})(?:[ ,.]|$)"),
        re.compile(rf"(?: (?:{'|'.join(words['not_last']) or none}))+$"),
        re.compile(rf"(?:{'|'.join(words['not_alias']) or none})$"),
        re.compile(rf",? ?\b{shapes.get('suffix', none)}\b\.?$"),
        _by_first_word(run for found in rows.values() for row in found for run in row.triggers),
    )  # fmt: skip


def _by_first_word(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Each run once, under its first word and that word's possessives."""
    found: dict[str, list[Run]] = defaultdict(list)
    for run in dict.fromkeys(runs):
        for ending in POSSESSIVES:
            found[run[0] + ending].append(run)
    return dict(found)


def _fill(pattern: str, shapes: dict[str, str]) -> str:
    for name, shape in shapes.items():
        pattern = pattern.replace("{" + name + "}", shape)
    return pattern.replace("{{", "{").replace("}}", "}")
