"""Graph files of anybody, read as quads: any RDF format, bounded in size, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy2dpv.errors import GraphError

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

SIZE_LIMIT = 100_000_000  # bytes of one graph file
BASE = "urn:policy2dpv:graph/"  # relative IRIs are resolved against it, never against a folder
ELSEWHERE = "https://example.org/{prefix}#"  # what an unknown prefix of a snippet stands for
DECLARED = re.compile(r"@?prefix\s+(?:([\w-]+)\s*)?:", re.IGNORECASE)
PREFIX = re.compile(r"(?<![\w:<\"-])([A-Za-z][\w-]*):(?=[A-Za-z_])")
HIDDEN = re.compile(r"<[^<>\s]*>|\"\"\".*?\"\"\"|\"(?:[^\"\\\n]|\\.)*\"|\\.|#[^\n]*", re.DOTALL)
ENTITY = re.compile(rb"<!ENTITY\s[^>]{0,300}?(?:&|[^>]{300})")
ENTITIES_REACH = 1_000_000
SUFFIXES = {"json": "jsonld"}  # by which our formats are known beside their own


def read_quads(
    path: Path, *, prefixes: Mapping[str, str] | None = None, limit: int = SIZE_LIMIT
) -> list[pyoxigraph.Quad]:
    """Return the quads of a graph file; its suffix tells the format.

    With `prefixes` (namespaces by prefix) Turtle may leave out their declarations, as the examples
    of guides do; a prefix that is not among them then stands for a namespace of example.org.
    Remote JSON-LD contexts are not fetched. GraphError: a file that is missing, larger than
    `limit` bytes, empty, or no valid RDF.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "one.ttl")
    ...     _ = path.write_text("ex:a ex:b skos:c .")
    ...     [quad] = read_quads(path, prefixes={"skos": "https://s.example/"})
    >>> quad.subject.value, quad.object.value
    ('https://example.org/ex#a', 'https://s.example/c')
    """
    import pyoxigraph

    suffix = path.suffix.lstrip(".").lower()
    syntax = pyoxigraph.RdfFormat.from_extension(SUFFIXES.get(suffix, suffix))
    if syntax is None:
        raise GraphError(
            path, f'"{path.suffix}" is no graph format', "give .jsonld, .ttl, .nq, .trig, .nt, .rdf"
        )
    data = _read(path, limit)
    if prefixes is not None and syntax == pyoxigraph.RdfFormat.TURTLE:
        data = declare_prefixes(data.decode("utf-8", "replace"), prefixes).encode("utf-8")
    refuse_entities(data, path)
    try:
        quads = _name_blanks(pyoxigraph.parse(data, format=syntax, base_iri=BASE))
    except (SyntaxError, ValueError, OSError, MemoryError) as error:
        advice = "correct the file; Turtle without prefixes is read with --snippet"
        raise GraphError(path, f"no valid {syntax.name}: {error}", advice) from error
    if not quads:
        raise GraphError(path, "the graph is empty", "give a graph with statements in it")
    return quads


def refuse_entities(data: bytes, path: Path) -> None:
    """Raise GraphError for XML entities that are made of others, or longer than a namespace.

    >>> refuse_entities(b'<!DOCTYPE a [<!ENTITY b "&c;&c;">]>', Path("a.rdf"))
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: a.rdf: it declares XML entities of entities; ...
    """
    if ENTITY.search(data[:ENTITIES_REACH]) and data.lstrip()[:1] == b"<":
        raise GraphError(path, "it declares XML entities of entities", "write it without them")


def declare_prefixes(turtle: str, prefixes: Mapping[str, str]) -> str:
    """Return Turtle with a declaration of each prefix that it uses and does not declare.

    >>> print(declare_prefixes("a:b a:c a:d .", {"a": "https://a.example/"}))
    @prefix a: <https://a.example/> .
    a:b a:c a:d .
    """
    plain = HIDDEN.sub(" ", turtle)
    used = set(PREFIX.findall(plain)).difference(DECLARED.findall(turtle))
    lines = [
        f"@prefix {name}: <{prefixes.get(name) or ELSEWHERE.format(prefix=name)}> .\n"
        for name in sorted(used)
    ]
    return "".join(lines) + turtle


def _name_blanks(quads: Iterable[pyoxigraph.Quad]) -> list[pyoxigraph.Quad]:
    """The quads with their blank nodes numbered as they come: the parser names them by chance."""
    import pyoxigraph

    names: dict[pyoxigraph.BlankNode, pyoxigraph.BlankNode] = {}

    def named(node: Any) -> Any:
        if not isinstance(node, pyoxigraph.BlankNode):
            return node
        return names.setdefault(node, pyoxigraph.BlankNode(f"b{len(names) + 1}"))

    return [
        pyoxigraph.Quad(named(q.subject), q.predicate, named(q.object), named(q.graph_name))
        for q in quads
    ]


def to_rdflib(quads: Iterable[pyoxigraph.Quad]) -> rdflib.Graph:
    """Return the quads of all named graphs as one rdflib graph, literals exactly as written.

    >>> len(to_rdflib([]))
    0
    """
    import pyoxigraph
    import rdflib

    def term(node: object) -> rdflib.term.Identifier:
        if isinstance(node, pyoxigraph.NamedNode):
            return rdflib.URIRef(node.value)
        if isinstance(node, pyoxigraph.BlankNode):
            return rdflib.BNode(node.value)
        if isinstance(node, pyoxigraph.Literal):
            kind = None if node.language else rdflib.URIRef(node.datatype.value)
            return rdflib.Literal(node.value, lang=node.language, datatype=kind, normalize=False)
        raise GraphError(str(node), "a triple inside a triple", "write it as rdf:Statement")

    graph = rdflib.Graph(bind_namespaces="none")
    for quad in quads:
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise GraphError(path, error.strerror or str(error), "give a graph file") from error
    if len(data) > limit:
        raise GraphError(path, f"larger than {limit} bytes", "split it by its named graphs")
    return data
