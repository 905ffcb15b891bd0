"""Files of annotations as text and as records: bounded in size, clear where they are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from policy2dpv.errors import ReadError

LIMIT = 100_000_000  # bytes
Record = TypeVar("Record")


def read_source(path: Path, *, limit: int = LIMIT) -> str:
    """Return the text of a file in UTF-8, without a byte order mark.

    `limit` is its greatest size in bytes. ReadError: it is missing, a folder, empty, larger, or
    not UTF-8.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "marks.json")
    ...     _ = path.write_text("[]")
    ...     read_source(path)
    '[]'
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ReadError(path, f"cannot be read: {error.strerror}", "give the file") from error
    if len(data) > limit:
        raise ReadError(path, f"larger than {limit:,} bytes", "split it into smaller files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "save it as UTF-8") from error
    if not text.strip():
        raise ReadError(path, "the file is empty", "give a file with annotations in it")
    return text


def read_record(text: str | bytes, kind: type[Record], *, where: str, advice: str) -> Record:
    """Return what a JSON text says, as one record or list of records.

    `where` names the text in messages, `advice` says what it should be. ReadError: it is no JSON,
    of another type, has an unknown key, or nests without end.

    >>> read_record('["a", "b"]', list[str], where="x", advice="give strings")
    ['a', 'b']
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:  # a ValidationError too
        raise ReadError(where, str(error), advice) from error
    except RecursionError as error:
        raise ReadError(where, "it nests too deep", advice) from error


def read_records(path: Path, kind: type[Record], *, advice: str) -> Iterator[Record]:
    r"""Yield a record for each line of JSON lines; a message names file and line.

    ReadError as in `read_source` and `read_record`; a line that is empty is a damaged one, since
    lines of parallel files answer each other.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "marks.jsonl")
    ...     _ = path.write_text('["a"]\n["b", "c"]\n')
    ...     list(read_records(path, list[str], advice="give strings"))
    [['a'], ['b', 'c']]
    """
    lines = read_source(path).removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        yield read_record(line, kind, where=f"{path.name}:{number}", advice=advice)
