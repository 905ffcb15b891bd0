"""SPARQL over files: the hierarchy is there, the network is not, answers have one order."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from policy2dpv.errors import GraphError, QueryError
from policy2dpv.querying.query import Answer, refuse_service, run_query

DATA = """
@prefix dpv: <https://w3id.org/dpv#> . @prefix pd: <https://w3id.org/dpv/pd#> .
@prefix loc: <https://w3id.org/dpv/loc#> .
<urn:x:1> a dpv:Process ; dpv:hasPersonalData pd:EmailAddress ; dpv:hasName "say, \\"hi\\""@en .
<urn:x:2> a dpv:Process ; dpv:hasPersonalData pd:Age ; dpv:hasLocation loc:DE-SN .
"""
PROCESSES = "SELECT ?p ?data { ?p a dpv:Process ; dpv:hasPersonalData ?data } "


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "data.ttl"
    path.write_text(DATA)
    return path


def test_terms_roll_up_by_the_vocabulary(graph: Path) -> None:
    asked = "SELECT ?p { ?p dpv:hasPersonalData/skos:broader* pd:Contact }"
    assert run_query([graph], asked).cells == (("<urn:x:1>",),)


@pytest.mark.parametrize("clause", ["FROM <urn:no>", "from named <urn:no>"])
def test_a_query_that_names_its_graphs_sees_no_others(graph: Path, clause: str) -> None:
    assert run_query([graph], "ASK { ?p a dpv:Process }").verdict
    assert run_query([graph], f"ASK {clause} {{ ?p a dpv:Process }}").verdict is False


def test_rare_terms_of_the_data_have_their_hierarchy(graph: Path) -> None:
    assert run_query([graph], "ASK { ?p dpv:hasLocation/skos:broader loc:DE }").verdict


def test_vocabulary_terms_are_not_taken_for_data(graph: Path) -> None:
    assert len(run_query([graph], "SELECT ?x { ?x a ?type }").cells) == 2


def test_rows_are_sorted_unless_the_query_orders(graph: Path) -> None:
    rows = run_query([graph], PROCESSES).cells
    assert [row[0] for row in rows] == ["<urn:x:1>", "<urn:x:2>"]
    rows = run_query([graph], PROCESSES + "ORDER BY DESC(?p)").cells
    assert [row[0] for row in rows] == ["<urn:x:2>", "<urn:x:1>"]


def test_columns_stand_as_the_query_names_them(graph: Path) -> None:
    assert run_query([graph], PROCESSES).columns == ("p", "data")


def test_table_csv_tsv_json(graph: Path) -> None:
    answer = run_query([graph], "SELECT ?p ?n { ?p dpv:hasName ?n }")
    assert "say," in answer.format("table")
    assert list(csv.reader(answer.format("csv").splitlines())) == [
        ["p", "n"], ["urn:x:1", 'say, "hi"']
    ]  # fmt: skip
    assert answer.format("tsv").splitlines()[1] == '<urn:x:1>\t"say, \\"hi\\""@en'
    [row] = json.loads(answer.format("json"))["results"]["bindings"]
    assert row["n"] == {"type": "literal", "value": 'say, "hi"', "xml:lang": "en"}
    assert row["p"] == {"type": "uri", "value": "urn:x:1"}


def test_unbound_cells_are_empty(graph: Path) -> None:
    answer = run_query([graph], PROCESSES.replace("} ", "OPTIONAL { ?p dpv:hasName ?data } } "))
    assert answer.format("csv")
    optional = run_query([graph], "SELECT ?p ?n { ?p a dpv:Process OPTIONAL { ?p dpv:hasName ?n }}")
    assert ("<urn:x:2>", "") in optional.cells
    assert len(json.loads(optional.format("json"))["results"]["bindings"][1]) == 1


def test_construct_gives_turtle(graph: Path) -> None:
    asked = "CONSTRUCT { ?p dpv:hasData ?d } { ?p dpv:hasPersonalData ?d }"
    text = run_query([graph], asked).format("table")
    assert "<urn:x:1> dpv:hasData pd:EmailAddress" in text
    heads = [line for line in text.splitlines() if line.startswith("@prefix")]
    assert heads == sorted(heads)
    assert len(heads) == 2


def test_ask(graph: Path) -> None:
    assert run_query([graph], "ASK { ?p a dpv:Prohibition }").format("table") == "false\n"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE <http://192.0.2.1/> {} }",
        "SELECT * { ?s ?p 1e5SERVICE <http://192.0.2.1/> {} }",
        "SELECT * { ?s ?p dpv:a\\#b . SERVICE <http://192.0.2.1/> {} }",
        "SELECT * { \\u0053ERVICE <http://192.0.2.1/> {} }",
        "PREFIX : <http://192.0.2.1/> SELECT * { SERVICE:a {} }",
        "SELECT * { ?s ?p ?o.service silent <http://192.0.2.1/> {} }",
        "SELECT * { ?s ?p 'it''s'. SERVICE ?o {} }",
    ],
)
def test_other_servers_are_refused(query: str) -> None:
    with pytest.raises(QueryError, match="no network"):
        run_query([], query)


@pytest.mark.parametrize(
    "query",
    [
        'ASK { ?s ?p "SERVICE" }',
        "ASK { ?s a dpv:Service } # no SERVICE here",
        "ASK { ?service ?p <http://a.example/service> }",
        "ASK { ?s ?p '''long SERVICE text''' }",
    ],
)
def test_the_word_service_may_be_said(query: str) -> None:
    refuse_service(query)
    run_query([], query)


def test_a_wrong_query_says_where() -> None:
    with pytest.raises(QueryError, match="1:"):
        run_query([], "SELEKT * { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.ttl", "<a> <b"), ("a.xyz", ""), ("a.jsonld", '{"@context": "https://a.example/c"}')],
)
def test_a_file_that_is_no_graph(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(GraphError):
        run_query([tmp_path / name], "ASK {}")


def test_only_a_construct_is_turtle() -> None:
    with pytest.raises(QueryError):
        Answer(verdict=True).format("turtle")
