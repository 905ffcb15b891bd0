"""Where the tables and the vocabulary lie, and how a file is replaced in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from policy2dpv.errors import PolicyError

PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Return the folder `name` (``vocab`` or ``mappings``) that belongs to this package.

    In an installed wheel it lies inside the package, in a source checkout beside it. Raises
    PolicyError when neither has it.

    >>> data_folder("vocab").joinpath("prefixes.tsv").is_file()
    True
    """
    places = (PACKAGE / name, PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise PolicyError(
        name,
        f"the data folder is neither at {places[0]} nor at {places[1]}",
        "install the package again or run it from a complete checkout",
    )


def replace_file(path: Path, content: str) -> None:
    r"""Write `content` as UTF-8 with bare newlines so that `path` is the old file or the new one.

    A file that already holds this content is left alone. OSError passes through.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_file(Path(folder, "table.tsv"), "name\n")
    ...     Path(folder, "table.tsv").read_bytes()
    b'name\n'
    """
    replace_file_bytes(path, content.encode("utf-8"))


def replace_file_bytes(path: Path, data: bytes) -> None:
    r"""Write `data` so that `path` is the old file or the new one. OSError passes through.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_file_bytes(Path(folder, "table.bin"), b"\x00")
    ...     Path(folder, "table.bin").read_bytes()
    b'\x00'
    """
    if path.is_file() and path.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    """The process's file mode mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
