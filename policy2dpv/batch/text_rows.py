"""The texts in a column of JSON lines or Parquet files, one row after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.batch.found import Found, Source
from policy2dpv.batch.streams import Packed, damaged, file_stamp, missing, too_large
from policy2dpv.errors import BatchError

TEXTS = ("html", "text", "content")  # the columns that are looked for, in this order
ROWS = 16  # rows of a Parquet file that are held at a time
ESCAPED = 6  # a character may take so many bytes in JSON


class Columns(msgspec.Struct, frozen=True):
    """Which columns hold the text, the name and the address; None for the first of TEXTS."""

    text: str | None = None
    name: str | None = None
    address: str | None = None


class JsonLines(Source):
    """One input a line, in a file that may be packed."""

    def __init__(self, path: Path, name: str, limit: int, columns: Columns) -> None:
        self.path, self.name, self.limit, self.columns = path, name, limit, columns

    def __iter__(self) -> Iterator[Found | None]:
        stamp, column = file_stamp(self.path), self.columns.text
        packed = Packed(self.path)
        try:
            with damaged(self.path):
                for number, line in self._lines(packed):
                    self.share = packed.share
                    if line is not None and not line.strip():
                        continue
                    row = _decode(line)
                    if column is None and row is not None:
                        column = choose_column(list(row), self.path)
                    yield self._found(row, column, number, stamp, long=line is None)
        finally:
            packed.close()
        self.share = 1.0

    def _lines(self, packed: Packed) -> Iterator[tuple[int, bytes | None]]:
        """The lines, counted from 1; None for one that is longer than any input may be."""
        most = self.limit * ESCAPED
        number = 0
        while line := packed.stream.readline(most + 1):
            number += 1
            whole = len(line) <= most
            while not whole and (more := packed.stream.readline(1 << 16)):
                if more.endswith(b"\n"):
                    break
            yield number, line if whole else None

    def _found(
        self, row: dict[str, Any] | None, column: str | None, number: int, stamp: str, *, long: bool
    ) -> Found:
        place = f"{self.name}!/{number}"
        if long:
            return Found(name=place, stamp=stamp, fault=too_large(place, self.limit).found)
        if row is None:
            return Found(name=place, stamp=stamp, fault="the line is no JSON object")
        return _row_found(row, column, self.columns, self.name, number, stamp, self.limit)


class Parquet(Source):
    """One input a row."""

    def __init__(self, path: Path, name: str, limit: int, columns: Columns) -> None:
        self.path, self.name, self.limit, self.columns = path, name, limit, columns

    def __iter__(self) -> Iterator[Found | None]:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise missing(self.path, "pyarrow") from error
        stamp = file_stamp(self.path)
        with damaged(self.path), parquet.ParquetFile(self.path) as file:
            known = file.schema_arrow.names
            column = self.columns.text or choose_column(known, self.path)
            wanted = [column, self.columns.name, self.columns.address]
            chosen = [name for name in known if name in wanted]
            if column not in chosen:
                raise BatchError(self.path, f"no column {column!r}", f"it has {', '.join(known)}")
            pyarrow.set_cpu_count(1)
            total, number = max(file.metadata.num_rows, 1), 0
            for batch in file.iter_batches(batch_size=ROWS, columns=chosen, use_threads=False):
                for row in batch.to_pylist():
                    self.share = number / total
                    number += 1
                    yield _row_found(
                        row, column, self.columns, self.name, number, stamp, self.limit
                    )
        self.share = 1.0


def choose_column(known: Sequence[str], where: object) -> str:
    """Return the column that holds the texts where none is named.

    BatchError: there is none of the names that are looked for.

    >>> choose_column(["url", "text", "html"], "rows.jsonl")
    'html'
    """
    for name in TEXTS:
        if name in known:
            return name
    listed = ", ".join(known) or "nothing"
    raise BatchError(where, f"none of its columns is {', '.join(TEXTS)}: {listed}",
                    "name the one with the texts with --column")  # fmt: skip


def _row_found(
    row: dict[str, Any], column: str | None, columns: Columns, name: str, number: int, stamp: str,
    limit: int,
) -> Found:  # fmt: skip
    own = row.get(columns.name) if columns.name else None
    place = f"{name}!/{number if own is None else own}"
    address = row.get(columns.address) if columns.address else None
    value = row.get(column or "")
    take: Callable[[], bytes] | None = None
    fault = ""
    if isinstance(value, str | bytes):
        data = value.encode("utf-8", "replace") if isinstance(value, str) else value

        def take() -> bytes:
            if len(data) > limit:
                raise too_large(place, limit)
            return data
    else:
        fault = f"no text in the column {column!r}"
    return Found(
        name=place, stamp=stamp, uri=str(address or ""), take=take, fault=fault,
        charset="utf-8" if isinstance(value, str) else "",
    )  # fmt: skip


def _decode(line: bytes | None) -> dict[str, Any] | None:
    if line is None:
        return None
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
