"""Policies under their addresses, in the form that the client asks for, and the JSON API."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.serving.serve_jobs import ConvertJob
from policy2dpv.serving.serve_limits import Limits
from policy2dpv.serving.serve_negotiation import choose_form
from policy2dpv.serving.serve_pages import Pages, read_fields
from policy2dpv.serving.serve_pool import WorkerPool
from policy2dpv.serving.serve_rdf import RDF_FORMS, write_policy, write_statement
from policy2dpv.serving.serve_requests import Refused, media_type, read_body, respond
from policy2dpv.serving.serve_site import PolicyPage, Site
from policy2dpv.views.policy_catalogue import PolicyEntry
from policy2dpv.views.policy_statements import ClauseText, StatementView

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

HTML = "text/html"
FORMS = (*RDF_FORMS, HTML)
ENDINGS = {ending: form for form, ending in RDF_FORMS.items()}
TEXTS = ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")


class PolicySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A policy in the list of the JSON API."""

    id: str
    address: str
    notice: str
    graph: str
    title: str
    controller: str
    language: str
    date: str
    page: str
    processes: int
    prohibitions: int
    rights: int


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """The statements of a policy with the clauses that say them."""

    policy: PolicySummary
    clauses: tuple[ClauseText, ...]
    statements: tuple[StatementView, ...]


class Policies:
    """Answers requests for policies and what is in them."""

    def __init__(self, site: Site, pages: Pages, converters: WorkerPool, limits: Limits) -> None:
        self._site, self._pages = site, pages
        self._converters, self._limits = converters, limits

    def policy(self, request: Request) -> Response:
        """A policy's page or graph, by the ending of its address or the Accept header."""
        entry, form = self._wanted(request)
        if form is None:
            form = choose_form(request.headers.get("accept", ""), FORMS)
        if form is None:
            raise Refused(406, "this comes as " + ", ".join(FORMS))
        return self._policy(request, entry, form)

    def _policy(self, request: Request, entry: PolicyEntry, form: str) -> Response:
        if form == HTML:
            body = self._pages.policy(self._site.page(entry.id)).encode("utf-8", "replace")
        else:
            body = write_policy(self._site, entry, form)
        return tagged(request, body, form)

    def flow(self, request: Request) -> Response:
        """The data flow of a policy."""
        return self._pages.flow(self._page(request))

    def statement(self, request: Request) -> Response:
        """One statement of a policy as RDF."""
        page = self._page(request)
        name, _, ending = request.path_params["statement"].rpartition(".")
        if ending not in ENDINGS:
            name, ending = request.path_params["statement"], ""
        said = next((one for one in page.statements if one.id == name), None)
        if said is None:
            raise Refused(404, "the policy has no such statement")
        accept = request.headers.get("accept", "")
        form = ENDINGS.get(ending) or choose_form(accept, tuple(RDF_FORMS))
        if form is None:
            raise Refused(406, "this comes as " + ", ".join(RDF_FORMS))
        graph = page.entry.record.graph
        return tagged(request, write_statement(page.facts, said.iri, graph, form), form)

    def by_iri(self, request: Request) -> Response:
        """The way from a notice's IRI to its address here; without one, to the list."""
        from starlette.responses import RedirectResponse

        iri = read_fields(request).get("iri", "")
        if not iri:
            return RedirectResponse("/", 303)
        entry = self._site.catalogue.of_notice(iri)
        if entry is None:
            raise Refused(404, "no policy has this IRI")
        return RedirectResponse(f"/policies/{entry.id}", 303)

    def under_own_iri(self, request: Request) -> Response:
        """A policy whose notice has the very IRI that is asked for."""
        asked = str(request.url)
        path = request.url.path
        entry = self._site.catalogue.of_notice(asked)
        if entry is None:
            raise Refused(404, f"there is nothing at {path[:200]}")
        form = choose_form(request.headers.get("accept", ""), FORMS)
        if form is None:
            raise Refused(406, "this comes as " + ", ".join(FORMS))
        return self._policy(request, entry, form)

    def list(self, request: Request) -> Response:
        """The policies, as JSON; `q` searches."""
        words = read_fields(request).get("q", "")
        found = self._site.catalogue.find(words, {})
        summaries = [summarise(entry, str(request.base_url)) for entry in found]
        return tagged(request, msgspec.json.encode({"policies": summaries}), "application/json")

    def statements(self, request: Request) -> Response:
        """The statements of a policy, as JSON."""
        page = self._page(request)
        told = Statements(
            policy=summarise(page.entry, str(request.base_url)),
            clauses=tuple(page.clauses.values()),
            statements=page.statements,
        )
        return tagged(request, msgspec.json.encode(told), "application/json")

    async def convert(self, request: Request) -> Response:
        """The graph of the policy in the body, as JSON-LD; nothing is kept."""
        kind = media_type(request)
        if kind not in TEXTS:
            raise Refused(415, "send a policy as " + ", ".join(TEXTS))
        if choose_form(request.headers.get("accept", ""), ("application/ld+json",)) is None:
            raise Refused(406, "this comes as application/ld+json")
        fields = read_fields(request)
        body = await read_body(request, self._limits.body)
        job = ConvertJob(
            source=body, media_type=kind, language=fields.get("language") or None,
            base=fields.get("base") or None,
        )  # fmt: skip
        return respond(await self._converters.ask(job))

    def _wanted(self, request: Request) -> tuple[PolicyEntry, str | None]:
        """The policy that an address names, and the form that its ending asks for."""
        name = request.path_params["policy"]
        entries = self._site.catalogue.entries
        if name in entries:
            return entries[name], None
        stem, _, ending = name.rpartition(".")
        if stem in entries and ending in ENDINGS:
            return entries[stem], ENDINGS[ending]
        raise Refused(404, "there is no such policy here")

    def _page(self, request: Request) -> PolicyPage:
        entry, form = self._wanted(request)
        if form is not None:
            raise Refused(404, "there is no such policy here")
        return self._site.page(entry.id)


def summarise(entry: PolicyEntry, root: str) -> PolicySummary:
    """Return what the list says of a policy; `root` is the server's own address with its slash.

    >>> from policy2dpv.querying.store import PolicyRecord
    >>> entry = PolicyEntry(id="a", record=PolicyRecord(graph="urn:g"), concepts={}, stated={},
    ...     texts=(), words="")
    >>> summarise(entry, "http://localhost/").address
    'http://localhost/policies/a'
    """
    record = entry.record
    return PolicySummary(
        id=entry.id, address=f"{root}policies/{entry.id}", notice=record.notice,
        graph=record.graph, title=record.title, controller=record.controller,
        language=record.language, date=record.date, page=record.page,
        processes=record.processes, prohibitions=record.prohibitions, rights=record.rights,
    )  # fmt: skip


def tagged(request: Request, body: bytes, form: str) -> Response:
    """Return a body with its ETag, or 304 where the client has it already (RFC 9110, 13.1.2)."""
    from starlette.responses import Response

    tag = f'"{hashlib.sha256(form.encode() + body).hexdigest()[:32]}"'
    # A weak tag: the same for the bytes as they are and as they go out compressed.
    headers = {"ETag": f"W/{tag}", "Vary": "Accept", "Cache-Control": "no-cache"}
    known = [one.strip().removeprefix("W/") for one in
             request.headers.get("if-none-match", "").split(",")]  # fmt: skip
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    charset = "; charset=utf-8" if form.startswith("text/") else ""
    headers["Content-Type"] = form + charset
    return Response(body, headers=headers)
