"""Files that are read from front to back, packed or not, within bounds."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from policy2dpv.errors import BatchError, ReadError

# What an archive may unpack to: so many times its own size, or so many bytes if that is more.
MOST_TIMES = 1000
MOST_BYTES = 1 << 30
PACKED = (".gz", ".bz2", ".xz", ".zst")


class Unpacking(io.RawIOBase):
    """A stream that refuses to give more than a number of bytes.

    >>> Unpacking(io.BytesIO(b"0123456789"), 4, "bomb.gz").read(9)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: bomb.gz: it unpacks to more than 4 bytes; ...
    """

    def __init__(self, inside: IO[bytes], most: int, where: object) -> None:
        self._inside, self._left, self._most, self._where = inside, most, most, where

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer. ReadError: the bound is passed."""
        view = memoryview(cast(bytearray, buffer))
        data = self._inside.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise bomb(self._where, self._most)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is inside as well."""
        self._inside.close()
        super().close()


def bomb(where: object, most: int) -> ReadError:
    """The error for an archive that unpacks to more than it may.

    >>> bomb("a.zip", 2000).found
    'it unpacks to more than 2,000 bytes'
    """
    return ReadError(where, f"it unpacks to more than {most:,} bytes", "unpack it yourself")


def most_bytes(path: Path) -> int:
    """How many bytes an archive may unpack to. OSError: there is none.

    >>> most_bytes(Path(__file__)) == MOST_BYTES
    True
    """
    return max(MOST_BYTES, MOST_TIMES * path.stat().st_size)


class Packed:
    """A file that may be packed (.gz, .bz2, .xz, .zst), opened for reading its contents.

    `share` is how much of the file has been read, from 0 to 1.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        self.stream: IO[bytes] = self._open(path)

    def _open(self, path: Path) -> IO[bytes]:
        suffix = path.suffix.lower()
        if suffix not in PACKED:
            return self._file
        inside = _unpacker(self._file, suffix, path)
        return io.BufferedReader(Unpacking(inside, most_bytes(path), path), 1 << 16)

    @property
    def share(self) -> float:
        """How much of the file has been read."""
        return min(self._file.tell() / self._size, 1.0) if not self._file.closed else 1.0

    def close(self) -> None:
        """Close it."""
        self.stream.close()
        self._file.close()


def _unpacker(file: IO[bytes], suffix: str, path: Path) -> IO[bytes]:
    if suffix == ".gz":
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if suffix == ".bz2":
        import bz2

        return cast("IO[bytes]", bz2.BZ2File(file))
    if suffix == ".xz":
        import lzma

        return cast("IO[bytes]", lzma.LZMAFile(file))
    try:
        import zstandard
    except ImportError as error:
        raise missing(path, "zstandard") from error
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    return cast("IO[bytes]", unpacker.stream_reader(file, read_across_frames=True))


def missing(where: object, library: str) -> BatchError:
    """The error for a library of the extra that is not installed.

    >>> missing("a.warc", "fastwarc").advice
    'install what reads it: pip install "policy2dpv[batch]"'
    """
    advice = 'install what reads it: pip install "policy2dpv[batch]"'
    return BatchError(where, f"the library {library} is not installed", advice)


@contextmanager
def damaged(where: object) -> Iterator[None]:
    """Turn what libraries raise for a damaged archive into a ReadError.

    >>> with damaged("a.gz"):
    ...     raise EOFError("it ends too early")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: a.gz: damaged (it ends too early); make it anew
    """
    import lzma
    import tarfile
    import zipfile

    kinds: tuple[type[Exception], ...] = (
        OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile,
        NotImplementedError, RuntimeError, ValueError, KeyError,
    )  # fmt: skip
    try:
        import zstandard

        kinds = (*kinds, zstandard.ZstdError)
    except ImportError:  # then nothing of it is read either
        pass
    try:
        yield
    except kinds as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ReadError(where, f"damaged ({reason})", "make it anew") from error


def read_within(stream: IO[bytes], limit: int, where: str) -> bytes:
    """Return what a stream holds. ReadError: more than `limit` bytes, or it is damaged.

    >>> read_within(io.BytesIO(b"We use data."), 99, "a.txt")
    b'We use data.'
    """
    parts: list[bytes] = []
    left = limit + 1
    with damaged(where):
        while left and (part := stream.read(min(left, 1 << 16))):
            parts.append(part)
            left -= len(part)
    if not left:
        raise too_large(where, limit)
    return b"".join(parts)


def too_large(where: str, limit: int) -> ReadError:
    """The error for an input above the limit.

    >>> too_large("a.html", 1000).found
    'larger than 1,000 bytes'
    """
    return ReadError(where, f"larger than {limit:,} bytes", "raise --limit if it is a policy")


def file_stamp(path: Path) -> str:
    """What changes when a file does: its size and the time of its last change, as one word.

    >>> file_stamp(Path(__file__)).partition(":")[0] == str(Path(__file__).stat().st_size)
    True
    """
    told = path.stat()
    return f"{told.st_size}:{told.st_mtime_ns}"
