"""SPARQL over graph files and stores, with the vocabulary's hierarchy beside the data, no network.

The data and the vocabulary stand in different named graphs and are queried over their union, so
``skos:broader*`` rolls terms up. The vocabulary's graph is its IRI (see `store.VOCABULARY_GRAPH`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from policy2dpv.errors import QueryError
from policy2dpv.graphs.identity import SHARED
from policy2dpv.querying.answers import Answer, AnswerFormat, make_answer, make_graph
from policy2dpv.querying.query_words import is_ordered, names_graphs, order_columns, refuse_service
from policy2dpv.querying.store import VOCABULARY_GRAPH, load_graphs, open_store

if TYPE_CHECKING:
    import pyoxigraph

    from policy2dpv.knowledge.vocabulary import Vocabulary

SHARED_PREFIX = "p2id"
__all__ = [
    "VOCABULARY_GRAPH", "Answer", "AnswerFormat", "ask_store", "refuse_service", "run_query",
]  # fmt: skip


def run_query(
    graphs: Iterable[str | Path],
    sparql: str,
    *,
    vocabulary: Vocabulary | None = None,
    store: str | Path | None = None,
) -> Answer:
    """Return what a SPARQL query gives over graph files, or over the store in a folder.

    The vocabulary's hierarchy is there, and its prefixes need no declaration. Rows come sorted
    unless the query orders them. QueryError: a query that cannot be parsed, that asks for another
    server, or files beside a store. GraphError: a file or store that is missing or damaged.

    >>> run_query([], "ASK { ?term skos:broader ?wider }").verdict
    True
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    files = list(graphs)
    if store is not None and files:
        raise QueryError("query", "both files and a store are given", "load the files first")
    refuse_service(sparql)
    known = vocabulary or load_vocabulary()
    if store is not None:
        return ask_store(open_store(store, read_only=True), sparql, vocabulary=known)
    opened = open_store()
    load_graphs(opened, files, vocabulary=known)
    return ask_store(opened, sparql, vocabulary=known)


def ask_store(
    store: pyoxigraph.Store,
    sparql: str,
    *,
    vocabulary: Vocabulary | None = None,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> Answer:
    """Return what a query gives over an open store: over its FROM graphs, else over all.

    With `default_graphs` the query sees only these (name the vocabulary's too, to roll up), and
    GRAPH only the `named_graphs`. Raises QueryError as `run_query` does.

    >>> ask_store(open_store(), "SELECT ?s { ?s a dpv:Process }").columns
    ('s',)
    """
    import pyoxigraph

    from policy2dpv.knowledge.vocabulary import load_vocabulary

    refuse_service(sparql)
    prefixes = {**(vocabulary or load_vocabulary()).prefixes, SHARED_PREFIX: SHARED}
    union = not default_graphs and not names_graphs(sparql)
    try:
        found = store.query(
            sparql,
            prefixes=prefixes,
            use_default_graph_as_union=union,
            default_graph=[pyoxigraph.NamedNode(g) for g in default_graphs] or None,
            named_graphs=[pyoxigraph.NamedNode(g) for g in named_graphs] or None,
        )
        return read_answer(found, sparql, prefixes)
    except SyntaxError as error:
        raise QueryError("query", str(error), "correct the query and run it again") from error
    except OSError as error:
        raise QueryError("query", str(error), "correct the query and run it again") from error


def read_answer(found: object, sparql: str, prefixes: dict[str, str]) -> Answer:
    """Return pyoxigraph's results as an answer; OSError passes through.

    >>> import pyoxigraph
    >>> read_answer(pyoxigraph.Store().query("ASK {}"), "ASK {}", {}).verdict
    True
    """
    import pyoxigraph

    pairs = tuple(sorted(prefixes.items()))
    if isinstance(found, pyoxigraph.QueryBoolean):
        return Answer(verdict=bool(found), prefixes=pairs)
    if isinstance(found, pyoxigraph.QueryTriples):
        return make_graph(found, pairs)
    solutions = cast("pyoxigraph.QuerySolutions", found)
    columns = order_columns([v.value for v in solutions.variables], sparql)
    rows = [tuple(map(_cell, (row[name] for name in columns))) for row in solutions]
    return make_answer(columns, rows, prefixes=pairs, ordered=is_ordered(sparql))


def _cell(term: object) -> str:
    return "" if term is None else str(term)
