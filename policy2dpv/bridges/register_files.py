"""Registers as CSV and Excel files, written and read, guarded against formulas and bombs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from policy2dpv.bridges.register_model import Column, Register, load_columns
from policy2dpv.errors import PolicyError, ReadError

LIMIT = 20_000_000  # bytes of a file
UNPACKED = 200_000_000  # bytes of all that an Excel file packs
ROWS = 50_000
CELL = 32_000  # characters; Excel takes 32,767
# What a spreadsheet may take for a formula where it begins a cell: OWASP, "CSV Injection".
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  # Excel takes wide signs too
GUARD = "'"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
Cells = list[list[str]]


def register_cells(register: Register) -> Cells:
    """Return a register as the cells of a sheet, its heading first.

    >>> register_cells(Register(()))[0][0]
    'Purpose of processing'
    """
    columns = load_columns()
    rows = [[column.heading for column in columns]]
    for activity in register.activities:
        own = (*((activity.purpose,) if activity.purpose else ()), *activity.entries)
        cells = []
        for column in columns:
            values = register.facts if column.level == "notice" else own
            lines = [entry.cell() for entry in values if entry.kind == column.kind]
            cells.append(_joined(activity.words if column.level == "words" else lines))
        rows.append(cells)
    return rows


def format_csv(register: Register) -> str:
    r"""Return a register as CSV (RFC 4180, but bare newlines), several values of a cell by lines.

    A cell that a spreadsheet may take for a formula begins with an apostrophe.

    >>> format_csv(Register(())).splitlines()[0].split(",")[1]
    'Categories of data subjects'
    """
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerows([guard_cell(cell) for cell in row] for row in register_cells(register))
    return stream.getvalue()


def guard_cell(text: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula, whichever of its lines it looks at.

    >>> guard_cell("=1+1"), guard_cell("a=b"), guard_cell("Tel\n+49 341")
    ("'=1+1", 'a=b', "Tel\n'+49 341")
    """
    lines = (GUARD + line if line.lstrip(" ").startswith(FORMULA) else line
             for line in text.split("\n"))  # fmt: skip
    return "\n".join(lines)


def plain_cell(text: str) -> str:
    """Return a cell without its guards.

    >>> plain_cell(guard_cell("+49 341")), plain_cell("'tis")
    ('+49 341', "'tis")
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(
        line[1:] if line.startswith(GUARD) and line[1:].lstrip(" ").startswith(FORMULA) else line
        for line in lines
    )


def read_cells(path: Path, sheet: str | None = None) -> Cells:
    """Return the cells of a CSV or Excel file, without guards and empty rows.

    `sheet` names a sheet of an Excel file, else it is the first. ReadError: a file that is
    missing, too large, damaged, of another kind, or without such a sheet.

    >>> read_cells(Path("no-such.csv"))
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: no-such.csv: No such file or directory; give a register
    """
    data = read_limited(path)
    excel = path.suffix.lower() == ".xlsx"
    if not excel and sheet is not None:
        raise ReadError(path, "a CSV file has no sheets", "leave out --sheet")
    rows = _excel_cells(path, data, sheet) if excel else _csv_cells(path, data)
    cells = [[plain_cell(cell).strip() for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        raise ReadError(path, "it holds no cells", "give a register with a heading")
    return cells


def read_limited(path: Path) -> bytes:
    """Return a file's bytes. Raises ReadError for one that is missing or larger than 20 MB.

    >>> read_limited(Path("no-such.csv"))
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: no-such.csv: No such file or directory; give a register
    """
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ReadError(path, error.strerror or str(error), "give a register") from error
    if len(data) > LIMIT:
        raise ReadError(path, f"it has more than {LIMIT:,} bytes", "give a smaller register")
    return data


def match_columns(path: Path, headings: Sequence[str]) -> tuple[dict[int, Column], list[str]]:
    """Return the known columns by their place, and the headings that are not known.

    ReadError: two columns of one meaning, or one missing that a comparison needs.

    >>> match_columns(Path("r.csv"), ["Purposes", "Data categories", "Colour"])[1]
    ['Colour']
    """
    from policy2dpv.bridges.register_model import heading_key

    known = {heading_key(h): c for c in load_columns() for h in (c.heading, *c.also)}
    found: dict[int, Column] = {}
    unknown = []
    for at, heading in enumerate(headings):
        column = known.get(heading_key(heading))
        if column is None:
            unknown += [heading] if heading else []
        elif column in found.values():
            raise ReadError(path, f'two columns are "{column.heading}"', "take one out")
        else:
            found[at] = column
    if missing := [c.heading for c in load_columns() if c.needed and c not in found.values()]:
        seen = ", ".join(h for h in headings if h)[:200]
        raise ReadError(
            path, f'no column "{missing[0]}" among: {seen}',
            "name it so, or give the sheet that has it by --sheet",
        )  # fmt: skip
    return found, unknown


def _joined(lines: Iterable[str]) -> str:
    text = "\n".join(dict.fromkeys(CONTROLS.sub("", line) for line in lines))
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _csv_cells(path: Path, data: bytes) -> Cells:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "save it as CSV UTF-8") from error
    first = text.split("\n", 1)[0]
    between = max((",", ";", "\t"), key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=between, strict=True))
    except csv.Error as error:
        raise ReadError(path, f"no valid CSV: {error}", "save it again as CSV UTF-8") from error
    if len(rows) > ROWS:
        raise ReadError(path, f"it has more than {ROWS:,} rows", "give a smaller register")
    return rows


def _excel_cells(path: Path, data: bytes, sheet: str | None) -> Cells:
    from policy2dpv.bridges.register_excel import load_openpyxl

    openpyxl = load_openpyxl(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise ReadError(path, f"it unpacks to more than {UNPACKED:,} bytes", "shrink it")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        names = book.sheetnames
        if sheet is not None and sheet not in names:
            raise ReadError(path, f'no sheet "{sheet}"', f"it has: {', '.join(names)}")
        chosen = book[sheet if sheet is not None else names[0]]
        rows: Cells = []
        for row in chosen.iter_rows(values_only=True):
            rows.append(["" if value is None else str(value) for value in row])
            if len(rows) > ROWS:
                raise ReadError(path, f"it has more than {ROWS:,} rows", "give a smaller one")
    except PolicyError:
        raise
    except Exception as error:  # a damaged file fails inside openpyxl in any way
        raise ReadError(path, f"no Excel file: {error}"[:200], "save it again as .xlsx") from error
    return rows
