"""How a policy's meaning has changed over its versions: each against the one before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from policy2dpv.comparing.compare import Comparison, Version, compare_meanings
from policy2dpv.comparing.meaning import Meaning
from policy2dpv.errors import ReadError


class Timeline(msgspec.Struct, frozen=True):
    """The first version, and what each later one changed; in the order of their dates."""

    first: Version
    steps: tuple[Comparison, ...]

    @property
    def title(self) -> str:
        """The newest version's title."""
        newest = self.steps[-1].new if self.steps else self.first
        return newest.title or newest.name


def build_timeline(versions: Sequence[Meaning]) -> Timeline:
    """Return the changes from version to version. ReadError: fewer than two versions.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> texts = b"We collect your name.", b"We collect your name and your age."
    >>> found = build_timeline([meaning_of(convert(text), "x") for text in texts])
    >>> [len(step.changes) for step in found.steps]
    [1]
    """
    if len(versions) < 2:
        raise ReadError("timeline", "fewer than two versions", "name two files or a folder")
    steps = [compare_meanings(old, new) for old, new in pairwise(versions)]
    return Timeline(steps[0].old, tuple(steps))
