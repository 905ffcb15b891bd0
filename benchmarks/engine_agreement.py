"""The named queries at another engine: `engine_agreement.py GRAPH ... --endpoint URL`.

The graphs and the vocabulary's hierarchy must be loaded there: `--write FILE` writes them as one
file of N-Quads. An engine without a server is asked by `--command 'arq --data all.nq {query}'`,
which prints SPARQL results in JSON; {query} becomes a file's name. Each query's rows are held
against those of our own store; a row that is there twice counts twice, numbers count by value,
and a CONSTRUCT is asked for its rows.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyoxigraph
from query_benchmark import settings

from policy2dpv.errors import PolicyError
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.querying.answers import Answer
from policy2dpv.querying.endpoint import ask_endpoint
from policy2dpv.querying.named_queries import fill_query, list_queries
from policy2dpv.querying.query import ask_store, read_answer
from policy2dpv.querying.query_words import write_prefixes
from policy2dpv.querying.store import list_policies, load_graphs, open_store

HIERARCHY = "https://w3id.org/dpv/2.3"
NUMBER = re.compile(r'"([-+]?[\d.]+)"\^\^<.*#(?:\w*[iI]nteger|decimal)>')
CONSTRUCT = re.compile(r"^CONSTRUCT \{.*?\}(?=\s*WHERE)", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Print one line a query; exit 1 where rows differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("graphs", nargs="+", type=Path, help="graphs of ours, N-Quads")
    parser.add_argument("--endpoint", help="address of a SPARQL endpoint")
    parser.add_argument("--command", help="a command that prints SPARQL results in JSON")
    parser.add_argument("--write", type=Path, help="write what must be loaded there, and stop")
    wanted = parser.parse_args()
    if wanted.write:
        write_data(wanted.graphs, wanted.write)
        return
    store = open_store()
    load_graphs(store, wanted.graphs)
    records, differing = list_policies(store), 0
    for query in list_queries():
        sparql = fill_query(query, settings(query, records))
        sparql = CONSTRUCT.sub("SELECT DISTINCT *", sparql)
        ours = rows(ask_store(store, sparql))
        try:
            theirs = rows(ask(sparql, wanted.endpoint, wanted.command))
        except (PolicyError, subprocess.CalledProcessError, SyntaxError, OSError) as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            print(f"{query.name:29} no answer: {said.decode(errors='replace')[:300]}", flush=True)
            differing += 1
            continue
        only, missing = theirs - ours, ours - theirs
        told = f"{only.total()} only there, {missing.total()} only here"
        said = told if only or missing else "same"
        print(f"{query.name:29}{ours.total():7} rows: {said}", flush=True)
        for row in [*only, *missing][:2]:
            print("      ", *row)
        differing += bool(only or missing)
    print(f"{differing} differ")
    sys.exit(bool(differing))


def write_data(graphs: list[Path], target: Path) -> None:
    """Write the graphs and the vocabulary's hierarchy as one file of N-Quads."""
    facts = [f"{s} {p} {o} <{HIERARCHY}> .\n" for s, p, o in load_vocabulary().hierarchy_facts()]
    target.write_text("".join([*(path.read_text("utf-8") for path in graphs), *facts]), "utf-8")


def ask(sparql: str, endpoint: str | None, command: str | None) -> Answer:
    """Return the other engine's answer."""
    if endpoint:
        return ask_endpoint(endpoint, sparql)
    prefixes = dict(load_vocabulary().prefixes)
    with tempfile.NamedTemporaryFile("w", suffix=".rq", encoding="utf-8") as file:
        file.write(write_prefixes(sparql, prefixes))
        file.flush()
        words = [word.replace("{query}", file.name) for word in shlex.split(command or "")]
        done = subprocess.run(words, capture_output=True, check=True)
    found = pyoxigraph.parse_query_results(done.stdout, format=pyoxigraph.QueryResultsFormat.JSON)
    return read_answer(found, sparql, prefixes)


def rows(answer: Answer) -> Counter[tuple[str, ...]]:
    """Return the rows as texts; names of blank nodes say nothing, numbers are their values."""
    return Counter(tuple(plain(str(cell)) for cell in row) for row in answer.cells)


def plain(cell: str) -> str:
    """Return what a cell says in any engine.

    >>> plain('"30.0"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    '30'
    """
    number = NUMBER.fullmatch(cell)
    return "_" if cell.startswith("_:") else f"{float(number[1]):g}" if number else cell


if __name__ == "__main__":
    main()
