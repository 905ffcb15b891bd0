"""Graph files of anybody, read as quads: any RDF format, bounded in size, nothing is fetched.

All that takes a graph file reads it here: stores, checks, reports, comparisons and bridges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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
ENDINGS: Mapping[str, str] = {
    ".jsonld": "jsonld", ".json": "jsonld", ".ttl": "ttl", ".nq": "nq", ".nt": "nt",
    ".trig": "trig", ".rdf": "rdf", ".owl": "rdf",
}  # fmt: skip
ENTITY = re.compile(rb"<!ENTITY\s[^>]{0,300}?(?:&|[^>]{300})")
ENTITIES_REACH = 1_000_000
XML_TAG = re.compile(rb"<(/?)[^<>!?/][^<>]*>")
SLASH = ord("/")
DEEPEST = 1_000  # elements in elements; RDF/XML needs a few


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

    syntax = graph_syntax(path)
    data = read_bytes(path, limit=limit)
    if prefixes is not None and syntax == pyoxigraph.RdfFormat.TURTLE:
        data = declare_prefixes(data.decode("utf-8", "replace"), prefixes).encode("utf-8")
    advice = "correct the file; Turtle without prefixes is read with `check --snippet`"
    quads = name_blanks(parse_quads(data, syntax, path, advice=advice))
    if not quads:
        raise GraphError(path, "the graph is empty", "give a graph with statements in it")
    return quads


def parse_quads(
    data: bytes,
    syntax: pyoxigraph.RdfFormat,
    where: object,
    *,
    base: str = BASE,
    advice: str = "correct the file, or convert it again",
    rename_blanks: bool = False,
) -> Iterator[pyoxigraph.Quad]:
    """Yield the quads of a graph's bytes. GraphError, which names `where`: no valid RDF.

    Relative IRIs are resolved against `base`. With `rename_blanks` no blank node has the name of
    one of another file.

    >>> import pyoxigraph
    >>> [quad] = parse_quads(b"<a> <b> <c> .", pyoxigraph.RdfFormat.TURTLE, "x", base="urn:x/")
    >>> quad.subject.value
    'urn:x/a'
    """
    import pyoxigraph

    refuse_entities(data, where)
    if syntax == pyoxigraph.RdfFormat.RDF_XML:
        refuse_depth(data, where)
    try:
        yield from pyoxigraph.parse(data, syntax, base_iri=base, rename_blank_nodes=rename_blanks)
    except (SyntaxError, ValueError, OSError, MemoryError) as error:
        raise GraphError(where, f"no valid {syntax.name}: {error}", advice) from error


def is_graph_file(name: str) -> bool:
    """Whether a file's ending is that of a graph.

    >>> is_graph_file("out/policy.jsonld"), is_graph_file("policy.md")
    (True, False)
    """
    return Path(name).suffix.lower() in ENDINGS


def graph_syntax(path: Path) -> pyoxigraph.RdfFormat:
    """Return the format that a file's ending names. GraphError: that of no graph.

    >>> graph_syntax(Path("policy.json")).name
    'JSON-LD'
    """
    import pyoxigraph

    ending = ENDINGS.get(path.suffix.lower())
    syntax = pyoxigraph.RdfFormat.from_extension(ending) if ending else None
    if syntax is None:
        known = ", ".join(ENDINGS)
        raise GraphError(path, f'"{path.suffix}" is no graph format', f"give one of {known}")
    return syntax


def read_bytes(path: Path, *, limit: int = SIZE_LIMIT) -> bytes:
    """Return a graph file's bytes. GraphError: it cannot be read, or has more than `limit`.

    >>> read_bytes(Path("no-such.ttl"))
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: no-such.ttl: No such file or directory; give a graph file
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise GraphError(path, error.strerror or str(error), "give a graph file") from error
    if len(data) > limit:
        found = f"larger than {limit:,} bytes"
        raise GraphError(path, found, "split it by its named graphs")
    return data


def refuse_entities(data: bytes, where: object) -> None:
    """Raise GraphError for XML entities that are made of others, or longer than a namespace.

    >>> refuse_entities(b'<!DOCTYPE a [<!ENTITY b "&c;&c;">]>', "a.rdf")
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: a.rdf: it declares XML entities of entities; ...
    """
    if ENTITY.search(data[:ENTITIES_REACH]) and data.lstrip()[:1] == b"<":
        raise GraphError(where, "it declares XML entities of entities", "write it without them")


def refuse_depth(data: bytes, where: object) -> None:
    """Raise GraphError for XML elements that lie deeper in each other than any graph's.

    >>> refuse_depth(b"<a>" * 2000, "a.rdf")
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: a.rdf: more than 1,000 XML elements in each other; write it flat
    """
    depth = 0
    for tag in XML_TAG.finditer(data):
        depth += -1 if tag[1] else 0 if data[tag.end() - 2] == SLASH else 1
        if depth > DEEPEST:
            found = f"more than {DEEPEST:,} XML elements in each other"
            raise GraphError(where, found, "write it flat")


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


def name_blanks(quads: Iterable[pyoxigraph.Quad]) -> list[pyoxigraph.Quad]:
    """Return quads with their blank nodes numbered as they come: the parser names them by chance.

    >>> import pyoxigraph
    >>> found = parse_quads(b"[] <urn:b> [] .", pyoxigraph.RdfFormat.TURTLE, "x")
    >>> [(quad.subject.value, quad.object.value) for quad in name_blanks(found)]
    [('b1', 'b2')]
    """
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
