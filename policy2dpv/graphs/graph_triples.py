"""Graph files -> plain triples, ours or anybody's, without network and within a size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import GraphError
from policy2dpv.graphs.triples import Grounds, Literal, Object, Triple, object_text

if TYPE_CHECKING:
    import pyoxigraph

LIMIT = 50_000_000  # bytes of a graph file
ENDINGS: Mapping[str, str] = {
    ".jsonld": "jsonld", ".json": "jsonld", ".ttl": "ttl", ".nq": "nq", ".nt": "nt",
    ".trig": "trig", ".rdf": "rdf", ".owl": "rdf",
}  # fmt: skip
STRING = "http://www.w3.org/2001/XMLSchema#string"
NOTICE = "notice"  # its name in structure.tsv


class GraphFile(msgspec.Struct, frozen=True):
    """A graph's triples, sorted as N-Triples would be; blank nodes are called ``_:NAME``."""

    name: str
    triples: tuple[Triple, ...]
    notices: tuple[str, ...] = ()

    @property
    def grounds(self) -> tuple[Grounds, ...]:
        """No grounds: a file says what is stated, not what it rests on."""
        return ((),) * len(self.triples)


def is_graph_file(name: str) -> bool:
    """Whether a file's ending is that of a graph.

    >>> is_graph_file("out/policy.jsonld"), is_graph_file("policy.md")
    (True, False)
    """
    return Path(name).suffix.lower() in ENDINGS


def read_graph_file(path: Path, *, limit: int = LIMIT) -> GraphFile:
    """Return the triples of a file, of all its graphs together, and the notices among them.

    GraphError: no such file, more than `limit` bytes, no graph format, not valid.

    >>> read_graph_file(Path("nowhere.ttl"))
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: nowhere.ttl: No such file or directory; give a graph file
    """
    import pyoxigraph

    data = _read(path, limit)
    ending = ENDINGS.get(path.suffix.lower(), "")
    syntax = pyoxigraph.RdfFormat.from_extension(ending) if ending else None
    if syntax is None:
        known = ", ".join(ENDINGS)
        raise GraphError(path, f'"{path.suffix}" is no graph format', f"give one of {known}")
    return parse_graph(data, syntax, path.name)


def parse_graph(data: bytes, syntax: pyoxigraph.RdfFormat, name: str) -> GraphFile:
    """Return the triples of a graph's bytes. GraphError: they are not valid.

    >>> import pyoxigraph
    >>> found = parse_graph(b'<urn:a> <urn:b> "c" .', pyoxigraph.RdfFormat.N_TRIPLES, "x")
    >>> found.triples
    (('urn:a', 'urn:b', Literal(text='c', datatype='', language='')),)
    """
    import pyoxigraph

    try:
        quads = list(pyoxigraph.parse(data, format=syntax, base_iri="file:///"))
    except (SyntaxError, ValueError) as error:
        raise GraphError(name, f"no valid {syntax.name}: {error}", "convert it again") from error
    found = {
        (_text(q.subject), _text(q.predicate), _object(q.object))
        for q in quads
        if not isinstance(q.subject, pyoxigraph.Triple)
        and not isinstance(q.object, pyoxigraph.Triple)
    }
    triples = tuple(sorted(found, key=lambda t: (t[0], t[1], object_text(t[2]))))
    return GraphFile(name, triples, find_notices(triples))


def find_notices(triples: tuple[Triple, ...]) -> tuple[str, ...]:
    """Return the nodes that are notices, by the class of structure.tsv or one that is under it.

    >>> find_notices((("urn:a", "urn:b", "urn:c"),))
    ()
    """
    from policy2dpv.knowledge.slots import load_modelling
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    tables, known = load_modelling(), load_vocabulary()
    top = tables.curies[NOTICE]
    return tuple(dict.fromkeys(
        s for s, p, o in triples
        if p == tables.terms["type"] and isinstance(o, str) and known.is_under(known.curie(o), top)
    ))  # fmt: skip


def only_notice(graph: GraphFile, notice: str) -> GraphFile:
    """Return what hangs on one of a graph's notices. GraphError: the graph has no such notice.

    >>> triples = (("urn:a", "urn:p", "urn:b"), ("urn:c", "urn:p", "urn:d"))
    >>> graph = GraphFile("x", triples, ("urn:a",))
    >>> only_notice(graph, "urn:a").triples
    (('urn:a', 'urn:p', 'urn:b'),)
    """
    if notice not in graph.notices:
        known = ", ".join(graph.notices) or "none"
        raise GraphError(graph.name, f"no notice {notice}", f"it has {known}")
    others = set(graph.notices) - {notice}
    out: dict[str, list[Triple]] = {}
    for triple in graph.triples:
        out.setdefault(triple[0], []).append(triple)
    seen, queue = {notice}, [notice]
    for node in queue:
        for _, _, value in out.get(node, ()):
            if isinstance(value, str) and value not in seen and value not in others:
                seen.add(value)
                queue.append(value)
    kept = tuple(triple for triple in graph.triples if triple[0] in seen)
    return GraphFile(graph.name, kept, (notice,))


def _read(path: Path, limit: int) -> bytes:
    try:
        if path.is_dir():
            raise GraphError(path, "a folder, not a graph", "name the files in it")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise GraphError(path, error.strerror or str(error), "give a graph file") from error
    if len(data) > limit:
        raise GraphError(path, f"more than {limit:,} bytes", "give a smaller graph")
    return data


def _text(node: object) -> str:
    value = str(getattr(node, "value", ""))
    return f"_:{value}" if str(node).startswith("_:") else value


def _object(node: object) -> Object:
    import pyoxigraph

    if not isinstance(node, pyoxigraph.Literal):
        return _text(node)
    if node.language:
        return Literal(node.value, "", node.language)
    datatype = node.datatype.value
    return Literal(node.value, "" if datatype == STRING else datatype)
