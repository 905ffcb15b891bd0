"""The requests of a review: its page, a decision, the terms to choose from, the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from policy2dpv.desk.desk import Addition, Desk, ReviewError, terms_of_kind
from policy2dpv.desk.sheet import FIELDS, Sheet, list_kinds
from policy2dpv.errors import PolicyError
from policy2dpv.reviewing.decisions import ADD, CHOICES, choices_of, time_of_decision
from policy2dpv.reviewing.review_files import CSV, LINES, format_review
from policy2dpv.serving.serve_guard import Token
from policy2dpv.serving.serve_pages import groups_of_kinds, read_fields, render
from policy2dpv.serving.serve_requests import (
    FORM,
    Refused,
    decode_text,
    media_type,
    parse_form,
    read_body,
)
from policy2dpv.views.policy_catalogue import PolicyEntry

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

BODY = 100_000  # bytes of a form
NAME = 200  # characters of a person's name
SIGN = "sign"
FILES = {CSV: "text/csv; charset=utf-8", LINES: "application/jsonl; charset=utf-8"}


class Reviews:
    """The reviews of a server: a desk for each policy, by its id, and who is deciding."""

    def __init__(
        self, desks: Mapping[str, Desk], entries: Mapping[str, PolicyEntry], who: str = ""
    ) -> None:
        self.desks, self._entries, self.who = desks, entries, who
        self._sheets = {id: Sheet(id, desk) for id, desk in desks.items()}
        self._token = Token()

    def routes(self) -> list[BaseRoute]:
        """The routes to be put before those of the explorer."""
        from starlette.routing import Route

        return [
            Route("/review/terms", self.terms),
            Route("/review/{policy}", self.page, methods=["GET"]),
            Route("/review/{policy}", self.decide, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """The page of a review, or its file where the address ends so."""
        from starlette.responses import Response

        name = request.path_params["policy"]
        for ending, kind in FILES.items():
            if name.removesuffix(ending) in self.desks and name.endswith(ending):
                desk = self._desk(name.removesuffix(ending))
                text = format_review(desk.rows, ending)
                file = desk.path.name.removesuffix(LINES) + ending
                kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
                return Response(text.encode(), media_type=kind, headers=kept)
        return self._page(request, name)

    def _page(self, request: Request, name: str) -> Response:
        desk = self._desk(name)
        fields = read_fields(request)
        made = render(
            "review.html", entry=self._entries[name], view=self._sheets[name].view(), tab="review",
            reviewing=self.desks, groups=groups_of_kinds(), token=self._token.value,
            who=self.who, file=desk.path.name, kinds=list_kinds(), 
            choices={field: choices_of(field) for field in FIELDS},
            only="open" if fields.get("show") == "open" else "",
            segment=desk.segments.get(fields.get("clause", "")), text=desk.made.document.text,
        )  # fmt: skip
        made.headers["Cache-Control"] = "no-store"
        return made

    def terms(self, request: Request) -> Response:
        """The terms that a kind may have, as JSON: pairs of term and label."""
        from starlette.responses import JSONResponse

        return JSONResponse(terms_of_kind(read_fields(request).get("kind", "")))

    async def decide(self, request: Request) -> Response:
        """A decision; the answer leads back to the page, at what was decided."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import RedirectResponse

        name = request.path_params["policy"]
        if media_type(request) != FORM:
            raise Refused(415, f"send a form as {FORM}")
        pairs = parse_form(decode_text(await read_body(request, BODY)))
        fields = dict(reversed(pairs))
        self._token.check(request, fields.get("token", ""))
        desk = self._desk(name)
        chosen = [value for field, value in pairs if field == "reading" for value in value.split()]
        try:
            at = await run_in_threadpool(self._take, desk, fields, chosen)
        except ReviewError as error:
            raise Refused(409, str(error)) from error
        asked = {"show": "open"} if fields.get("show") == "open" else {}
        to = f"/review/{quote(name)}" + (f"?{urlencode(asked)}" if asked else "")
        return RedirectResponse(f"{to}#{quote(at)}" if at else to, 303)

    def _take(self, desk: Desk, fields: Mapping[str, str], chosen: Sequence[str]) -> str:
        """Take a decision and return the anchor of what was decided."""
        decision = fields.get("decision", "")
        if decision == SIGN:
            self.who = _person(fields)
            return "main"
        if decision not in ("", *CHOICES):
            raise Refused(400, f"the decision is one of {', '.join(CHOICES)}, or nothing")
        if not self.who:
            raise Refused(409, "say who is deciding first: your name stands in the review")
        when = time_of_decision(None)
        if decision == ADD:
            known = {field: fields.get(field, "") for field in Addition.__struct_fields__}
            return desk.add(Addition(**known), self.who, when)
        if not chosen:
            raise Refused(400, "no reading is named")
        desk.decide(chosen, decision, self.who, when, note=fields.get("note", ""),
                    new_term=self._term(desk, chosen, fields))  # fmt: skip
        return fields.get("at", "") or chosen[0]

    def _term(self, desk: Desk, chosen: Sequence[str], fields: Mapping[str, str]) -> str:
        """The term that replaces another, which may be given by its label."""
        from policy2dpv.desk.desk import name_of, resolve_term

        given = fields.get("new_term", "")
        kinds = [row.kind for row in desk.rows if name_of(row) in chosen]
        return resolve_term(kinds[0], given) if given and kinds else given

    def _desk(self, name: str) -> Desk:
        desk = self.desks.get(name)
        if desk is None:
            raise Refused(404, "no such policy is under review here")
        try:
            desk.refresh()
        except PolicyError as error:
            raise Refused(409, f"the review's file cannot be used: {error}") from error
        return desk


def _person(fields: Mapping[str, str]) -> str:
    """The name that somebody gives. Refused: none, or no name."""
    name = " ".join(fields.get("who", "").split())
    if not name or len(name) > NAME or not name.isprintable():
        raise Refused(400, f"give a name of at most {NAME} characters")
    return name
