"""What the inputs of a batch are: folders, globs, archives, tables, histories, addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from policy2dpv.batch.archives import Tar, Zip
from policy2dpv.batch.found import Found, Source, is_policy
from policy2dpv.batch.git_history import History
from policy2dpv.batch.records import LIMIT
from policy2dpv.batch.streams import file_stamp
from policy2dpv.batch.text_rows import Columns, JsonLines, Parquet
from policy2dpv.batch.web_archive import Warc
from policy2dpv.destinations import is_address
from policy2dpv.errors import ReadError

TARS = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
WARCS = (".warc", ".warc.gz", ".warc.zst")
LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".jsonl.xz")
PARQUETS = (".parquet",)
ZIPS = (".zip",)
WILD = frozenset("*?[")


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be read: files, folders, globs and addresses; lists of addresses; histories.

    `limit` is the greatest size of one input in bytes.
    """

    names: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    columns: Columns = Columns()
    limit: int = LIMIT


class Sources(Source):
    """All inputs in their one order: as they are named, a folder's by their names.

    `leave` is a folder that is not gone into: that of the results, which may lie among them.

    An archive that is damaged gives what stands before the damage, then one input with that fault.
    """

    name = "all inputs"

    def __init__(self, inputs: Inputs, leave: Path | None = None) -> None:
        self.inputs = inputs
        self.leave = os.path.abspath(leave) if leave else ""
        self.named = [one for name in inputs.names for one in expand_name(name)]
        for path in (*inputs.lists, *inputs.histories):
            if not Path(path).exists():
                raise ReadError(path, "no such file", "check the path")

    def __iter__(self) -> Iterator[Found | None]:
        total = len(self.named) + len(self.inputs.lists) + len(self.inputs.histories)
        for at, source in enumerate(self._parts()):
            for found in guard_source(source):
                self.share = (at + source.share) / total
                yield found
        self.share = 1.0

    def _parts(self) -> Iterator[Source]:
        for name in self.named:
            yield open_source(name, self.inputs, self.leave)
        for name in self.inputs.lists:
            yield Addresses(Path(name), name)
        for name in self.inputs.histories:
            yield History(Path(name), name, self.inputs.limit)


class Tree(Source):
    """The policies and archives in a folder and the folders below it, by their names.

    Links to folders are not followed, for they might lead back up.

    The names of one folder are held in memory at a time, with those of the folders above.
    """

    def __init__(self, name: str, inputs: Inputs, leave: str) -> None:
        self.name, self.inputs, self.leave = name, inputs, leave
        self._opened = [_Names(name)]  # the folders on the way down

    def __iter__(self) -> Iterator[Found | None]:
        while self._opened:
            path = self._opened[-1].step()
            if path is None:
                self._opened.pop()
            elif os.path.isdir(path):
                if not os.path.islink(path) and os.path.abspath(path) != self.leave:
                    self._opened.append(_Names(path))
            elif is_container(path):
                source = open_source(path, self.inputs)
                for found in guard_source(source):
                    self.share = self._listed(source.share)
                    yield found
            else:
                self.share = self._listed(0.0)
                yield _file(path) if is_policy(path) else None
        self.share = 1.0

    def _listed(self, inner: float) -> float:
        """How much has been listed, as if all entries of a folder held equally much."""
        for names in reversed(self._opened):
            inner = (names.at - 1 + inner) / len(names.paths)
        return inner


class _Names:
    """The sorted paths in a folder, one after the other."""

    def __init__(self, folder: str) -> None:
        try:
            self.paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        except OSError as error:
            found = f"cannot be listed ({error.strerror})"
            raise ReadError(folder, found, "check its rights") from error
        self.at = 0

    def step(self) -> str | None:
        self.at += 1
        return self.paths[self.at - 1] if self.at <= len(self.paths) else None


class Single(Source):
    """One file, or the page at one address."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __iter__(self) -> Iterator[Found | None]:
        yield _page(self.name) if is_address(self.name) else _file(self.name)
        self.share = 1.0


class Addresses(Source):
    """The pages that a file lists, an address a line; ``#`` begins a comment."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def __iter__(self) -> Iterator[Found | None]:
        size, passed = max(self.path.stat().st_size, 1), 0
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                passed += len(line)
                self.share = min(passed / size, 1.0)
                address = line.strip()
                if not address or address.startswith("#"):
                    continue
                if is_address(address):
                    yield _page(address)
                else:
                    fault = f"no http(s) address: {address[:80]!r}"
                    yield Found(name=f"{self.name}:{number}", stamp=address, fault=fault)
        self.share = 1.0


def open_source(name: str, inputs: Inputs, leave: str = "") -> Source:
    """Return the inputs that one name stands for; `leave` is a folder that is not gone into.

    >>> open_source("crawl.warc.gz", Inputs()).__class__.__name__
    'Warc'
    """
    low, path, limit = name.lower(), Path(name), inputs.limit
    if is_address(name):
        return Single(name)
    if path.is_dir():
        return Tree(name, inputs, leave)
    if low.endswith(ZIPS):
        return Zip(path, name, limit)
    if low.endswith(TARS):
        return Tar(path, name, limit)
    if low.endswith(WARCS):
        return Warc(path, name, limit)
    if low.endswith(LINES):
        return JsonLines(path, name, limit, inputs.columns)
    if low.endswith(PARQUETS):
        return Parquet(path, name, limit, inputs.columns)
    return Single(name)


def is_container(name: str) -> bool:
    """Whether a file's ending is that of an archive or a table of texts.

    >>> is_container("a.tar.xz"), is_container("a.html")
    (True, False)
    """
    return name.lower().endswith((*ZIPS, *TARS, *WARCS, *LINES, *PARQUETS))


def expand_name(name: str) -> list[str]:
    """Return what a name stands for: itself, or the sorted paths that match a glob.

    ReadError: no such file, or nothing matches.

    >>> expand_name("https://acme.example/privacy")
    ['https://acme.example/privacy']
    """
    if is_address(name) or os.path.exists(name):
        return [name]
    if not WILD.intersection(name):
        raise ReadError(name, "no such file", "check the path")
    matching = sorted(glob.glob(name, recursive=True))
    if not matching:
        raise ReadError(name, "nothing matches", "check the pattern")
    return matching


def guard_source(source: Source) -> Iterator[Found | None]:
    """Yield a source's inputs, and its own fault as one more where it breaks off.

    >>> [one.fault for one in guard_source(Zip(Path("nowhere.zip"), "nowhere.zip", LIMIT))]
    ["damaged ([Errno 2] No such file or directory: 'nowhere.zip')"]
    """
    try:
        yield from source
    except ReadError as error:
        yield Found(name=source.name, stamp="", fault=error.found)


def _file(name: str) -> Found:
    path = Path(name)
    try:
        stamp = file_stamp(path)
    except OSError as error:
        return Found(name=name, stamp="", fault=f"cannot be read ({error.strerror})")
    return Found(name=_plain(name), stamp=stamp, uri=_plain(path.name), path=os.path.abspath(name))


def _page(address: str) -> Found:
    return Found(name=address, stamp="", uri=address, address=address)


def _plain(name: str) -> str:
    """A name that any file can hold: bytes that are no character become escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
