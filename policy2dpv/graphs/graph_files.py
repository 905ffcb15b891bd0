"""Graph files -> quads, each policy under the name of its own graph."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_source import refuse_entities
from policy2dpv.graphs.identity import Names, notice_iri
from policy2dpv.knowledge.slots import Modelling, load_modelling
from policy2dpv.knowledge.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyoxigraph

SUFFIXES = ".jsonld, .ttl, .nq, .trig, .nt, .rdf"


class FileGraph(msgspec.Struct, frozen=True):
    """A named graph of a file: its name, its quads, and the IRIs that stand as objects."""

    name: str
    quads: list[pyoxigraph.Quad]
    terms: frozenset[str]


def read_graphs(path: Path, vocabulary: Vocabulary) -> tuple[FileGraph, ...]:
    """Return the graphs of a file; what has no name gets one, by its notice and its text.

    Raises GraphError for a file that is missing, of no known suffix or no valid RDF.
    """
    import pyoxigraph

    data = read_bytes(path)
    syntax = graph_syntax(path)
    refuse_entities(data, path)
    parts: dict[str, list[pyoxigraph.Quad]] = {}
    try:
        base = path.resolve().as_uri()
        for quad in pyoxigraph.parse(data, syntax, base_iri=base, rename_blank_nodes=True):
            graph = getattr(quad.graph_name, "value", "")
            parts.setdefault(graph, []).append(quad)
    except (SyntaxError, ValueError, OSError, MemoryError) as error:
        raise GraphError(path, f"no valid {syntax.name}: {error}", "convert it again") from error
    return tuple(_named(name, quads, data, vocabulary) for name, quads in sorted(parts.items()))


def graph_name(notice: str, sha256: str) -> str:
    """Return the name of the graph of one version: of the notice's IRI and its text's hash.

    >>> graph_name("https://x.example/p", "00").startswith("https://x.example/p#G")
    True
    """
    return Names(notice).entity(load_modelling().letters["version_graph"], sha256)


def _named(
    name: str, quads: list[pyoxigraph.Quad], data: bytes, vocabulary: Vocabulary
) -> FileGraph:
    import pyoxigraph

    if not name:
        name = _name(quads, hashlib.sha256(data).hexdigest(), vocabulary)
        node = pyoxigraph.NamedNode(name)
        quads = [pyoxigraph.Quad(q.subject, q.predicate, q.object, node) for q in quads]
    objects = {quad.object for quad in quads}
    iris = {term.value for term in objects if isinstance(term, pyoxigraph.NamedNode)}
    return FileGraph(name, quads, frozenset(iris))


def _name(quads: Sequence[pyoxigraph.Quad], sha256: str, vocabulary: Vocabulary) -> str:
    """The graph's name, by its notice and the hash of the text that it gives, else of the file."""
    import pyoxigraph

    tables: Modelling = load_modelling()
    kind, identifier = tables.terms["type"], tables.terms["identifier"]
    of_notice: dict[object, bool] = {}
    notices: set[str] = set()
    texts: set[str] = set()
    for quad in quads:
        predicate = quad.predicate.value
        if predicate == kind and isinstance(quad.subject, pyoxigraph.NamedNode):
            if quad.object not in of_notice:
                term = vocabulary.curie(getattr(quad.object, "value", ""))
                of_notice[quad.object] = vocabulary.is_under(term, tables.curies["notice"])
            if of_notice[quad.object]:
                notices.add(quad.subject.value)
        elif predicate == identifier:
            text = getattr(quad.object, "value", "")
            if text.startswith("sha256:"):
                texts.add(text.removeprefix("sha256:"))
    notice = min(notices).partition("#")[0] if notices else notice_iri(sha256)
    return graph_name(notice, min(texts) if len(texts) == 1 else sha256)


def read_bytes(path: Path) -> bytes:
    """Return a graph file's bytes. Raises GraphError for one that cannot be read.

    >>> read_bytes(Path("no-such.ttl"))
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: no-such.ttl: No such file or directory; give a graph file
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraphError(path, error.strerror or str(error), "give a graph file") from error


def graph_syntax(path: Path) -> pyoxigraph.RdfFormat:
    """Return the format that a file's suffix names. Raises GraphError for one of no graph.

    >>> graph_syntax(Path("policy.ttl")).name
    'Turtle'
    """
    import pyoxigraph

    suffix = path.suffix.lstrip(".").lower()
    syntax = pyoxigraph.RdfFormat.from_extension("jsonld" if suffix == "json" else suffix)
    if syntax is None:
        raise GraphError(path, f'"{path.suffix}" is no graph format', f"give {SUFFIXES}")
    return syntax
