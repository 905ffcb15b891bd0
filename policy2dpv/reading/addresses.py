"""What an http(s) address is, without what it takes to fetch one."""

from __future__ import annotations


def is_web_address(source: str) -> bool:
    """Whether a source is an http(s) address.

    >>> is_web_address("https://example.com/privacy"), is_web_address("privacy.html")
    (True, False)
    """
    return source[:8].lower().startswith(("http://", "https://"))
