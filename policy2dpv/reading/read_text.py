r"""Plain text -> drafts of blocks: headings, lists and tables told from the shape of the lines.

The canonical text is the decoded file with newlines as "\n"; a draft is a range of its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy2dpv.knowledge.patterns import load_page_patterns
from policy2dpv.reading.draft import Draft
from policy2dpv.reading.line_shapes import (
    Marker,
    could_be_heading,
    find_marker,
    is_strong_shape,
    plain_words,
)
from policy2dpv.reading.list_levels import LevelStack
from policy2dpv.reading.page_facts import is_date_line
from policy2dpv.reading.structure import mark_contents, settle_landmarks
from policy2dpv.reading.text_tables import draft_row, mark_tables
from policy2dpv.reading.text_units import (
    SHORT_LINE,
    Unit,
    find_lines,
    is_wrapped,
    join_addresses,
    join_wrapped,
)

MANY_SHORT = 4
LONG_NUMBERED = 16


def read_text(text: str, language: str) -> list[Draft]:
    r"""The drafts of a plain text, with their places in it.

    >>> found = read_text("Your Data\n\nWe collect:\n- your name;\n- your age.\n", "en")
    >>> [(draft.kind, draft.words) for draft in found][:3]
    [('heading', 'Your Data'), ('paragraph', 'We collect:'), ('list_item', 'your name;')]
    """
    lines = find_lines(text)
    if is_wrapped(lines):
        lines = join_wrapped(lines, language)
    for unit in lines:
        unit.marker = find_marker(unit.words, language)
    mark_tables(lines, language)
    lines = join_addresses(lines, language)
    boilerplate = load_page_patterns().lines
    for unit in lines:
        if (unit.count <= SHORT_LINE and not unit.role) and (
            is_date_line(unit.words, language) or plain_words(unit.words) in boilerplate
        ):
            unit.role = "paragraph"
    _classify_marked(lines, language)
    _classify_short(lines, language)
    drafts = list(_drafts(text, lines))
    mark_contents(drafts, language)
    settle_landmarks(drafts)
    return drafts


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
            is_strong_shape(unit.words[marker.end :])
            and after.count > LONG_NUMBERED
            and not before.ends_sentence
            and before.count > LONG_NUMBERED
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
    start = 0
    for end, unit in enumerate(run):
        if unit.words.endswith(":") and not shaped[end]:
            unit.role = "paragraph"
            part = slice(start, end)
            _classify_part(run[part], before, unit, shaped[part], strong[part])
            before, start = unit, end + 1
    _classify_part(run[start:], before, after, shaped[start:], strong[start:])


def _may_introduce(unit: Unit) -> bool:
    """Whether a line with a colon, right above a list, is its lead-in and no heading."""
    return unit.words[-1] == ":" and unit.count > 3 and not is_strong_shape(unit.words)


def _classify_part(
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
    closed = closed or (before is not None and is_date_line(before.words))
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
            yield from draft_row(draft, unit, tables, row, lines[index - row])
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
