"""A register as an Excel workbook, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

from policy2dpv.bridges.register_files import register_cells
from policy2dpv.bridges.register_model import Register
from policy2dpv.errors import ReadError

SHEET = "Art. 30"
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can state
CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")


def load_openpyxl(where: object) -> ModuleType:
    """Return openpyxl with its guard against entities; ReadError says how to install them.

    >>> load_openpyxl("register.xlsx").__name__
    'openpyxl'
    """
    try:
        import defusedxml  # noqa: F401  # openpyxl parses with it where it is there
        import openpyxl
    except ImportError as error:
        advice = "install it with pip install 'policy2dpv[excel]', or use CSV"
        raise ReadError(where, f"Excel needs {error.name}", advice) from error
    return openpyxl


def format_excel(register: Register) -> bytes:
    """Return a register as the bytes of an .xlsx file. ReadError: openpyxl is not there.

    All cells are text, never formulas.

    >>> format_excel(Register(())) == format_excel(Register(()))
    True
    """
    openpyxl = load_openpyxl("register.xlsx")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    for number, row in enumerate(register_cells(register), 1):
        for at, text in enumerate(row, 1):
            cell = sheet.cell(number, at)
            cell.value, cell.data_type = text, "s"
            cell.quotePrefix = number > 1
            cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
            cell.font = openpyxl.styles.Font(bold=number == 1)
    for at in range(1, sheet.max_column + 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(at)].width = 32
    sheet.freeze_panes = "A2"
    from openpyxl.writer.excel import ExcelWriter

    stream = io.BytesIO()
    ExcelWriter(book, _Timeless(stream, "w", zipfile.ZIP_DEFLATED)).save()
    return stream.getvalue()


class _Timeless(zipfile.ZipFile):
    """An archive that keeps no time at which anything in it was made, whatever the environment."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """Add a part under its name."""
        made = data.encode() if isinstance(data, str) else data
        if zinfo_or_arcname == "docProps/core.xml":
            made = CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z\2", made)
        super().writestr(zipfile.ZipInfo(zinfo_or_arcname, NO_TIME), made, zipfile.ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Add a file as a part."""
        self.writestr(arcname, Path(filename).read_bytes())
