"""Which policies of graph files have a practice: those for which a named query gives a row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from policy2dpv.errors import QueryError
from policy2dpv.knowledge.slots import load_modelling

GRAPH = "graph"  # the column that names a policy's graph
LIMIT = "limit"  # the parameter of how many rows a query gives
ALL_ROWS = 10**9


class Practice(msgspec.Struct, frozen=True):
    """What is asked of each policy: a named query with its settings, as `query` takes them."""

    name: str
    settings: Mapping[str, str] = {}

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{key}={self.settings[key]}" for key in self.settings)])


class Holders(msgspec.Struct, frozen=True):
    """The policies' graphs of one file, and those of them that have the practice, sorted."""

    file: Path
    graphs: tuple[str, ...]
    holding: tuple[str, ...]


def find_holders(files: Iterable[Path], practice: Practice | None) -> Iterator[Holders]:
    """Yield for each graph file its policies and which have the practice; one file is held at once.

    Without a practice none has it. QueryError: a query or setting that is not known, or a query
    that names no graphs. GraphError: a file that is no graph.

    >>> list(find_holders([], Practice("recipients")))
    []
    """
    from policy2dpv.querying.query import ask_store
    from policy2dpv.querying.store import load_graphs, open_store

    asked = make_question(practice) if practice else ""
    for file in files:
        store = open_store()
        load_graphs(store, [file])
        graphs = {graph for (graph,) in ask_store(store, _policies()).rows()}
        found = ask_store(store, asked).rows() if asked else ()
        holding = {graph for (graph,) in found} & graphs
        yield Holders(file, tuple(sorted(graphs)), tuple(sorted(holding)))


def _policies() -> str:
    """The query for the graphs that hold a notice: others, such as evidence, are no policies."""
    notice, below = load_modelling().curies["notice"], load_modelling().curies["broader"]
    return (
        f"SELECT DISTINCT ?{GRAPH} {{ {{ SELECT DISTINCT ?class {{ ?class {below}* {notice} }} }}"
        f" GRAPH ?{GRAPH} {{ ?notice a ?class }} }}"
    )


def make_question(practice: Practice) -> str:
    """Return the SPARQL query for the graphs that have a practice.

    QueryError as `find_holders`; VocabularyError: a term that the release does not have.

    >>> make_question(Practice("rights")).startswith("SELECT DISTINCT ?graph")
    True
    """
    from policy2dpv.querying.named_queries import fill_query, load_query
    from policy2dpv.querying.query import run_query

    query = load_query(practice.name)
    settings: dict[str, object] = dict(practice.settings)
    if any(one.name == LIMIT for one in query.parameters):
        settings[LIMIT] = ALL_ROWS
    asked = fill_query(query, settings)
    if GRAPH not in run_query([], asked).columns:
        advice = "choose one with a column ?graph; see `policy2dpv query --list`"
        raise QueryError(practice.name, "its rows do not name the policies' graphs", advice)
    return f"SELECT DISTINCT ?{GRAPH} WHERE {{ {{\n{asked}\n}} }}"


def holds(nquads: str, practice: Practice) -> bool:
    """Return whether the policy of an N-Quads text has the practice. Errors as `find_holders`.

    >>> from policy2dpv import convert
    >>> holds(convert(b"We share your name with DHL.").to_nquads(), Practice("recipients"))
    True
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "policy.nq")
        path.write_text(nquads, "utf-8", newline="\n")
        return any(found.holding for found in find_holders([path], practice))
