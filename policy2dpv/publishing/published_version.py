"""One version of a policy, read and ready to be published, and what a site keeps of it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

import msgspec

from policy2dpv.conversion import Conversion
from policy2dpv.errors import GraphError
from policy2dpv.graphs.identity import page_iri
from policy2dpv.graphs.triples import Literal, PolicyGraph
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.publishing.published_graph import mark_machine_read
from policy2dpv.querying.store import PolicyRecord
from policy2dpv.serving.serve_site import PolicyPage
from policy2dpv.serving.serve_view import PolicyView, lay_policy
from policy2dpv.views.policy_catalogue import PolicyEntry
from policy2dpv.views.policy_facts import PolicyFacts
from policy2dpv.views.policy_statements import read_clauses, read_statements
from policy2dpv.views.policy_text import find_marks, lay_text

DIGITS = 8  # of the text's hash, in the name of a version
DATES = ("modified", "valid", "issued")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
PLACE = "loc:"
TAKEN = frozenset(("index", "catalogue", "sitemap", "context", "site", "static", "server"))


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a site keeps of a version: enough for its index, its catalogue and its checks.

    `name` is the policy's in the site, `id` the version's. `date` is as stated, "" if none is;
    `sha256` is of the canonical text, `text_sha256` of the words on the page without white space.
    `places` are ISO 3166 codes of the countries of the controller.
    """

    name: str
    id: str
    title: str
    language: str
    sha256: str
    text_sha256: str
    graph: str
    statements: int
    date: str = ""
    version: str = ""
    controller: str = ""
    live: str = ""
    places: tuple[str, ...] = ()
    unreviewed: bool = True
    previous: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version with all that its files are made of."""

    record: VersionRecord
    conversion: Conversion
    graph: PolicyGraph
    view: PolicyView
    words: str


def check_name(name: str) -> str:
    """Return the name of a policy in a site. GraphError: it cannot stand in an address.

    >>> check_name("shop")
    'shop'
    """
    taken = name.lower() in TAKEN
    if taken or not NAME.fullmatch(name):
        found = "the site itself uses this name" if taken else "no name for an address"
        raise GraphError(name, found, "write NAME=POLICY with letters, digits, _ and -")
    return name


def make_version(name: str, conversion: Conversion, base: str) -> Version:
    """Return a policy as a version under its IRI, which is `base` and the name.

    GraphError: a base that is no absolute IRI.

    >>> from policy2dpv import convert
    >>> made = make_version("shop", convert(b"We use your email address."), "https://a.example/")
    >>> made.graph.notice, made.record.id
    ('https://a.example/shop', 'bef3c641')
    """
    own = dataclasses.replace(conversion, base=base + name)
    graph = mark_machine_read(own.policy_graph)
    facts = PolicyFacts(graph.triples)
    clauses = read_clauses(facts)
    record = PolicyRecord(
        graph=graph.name, notice=graph.notice, title=_title(facts, name),
        page=page_iri(conversion.document.page or conversion.document.uri) or graph.notice,
    )  # fmt: skip
    grounds = dict(zip(graph.triples, graph.grounds, strict=True))
    page = PolicyPage(
        entry=PolicyEntry(id=name, record=record, concepts={}, stated={}, texts=(), words=""),
        facts=facts, clauses=clauses, whole=True,
        statements=tuple(read_statements(facts, grounds)),
        sections=tuple(lay_text(conversion.document, clauses, find_marks(conversion.annotations))),
    )  # fmt: skip
    view = lay_policy(page, conversion.document.text)
    words = shown_words(view)
    kept = _record(name, own, facts, record, len(page.statements), words)
    return Version(record=kept, conversion=own, graph=graph, view=view, words=words)


def shown_words(view: PolicyView) -> str:
    """Return the words of a page's text, without white space between them.

    >>> shown_words(PolicyView(sections=(), groups=(), facts=(), kinds=(), counts={}))
    ''
    """
    found: list[str] = []
    for section in view.sections:
        parts = [*section.parts, *(cell for row in section.rows for cell in row)]
        for part in parts:
            found.append(part.marker)
            found += (piece.text for run in part.runs for piece in run.pieces)
    return "".join("".join(found).split())


def order_versions(versions: Sequence[VersionRecord]) -> list[VersionRecord]:
    """Return a policy's versions from the first to the last, each with the one before it.

    The stated dates decide; those that state none, or the same, keep the order given.

    >>> order_versions([])
    []
    """
    dated = sorted(versions, key=lambda version: version.date or "")
    ordered = dated if all(version.date for version in versions) else list(versions)
    before = ["", *(version.id for version in ordered)]
    return [
        msgspec.structs.replace(one, previous=last)
        for one, last in zip(ordered, before, strict=False)
    ]


def _record(
    name: str, made: Conversion, facts: PolicyFacts, record: PolicyRecord, count: int, words: str
) -> VersionRecord:
    document = made.document
    stated: Mapping[str, str] = {date.kind: date.value for date in document.dates}
    date = next((stated[kind] for kind in DATES if kind in stated), "")
    digest = document.sha256[:DIGITS]
    controllers = _controllers(facts)
    return VersionRecord(
        name=name, id=f"{date}-{digest}" if date else digest, title=record.title,
        language=document.language, sha256=document.sha256, text_sha256=hash_words(words),
        graph=made.policy_graph.name, statements=count, date=date,
        version=stated.get("version", ""),
        controller=", ".join(facts.label(iri) for iri in controllers if facts.words(iri, "name")),
        live=page_iri(document.page or document.uri) or "",
        places=tuple(sorted({place for iri in controllers for place in _places(facts, iri)})),
    )  # fmt: skip


def hash_words(words: str) -> str:
    """Return the SHA-256 of a text in UTF-8, white space left aside.

    >>> hash_words("a b") == hash_words("ab")
    True
    """
    import hashlib

    return hashlib.sha256("".join(words.split()).encode("utf-8", "surrogatepass")).hexdigest()


def _title(facts: PolicyFacts, name: str) -> str:
    return facts.words(facts.notice(), "title") or name


def _controllers(facts: PolicyFacts) -> tuple[str, ...]:
    slot = facts.tables.slots["controller"]
    found = facts.objects(facts.notice(), slot.property)
    return tuple(iri for iri in found if not isinstance(iri, Literal))


def _places(facts: PolicyFacts, party: str) -> list[str]:
    """The codes of the countries that a party's node names."""
    known = load_vocabulary()
    terms = [known.curie(o) for os in facts.laid.get(party, {}).values() for o in os
             if isinstance(o, str)]  # fmt: skip
    return [term.removeprefix(PLACE) for term in terms if term.startswith(PLACE)]
