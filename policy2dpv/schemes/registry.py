"""Which reader and which table belong to a scheme's name; packages may add their own.

A package adds a scheme by an entry point of the group ``policy2dpv.readers``: its name is the
scheme's, its value a function like `Reader`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from policy2dpv.errors import ReadError
from policy2dpv.schemes.exchange import FORMATS, find_format, find_scheme_reader
from policy2dpv.schemes.marks import MarkedPolicy

GROUP = "policy2dpv.readers"
Reader = Callable[[Path, Path | None], Iterator[MarkedPolicy]]  # annotations, page or text
OURS = {
    "opp-115": "policy2dpv.schemes.opp115:read_opp115",
}


def scheme_names() -> list[str]:
    """The names of all schemes that can be read, sorted.

    >>> "opp-115" in scheme_names()
    True
    """
    return sorted({*OURS, *FORMATS, *(point.name for point in entry_points(group=GROUP))})


def find_reader(scheme: str) -> Reader:
    """The reader of a scheme. ReadError: nobody reads it, or its package cannot be loaded."""
    if format := find_format(scheme):
        return find_scheme_reader(format)
    if scheme in OURS:
        module, _, name = OURS[scheme].partition(":")
        reader: Reader = getattr(import_module(module), name)
        return reader
    for point in entry_points(group=GROUP, name=scheme):
        try:
            return point.load()  # type: ignore[no-any-return]
        except Exception as error:  # whatever a foreign package raises while it loads
            found = f"the reader {point.value} cannot be loaded: {error}"
            raise ReadError(scheme, found, "repair or remove its package") from error
    raise ReadError(scheme, "nobody reads this scheme", f"use one of {', '.join(scheme_names())}")
