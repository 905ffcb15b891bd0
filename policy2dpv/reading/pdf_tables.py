"""Tables of untagged pages without rules: lines that stand in columns -> cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from policy2dpv.reading.pdf_lines import Cell, Line, Row, Table

SAME_LEFT = 2.0
SEED_REACH = 7
FAR = 2.0  # of the type size: what stands further off belongs to no table
APART = 0.6  # of the type size: what a line of one column keeps from the table above
ROW_GAP = 0.8
COLUMN_SPACE = 1.0


def find_tables(rows: Sequence[Row]) -> list[Line]:
    """The lines of a column of text from the top; what stands in columns becomes tables.

    >>> from policy2dpv.reading.pdf_words import Word
    >>> def row(y, *words): return [Line([Word(w, 50 + 150 * n, y, 90 + 150 * n, y + 10, 10)])
    ...                             for n, w in enumerate(words)]
    >>> rows = [row(0, "Data", "Kept"), row(15, "Name", "year"), row(30, "Age", "day")]
    >>> [line] = find_tables(rows)
    >>> [[cell.lines[0].text for cell in row] for row in line.table.rows]
    [['Data', 'Kept'], ['Name', 'year'], ['Age', 'day']]
    """
    found: list[Line] = []
    index = done = 0
    while index < len(rows):
        lefts = _shared_lefts(rows, index)
        if len(lefts) < 2:
            index += 1
            continue
        start, end = _grow(rows, index, lefts, done)
        found += [line for row in rows[done:start] for line in row]
        lines = [part for row in rows[start:end] for line in row for part in cut_line(line, lefts)]
        words = [word for line in lines for word in line.words]
        found.append(Line(words, lines[0].page, make_table(lines)))
        index = done = end
    return found + [line for row in rows[done:] for line in row]


def _shared_lefts(rows: Sequence[Row], index: int) -> list[float]:
    """Where the columns begin that a row shares with one right below it; none for prose."""
    if len(rows[index]) < 2:
        return []
    near = [row for row in rows[max(index - 2, 0) : index + SEED_REACH] if not row[0].table]
    lefts = sorted(line.left for row in near for line in row)
    shared = [left for left, after in pairwise(lefts) if after - left <= SAME_LEFT]
    columns = [left for left, _ in _strips([(left, left) for left in shared], SAME_LEFT)]
    own = sum(_near(line.left, columns) for line in rows[index])
    return columns if own > 1 and not rows[index][0].table else []


def _near(left: float, lefts: Iterable[float]) -> bool:
    return any(abs(left - known) <= SAME_LEFT for known in lefts)


def _grow(rows: Sequence[Row], seed: int, lefts: Sequence[float], first: int) -> tuple[int, int]:
    """The first row of the table around a row, and the first behind it."""
    start = seed
    while start > first and _fits(rows[start - 1], rows[start], lefts):
        start -= 1
    end = seed + 1
    while end < len(rows) and _fits(rows[end], rows[end - 1], lefts):
        end += 1
    while start < seed and _ends_table(rows[start], rows[start], rows[start + 1]):
        start += 1
    while end > seed + 1 and _ends_table(rows[end - 1], rows[end - 2], rows[end - 1]):
        end -= 1
    return start, end


def _fits(row: Row, beside: Row, lefts: Sequence[float]) -> bool:
    """Whether a row beside a table's belongs to it: each part lies in one of its columns."""
    if row[0].table or row[0].size > 1.15 * beside[0].size:
        return False
    upper, lower = (row, beside) if row[0].top < beside[0].top else (beside, row)
    if _distance(upper, lower) > FAR * row[0].size:
        return False
    parts = [part for line in row for part in cut_line(line, lefts)]
    return all(_in_one_column(part, lefts) for part in parts)


def _in_one_column(line: Line, lefts: Sequence[float]) -> bool:
    if line.left < lefts[0] - SAME_LEFT:
        return False
    return not any(line.left < left - SAME_LEFT and line.right > left for left in lefts[1:])


def _ends_table(row: Row, upper: Row, lower: Row) -> bool:
    """Whether a row at the table's edge is a single line that stands apart from it."""
    if len(row) > 1:
        return False
    return _distance(upper, lower) > APART * upper[0].size or upper[0].bold != lower[0].bold


def _distance(upper: Row, lower: Row) -> float:
    return min(line.top for line in lower) - max(line.bottom for line in upper)


def cut_line(line: Line, lefts: Sequence[float]) -> list[Line]:
    """A line cut where the file begins to draw anew at a column's start."""
    parts: list[Line] = []
    for word in line.words:
        fresh = word.apart and _near(word.left, lefts)
        if parts and not fresh:
            parts[-1].words.append(word)
        else:
            parts.append(Line([word], line.page))
    return parts


def make_table(lines: Sequence[Line]) -> Table:
    """The table that lines stand for: its columns and rows are what white strips part.

    >>> from policy2dpv.reading.pdf_words import Word
    >>> texts = (("We keep", 0, 0), ("it", 0, 11), ("a year", 90, 5), ("Age", 0, 25), ("-", 90, 25))
    >>> lines = [Line([Word(text, x, y, x + 40, y + 10, 10)]) for text, x, y in texts]
    >>> [[" ".join(l.text for l in cell.lines) for cell in row] for row in make_table(lines).rows]
    [['We keep it', 'a year'], ['Age', '-']]
    """
    columns = _strips([(line.left, line.right) for line in lines], COLUMN_SPACE)
    heights = [(line.top, line.bottom) for line in lines]
    rows = _strips(heights, _row_space(lines, heights))
    table = Table([[Cell() for _ in columns] for _ in rows])
    for line in sorted(lines, key=lambda line: (line.middle, line.left)):
        row = sum(line.middle >= start for start, _ in rows) - 1
        column = sum(line.left >= start for start, _ in columns) - 1
        table.rows[row][column].lines.append(line)
    return table


def _strips(spans: Sequence[tuple[float, float]], space: float) -> list[tuple[float, float]]:
    """The spans joined where less than `space` lies between them."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] < space:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _row_space(lines: Sequence[Line], heights: Sequence[tuple[float, float]]) -> float:
    """How much white parts two rows: more than lies between the lines of one cell.

    Where all gaps are alike, each line is a row, or the lines with a first cell begin one.
    """
    strips = _strips(heights, -0.4 * lines[0].size)
    gaps = sorted(other[0] - one[1] for one, other in pairwise(strips))
    if not gaps:
        return ROW_GAP
    if gaps[-1] - gaps[0] > ROW_GAP:
        return gaps[0] + ROW_GAP
    return gaps[0]
