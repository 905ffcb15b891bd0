"""What a request brings: its body within bounds, its form's fields, and refusals in words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from policy2dpv.serving.serve_jobs import Reply

FORM = "application/x-www-form-urlencoded"
FIELDS = 200  # names and values of a form at the most


class Refused(Exception):
    """A request that is not answered: an HTTP status, the reason in words, further headers."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.reason, self.headers = status, reason, headers or {}
        super().__init__(reason)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request. Refused: it has more than `limit` bytes, or ends too early."""
    from starlette.requests import ClientDisconnect

    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise Refused(413, f"the body has more than {limit} bytes")
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise Refused(413, f"the body has more than {limit} bytes")
            parts.append(part)
    except ClientDisconnect as error:  # nobody is there to read this
        raise Refused(400, "the body ended too early") from error
    return b"".join(parts)


def media_type(request: Request) -> str:
    """Return the media type of a request's body, without parameters and in lower case."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def parse_form(encoded: str) -> list[tuple[str, str]]:
    """Return the fields of an encoded form. Refused: not UTF-8, or too many fields.

    >>> parse_form("a=1&b=x%20y")
    [('a', '1'), ('b', 'x y')]
    """
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except UnicodeDecodeError as error:
        raise Refused(400, "the fields are not UTF-8") from error
    except ValueError as error:
        raise Refused(400, f"there are more than {FIELDS} fields") from error


def decode_text(body: bytes) -> str:
    """Return a body as text. Refused: it is not UTF-8.

    >>> decode_text(b"ASK {}")
    'ASK {}'
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "the body is not UTF-8") from error


def respond(reply: Reply, headers: dict[str, str] | None = None) -> Response:
    """Return a worker's answer as the server's."""
    from starlette.responses import Response

    more = dict(headers or {})
    if reply.status == 503:
        more["Retry-After"] = "5"
    return Response(
        reply.body, status_code=reply.status, headers={"Content-Type": reply.media_type, **more}
    )
