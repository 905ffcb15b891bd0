"""Questions to a SPARQL 1.1 endpoint over HTTP, within limits of time and size.

The endpoint is asked as it is: no redirect is followed, nothing but http(s) is spoken, and no
credentials are taken from the address. The vocabulary's hierarchy must be loaded there.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from policy2dpv.errors import QueryError
from policy2dpv.querying.answers import Answer, make_graph
from policy2dpv.querying.query_words import write_prefixes

TIMEOUT = 60.0  # seconds for the whole answer
LIMIT = 100_000_000  # bytes
CHUNK = 65_536
AGENT = "policy2dpv (asks SPARQL)"
ACCEPT = (
    "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.8, "
    "application/sparql-results+xml;q=0.5"
)
RESULTS = {
    "application/sparql-results+json": "JSON",
    "application/json": "JSON",
    "application/sparql-results+xml": "XML",
}
GRAPHS = {"application/n-triples": "N_TRIPLES", "text/turtle": "TURTLE"}


def ask_endpoint(
    address: str,
    sparql: str,
    *,
    default_graphs: Sequence[str] = (),
    timeout: float = TIMEOUT,
    limit: int = LIMIT,
) -> Answer:
    """Return what a query gives at an endpoint, asked by POST of a form (SPARQL 1.1 Protocol).

    The vocabulary's prefixes need no declaration. With `default_graphs` it is asked of these
    only. Raises QueryError for a bad address, no answer within `timeout` seconds, a redirect, an
    error of the server (its words are in the message), more than `limit` bytes, or an answer
    that is not what its media type says.

    >>> ask_endpoint("ftp://x.example/", "ASK {}")
    Traceback (most recent call last):
    policy2dpv.errors.QueryError: ftp://x.example/: no http(s) address; give http(s)://host/path
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    _check(address)
    prefixes = dict(load_vocabulary().prefixes)
    form = [("query", write_prefixes(sparql, prefixes))]
    form += [("default-graph-uri", graph) for graph in default_graphs]
    request = urllib.request.Request(
        address,
        data=urlencode(form).encode("ascii"),
        headers={
            "Accept": ACCEPT,
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": AGENT,
        },
    )
    data, media_type = _fetch(request, address, timeout, limit)
    return _read_answer(data, media_type, sparql, prefixes, address)


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise QueryError(address, f"no address: {error}", "give http(s)://host/path") from error
    if parts.scheme.lower() not in ("http", "https") or not host or not address.isprintable():
        raise QueryError(address, "no http(s) address", "give http(s)://host/path")
    if parts.username or parts.password:
        raise QueryError(host, "the address holds a password", "give an address without one")


def _fetch(
    request: urllib.request.Request, address: str, timeout: float, limit: int
) -> tuple[bytes, str]:
    """The answer's bytes and media type."""
    end = time.monotonic() + timeout
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=timeout) as response:
            return _read(response, address, end, limit), response.headers.get_content_type()
    except urllib.error.HTTPError as error:
        if error.code in (301, 302, 303, 307, 308):
            found = f"it leads on to {str(error.headers.get('Location'))[:200]!r}"
            raise QueryError(address, found, "give that address if you trust it") from error
        said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:400]
        found = f"the server answers {error.code} {error.reason}: {said}"
        raise QueryError(address, found, "correct the query or the address") from error
    except TimeoutError as error:
        found = f"no answer within {timeout:g} seconds"
        raise QueryError(address, found, "ask for less or try later") from error
    except urllib.error.URLError as error:
        found = f"cannot be reached: {error.reason}"
        raise QueryError(address, found, "check the address and the network") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        found = f"cannot be asked: {error}"
        raise QueryError(address, found, "check the address and the network") from error


def _read(response: http.client.HTTPResponse, address: str, end: float, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := response.read1(CHUNK):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise QueryError(address, f"its answer is larger than {limit:,} bytes", "ask for less")
        if time.monotonic() > end:
            raise TimeoutError
    return b"".join(parts)


def _read_answer(
    data: bytes, media_type: str, sparql: str, prefixes: dict[str, str], address: str
) -> Answer:
    import pyoxigraph

    from policy2dpv.querying.query import read_answer

    try:
        if media_type in RESULTS:
            syntax = getattr(pyoxigraph.QueryResultsFormat, RESULTS[media_type])
            found = pyoxigraph.parse_query_results(data, format=syntax)
            return read_answer(found, sparql, prefixes)
        if media_type in GRAPHS:
            form = getattr(pyoxigraph.RdfFormat, GRAPHS[media_type])
            quads = pyoxigraph.parse(data, form, base_iri=address)
            return make_graph((quad.triple for quad in quads), sorted(prefixes.items()))
    except (SyntaxError, ValueError, OSError) as error:
        found_text = f"its answer is no valid {media_type}: {error}"
        raise QueryError(address, found_text, "see that it is a SPARQL endpoint") from error
    raise QueryError(address, f"it answers with {media_type}", "see that it is a SPARQL endpoint")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the question goes to the address that was given, or nowhere."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: Any, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        return None
