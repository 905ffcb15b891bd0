"""Why a graph's triples are there, read back from the evidence graph that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy2dpv.graphs.triples import Ground, Triple
from policy2dpv.views.policy_facts import PolicyFacts, read_facts
from policy2dpv.views.policy_statements import read_clauses

if TYPE_CHECKING:
    import pyoxigraph


def read_grounds(store: pyoxigraph.Store, facts: PolicyFacts) -> dict[Triple, tuple[Ground, ...]]:
    """Return the grounds of the triples of a policy's graph, as its evidence graphs tell them.

    Those are the graphs under the notice's IRI that annotate triples (see `evidence`). The words
    that a triple rests on and what decided it stand in no order there, so each goes with each.

    >>> import pyoxigraph
    >>> read_grounds(pyoxigraph.Store(), PolicyFacts([]))
    {}
    """
    found: dict[Triple, tuple[Ground, ...]] = {}
    wanted = set(facts.triples)
    for graph in _beside(store, facts.notice()):
        evidence = read_facts(store.quads_for_pattern(None, None, None, graph))
        places = {c.iri: (c.start, c.end) for c in read_clauses(evidence).values()}
        for note in evidence.typed("annotation"):
            decided = _decided(evidence, note)
            targets = [places[t] for t in evidence.nodes(note, "has_target") if t in places]
            grounds = tuple(Ground(*place, *one) for place in targets for one in decided)
            for triple in _bodies(evidence, note):
                if triple in wanted and grounds:
                    found[triple] = found.get(triple, ()) + grounds
    return found


def _beside(store: pyoxigraph.Store, notice: str) -> Iterator[pyoxigraph.NamedNode]:
    """The graphs whose names are the notice's with a fragment."""
    import pyoxigraph

    for graph in sorted(store.named_graphs(), key=str) if notice else ():
        if isinstance(graph, pyoxigraph.NamedNode) and graph.value.startswith(f"{notice}#"):
            yield graph


def _decided(evidence: PolicyFacts, note: str) -> list[tuple[str, float]]:
    """What decided a triple, and how sure that is."""
    sure = evidence.words(note, "confidence")
    number = float(sure) if sure.replace(".", "", 1).isdigit() and sure.isascii() else 0.0
    found = evidence.objects(note, evidence.tables.terms["decided_by"])
    return [(str(getattr(source, "text", source)), number) for source in found]


def _bodies(evidence: PolicyFacts, note: str) -> Iterator[Triple]:
    """The triples that an annotation is about."""
    terms = evidence.tables.terms
    for body in evidence.nodes(note, "has_body"):
        parts = [evidence.objects(body, terms[f"triple_{part}"])
                 for part in ("subject", "predicate", "object")]  # fmt: skip
        if all(len(part) == 1 for part in parts):
            [subject], [predicate], [value] = parts
            yield str(subject), str(predicate), value
