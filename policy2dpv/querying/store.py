"""Graphs in a store, in memory or on disk: one named graph for each policy, and the vocabulary's.

The name of a policy's graph is made of its notice and its text, so versions under one address
stand side by side, and the same version loaded again replaces itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_files import FileGraph, read_graphs
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph

VOCABULARY_GRAPH = "https://w3id.org/dpv/{release}"
BATCH = 400_000  # triples that go into a store in one step; a store takes a million at the most


class Loaded(msgspec.Struct, frozen=True):
    """What loading a file gave: the names of its graphs, its triples, which graphs were there."""

    file: str
    graphs: tuple[str, ...]
    triples: int
    replaced: tuple[str, ...]


class PolicyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of a store; what its graph does not say is "".

    `graph` is the name of its named graph and `notice` the IRI of the notice. `controller` are
    the names, with commas; `date` is the last one that is stated, as stated. The counts are of
    distinct nodes. `title` is "" for a graph that has no notice, and so is `notice`.
    """

    graph: str
    notice: str = ""
    title: str = ""
    controller: str = ""
    language: str = ""
    version: str = ""
    date: str = ""
    page: str = ""
    processes: int = 0
    prohibitions: int = 0
    rights: int = 0


def open_store(folder: Path | str | None = None, *, read_only: bool = False) -> pyoxigraph.Store:
    """Return a store: in memory without a folder, else the one on disk, made if there is none.

    Only one process can write to a store; any number can read one that is `read_only`.
    Raises GraphError where there is no store to read, or the folder cannot be used.

    >>> len(open_store())
    0
    """
    import pyoxigraph

    if folder is None:
        return pyoxigraph.Store()
    place = Path(folder)
    if read_only and not (place / "CURRENT").is_file():
        raise GraphError(place, "there is no store", "make one with `policy2dpv load STORE GRAPH`")
    if (
        not read_only
        and place.is_dir()
        and any(place.iterdir())
        and not (place / "CURRENT").is_file()
    ):
        raise GraphError(place, "the folder is not empty and no store", "name a new folder")
    try:
        return pyoxigraph.Store.read_only(str(place)) if read_only else pyoxigraph.Store(place)
    except (OSError, RuntimeError, ValueError) as error:
        advice = "see that no other process writes to it" if place.is_dir() else "name a folder"
        raise GraphError(place, f"the store cannot be opened: {error}", advice) from error


def load_graphs(
    store: pyoxigraph.Store,
    files: Iterable[str | Path],
    *,
    vocabulary: Vocabulary | None = None,
) -> tuple[Loaded, ...]:
    """Load graph files, each policy in a graph of its own, and the hierarchy of their terms.

    Whole policies go in together or not at all: when a load is killed the store holds those that
    were done. A graph that is there already is replaced. Raises GraphError for a file that is
    missing, no RDF, or that names a graph as the vocabulary's is named.

    >>> len(load_graphs(open_store(), [])), len(list_policies(open_store()))
    (0, 0)
    """
    known = vocabulary or load_vocabulary()
    there = {graph.value for graph in store.named_graphs()}
    done: list[Loaded] = []
    waiting: list[FileGraph] = []
    add_hierarchy(store, (), known)
    for file in files:
        graphs = read_graphs(Path(file), known)
        names = tuple(graph.name for graph in graphs)
        if vocabulary_graph(known) in names:
            raise GraphError(
                file, f"it names a graph {vocabulary_graph(known)}, the vocabulary's", "rename it"
            )
        replaced = tuple(name for name in names if name in there)
        there.update(names)
        done.append(Loaded(str(file), names, sum(len(g.quads) for g in graphs), replaced))
        waiting += graphs
        if replaced or sum(len(graph.quads) for graph in waiting) >= BATCH:
            _put(store, waiting, set(replaced), known)
            waiting = []
    _put(store, waiting, set(), known)
    return tuple(done)


def add_hierarchy(
    store: pyoxigraph.Store, terms: Iterable[str], vocabulary: Vocabulary | None = None
) -> None:
    """Put the vocabulary's hierarchy into its graph, with that of the given IRIs.

    >>> store = open_store()
    >>> add_hierarchy(store, [])
    >>> [graph.value for graph in store.named_graphs()]
    ['https://w3id.org/dpv/2.3']
    """
    import pyoxigraph

    known = vocabulary or load_vocabulary()
    name = pyoxigraph.NamedNode(vocabulary_graph(known))
    further = sorted({known.curie(iri) for iri in terms if known.is_dpv(iri)})
    further = [term for term in further if term not in known.terms]
    missing = [t for t in further if not _has(store, pyoxigraph.NamedNode(known.iri(t)), name)]
    if store.contains_named_graph(name) and not missing:
        return
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in known.hierarchy_facts(further))
    syntax = pyoxigraph.RdfFormat.N_TRIPLES
    store.bulk_load(lines.encode("utf-8"), format=syntax, to_graph=name)


def vocabulary_graph(vocabulary: Vocabulary | None = None) -> str:
    """Return the name of the graph that the vocabulary's hierarchy stands in.

    >>> vocabulary_graph()
    'https://w3id.org/dpv/2.3'
    """
    return VOCABULARY_GRAPH.format(release=(vocabulary or load_vocabulary()).release)


def remove_policies(store: pyoxigraph.Store, names: Iterable[str]) -> tuple[str, ...]:
    """Remove policies by the IRI of their notice (all versions) or of one graph.

    Returns the names of the graphs that are gone. Raises GraphError for a name that the store
    does not have; then nothing is removed.

    >>> remove_policies(open_store(), [])
    ()
    """
    import pyoxigraph

    records = list_policies(store)
    gone: dict[str, None] = {}
    for name in names:
        found = [r.graph for r in records if name in (r.graph, r.notice)]
        if not found:
            raise GraphError(name, "no policy of the store", "see `policy2dpv load STORE --list`")
        beside = [r.graph for r in records if not r.notice and r.graph.startswith(f"{name}#")]
        gone.update(dict.fromkeys([*found, *beside]))
    for graph in gone:
        store.remove_graph(pyoxigraph.NamedNode(graph))
    return tuple(gone)


def list_policies(store: pyoxigraph.Store) -> tuple[PolicyRecord, ...]:
    """Return the policies of a store, by notice and graph; graphs without a notice come last.

    >>> list_policies(open_store())
    ()
    """
    from policy2dpv.querying.named_queries import fill_query, load_query
    from policy2dpv.querying.query import ask_store

    answer = ask_store(store, fill_query(load_query("policies"), {}))
    records = [
        msgspec.convert({k: v for k, v in row.items() if v}, PolicyRecord, strict=False)
        for row in (dict(zip(answer.columns, cells, strict=True)) for cells in answer.rows())
    ]
    named = {record.graph for record in records} | {vocabulary_graph()}
    others = sorted({graph.value for graph in store.named_graphs()} - named)
    records.sort(key=lambda record: (record.notice, record.date, record.graph))
    return (*records, *(PolicyRecord(graph=name) for name in others))


def _has(
    store: pyoxigraph.Store, subject: pyoxigraph.NamedNode, graph: pyoxigraph.NamedNode
) -> bool:
    return next(iter(store.quads_for_pattern(subject, None, None, graph)), None) is not None


def _put(
    store: pyoxigraph.Store, graphs: Sequence[FileGraph], old: set[str], known: Vocabulary
) -> None:
    """Put graphs in: their terms' hierarchy, then the new ones in one step, then each old one."""
    add_hierarchy(store, {term for graph in graphs for term in graph.terms}, known)
    store.bulk_extend([quad for graph in graphs if graph.name not in old for quad in graph.quads])
    for graph in graphs:
        if graph.name in old:
            _replace(store, graph)


def _replace(store: pyoxigraph.Store, graph: FileGraph) -> None:
    """Put a graph in the place of the one of its name, in one step."""
    lines = "".join(f"{q.subject} {q.predicate} {q.object} .\n" for q in graph.quads)
    name = f"<{graph.name}>"
    store.update(f"CLEAR SILENT GRAPH {name} ; INSERT DATA {{ GRAPH {name} {{\n{lines}}} }}")
