"""Tables of untagged pages: rows whose parts stand in columns -> cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from policy2dpv.pdf_lines import Cell, Line, Row, Table

SAME_LEFT = 4.0
ROW_GAP = 0.8
LEAST_ROWS = 2
FAR = 3.5


def find_tables(rows: Sequence[Row]) -> list[Line]:
    """The lines of a column from the top, with what stands in columns made tables.

    >>> from policy2dpv.pdf_words import Word
    >>> def row(y, *words): return [Line([Word(w, 50 + 150 * n, y, 90 + 150 * n, y + 10, 10)])
    ...                             for n, w in enumerate(words)]
    >>> rows = [row(0, "Data", "Kept"), row(15, "Name", "year"), row(30, "Age", "day")]
    >>> [line] = find_tables(rows)
    >>> [[cell.lines[0].text for cell in row] for row in line.table.rows]
    [['Data', 'Kept'], ['Name', 'year'], ['Age', 'day']]
    """
    found: list[Line] = []
    index = 0
    while index < len(rows):
        end = _table_end(rows, index)
        if end is None:
            found += rows[index]
            index += 1
            continue
        held = rows[index:end]
        words = [word for row in held for line in row for word in line.words]
        found.append(Line(words, held[0][0].page, _make_table(held)))
        index = end
    return found


def _table_end(rows: Sequence[Row], start: int) -> int | None:
    """Where the table that begins at a row ends, or None if none begins there."""
    if len(rows[start]) < 2 or rows[start][0].table:
        return None
    lefts = [line.left for line in rows[start]]
    end, several = start + 1, 1
    while end < len(rows):
        row = rows[end]
        size = max(row[0].size, 1)
        if row[0].table or row[0].top - rows[end - 1][0].bottom > FAR * size:
            break
        if any(_place(line.left, lefts) is None for line in row) and not _fits(row, lefts):
            break
        if len(row) == 1 and row[0].right > lefts[1] + SAME_LEFT and _place(row[0].left, lefts) == 0:
            break
        several += len(row) > 1
        end += 1
    while end > start and len(rows[end - 1]) == 1 and _is_below(rows, end - 1):
        end -= 1
    return end if several >= LEAST_ROWS and end - start >= LEAST_ROWS else None


def _is_below(rows: Sequence[Row], index: int) -> bool:
    """Whether a row of one line stands apart from the table above it."""
    above, row = rows[index - 1], rows[index]
    return row[0].top - max(line.bottom for line in above) > 0.6 * row[0].size


def _place(left: float, lefts: Sequence[float]) -> int | None:
    """The column that a line at `left` stands in."""
    near = [(abs(left - known), column) for column, known in enumerate(lefts)]
    distance, column = min(near)
    return column if distance <= SAME_LEFT else None


def _fits(row: Row, lefts: list[float]) -> bool:
    """Whether a row of several lines shares most columns and opens new ones; notes these."""
    places = [_place(line.left, lefts) for line in row]
    known = sum(place is not None for place in places)
    if len(row) < 2 or known * 2 < len(row) or known < 1:
        return False
    lefts += [line.left for line, place in zip(row, places, strict=True) if place is None]
    lefts.sort()
    return True


def _make_table(rows: Sequence[Row]) -> Table:
    lefts: list[float] = []
    for row in rows:
        for line in row:
            if not lefts or _place(line.left, lefts) is None:
                lefts.append(line.left)
    lefts.sort()
    table = Table()
    for index, row in enumerate(rows):
        if index == 0 or _starts_row(rows, index, lefts):
            table.rows.append([Cell() for _ in lefts])
        for line in row:
            table.rows[-1][_place(line.left, lefts) or 0].lines.append(line)
    return table


def _starts_row(rows: Sequence[Row], index: int, lefts: Sequence[float]) -> bool:
    """Whether a row of lines begins a row of cells: the gap above is wider than between lines."""
    gaps = [_gap(one, other) for one, other in pairwise(rows)]
    least, most = min(gaps), max(gaps)
    own = gaps[index - 1]
    if most - least > ROW_GAP:
        return own > min(least + ROW_GAP, (least + most) / 2 + ROW_GAP)
    single = median(gaps) > 1.6 * rows[index][0].size
    return single or _place(rows[index][0].left, lefts) == 0


def _gap(one: Row, other: Row) -> float:
    return min(line.middle for line in other) - max(line.middle for line in one)
