"""What the server asks of its workers and what they answer, as messages on a pipe."""

from __future__ import annotations

import struct
from typing import IO

import msgspec

LENGTH = struct.Struct(">I")


class QueryJob(msgspec.Struct, frozen=True, tag="query", kw_only=True):
    """A query of the SPARQL protocol; without graphs of its own it sees the union of all.

    `accept` is the client's Accept header, `limit` the greatest size of the answer in bytes.
    """

    sparql: str
    accept: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    limit: int


class TableJob(msgspec.Struct, frozen=True, tag="table", kw_only=True):
    """A query whose first rows a page shows."""

    sparql: str
    rows: int


class ConvertJob(msgspec.Struct, frozen=True, tag="convert", kw_only=True):
    """A policy to be converted; `format` is one of `write.FORMATS`."""

    source: bytes
    media_type: str | None = None
    language: str | None = None
    base: str | None = None
    format: str = "jsonld"


Job = QueryJob | TableJob | ConvertJob


class Reply(msgspec.Struct, frozen=True):
    """A worker's answer: an HTTP status, the media type of the body and the body."""

    status: int
    media_type: str
    body: bytes


def refusal(status: int, message: str) -> Reply:
    r"""Return an answer that says in words why there is no other.

    >>> refusal(400, "no query").body
    b'no query\n'
    """
    text = message.encode("utf-8", "replace")
    return Reply(status, "text/plain; charset=utf-8", text + b"\n")


def send_message(stream: IO[bytes], message: object) -> None:
    r"""Write one message. OSError: the other side has gone.

    >>> import io
    >>> pipe = io.BytesIO()
    >>> send_message(pipe, ["a"])
    >>> len(pipe.getvalue())
    7
    """
    data = msgspec.msgpack.encode(message)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive_message(stream: IO[bytes]) -> bytes | None:
    """Return the next message as it came, None where the other side has gone.

    >>> import io
    >>> receive_message(io.BytesIO()) is None
    True
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    data = stream.read(size)
    return data if len(data) == size else None
