"""The small tables that steer reading: what stands together, what opens what, what licenses what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from policy2dpv.tables import read_table


class Grammar(msgspec.Struct, frozen=True):
    """Closed sets, each from its table.

    `together`: inner kind -> outer kinds it may stand inside (precedence.tsv); `opens`: heading
    topic or column -> kinds (opens.tsv); `licences`: kind -> terms that license it
    (licences.tsv); `classes`: word class -> lemmas.
    """

    together: Mapping[str, frozenset[str]]
    opens: Mapping[str, frozenset[str]]
    licences: Mapping[str, frozenset[str]]
    classes: Mapping[str, frozenset[str]]


def load_grammar(folders: Iterable[Path], classes: Mapping[str, frozenset[str]]) -> Grammar:
    """The grammar that the tables in `folders` give, later folders adding to earlier ones.

    Raises TableError for a broken row.
    """
    places = list(folders)
    return Grammar(
        together=_sets(places, "precedence.tsv", "inner", "outer"),
        opens=_sets(places, "opens.tsv", "above", "kind"),
        licences=_sets(places, "licences.tsv", "kind", "term"),
        classes=classes,
    )


def _sets(folders: Iterable[Path], name: str, key: str, value: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        path = folder / name
        if path.is_file():
            for row in read_table(path):
                found[row[key]].add(row[value])
    return {k: frozenset(v) for k, v in found.items()}
