"""Untagged pages -> HTML: what is a heading, list or table is told from how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from policy2dpv.reading.pdf_columns import drop_running_rows, order_columns
from policy2dpv.reading.pdf_lines import Box, Line, find_rows
from policy2dpv.reading.pdf_paragraphs import write_lines
from policy2dpv.reading.pdf_rules import draw_bullets, find_ruled_tables
from policy2dpv.reading.pdf_tables import find_tables
from policy2dpv.reading.pdf_words import Speller, Word


@dataclass(slots=True)
class Sheet:
    """A page: its words, what is drawn besides them, its height in points."""

    words: list[Word]
    shapes: list[Box] = field(default_factory=list)
    height: float = 842.0


def write_layout(sheets: Sequence[Sheet], speller: Speller) -> str:
    """The HTML that pages without tags stand for.

    >>> title = Word("Privacy", 50, 40, 120, 64, 24)
    >>> words = [Word(text, 50 + 30 * at, 80, 75 + 30 * at, 90, 10)
    ...          for at, text in enumerate("We never sell any data.".split())]
    >>> write_layout([Sheet([title, *words])], Speller([]))
    '<h1>Privacy</h1><p>We never sell any data.</p>'
    """
    pages = []
    for number, sheet in enumerate(sheets):
        words = draw_bullets(sheet.words, sheet.shapes)
        tables, rest = find_ruled_tables(words, sheet.shapes, number)
        rows = [*find_rows(rest, number), *([table] for table in tables)]
        pages.append(sorted(rows, key=lambda row: min(line.top for line in row)))
    drop_running_rows(pages, [sheet.height for sheet in sheets])
    parts: list[Line] = []
    for rows in pages:
        for zone in order_columns(rows):
            parts += find_tables(zone)
    return write_lines(parts, speller)
