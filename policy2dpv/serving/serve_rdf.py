"""A policy's graph, or one statement of it, in the RDF forms that are on offer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from policy2dpv.errors import PolicyError
from policy2dpv.graphs.graph import HERE, SHARED_PREFIX, plain_document
from policy2dpv.graphs.identity import SHARED
from policy2dpv.graphs.triples import Object, PolicyGraph, Triple, object_text
from policy2dpv.graphs.write import format_graph
from policy2dpv.views.policy_facts import BLANK, PolicyFacts, read_facts

if TYPE_CHECKING:
    from policy2dpv.serving.serve_site import Site
    from policy2dpv.views.policy_catalogue import PolicyEntry

# Media types on offer, with the ending of an address that asks for each.
RDF_FORMS = {
    "application/ld+json": "jsonld",
    "text/turtle": "ttl",
    "application/n-quads": "nq",
    "application/n-triples": "nt",
    "application/rdf+xml": "rdf",
}
WRITERS = {"jsonld": "jsonld", "ttl": "turtle", "nq": "nquads", "nt": "ntriples", "rdf": "rdfxml"}


def write_policy(site: Site, entry: PolicyEntry, form: str) -> bytes:
    """Return a policy's graph as a media type of `RDF_FORMS`, always in the same bytes.

    A graph that this program made of a text at hand comes in the bytes that it would write.
    """
    facts = site.facts(entry)
    made = next((site.texts[s] for s in entry.texts if s in site.texts), None)
    if made is not None:
        own = dataclasses.replace(made, base=entry.record.notice or None).policy_graph
        if is_held(own, facts):
            return _format(own, RDF_FORMS[form]).encode("utf-8", "replace")
    return write_facts(facts, facts.triples, entry.record.graph, form)


def is_held(graph: PolicyGraph, facts: PolicyFacts) -> bool:
    """Whether the facts of a store are those of a graph, some literals written otherwise.

    >>> from policy2dpv.graphs.graph import build_graph
    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> is_held(graph, PolicyFacts(graph.triples)), is_held(graph, PolicyFacts([]))
    (True, False)
    """
    import pyoxigraph

    store = pyoxigraph.Store()
    text = "".join(f"{line} .\n" for line in graph.lines).encode("utf-8")
    store.bulk_load(text, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return set(read_facts(store).triples) == set(facts.triples)


def write_statement(facts: PolicyFacts, node: str, graph: str, form: str) -> bytes:
    r"""Return what a graph says of a node and of what stands behind it, but not of the notice.

    >>> from policy2dpv.graphs.triples import Literal
    >>> facts = PolicyFacts([("urn:a", "urn:p", Literal("x")), ("urn:b", "urn:p", "urn:a")])
    >>> write_statement(facts, "urn:a", "urn:g", "application/n-triples")
    b'<urn:a> <urn:p> "x" .\n'
    """
    notice = facts.notice()
    found: dict[str, None] = {}
    front = [node]
    while front:
        found.update(dict.fromkeys(front))
        behind = (
            o for s in front for values in facts.laid.get(s, {}).values() for o in values
            if isinstance(o, str) and o in facts.laid and o != notice
        )  # fmt: skip
        front = [o for o in dict.fromkeys(behind) if o not in found]
    return write_facts(facts, [t for t in facts.triples if t[0] in found], graph, form)


def write_facts(facts: PolicyFacts, triples: Iterable[Triple], graph: str, form: str) -> bytes:
    r"""Return triples of a graph as a media type of `RDF_FORMS`.

    Graphs of other makers may have blank nodes or properties without a name in our context; the
    engine writes those, flatter but no less right.

    >>> write_facts(PolicyFacts([]), [("urn:a", "urn:p", "urn:b")], "urn:g", "application/n-quads")
    b'<urn:a> <urn:p> <urn:b> <urn:g> .\n'
    """
    chosen = tuple(triples)
    nodes = {node for s, _, o in chosen for node in (s, o) if isinstance(node, str)}
    if not any(node.startswith(BLANK) for node in nodes):
        try:
            made = as_policy_graph(facts, chosen, graph)
            return _format(made, RDF_FORMS[form]).encode("utf-8", "replace")
        except (PolicyError, KeyError, StopIteration):
            pass  # a graph that our writers are not made for
    return _plainly(chosen, graph, form)


def as_policy_graph(facts: PolicyFacts, triples: tuple[Triple, ...], graph: str) -> PolicyGraph:
    """Return triples as our writers take them, the notice first.

    >>> as_policy_graph(PolicyFacts([]), (("urn:a", "urn:p", "urn:b"),), "urn:g").subjects
    ('urn:a',)
    """
    notice = facts.notice()
    by_line = {f"<{s}> <{p}> {object_text(o)}": (s, p, o) for s, p, o in triples}
    lines = sorted(by_line)
    ordered = tuple(by_line[line] for line in lines)
    first = [notice, *facts.forms]
    present = dict.fromkeys(triple[0] for triple in ordered)
    subjects = dict.fromkeys([*(s for s in first if s in present), *present])
    prefixes = {**facts.vocabulary.prefixes, SHARED_PREFIX: SHARED, HERE: f"{notice}#"}
    return PolicyGraph(
        notice=notice, name=graph, language=facts.words(notice, "language"), prefixes=prefixes,
        triples=ordered, lines=tuple(lines), grounds=((),) * len(ordered),
        subjects=tuple(subjects), order=facts.tables.order, values=facts.tables.values,
        document=plain_document(""), segments=(), statements=(),
    )  # fmt: skip


def _format(graph: PolicyGraph, ending: str) -> str:
    return format_graph(graph, WRITERS[ending])


def _plainly(triples: Iterable[Triple], graph: str, form: str) -> bytes:
    import pyoxigraph

    text = "".join(f"{_plain(s)} <{p}> {_plain(o)} .\n" for s, p, o in triples)
    if form == "application/n-triples":
        return text.encode("utf-8", "replace")
    quads = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES)
    syntax = pyoxigraph.RdfFormat.from_media_type(form)
    name = pyoxigraph.NamedNode(graph)
    if form == "application/n-quads":
        whole = [pyoxigraph.Quad(q.subject, q.predicate, q.object, name) for q in quads]
        return pyoxigraph.serialize(whole, format=syntax) or b""
    return pyoxigraph.serialize([q.triple for q in quads], format=syntax) or b""


def _plain(value: Object) -> str:
    return value if isinstance(value, str) and value.startswith(BLANK) else object_text(value)
