"""What the words above a clause let it mean: headings, the list's lead-in, the table's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy2dpv.knowledge.phrases import Hit

TOPIC, COLUMN = "topic:", "column:"


class Context:
    """The topics of the headings (innermost first) and the kinds that a list or column opens.

    `open_kinds` are kinds whose phrases need no other licence here; `rights` tells a list of what
    the person may do, where nothing is a practice of the firm.
    """

    __slots__ = ("inherits", "open_kinds", "sharing", "topics")

    def __init__(
        self,
        topics: tuple[str, ...] = (),
        open_kinds: frozenset[str] = frozenset(),
        inherits: bool = False,
        sharing: bool = False,
    ) -> None:
        self.topics = topics
        self.open_kinds = open_kinds
        self.inherits = inherits
        self.sharing = sharing

    def about(self, *topics: str) -> bool:
        """Whether the nearest heading that has a topic is about one of these."""
        return not set(topics).isdisjoint(self.topics)


def topics_of(title: Iterable[Hit]) -> tuple[str, ...]:
    """The topics that a heading's words name, longest phrase first."""
    found = sorted(
        (-hit.size, hit.first, hit.phrase.term.removeprefix(TOPIC))
        for hit in title
        if hit.phrase.term.startswith(TOPIC)
    )
    return tuple(dict.fromkeys(topic for _, _, topic in found))


def label_of(title: Iterable[Hit], length: int) -> str | None:
    """The kind that a run-in heading of `length` words announces, where it says nothing else."""
    return column_of(hit for hit in title if hit.last - hit.first + 1 == length)


def column_of(title: Iterable[Hit]) -> str | None:
    """The kind that a header cell announces: the longest phrase wins, then the last."""
    found = [
        (hit.size, hit.last, hit.phrase.term.removeprefix(COLUMN))
        for hit in title
        if hit.phrase.term.startswith(COLUMN)
    ]
    return max(found)[2] if found else None


def opened(names: Iterable[str], table: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The kinds opened by cue names, after the table `opens`."""
    return frozenset(kind for name in names for kind in table.get(name, ()))
