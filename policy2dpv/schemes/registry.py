"""Which reader and which table belong to a scheme's name; packages may add their own.

A package adds a scheme by an entry point of the group ``policy2dpv.readers``: its name is the
scheme's, its value a function like `Reader`. The scheme's table comes by an entry point of the
same name in ``policy2dpv.mappings``: a function that returns the table's path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

from policy2dpv.errors import PluginError, PolicyError, ReadError
from policy2dpv.model import Span
from policy2dpv.plugins import MAPPINGS, READERS, failure, load_plugin, plugin_names
from policy2dpv.schemes.exchange import FORMATS, find_format, find_scheme_reader
from policy2dpv.schemes.marks import MarkedPolicy

Reader = Callable[[Path, Path | None], Iterator[MarkedPolicy]]  # annotations, page or text
OURS = {
    "gdpr-transparency": "policy2dpv.schemes.gdpr_transparency:read_gdpr_transparency",
    "opp-115": "policy2dpv.schemes.opp115:read_opp115",
    "policyie": "policy2dpv.schemes.policyie:read_policyie",
}


def scheme_names() -> list[str]:
    """The names of all schemes that can be read, sorted.

    >>> "opp-115" in scheme_names()
    True
    """
    packaged = (name for name in plugin_names(READERS) if not is_media_type(name))
    return sorted({*OURS, *FORMATS, *packaged})


def is_media_type(name: str) -> bool:
    """Whether a reader's name is a media type: it then reads policies, not annotations.

    >>> is_media_type("application/pdf"), is_media_type("opp-115")
    (True, False)
    """
    return "/" in name


def find_reader(scheme: str) -> Reader:
    """The reader of a scheme. ReadError: nobody reads it. PluginError: its package is broken.

    What a package's reader gives is checked: PluginError tells of an exception in it, and of a
    span that is not in the text.
    """
    if format := find_format(scheme):
        return find_scheme_reader(format)
    if scheme in OURS:
        module, _, name = OURS[scheme].partition(":")
        return cast(Reader, getattr(import_module(module), name))
    reader = None if is_media_type(scheme) else load_plugin(READERS, scheme)
    if reader is None:
        known = ", ".join(scheme_names())
        raise ReadError(scheme, "nobody reads this scheme", f"use one of {known}")
    return _guarded(scheme, cast(Reader, reader))


def find_table(scheme: str) -> Path | None:
    """The table that a package gives for a scheme, None where none does.

    PluginError: its function fails or returns no file.

    >>> find_table("no-such-scheme") is None
    True
    """
    place = load_plugin(MAPPINGS, scheme)
    if place is None:
        return None
    try:
        path = Path(place() if callable(place) else cast(str, place))
    except Exception as error:  # whatever a foreign package raises
        found = f"its table cannot be had: {failure(error)}"
        raise PluginError(f"scheme {scheme}", found, "repair or remove the package") from error
    if not path.is_file():
        found, advice = f"its table is no file: {path}", "name a file that the package installs"
        raise PluginError(f"scheme {scheme}", found, advice)
    return path


def _guarded(scheme: str, reader: Reader) -> Reader:
    """A foreign reader whose exceptions and wrong spans are errors that name it."""

    def read(path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
        try:
            for policy in reader(path, page):
                _check_policy(scheme, policy)
                yield policy
        except PolicyError:
            raise
        except Exception as error:
            found = f"its reader failed on {path.name}: {failure(error)}"
            raise PluginError(f"scheme {scheme}", found, "repair or remove the package") from error

    return read


def _check_policy(scheme: str, policy: object) -> None:
    """Raise PluginError where a reader gives no policy or spans that are not in its text."""
    where, advice = f"scheme {scheme}", "repair its reader"
    if not isinstance(policy, MarkedPolicy):
        found = f"its reader gave {type(policy).__name__}, no MarkedPolicy"
        raise PluginError(where, found, advice)
    length = len(policy.document.text)
    for clause in policy.clauses:
        spans: Iterable[Span] = (clause.span, *(m.span for m in clause.marks if m.span))
        for start, end in spans:
            if not 0 <= start < end <= length:
                found = f"clause {clause.id!r} of {policy.name} marks {start} to {end}"
                raise PluginError(where, f"{found} of a text with {length} characters", advice)
