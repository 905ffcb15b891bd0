"""A folder that is there whole or not at all: written beside its place and moved in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from policy2dpv.errors import WriteError

AT_FDCWD = -100
EXCHANGE = 2  # RENAME_EXCHANGE, renameat2(2)


def replace_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by their paths within it, into a folder that takes the place of `target`.

    Until the move nothing of `target` is touched. What a killed run left beside it goes with the
    next run. WriteError: a place that cannot be written, or another run that writes to it now.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     replace_folder(Path(place, "site"), {"a/b.txt": b"x"})
    ...     Path(place, "site", "a", "b.txt").read_bytes(), os.listdir(place)
    (b'x', ['site'])
    """
    target = Path(os.path.abspath(target))
    aside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target.parent):
            shutil.rmtree(aside, ignore_errors=True)
            try:
                for name in sorted(files):
                    path = aside / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(files[name])
                _move(aside, target)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise WriteError(
            target, f"cannot be written ({error.strerror})", "name another folder with -o"
        ) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder for this run; what is left in it by one that was killed holds nothing."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WriteError(folder, "another run writes here now", "wait for its end") from error
        yield
    finally:
        os.close(held)


def _move(new: Path, target: Path) -> None:
    """Put a folder in the place of another, in one step where the system has one for it."""
    if not target.exists():
        os.rename(new, target)
    elif not _exchange(new, target):
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(target, old)
        try:
            os.rename(new, target)
        except OSError:
            os.rename(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    paths = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    return bool(swap(*paths, EXCHANGE) == 0)
