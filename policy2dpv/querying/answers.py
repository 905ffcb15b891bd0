"""What a query gave, and its forms: text for people, the W3C's result formats, dicts, pandas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from policy2dpv.errors import QueryError

if TYPE_CHECKING:
    import pandas

AnswerFormat = Literal["table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld"]
ROW_FORMATS = ("table", "csv", "tsv", "json", "xml")
RDF_FORMATS = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD"}
BLANK = re.compile(r"_:[^\s<>\"]+")
Cells = tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a query gave: rows of a SELECT, the verdict of an ASK or the triples of a CONSTRUCT.

    `cells` are the rows' terms in N-Triples syntax, "" where a variable is unbound; `triples` and
    `verdict` are None where the query was of another form.
    """

    columns: Cells = ()
    cells: tuple[Cells, ...] = ()
    verdict: bool | None = None
    triples: tuple[Any, ...] | None = None
    prefixes: tuple[tuple[str, str], ...] = ()

    def format(self, name: AnswerFormat) -> str:
        r"""Return the answer as text.

        A CONSTRUCT's or DESCRIBE's triples are Turtle unless another form of RDF is asked for.
        Raises QueryError where RDF is asked for and the query gave rows or a verdict.

        >>> Answer(columns=("who",), cells=(('"Acme"@en',),)).format("csv")
        'who\r\nAcme\r\n'
        """
        if self.triples is not None:
            return self._rdf("turtle" if name in ROW_FORMATS else name)
        if name in RDF_FORMATS:
            raise QueryError(
                "query", f"only a CONSTRUCT or DESCRIBE gives {name}", "use table, csv or json"
            )
        from policy2dpv.querying.answer_formats import FORMATTERS

        return FORMATTERS[name](self)

    def rows(self) -> tuple[Cells, ...]:
        """Return the rows as plain words: IRIs and literals without their marks, "" if unbound.

        >>> Answer(columns=("who", "how"), cells=(('"Acme"@en', ""),)).rows()
        (('Acme', ''),)
        """
        return tuple(tuple(map(plain_text, row)) for row in self.cells)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict a row, with Python values: str, int, float, bool, date; None if unbound.

        Numbers of type xsd:decimal are Decimals; durations and the like stay words. The verdict
        of an ASK is one row with the key "verdict"; triples have subject, predicate and object.

        >>> number = '"30"^^<http://www.w3.org/2001/XMLSchema#integer>'
        >>> Answer(columns=("days", "who"), cells=((number, ""),)).to_dicts()
        [{'days': 30, 'who': None}]
        """
        if self.verdict is not None:
            return [{"verdict": self.verdict}]
        if self.triples is not None:
            names: Cells = ("subject", "predicate", "object")
            found: Iterable[Cells] = (tuple(map(str, triple)) for triple in self.triples)
        else:
            names, found = self.columns, self.cells
        return [dict(zip(names, map(python_value, row), strict=True)) for row in found]

    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas DataFrame. Raises QueryError where pandas is not installed.

        >>> answer = Answer(columns=("who",), cells=(('"Acme"',),))
        >>> list(answer.to_pandas()["who"])  # doctest: +SKIP
        ['Acme']
        """
        try:
            import pandas
        except ImportError as error:
            raise QueryError(
                "to_pandas", "pandas is not installed", "install it, or use to_dicts()"
            ) from error
        columns = list(self.columns) if self.verdict is None and self.triples is None else None
        return pandas.DataFrame(self.to_dicts(), columns=columns)

    def without_constant(self, column: str) -> Answer:
        """Return the answer without a column that is the same in all rows, such as the graph.

        >>> Answer(columns=("a", "graph"), cells=(("1", "g"), ("2", "g"))).without_constant("graph")
        Answer(columns=('a',), cells=(('1',), ('2',)), verdict=None, triples=None, prefixes=())
        """
        if column not in self.columns or len(self.columns) == 1:
            return self
        at = self.columns.index(column)
        if len({row[at] for row in self.cells}) > 1:
            return self
        cells = tuple((*row[:at], *row[at + 1 :]) for row in self.cells)
        columns = (*self.columns[:at], *self.columns[at + 1 :])
        return Answer(columns=columns, cells=cells, prefixes=self.prefixes)

    def short(self, cell: str) -> str:
        """Return a cell for people: a CURIE, or a literal's words in one line.

        >>> Answer(prefixes=(("ex", "http://x.example/"),)).short("<http://x.example/a>")
        'ex:a'
        """
        if not cell.startswith("<"):
            return " ".join(plain_text(cell).split())
        iri = cell[1:-1]
        matching = [(len(ns), p, ns) for p, ns in self.prefixes if iri.startswith(ns)]
        if not matching:
            return iri
        _, prefix, namespace = max(matching)
        return f"{prefix}:{iri[len(namespace) :]}"

    def _rdf(self, name: str) -> str:
        import pyoxigraph

        written = pyoxigraph.serialize(
            self.triples or (),
            format=getattr(pyoxigraph.RdfFormat, RDF_FORMATS[name]),
            prefixes=None if name == "ntriples" else dict(self.prefixes),
        )
        text = written.decode("utf-8") if written else ""
        return _used_prefixes(text) if name == "turtle" else text.rstrip("\n") + "\n"


def make_answer(
    columns: Iterable[str],
    rows: Iterable[Cells],
    *,
    prefixes: Iterable[tuple[str, str]] = (),
    ordered: bool = False,
) -> Answer:
    """Return the answer of a SELECT: rows sorted unless `ordered`, blank nodes named in order.

    Engines name blank nodes as they like; here they are b0, b1 ... as they come, so that the same
    rows give the same bytes.

    >>> make_answer(["n"], [("_:x9",), ('"a"',)]).cells
    (('"a"',), ('_:b0',))
    """
    found = list(rows)
    if not ordered:
        found.sort(key=lambda row: ([BLANK.sub("_:", c) if c[:2] == "_:" else c for c in row], row))
    names: dict[str, str] = {}

    def named(cell: str) -> str:
        if cell[:2] != "_:":
            return cell
        return names.setdefault(cell, f"_:b{len(names)}")

    cells = tuple(tuple(map(named, row)) for row in found)
    return Answer(columns=tuple(columns), cells=cells, prefixes=tuple(prefixes))


def make_graph(triples: Iterable[Any], prefixes: Iterable[tuple[str, str]] = ()) -> Answer:
    """Return the answer of a CONSTRUCT or DESCRIBE: triples sorted, blank nodes named canonically.

    >>> len(make_graph([]).triples)
    0
    """
    import pyoxigraph

    found = set(triples)
    if any(isinstance(t, pyoxigraph.BlankNode) for s in found for t in (s.subject, s.object)):
        data = pyoxigraph.Dataset(pyoxigraph.Quad(t.subject, t.predicate, t.object) for t in found)
        data.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
        found = {quad.triple for quad in data}
    return Answer(triples=tuple(sorted(found, key=str)), prefixes=tuple(prefixes))


def read_term(cell: str) -> Any:
    """Return the pyoxigraph term that a cell of N-Triples syntax stands for, None for "".

    >>> read_term('"Acme"@en').language
    'en'
    """
    import pyoxigraph

    if not cell:
        return None
    line = f"<s:s> <p:p> {cell} ."
    [quad] = pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return quad.object


def plain_text(cell: str) -> str:
    """Return a cell as SPARQL's CSV writes it: no brackets, no datatype.

    >>> plain_text("<http://x.example/a>"), plain_text('"Acme"@en'), plain_text("")
    ('http://x.example/a', 'Acme', '')
    """
    if cell.startswith("<") and not cell.startswith("<<"):
        return cell[1:-1]
    if cell.startswith("_:"):
        return cell
    return str(getattr(read_term(cell), "value", cell))


def python_value(cell: str) -> Any:
    """Return a cell as a Python value; what has none stays words, "" is None.

    >>> python_value('"2025-05-01"^^<http://www.w3.org/2001/XMLSchema#date>')
    datetime.date(2025, 5, 1)
    """
    import datetime
    from decimal import Decimal, InvalidOperation

    if not cell:
        return None
    text = plain_text(cell)
    kind = cell.rpartition("#")[2].rstrip(">") if cell.startswith('"') and "^^" in cell else ""
    whole = ("integer", "nonNegativeInteger", "int", "long")
    readers: dict[str, Any] = {
        **dict.fromkeys(whole, int), "decimal": Decimal, "double": float, "float": float,
        "boolean": lambda t: t in ("true", "1"), "date": datetime.date.fromisoformat,
        "dateTime": datetime.datetime.fromisoformat,
    }  # fmt: skip
    try:
        return readers.get(kind, str)(text)
    except (ValueError, InvalidOperation):
        return text


def _used_prefixes(turtle: str) -> str:
    """Sort the prefix lines of a Turtle text and leave out those that it does not use."""
    lines = turtle.splitlines(keepends=True)
    head = sorted(line for line in lines if line.startswith("@prefix "))
    body = "".join(line for line in lines if not line.startswith("@prefix "))
    return "".join(line for line in head if line.split()[1] in body) + body


def iterate_short(answer: Answer) -> Iterator[list[str]]:
    """Yield the rows with their cells as people read them.

    >>> list(iterate_short(Answer(columns=("a",), cells=(('"x"',),))))
    [['x']]
    """
    yield from ([answer.short(cell) for cell in row] for row in answer.cells)
