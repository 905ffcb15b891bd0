"""The pages in a WARC file, packed or not, one after the other."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policy2dpv.batch.found import POLICIES, Found, Source
from policy2dpv.batch.streams import (
    bomb,
    damaged,
    file_stamp,
    missing,
    most_bytes,
    read_within,
)
from policy2dpv.errors import ReadError
from policy2dpv.reading.media_types import SAME

HEADER_BYTES = 1 << 20
PACKED = ("Content-Encoding", "Transfer-Encoding")
GZIP = b"\x1f\x8b"
CHUNK = 1 << 20  # bytes
FINE = 200  # the status of an answer that is the page


class Warc(Source):
    """The pages that a crawl was answered with; other answers and kinds of media are passed over.

    A page is called by its place among the records; its address and date come from the record.
    """

    def __init__(self, path: Path, name: str, limit: int) -> None:
        self.path, self.name, self.limit = path, name, limit

    def __iter__(self) -> Iterator[Found | None]:
        try:
            from fastwarc.warc import ArchiveIterator, WarcRecordType
        except ImportError as error:
            raise missing(self.path, "fastwarc") from error
        stamp, size = file_stamp(self.path), max(self.path.stat().st_size, 1)
        kinds = WarcRecordType.response | WarcRecordType.resource
        with damaged(self.path), self.path.open("rb") as file:
            records = ArchiveIterator(
                file, record_types=kinds, parse_http=True, auto_decode="all",
                max_header_len=HEADER_BYTES, fsspec_args=False,
            )  # fmt: skip
            budget, last = most_bytes(self.path), 0
            for at, record in enumerate(records):
                last = record.stream_pos
                if record.headers.get("Content-Length") is None:  # which every record has
                    raise ReadError(self.path, "damaged (it ends in a record)", "fetch it again")
                budget -= record.content_length
                if budget < 0:
                    raise bomb(self.path, most_bytes(self.path))
                self.share = min(file.tell() / size, 1.0)
                yield self._page(record, at, stamp) if _is_page(record) else None
            _check_end(self.path, last)
        self.share = 1.0

    def _page(self, record: Any, at: int, stamp: str) -> Found:
        name = f"{self.name}!/{at}"
        date = record.record_date
        return Found(
            name=name, stamp=stamp, uri=(record.headers.get("WARC-Target-URI") or "").strip("<> "),
            date=date.date().isoformat() if date else "", media_type=_media_type(record),
            charset=record.http_charset or "" if record.is_http else "",
            take=lambda: _take(record, self.limit, name),
        )  # fmt: skip


def _check_end(path: Path, start: int) -> None:
    """Look whether a packed file's last part is whole, which the library does not tell.

    `start` is where one of its parts begins. EOFError: the file ends in the midst of a part.
    """
    budget = most_bytes(path)
    with path.open("rb") as file:
        if file.read(len(GZIP)) != GZIP:
            return
        file.seek(start)
        part, left, begun = zlib.decompressobj(zlib.MAX_WBITS | 16), b"", False
        while budget > 0 and (left := left or file.read(CHUNK)):
            budget -= len(part.decompress(left, CHUNK))
            left = part.unconsumed_tail
            begun = not part.eof
            if part.eof:
                left = part.unused_data.lstrip(b"\0")
                part = zlib.decompressobj(zlib.MAX_WBITS | 16)
        if budget > 0 and begun:
            raise EOFError("it ends in the midst of a record")


def _take(record: Any, limit: int, name: str) -> bytes:
    """The page, unpacked. ReadError: it is too large, or the file ends in its midst.

    The library does not tell that the file ends. Where the server had packed the page its length
    is not known, so there it goes unnoticed.
    """
    wanted = record.content_length
    data = read_within(record.reader, limit, name)
    headers = record.http_headers if record.is_http else {}
    if any(headers.get(name) for name in PACKED) or len(data) >= wanted:
        return data
    raise ReadError(name, f"cut off after {len(data):,} of {wanted:,} bytes", "fetch it again")


def _is_page(record: Any) -> bool:
    if record.is_http and record.http_headers.status_code != FINE:
        return False
    kind = _media_type(record)
    return not kind or kind in POLICIES.values()


def _media_type(record: Any) -> str:
    """What the server, else the crawler, says that the page is."""
    if record.is_http:
        kind = record.http_content_type or ""
    else:
        kind = (record.headers.get("Content-Type") or "").partition(";")[0].strip()
    return SAME.get(kind.lower(), kind.lower())
