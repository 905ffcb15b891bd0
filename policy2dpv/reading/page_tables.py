"""Tables of a page: which hold data and which only lay out; which cells head which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from policy2dpv.reading.draft import Draft
from policy2dpv.reading.line_shapes import could_be_heading, count_columns

LONG_CELL = 2000
SHORT_HEAD = 12

MOST_HEADS, MOST_SPANNING, WIDEST = 8, 50, 300  # what a reader can have in view

Grid = dict[int, dict[int, list[Draft]]]


def settle_tables(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with each table's cells told from mere layout and tied to their header cells.

    A table of one column, or whose cells hold long prose without any header, is layout: its
    drafts become paragraphs. A row of one cell heads the rows below or is a paragraph.

    >>> from policy2dpv.reading.draft import CellPlace
    >>> head = Draft("Purpose", kind="cell", cell=CellPlace(0, 0, 0, heads=True))
    >>> side = Draft("Data", kind="cell", cell=CellPlace(0, 0, 1, heads=True))
    >>> body = [Draft("Billing", kind="cell", cell=CellPlace(0, 1, 0)),
    ...         Draft("Your name", kind="cell", cell=CellPlace(0, 1, 1))]
    >>> [d.kind for d in settle_tables([head, side, *body])], body[1].headers[0].text
    (['header_cell', 'header_cell', 'cell', 'cell'], 'Data')
    """
    grids: dict[int, Grid] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for draft in drafts:
        if draft.cell:
            grids[draft.cell.table][draft.cell.row][draft.cell.column].append(draft)
    for grid in grids.values():
        if _only_lays_out(grid):
            _lay_out(grid)
        else:
            _settle_grid(grid)
    return list(drafts)


def _only_lays_out(grid: Grid) -> bool:
    cells = [cell for row in grid.values() for cell in row.values()]
    columns = {draft.cell.column for cell in cells for draft in cell if draft.cell}
    if len(columns) < 2 or len(cells) < 2:
        return True
    if all(len(row) < 2 for row in grid.values()):
        return True
    if any(draft.cell.heads for cell in cells for draft in cell if draft.cell):
        return False
    return any(sum(len(d.text) for d in cell) > LONG_CELL for cell in cells) or any(
        draft.kind == "heading" and draft.level in (1, 2) for cell in cells for draft in cell
    )


def _lay_out(grid: Grid) -> None:
    for row in grid.values():
        for cell in row.values():
            for draft in cell:
                heads = draft.cell is not None and draft.cell.heads
                if draft.kind == "cell":
                    draft.kind, draft.level = "paragraph", 0
                    if heads and could_be_heading(draft.text):
                        draft.kind = "heading"
                draft.cell = None


def _settle_grid(grid: Grid) -> None:
    numbers = sorted(grid)
    rows = [grid[number] for number in numbers]
    wide = max(len(row) for row in rows)
    bold_labels = _has_bold_labels(rows)
    heads: dict[int, list[Draft]] = {}
    entered: set[int] = set()
    title: list[Draft] = []
    in_heads = False
    spanning: list[Draft] = []
    for index, (number, row) in enumerate(zip(numbers, rows, strict=True)):
        over = spanning = _reaching_into(number, spanning)
        if len(row) == 1 and wide > 1 and not over:
            title = _settle_single(next(iter(row.values())), title, index, rows)
            in_heads = False
        elif _is_header_row(row, index, rows):
            heads, entered = (heads, entered) if in_heads else ({}, set())
            _enter_heads(row, heads)
            entered.update(id(draft) for cell in row.values() for draft in cell)
            in_heads = True
        else:
            in_heads = False
            labels = [d for d in over if d.kind != "header_cell" or id(d) not in entered]
            _settle_row(row, title, heads, labels, bold_labels)
        spanning = [*over, *_spanning_down(row)][-MOST_SPANNING:]


def _reaching_into(number: int, spanning: Sequence[Draft]) -> list[Draft]:
    """The cells of rows above that span this row too: they are read with it."""
    return [d for d in spanning if d.cell and d.cell.row + d.cell.rows > number]


def _spanning_down(row: dict[int, list[Draft]]) -> list[Draft]:
    return [cell[0] for cell in row.values() if cell[0].cell and cell[0].cell.rows > 1]


def _is_header_row(row: dict[int, list[Draft]], number: int, rows: Sequence[object]) -> bool:
    drafts = [draft for cell in row.values() for draft in cell]
    if all(d.cell and (d.cell.heads or d.cell.in_head) for d in drafts):
        return True
    if any(d.cell and d.cell.heads for d in drafts) or number + 1 >= len(rows):
        return False
    if all(d.covered_by_bold() and len(d.text.split()) <= SHORT_HEAD for d in drafts):
        return True
    short = all(len(d.text.split()) <= 5 and d.text[-1].isalnum() for d in drafts)
    named = sum(count_columns(cell[0].text) > 0 for cell in row.values())
    return number == 0 and short and named * 2 >= len(row) and len(row) > 1


def _enter_heads(row: dict[int, list[Draft]], heads: dict[int, list[Draft]]) -> None:
    for column, cell in row.items():
        for draft in cell:
            draft.kind, draft.level = "header_cell", 0
            draft.headers = tuple(heads.get(column, ()))
        span = cell[0].cell.columns if cell[0].cell else 1
        for covered in range(column, min(column + span, WIDEST)):
            heads[covered] = [*heads.get(covered, ()), *cell][-MOST_HEADS:]


def _settle_single(
    cell: list[Draft], title: list[Draft], number: int, rows: Sequence[object]
) -> list[Draft]:
    """A row of one cell: the title of the rows below, or prose between them."""
    first = cell[0]
    short = len(first.text.split()) <= SHORT_HEAD and first.text[-1] not in ".;"
    marked = first.cell is not None and (first.cell.heads or first.cell.in_head)
    if len(cell) == 1 and number + 1 < len(rows) and (marked or first.covered_by_bold() or short):
        first.kind, first.level = "header_cell", 0
        return cell
    for draft in cell:
        draft.cell = None
        if draft.kind == "cell":
            draft.kind, draft.level = "paragraph", 0
    if len(cell) > 1 and could_be_heading(first.text) and first.text[-1].isalnum():
        first.kind = "heading"
    return title if number else []


def _settle_row(
    row: dict[int, list[Draft]],
    title: list[Draft],
    heads: dict[int, list[Draft]],
    labels: list[Draft],
    bold_labels: bool,
) -> None:
    columns = sorted(row)
    seen: set[int] = set()
    for column in columns:
        cell = row[column]
        named = _heads_over(cell[0], heads, seen)
        seen.update(map(id, named))
        governing = (*title, *named, *labels)
        is_label = bool(cell[0].cell and cell[0].cell.heads)
        for draft in cell:
            if draft.kind != "list_item":
                draft.kind, draft.level = "header_cell" if is_label else "cell", 0
            draft.headers = governing
        if is_label or (bold_labels and column == columns[0]):
            labels = [*labels, *cell]


def _heads_over(draft: Draft, heads: dict[int, list[Draft]], seen: set[int]) -> list[Draft]:
    """The header cells above a cell; of several, those that head no cell to its left (`seen`)."""
    place = draft.cell
    if place is None:
        return []
    columns = range(place.column, place.column + place.columns)
    found = list({id(head): head for at in columns for head in heads.get(at, ())}.values())
    if place.columns == 1:
        return found
    fresh = [head for head in found if id(head) not in seen]
    return fresh or found


def _has_bold_labels(rows: Sequence[dict[int, list[Draft]]]) -> bool:
    """Whether the first column's cells are bold and the others are not."""
    body = [
        row
        for row in rows
        if len(row) > 1 and not all(d.covered_by_bold() for cell in row.values() for d in cell)
    ]
    if len(body) < 2:
        return False
    firsts = [row[min(row)][0] for row in body]
    others = [row[max(row)][-1] for row in body]
    return (
        sum(d.covered_by_bold() for d in firsts) >= len(firsts) - 1
        and sum(d.covered_by_bold() for d in others) <= 1
    )
