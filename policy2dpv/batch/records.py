"""The records of a batch: what is to be read, how, and what became of it."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["ok", "empty", "not-a-policy", "other-language", "duplicate", "failed"]
STATUSES: tuple[Status, ...] = (
    "ok", "empty", "not-a-policy", "other-language", "duplicate", "failed",
)  # fmt: skip
Duplicates = Literal["exact", "near"]
FORMATS = {"nquads": ".nq", "parquet": ".parquet"}
LIMIT = 20_000_000  # bytes of one input


class File(msgspec.Struct, frozen=True, tag="file"):
    """An input that is a file of its own, by its absolute path (as the system writes it)."""

    path: bytes


class Page(msgspec.Struct, frozen=True, tag="page"):
    """An input that the worker fetches."""

    address: str


class Stored(msgspec.Struct, frozen=True, tag="stored"):
    """An input that was taken out of an archive: its place in the shard's file of such."""

    start: int
    size: int


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """An input that is known to be unreadable before any worker sees it."""

    reason: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One input. `n` counts all inputs from 0; `name` is what the ledger calls it.

    `uri` is its address, else its file's name; `date` (ISO 8601) is that of its commit.
    `media_type` and `charset` are what it is said to be.
    """

    n: int
    name: str
    uri: str
    where: File | Page | Stored | Fault
    date: str = ""
    media_type: str = ""
    charset: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How each input is read and written: all that a result depends on besides the inputs.

    `limit` is the greatest size of an input in bytes, `seconds` and `memory` (bytes) are what
    reading or converting one may take, `shard` is the number of inputs in a shard. With
    `gates` only policies are converted.
    """

    formats: tuple[str, ...] = ("nquads",)
    language: str | None = None
    tables: str | None = None
    quotes: Literal["full", "none"] = "full"
    min_confidence: float = 0.0
    duplicates: Duplicates = "exact"
    gates: bool = True
    limit: int = LIMIT
    seconds: float = 120.0
    memory: int = 2 << 30
    shard: int = 100


class Original(msgspec.Struct, frozen=True):
    """The input that another one repeats, by its name, and how that was told where not exactly."""

    name: str
    reason: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker gets: one shard to be read (with `items`) or converted (with `originals`).

    `folder` is the output folder's absolute path, `key` the run's, which the worker compares.
    `originals` maps a place in the shard to the input that it repeats. `raw` is the file with the
    inputs that came out of archives.
    """

    folder: str
    key: str
    number: int
    stamp: str
    settings: Settings
    versions: str
    raw: str = ""
    items: tuple[Item, ...] = ()
    originals: dict[int, Original] = {}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What reading one input gave: its text's place among the shard's texts, or why there is none.

    `status` is ok where the text goes on to be converted. `signature` is what near-duplicates
    are told by, where they are looked for.
    """

    n: int
    name: str
    uri: str
    date: str = ""
    status: Status = "ok"
    reason: str = ""
    language: str = ""
    media_type: str = ""
    sha256: str = ""
    source_sha256: str = ""
    signature: bytes = b""
    start: int = 0
    size: int = 0


class Readings(msgspec.Struct, frozen=True):
    """What reading a shard gave; `stamp` tells what its inputs were then (see `Part`)."""

    stamp: str
    rows: list[Reading]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger: what became of one input.

    `sha256` is of the policy's text, `source_sha256` of the input's bytes. `duplicate_of` names
    the input that stands for this one. `notice`, `graph`, `part`, `statements` and `triples` are
    given where the status is ok.
    """

    n: int
    input: str
    status: Status
    reason: str = ""
    duplicate_of: str = ""
    uri: str = ""
    date: str = ""
    language: str = ""
    media_type: str = ""
    sha256: str = ""
    source_sha256: str = ""
    notice: str = ""
    graph: str = ""
    part: str = ""
    statements: int = 0
    triples: int = 0


class PartFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a shard gave: its name in the output folder, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A shard that is done: its number, what its inputs were, its files and its counts.

    `stamp` is the hash over the names and marks (size, time) of its inputs.
    """

    number: int
    stamp: str
    inputs: int
    counts: dict[str, int]
    statements: int
    triples: int
    files: tuple[PartFile, ...]


def part_name(number: int) -> str:
    """Return what the files of a shard are called.

    >>> part_name(17)
    'part-000017'
    """
    return f"part-{number:06d}"
