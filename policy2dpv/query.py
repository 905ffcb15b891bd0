"""SPARQL over graph files, with the vocabulary's hierarchy beside the data and no network.

The data and the vocabulary stand in different named graphs and are queried over their union, so
``skos:broader*`` rolls terms up. The vocabulary's graph is its IRI (see `VOCABULARY_GRAPH`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from policy2dpv.errors import GraphError, QueryError

if TYPE_CHECKING:
    import pyoxigraph

    from policy2dpv.vocabulary import Vocabulary

AnswerFormat = Literal["table", "csv", "tsv", "json", "turtle"]
VOCABULARY_GRAPH = "https://w3id.org/dpv/{release}"

# The words of a query: what hides other words (escapes, IRIs, strings, comments, numbers) first.
TOKENS = re.compile(
    r"""\\.|<[^<>"{}|^`\\\s]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*
    |[?$]\w+|@[\w-]+|(?P<prefix>[^\W\d][\w.-]*)?:(?:[\w.:%-]|\\.)*
    |\d[\d.]*(?:[eE][+-]?\d+)?|(?P<word>[^\W\d]\w*)""",
    re.VERBOSE | re.DOTALL,
)
ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a query gave: rows of a SELECT, the verdict of an ASK or the triples of a CONSTRUCT.

    `cells` are the rows' terms in N-Triples syntax, "" where a variable is unbound; `triples` and
    `verdict` are None where the query was of another form.
    """

    columns: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    verdict: bool | None = None
    triples: tuple[Any, ...] | None = None
    prefixes: tuple[tuple[str, str], ...] = ()

    def format(self, name: AnswerFormat) -> str:
        r"""Return the answer as text; a CONSTRUCT's triples are Turtle whatever the format is.

        >>> Answer(columns=("who",), cells=(('"Acme"@en',),)).format("csv")
        'who\r\nAcme\r\n'
        """
        if self.triples is not None:
            return self._turtle()
        if name == "turtle":
            raise QueryError("query", "only a CONSTRUCT gives Turtle", "use table, csv or json")
        if name == "table":
            return self._table()
        return self._results(name)

    def _turtle(self) -> str:
        import pyoxigraph

        written = pyoxigraph.serialize(
            self.triples or (), format=pyoxigraph.RdfFormat.TURTLE, prefixes=dict(self.prefixes)
        )
        lines = written.decode("utf-8").splitlines(keepends=True) if written else []
        head = sorted(line for line in lines if line.startswith("@prefix "))
        body = "".join(line for line in lines if not line.startswith("@prefix "))
        return "".join(line for line in head if line.split()[1] in body) + body

    def _table(self) -> str:
        if self.verdict is not None:
            return f"{str(self.verdict).lower()}\n"
        shown = [[self._short(cell) for cell in row] for row in self.cells]
        widths = [
            max(len(line[at]) for line in [list(self.columns), *shown])
            for at in range(len(self.columns))
        ]
        rule = ["-" * width for width in widths]
        lines = [list(self.columns), rule, *shown]
        padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
        return "".join(f"{line}\n" for line in padded)

    def _short(self, cell: str) -> str:
        """Return a cell for people: a CURIE, or a literal's words."""
        term = _term(cell)
        if cell.startswith("<"):
            iri = cell[1:-1]
            matching = [(len(ns), p, ns) for p, ns in self.prefixes if iri.startswith(ns)]
            if matching:
                _, prefix, namespace = max(matching)
                return f"{prefix}:{iri[len(namespace) :]}"
            return iri
        return " ".join(str(getattr(term, "value", "")).split())

    def _results(self, name: str) -> str:
        if name == "json":
            return self._json()
        if self.verdict is not None:
            return f"{str(self.verdict).lower()}\n"
        if name == "tsv":
            head = "\t".join(f"?{column}" for column in self.columns)
            return "".join(f"{line}\n" for line in [head, *("\t".join(r) for r in self.cells)])
        import csv
        import io

        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(self.columns)
        writer.writerows([_plain(cell) for cell in row] for row in self.cells)
        return stream.getvalue()

    def _json(self) -> str:
        """Return SPARQL 1.1 Query Results JSON."""
        result: dict[str, Any] = {"head": {}}
        if self.verdict is not None:
            result["boolean"] = self.verdict
        else:
            result["head"]["vars"] = list(self.columns)
            bindings = [
                {c: _binding(cell) for c, cell in zip(self.columns, row, strict=True) if cell}
                for row in self.cells
            ]
            result["results"] = {"bindings": bindings}
        return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def run_query(
    graphs: Iterable[str | Path], sparql: str, *, vocabulary: Vocabulary | None = None
) -> Answer:
    """Return what a SPARQL query gives over graph files and the vocabulary's hierarchy.

    The vocabulary's prefixes need no declaration. Rows come sorted unless the query orders them.
    QueryError: a query that cannot be parsed or that asks for another server. GraphError: a file
    that is missing or no RDF.

    >>> run_query([], "ASK { ?term skos:broader ?wider }").verdict
    True
    """
    from policy2dpv.vocabulary import load_vocabulary

    refuse_service(sparql)
    known = vocabulary or load_vocabulary()
    store = load_store(graphs, known)
    prefixes = dict(known.prefixes)
    try:
        found = store.query(sparql, prefixes=prefixes, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError("query", str(error), "correct the query and run it again") from error
    return _answer(found, sparql, prefixes)


def load_store(graphs: Iterable[str | Path], vocabulary: Vocabulary) -> pyoxigraph.Store:
    """Return a store with the graph files, and the vocabulary's hierarchy in its own graph.

    >>> from policy2dpv.vocabulary import load_vocabulary
    >>> len(load_store([], load_vocabulary())) > 1000
    True
    """
    import pyoxigraph

    store = pyoxigraph.Store()
    for graph in graphs:
        _load_file(store, Path(graph))
    beside = pyoxigraph.NamedNode(VOCABULARY_GRAPH.format(release=vocabulary.release))
    terms = sorted({vocabulary.curie(iri) for iri in _iris(store) if vocabulary.is_dpv(iri)})
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in vocabulary.hierarchy_facts(terms))
    store.bulk_load(
        lines.encode("utf-8"), format=pyoxigraph.RdfFormat.N_TRIPLES, to_graph=beside
    )
    return store


def refuse_service(sparql: str) -> None:
    """Raise QueryError if a query would ask another server; strings and names may say "service".

    >>> refuse_service('SELECT * { ?s a dpv:Service ; skos:prefLabel "service" }')
    """
    plain = ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16) % 0x110000), sparql)
    for text in (sparql, plain):
        for token in TOKENS.finditer(text):
            if "service" in {(token["word"] or "").lower(), (token["prefix"] or "").lower()}:
                raise QueryError(
                    "query",
                    "SERVICE asks another server, and queries here use no network",
                    "fetch that data to a file first and give the file as a further graph",
                )


def _load_file(store: pyoxigraph.Store, path: Path) -> None:
    import pyoxigraph

    suffix = path.suffix.lstrip(".").lower()
    syntax = pyoxigraph.RdfFormat.from_extension("jsonld" if suffix == "json" else suffix)
    if syntax is None:
        raise GraphError(
            path, f'"{path.suffix}" is no graph format', "give .jsonld, .ttl, .nq, .trig, .nt, .rdf"
        )
    try:
        store.load(path.read_bytes(), format=syntax, base_iri=path.resolve().as_uri())
    except OSError as error:
        raise GraphError(path, error.strerror or str(error), "give a graph file") from error
    except SyntaxError as error:
        raise GraphError(path, f"no valid {syntax.name}: {error}", "convert it again") from error


def _iris(store: pyoxigraph.Store) -> set[str]:
    """Return the IRIs that the data has as objects."""
    import pyoxigraph

    objects = {quad.object for quad in store}
    return {term.value for term in objects if isinstance(term, pyoxigraph.NamedNode)}


def _answer(found: object, sparql: str, prefixes: dict[str, str]) -> Answer:
    import pyoxigraph

    pairs = tuple(sorted(prefixes.items()))
    try:
        if isinstance(found, pyoxigraph.QueryBoolean):
            return Answer(verdict=bool(found), prefixes=pairs)
        if isinstance(found, pyoxigraph.QueryTriples):
            return Answer(triples=tuple(sorted(set(found), key=str)), prefixes=pairs)
        solutions = cast("pyoxigraph.QuerySolutions", found)
        columns = _column_order([v.value for v in solutions.variables], sparql)
        rows = [tuple(_cell(row[name]) for name in columns) for row in solutions]
    except OSError as error:
        raise QueryError("query", str(error), "correct the query and run it again") from error
    ordered = any((t["word"] or "").lower() == "order" for t in TOKENS.finditer(sparql))
    return Answer(
        columns=columns, cells=tuple(rows if ordered else sorted(rows)), prefixes=pairs
    )


def _column_order(names: Sequence[str], sparql: str) -> tuple[str, ...]:
    """Return the variables in the order in which the query first names them."""
    return tuple(sorted(names, key=lambda name: (_first_use(name, sparql), name)))


def _first_use(name: str, sparql: str) -> int:
    found = re.search(rf"[?$]{re.escape(name)}\b", sparql)
    return found.start() if found else len(sparql)


def _cell(term: object) -> str:
    return "" if term is None else str(term)


def _term(cell: str) -> Any:
    """Return the term that a cell of N-Triples syntax stands for."""
    import pyoxigraph

    if not cell:
        return None
    line = f"<s:s> <p:p> {cell} ."
    [quad] = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return quad.object


def _plain(cell: str) -> str:
    """Return a cell as SPARQL's CSV writes it: no brackets, no datatype."""
    term = _term(cell)
    return f"_:{term.value}" if cell.startswith("_:") else str(getattr(term, "value", ""))


def _binding(cell: str) -> dict[str, str]:
    term = _term(cell)
    if cell.startswith("<"):
        return {"type": "uri", "value": term.value}
    if cell.startswith("_:"):
        return {"type": "bnode", "value": term.value}
    described = {"type": "literal", "value": term.value}
    if term.language:
        described["xml:lang"] = term.language
    elif not term.datatype.value.endswith("XMLSchema#string"):
        described["datatype"] = term.datatype.value
    return described
