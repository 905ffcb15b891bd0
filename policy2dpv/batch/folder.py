"""The output folder: where everything lies, how a file is put there for good, who may write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from policy2dpv.batch.records import Part, part_name
from policy2dpv.errors import BatchError, WriteError

STATE = ".batch"
LEDGER = "ledger"
MANIFEST = "manifest.json"
KINDS = ("done", "read", "raw", "making")


class Folder:
    """The places in an output folder.

    >>> Folder(Path("out")).ledger(3).as_posix()
    'out/ledger/part-000003.jsonl'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / STATE
        self.manifest = path / MANIFEST
        self.run = self.state / "run.json"

    def ledger(self, number: int) -> Path:
        """The lines of the ledger for a shard."""
        return self.path / LEDGER / f"{part_name(number)}.jsonl"

    def result(self, number: int, suffix: str) -> Path:
        """A shard's results in one format."""
        return self.path / f"{part_name(number)}{suffix}"

    def done(self, number: int) -> Path:
        """The mark of a shard that is done; without it nothing else of the shard counts."""
        return self.state / "done" / f"{part_name(number)}.json"

    def read(self, number: int) -> Path:
        """What reading a shard's inputs gave; without it the texts do not count."""
        return self.state / "read" / f"{part_name(number)}.msgpack"

    def texts(self, number: int) -> Path:
        """The texts of a shard that has been read."""
        return self.state / "read" / f"{part_name(number)}.texts"

    def raw(self, number: int) -> Path:
        """The inputs of a shard that came out of archives; each run makes its own."""
        return self.state / "raw" / f"{part_name(number)}.{os.getpid()}"

    @property
    def making(self) -> Path:
        """Where files are made before they are moved to their place."""
        return self.state / "making"

    def prepare(self) -> None:
        """Make the folders, and remove what a run that was cut off had begun to make.

        What a converter that outlived that run is still writing stays until the next time; nobody
        reads it. WriteError: a folder cannot be made.
        """
        with told(self.path):
            for kind in KINDS:
                (self.state / kind).mkdir(parents=True, exist_ok=True)
            (self.path / LEDGER).mkdir(exist_ok=True)
            shutil.rmtree(self.making, ignore_errors=True)
            self.making.mkdir(exist_ok=True)
            for left in (self.state / "raw").iterdir():
                left.unlink(missing_ok=True)

    def part(self, number: int) -> Part | None:
        """Return what a shard gave if it is done and its files are there at full size."""
        try:
            part = msgspec.json.decode(self.done(number).read_bytes(), type=Part)
        except (OSError, msgspec.MsgspecError):
            return None
        return part if all(self._whole(one.name, one.bytes) for one in part.files) else None

    def _whole(self, name: str, size: int) -> bool:
        try:
            return (self.path / name).stat().st_size == size
        except OSError:
            return False


def put(made: Path, place: Path) -> None:
    """Move a finished file to its place for good: its bytes, then its name, are on the disk.

    OSError: it cannot be done; the place is as it was.

    >>> put(Path("no-such-file"), Path("place"))
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'no-such-file'
    """
    with made.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(made, place)
    _sync_folder(place.parent)


def put_bytes(data: bytes, place: Path, making: Path) -> None:
    """Write a file under another name in `making` and move it to its place for good.

    OSError: it cannot be done; the place is as it was.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     put_bytes(b"done", Path(folder, "mark"), Path(folder))
    ...     [path.name for path in Path(folder).iterdir()]
    ['mark']
    """
    made = making / f"{place.name}.{os.getpid()}"
    try:
        made.write_bytes(data)
        put(made, place)
    except OSError:
        made.unlink(missing_ok=True)
        raise


def _sync_folder(path: Path) -> None:
    """Bring a folder's list of names to the disk, where the system can."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:  # folders cannot be opened everywhere
        return
    try:
        os.fsync(handle)
    except OSError:  # nor synchronised
        pass
    finally:
        os.close(handle)


@contextmanager
def told(where: object) -> Iterator[None]:
    """Turn what the system says of a file into a WriteError that says what to do.

    >>> with told("out"):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    policy2dpv.errors.WriteError: out: cannot be written (No space left on device); ...
    """
    try:
        yield
    except OSError as error:
        found = f"cannot be written ({error.strerror or error})"
        advice = "make room or name another folder; the same command goes on where it was"
        raise WriteError(where, found, advice) from error


@contextmanager
def locked(folder: Folder) -> Iterator[None]:
    """Keep every other run out of the folder; the system lets go of it however this one ends.

    BatchError: another run is writing there. WriteError: the folder cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = Folder(Path(place))
    ...     with locked(folder), locked(folder):
    ...         pass
    Traceback (most recent call last):
    policy2dpv.errors.BatchError: ...: another run is writing there; ...
    """
    with told(folder.path):
        folder.state.mkdir(parents=True, exist_ok=True)
        file = (folder.state / "lock").open("a+b")
    with file:
        if not _lock(file):
            raise BatchError(folder.path, "another run is writing there",
                             "wait for it, or name another folder with -o")  # fmt: skip
        yield


def _lock(file: IO[bytes]) -> bool:
    """Take the lock, if nobody has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _lock_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_windows(file: IO[bytes]) -> bool:
    import msvcrt  # type: ignore[import-not-found,unused-ignore]

    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
