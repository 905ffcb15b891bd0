"""Lines of untagged pages -> HTML: paragraphs, headings by their size, lists by their bullets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import msgspec

from policy2dpv.reading.line_shapes import BULLET, find_marker
from policy2dpv.reading.pdf_lines import Cell, Line, Table
from policy2dpv.reading.pdf_words import Speller, Word, follows_on_line, write_words

LARGER = 1.08
HEADING_WORDS = 25
WIDE_GAP = 1.3
INDENT = 6.0
DASHES = frozenset("-–—*+>")
LEADER = re.compile(r"(?<![.…·_\s])\s*(?:[.…·_]\s*){4,}\w{1,5}$")
CAPTION_GAP, ASIDE = 1.0, 0.25
ENDS = frozenset('.!?:;"”')


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; `bullet` tells a list item, `level` a heading.

    `captions` tells the title of a table; `closed` that no line follows.
    """

    lines: list[Line]
    bullet: bool = False
    level: int = 0
    captions: bool = False
    closed: bool = False


def write_lines(parts: Sequence[Line], speller: Speller) -> str:
    """The HTML of lines and tables in reading order.

    >>> lines = [Line([Word(text, 50, y, 150, y + 10, 10)])
    ...          for y, text in ((0, "•We use"), (12, "it."), (24, "•We"))]
    >>> write_lines(lines, Speller([]))
    '<ul><li>We use it.</li><li>We</li></ul>'
    """
    measures = Measures([part for part in parts if part.table is None])
    blocks: list[Paragraph | Table] = []
    for part in parts:
        if part.table is not None:
            _find_caption(blocks, part)
            _add_table(blocks, part.table)
            continue
        last = blocks[-1] if blocks else None
        entry = without_leader(part)
        if entry is not None:
            blocks.append(Paragraph([entry], closed=True))
        elif isinstance(last, Paragraph) and not measures.starts_paragraph(last, part):
            last.lines.append(part)
        else:
            blocks.append(measures.open_paragraph(part))
    return "".join(_write_blocks(blocks, measures, speller))


def without_leader(line: Line) -> Line | None:
    """A contents' entry without its dots and page number; None where a line is none.

    >>> words = [Word(text, 0, 0, 9, 9, 10) for text in "Cookies . . . . 7".split()]
    >>> without_leader(Line(words)).text
    'Cookies'
    """
    found = LEADER.search(line.text)
    if found is None:
        return None
    kept: list[Word] = []
    left = len("".join(line.text[: found.start()].split()))
    for word in line.words:
        if left > 0:
            kept.append(msgspec.structs.replace(word, text=word.text[:left]))
        left -= len(word.text)
    return Line(kept, line.page) if kept else None


class Measures:
    """What is usual in the document: the size of its type, the distance of lines, their ends."""

    def __init__(self, lines: Sequence[Line]) -> None:
        sizes: Counter[float] = Counter()
        for line in lines:
            sizes[line.size] += len(line.text)
        self.body = max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 10.0
        self.body = max(self.body, 0.1)  # a file may say that its letters have no size
        larger = sorted({s for s in sizes if s > self.body * LARGER}, reverse=True)
        self.levels: dict[float, int] = {}
        level, above = 0, 0.0
        for size in larger:
            level += above == 0.0 or size < above * 0.96
            self.levels[size], above = min(level, 6), size
        gaps = [
            (b.middle - a.middle) / self.body
            for a, b in pairwise(lines)
            if a.page == b.page and a.size == b.size == self.body and b.middle - a.middle > 0
        ]
        close = [gap for gap in gaps if gap < 2.5]
        self.leading = median(sorted(close)[: len(close) // 2 + 1]) if close else 1.3

    def level(self, line: Line) -> int:
        """The level of the heading that a line's size makes it, else 0."""
        return self.levels.get(line.size, 0)

    def open_paragraph(self, line: Line) -> Paragraph:
        """The paragraph that begins with a line."""
        bullet = is_bulleted(line)
        return Paragraph([line], bullet=bullet, level=0 if bullet else self.level(line))

    def starts_paragraph(self, above: Paragraph, line: Line) -> bool:
        """Whether a line begins a paragraph of its own rather than going on with the one above."""
        last = above.lines[-1]
        if last.page == line.page and follows_on_line(last.words[-1], line.words[0]):
            return False
        if above.closed or self.level(line) != above.level:
            return True
        if is_bulleted(line):
            return not self.runs_on(above, line)
        if last.bold != line.bold and _parts_heading(last, line):
            return True
        if last.page != line.page or line.middle < last.middle:
            return self.has_room(last, line)
        gap = (line.middle - last.middle) / max(line.size, 1)
        if gap > self.leading * WIDE_GAP * (1.25 if above.level else 1):
            return True
        if find_marker(line.text) is not None and self.has_room(last, line):
            return True
        if above.bullet:
            return line.left < above.lines[0].left - 1
        indented = line.left - last.left > INDENT and len(above.lines) > 1
        return indented and last.text[-1:] in ENDS

    def runs_on(self, above: Paragraph, line: Line) -> bool:
        """Whether a dash that begins a line stands amid a sentence that goes on from above."""
        last = above.lines[-1]
        dashed = line.text[:1] in DASHES and last.text[-1:] not in ENDS and not above.bullet
        return dashed and abs(line.left - last.left) < 1 and not self.has_room(last, line)

    def has_room(self, last: Line, line: Line) -> bool:
        """Whether a line's first word would have had room above: the line above ends early."""
        word = line.words[0].right - line.words[0].left
        return last.right + word + 0.3 * last.size < last.words[-1].edge


def is_bulleted(line: Line) -> bool:
    """Whether a line begins with a bullet; an "o" is one only with wide space after it.

    >>> words = [Word("o", 50, 0, 55, 10, 10), Word("casa", 58, 0, 80, 10, 10)]
    >>> is_bulleted(Line(words)), is_bulleted(Line([Word("•", 0, 0, 5, 9, 10), words[1]]))
    (False, True)
    """
    if not BULLET.match(f"{line.text} "):
        return False
    if line.words[0].text[:1].isalpha():
        return len(line.words) > 1 and line.words[1].left - line.words[0].right > 0.8 * line.size
    return True


def _parts_heading(last: Line, line: Line) -> bool:
    """Whether the change between bold and plain lines parts a heading from prose."""
    return last.bold or (len(line.words) > 1 and last.text[-1:] in ENDS)


def _find_caption(blocks: Sequence[Paragraph | Table], table: Line) -> None:
    """Note that the paragraph right above a table is its title: centred over it."""
    above = blocks[-1] if blocks else None
    if not isinstance(above, Paragraph) or len(above.lines) > 2:
        return
    last = above.lines[-1]
    left = min(word.left for word in table.words)
    aside = (last.left - left) - (table.right - last.right)
    close = 0 <= table.top - last.bottom < CAPTION_GAP * last.size
    close = close if last.page == table.page else last.page + 1 == table.page
    centred = last.left > left + last.size and abs(aside) < ASIDE * (table.right - left)
    above.captions = close and centred


def _add_table(blocks: list[Paragraph | Table], table: Table) -> None:
    """Add a table, or the rest of the one above that a page's end has cut."""
    last = blocks[-1] if blocks else None
    if isinstance(last, Table) and _width(last) == _width(table):
        ours = [[line.text for line in cell.lines] for cell in last.rows[0]]
        theirs = [[line.text for line in cell.lines] for cell in table.rows[0]]
        if _pages(last)[1] < _pages(table)[0]:
            last.rows += table.rows[1:] if ours == theirs else table.rows
            return
    blocks.append(table)


def _width(table: Table) -> int:
    return sum(cell.columns for cell in table.rows[0])


def _pages(table: Table) -> tuple[int, int]:
    """The first and the last page that a table's words stand on; its outer rows may be empty."""
    found = [line.page for row in table.rows for cell in row for line in cell.lines]
    return min(found, default=0), max(found, default=0)


def _write_blocks(
    blocks: Sequence[Paragraph | Table], measures: Measures, speller: Speller
) -> Iterator[str]:
    depths: list[float] = []
    item: Line | None = None
    for block in blocks:
        if isinstance(block, Paragraph) and block.bullet:
            yield _nest(depths, block.lines[0], item)
            item = block.lines[0]
            yield f"<li>{_write_paragraph(block, speller)}"
            continue
        yield "</li></ul>" * len(depths)
        depths.clear()
        if isinstance(block, Table):
            yield _write_table(block, speller)
            continue
        words = sum(len(line.words) for line in block.lines)
        name = f"h{block.level}" if block.level and words <= HEADING_WORDS else "p"
        name = "figcaption" if block.captions else name
        yield f"<{name}>{_write_paragraph(block, speller)}</{name}>"
    yield "</li></ul>" * len(depths)


def _nest(depths: list[float], line: Line, above: Line | None) -> str:
    """The tags between two list items: deeper, beside, or back out.

    In a new column or on a new page a list goes on as deep as it was.
    """
    closing, left = "", line.left
    if depths and above and (line.page != above.page or line.middle < above.middle):
        depths[:] = [depth + left - above.left for depth in depths]
    while depths and left < depths[-1] - INDENT:
        depths.pop()
        closing += "</li></ul>"
    if not depths or left > depths[-1] + INDENT:
        depths.append(left)
        return f"{closing}<ul>"
    return f"{closing}</li>"


def _write_paragraph(block: Paragraph, speller: Speller) -> str:
    words = [word for line in block.lines for word in line.words]
    words = _without_bullet(words) if block.bullet else words
    return write_words(words, speller, breaks=not block.level)


def _without_bullet(words: Sequence[Word]) -> list[Word]:
    first = words[0]
    found = BULLET.match(f"{first.text} ")
    rest = first.text[found.end() :] if found else first.text
    if not rest.strip():
        return list(words[1:])
    kept = msgspec.structs.replace(first, text=rest, spaced=False)
    return [kept, *words[1:]]


def _write_table(table: Table, speller: Speller) -> str:
    rows = []
    for number, row in enumerate(table.rows):
        heads = number == 0 and all(line.bold for cell in row for line in cell.lines)
        cells = [_write_cell(cell, "th" if heads else "td", speller) for cell in row]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _write_cell(cell: Cell, name: str, speller: Speller) -> str:
    spans = f' rowspan="{cell.rows}"' * (cell.rows > 1) + f' colspan="{cell.columns}"' * (
        cell.columns > 1
    )
    words = [word for line in cell.lines for word in line.words]
    return f"<{name}{spans}>{write_words(words, speller) if words else ''}</{name}>"
