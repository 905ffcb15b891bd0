"""Answers in all forms: the W3C's formats read back by other software, dicts and pandas."""

from __future__ import annotations

import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyoxigraph
import pytest
from conftest import ROOT, Run
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.errors import QueryError
from policy2dpv.querying.answers import Answer, AnswerFormat, make_answer, make_graph
from policy2dpv.querying.query import run_query

NESTED = ROOT / "tests" / "queries" / "foreign" / "nested.ttl"
RESULTS = "http://www.w3.org/2005/sparql-results#"
NONE = "\ufffe\uffff"  # no characters of XML
XSD = "http://www.w3.org/2001/XMLSchema#"
CELLS = (
    ("<http://x.example/a>", '"say \\"hi\\" & <b>\\nbye"@en', f'"3"^^<{XSD}integer>'),
    ("_:b0", '"\\t,;"', ""),
)
ANSWER = Answer(columns=("a", "b", "c"), cells=CELLS)


@pytest.mark.parametrize("form", ["json", "tsv"])
def test_results_are_read_back(form: AnswerFormat) -> None:
    syntax = getattr(pyoxigraph.QueryResultsFormat, form.upper())
    found = pyoxigraph.parse_query_results(ANSWER.format(form).encode(), format=syntax)
    rows = [tuple("" if row[c] is None else str(row[c]) for c in "abc") for row in found]
    assert rows == list(CELLS)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_rdflib_reads_them_too(form: AnswerFormat) -> None:
    from rdflib.query import Result

    found = Result.parse(BytesIO(ANSWER.format(form).encode()), format=form)
    [first, second] = list(found)
    assert str(first[1]) == 'say "hi" & <b>\nbye'
    assert first[2].toPython() == 3
    assert second[2] is None


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_verdict_is_read_back(form: AnswerFormat) -> None:
    syntax = getattr(pyoxigraph.QueryResultsFormat, form.upper())
    written = Answer(verdict=True).format(form).encode()
    assert bool(pyoxigraph.parse_query_results(written, format=syntax)) is True


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_xml_says_any_text(text: str) -> None:
    cell = str(pyoxigraph.Literal(text))
    written = Answer(columns=("a",), cells=((cell,),)).format("xml")
    [found] = Xml.fromstring(written.encode()).iter(f"{{{RESULTS}}}literal")
    for said, character in zip(found.text or "", text, strict=True):
        sayable = character in "\t\n\r" or (character >= " " and character not in NONE)
        assert said == (character if sayable else "\ufffd")


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld"])
def test_graphs_are_read_back(form: AnswerFormat) -> None:
    from rdflib import Graph
    from rdflib.compare import isomorphic

    asked = (
        "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } "
        "FILTER(STRSTARTS(STR(?g), 'https://nested.example/')) }"
    )
    answer = run_query([NESTED], asked)
    formats = {"turtle": "turtle", "ntriples": "nt", "jsonld": "json-ld"}
    read = Graph().parse(data=answer.format(form), format=formats[form])
    assert isomorphic(read, Graph().parse(NESTED))
    assert answer.format(form) == run_query([NESTED], asked).format(form)


def test_rows_are_no_rdf() -> None:
    with pytest.raises(QueryError, match="CONSTRUCT"):
        ANSWER.format("jsonld")


def test_dicts_hold_python_values() -> None:
    row = (
        f'"2025-05-01"^^<{XSD}date>', f'"30.4375"^^<{XSD}decimal>', f'"true"^^<{XSD}boolean>',
        f'"P6M"^^<{XSD}duration>', f'"x"^^<{XSD}integer>', "",
    )  # fmt: skip
    columns = tuple("abcdef")
    [found] = Answer(columns=columns, cells=(row,)).to_dicts()
    assert list(found.values()) == [
        datetime.date(2025, 5, 1), Decimal("30.4375"), True, "P6M", "x", None
    ]  # fmt: skip


def test_dicts_of_verdicts_and_graphs() -> None:
    assert Answer(verdict=False).to_dicts() == [{"verdict": False}]
    triple = pyoxigraph.Triple(
        pyoxigraph.NamedNode("urn:x:a"), pyoxigraph.NamedNode("urn:x:b"), pyoxigraph.Literal("c")
    )
    [found] = make_graph([triple]).to_dicts()
    assert found == {"subject": "urn:x:a", "predicate": "urn:x:b", "object": "c"}


def test_pandas() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: pip install pandas")
    frame = ANSWER.to_pandas()
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame["c"][0] == 3
    assert list(Answer(columns=("a",)).to_pandas().columns) == ["a"]


def test_without_pandas_the_message_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(QueryError, match="to_dicts"):
        ANSWER.to_pandas()


def test_blank_nodes_have_one_name_whatever_the_engine_gave() -> None:
    rows = [("_:z", '"2"'), ("_:a", '"1"'), ("_:z", '"3"')]
    other = [("_:k", '"1"'), ("_:c", '"3"'), ("_:c", '"2"')]
    made = make_answer(["n", "v"], rows).cells
    assert made == make_answer(["n", "v"], other).cells
    assert made == (("_:b0", '"1"'), ("_:b1", '"2"'), ("_:b1", '"3"'))


def test_the_command_lists_and_describes(command: Run) -> None:
    assert "recipients " in command("query", "--list").stdout
    shown = command("query", "--list", "--name", "shares-with").stdout
    assert "--set party  string (required)" in shown


def test_the_command_fills_in(command: Run) -> None:
    done = command("query", NESTED, "--name", "purposes", "--set", "data=pd:BankAccount")
    assert done.stdout.splitlines()[2:] == ["pd:BankAccount  dpv:PaymentManagement"]


def test_the_command_says_where_an_answer_was_cut(command: Run) -> None:
    done = command("query", NESTED, "--name", "data", "--set", "limit=2")
    assert "the answer ends at 2 rows" in done.stderr


def test_the_command_writes_graphs(command: Run, tmp_path: Path) -> None:
    done = command("query", NESTED, "--name", "practices", "--format", "jsonld", "-o", "a.jsonld")
    assert done.returncode == 0
    asked = command("query", "a.jsonld", "--name", "data", "--format", "csv").stdout
    assert "BankAccount" in asked


@pytest.mark.parametrize(
    "words",
    [
        ["--sparql", "ASK {}"],
        [NESTED, "--sparql", "ASK {}", "--name", "data"],
        [NESTED],
        [NESTED, "--sparql", "ASK {}", "--set", "a=b"],
        [NESTED, "--store", "s", "--sparql", "ASK {}"],
        ["--store", "absent", "--sparql", "ASK {}"],
        [NESTED, "--name", "no-such-query"],
        [NESTED, "--name", "data", "--set", "category=dpv:Nothing"],
        [NESTED, "--name", "data", "--format", "turtle"],
        ["--list", "--name", "no-such-query"],
    ],
)
def test_wrong_use_is_told_in_a_line(command: Run, words: list[str]) -> None:
    done = command("query", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("policy2dpv: ")
    assert "Traceback" not in done.stderr
