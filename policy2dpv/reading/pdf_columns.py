"""Rows of untagged pages -> reading order: running headers and footers out, column by column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from policy2dpv.reading.pdf_lines import Line, Row

MARGIN = 0.14  # of the page's height: where running lines stand
RUNNING_ROWS, DEEPEST = 3, 6
SAME_START, CANDIDATES = 4.0, 6
GUTTER = 0.8  # of the type size
SAME_PLACE = 8.0
LEAST_ROWS, FULL_ROWS, FULL_WIDTH = 5, 0.6, 0.55
NUMBERS = re.compile(r"\d+|^[ivxl]+$")


def drop_running_rows(pages: Sequence[list[Row]], heights: Sequence[float]) -> None:
    """Take away what runs on from page to page: headers, footers, page numbers.

    A row in the upper or lower margin is one if another page has the same words, numbers aside,
    at the same height.

    >>> from policy2dpv.reading.pdf_words import Word
    >>> pages = [[[Line([Word(f"Page {n}", 50, 780, 90, 790, 8)])]] for n in (1, 2)]
    >>> drop_running_rows(pages, [800, 800])
    >>> pages
    [[], []]
    """
    seen: Counter[tuple[str, int]] = Counter()
    keys: list[dict[int, tuple[str, int]]] = []
    for rows, height in zip(pages, heights, strict=True):
        own: dict[int, tuple[str, int]] = {}
        for row in [*rows[:RUNNING_ROWS], *rows[-RUNNING_ROWS:]]:
            if not MARGIN * height < row[0].middle < (1 - MARGIN) * height:
                words = NUMBERS.sub("#", " ".join(line.text for line in row))
                own[id(row)] = (words, round(row[0].middle / SAME_PLACE))
        keys.append(own)
        seen.update(set(own.values()))
    for rows, own in zip(pages, keys, strict=True):
        rows[:] = [row for row in rows if _count_near(seen, own.get(id(row))) < 2]


def _count_near(seen: Counter[tuple[str, int]], key: tuple[str, int] | None) -> int:
    if key is None:
        return 0
    words, place = key
    return sum(seen[words, place + step] for step in (-1, 0, 1))


def order_columns(rows: Sequence[Row], deep: int = 0) -> Iterator[list[Row]]:
    """The parts of a page in reading order: whole-width rows, and column after column.

    `deep` counts the columns that it is within.

    >>> from policy2dpv.reading.pdf_words import Word
    >>> def line(text, left):
    ...     return Line([Word(text, left + x, 0, left + x + 45, 10, 10) for x in (0, 50, 100, 150)])
    >>> rows = [[line(f"l{n}", 50), line(f"r{n}", 300)] for n in range(6)]
    >>> [row[0].words[0].text for zone in order_columns(rows) for row in zone][5:8]
    ['l5', 'r0', 'r1']
    """
    gutter = find_gutter(rows) if deep < DEEPEST else None
    if gutter is None:
        yield list(rows)
        return
    rows = [_cut_row(row, gutter) for row in rows]
    zone: list[Row] = []
    for row in [*rows, []]:
        if row and not any(line.left < gutter < line.right for line in row):
            zone.append(row)
            continue
        if zone:
            for side in (0, 1):
                part = [[line for line in one if (line.left > gutter) == side] for one in zone]
                yield from order_columns([one for one in part if one], deep + 1)
            zone = []
        if row:
            yield [row]


def find_gutter(rows: Sequence[Row]) -> float | None:
    """Where the gap between two columns of prose runs, if there is one; a table's gap is none.

    It runs right before a place at which many lines begin, and parts prose from prose.
    """
    starts = Counter(round(line.left / SAME_START) for row in rows for line in row)
    most = sorted(starts.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
    for place, count in most:
        gutter = place * SAME_START - SAME_START
        if count >= LEAST_ROWS and _parts_prose([_cut_row(row, gutter) for row in rows], gutter):
            return gutter
    return None


def _cut_row(row: Row, gutter: float) -> Row:
    """A row with the line cut that has a wide space at the gutter."""
    parts: Row = []
    for line in row:
        if line.table is None and line.left < gutter < line.right:
            left = [word for word in line.words if word.right <= gutter]
            right = [word for word in line.words if word.left >= gutter]
            whole = len(left) + len(right) == len(line.words) and left and right
            if whole and right[0].left - left[-1].right > GUTTER * line.size:
                parts += [Line(left, line.page), Line(right, line.page)]
                continue
        parts.append(line)
    return parts


def _parts_prose(rows: Sequence[Row], gutter: float) -> bool:
    """Whether what stands on both sides fills its width as lines of prose do."""
    crossing = sum(any(line.left < gutter < line.right for line in row) for row in rows)
    if crossing > len(rows) / 2:
        return False
    for side in (False, True):
        lines = [
            line
            for row in rows
            for line in row
            if (line.left > gutter) == side and not line.left < gutter < line.right
        ]
        if len(lines) < LEAST_ROWS:
            return False
        width = max(line.right for line in lines) - min(line.left for line in lines)
        full = sum(line.right - line.left > FULL_WIDTH * width for line in lines)
        if full < FULL_ROWS * len(lines) or _has_short_rows(lines):
            return False
    return True


def _has_short_rows(lines: Sequence[Line]) -> bool:
    """Whether the lines are the few words of a table's cells."""
    return sum(len(line.words) for line in lines) < 3.5 * len(lines)
