"""What a server grants to one request, in bytes, characters and seconds."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of the server's work; what goes beyond them is stopped or refused.

    `seconds` is the time of one query, `convert_seconds` that of one conversion, `patience` how
    long a request waits for a free worker. `query` is the length of a query in characters, `body`
    the size of a request in bytes, `result` the size of an answer in bytes, `rows` how many of
    them a page shows, `memory` what a worker may use in bytes. `workers` answer queries at the
    same time, `converters` convert policies.

    >>> Limits(seconds=2.0).rows
    1000
    """

    seconds: float = 10.0
    convert_seconds: float = 60.0
    patience: float = 30.0
    query: int = 100_000
    body: int = 5_000_000
    result: int = 50_000_000
    rows: int = 1000
    memory: int = 4 << 30
    workers: int = 2
    converters: int = 1
