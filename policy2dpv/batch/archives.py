"""The policies in zip and tar files, one after the other, within bounds."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from policy2dpv.batch.found import Found, Source, is_policy, told_type
from policy2dpv.batch.streams import (
    Packed,
    bomb,
    damaged,
    file_stamp,
    most_bytes,
    read_within,
    too_large,
)
from policy2dpv.batch.zip_parts import open_parts
from policy2dpv.errors import ReadError

HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
           tarfile.GNUTYPE_LONGLINK)  # fmt: skip
HEADER_BYTES = 1 << 20
CUT_OFF = (tarfile.EmptyHeaderError, tarfile.TruncatedHeaderError)  # type: ignore[attr-defined]


class Zip(Source):
    """The policies in a zip file, in the order of its directory."""

    def __init__(self, path: Path, name: str, limit: int) -> None:
        self.path, self.name, self.limit = path, name, limit

    def __iter__(self) -> Iterator[Found | None]:
        with damaged(self.path):
            stamp, budget = file_stamp(self.path), most_bytes(self.path)
            for archive, number, total in open_parts(self.path):
                for at, member in enumerate(archive.infolist(), number):
                    self.share = at / total
                    if member.is_dir() or not is_policy(member.filename):
                        yield None
                        continue
                    budget -= min(member.file_size, self.limit)
                    if budget < 0:
                        raise bomb(self.path, most_bytes(self.path))
                    yield self._member(archive, member, stamp)
        self.share = 1.0

    def _member(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, stamp: str) -> Found:
        name = f"{self.name}!/{member.filename}"

        def take() -> bytes:
            if member.file_size > self.limit:
                raise too_large(name, self.limit)
            with damaged(name), archive.open(member) as stream:
                return read_within(stream, self.limit, name)

        return _found(name, member.filename, stamp, take)


class _Member(tarfile.TarInfo):
    """A member whose own header cannot fill the memory, and behind which an end must be told."""

    @classmethod
    def fromtarfile(cls, tarfile: Any) -> Any:
        """The next member. EOFError: the file ends without the mark of its end."""
        try:
            return super().fromtarfile(tarfile)
        except CUT_OFF as error:
            if not tarfile.offset:  # of an empty file the library tells itself
                raise
            raise EOFError("it ends without the mark of its end") from error

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in HEADERS and self.size > HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]  # not in typeshed


class Tar(Source):
    """The policies in a tar file, packed or not, in the order in which they stand."""

    def __init__(self, path: Path, name: str, limit: int) -> None:
        self.path, self.name, self.limit = path, name, limit

    def __iter__(self) -> Iterator[Found | None]:
        stamp = file_stamp(self.path)
        packed = Packed(self.path)
        try:
            with damaged(self.path):
                yield from self._members(packed, stamp)
        finally:
            packed.close()
        self.share = 1.0

    def _members(self, packed: Packed, stamp: str) -> Iterator[Found | None]:
        with tarfile.open(fileobj=packed.stream, mode="r|", tarinfo=_Member) as archive:
            for member in archive:
                self.share = packed.share
                archive.members = []  # type: ignore[attr-defined]  # else it keeps them all
                if member.isfile() and is_policy(member.name):
                    yield self._member(archive, member, stamp)
                else:
                    yield None

    def _member(self, archive: tarfile.TarFile, member: tarfile.TarInfo, stamp: str) -> Found:
        name = f"{self.name}!/{member.name}"

        def take() -> bytes:
            if member.size > self.limit:
                raise too_large(name, self.limit)
            stream = archive.extractfile(member)
            if stream is None:
                raise ReadError(name, "not a file", "give files")
            return read_within(stream, self.limit, name)

        return _found(name, member.name, stamp, take)


def _found(name: str, member: str, stamp: str, take: Any) -> Found:
    uri = _plain(PurePosixPath(member.replace("\\", "/")).name)
    return Found(name=_plain(name), stamp=stamp, uri=uri, media_type=told_type(uri), take=take)


def _plain(name: str) -> str:
    """A name that any file can hold: what is no character in it is written as an escape."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
