"""The files: every format holds the same triples, byte for byte the same each time."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyoxigraph
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from samples import Reading, document, statements
from strategies import readings

from policy2dpv.data import data_folder, replace_file
from policy2dpv.errors import WriteError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.jsonld_context import CONTEXT, format_context
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.graphs.write import FORMATS, format_graph, write_graph
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Document, Segment, Statement

HERE = Path(__file__).parent
BASE = "https://acme.example/privacy"
RDF = {
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD),
    "turtle": ("turtle", pyoxigraph.RdfFormat.TURTLE),
    "nquads": ("nquads", pyoxigraph.RdfFormat.N_QUADS),
    "trig": ("trig", pyoxigraph.RdfFormat.TRIG),
    "ntriples": ("nt", pyoxigraph.RdfFormat.N_TRIPLES),
    "rdfxml": ("xml", pyoxigraph.RdfFormat.RDF_XML),
}
Read = tuple[Document, list[Segment], list[Statement]]


@pytest.fixture(autouse=True)
def _literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.fixture(scope="module")
def graph() -> PolicyGraph:
    reading = Reading(document())
    return build_graph(reading.document, reading.segments, statements(reading), base=BASE)


def by_oxigraph(text: str, format: str) -> list[str]:
    quads = pyoxigraph.parse(text.encode(), format=RDF[format][1])
    return sorted({str(quad.triple) for quad in quads})


def by_rdflib(text: str, format: str) -> list[str]:
    found = rdflib.Dataset()
    found.parse(data=text, format=RDF[format][0])
    plain = rdflib.Graph()
    for s, p, o, _ in found.quads():
        plain.add((s, p, o))
    return by_oxigraph(plain.serialize(format="nt"), "ntriples")


@pytest.mark.parametrize("format", sorted(RDF))
def test_each_format_holds_the_same_triples(graph: PolicyGraph, format: str) -> None:
    text = format_graph(graph, format)
    assert by_oxigraph(text, format) == list(graph.lines)
    assert by_rdflib(text, format) == list(graph.lines)


@pytest.mark.parametrize("format", sorted(RDF))
def test_evidence_is_the_same_in_each_format(graph: PolicyGraph, format: str) -> None:
    evidence = build_evidence(graph)
    assert by_oxigraph(format_graph(evidence, format), format) == list(evidence.lines)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(readings())
def test_any_graph_is_the_same_in_each_format(read: Read) -> None:
    for base in (None, BASE):
        graph = build_graph(*read, base=base)
        for format in sorted(RDF):
            text = format_graph(graph, format)
            assert by_oxigraph(text, format) == list(graph.lines), format
            if format != "trig":  # one of the Turtle family is enough for the slow parser
                assert by_rdflib(text, format) == list(graph.lines), format


def test_json_ld_expands_with_pyld_and_asks_nobody(graph: PolicyGraph) -> None:
    from pyld import jsonld

    def refuse(url: str, options: object) -> None:
        pytest.fail(f"asked for {url}")

    for one in (graph, build_evidence(graph)):
        body = json.loads(format_graph(one, "jsonld"))
        options = {"format": "application/n-quads", "documentLoader": refuse}
        assert by_oxigraph(jsonld.to_rdf(body, options), "nquads") == list(one.lines)


def test_json_ld_expands_with_npms_jsonld(graph: PolicyGraph) -> None:
    folder = os.environ.get("NODE_MODULES", str(HERE.parent / "node_modules"))
    node = shutil.which("node")
    if not node or not Path(folder, "jsonld").is_dir():
        pytest.skip("node with the package jsonld is not there: set NODE_MODULES to its folder")
    done = subprocess.run(
        [node, str(HERE / "expand.mjs"), str(Path(folder).resolve()) + "/"],
        input=format_graph(graph, "jsonld"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert by_oxigraph(done.stdout, "nquads") == list(graph.lines)


def test_json_ld_is_nested_from_the_notice(graph: PolicyGraph) -> None:
    body = json.loads(format_graph(graph, "jsonld"))
    assert body["id"] == BASE
    assert body["@context"]["contextVersion"] == CONTEXT
    process = next(p for p in body["hasProcess"] if p.get("hasPersonalData") == ["pd:EmailAddress"])
    assert process["type"] == "dpv:Process"
    assert process["source"][0]["hasSelector"][1]["exact"].startswith("We use your email")
    assert process["hasPurpose"][0]["prefLabel"] == "send you newsletters"


def test_every_node_is_described_once_in_json_ld(graph: PolicyGraph) -> None:
    def described(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if len(value) > 1 and "id" in value:
                yield value["id"]
            for inner in value.values():
                yield from described(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from described(inner)

    body = json.loads(format_graph(graph, "jsonld"))
    del body["@context"]
    names = list(described(body))
    assert len(names) == len(set(names)) == len(graph.subjects)


def test_the_inlined_context_is_a_part_of_the_published_one(graph: PolicyGraph) -> None:
    whole = json.loads(data_folder("vocab").joinpath("context.jsonld").read_text("utf-8"))
    inlined = json.loads(format_graph(graph, "jsonld"))["@context"]
    own = {"here", "p2id", "@language"}
    assert {k: v for k, v in inlined.items() if k not in own}.items() <= whole["@context"].items()
    assert "@vocab" not in whole["@context"]


def test_the_published_context_is_current(request: pytest.FixtureRequest) -> None:
    wanted = format_context(load_vocabulary(), load_modelling())
    if request.config.getoption("--update-golden"):
        replace_file(data_folder("vocab") / "context.jsonld", wanted)
    text = data_folder("vocab").joinpath("context.jsonld").read_text("utf-8")
    assert text == wanted, "run pytest with --update-golden and look at the difference"


def test_turtle_begins_with_the_notice_and_its_controller(graph: PolicyGraph) -> None:
    text = format_graph(graph, "turtle")
    starts = [block.split()[0] for block in text.split("\n\n")[1:]]
    controller = f"here:{graph.subjects[1].partition('#')[2]}"
    assert starts[:2] == [f"<{BASE}>", controller]
    assert all(len(line) < 400 for line in text.splitlines())


def test_quads_carry_the_versions_name_and_hold_the_evidence(graph: PolicyGraph) -> None:
    evidence = build_evidence(graph)
    for format in ("nquads", "trig"):
        text = format_graph(graph, format, beside=[evidence])
        quads = list(pyoxigraph.parse(text.encode(), format=RDF[format][1]))
        names = {quad.graph_name.value for quad in quads}
        assert names == {graph.name, evidence.name}
        assert len(quads) == len(graph.triples) + len(evidence.triples)
    with pytest.raises(WriteError, match="one graph only"):
        format_graph(graph, "turtle", beside=[evidence])


def test_csv_has_a_row_for_each_statement(graph: PolicyGraph) -> None:
    rows = list(csv.DictReader(io.StringIO(format_graph(graph, "csv"))))
    assert len(rows) == len(graph.statements)
    transfer = next(row for row in rows if row["countries"] == "loc:US")
    assert transfer["recipients"] == "Google Analytics (dpv:ThirdParty)"
    assert transfer["modality"] == "possible"
    assert transfer["section"] == "Sharing"
    assert transfer["quote"].startswith("We may transfer")
    denied = next(row for row in rows if row["polarity"] == "denied")
    assert denied["condition"] == "unless you agree"
    assert {row["policy"] for row in rows} == {graph.notice}
    assert all(row["quote"] in graph.document.text for row in rows)


def test_xml_has_no_forbidden_characters() -> None:
    text = "We use\x0cyour\x01 data <b> & more.\n"
    reading = Reading(document(text, title="A\x0bB & <c>"))
    said = reading.said("We use", ("purpose", "dpv:DirectMarketing", "your\x01 data"))
    made = build_graph(reading.document, reading.segments, [said], base=BASE)
    ElementTree.fromstring(format_graph(made, "rdfxml"))
    assert by_oxigraph(format_graph(made, "turtle"), "turtle") == list(made.lines)
    assert by_oxigraph(format_graph(made, "jsonld"), "jsonld") == list(made.lines)


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_files_and_streams_hold_the_same_bytes(
    graph: PolicyGraph, format: str, tmp_path: Path
) -> None:
    path = tmp_path / f"policy{FORMATS[format]}"
    path.write_text("old")
    write_graph(graph, path, format)
    binary, text = io.BytesIO(), io.StringIO(newline="")
    write_graph(graph, binary, format)
    write_graph(graph, text, format)
    assert path.read_bytes() == binary.getvalue() == text.getvalue().encode()
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_format_is_named(graph: PolicyGraph) -> None:
    with pytest.raises(WriteError, match=r"no format 'yaml'; use jsonld, turtle"):
        write_graph(graph, io.StringIO(), "yaml")


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(
    graph: PolicyGraph, tmp_path: Path
) -> None:
    with pytest.raises(WriteError, match="cannot be written"):
        write_graph(graph, tmp_path / "missing" / "x.ttl", "turtle")
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError, match="cannot be written"):
        write_graph(graph, tmp_path / "folder", "turtle")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_the_same_bytes_whatever_the_hash_seed_and_the_folder(tmp_path: Path) -> None:
    code = """
import sys
sys.path[:0] = sys.argv[1:]
from samples import Reading, document, statements
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.write import FORMATS, format_graph
reading = Reading(document())
graph = build_graph(reading.document, reading.segments, statements(reading))
for one in (graph, build_evidence(graph)):
    for format in FORMATS:
        sys.stdout.buffer.write(format_graph(one, format).encode())
"""
    made = set()
    for seed, locale, folder in (("1", "C", tmp_path), ("2", "C.UTF-8", HERE)):
        variables = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale}
        variables.pop("SOURCE_DATE_EPOCH", None)
        done = subprocess.run(
            [sys.executable, "-c", code, str(HERE), str(HERE.parent)],
            capture_output=True, cwd=folder, env=variables, check=True,
        )  # fmt: skip
        made.add(done.stdout)
    assert len(made) == 1
    assert len(made.pop()) > 10_000


def test_a_german_policy_keeps_the_language_of_each_label(graph: PolicyGraph) -> None:
    policy = msgspec.structs.replace(graph.document, language="de")
    reading = Reading(policy)
    made = build_graph(policy, reading.segments, statements(reading), base=BASE)
    text = format_graph(made, "jsonld")
    assert json.loads(text)["@context"]["@language"] == "de"
    assert by_oxigraph(text, "jsonld") == list(made.lines)
    assert any(line.endswith('"send you newsletters"@de') for line in made.lines)
    assert any(line.endswith('Right of Access"@en') for line in made.lines)
