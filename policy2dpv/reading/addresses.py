"""What an http(s) address is and what comes from one, without what it takes to fetch it."""

from __future__ import annotations

import msgspec


class Fetched(msgspec.Struct, frozen=True):
    """A response: its bytes, its final address, media type and charset as the server names them."""

    data: bytes
    uri: str
    media_type: str
    charset: str


def is_web_address(source: str) -> bool:
    """Whether a source is an http(s) address.

    >>> is_web_address("https://example.com/privacy"), is_web_address("privacy.html")
    (True, False)
    """
    return source[:8].lower().startswith(("http://", "https://"))
