"""The files of a published version: one for each form, and where each stands in a site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from policy2dpv.errors import WriteError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.graphs.write import format_graph
from policy2dpv.publishing.published_version import Version, VersionRecord

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

Files = dict[str, bytes]
TEXT = ".text.json"
PAGE = ".html"


class Form(NamedTuple):
    """A form that a policy comes in: its ending, media type and what people call it."""

    ending: str
    type: str
    label: str


# What content negotiation chooses from, the first for those who take anything.
NEGOTIATED = (
    Form(PAGE, "text/html", "page"),
    Form(".jsonld", "application/ld+json", "JSON-LD"),
    Form(".ttl", "text/turtle", "Turtle"),
    Form(".nq", "application/n-quads", "N-Quads"),
)
GRAPHS = NEGOTIATED[1:]
PLAIN = Form(".txt", "text/plain", "text")
EVIDENCE = Form(".evidence.ttl", "text/turtle", "evidence")
STRUCTURE = Form(TEXT, "application/json", "text with its structure")
WRITERS = {".jsonld": "jsonld", ".ttl": "turtle", ".nq": "nquads"}


def graph_files(version: Version, *, time: str | None = None) -> Files:
    """Return the graph, the evidence and the text of a version by ending.

    GraphError: a time that is no xsd:dateTime.

    >>> from policy2dpv import convert
    >>> from policy2dpv.publishing.published_version import make_version
    >>> made = make_version("shop", convert(b"We use your email address."), "https://a.example/")
    >>> sorted(graph_files(made))
    ['.evidence.ttl', '.jsonld', '.nq', '.text.json', '.ttl', '.txt']
    """
    document = msgspec.structs.replace(version.conversion.document, uri=version.record.live)
    found = {end: format_graph(version.graph, name) for end, name in WRITERS.items()}
    found[EVIDENCE.ending] = format_graph(build_evidence(version.graph, time=time), "turtle")
    found[PLAIN.ending] = document.text
    found[TEXT] = msgspec.json.format(msgspec.json.encode(document), indent=1).decode("utf-8")
    return {end: text.encode("utf-8", "replace") for end, text in found.items()}


def script_element(graph: PolicyGraph) -> str:
    """Return the graph as JSON-LD in a script element, in which nothing can end the script.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> script_element(build_graph(plain_document("Our policy."), [], [])).splitlines()[0]
    '<script type="application/ld+json">'
    """
    text = format_graph(graph, "jsonld").replace("<", "\\u003c")
    return f'<script type="application/ld+json">\n{text}</script>'


def link_elements(stem: str) -> str:
    """Return the links from a page to its graph, under a name without ending.

    >>> link_elements("shop").splitlines()[0]
    '<link rel="alternate" type="application/ld+json" href="shop.jsonld">'
    """
    lines = [f'<link rel="alternate" type="{f.type}" href="{escape(stem)}{f.ending}">'
             for f in GRAPHS]  # fmt: skip
    lines += [f'<link rel="describedby" type="{f.type}" href="{escape(stem)}{f.ending}">'
              for f in (EVIDENCE, STRUCTURE)]  # fmt: skip
    return "\n".join(lines)


def embed_snippet(version: Version) -> str:
    """Return what makes an existing page of the policy machine-readable: links and graph.

    >>> from policy2dpv import convert
    >>> from policy2dpv.publishing.published_version import make_version
    >>> made = make_version("shop", convert(b"We use your email address."), "https://a.example/")
    >>> embed_snippet(made).splitlines()[0]
    '<link rel="privacy-policy" href="https://a.example/shop">'
    """
    notice = version.graph.notice
    links = "\n".join(link_elements(notice).splitlines()[: len(GRAPHS)])
    head = f'<link rel="privacy-policy" href="{escape(notice)}">'
    return f"{head}\n{links}\n{script_element(version.graph)}\n"


def policy_page(
    version: Version,
    base: str,
    versions: Sequence[VersionRecord],
    *,
    latest: bool,
    report: str = "",
) -> bytes:
    """Return the page of a policy (`latest`) or of one version of it, as HTML.

    WriteError: the extra that makes pages is not installed.
    """
    from policy2dpv.serving.serve_pages import groups_of_kinds

    record = version.record
    stem = record.name if latest else record.id
    up = "" if latest else "../"
    own = version.graph.notice if latest else f"{version.graph.notice}/{record.id}"
    text = load_template("published_policy.html").render(
        name=record.title, up=up, site=base, notice=version.graph.notice, canonical=own,
        links=_markup(link_elements(stem)), embedded=_markup(script_element(version.graph)),
        view=version.view, groups=groups_of_kinds(), controller=record.controller,
        date=record.date, live=record.live, report=report, unreviewed=record.unreviewed,
        forms=list(_hrefs(stem, (*GRAPHS, EVIDENCE, PLAIN))), of_latest=not latest,
        previous=f"{version.graph.notice}/{record.previous}" if record.previous else "",
        versions=list(version_links(versions, up)) if latest else [], language=record.language,
    )  # fmt: skip
    return text.encode("utf-8", "replace")


def index_page(base: str, latest: Sequence[VersionRecord],
               all_versions: Mapping[str, Sequence[VersionRecord]]) -> bytes:  # fmt: skip
    """Return the page that lists the policies of a site. WriteError: as `policy_page`."""
    policies = [
        {"name": r.name, "title": r.title, "language": r.language, "controller": r.controller,
         "date": r.date, "statements": r.statements, "unreviewed": r.unreviewed,
         "versions": list(version_links(all_versions[r.name], ""))}
        for r in latest
    ]  # fmt: skip
    names = ", ".join(dict.fromkeys(r.controller for r in latest if r.controller))
    text = load_template("published_index.html").render(
        title=f"Privacy policies of {names}" if names else "Privacy policies", base=base, up="",
        policies=policies, catalogue=list(_hrefs("catalogue", CATALOGUE)),
    )  # fmt: skip
    return text.encode("utf-8", "replace")


CATALOGUE = (Form(".ttl", "text/turtle", "Turtle"), Form(".rdf", "application/rdf+xml", "RDF/XML"))


def version_links(versions: Iterable[VersionRecord], up: str) -> Iterator[dict[str, str]]:
    """Yield address and label of versions, the last first.

    >>> list(version_links([], ""))
    []
    """
    for record in reversed(list(versions)):
        label = " ".join(filter(None, (record.version, record.date))) or record.id
        yield {"href": f"{up}{record.name}/{record.id}", "label": label}


def load_template(name: str) -> jinja2.Template:
    """Return a template. WriteError: jinja2, which fills it in, is not installed."""
    try:
        from policy2dpv.serving.serve_pages import template

        return template(name)
    except ModuleNotFoundError as error:
        advice = 'install it with pip install "policy2dpv[publish]"'
        raise WriteError("publish", f"pages need {error.name}", advice) from error


def _hrefs(stem: str, forms: Iterable[Form]) -> Iterator[dict[str, str]]:
    return ({"href": stem + f.ending, "type": f.type, "label": f.label} for f in forms)


def _markup(text: str) -> Markup:
    import markupsafe

    return markupsafe.Markup(text)
