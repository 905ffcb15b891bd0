"""Each named query gives what the policies say, in our graphs and others', without denials."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import convert
from policy2dpv.errors import PolicyError, QueryError
from policy2dpv.querying.answers import Answer
from policy2dpv.querying.named_queries import (
    NamedQuery,
    Parameter,
    fill_query,
    list_queries,
    load_query,
    parse_settings,
    read_query,
    write_value,
)
from policy2dpv.querying.query import AnswerFormat, ask_store, find_answers
from policy2dpv.querying.store import list_policies, load_graphs, open_store

EXPECTED = ROOT / "tests" / "queries"
EXAMPLES = {
    "eu-shop": "eu-shop.html", "university": "university.txt", "us-app": "us-app.md",
    "laden": "de/laden.md",
}  # fmt: skip
FOREIGN = sorted(path.stem for path in (EXPECTED / "foreign").glob("*.ttl"))
SHARED = ROOT.parent / "shared" / "policies"
DENIED = "dpv:hasProhibition|dpv:hasDeterrence ?process"
# What rules.ttl only denies.
NEVER = re.compile(
    "pd:(Age|Height|Weight|Gender|Religion|Disability|EthnicOrigin|Language|Picture)$"
    "|dpv:(Advertising|PersonalisedAdvertising|DirectMarketing|SellDataToThirdParties|Profiling)$"
    "|tech:Cookie$|loc:US$|#broker$|#inner$"
)
NAMES = [query.name for query in list_queries()]


@cache
def store_of(name: str, folder: str) -> pyoxigraph.Store:
    store = open_store()
    if name in EXAMPLES:
        source = ROOT / "examples" / EXAMPLES[name]
        path = Path(folder, f"{name}.nq")
        path.write_text(convert(source, base=f"https://{name}.example/notice").to_nquads())
        load_graphs(store, [path])
    else:
        load_graphs(store, [EXPECTED / "foreign" / f"{name}.ttl"])
    return store


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("graphs"))


def expected(name: str) -> list[dict[str, str]]:
    lines = (EXPECTED / f"{name}.tsv").read_text("utf-8").splitlines()
    return list(csv.DictReader((s for s in lines if s[0] != "#"), delimiter="\t", quoting=3))


def has_row(answer: Answer, cells: str) -> bool:
    wanted = [cell.partition("=")[::2] for cell in cells.split(";")]
    places = [(answer.columns.index(column), value) for column, value in wanted]
    return any(all(answer.short(row[at]) == v for at, v in places) for row in answer.cells)


def settings(query: NamedQuery, store: pyoxigraph.Store) -> dict[str, str]:
    """Something for each parameter that a query needs."""
    graph = list_policies(store)[0].graph
    values = {"string": "google", "iri": graph}
    return {p.name: values[p.type] for p in query.parameters if p.required}


def test_there_are_enough() -> None:
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"difference", "practices"}))
def test_the_answers_are_what_the_policies_say(name: str, folder: str) -> None:
    rows = expected(name)
    assert {"+", "-"} == {row["sign"] for row in rows}, "both sides are expected"
    for row in rows:
        store = store_of(row["graph"], folder)
        sparql = fill_query(load_query(name), parse_settings(row["settings"].split()))
        found = has_row(ask_store(store, sparql), row["cells"])
        assert found is (row["sign"] == "+"), f"{row['graph']}: {row['sign']} {row['cells']}"


@pytest.mark.parametrize("query", list_queries(), ids=NAMES)
def test_no_denial_is_taken_for_a_practice(query: NamedQuery, folder: str) -> None:
    if DENIED not in query.text:
        pytest.skip("this query asks for more than practices")
    store = store_of("rules", folder)
    given = settings(query, store)
    answer = ask_store(store, fill_query(query, given))
    cells = [cell for row in answer.cells for cell in map(answer.short, row)]
    cells += [answer.short(str(term)) for triple in answer.triples or () for term in triple]
    assert not [cell for cell in cells if NEVER.search(cell)]


@pytest.mark.parametrize("query", list_queries(), ids=NAMES)
def test_the_engine_gives_the_rows_in_one_order(query: NamedQuery, folder: str) -> None:
    """A server sends them on as they come, and leaves out what is beyond the limit."""
    store = open_store()
    for name in ("laden", "university"):
        store.extend(store_of(name, folder))
    given = settings(query, store)
    if query.name == "difference":
        given = dict(zip(("one", "other"), (p.graph for p in list_policies(store)), strict=True))
    sparql = fill_query(query, given)
    told = {tuple(map(str, find_answers(store, sparql))) for _ in range(30)}
    assert len(told) == 1


def test_all_queries_of_practices_leave_out_the_same() -> None:
    parts = re.compile(r"(?ms)^  # Left out: .*?^}$")
    blocks = {found[0] for q in list_queries() for found in parts.finditer(q.text)}
    assert len(blocks) == 1
    assert sum(DENIED in query.text for query in list_queries()) > 20


def test_a_query_that_lists_stated_terms_excludes_denials() -> None:
    """Only those that ask for denials, for the notice itself or for words may do without."""
    without = {query.name for query in list_queries() if DENIED not in query.text}
    assert without == {
        "completeness", "conditions", "contacts", "controls", "denials", "evidence", "laws",
        "missing-rights", "outdated-terms", "policies", "policies-without-basis", "rights",
        "vulnerable-subjects",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*EXAMPLES, *FOREIGN])
def test_each_query_runs_everywhere(name: str, folder: str) -> None:
    store = store_of(name, folder)
    for query in list_queries():
        answer = ask_store(store, fill_query(query, settings(query, store)))
        assert answer.columns or answer.triples is not None, query.name


def test_each_query_runs_over_the_policies_at_hand(tmp_path: Path) -> None:
    files = sorted(path for path in SHARED.glob("[hmt]*/*") if path.is_file())
    if not files:
        pytest.skip(f"no policies in {SHARED.parent.name}/{SHARED.name}")
    for file in files:
        (tmp_path / f"{file.stem}.nq").write_text(convert(file).to_nquads())
    store = open_store()
    load_graphs(store, sorted(tmp_path.iterdir()))
    assert len(list_policies(store)) == len(files)
    for query in list_queries():
        answer = ask_store(store, fill_query(query, settings(query, store)))
        silent = {"policies-without-basis", "missing-rights", "outdated-terms", "difference"}
        assert answer.cells or answer.triples or query.name in silent, query.name


def test_the_difference_of_two_policies(folder: str) -> None:
    store = open_store()
    load_graphs(store, [EXPECTED / "foreign" / f"{name}.ttl" for name in ("nested", "rules")])
    one, other = (record.graph for record in list_policies(store))
    query = load_query("difference")
    answer = ask_store(store, fill_query(query, {"one": one, "other": other}))
    assert has_row(answer, "side=one;property=dpv:hasPersonalData;value=pd:BankAccount")
    assert has_row(answer, "side=other;property=dpv:hasPersonalData;value=pd:Name")
    assert not has_row(answer, "value=pd:Religion")
    same = ask_store(store, fill_query(query, {"one": one, "other": one}))
    assert same.cells == ()


@pytest.mark.parametrize("query", list_queries(), ids=NAMES)
def test_a_query_of_one_graph_gives_its_rows(query: NamedQuery, folder: str) -> None:
    """Those that it gives in a store with another policy beside it, and no others."""
    if "graph" not in {parameter.name for parameter in query.parameters}:
        pytest.skip("it asks for all graphs or for two")
    store = open_store()
    load_graphs(store, [EXPECTED / "foreign" / f"{name}.ttl" for name in ("nested", "rules")])
    graph = next(r.graph for r in list_policies(store) if "nested" in r.notice)
    given = {**settings(query, store), "graph": graph}
    alone = store_of("nested", folder)
    here = ask_store(store, fill_query(query, given))
    there = ask_store(alone, fill_query(query, settings(query, alone)))
    form: AnswerFormat = "csv" if here.triples is None else "ntriples"
    assert here.format(form) == there.format(form)


def test_practices_are_a_graph(folder: str) -> None:
    answer = ask_store(store_of("laden", folder), fill_query(load_query("practices")))
    text = answer.format("ntriples")
    assert "#EmailAddress>" in text
    assert "#CreditCardNumber>" not in text


def test_plain_graphs_are_asked_without_names(folder: str) -> None:
    import rdflib

    graph = rdflib.Graph().parse(EXPECTED / "foreign" / "rules.ttl")
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in (("dpv", "https://w3id.org/dpv#"),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"), ("dct", "http://purl.org/dc/terms/"),
    ))  # fmt: skip
    sparql = fill_query(load_query("data"), named_graphs=False)
    assert "GRAPH" not in sparql
    found = {str(row.data).rpartition("#")[2] for row in graph.query(prefixes + sparql)}  # type: ignore[union-attr]
    assert found == {"EmailAddress", "Name"}


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("SELECT", "no title"),
        ("# T\n# $a\nASK {}", "no parameter"),
        ("# T\n# $a thing: what\nASK {}", "types term"),
        ("# T\n# $a-b term: what\nASK {}", "no parameter"),
    ],
)
def test_a_wrong_head_is_told(head: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_query("q", head)


def test_the_head_is_read() -> None:
    said = "# Title\n#\n# Some\n# words.\n# $a term = ex:B: first\n#    and more\n"
    query = read_query("q", said + "# $b iri required: b\nASK")
    assert (query.title, query.description) == ("Title", "Some words.")
    assert query.parameters == (
        Parameter("a", "term", "ex:B", "first and more"),
        Parameter("b", "iri", "", "b", True),
    )


@pytest.mark.parametrize("query", list_queries(), ids=NAMES)
def test_heads_name_what_the_text_uses(query: NamedQuery) -> None:
    body = "\n".join(line for line in query.text.splitlines() if not line.startswith("#"))
    graphs = {p.name for p in query.parameters if p.type == "graph"}
    assert set(re.findall(r"\$(\w+)", body)) == {p.name for p in query.parameters} - graphs
    assert all(f"GRAPH ?{name} " in body for name in graphs)
    assert query.description


PLACE = NamedQuery("q", "", "", (Parameter("v", "string", "", ""),), "SELECT ($v AS ?x) {}")


@given(st.text())
def test_no_string_breaks_out(text: str) -> None:
    try:
        sparql = fill_query(PLACE, {"v": text or "x"})
    except QueryError:
        assert any(c < " " or "\ud800" <= c <= "\udfff" for c in text)
        return
    [row] = pyoxigraph.Store().query(sparql)  # type: ignore[misc]
    assert row["x"].value == (text or "x")


@pytest.mark.parametrize("kind", ["term", "iri", "terms", "integer", "count", "decimal", "date"])
@given(text=st.text(st.sampled_from("<>{}\"' .;#\\\n$?:/ab1-+eE")) | st.text())
def test_no_other_value_breaks_out(kind: str, text: str) -> None:
    parameter = Parameter("v", kind, "", "")  # type: ignore[arg-type]
    try:
        written = write_value(parameter, text)
    except PolicyError:
        return
    if kind == "terms":
        assert re.fullmatch(r"(<[^<>\s\"{}|^`\\]+>( |$))*", written)
    elif kind in ("term", "iri"):
        assert re.fullmatch(r"<[^<>\s\"{}|^`\\]+>", written)
        assert pyoxigraph.Store().query(f"ASK {{ ?s ?p {written} }}") is not None
    elif kind == "date":
        assert re.fullmatch(r'"\d{4}-\d\d-\d\d"\^\^<[^<>]*#date>', written)
    else:
        assert re.fullmatch(r"[+-]?[0-9.]+", written, re.ASCII)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("recipients", {"categry": "dpv:Marketing"}, "no parameter 'categry'"),
        ("recipients", {"category": "dpv:Marketting"}, "dpv:Marketing"),
        ("recipients", {"category": "Marketing"}, "not a term"),
        ("recipients", {"limit": "-1"}, "whole number"),
        ("recipients", {"graph": "a b"}, "absolute IRI"),
        ("shares-with", {}, "needs the parameter 'party'"),
        ("recipiants", {}, "do you mean recipients"),
    ],
)
def test_wrong_settings_are_told(name: str, values: Mapping[str, str], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        fill_query(load_query(name), values)


@pytest.mark.parametrize("setting", ["category", "=dpv:Marketing"])
def test_a_setting_without_name_or_value(setting: str) -> None:
    with pytest.raises(QueryError, match="NAME=VALUE"):
        parse_settings([setting])
