"""The words of an untagged page -> rows of lines, by their places alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from policy2dpv.reading.line_shapes import BULLET
from policy2dpv.reading.pdf_words import COLUMN_GAP, Word

STRETCHED_GAPS, STRETCHED, WIDEST = 3, 1.5, 6
LONE_MARK = re.compile(
    r"[(\[]?(?:\d{1,2}(?:\.\d{1,3})*|[a-zA-Z]|[ivx]{2,5})[.):]+|\d(?:\.\d{1,2})+"
)

Row = list["Line"]


class Box(msgspec.Struct, array_like=True, frozen=True):
    """A rectangle on a page."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class Cell:
    """A table's cell: its lines, and how many rows and columns it spans."""

    lines: list[Line] = field(default_factory=list)
    rows: int = 1
    columns: int = 1


@dataclass(slots=True)
class Table:
    """The rows of a table."""

    rows: list[list[Cell]] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """Words side by side without a wide gap; `page` counts from 0, places are in points.

    A ruled table stands among the lines as one that carries it.
    """

    words: list[Word]
    page: int = 0
    table: Table | None = None

    @property
    def left(self) -> float:
        """Its left end."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Its right end."""
        return max(word.right for word in self.words)

    @property
    def top(self) -> float:
        """Its upper edge."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(word.bottom for word in self.words)

    @property
    def middle(self) -> float:
        """The height of its first word's middle."""
        return self.words[0].middle

    @property
    def size(self) -> float:
        """The size of its type: that of most of its letters."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[word.size] += len(word.text)
        return max(sizes, key=lambda size: (sizes[size], size))

    @property
    def bold(self) -> bool:
        """Whether all its letters are bold."""
        return all(word.bold for word in self.words if any(map(str.isalnum, word.text)))

    @property
    def text(self) -> str:
        """Its words, for looking at."""
        spaced = [f" {word.text}" if word.spaced else word.text for word in self.words]
        return "".join(spaced).strip()


def find_rows(words: Sequence[Word], page: int = 0) -> list[Row]:
    """The rows of a page from the top, each row's lines from the left.

    >>> words = [Word("right", 300, 10, 330, 20, 10), Word("left", 50, 10, 70, 20, 10)]
    >>> [[line.text for line in row] for row in find_rows(words)]
    [['left', 'right']]
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.middle, word.left)):
        if rows and abs(rows[-1][0].middle - word.middle) < 0.4 * max(word.size, 4):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [_split_row(sorted(row, key=lambda word: word.left), page) for row in rows]


def _is_stretched(words: Sequence[Word]) -> bool:
    """Whether wide spaces only fill a line to its margin: all are about as wide."""
    gaps = [
        word.left - before.right
        for before, word in pairwise(words)
        if not BULLET.fullmatch(f"{before.text} ")
    ]
    if len(gaps) < STRETCHED_GAPS or max(gaps) > WIDEST * words[0].size:
        return False
    return min(gaps) > 0 and max(gaps) < STRETCHED * min(gaps)


def _split_row(words: Sequence[Word], page: int) -> Row:
    lines: Row = []
    stretched = _is_stretched(words)
    for word in words:
        gap = word.left - lines[-1].right if lines else 0.0
        wide = gap > COLUMN_GAP * word.size and not stretched
        if not lines or (wide and not _is_marker(lines[-1])):
            lines.append(Line([word], page))
            continue
        word.spaced = word.spaced or gap > 0.25 * word.size
        lines[-1].words.append(word)
    return lines


def _is_marker(line: Line) -> bool:
    """Whether a line so far is only a bullet or a number."""
    text = line.text
    return bool(BULLET.fullmatch(f"{text} ") or LONE_MARK.fullmatch(text))
