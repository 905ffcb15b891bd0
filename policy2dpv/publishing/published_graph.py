"""A policy's graph as it is published: with what is said about its review."""

from __future__ import annotations

import msgspec

from policy2dpv.graphs.triples import Grounds, PolicyGraph, Triple, sort_facts
from policy2dpv.knowledge.slots import load_modelling


def mark_machine_read(graph: PolicyGraph) -> PolicyGraph:
    """Return the graph with its notice marked as read by a machine and reviewed by nobody.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> len(mark_machine_read(graph).triples) - len(graph.triples)
    1
    """
    terms = load_modelling().terms
    found: dict[Triple, Grounds] = dict(zip(graph.triples, graph.grounds, strict=True))
    found[graph.notice, terms["review_status"], terms["machine_read"]] = ()
    lines, triples, grounds = sort_facts(found)
    return msgspec.structs.replace(
        graph, lines=tuple(lines), triples=tuple(triples), grounds=tuple(grounds)
    )
