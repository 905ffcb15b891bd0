"""A review as a file: one decision a row, as JSON lines or as a spreadsheet's CSV."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.json_lines import format_lines, parse_lines
from policy2dpv.reviewing.decisions import Decision, check_decisions

LIMIT = 50_000_000  # bytes of a file
CSV = ".csv"
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
ACTIVE = re.compile(r"'?[=+\-@\t\r']")  # a cell that a spreadsheet would reckon with
SEPARATORS = ";,\t|"
SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


COLUMNS = tuple(name for name in Decision.__struct_fields__ if name != "place")
NEEDED = ("decision", "quote", "kind", "term")


def read_review(path: str | Path) -> list[Decision]:
    """Return the rows of a file, checked: CSV where its name ends so, else JSON lines.

    CSV may come with commas, semicolons or tabs, in UTF-8 or UTF-16, with or without a byte order
    mark, as spreadsheets save it. ReadError: a file that cannot be read, a broken line, and what
    `check_decisions` refuses.

    >>> read_review("no-such.review.csv")
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: no-such.review.csv: cannot be read: No such file or directory; ...
    """
    path = Path(path)
    text = _text_of(path)
    read = read_csv if path.suffix.lower() == CSV else read_lines
    return check_decisions(read(text, path.name))


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LIMIT:
            raise ReadError(path, f"more than {LIMIT} bytes", "give the review of one policy")
        data = path.read_bytes()
    except OSError as error:
        advice = "give the review's file; `policy2dpv review` writes one"
        raise ReadError(path, f"cannot be read: {error.strerror}", advice) from error
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "save it as CSV in UTF-8") from error


def read_lines(text: str, where: str) -> list[Decision]:
    r"""Return the rows of JSON lines, not yet checked. ReadError: a line that is no such row.

    >>> [row] = read_lines('{"decision":"","quote":"name","kind":"k","term":"t"}\n', "a.jsonl")
    >>> row.quote, row.place
    ('name', 'a.jsonl:1')
    """
    rows = parse_lines(text, Decision, where=where)
    numbers = (n for n, line in enumerate(text.split("\n"), start=1) if line.strip())
    return [
        msgspec.structs.replace(row, place=f"{where}:{number}")
        for number, row in zip(numbers, rows, strict=True)
    ]


def read_csv(text: str, where: str) -> list[Decision]:
    r"""Return the rows of a spreadsheet's CSV, not yet checked; columns of one's own are skipped.

    ReadError: a heading that is missing or stands twice, a broken line, a number that is none.

    >>> [row] = read_csv('decision;quote;kind;term\naccept;"a ""b"" c";k;t\n;;;\n', "a.csv")
    >>> row.decision, row.quote
    ('accept', 'a "b" c')
    """
    if marked := SEPARATOR_LINE.match(text):
        text = text[marked.end() :]
    first = text.partition("\n")[0]
    separator = marked[1] if marked else max(SEPARATORS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found = []
    try:
        heads = [cell.strip().lower() for cell in next(rows, [])]
        _check_heads(heads, where)
        for cells in rows:
            place = f"{where}:{rows.line_num + bool(marked)}"
            if any(cell.strip() for cell in cells):
                found.append(_row(heads, cells, place))
    except csv.Error as error:
        at = f"{where}:{rows.line_num + bool(marked)}"
        raise ReadError(at, f"a broken line: {error}", "save the table as CSV again") from error
    return found


def _check_heads(heads: Sequence[str], where: str) -> None:
    for name in NEEDED:
        if name not in heads:
            known = ", ".join(NEEDED)
            raise ReadError(f"{where}:1", f"no column {name!r}", f"keep the columns {known}")
    for name in COLUMNS:
        if heads.count(name) > 1:
            raise ReadError(f"{where}:1", f"two columns {name!r}", "keep one of them")


def _row(heads: Sequence[str], cells: Sequence[str], place: str) -> Decision:
    if len(cells) > len(heads) and any(cell.strip() for cell in cells[len(heads) :]):
        found = f"a broken line: {len(cells)} cells under {len(heads)} headings"
        raise ReadError(place, found, "quote cells that hold the separator")
    said = {
        head: _plain(cell).strip()
        for head, cell in zip(heads, cells, strict=False) if head in COLUMNS
    }  # fmt: skip
    nth = said.pop("nth", "")
    said.pop("confidence", None)
    if nth and not (nth.isascii() and nth.isdecimal()):
        raise ReadError(place, f"nth is {nth!r}", "give a whole number, or nothing")
    given: dict[str, Any] = dict.fromkeys(NEEDED, "") | said
    return Decision(**given, nth=int(nth or 0), place=place)


def format_review(rows: Iterable[Decision], ending: str) -> str:
    r"""Return the rows as the text of a file with this ending: CSV for ``.csv``, else JSON lines.

    >>> row = Decision(decision="", quote="name", kind="personal_data", term="pd:Name")
    >>> format_review([row], ".jsonl")
    '{"decision":"","quote":"name","kind":"personal_data","term":"pd:Name"}\n'
    """
    plain = [msgspec.structs.replace(row, place="") for row in rows]
    return _format_csv(plain) if ending.lower() == CSV else format_lines(plain)


def _format_csv(rows: Iterable[Decision]) -> str:
    stream = io.StringIO()
    stream.write(BYTE_ORDER_MARK)
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow(_cells(row))
    return stream.getvalue()


def _cells(row: Decision) -> Iterator[str]:
    for name in COLUMNS:
        value = getattr(row, name)
        yield _guarded("" if value in (None, 0) and name != "confidence" else _said(value))


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before it."""
    return f"'{cell}" if ACTIVE.match(cell) else cell


def _plain(cell: str) -> str:
    """A cell without the apostrophe that guards it."""
    return cell[1:] if cell[:1] == "'" and ACTIVE.match(cell[1:]) else cell
