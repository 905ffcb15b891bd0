"""The explorer's pages: the list of policies, one policy, its data flow, and the queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from policy2dpv.data import PACKAGE
from policy2dpv.errors import PolicyError
from policy2dpv.graphs.graph import SHARED_PREFIX
from policy2dpv.graphs.identity import SHARED
from policy2dpv.querying.answers import Answer
from policy2dpv.querying.named_queries import NamedQuery, fill_query, list_queries, load_query
from policy2dpv.serving.serve_jobs import QueryJob, TableJob
from policy2dpv.serving.serve_limits import Limits
from policy2dpv.serving.serve_pool import WorkerPool
from policy2dpv.serving.serve_requests import Refused, parse_form, respond
from policy2dpv.serving.serve_site import PolicyPage, Site
from policy2dpv.serving.serve_view import lay_policy
from policy2dpv.serving.serve_worker import Table
from policy2dpv.views.flow_picture import COLUMNS, draw_flow
from policy2dpv.views.policy_catalogue import FACETS, PolicyEntry
from policy2dpv.views.policy_statements import load_display

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup
    from starlette.requests import Request
    from starlette.responses import Response

PER_PAGE = 50
LISTED = 500  # policies that a field offers
GRAPH = "graph"  # the parameter by which a named query asks one policy alone
CHOICES = 10  # values of a facet that are seen at once
UNSTATED = dict(
    zip(COLUMNS, ("data not named", "no purpose stated", "no recipient stated",
                  "no place stated"), strict=True)
)  # fmt: skip
HEADINGS = dict(zip(FACETS, ("Purpose", "Data", "Recipient", "Legal basis", "Place"), strict=True))
CONTROLS = frozenset((*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(9), *range(14, 32)))
Fields = Mapping[str, str]


class Pages:
    """Makes the pages of one site."""

    def __init__(self, site: Site, pool: WorkerPool, limits: Limits) -> None:
        self._site, self._pool, self._limits = site, pool, limits

    def policies(self, request: Request) -> Response:
        """The list of policies, searched and narrowed by facets."""
        fields = read_fields(request)
        chosen = {name: self._concept(fields.get(name, "")) for name in FACETS}
        words = fields.get("q", "")
        catalogue = self._site.catalogue
        found = catalogue.find(words, chosen)
        first = (max(1, _number(fields.get("page", ""))) - 1) * PER_PAGE
        return render(
            "policies.html",
            words=words,
            chosen=chosen,
            facets=catalogue.facets(found, chosen),
            found=found[first : first + PER_PAGE],
            first=first,
            total=len(found),
            all=len(catalogue.entries),
            label=catalogue.label,
            link=lambda **other: _link("/", {"q": words, **chosen, **other}),
            headings=HEADINGS,
            choices=CHOICES,
            per_page=PER_PAGE,
        )

    def policy(self, page: PolicyPage) -> str:
        """The page of one policy, as HTML."""
        made = next((self._site.texts[t] for t in page.entry.texts if t in self._site.texts), None)
        text = made.document.text if made else ""
        return template("policy.html").render(
            page=page, entry=page.entry, view=lay_policy(page, text), tab="text",
            groups=groups_of_kinds(),
        )  # fmt: skip

    def flow(self, page: PolicyPage) -> Response:
        """The data flow of one policy."""
        picture = draw_flow(page.statements, UNSTATED)
        return render(
            "flow.html", page=page, entry=page.entry, picture=picture, tab="flow",
            headings=HEADINGS, columns=COLUMNS,
        )  # fmt: skip

    async def query(self, request: Request) -> Response:
        """The named queries with an editor, and the answer where one is asked."""
        fields = read_fields(request)
        named, sparql, fault = self._asked(fields)
        table: Table | None = None
        if sparql and not fault and "run" in fields:
            reply = await self._pool.ask(TableJob(sparql=sparql, rows=self._limits.rows))
            if reply.status == 200:
                table = msgspec.json.decode(reply.body, type=Table)
            else:
                fault = reply.body.decode("utf-8").strip()
        answer = Answer(columns=table.columns, cells=table.cells) if table else None
        known = {entry.record.notice: entry for entry in self._site.catalogue.entries.values()}
        known |= {entry.record.graph: entry for entry in self._site.catalogue.entries.values()}
        return render(
            "query.html", queries=list_queries(), named=named, sparql=sparql, fault=fault,
            fields=fields, table=table, rows=show_rows(answer, known) if answer else [],
            download=_link("/query.csv", {"sparql": sparql}), about=fields.get(f"p.{GRAPH}", ""),
            link=lambda name: _link("/query", {"name": name, "run": 1} | {
                f"p.{GRAPH}": fields.get(f"p.{GRAPH}", "")}),
            entries=list(self._site.catalogue.entries.values())[:LISTED], graph=GRAPH,
        )  # fmt: skip

    async def query_csv(self, request: Request) -> Response:
        """The whole answer of a query as a CSV file."""
        _, sparql, fault = self._asked(read_fields(request))
        if fault or not sparql:
            raise Refused(400, fault or "there is no query")
        job = QueryJob(sparql=sparql, accept="text/csv", limit=self._limits.result)
        reply = await self._pool.ask(job)
        named = {"Content-Disposition": 'attachment; filename="answer.csv"'}
        return respond(reply, named if reply.status == 200 else None)

    def _asked(self, fields: Fields) -> tuple[NamedQuery | None, str, str]:
        """The named query that is meant, the SPARQL to be run, and what is wrong with it."""
        name, own = fields.get("name", ""), fields.get("sparql", "")
        if len(own) > self._limits.query:
            raise Refused(413, f"the query has more than {self._limits.query} characters")
        try:
            named = load_query(name) if name else None
            if own or named is None:
                return named, own, ""
            given = {p.name: fields.get(f"p.{p.name}", p.default) for p in named.parameters}
            return named, fill_query(named, {k: v for k, v in given.items() if v}), ""
        except PolicyError as error:
            if not name or name not in {query.name for query in list_queries()}:
                raise Refused(404, str(error)) from error
            return load_query(name), own, str(error)

    def _concept(self, iri: str) -> str:
        """The IRI of a facet's value, which may be given as a CURIE."""
        from policy2dpv.knowledge.vocabulary import load_vocabulary

        known = load_vocabulary()
        return known.iri(iri) if iri.partition(":")[0] in known.prefixes else iri


def show_rows(answer: Answer, known: Mapping[str, PolicyEntry]) -> list[list[dict[str, str]]]:
    """Return the cells of an answer for people: words, and an address where one leads further.

    >>> show_rows(Answer(columns=("a",), cells=(('"x"',),)), {})
    [[{'words': 'x', 'iri': '', 'link': ''}]]
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    vocabulary = load_vocabulary()
    shown = []
    for cells in answer.cells:
        row = []
        for cell in cells:
            if cell.startswith("<"):
                iri = cell[1:-1]
                term = vocabulary.curie(iri)
                label = vocabulary.label(term) if vocabulary.has(term) else term
                row.append(show_iri(iri, known, label))
            else:
                row.append({"words": plain_words(cell), "iri": "", "link": ""})
        shown.append(row)
    return shown


def show_iri(iri: str, known: Mapping[str, PolicyEntry], label: str) -> dict[str, str]:
    """Return an IRI for people: short where it is one of ours, with the way to its policy.

    >>> show_iri("urn:a", {}, "Sale")["words"]
    'Sale'
    """
    notice, _, name = iri.partition("#")
    entry = known.get(iri) or known.get(notice)
    if entry is None:
        short = f"{SHARED_PREFIX}:{iri.removeprefix(SHARED)}" if iri.startswith(SHARED) else label
        return {"words": short, "iri": iri, "link": ""}
    words = entry.record.controller or entry.name
    if not name or iri == entry.record.graph:
        return {"words": words, "iri": iri, "link": f"/policies/{entry.id}"}
    return {"words": f"{words} #{name}", "iri": iri, "link": f"/policies/{entry.id}#s-{name}"}


def plain_words(cell: str) -> str:
    """Return a literal's or a blank node's words, given in N-Triples syntax.

    >>> plain_words('"5"^^<http://www.w3.org/2001/XMLSchema#integer>'), plain_words("")
    ('5', '')
    """
    import pyoxigraph

    if not cell.startswith('"'):
        return cell
    line = f"<s:s> <p:p> {cell} ."
    [quad] = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return str(getattr(quad.object, "value", cell))


@cache
def groups_of_kinds() -> Mapping[str, str]:
    """Return the group that each kind of value is shown in.

    >>> groups_of_kinds()["personal_data"]
    'data'
    """
    return {kind: shown.group for kind, shown in load_display().items()}


def read_fields(request: Request) -> dict[str, str]:
    """Return the fields of an address's query, the first of each name. Refused: not UTF-8."""
    fields: dict[str, str] = {}
    for name, value in parse_form(request.url.query):
        fields.setdefault(name, value)
    return fields


def render(name: str, **values: Any) -> Response:
    """Return a page made of a template; `status`, where there is one, is the answer's too."""
    from starlette.responses import HTMLResponse

    body = template(name).render(**values).encode("utf-8", "replace")
    return HTMLResponse(body, status_code=values.get("status", 200))


@cache
def template(name: str) -> jinja2.Template:
    """Return a template; all that goes into it is text and never markup.

    >>> template("error.html").render(status=404, reason="<b>").count("<b>")
    0
    """
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["visible"] = show_controls
    made.filters["percent"] = lambda share: f"{share:.0%}"
    return made


def show_controls(text: str) -> Markup:
    """Return text for a page, with characters that turn or hide others shown by their number.

    >>> show_controls("a<b")
    Markup('a&lt;b')
    >>> show_controls(chr(0x202E))
    Markup('<span class="control">U+202E</span>')
    """
    from markupsafe import Markup, escape

    if not any(ord(sign) in CONTROLS for sign in text):
        return escape(text)
    parts: Iterable[Markup] = (
        Markup('<span class="control">U+{:04X}</span>').format(ord(sign))
        if ord(sign) in CONTROLS else escape(sign)
        for sign in text
    )  # fmt: skip
    return Markup("").join(parts)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _link(path: str, fields: Mapping[str, object]) -> str:
    given = {name: value for name, value in fields.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
