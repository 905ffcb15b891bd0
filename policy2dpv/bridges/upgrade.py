"""Old DPV terms in graphs and tables -> the terms of a release, by its index of successors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from policy2dpv.knowledge.vocabulary import Vocabulary, load_prefixes

STEPS = 5  # how far a chain of successors is followed; the longest known has two
NAME = r"[A-Za-z][\w-]*"


class Move(msgspec.Struct, frozen=True, order=True):
    """An old term and what stands in its place: `new` is "" where there is no successor.

    `why` is the release that dropped the term, "sunset", "never" for a name that no release had,
    "namespace" for a retired one, "unknown" for what neither release nor index has. `times` counts
    its places.
    """

    old: str
    new: str
    why: str
    times: int = 1

    def __str__(self) -> str:
        times = "once" if self.times == 1 else f"{self.times} times"
        new = self.new or "no successor: left as it is"
        return f"{self.old} -> {new} ({self.why}, {times})"


class Upgraded(msgspec.Struct, frozen=True):
    """The new text of a file, and what was moved or could not be, sorted."""

    text: bytes
    moves: tuple[Move, ...]

    @property
    def left(self) -> tuple[Move, ...]:
        """The terms that have no successor."""
        return tuple(move for move in self.moves if not move.new)


class Upgrade:
    """Moves terms to a release, and counts what it moved.

    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
    >>> upgrade = Upgrade(load_vocabulary())
    >>> upgrade.iri("https://w3id.org/dpv#PersonalDataHandling")
    'https://w3id.org/dpv#Process'
    >>> [str(move) for move in upgrade.moves]
    ['dpv:PersonalDataHandling -> dpv:Process (sunset, once)']
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._count: Counter[tuple[str, str, str]] = Counter()

    @property
    def moves(self) -> tuple[Move, ...]:
        """What was moved or has no successor, sorted by the old term."""
        return tuple(sorted(Move(*what, times) for what, times in self._count.items()))

    def term(self, term: str) -> str:
        """Return the term to write for a CURIE: its successor, or itself where there is none."""
        if self.vocabulary.has(term) and self.vocabulary.replacement(term) is None:
            return term
        new, why = self._successor(term)
        self._count[term, new, why] += 1
        return new or term

    def iri(self, iri: str) -> str:
        """Return the IRI to write for an IRI; one that is not of the DPV comes back as it is."""
        known = self.vocabulary
        curie = known.curie(iri)
        if not known.is_dpv(iri) or not re.fullmatch(rf"[\w-]+:{NAME}", curie):
            return iri
        new = self.term(curie)
        return iri if new == curie else known.iri(new)

    def _successor(self, term: str) -> tuple[str, str]:
        """The last of a chain of successors that the release has, and why the term went."""
        first = self.vocabulary.replacement(term)
        if first is None:
            return "", "unknown"
        why = first.gone or "namespace"
        new = first.successor
        for _ in range(STEPS):
            again = self.vocabulary.replacement(new) if new else None
            if again is None or not again.successor:
                break
            new = again.successor
        return (new if new and self.vocabulary.has(new) else ""), why


def upgrade_text(text: str, vocabulary: Vocabulary) -> Upgraded:
    r"""Return a table's text with its terms moved, CURIEs and whole IRIs; all else stays.

    Comment lines stay too, but for the prefixes that an SSSOM `curie_map` lacks. Where a row's
    object_id moves, its object_label follows.

    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
    >>> upgrade_text("term\ndpv-pd:EmailAddress\n", load_vocabulary()).text
    b'term\npd:EmailAddress\n'
    """
    upgrade = Upgrade(vocabulary)
    lines = text.split("\n")
    head: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("#") or not line.strip():
            continue
        moved = _terms_of().sub(lambda found: _written(found[0], upgrade), line)
        if not head:
            head = line.rstrip("\r").split("\t")
        elif moved != line:
            moved = _labelled(head, line, moved, vocabulary)
        lines[number] = moved
    return Upgraded("\n".join(_mapped(lines, upgrade)).encode(), upgrade.moves)


def summary_of(moves: Iterable[Move]) -> str:
    """Return the counts of a run as one line.

    >>> summary_of([Move("a:B", "a:C", "2.2", 3), Move("a:D", "", "2.2")])
    '3 places of 1 term moved, 1 term without successor'
    """
    found = list(moves)
    moved = [move for move in found if move.new]
    left = len(found) - len(moved)
    places = sum(move.times for move in moved)
    return (
        f"{places} {'place' if places == 1 else 'places'} of "
        f"{len(moved)} {'term' if len(moved) == 1 else 'terms'} moved, "
        f"{left} {'term' if left == 1 else 'terms'} without successor"
    )


@cache
def _terms_of() -> re.Pattern[str]:
    """A CURIE with a prefix of the DPV, or an IRI in one of its namespaces, wherever it stands."""
    spaces = [p for p in load_prefixes().values() if p.standing in ("dpv", "retired")]
    longest = sorted(spaces, key=lambda p: (-len(p.namespace), p.namespace))
    prefixes = "|".join(re.escape(p.prefix) for p in sorted(spaces, key=lambda p: -len(p.prefix)))
    namespaces = "|".join(re.escape(p.namespace) for p in longest)
    return re.compile(rf"(?<![\w:/#-])(?:(?:{prefixes}):|(?:{namespaces})){NAME}(?![\w:/])")


def _written(text: str, upgrade: Upgrade) -> str:
    return upgrade.iri(text) if "://" in text else upgrade.term(text)


def _labelled(head: list[str], line: str, moved: str, vocabulary: Vocabulary) -> str:
    """A moved row with the label of its new object, where it had the label of the old one."""
    row: Mapping[str, str] = dict(zip(head, moved.rstrip("\r").split("\t"), strict=False))
    before: Mapping[str, str] = dict(zip(head, line.rstrip("\r").split("\t"), strict=False))
    new = row.get("object_id", "")
    if not row.get("object_label") or new == before.get("object_id") or not vocabulary.has(new):
        return moved
    cells = moved.split("\t")
    at = head.index("object_label")
    end = "\r" if cells[at].endswith("\r") else ""
    cells[at] = vocabulary.label(new) + end
    return "\t".join(cells)


def _mapped(lines: list[str], upgrade: Upgrade) -> list[str]:
    """The lines with the new terms' prefixes in the `curie_map`, where there is one."""
    start = next((n for n, line in enumerate(lines) if line.startswith("#curie_map:")), None)
    if start is None:
        return lines
    wanted = {move.new.partition(":")[0] for move in upgrade.moves if move.new}
    there = {m[1] for line in lines if (m := re.match(r"#\s+([\w-]+):\s", line))}
    new = [f"#  {p}: {upgrade.vocabulary.prefixes[p]}" for p in sorted(wanted - there)]
    return [*lines[: start + 1], *new, *lines[start + 1 :]]
