"""What the clients of a soaked server ask, with the right answers: got without the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from query_benchmark import settings

from policy2dpv.querying.named_queries import fill_query, list_queries
from policy2dpv.querying.store import PolicyRecord, list_policies
from policy2dpv.serving.serve_jobs import ConvertJob, QueryJob
from policy2dpv.serving.serve_rdf import RDF_FORMS, write_policy, write_statement
from policy2dpv.serving.serve_site import Site, convert_policies
from policy2dpv.serving.serve_worker import answer_job

SPARQL, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
RESULTS = ("application/sparql-results+json", "application/sparql-results+xml",
           "text/csv", "text/tab-separated-values")  # fmt: skip
TYPES = {".html": "text/html", ".md": "text/markdown", ".txt": "text/plain"}
RESULT = 50_000_000  # bytes of an answer, the server's own limit
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PICKED = 5  # policies whose forms are all asked for


@dataclass(frozen=True)
class Request:
    """One request: what kind it is, how often it is drawn, what the answer must be.

    Without a `right` body the first answer of the server at rest is the measure, unless
    `any_body`: then the status alone counts.
    """

    kind: str
    path: str
    status: int = 200
    right: bytes | None = None
    method: str = "GET"
    body: bytes | None = None
    type: str = ""
    accept: str = "*/*"
    tag: str = ""
    any_body: bool = False
    weight: float = 1.0

    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        given = {"Accept": self.accept, "Content-Type": self.type, "If-None-Match": self.tag}
        return {name: value for name, value in given.items() if value}


def make_requests(store: Path, texts: list[Path]) -> list[Request]:
    """Return what is asked of a server over a store with two of the texts beside it."""
    site = Site(store, convert_policies([str(path) for path in texts[:2]], None, print))
    records = list_policies(site.store)
    return [
        *_named(site, records), *_protocol(site), *_policies(site), *_converted(texts), *_wrong()
    ]  # fmt: skip


def _answer(site: Site, sparql: str, accept: str) -> dict[str, Any]:
    """The status and the body that a query gives without a server."""
    reply = answer_job(QueryJob(sparql=sparql, accept=accept, limit=RESULT), site.store)
    return {"status": reply.status, "right": reply.body}


def _named(site: Site, records: Sequence[PolicyRecord]) -> Iterator[Request]:
    """The named queries, as a file and as a page."""
    for query in list_queries():
        given = settings(query, records)
        fields = urlencode({"name": query.name, **{f"p.{k}": v for k, v in given.items()}})
        right = _answer(site, fill_query(query, given), "text/csv")
        yield Request("named query, CSV", f"/query.csv?{fields}", **right)
        yield Request("named query, page", f"/query?{fields}&run=1", accept="text/html",
                      weight=0.3)  # fmt: skip


def _protocol(site: Site) -> Iterator[Request]:
    """Queries by GET and by POST in all forms of results and graphs."""
    rows = "SELECT ?s ?o { ?s dct:title ?o } ORDER BY ?s ?o"
    for accept in RESULTS:
        right = _answer(site, rows, accept)
        yield Request("SPARQL, GET", f"/sparql?query={quote(rows)}", accept=accept, **right)
        yield Request("SPARQL, POST", "/sparql", accept=accept, method="POST", type=SPARQL,
                      body=rows.encode(), **right)  # fmt: skip
        yield Request("SPARQL, POST", "/sparql", accept=accept, method="POST", type=FORM,
                      body=urlencode({"query": rows}).encode(), **right)  # fmt: skip
    graph = "CONSTRUCT { ?s dct:title ?o } { ?s dct:title ?o }"
    for accept in ("text/turtle", "application/n-triples", "application/ld+json"):
        yield Request("SPARQL, graph", f"/sparql?query={quote(graph)}", accept=accept,
                      **_answer(site, graph, accept))  # fmt: skip
    asked = "ASK { ?s a dpv:PrivacyNotice }"
    yield Request("SPARQL, GET", f"/sparql?query={quote(asked)}", accept=RESULTS[0],
                  **_answer(site, asked, RESULTS[0]))  # fmt: skip
    yield Request("description", "/sparql", accept="text/turtle")


def _policies(site: Site) -> Iterator[Request]:
    """Policies and their statements in all forms, the lists, the pages, the JSON API."""
    entries = list(site.catalogue.entries.values())
    for entry in entries[:: max(len(entries) // PICKED, 1)]:
        path = f"/policies/{entry.id}"
        for form, ending in RDF_FORMS.items():
            right = write_policy(site, entry, form)
            yield Request("policy, RDF", path, right=right, accept=form)
            yield Request("policy, RDF", f"{path}.{ending}", right=right, weight=0.5)
        page = site.page(entry.id)
        for said in page.statements[::40]:
            right = write_statement(page.facts, said.iri, entry.record.graph, "text/turtle")
            yield Request("statement", f"{path}/statements/{said.id}.ttl", right=right, weight=0.2)
        yield Request("policy, page", path, accept="text/html", weight=2)
        yield Request("policy, flow", f"{path}/flow", accept="text/html")
        yield Request("policy, JSON", f"/api{path}/statements")
    yield Request("list", "/", accept="text/html")
    yield Request("list", "/?q=email", accept="text/html")
    yield Request("list", "/api/policies", weight=2)
    yield Request("health", "/healthz", right=b"ok\n", weight=2)


def _converted(texts: list[Path]) -> Iterator[Request]:
    """Policies of all types to be converted."""
    for path in texts:
        if type_ := TYPES.get(path.suffix):
            body = path.read_bytes()
            right = answer_job(ConvertJob(source=body, media_type=type_), None).body
            yield Request("convert", "/api/convert", right=right, method="POST", body=body,
                          type=type_, weight=2)  # fmt: skip


def _wrong() -> Iterator[Request]:
    """Requests that are refused, each with its status."""
    endless = f"/sparql?query={quote(ENDLESS)}"
    yield Request("stopped at the limit", endless, 503, any_body=True, weight=0.5)
    yield Request("refused", "/sparql?query=SELECT", 400)
    yield Request("refused", f"/sparql?update={quote('CLEAR ALL')}", 400)
    yield Request("refused", "/sparql", 415, method="POST", body=b"x", type="text/plain")
    yield Request("refused", "/policies/none", 404)
    yield Request("refused", "/nothing/here", 404)
    yield Request("refused", "/api/policies", 405, method="DELETE")
    yield Request("refused", "/api/convert", 405)
    yield Request("refused", "/api/convert", 415, method="POST", body=b"x", type="image/png")
    yield Request("refused", "/api/convert", 400, method="POST", body=b"", type="text/plain")
    yield Request("refused", "/api/convert", 406, method="POST", body=b"We", type="text/plain",
                  accept="image/png")  # fmt: skip
    yield Request("refused", "/api/convert", 413, method="POST", body=b"a" * 5_000_001,
                  type="text/plain", any_body=True, weight=0.2)  # fmt: skip
    yield Request("refused", "/?" + "a" * 120_000, 414, any_body=True, weight=0.2)
