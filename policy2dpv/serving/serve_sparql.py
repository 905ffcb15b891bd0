"""The query operation of the SPARQL 1.1 Protocol, for reading only.

Source: W3C Recommendation "SPARQL 1.1 Protocol" (21 March 2013), sections 2.1 and 2.2, and
"SPARQL 1.1 Service Description" of the same day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy2dpv.data import data_folder
from policy2dpv.serving.serve_jobs import QueryJob, Reply
from policy2dpv.serving.serve_negotiation import choose_form
from policy2dpv.serving.serve_requests import (
    FORM,
    Refused,
    decode_text,
    media_type,
    parse_form,
    read_body,
    respond,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from policy2dpv.serving.serve_limits import Limits
    from policy2dpv.serving.serve_pool import WorkerPool

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
DESCRIPTIONS = ("text/turtle", "application/ld+json", "application/n-triples",
                "application/rdf+xml", "text/html")  # fmt: skip
FIELDS = {"query", "update", "default-graph-uri", "named-graph-uri",
          "using-graph-uri", "using-named-graph-uri"}  # fmt: skip
METHODS = "GET, HEAD, POST, OPTIONS"


class SparqlEndpoint:
    """Answers the requests at one address from a pool of workers."""

    def __init__(self, pool: WorkerPool, limits: Limits) -> None:
        self._pool, self._limits = pool, limits

    async def answer(self, request: Request) -> Response:
        """Return the answer to a query, or the service's description where none is asked."""
        fields = parse_form(request.url.query)
        if request.method == "POST":
            fields += await self._posted(request)
        elif not any(name in FIELDS for name, _ in fields):
            return await self._describe(request)
        job = read_query(fields, request.headers.get("accept", ""), self._limits)
        return respond(await self._pool.ask(job), {"Vary": "Accept"})

    async def _posted(self, request: Request) -> list[tuple[str, str]]:
        """The fields that a POST brings, the body of a direct one as the query."""
        kind = media_type(request)
        if kind == UPDATE:
            raise Refused(415, "this endpoint is for reading only and takes no updates")
        if kind not in (FORM, QUERY):
            raise Refused(415, f"send {FORM} or {QUERY}")
        body = decode_text(await read_body(request, self._limits.body))
        return [("query", body)] if kind == QUERY else parse_form(body)

    async def _describe(self, request: Request) -> Response:
        """The description of the service (section 2.2 of Service Description)."""
        from starlette.responses import RedirectResponse

        form = choose_form(request.headers.get("accept", ""), DESCRIPTIONS)
        if form is None:
            raise Refused(406, "this comes as " + ", ".join(DESCRIPTIONS))
        if form == "text/html":
            return RedirectResponse("/query", 303, {"Vary": "Accept"})
        address = str(request.url.replace(query=""))
        reply = describe_service(address, form)
        return respond(reply, {"Vary": "Accept"})


def read_query(fields: list[tuple[str, str]], accept: str, limits: Limits) -> QueryJob:
    """Return what a request asks. Refused: an update, no query or several, one that is too long.

    >>> from policy2dpv.serving.serve_limits import Limits
    >>> read_query([("query", "ASK {}")], "text/csv", Limits()).sparql
    'ASK {}'
    """
    queries = [value for name, value in fields if name == "query"]
    if any(name == "update" for name, _ in fields):
        raise Refused(400, "this endpoint is for reading only and takes no updates")
    if len(queries) != 1:
        raise Refused(400, f"give one query, not {len(queries)}")
    if len(queries[0]) > limits.query:
        raise Refused(413, f"the query has more than {limits.query} characters")
    return QueryJob(
        sparql=queries[0],
        accept=accept,
        default_graphs=tuple(v for n, v in fields if n == "default-graph-uri"),
        named_graphs=tuple(v for n, v in fields if n == "named-graph-uri"),
        limit=limits.result,
    )


def describe_service(address: str, form: str) -> Reply:
    """Return what the endpoint at an address can do, as RDF of a media type.

    >>> b"#Service>" in describe_service("http://a.example/sparql", "application/n-triples").body
    True
    """
    import pyoxigraph

    text = (data_folder("vocab") / "service.ttl").read_bytes()
    syntax = pyoxigraph.RdfFormat.from_media_type(form)
    found = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE, base_iri=address)
    triples = [quad.triple for quad in found]
    prefixes = {"sd": "http://www.w3.org/ns/sparql-service-description#"}
    body = pyoxigraph.serialize(triples, format=syntax, prefixes=prefixes) or b""
    return Reply(200, form, body)
