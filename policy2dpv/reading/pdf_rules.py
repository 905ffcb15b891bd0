"""What untagged pages draw besides words: bullets, and the rules that make tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from policy2dpv.reading.pdf_lines import Box, Cell, Line, Table, find_rows
from policy2dpv.reading.pdf_words import Rows, Word

BULLET = "•"
THIN, LONG, TOUCH = 2.5, 8.0, 3.0
DOT = (1.5, 8.0)
MOST_RULES = 1_500
REACH = 40.0


def draw_bullets(words: Sequence[Word], shapes: Sequence[Box]) -> list[Word]:
    """The words with a bullet for each dot that is drawn right before one of them.

    >>> words = [Word("your", 60, 100, 80, 110, 10)]
    >>> [word.text for word in draw_bullets(words, [Box(48, 103, 52, 107)])]
    ['•', 'your']
    """
    bullets: list[Word] = []
    rows = Rows(words)
    for dot in shapes:
        width, height = dot.right - dot.left, dot.bottom - dot.top
        if not (DOT[0] <= width <= DOT[1] and DOT[0] <= height <= DOT[1]) or width > 2 * height:
            continue
        middle = (dot.top + dot.bottom) / 2
        near_by = rows.between(middle - REACH, middle + REACH)
        beside = [word for word in near_by if word.top < middle < word.bottom]
        after = [word for word in beside if word.left >= dot.right - 0.5]
        near = min(after, key=lambda word: word.left, default=None)
        if near is None or near.left - dot.right > 2.5 * near.size:
            continue
        if any(dot.left - near.size < word.right <= dot.left + 0.5 for word in beside):
            continue
        bullets.append(Word(BULLET, dot.left, near.top, dot.right, near.bottom, near.size))
    return [*bullets, *words]


def find_ruled_tables(
    words: Sequence[Word], shapes: Sequence[Box], page: int = 0
) -> tuple[list[Line], list[Word]]:
    """The tables that rules part into cells, each carried by a line, and the words in none.

    >>> rules = [Box(0, y, 200, y + 1) for y in (0, 20, 40)]
    >>> rules += [Box(x, 0, x + 1, 41) for x in (0, 100, 200)]
    >>> words = [Word(text, x, y, x + 20, y + 10, 10) for text, x, y in
    ...          (("Data", 5, 5), ("Kept", 105, 5), ("Name", 5, 25), ("year", 105, 25))]
    >>> [line], rest = find_ruled_tables(words, rules)
    >>> [[cell.lines[0].text for cell in row] for row in line.table.rows], rest
    ([['Data', 'Kept'], ['Name', 'year']], [])
    """
    rules = list(_rules(shapes))
    if len(rules) > MOST_RULES:
        return [], list(words)
    tables: list[Line] = []
    rest = list(words)
    for group in _connected(rules):
        grid = _Grid(group)
        if len(grid.xs) < 3 or len(grid.ys) < 2:
            continue
        inside = [word for word in rest if grid.place(word) is not None]
        if not inside:
            continue
        table = grid.fill(inside, page)
        if not _holds_cells(table):
            continue
        held = {id(word) for word in inside}
        rest = [word for word in rest if id(word) not in held]
        tables.append(Line(inside, page, table))
    return tables, rest


def _holds_cells(table: Table) -> bool:
    """Whether words stand in several rows and columns, rather than in boxes side by side."""
    columns = {n for row in table.rows for n, cell in enumerate(row) if cell.lines}
    return len(table.rows) > 1 and len(columns) > 1


def _rules(shapes: Sequence[Box]) -> Iterator[Box]:
    """The thin long shapes, and the four edges of the larger ones."""
    for box in shapes:
        width, height = box.right - box.left, box.bottom - box.top
        if (width <= THIN and height >= LONG) or (height <= THIN and width >= LONG):
            yield box
        elif width >= LONG and height >= LONG:
            yield Box(box.left, box.top, box.right, box.top)
            yield Box(box.left, box.bottom, box.right, box.bottom)
            yield Box(box.left, box.top, box.left, box.bottom)
            yield Box(box.right, box.top, box.right, box.bottom)


def _connected(rules: Sequence[Box]) -> list[list[Box]]:
    """The rules in groups that touch."""
    groups: list[list[Box]] = []
    left = sorted(rules, key=lambda box: (box.top, box.left, box.right, box.bottom))
    while left:
        group, queue = [], [left.pop(0)]
        while queue:
            box = queue.pop()
            group.append(box)
            touching = [other for other in left if _touch(box, other)]
            if touching:
                ids = {id(other) for other in touching}
                left = [other for other in left if id(other) not in ids]
                queue += touching
        groups.append(group)
    return groups


def _touch(one: Box, other: Box) -> bool:
    return (
        one.left - TOUCH <= other.right and other.left <= one.right + TOUCH
        and one.top - TOUCH <= other.bottom and other.top <= one.bottom + TOUCH
    )  # fmt: skip


class _Grid:
    """The grid that a group of rules draws, and which of its edges are drawn."""

    def __init__(self, rules: Sequence[Box]) -> None:
        self.upright = [box for box in rules if box.right - box.left <= THIN]
        self.level = [box for box in rules if box.bottom - box.top <= THIN]
        self.xs = _distinct((box.left + box.right) / 2 for box in self.upright)
        self.ys = _distinct((box.top + box.bottom) / 2 for box in self.level)

    def place(self, word: Word) -> tuple[int, int] | None:
        """The row and column that a word's middle lies in."""
        row = _between(word.middle, self.ys)
        column = _between((word.left + word.right) / 2, self.xs)
        return None if row is None or column is None else (row, column)

    def fill(self, words: Sequence[Word], page: int) -> Table:
        """The table with the words in its cells; cells without a rule between them are one."""
        held: dict[tuple[int, int], list[Word]] = {}
        owner = self._owners()
        for word in words:
            at = self.place(word)
            if at is not None:
                held.setdefault(owner[at], []).append(word)
        table = Table()
        for row in range(len(self.ys) - 1):
            cells: list[Cell] = []
            for column in range(len(self.xs) - 1):
                at = row, column
                if owner[at] != at:
                    continue
                covered = [place for place, first in owner.items() if first == at]
                rows = find_rows(held.get(at, []), page)
                lines = [line for one in rows for line in one]
                cells.append(Cell(lines, 1 + max(r for r, _ in covered) - row,
                                  1 + max(c for _, c in covered) - column))  # fmt: skip
            if any(cell.lines for cell in cells):
                table.rows.append(cells)
        return table

    def _owners(self) -> dict[tuple[int, int], tuple[int, int]]:
        """For each field of the grid the first field of its cell."""
        owner: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(len(self.ys) - 1):
            for column in range(len(self.xs) - 1):
                at, left, above = (row, column), (row, column - 1), (row - 1, column)
                if column and not self._is_drawn_upright(row, column):
                    owner[at] = owner[left]
                elif row and not self._is_drawn_level(row, column):
                    owner[at] = owner[above]
                else:
                    owner[at] = at
        return owner

    def _is_drawn_upright(self, row: int, column: int) -> bool:
        middle = (self.ys[row] + self.ys[row + 1]) / 2
        return any(
            abs((box.left + box.right) / 2 - self.xs[column]) <= TOUCH
            and box.top - 1 <= middle <= box.bottom + 1
            for box in self.upright
        )

    def _is_drawn_level(self, row: int, column: int) -> bool:
        middle = (self.xs[column] + self.xs[column + 1]) / 2
        return any(
            abs((box.top + box.bottom) / 2 - self.ys[row]) <= TOUCH
            and box.left - 1 <= middle <= box.right + 1
            for box in self.level
        )


def _distinct(places: Iterator[float]) -> list[float]:
    """Places from the first, those that nearly coincide once."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > TOUCH:
            found.append(place)
    return found


def _between(place: float, edges: Sequence[float]) -> int | None:
    for index, (one, other) in enumerate(pairwise(edges)):
        if one <= place < other:
            return index
    return None
