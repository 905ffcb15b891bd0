"""Who may write to a review: pages of this very server, on this machine, and nobody else.

A web page elsewhere can make a browser send requests to a loopback address, and a name in the DNS
can be pointed there (rebinding). So a request must name a loopback host, and one that writes must
come from a page of ours (Origin, Fetch Metadata) and bring the token that the page holds.
Sources: RFC 6454 section 7, RFC 6761 section 6.3 (localhost), W3C Fetch Metadata Request Headers.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from policy2dpv.serving.serve_requests import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL_NAME = "localhost"
SAME = ("same-origin", "none")  # of Sec-Fetch-Site: our own page, or the address bar
# In the place of what pages for the web send: no other site may read a page that holds the token,
# and a form's Origin is not hidden from ourselves.
GUARDS = {"Referrer-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "a.example")]
    [True, True, True, False, False]
    """
    try:
        return host.lower().rstrip(".") == LOCAL_NAME or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """Return the host of a Host header, "" where it is none.

    >>> host_of("[::1]:8000"), host_of("localhost"), host_of("a:b:c")
    ('::1', 'localhost', '')
    """
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == header and "@" not in header else ""


class LoopbackOnly:
    """Refuses requests that do not name this machine, whoever's address led them here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 (RFC 9110, 15.5.20) where the Host header names another machine."""
        if scope["type"] == "http":
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or not is_loopback(host_of(hosts[0].decode("latin-1"))):
                from starlette.responses import PlainTextResponse

                reason = "reviews are taken under a loopback address only\n"
                await PlainTextResponse(reason, status_code=421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Token:
    """The secret of one run of a server, which its pages hold and every decision brings.

    >>> Token().value != Token().value
    True
    """

    def __init__(self) -> None:
        self.value = secrets.token_urlsafe(24)

    def check(self, request: Request, given: str) -> None:
        """Let a request pass that one of our pages made. Refused (403): any other."""
        own = f"{request.url.scheme}://{request.headers.get('host', '')}"
        if request.headers.get("origin") != own:
            raise Refused(403, "decisions are taken on a page of this server alone")
        if request.headers.get("sec-fetch-site", SAME[0]) not in SAME:
            raise Refused(403, "decisions are taken on a page of this server alone")
        if not secrets.compare_digest(given.encode(), self.value.encode()):
            raise Refused(403, "this page is of an earlier run of the server; load it again")
