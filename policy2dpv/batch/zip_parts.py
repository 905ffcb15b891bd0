"""A zip file as many small ones over the same bytes, so that no great directory fills the memory.

The library reads a zip file's whole directory at once, some 600 bytes of memory for each member.
Here it gets the same file with a piece of the directory and an end record for that piece. Formats:
APPNOTE.TXT of PKWARE, 4.3.12 to 4.3.16.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

PIECE = 1000  # members
ENTRY = struct.Struct("<4s24xHHH12x")  # signature; lengths of name, extra field and comment
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
FAR, MANY = 0xFFFFFFFF, 0xFFFF  # the true value stands in the larger record


class _Joined(io.RawIOBase):
    """A file up to some place, and other bytes from there on."""

    def __init__(self, file: IO[bytes], until: int, tail: bytes) -> None:
        self._file, self._until, self._tail = file, until, tail
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._at, self._until + len(self._tail))[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        if self._at < self._until:
            self._file.seek(self._at)
            data = self._file.read(min(len(view), self._until - self._at))
        else:
            start = self._at - self._until
            data = self._tail[start : start + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def open_parts(path: Path) -> Iterator[tuple[zipfile.ZipFile, int, int]]:
    """Yield the zip file in pieces, each with its first member's number and that of all members.

    A piece must be done with when the next one is asked for. BadZipFile: it is none, or damaged.
    OSError: it cannot be read.

    >>> list(open_parts(Path(__file__)))
    Traceback (most recent call last):
    zipfile.BadZipFile: ...
    """
    with path.open("rb") as file:
        start, size, shift, total = _find_directory(file)
        passed, number = 0, 0
        while passed < size:
            file.seek(start + passed)
            piece, count = _read_piece(file, size - passed)
            tail = piece + _end(count, len(piece), start - shift)
            joined = cast("IO[bytes]", io.BufferedReader(_Joined(file, start, tail)))
            with zipfile.ZipFile(joined) as archive:
                yield archive, number, max(total, number + count)
            passed += len(piece)
            number += count


def _find_directory(file: IO[bytes]) -> tuple[int, int, int, int]:
    """Where the directory begins, its bytes, what stands before the archive, its members."""
    length = file.seek(0, io.SEEK_END)
    reach = min(length, END.size + MANY)
    file.seek(length - reach)
    data = file.read(reach)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < END.size:
        raise zipfile.BadZipFile("no end of a zip file in it")
    _, _, _, _, total, size, offset, _ = END.unpack_from(data, at)
    end = length - reach + at
    head = end - LOCATOR.size - END64.size
    if head >= 0:
        file.seek(head)
        larger = file.read(END64.size)
        if larger.startswith(b"PK\x06\x06"):
            *_, total, size, offset = END64.unpack(larger)
            end = head
    if size > end or offset > end - size:
        raise zipfile.BadZipFile("its directory is not where its end says")
    return end - size, size, end - size - offset, total


def _read_piece(file: IO[bytes], left: int) -> tuple[bytes, int]:
    """The next entries of the directory, and how many they are."""
    entries: list[bytes] = []
    while left > 0 and len(entries) < PIECE:
        head = file.read(ENTRY.size)
        if len(head) < ENTRY.size or not head.startswith(b"PK\x01\x02"):
            raise zipfile.BadZipFile("its directory is damaged")
        rest = sum(ENTRY.unpack(head)[1:])
        entry = head + file.read(rest)
        left -= ENTRY.size + rest
        if left < 0 or len(entry) < ENTRY.size + rest:
            raise zipfile.BadZipFile("its directory is damaged")
        entries.append(entry)
    return b"".join(entries), len(entries)


def _end(count: int, size: int, offset: int) -> bytes:
    """The records that end a zip file with such a directory."""
    body = END64.size - 12
    larger = END64.pack(b"PK\x06\x06", body, 45, 45, 0, 0, count, count, size, offset)
    locator = LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    return larger + locator + END.pack(b"PK\x05\x06", 0, 0, MANY, MANY, FAR, FAR, 0)
