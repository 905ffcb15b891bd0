"""The server: SPARQL endpoint, policies under their IRIs, JSON API and explorer in one app.

It reads only: nothing that a request brings is kept. All that is refused is refused in words,
with a status that says whose fault it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from policy2dpv.data import PACKAGE
from policy2dpv.errors import PolicyError
from policy2dpv.serving.serve_limits import Limits
from policy2dpv.serving.serve_negotiation import choose_form
from policy2dpv.serving.serve_pages import Pages, render
from policy2dpv.serving.serve_policies import Policies
from policy2dpv.serving.serve_pool import RETRY, WorkerPool
from policy2dpv.serving.serve_requests import Refused
from policy2dpv.serving.serve_site import Site
from policy2dpv.serving.serve_sparql import SparqlEndpoint

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What a page of ours may load: our own style and script, and nothing from anywhere else.
POLICY = "; ".join((
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LONGEST = 100_000  # characters of an address with its query


def create_app(site: Site, limits: Limits | None = None, *, origin: str = "*") -> Starlette:
    """Return the app that serves a site; its workers start and end with it.

    `origin` is whose web pages may ask from a browser, * for all.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.gzip import GZipMiddleware

    bounds = limits or Limits()
    asked = WorkerPool(site.folder, size=bounds.workers, seconds=bounds.seconds,
                       patience=bounds.patience, memory=bounds.memory)  # fmt: skip
    converters = WorkerPool(None, size=bounds.converters, seconds=bounds.convert_seconds,
                            patience=bounds.patience, memory=bounds.memory)  # fmt: skip

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asked.start()
        converters.start()
        try:
            yield
        finally:
            asked.close()
            converters.close()

    cors = Middleware(
        CORSMiddleware, allow_origins=[origin], allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"], expose_headers=["ETag", "Content-Disposition", "Retry-After"],
    )  # fmt: skip
    return Starlette(
        routes=_routes(site, asked, converters, bounds),
        middleware=[cors, Middleware(GZipMiddleware, minimum_size=2000), Middleware(_Guards)],
        exception_handlers=_handlers(),
        lifespan=lifespan,
    )


def _routes(
    site: Site, asked: WorkerPool, converters: WorkerPool, limits: Limits
) -> list[BaseRoute]:
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    pages = Pages(site, asked, limits)
    policies = Policies(site, pages, converters, limits)
    sparql = SparqlEndpoint(asked, limits)

    def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    return [
        Route("/", pages.policies),
        Route("/query", pages.query),
        Route("/query.csv", pages.query_csv),
        Route("/sparql", sparql.answer, methods=["GET", "POST"]),
        Route("/sparql/", sparql.answer, methods=["GET", "POST"]),
        Route("/policies", policies.by_iri),
        Route("/policies/{policy}", policies.policy),
        Route("/policies/{policy}/flow", policies.flow),
        Route("/policies/{policy}/statements/{statement}", policies.statement),
        Route("/api/policies", policies.list),
        Route("/api/policies/{policy}/statements", policies.statements),
        Route("/api/convert", policies.convert, methods=["POST"]),
        Route("/healthz", health),
        Mount("/static", StaticFiles(directory=PACKAGE / "static")),
        Route("/{path:path}", policies.under_own_iri),
    ]


def _handlers() -> dict[Any, Callable[..., Response]]:
    """What stands in place of an answer: the reason, as a page for people, else as plain text."""
    from starlette.exceptions import HTTPException

    def refused(request: Request, error: Refused) -> Response:
        return _told(request, error.status, error.reason, error.headers)

    def wrong(request: Request, error: HTTPException) -> Response:
        return _told(request, error.status_code, error.detail, dict(error.headers or {}))

    def ours(request: Request, error: PolicyError) -> Response:
        return _told(request, 400, str(error), {})

    return {Refused: refused, HTTPException: wrong, PolicyError: ours}


def _told(request: Request, status: int, reason: str, headers: dict[str, str]) -> Response:
    from starlette.responses import PlainTextResponse

    if status == 503:
        headers = {**headers, "Retry-After": str(RETRY)}
    accept = request.headers.get("accept", "")
    if choose_form(accept, ("text/plain", "text/html")) == "text/html":
        page = render("error.html", status=status, reason=reason)
        page.headers.update(headers)
        return page
    return PlainTextResponse(f"{reason}\n", status_code=status, headers=headers)


class _Guards:
    """Adds the headers that keep pages safe to every answer, and refuses endless addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                guards = [(k.lower().encode(), v.encode()) for k, v in GUARDS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *guards]}
            await send(message)

        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > LONGEST:
            from starlette.responses import PlainTextResponse

            refused = PlainTextResponse("the address is too long\n", status_code=414)
            await refused(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)
