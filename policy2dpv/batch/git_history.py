"""All versions that git keeps of a file, or of the policies in a folder, oldest first."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from policy2dpv.batch.found import Found, Source, is_policy, told_type
from policy2dpv.batch.streams import too_large
from policy2dpv.errors import BatchError, ReadError

# Nothing of the repository's own settings may run a program.
SAFE = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
        "-c", "core.hooksPath=/dev/null")  # fmt: skip
LOG = ("log", "--reverse", "--topo-order", "--no-renames", "--no-color", "--no-ext-diff",
       "--no-textconv", "--raw", "--no-abbrev", "-z", "--format=%x01%H %cs%x00")  # fmt: skip
DELETED = "D"
LINK = "120000"


class History(Source):
    """The versions of one file (any), or of the policy files below a folder, by their commits.

    A version is called PATH@COMMIT; its date is the commit's day.
    """

    def __init__(self, path: Path, name: str, limit: int) -> None:
        self.path, self.name, self.limit = path.resolve(), name, limit
        if not self.path.exists():
            raise BatchError(name, "no such file or folder", "name one that git keeps")

    def __iter__(self) -> Iterator[Found | None]:
        folder = self.path if self.path.is_dir() else self.path.parent
        what = "." if self.path.is_dir() else self.path.name
        head = _answer(folder, "rev-parse", "HEAD")
        total = max(int(_answer(folder, "rev-list", "--count", "HEAD", "--", what) or 0), 1)
        log = _start(folder, *LOG, "--", what)
        blobs = _start(folder, "cat-file", "--batch")
        seen = 0
        try:
            commit = day = ""
            for field in _fields(cast("IO[bytes]", log.stdout)):
                if field.startswith("\x01"):
                    commit, _, day = field[1:].partition(" ")
                    seen += 1
                    self.share = min(seen / total, 1.0)
                elif field:
                    yield self._version(field, commit, day, head, blobs)
        finally:
            for process in (log, blobs):
                _end(process)
        if seen == 0:
            raise BatchError(self.name, "git keeps no version of it", "commit it first")
        self.share = 1.0

    def _version(
        self, change: str, commit: str, day: str, head: str, blobs: subprocess.Popen[bytes]
    ) -> Found | None:
        """One changed file: ``:MODE MODE BLOB BLOB STATUS``, a tab, its path."""
        told, _, path = change.partition("\t")
        _, mode, _, blob, status = told.split()
        if status == DELETED or mode == LINK or (self.path.is_dir() and not is_policy(path)):
            return None
        name = f"{path}@{commit[:10]}"
        return Found(
            name=name, stamp=f"{head}:{blob}", uri=PurePosixPath(path).name, date=day,
            media_type=told_type(path), take=lambda: _blob(blobs, blob, name, self.limit),
        )  # fmt: skip


def _fields(stream: IO[bytes]) -> Iterator[str]:
    """The changes and commits of ``git log --raw -z``: a change and its path are one field."""
    rest = b""
    told = ""
    while chunk := stream.read(1 << 16):
        *fields, rest = (rest + chunk).split(b"\0")
        for field in fields:
            text = field.decode("utf-8", "backslashreplace").lstrip("\n")
            if told:
                yield f"{told}\t{text}"
                told = ""
            elif text.startswith(":"):
                told = text
            else:
                yield text


def _blob(blobs: subprocess.Popen[bytes], blob: str, name: str, limit: int) -> bytes:
    """The bytes of a version, from git's own server of objects."""
    asked, given = cast("IO[bytes]", blobs.stdin), cast("IO[bytes]", blobs.stdout)
    asked.write(f"{blob}\n".encode())
    asked.flush()
    head = given.readline().split()
    if len(head) != 3 or head[1] != b"blob":
        raise ReadError(name, "git does not have this version", "fetch the whole history")
    size = int(head[2])
    data = given.read(min(size, limit + 1))
    left = size - len(data)
    while left > 0 and (part := given.read(min(left, 1 << 16))):
        left -= len(part)
    given.read(1)  # the line break after each object
    if size > limit:
        raise too_large(name, limit)
    return data


def _start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["git", *SAFE, "-C", str(folder), *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise BatchError("git", "the program is not installed", "install git") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:  # what was not yet sent has no reader any more
                continue
    process.wait()


def _answer(folder: Path, *words: str) -> str:
    process = _start(folder, *words)
    out, _ = process.communicate()
    if process.returncode:
        raise BatchError(folder, "not in a git repository", "name a file that git keeps")
    return out.decode("utf-8", "replace").strip()
