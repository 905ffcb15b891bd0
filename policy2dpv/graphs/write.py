"""Graphs as files: one writer for each format, each giving the same bytes for the same graph."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO

from policy2dpv.data import replace_file
from policy2dpv.errors import WriteError
from policy2dpv.graphs.triples import PolicyGraph

# The suffix of each format's files.
FORMATS = {
    "jsonld": ".jsonld",
    "turtle": ".ttl",
    "nquads": ".nq",
    "trig": ".trig",
    "ntriples": ".nt",
    "rdfxml": ".rdf",
    "csv": ".csv",
}
# The formats that can hold several graphs under their names.
DATASET_FORMATS = ("nquads", "trig")


def write_graph(
    graph: PolicyGraph,
    target: str | Path | IO[bytes] | IO[str],
    format: str = "jsonld",
    *,
    beside: Sequence[PolicyGraph] = (),
) -> None:
    """Write a graph to a file or an open stream.

    A file is written under a temporary name and moved, so it is there whole or not at all.
    `beside` are further graphs, such as the evidence, for the formats that can hold them.
    Raises WriteError for an unknown format and a place that cannot be written.

    >>> import io
    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> stream = io.StringIO()
    >>> write_graph(build_graph(plain_document("Our policy."), [], []), stream, "ntriples")
    >>> stream.getvalue().startswith("<")
    True
    """
    text = format_graph(graph, format, beside=beside)
    if isinstance(target, str | Path):
        _write_file(Path(target), text)
    elif isinstance(target, io.TextIOBase):
        target.write(text)
    else:
        target.write(text.encode("utf-8"))  # type: ignore[arg-type]  # not text, so bytes


def format_graph(
    graph: PolicyGraph, format: str = "jsonld", *, beside: Sequence[PolicyGraph] = ()
) -> str:
    """The text of a graph in a format. Raises WriteError for one that does not exist.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> graph = build_graph(plain_document("Our policy."), [], [], base="https://x.example/p")
    >>> format_graph(graph, "nquads").splitlines()[0].split()[3].startswith("<https://x.example/p#G")
    True
    """
    if format not in FORMATS:
        raise WriteError("format", f"there is no format {format!r}", f"use {', '.join(FORMATS)}")
    writer = _writer(format)
    if not beside:
        return writer(graph)
    if format not in DATASET_FORMATS:
        raise WriteError(
            "format", f"{format} holds one graph only", f"use {' or '.join(DATASET_FORMATS)}"
        )
    parts = [writer(one) for one in (graph, *beside)]
    return "".join(parts) if format == "nquads" else "\n".join(parts)


def _writer(format: str) -> Callable[[PolicyGraph], str]:
    """The writer of a format; each is loaded when it is asked for."""
    if format == "nquads":
        return write_nquads
    if format == "ntriples":
        return write_ntriples
    name = "turtle" if format == "trig" else format
    module = import_module(f"policy2dpv.graphs.write_{name}")
    writer: Callable[[PolicyGraph], str] = getattr(module, f"write_{format}")
    return writer


def write_nquads(graph: PolicyGraph) -> str:
    """The triples as sorted N-Quads under the graph's name; canonical, as there is no blank node.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> write_nquads(build_graph(plain_document("Our policy."), [], [])).rstrip().endswith("> .")
    True
    """
    return _lines(graph, f" <{graph.name}> .\n")


def write_ntriples(graph: PolicyGraph) -> str:
    """The triples as sorted N-Triples.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> write_ntriples(build_graph(plain_document("Our policy."), [], [])).rstrip().endswith("> .")
    True
    """
    return _lines(graph, " .\n")


def _lines(graph: PolicyGraph, end: str) -> str:
    return end.join(graph.lines) + end if graph.lines else ""


def _write_file(path: Path, text: str) -> None:
    try:
        replace_file(path, text)
    except OSError as error:
        raise WriteError(
            path, f"cannot be written: {error.strerror}", "name another file or folder"
        ) from error
