"""Named queries over many policies: `query_benchmark.py POLICY_OR_FOLDER ... [--policies 1000]`.

The policies are converted once; each copy gets its own address and dates. They are loaded into
a store on disk, each named query is run warm, and a part of the same data is asked in rdflib.
Times are of the clock and of the processor; on a busy machine the second tells more.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy2dpv.conversion import convert
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.querying.named_queries import NamedQuery, fill_query, list_queries
from policy2dpv.querying.query import ask_store
from policy2dpv.querying.store import PolicyRecord, list_policies, load_graphs, open_store

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WANTED_MS, WANTED_RATE = 300, 100_000
BASE = "https://p0.example/privacy"
DATE = re.compile(r'"(19|20)(\d\d)-(\d\d-\d\d"\^\^<[^>]*#date>)')


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("policies", nargs="*", type=Path, help="policies; else the examples")
    parser.add_argument("--count", type=int, default=1000, help="policies in the store")
    parser.add_argument("--rdflib", type=int, default=5, help="policies asked in rdflib; 0: none")
    parser.add_argument("--patience", type=float, default=20.0, help="seconds of rdflib a query")
    parser.add_argument("--memory", action="store_true", help="a store in memory, not on disk")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = write_copies(find_policies(wanted.policies), Path(folder), wanted.count)
        store = open_store(None if wanted.memory else Path(folder) / "store")
        print_load(store, files)
        records = list_policies(store)
        slow = print_queries(store, records)
        if wanted.rdflib:
            print_rdflib(files[: wanted.rdflib], records, wanted.patience)
    sys.exit(bool(slow))


def find_policies(given: Sequence[Path]) -> list[Path]:
    """Return the files, and the files of folders, sorted."""
    found: list[Path] = []
    for path in given or [EXAMPLES]:
        found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return found


def write_copies(policies: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Write `count` graphs as N-Quads, the policies in turn, each under its own address."""
    texts = [convert(path, base=BASE).to_nquads() for path in policies]
    files = []
    for number in range(count):
        text = texts[number % len(texts)].replace("https://p0.", f"https://p{number}.")
        year = 10 + number // len(texts) % 15
        path = folder / f"{number:05}.nq"
        path.write_text(DATE.sub(lambda m, y=year: f'"20{y:02}-{m[3]}', text), "utf-8")  # type: ignore[misc]
        files.append(path)
    return files


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds of the clock and of the processor, and the result."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - start, time.process_time() - cpu, result


def print_load(store: pyoxigraph.Store, files: Sequence[Path]) -> None:
    """Load the files and print the rate."""
    clock, cpu, done = timed(lambda: load_graphs(store, files))
    triples = sum(one.triples for one in done)
    rate = triples / clock
    print(f"{len(files):,} policies, {triples:,} triples loaded in {clock:.1f} s "
          f"(processor {cpu:.1f} s): {rate:,.0f} triples/s, wanted {WANTED_RATE:,}")  # fmt: skip


def settings(query: NamedQuery, records: Sequence[PolicyRecord]) -> dict[str, str]:
    """Return something for each parameter that a query needs."""
    values = {"string": ["google"], "iri": [record.graph for record in records[:2]]}
    needed = [p for p in query.parameters if p.required]
    return {p.name: values[p.type][number] for number, p in enumerate(needed)}


def print_queries(store: pyoxigraph.Store, records: Sequence[PolicyRecord]) -> list[str]:
    """Run each query twice over all policies, and over one; return those that are too slow."""
    print(f"\n{'query':29}{'rows':>7}{'all, ms':>10}{'processor':>11}{'one policy, ms':>16}")
    slow = []
    for query in list_queries():
        given = settings(query, records)
        sparql = fill_query(query, given)
        answer = ask_store(store, sparql)
        clock, cpu = warm(store, sparql)
        one = single(store, query, given, records[len(records) // 2].graph)
        rows = len(answer.cells) or len(answer.triples or ())
        print(f"{query.name:29}{rows:7}{clock * 1000:10.0f}{cpu * 1000:11.0f}{one:>16}")
        slow += [query.name] if min(clock, cpu) * 1000 > WANTED_MS else []
    print(f"slower than {WANTED_MS} ms: {', '.join(slow) or 'none'}")
    return slow


def warm(store: pyoxigraph.Store, sparql: str) -> tuple[float, float]:
    """Return the best seconds of the clock and of the processor of three rounds."""
    rounds = [timed(lambda: ask_store(store, sparql)) for _ in range(3)]
    return min(r[0] for r in rounds), min(r[1] for r in rounds)


def single(store: pyoxigraph.Store, query: NamedQuery, given: Mapping[str, str], graph: str) -> str:
    """Return the milliseconds over one policy of the store, "" for a query of many."""
    if "graph" not in {parameter.name for parameter in query.parameters}:
        return ""
    sparql = fill_query(query, {**given, "graph": graph})
    ask_store(store, sparql)
    return f"{timed(lambda: ask_store(store, sparql))[0] * 1000:.0f}"


def print_rdflib(files: Sequence[Path], records: Sequence[PolicyRecord], patience: float) -> None:
    """Ask rdflib and our engine the same of a part of the policies."""
    import multiprocessing

    store = open_store()
    load_graphs(store, files)
    print(f"\nthe first {len(files)} policies\n{'query':29}{'rdflib, ms':>12}{'ours, ms':>10}")
    clock, _, data = timed(lambda: rdflib_dataset(files))
    print(f"{'(loading)':29}{clock * 1000:12.0f}")
    fork = multiprocessing.get_context("fork")
    for query in list_queries():
        sparql = fill_query(query, settings(query, list_policies(store) * 2))
        ours = timed(lambda q=sparql: ask_store(store, q))[0]  # type: ignore[misc]
        ends, starts = fork.Pipe(duplex=False)
        process = fork.Process(target=ask_rdflib, args=(data, sparql, starts))
        process.start()
        told = ends.recv() if ends.poll(patience) else f"over {patience * 1000:.0f}"
        process.kill()
        process.join()
        print(f"{query.name:29}{told:>12}{ours * 1000:10.1f}", flush=True)


def rdflib_dataset(files: Sequence[Path]) -> rdflib.Dataset:
    """Return the files and the vocabulary's hierarchy as a dataset over the union of graphs."""
    import rdflib

    data = rdflib.Dataset(default_union=True)
    for path in files:
        data.parse(path, format="nquads")
    facts = "".join(f"{s} {p} {o} .\n" for s, p, o in load_vocabulary().hierarchy_facts())
    data.graph(rdflib.URIRef("https://w3id.org/dpv/2.3")).parse(data=facts, format="nt")
    return data


def ask_rdflib(data: rdflib.Dataset, sparql: str, told: Any) -> None:
    """Run a query in rdflib and tell its milliseconds."""
    prefixes = dict(load_vocabulary().prefixes)
    try:
        clock, _, _ = timed(lambda: list(data.query(sparql, initNs=prefixes)))
        told.send(f"{clock * 1000:.0f}")
    except Exception as error:
        told.send(type(error).__name__)


if __name__ == "__main__":
    main()
