"""A store holds each policy in a graph of its own, whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph
import pytest
from conftest import ROOT, Run

from policy2dpv import convert
from policy2dpv.errors import GraphError
from policy2dpv.querying.query import ask_store, run_query
from policy2dpv.querying.store import (
    list_policies,
    load_graphs,
    open_store,
    remove_policies,
    vocabulary_graph,
)

BASE = "https://acme.example/privacy"
OLD = "We use your email address to send you our newsletter. Last updated: 1 May 2024."
NEW = "We do not use your email address for advertising. Last updated: 1 May 2025."
DATA = "SELECT ?data { ?process a dpv:Process ; dpv:hasPersonalData ?data }"


@pytest.fixture
def versions(tmp_path: Path) -> list[Path]:
    """Two versions of one policy, in two formats."""
    old, new = tmp_path / "old.ttl", tmp_path / "new.jsonld"
    old.write_text(convert(OLD.encode(), base=BASE).to_turtle())
    new.write_text(convert(NEW.encode(), base=BASE).to_jsonld())
    return [old, new]


def triples(store: pyoxigraph.Store, graph: str) -> int:
    return sum(1 for _ in store.quads_for_pattern(None, None, None, pyoxigraph.NamedNode(graph)))


def test_versions_stand_side_by_side(versions: list[Path]) -> None:
    store = open_store()
    load_graphs(store, versions)
    old, new = list_policies(store)
    assert (old.notice, new.notice) == (BASE, BASE)
    assert [old.date, new.date] == ["2024-05-01", "2025-05-01"]
    assert (old.processes > 0, new.prohibitions > 0) == (True, True)
    assert old.graph != new.graph


def test_all_formats_name_the_same_graph(tmp_path: Path) -> None:
    made = convert(OLD.encode(), base=BASE)
    names = set()
    for suffix, text in (
        ("ttl", made.to_turtle()), ("jsonld", made.to_jsonld()), ("nq", made.to_nquads())
    ):  # fmt: skip
        path = tmp_path / f"a.{suffix}"
        path.write_text(text)
        [loaded] = load_graphs(open_store(), [path])
        names.update(loaded.graphs)
    assert len(names) == 1


def test_the_same_version_replaces_itself(versions: list[Path]) -> None:
    store = open_store()
    load_graphs(store, versions)
    before = list_policies(store)
    counts = [triples(store, record.graph) for record in before]
    again = load_graphs(store, versions)
    assert [one.replaced for one in again] == [one.graphs for one in again]
    assert list_policies(store) == before
    assert [triples(store, record.graph) for record in before] == counts


def test_a_file_given_twice_is_there_once(versions: list[Path]) -> None:
    store = open_store()
    load_graphs(store, [versions[0], versions[0]])
    assert len(list_policies(store)) == 1


def test_policies_are_removed_by_notice_or_graph(versions: list[Path]) -> None:
    store = open_store()
    load_graphs(store, versions)
    graph = list_policies(store)[0].graph
    assert remove_policies(store, [graph]) == (graph,)
    assert [record.date for record in list_policies(store)] == ["2025-05-01"]
    load_graphs(store, versions)
    assert len(remove_policies(store, [BASE])) == 2
    assert list_policies(store) == ()
    with pytest.raises(GraphError, match="no policy"):
        remove_policies(store, [BASE])


def test_the_hierarchy_of_rare_terms_is_there(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store")
    for place in ("DE-SN", "FR-75C"):
        path = tmp_path / f"{place}.ttl"
        path.write_text(
            "@prefix dpv: <https://w3id.org/dpv#> . @prefix loc: <https://w3id.org/dpv/loc#> .\n"
            f"<urn:x:{place}> a dpv:Process ; dpv:hasLocation loc:{place} .\n"
        )
        load_graphs(store, [path])
    asked = "SELECT ?up { ?x dpv:hasLocation/skos:broader ?up . FILTER(?up != dpv:Region) }"
    assert len(ask_store(store, asked).cells) >= 2


def test_the_vocabulary_cannot_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "evil.nq"
    path.write_text(f"<urn:x:a> <urn:x:b> <urn:x:c> <{vocabulary_graph()}> .\n")
    with pytest.raises(GraphError, match="the vocabulary's"):
        load_graphs(open_store(), [path])


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    text = '@prefix dpv: <https://w3id.org/dpv#> .\n_:a a dpv:Process ; dpv:hasName "{}" .\n'
    paths = [tmp_path / "1.ttl", tmp_path / "2.ttl"]
    for path in paths:
        path.write_text(text.replace("{}", path.stem))
    rows = run_query(paths, "SELECT ?a ?name { ?a dpv:hasName ?name }").cells
    assert rows == (("_:b0", '"1"'), ("_:b1", '"2"'))


def test_no_folder_is_taken_for_a_store(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="no store"):
        open_store(tmp_path / "absent", read_only=True)
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(GraphError, match="not empty"):
        open_store(tmp_path)


def test_a_store_is_loaded_asked_and_listed(command: Run, versions: list[Path]) -> None:
    loaded = command("load", "store", *versions)
    assert loaded.returncode == 0
    assert "in 2 graphs loaded, 0 of them replaced" in loaded.stderr
    asked = command("query", "--store", "store", "--sparql", DATA, "--format", "csv")
    assert "EmailAddress" in asked.stdout
    listed = command("load", "store", "--list").stdout.splitlines()
    assert len(listed) == 3
    gone = command("load", "store", "--remove", BASE)
    assert "2 graphs removed" in gone.stderr
    assert len(command("load", "store", "--list").stdout.splitlines()) == 1
    assert command("load", "store").returncode == 2


def test_a_bad_file_loads_nothing_of_it(tmp_path: Path, versions: list[Path]) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("<urn:x:a> <urn:x:b> <urn:x:c> . <urn:x:a> <")
    store = open_store(tmp_path / "store")
    load_graphs(store, versions[:1])
    with pytest.raises(GraphError, match="no valid"):
        load_graphs(store, [versions[1], bad])
    assert triples(store, list_policies(store)[0].graph) > 10
    assert not ask_store(store, "ASK { <urn:x:a> ?p ?o }").verdict


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("delay", [0.05, 0.4, 0.8])
def test_a_killed_load_leaves_whole_policies(tmp_path: Path, delay: float) -> None:
    """Loads many policies in small steps, kills the process, and counts what each graph holds."""
    made = convert(OLD.encode(), base="https://p0.example/privacy").to_nquads()
    size = made.count("\n")
    for number in range(300):
        path = tmp_path / f"{number}.nq"
        path.write_text(made.replace("https://p0.example/", f"https://p{number}.example/"))
    script = (
        "import sys, glob; from policy2dpv import store as s\n"
        "s.BATCH = 2000; opened = s.open_store(sys.argv[1]); print('open', flush=True)\n"
        "s.load_graphs(opened, sorted(glob.glob(sys.argv[2] + '/*.nq')))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "store"), str(tmp_path)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    store = open_store(tmp_path / "store")
    assert {triples(store, record.graph) for record in list_policies(store)} <= {size}
    load_graphs(store, sorted(tmp_path.glob("*.nq")))
    records = list_policies(store)
    assert len(records) == 300
    assert {triples(store, record.graph) for record in records} == {size}
    assert ask_store(store, "ASK { dpv:DirectMarketing skos:broader* dpv:Purpose }").verdict
