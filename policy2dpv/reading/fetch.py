"""http(s) addresses -> bytes, within limits of time, size and redirects."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec

from policy2dpv.errors import ReadError

TIMEOUT = 30.0
PATIENCE = 4  # how many times the time for an answer's parts the whole of it may take
REDIRECTS = 5
CHUNK = 65_536
AGENT = "policy2dpv (reads privacy policies)"
ACCEPT = "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.5"


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


def fetch_page(address: str, *, limit: int, timeout: float = TIMEOUT) -> Fetched:
    """The bytes of a page and what the server says of them.

    Raises ReadError for a bad address, no answer, an error status, too many redirects, a redirect
    to anything but http(s), or more than `limit` bytes.

    >>> fetch_page("https://", limit=10)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: https://: the address names no host; give http(s)://host/path
    """
    _check_address(address, address)
    opener = urllib.request.build_opener(_Redirects(address))
    headers = {"User-Agent": AGENT, "Accept": ACCEPT, "Accept-Encoding": "identity"}
    try:
        request = urllib.request.Request(address, headers=headers)
        with opener.open(request, timeout=timeout) as response:
            data = _read(response, limit, address, time.monotonic() + PATIENCE * timeout)
            media_type = response.headers.get_content_type()
            given = response.headers.get("Content-Type")
            charset = response.headers.get_content_charset() or ""
            return Fetched(data, response.geturl(), media_type if given else "", charset)
    except urllib.error.HTTPError as error:
        found = f"the server answers {error.code} {error.reason}"
        raise ReadError(address, found, "check the address or save the page to a file") from error
    except TimeoutError as error:
        found = f"no whole answer within {timeout:g} seconds"
        raise ReadError(address, found, "try again later") from error
    except urllib.error.URLError as error:
        raise ReadError(address, f"cannot be reached: {error.reason}",
                        "check the address and the network") from error  # fmt: skip
    except (OSError, http.client.HTTPException, ValueError, UnicodeError) as error:
        raise ReadError(address, f"cannot be fetched: {error}",
                        "check the address and the network") from error  # fmt: skip


def _check_address(address: str, where: str) -> None:
    try:
        host = urlsplit(address).hostname
    except ValueError as error:
        raise ReadError(where, f"no address: {error}", "give http(s)://host/path") from error
    if not is_web_address(address):
        raise ReadError(where, f"leads to {address[:80]!r}, not to an http(s) address",
                        "save the page to a file")  # fmt: skip
    if not host:
        raise ReadError(where, "the address names no host", "give http(s)://host/path")


def _read(response: http.client.HTTPResponse, limit: int, address: str, deadline: float) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    while left and (part := response.read1(min(left, CHUNK))):
        parts.append(part)
        left -= len(part)
        if time.monotonic() > deadline:
            raise TimeoutError
    if not left:
        raise ReadError(address, f"larger than {limit:,} bytes", "raise --limit if it is a page")
    return b"".join(parts)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a bounded number of redirects, to http(s) only."""

    max_redirections = REDIRECTS
    max_repeats = 2

    def __init__(self, address: str) -> None:
        self.address = address

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: Any, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        _check_address(newurl, self.address)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
