"""What a shard's keeper asks of its converter and what that answers, on a pipe."""

from __future__ import annotations

import msgspec

from policy2dpv.batch.records import Item, Reading, Settings, Status

FINISH_SECONDS = 600  # that the Parquet file of a shard may take


class Place(msgspec.Struct, frozen=True):
    """A file and the number of its bytes that stay; what comes is written after them."""

    path: str
    end: int


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """The first message: how all that follows is read and written."""

    settings: Settings


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Read an input and append its text; `raw` is the shard's file of inputs out of archives."""

    item: Item
    raw: str
    texts: Place


class Convert(msgspec.Struct, frozen=True, tag="convert"):
    """Convert a text and append what it says, by format."""

    reading: Reading
    texts: str
    outputs: dict[str, Place]


class Finish(msgspec.Struct, frozen=True, tag="finish"):
    """Make the Parquet file of a shard's rows."""

    rows: str
    target: str


Job = Begin | Read | Convert | Finish


class Converted(msgspec.Struct, frozen=True, tag="converted", kw_only=True):
    """What a conversion gave; `ends` are the sizes of the outputs after it."""

    status: Status
    reason: str = ""
    notice: str = ""
    graph: str = ""
    statements: int = 0
    triples: int = 0
    ends: dict[str, int] = {}


class Took(msgspec.Struct, frozen=True, tag="took"):
    """What reading gave."""

    reading: Reading


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The converter has begun, or has finished a file."""


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """What is not an input's fault and ends the run: no space, a missing library."""

    where: str
    found: str
    advice: str


class Short(msgspec.Struct, frozen=True, tag="short"):
    """The memory did not do; the converter ends after saying so."""


Answer = Converted | Took | Ready | Broken | Short
