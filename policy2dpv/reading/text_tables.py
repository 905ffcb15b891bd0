"""Tables in plain text: lines in columns, and what is left of a table that lost its layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from policy2dpv.reading.draft import CellPlace, Draft
from policy2dpv.reading.line_shapes import (
    could_be_heading,
    count_columns,
    find_marker,
    is_strong_shape,
)
from policy2dpv.reading.text_units import SHORT_LINE, Unit

COLUMN_GAP = re.compile(r"\t+[ \t]*|(?<![.!?:;\s]) {2,}(?=\S)")

BAR = re.compile(r"(?:(?<!\s)\s+)?\|\s*")


def mark_tables(lines: Sequence[Unit], language: str) -> None:
    """Give lines in columns the role "row", and the remains of a flattened table "fragment"."""
    columns = [_columns(unit) for unit in lines]
    index = 0
    while index < len(lines):
        count, end = len(columns[index]), index + 1
        while count > 1 and end < len(lines) and len(columns[end]) == count:
            if lines[end].after_blank:
                break
            end += 1
        least = 2 if "\t" in lines[index].words or "|" in lines[index].words else 3
        if count > 1 and end - index >= least:
            for unit in lines[index:end]:
                unit.role = "row"
            index = end
            continue
        if _is_flat_header(lines[index], language):
            lines[index].role = "paragraph"
            end = _mark_fragments(lines, index + 1, language)
        index = end if lines[index].role == "paragraph" else index + 1


def _columns(unit: Unit) -> list[tuple[int, int]]:
    """The spans of a line's columns, counted from its start."""
    words = unit.words
    if words.startswith("|") and words.endswith("|") and len(words) > 2:
        gaps = [(m.start(), m.end()) for m in BAR.finditer(words)]
        return [(a[1], b[0]) for a, b in pairwise(gaps) if a[1] < b[0]]
    if "\t" not in words and "  " not in words:
        return [(0, len(words))]
    if unit.marker or find_marker(words):
        return []
    spans, position = [], 0
    for gap in COLUMN_GAP.finditer(words):
        spans.append((position, gap.start()))
        position = gap.end()
    return [*spans, (position, len(words))]


def _is_flat_header(unit: Unit, language: str) -> bool:
    return (
        not unit.marker
        and 3 <= unit.count <= SHORT_LINE
        and unit.words[-1].isalnum()
        and count_columns(unit.words, language) >= 3
        and "," not in unit.words
    )


def _mark_fragments(lines: Sequence[Unit], start: int, language: str) -> int:
    """Mark the short lines after a flattened table's header, up to a line that ends its prose."""
    index = start
    while index < len(lines) and not (lines[index].marker or lines[index].role):
        before, unit = lines[index - 1], lines[index]
        shaped = could_be_heading(unit.words, "", language) and is_strong_shape(unit.words)
        if before.count > SHORT_LINE and shaped:
            break
        if unit.count <= SHORT_LINE:
            unit.role = "fragment"
        index += 1
    return index


def draft_row(draft: Draft, unit: Unit, table: int, row: int, first: Unit) -> Iterator[Draft]:
    """The cells of a row; a first row that names columns heads the others."""
    names = [first.words[a:b] for a, b in _columns(first)]
    headed = sum(count_columns(name) > 0 for name in names) * 2 >= len(names)
    heads = [Draft(name, start=first.start + a)
             for name, (a, _) in zip(names, _columns(first), strict=True)]  # fmt: skip
    for column, (a, b) in enumerate(_columns(unit)):
        cell = draft.cut(a, b)
        if not any(map(str.isalnum, cell.text)):
            continue
        cell.cell = CellPlace(table, row, column)
        cell.kind = "header_cell" if headed and row == 0 else "cell"
        cell.headers = (heads[column],) if headed and row and column < len(heads) else ()
        yield cell
