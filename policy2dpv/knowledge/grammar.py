"""The small tables that steer reading: what stands together, what opens or licenses what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from policy2dpv.knowledge.tables import Row, read_table


class WordClasses(dict[str, frozenset[str]]):
    """Word classes by name; one that a language has no words for is empty, "a|b" is a and b.

    >>> classes = WordClasses(joiner=frozenset({"and"}), aux=frozenset({"may"}))
    >>> classes["relative"], sorted(classes["aux|joiner"])
    (frozenset(), ['and', 'may'])
    """

    def __missing__(self, name: str) -> frozenset[str]:
        """No words, or those of several classes together."""
        names = name.split("|") if "|" in name else []
        found = self[name] = frozenset().union(*(self[one] for one in names))
        return found


class Extent(NamedTuple):
    """How far a kind's phrases reach to one side: the words that open and stop it there.

    `trims` are words that no phrase ends with; `reach` is in words; `lists` tells that it goes
    on over the commas of a list.
    """

    side: str
    opens: frozenset[str]
    stops: frozenset[str]
    trims: frozenset[str]
    reach: int
    lists: bool


class Grammar(msgspec.Struct, frozen=True):
    """Closed sets, each from its table.

    `together`: inner kind -> outer kinds it may stand inside (precedence.tsv); `opens`: heading
    topic or column -> kinds (opens.tsv); `licences`: kind -> terms that license it
    (licences.tsv); `classes`: word class -> lemmas; `kinds`: (kind, term) -> the kind that an
    annotation with this term is given (kinds.tsv); `unwritten`: kinds that are read wherever their
    phrases stand and that the graph leaves out (unwritten.tsv); `extents`: kind -> how far its
    phrases reach (extents.tsv).
    """

    together: Mapping[str, frozenset[str]]
    opens: Mapping[str, frozenset[str]]
    licences: Mapping[str, frozenset[str]]
    classes: Mapping[str, frozenset[str]]
    kinds: Mapping[tuple[str, str], str]
    unwritten: frozenset[str]
    extents: Mapping[str, tuple[Extent, ...]]


def load_grammar(folders: Iterable[Path], classes: Mapping[str, frozenset[str]]) -> Grammar:
    """The grammar that the tables in `folders` give, later folders adding to earlier ones.

    Raises TableError for a broken row.
    """
    places = list(folders)
    known = WordClasses(classes)
    return Grammar(
        together=_sets(places, "precedence.tsv", "inner", "outer"),
        opens=_sets(places, "opens.tsv", "above", "kind"),
        licences=_sets(places, "licences.tsv", "kind", "term"),
        classes=known,
        kinds={(r["kind"], r["term"]): r["read_as"] for r in _rows(places, "kinds.tsv")},
        unwritten=frozenset(r["kind"] for r in _rows(places, "unwritten.tsv")),
        extents=_extents(places, known),
    )


def _rows(folders: Iterable[Path], name: str) -> Iterator[Row]:
    for folder in folders:
        if (folder / name).is_file():
            yield from read_table(folder / name)


def _extents(
    folders: Iterable[Path], classes: Mapping[str, frozenset[str]]
) -> dict[str, tuple[Extent, ...]]:
    """The rows of extents.tsv whose classes the language has words for: it reaches by no other."""

    def words(names: str) -> frozenset[str]:
        return frozenset(word for name in names.split() for word in classes[name])

    found: dict[str, dict[str, Extent]] = defaultdict(dict)
    for row in _rows(folders, "extents.tsv"):
        if any(row[column] and not words(row[column]) for column in ("opens", "stops")):
            continue
        found[row["kind"]][row["side"]] = Extent(
            row["side"], words(row["opens"]), words(row["stops"]), words(row["trims"]),
            int(row["reach"]), row["lists"] == "yes",
        )  # fmt: skip
    return {kind: tuple(sides.values()) for kind, sides in found.items()}


def _sets(folders: Iterable[Path], name: str, key: str, value: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folders, name):
        found[row[key]].add(row[value])
    return {k: frozenset(v) for k, v in found.items()}
