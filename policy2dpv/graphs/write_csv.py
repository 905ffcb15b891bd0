"""A flat table of what a policy says: one row a statement, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from functools import partial

from policy2dpv.graphs.rights import laws_in_play, term_in_law
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.model import Annotation, Segment, Statement

COLUMNS = (
    "policy", "actor", "processing", "data", "purposes", "bases", "recipients", "countries",
    "retention", "rights", "measures", "polarity", "modality", "condition", "quote", "section",
)  # fmt: skip
BETWEEN = " | "  # between the values of one cell


def write_csv(graph: PolicyGraph) -> str:
    """The statements as CSV: terms as CURIEs, parties by name where they have one.

    A quote stands as in the policy, line breaks included. Legal bases and rights have the terms
    of the laws in play, as in the graph. With a graph without quotes the cells of words are empty.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> write_csv(build_graph(plain_document("Our policy."), [], [])).split(",")[:3]
    ['policy', 'actor', 'processing']
    """
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(COLUMNS)
    segments = {segment.id: segment for segment in graph.segments}
    tables = load_modelling()
    laws = laws_in_play(graph.statements, tables)
    in_law = partial(term_in_law, laws=laws, tables=tables)
    for statement in graph.statements:
        rows.writerow(_row(graph, statement, segments.get(statement.segment), in_law))
    return stream.getvalue()


def _row(
    graph: PolicyGraph,
    said: Statement,
    segment: Segment | None,
    in_law: Callable[[Annotation], Annotation],
) -> list[str]:
    text, shown = graph.document.text, graph.quotes == "full"

    def words(spans: Iterable[tuple[int, int] | None]) -> list[str]:
        return [" ".join(text[span[0] : span[1]].split()) for span in spans if span and shown]

    own = said.evidence[:1] or (((segment.start, segment.end),) if segment else ())
    return [
        graph.notice,
        _joined([_party(said.party)] if said.party else [said.actor]),
        _terms(said.processing),
        _terms(said.data),
        _terms(said.purposes),
        _terms(map(in_law, said.legal_bases)),
        _joined(_party(one) for one in said.recipients),
        _terms((*said.locations, *said.destinations)),
        _joined(one.value or one.quote for one in said.durations),
        _terms(map(in_law, said.rights)),
        _terms((*said.measures, *said.safeguards)),
        said.polarity,
        said.modality,
        _joined(words((said.condition, said.exception))),
        text[own[0][0] : own[0][1]] if own and shown else "",
        " > ".join(words(segment.trail if segment else ())),
    ]


def _terms(annotations: Iterable[Annotation]) -> str:
    return _joined(annotation.term for annotation in annotations)


def _party(party: Annotation) -> str:
    return f"{party.name} ({party.term})" if party.name else party.term


def _joined(values: Iterable[str]) -> str:
    return BETWEEN.join(dict.fromkeys(" ".join(value.split()) for value in values))
