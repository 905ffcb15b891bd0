"""Plain text -> drafts of blocks: headings, lists and tables told from the shape of the lines.

The canonical text is the decoded file with newlines as "\\n"; a draft is a range of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policy2dpv.draft import CellPlace, Draft
from policy2dpv.line_shapes import (
    Marker,
    could_be_heading,
    count_columns,
    find_marker,
    is_strong_shape,
    plain_words,
)
from policy2dpv.list_levels import LevelStack
from policy2dpv.page_facts import is_date_line
from policy2dpv.patterns import load_page_patterns
from policy2dpv.structure import mark_contents, settle_landmarks

WRAP_LIMIT, WRAP_SHARE, WRAP_LEAST = 110, 0.85, 40
SHORT_LINE = 12
MANY_SHORT = 4
LONG_NUMBERED = 16
COLUMN_GAP = re.compile(r"\t+[ \t]*|(?<![.!?:;\s]) {2,}(?=\S)")
ABBREVIATED = re.compile(r"\b[^\W\d_]{1,5}\.,?$|,$")
ENDS = frozenset(".!?;")
CLOSERS = "”\"')’"  # noqa: RUF001


@dataclass(slots=True)
class Unit:
    """A line, or the wrapped lines of one paragraph, with what its shape tells."""

    start: int
    end: int
    words: str
    indent: int
    after_blank: bool
    marker: Marker | None = None
    role: str = ""

    @property
    def count(self) -> int:
        """How many words it has."""
        return len(self.words.split())

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends as a sentence or clause does."""
        return self.words.rstrip(CLOSERS)[-1:] in ENDS

    @property
    def introduces(self) -> bool:
        """Whether it ends with a colon and is no heading."""
        return self.words.endswith(":") and self.role != "heading"

    @property
    def is_short(self) -> bool:
        """Whether it is an unmarked line that no sentence mark ends."""
        return (
            not self.marker
            and self.count <= SHORT_LINE
            and self.words[-1] not in ".!;,"
            and not self.role
        )


def read_text(text: str, language: str) -> list[Draft]:
    """The drafts of a plain text, with their places in it.

    >>> found = read_text("Your Data\\n\\nWe collect:\\n- your name;\\n- your age.\\n", "en")
    >>> [(draft.kind, draft.words) for draft in found][:3]
    [('heading', 'Your Data'), ('paragraph', 'We collect:'), ('list_item', 'your name;')]
    """
    lines = _lines(text)
    spaced = sum(unit.after_blank for unit in lines) > 0.25 * len(lines)
    if _is_wrapped(text, lines):
        lines = _join_wrapped(text, lines, language)
    for unit in lines:
        unit.marker = find_marker(unit.words, language)
    _mark_tables(text, lines, language)
    lines = _join_addresses(text, lines, spaced, language)
    boilerplate = load_page_patterns().lines
    for unit in lines:
        if unit.count <= SHORT_LINE and not unit.role:
            if is_date_line(unit.words, language) or plain_words(unit.words) in boilerplate:
                unit.role = "paragraph"
    _classify_marked(lines, language)
    _classify_short(lines, language)
    drafts = list(_drafts(text, lines))
    mark_contents(drafts, language)
    settle_landmarks(drafts)
    return drafts


def _lines(text: str) -> list[Unit]:
    units, position, blank = [], 0, True
    for line in text.split("\n"):
        words = line.strip()
        if any(map(str.isalnum, words)):
            lead = len(line) - len(line.lstrip())
            indent = len(line[:lead].expandtabs(4))
            start = position + lead
            units.append(Unit(start, start + len(words), words, indent, blank))
            blank = False
        else:
            blank = True
        position += len(line) + 1
    return units


def _is_wrapped(text: str, lines: Sequence[Unit]) -> bool:
    """Whether paragraphs are broken into lines of about equal length."""
    if len(lines) < 6:
        return False
    longest = max(unit.end - unit.start + unit.indent for unit in lines)
    if longest > WRAP_LIMIT or longest < WRAP_LEAST:
        return False
    broken = [
        unit
        for unit, after in zip(lines, lines[1:], strict=False)
        if not after.after_blank and not unit.words[-1] in ".:;!?"
    ]
    flowing = [unit for unit in broken if unit.end - unit.start > longest * 0.6]
    return len(flowing) >= 3 and len(flowing) > len(lines) * 0.25


def _join_wrapped(text: str, lines: Sequence[Unit], language: str) -> list[Unit]:
    """One unit for each wrapped paragraph or item."""
    longest = max(unit.end - unit.start + unit.indent for unit in lines)
    joined: list[Unit] = []
    width = 0
    for unit in lines:
        above = joined[-1] if joined else None
        next_word = len(unit.words.split()[0]) + 1
        full = above is not None and width + next_word > longest * 0.8
        ended = above is not None and above.words[-1] in ".:;!?"
        new = (
            above is None
            or unit.after_blank
            or find_marker(unit.words, language) is not None
            or (not full and (ended or not unit.words[0].islower()))
        )
        width = unit.end - unit.start + unit.indent
        if new or above is None:
            joined.append(unit)
        else:
            above.end = unit.end
            above.words = f"{above.words} {unit.words}"
    return joined


def _mark_tables(text: str, lines: Sequence[Unit], language: str) -> None:
    """Give lines in columns the role "row", and the remains of a flattened table "fragment"."""
    columns = [_columns(unit) for unit in lines]
    index = 0
    while index < len(lines):
        count, end = len(columns[index]), index + 1
        while end < len(lines) and len(columns[end]) == count and not lines[end].after_blank:
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
        gaps = [(m.start(), m.end()) for m in re.finditer(r"\s*\|\s*", words)]
        return [(a[1], b[0]) for a, b in zip(gaps, gaps[1:], strict=False) if a[1] < b[0]]
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


def _is_address(group: Sequence[Unit], language: str) -> bool:
    return (
        all(unit.count <= 8 and not unit.marker and not unit.role for unit in group)
        and all(unit.words[-1].isalnum() or ABBREVIATED.search(unit.words) for unit in group)
        and any(character.isdigit() for unit in group for character in unit.words)
        and not any(is_date_line(unit.words, language) for unit in group)
    )


def _join_addresses(text: str, lines: Sequence[Unit], spaced: bool, language: str) -> list[Unit]:
    """Join the lines of a postal address where blank lines part the paragraphs."""
    if not spaced:
        return list(lines)
    joined: list[Unit] = []
    index = 0
    while index < len(lines):
        end = index + 1
        while end < len(lines) and not lines[end].after_blank:
            end += 1
        group = lines[index:end]
        if 2 <= len(group) <= 8 and _is_address(group, language):
            words = " ".join(unit.words for unit in group)
            joined.append(Unit(group[0].start, group[-1].end, words, group[0].indent,
                               group[0].after_blank, None, "paragraph"))  # fmt: skip
        else:
            joined.extend(group)
        index = end
    return joined


def _classify_marked(lines: Sequence[Unit], language: str) -> None:
    """Tell numbered headings from list items."""
    for index, unit in enumerate(lines):
        marker = unit.marker
        if marker is None or unit.role:
            continue
        after = lines[index + 1] if index + 1 < len(lines) else None
        before = lines[index - 1] if index else None
        unit.role = "item"
        if marker.bulleted or marker.style not in ("decimal", "upper", "ROMAN"):
            continue
        words = unit.words[marker.end :]
        shaped = could_be_heading(words, marker.number, language)
        if shaped and _heads_what_follows(unit, marker, before, after):
            unit.role = "heading"
        elif marker.depth > 1 and not marker.bulleted and unit.count > LONG_NUMBERED:
            unit.role = "paragraph"


def _heads_what_follows(
    unit: Unit, marker: Marker, before: Unit | None, after: Unit | None
) -> bool:
    if after is None:
        return False
    if after.marker and after.marker.style == marker.style and after.marker.depth <= marker.depth:
        return False
    if before and before.marker and before.role == "item" and before.marker.style == marker.style:
        return not _follows(before.marker.number, marker.number) or (
            is_strong_shape(unit.words[marker.end :]) and after.count > LONG_NUMBERED
            and not before.ends_sentence and before.count > LONG_NUMBERED
        )
    return True


def _follows(number: str, after: str) -> bool:
    """Whether `after` is the next number: "4" after "3", "2.2" after "2.1", "c" after "b".

    >>> _follows("2.1", "2.2"), _follows("10", "1"), _follows("b", "c")
    (True, False, True)
    """
    one, two = number.split("."), after.split(".")
    if len(one) != len(two) or one[:-1] != two[:-1]:
        return False
    if one[-1].isdigit() and two[-1].isdigit():
        return int(two[-1]) == int(one[-1]) + 1
    return len(one[-1]) == len(two[-1]) == 1 and ord(two[-1]) == ord(one[-1]) + 1


def _classify_short(lines: Sequence[Unit], language: str) -> None:
    """Tell headings, items without bullets and other short lines apart, a run of them at a time."""
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and lines[end].is_short:
            end += 1
        if end == index:
            index += 1
            continue
        before = lines[index - 1] if index else None
        after = lines[end] if end < len(lines) else None
        _classify_run(lines[index:end], before, after, language)
        index = end
    for unit in lines:
        unit.role = {"": "paragraph", "fragment": "paragraph"}.get(unit.role, unit.role)


def _classify_run(
    run: Sequence[Unit], before: Unit | None, after: Unit | None, language: str
) -> None:
    listed = after is not None and after.role == "item"
    shaped = [
        could_be_heading(unit.words, "", language)
        and not (listed and unit is run[-1] and _may_introduce(unit))
        for unit in run
    ]
    strong = [ok and is_strong_shape(unit.words) for ok, unit in zip(shaped, run, strict=True)]
    # A line that ends with a colon is short too, but it introduces what comes below it.
    for number, unit in enumerate(run):
        if unit.words.endswith(":") and not shaped[number]:
            unit.role = "paragraph"
            _classify_run_after(run[:number], before, unit, shaped, strong)
            if run[number + 1 :]:
                _classify_run(run[number + 1 :], unit, after, language)
            return
    _classify_run_after(run, before, after, shaped, strong)


def _may_introduce(unit: Unit) -> bool:
    """Whether a line with a colon, right above a list, is its lead-in and no heading."""
    return unit.words[-1] == ":" and unit.count > 3 and not is_strong_shape(unit.words)


def _classify_run_after(
    run: Sequence[Unit],
    before: Unit | None,
    after: Unit | None,
    shaped: Sequence[bool],
    strong: Sequence[bool],
) -> None:
    if not run:
        return
    last = len(run) - 1
    odd = strong[last] and sum(strong[:last]) * 2 < last
    if before is not None and before.introduces:
        for unit in run:
            unit.role = "item"
        if last and odd and after is not None and shaped[last]:
            run[last].role = "heading"
        return
    closed = before is None or before.role in ("heading", "item", "row") or before.ends_sentence
    closed = closed or before is not None and is_date_line(before.words)
    many = len(run) >= MANY_SHORT
    for number, unit in enumerate(run):
        heads = shaped[number] and (after is not None or number < last)
        if many and number != last and before is not None:
            heads = heads and strong[number] and number == last - 1 and odd
        elif number == 0:
            heads = heads and (closed or strong[0])
        elif number < last:
            heads = heads and strong[number]
        unit.role = "heading" if heads else "paragraph"


def _drafts(text: str, lines: Sequence[Unit]) -> Iterator[Draft]:
    levels = LevelStack()
    tables = row = -1
    headed = len(lines) > 2 and all(unit.count > SHORT_LINE for unit in lines[:2])
    for index, unit in enumerate(lines):
        draft = Draft(text[unit.start : unit.end], start=unit.start)
        marker = unit.marker
        if marker and unit.role != "row":
            draft.marker, draft.number = _marker_end(draft.text, marker), marker.number
        if unit.role == "row":
            fresh = index == 0 or lines[index - 1].role != "row" or unit.after_blank
            tables, row = (tables + 1, 0) if fresh else (tables, row + 1)
            yield from _row(draft, unit, tables, row, lines, index)
            continue
        if unit.role == "heading":
            draft.kind = "heading"
            above = lines[index - 1].role == "heading" if index else False
            draft.level = levels.heading(marker, draft.words, above, first=not headed)
            headed = True
        elif unit.role == "item":
            draft.kind = "list_item"
            draft.level = levels.item(marker, unit.indent, draft.text[: draft.marker])
        else:
            levels.end_list()
        yield draft


def _marker_end(text: str, marker: Marker) -> int:
    """The marker's end in the text itself; in wrapped lines it is the same, on the first line."""
    return min(marker.end, len(text))


def _row(
    draft: Draft, unit: Unit, table: int, row: int, lines: Sequence[Unit], index: int
) -> Iterator[Draft]:
    first = lines[index - row]
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
