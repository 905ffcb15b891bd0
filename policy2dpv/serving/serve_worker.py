"""A process that answers one question at a time and may be killed in the midst of one.

A query of the engine cannot be interrupted from within, so each runs here, apart from the
server. The worker opens the store for reading only, takes jobs from its standard input and ends
when that ends.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.errors import PolicyError
from policy2dpv.serving.serve_jobs import (
    ConvertJob,
    Job,
    QueryJob,
    Reply,
    TableJob,
    receive_message,
    refusal,
    send_message,
)
from policy2dpv.serving.serve_negotiation import choose_form

if TYPE_CHECKING:
    import pyoxigraph

READY = "ready"
RESULTS = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
VERDICTS = tuple(form for form, name in RESULTS.items() if name in ("json", "xml"))
GRAPHS = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/xml": "rdfxml",
    "application/json": "jsonld",
}


class _TooLarge(Exception):
    """An answer that has grown beyond its limit."""


class _Bounded(io.BytesIO):
    """A buffer that refuses to grow beyond a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, data: object) -> int:
        """Take what fits; the engine stops with what this raises."""
        size = super().write(data)  # type: ignore[arg-type]  # bytes, as any stream gets them
        if self.tell() > self.limit:
            raise _TooLarge
        return size


def main() -> None:
    """Answer jobs until standard input ends: ``-m policy2dpv.serving.serve_worker BYTES [STORE]``.

    BYTES bounds the memory, STORE is the folder of the store that is asked.
    """
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    bound_memory(int(sys.argv[1]))
    store = open_store(sys.argv[2]) if len(sys.argv) > 2 else None
    send_message(target, READY)
    while (message := receive_message(source)) is not None:
        send_message(target, answer_job(msgspec.msgpack.decode(message, type=Job), store))


def bound_memory(size: int) -> None:
    """Let this process use at most so many bytes, where the system can bound it.

    >>> bound_memory(1 << 62)
    """
    try:
        import resource
    except ImportError:  # a system without such bounds
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size if most == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def open_store(folder: str) -> pyoxigraph.Store:
    """Return the store in a folder, for reading only. OSError: there is none."""
    import pyoxigraph

    return pyoxigraph.Store.read_only(folder)


def answer_job(job: Job, store: pyoxigraph.Store | None) -> Reply:
    """Return the answer to a job; what is wrong with it becomes a refusal.

    >>> import pyoxigraph
    >>> answer_job(QueryJob(sparql="ASK {}", accept="", limit=99), pyoxigraph.Store()).body
    b'{"head":{},"boolean":true}'
    """
    try:
        if isinstance(job, ConvertJob):
            return convert_policy(job)
        if store is None:
            return refusal(400, "this worker has no store to ask")
        return _guarded(job, store)
    except PolicyError as error:
        return refusal(400, str(error))
    except MemoryError:
        return refusal(400, "this needs more memory than it may use")
    except RecursionError:
        return refusal(400, "this is nested too deeply")


def _guarded(job: QueryJob | TableJob, store: pyoxigraph.Store) -> Reply:
    try:
        found = ask_store(job, store)
        if isinstance(job, TableJob):
            return _table(found, job)
        return _write(found, job)
    except _TooLarge:
        return refusal(413, "the answer is larger than it may be; add LIMIT or ask for less")
    except (SyntaxError, ValueError) as error:
        return refusal(400, f"the query is wrong: {error}")
    except OSError as error:
        return refusal(400, f"the query cannot be run: {error}")


def ask_store(job: QueryJob | TableJob, store: pyoxigraph.Store) -> object:
    """Return what the engine finds, not yet read to its end.

    The vocabulary's prefixes need no declaration. A query that names no graphs, here or in its
    own text, sees the union of all. QueryError: it would ask another server. SyntaxError: it is
    no query.
    """
    import pyoxigraph

    from policy2dpv.knowledge.vocabulary import load_vocabulary
    from policy2dpv.querying.query_words import names_graphs, refuse_service

    refuse_service(job.sparql)
    prefixes = dict(load_vocabulary().prefixes)
    default: list[Any] = [pyoxigraph.NamedNode(g) for g in getattr(job, "default_graphs", ())]
    named: list[Any] = [pyoxigraph.NamedNode(g) for g in getattr(job, "named_graphs", ())]
    if default or named:
        return store.query(job.sparql, prefixes=prefixes, default_graph=default, named_graphs=named)
    union = not names_graphs(job.sparql)
    return store.query(job.sparql, prefixes=prefixes, use_default_graph_as_union=union)


def _write(found: object, job: QueryJob) -> Reply:
    """The answer in the form that the client likes best."""
    import pyoxigraph

    if isinstance(found, pyoxigraph.QueryTriples):
        form = choose_form(job.accept, tuple(GRAPHS))
        if form is None:
            return _unacceptable(GRAPHS)
        name = GRAPHS[form]
        buffer = _Bounded(job.limit)
        triples = sorted(set(found), key=str)
        prefixes = used_prefixes(triples) if name == "turtle" else None
        pyoxigraph.serialize(triples, buffer, _graph_format(name), prefixes=prefixes)
    else:
        forms = VERDICTS if isinstance(found, pyoxigraph.QueryBoolean) else tuple(RESULTS)
        form = choose_form(job.accept, forms)
        if form is None:
            return _unacceptable(forms)
        buffer = _Bounded(job.limit)
        results: pyoxigraph.QuerySolutions = found  # type: ignore[assignment]
        results.serialize(buffer, _result_format(RESULTS[form]))
    charset = "; charset=utf-8" if form.startswith("text/") else ""
    return Reply(200, form + charset, buffer.getvalue())


def used_prefixes(triples: Iterable[pyoxigraph.Triple]) -> dict[str, str]:
    """Return the vocabulary's prefixes that some of the triples can be written with.

    >>> used_prefixes([])
    {}
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    terms = {term for triple in triples for term in (triple.subject, triple.predicate,
             triple.object, getattr(triple.object, "datatype", None))}  # fmt: skip
    iris = [str(getattr(term, "value", "")) for term in terms]
    spaces = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}
    return {p: space for p, space in sorted(load_vocabulary().prefixes.items()) if space in spaces}


def _unacceptable(forms: object) -> Reply:
    return refusal(406, "this comes as " + ", ".join(forms))  # type: ignore[arg-type]


def _graph_format(name: str) -> pyoxigraph.RdfFormat:
    from pyoxigraph import RdfFormat

    formats = {
        "turtle": RdfFormat.TURTLE, "ntriples": RdfFormat.N_TRIPLES,
        "jsonld": RdfFormat.JSON_LD, "rdfxml": RdfFormat.RDF_XML,
    }  # fmt: skip
    return formats[name]


def _result_format(name: str) -> pyoxigraph.QueryResultsFormat:
    from pyoxigraph import QueryResultsFormat as Format

    return {"json": Format.JSON, "xml": Format.XML, "csv": Format.CSV, "tsv": Format.TSV}[name]


class Table(msgspec.Struct, frozen=True):
    """The first rows of an answer, cells in N-Triples syntax; `more` tells that there are others.

    `verdict` is the answer of an ASK, `turtle` that of a CONSTRUCT.
    """

    columns: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    more: bool = False
    verdict: bool | None = None
    turtle: str | None = None


def _table(found: object, job: TableJob) -> Reply:
    import pyoxigraph

    from policy2dpv.querying.query_words import order_columns

    if isinstance(found, pyoxigraph.QueryBoolean):
        return _json(Table(verdict=bool(found)))
    if isinstance(found, pyoxigraph.QueryTriples):
        first, more = _first(found, job.rows * 4)
        triples = sorted(set(first), key=str)
        written = pyoxigraph.serialize(
            triples, format=pyoxigraph.RdfFormat.TURTLE, prefixes=used_prefixes(triples)
        )
        return _json(Table(turtle=(written or b"").decode("utf-8"), more=more))
    solutions: pyoxigraph.QuerySolutions = found  # type: ignore[assignment]
    columns = order_columns([variable.value for variable in solutions.variables], job.sparql)
    first, more = _first(solutions, job.rows)
    cells = tuple(tuple("" if row[c] is None else str(row[c]) for c in columns) for row in first)
    return _json(Table(columns=columns, cells=cells, more=more))


def _first(found: Iterable[Any], count: int) -> tuple[list[Any], bool]:
    from itertools import islice

    rows = list(islice(found, count + 1))
    return rows[:count], len(rows) > count


def _json(value: object) -> Reply:
    return Reply(200, "application/json", msgspec.json.encode(value))


def convert_policy(job: ConvertJob) -> Reply:
    """Return a policy's graph. ReadError: no policy that can be read.

    >>> convert_policy(ConvertJob(source=b"We use your email address.")).status
    200
    """
    from policy2dpv.conversion import convert
    from policy2dpv.graphs.write import format_graph

    made = convert(job.source, media_type=job.media_type, language=job.language, base=job.base)
    text = format_graph(made.policy_graph, job.format)
    return Reply(200, "application/ld+json", text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
