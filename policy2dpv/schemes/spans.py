"""What annotation tools hold: labels on spans of a text, each with further fields as words.

    [Annotation] --labels--> [MarkedSpan] --writer--> file --reader--> MarkedText --labels--> ...

Offsets count Unicode characters of the tool's own text, whatever the file's format counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Document
from policy2dpv.schemes.marks import Lost

LIMIT = 200_000_000  # bytes of a file of annotations: exports repeat every text
UNKNOWN = -1  # an offset that the file does not tell
CONTEXT = 32  # characters before and after a quote by which equal quotes are told apart


class MarkedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A label on some words. `fields` are what else is said of them, by name.

    `start` and `end` are UNKNOWN where the file only quotes; `quote` is "" where it only counts.
    `prefix` and `suffix` are the words around, if the file has them; `place` says where the file
    has it, `annotator` who made it ("" if nobody is named).
    """

    label: str
    start: int = UNKNOWN
    end: int = UNKNOWN
    quote: str = ""
    fields: Mapping[str, str] = {}
    prefix: str = ""
    suffix: str = ""
    annotator: str = ""
    place: str = ""


class MarkedText(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator, or a program, marked in one text.

    `text` is None where the file does not hold it. `annotator` is who marked it and `task` what
    several annotators marked, "" where the file names neither. `lost` are marks that cannot be
    used as they stand; `notes` say what of the file was left aside or read in a special way.
    """

    name: str
    spans: Sequence[MarkedSpan]
    text: str | None = None
    lost: Sequence[Lost] = ()
    notes: Sequence[str] = ()
    annotator: str = ""
    task: str = ""


class Marking(msgspec.Struct, frozen=True, kw_only=True):
    """A document and its spans on the way out; `labels` are all that a person may choose."""

    document: Document
    spans: Sequence[MarkedSpan]
    labels: Sequence[str]


Files = Mapping[str, str]  # the content of each file by its ending (".ann") or its whole name
Writer = Callable[[Marking], Files]
Reader = Callable[[Path, Path | None], Iterator[MarkedText]]  # annotations, the page if given


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. ReadError: it is missing, larger than LIMIT, or cannot be read.

    >>> read_bytes(Path("no-such-file.json"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: no-such-file.json: cannot be read: No such file or directory; ...
    """
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise ReadError(path, f"cannot be read: {error.strerror}", "check the path") from error
    if len(data) > LIMIT:
        raise ReadError(path, f"larger than {LIMIT:,} bytes", "split the export")
    return data


def read_utf8(path: Path) -> str:
    """The text of a file with its line ends as they are. ReadError: as read_bytes, or no UTF-8."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "export it as UTF-8") from error


def read_json(path: Path) -> object:
    """The value that a JSON file holds. ReadError: as read_utf8, no JSON, or nested too deep."""
    try:
        return msgspec.json.decode(read_bytes(path))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReadError(path, f"no JSON: {error}", "export it again") from error


def format_json(value: object) -> str:
    r"""A value as indented JSON.

    >>> format_json({"start": 1})
    '{\n  "start": 1\n}\n'
    """
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8") + "\n"
