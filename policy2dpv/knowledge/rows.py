"""The one reader of table files: tab-separated text with a header line and comment lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from policy2dpv.errors import TableError

ROOT = "mappings"  # the folder that files are named from
PHRASES = "lexicon"  # its folder of phrases, which a firm's own tables have too


class Row(Mapping[str, str]):
    """One row, frozen: its cells by column, and where it stands.

    >>> row = Row("cues/en.tsv", 7, {"cue": 0, "comment": 1}, ["not", ""])
    >>> row["cue"], row.place, dict(row)
    ('not', 'cues/en.tsv:7', {'cue': 'not', 'comment': ''})
    """

    __slots__ = ("_cells", "_columns", "file", "line")

    file: str
    line: int
    _columns: Mapping[str, int]
    _cells: list[str]

    def __init__(self, file: str, line: int, columns: Mapping[str, int], cells: list[str]) -> None:
        put = object.__setattr__
        put(self, "file", file)
        put(self, "line", line)
        put(self, "_columns", columns)
        put(self, "_cells", cells)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a row is frozen: {name}")

    def __getitem__(self, column: str) -> str:
        return self._cells[self._columns[column]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._cells)

    def __repr__(self) -> str:
        return f"Row({self.place}, {dict(self)})"

    @property
    def place(self) -> str:
        """File and line, as evidence and messages name it."""
        return f"{self.file}:{self.line}"


class Table(msgspec.Struct, frozen=True):
    """One file: its comment lines, its columns and its rows.

    `head` holds the comment lines above the header line (the metadata of a mapping set), `notes`
    those above a row, by the row's line, and `foot` those at the end.
    """

    name: str
    head: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: dict[int, tuple[str, ...]]
    foot: tuple[str, ...]


def read_table(path: Path) -> list[Row]:
    r"""Return the rows of a table file, without its comments.

    Raises TableError for a file that is missing, is not UTF-8, has no header line, names a column
    twice or has a row with more cells than columns; a row with fewer is filled with "".

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "colours.tsv")
    ...     _ = path.write_text("# two colours\nname\tcode\nred\t1\ngreen\n")
    ...     [(row["name"], row["code"], row.place) for row in read_table(path)]
    [('red', '1', 'colours.tsv:3'), ('green', '', 'colours.tsv:4')]
    """
    return list(open_table(path).rows)


def open_table(path: Path) -> Table:
    r"""Return the whole file, comments included. Raises TableError as `read_table` does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "colours.tsv")
    ...     _ = path.write_text("#license: x\nname\tcode\n# warm\nred\t1\n")
    ...     table = open_table(path)
    >>> table.head, table.columns, table.notes
    (('#license: x',), ('name', 'code'), {4: ('# warm',)})
    """
    name = table_name(path)
    head: tuple[str, ...] = ()
    rows: list[Row] = []
    notes: dict[int, tuple[str, ...]] = {}
    above: list[str] = []
    columns: dict[str, int] = {}
    width = 0
    for number, line in enumerate(_lines(path, name), 1):
        if not line or line.isspace():
            continue
        if line[0] == "#":
            above.append(line.rstrip())
            continue
        cells = line.split("\t")
        if not columns:
            columns, head, above = _columns(cells, f"{name}:{number}"), tuple(above), []
            width = len(columns)
            continue
        if len(cells) != width:
            cells = _fitted(cells, columns, f"{name}:{number}")
        if above:
            notes[number], above = tuple(above), []
        rows.append(Row(name, number, columns, cells))
    if not columns:
        raise TableError(name, "the table has no header line", "name its columns in the first line")
    return Table(name, head, tuple(columns), tuple(rows), notes, tuple(above))


def table_name(path: Path) -> str:
    """The file's name from the folder of the mappings on, elsewhere from its lexicon on.

    >>> table_name(Path("/somewhere/mappings/lexicon/en/purpose.sssom.tsv"))
    'lexicon/en/purpose.sssom.tsv'
    >>> table_name(Path("/our/own/lexicon/en/purpose.sssom.tsv"))
    'lexicon/en/purpose.sssom.tsv'
    """
    parts = path.resolve().parts
    for folder, first in ((ROOT, 1), (PHRASES, 0)):
        if folder in parts:
            start = len(parts) - 1 - parts[::-1].index(folder) + first
            return "/".join(parts[start:])
    return path.name


def _lines(path: Path, name: str) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise TableError(path, f"cannot be read: {error.strerror}", "give a table file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TableError(f"{name}:{line}", "not UTF-8 text", "save the file as UTF-8") from error
    if text[:1] == "\ufeff" or "\r" in text:
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return text.split("\n")


def _columns(cells: list[str], place: str) -> dict[str, int]:
    names = [cell.strip() for cell in cells]
    twice = [name for name in names if not name or names.count(name) > 1]
    if twice:
        found = f"the column {twice[0]!r} stands twice" if twice[0] else "a column has no name"
        raise TableError(place, found, "give each column a name of its own")
    return {name: index for index, name in enumerate(names)}


def _fitted(cells: list[str], columns: dict[str, int], place: str) -> list[str]:
    """The row's cells with the missing ones as "", since editors drop tabs at a line's end."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise TableError(
            place,
            f"{len(cells)} cells, but the header line names {len(columns)} columns",
            "take out the tab that is too many",
        )
    return (cells + [""] * (len(columns) - len(cells)))[: len(columns)]
