"""The SPARQL protocol, by the W3C's cases and by clients that people use, on a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

httpx = pytest.importorskip("httpx", reason="the extra dev is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from serving import serving  # noqa: E402  # needs the extra

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = tomllib.loads((HERE / "protocol.toml").read_text("utf-8"))["case"]
GRAPHS = {f"GRAPH{number}": f"http://graphs.example/{number}" for number in (1, 2, 3)}
TRIG = """
GRAPH <http://graphs.example/1> { <http://graphs.example/1> a <urn:x:One> ; <urn:x:p> "a,\\"b\\"" }
GRAPH <http://graphs.example/2> { <http://graphs.example/2> a <urn:x:One> }
GRAPH <http://graphs.example/3> { <http://graphs.example/3> a <urn:x:One> }
"""
ROWS = "SELECT ?s ?o { ?s <urn:x:p> ?o }"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    graphs = tmp_path_factory.mktemp("graphs") / "graphs.trig"
    graphs.write_text(TRIG)
    with serving(graphs, "--seconds", "2", "--result", "4000") as address:
        yield f"{address}/sparql"


def ask(endpoint: str, query: str, accept: str = "") -> httpx.Response:
    return httpx.get(endpoint, params={"query": query}, headers={"Accept": accept}, timeout=60)


def filled(text: str, *, encoded: bool) -> str:
    for name, iri in GRAPHS.items():
        text = text.replace(name, quote(iri, safe="") if encoded else iri)
    return text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cases_of_the_protocol(endpoint: str, case: dict[str, Any]) -> None:
    kind, body = case.get("type"), case.get("body", "")
    body = filled(body, encoded="urlencoded" in (kind or ""))
    got = httpx.request(
        case.get("method", "GET" if kind is None else "POST"),
        endpoint + "/" + filled(case.get("path", ""), encoded=True),
        headers={"Content-Type": kind} if kind else {},
        content=body.encode("utf-16" if case.get("utf16") else "utf-8"),
        timeout=60,
    )
    if "status" in case:
        assert got.status_code == case["status"], got.text
        assert got.text.strip()
    elif case["answer"] is True:
        assert got.json()["boolean"] is True
    else:
        assert got.status_code == 200, got.text
        assert got.headers["content-type"].partition(";")[0] in case["answer"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.9, application/sparql-results+json;q=0.1", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("image/png, */*;q=0.1", "application/sparql-results+json"),
        ("text/csv;q=0, text/*", "text/tab-separated-values"),
    ],
)
def test_rows_come_in_the_form_asked_for(endpoint: str, accept: str, form: str) -> None:
    got = ask(endpoint, ROWS, accept)
    assert got.headers["content-type"].partition(";")[0] == form
    assert "Accept" in got.headers["vary"]
    assert "http://graphs.example/1" in got.text


@pytest.mark.parametrize("form", ["text/turtle", "application/n-triples", "application/ld+json",
                                  "application/rdf+xml"])  # fmt: skip
def test_graphs_come_in_the_form_asked_for(endpoint: str, form: str) -> None:
    import rdflib

    got = ask(endpoint, "CONSTRUCT { ?s ?p ?o } WHERE { ?s <urn:x:p> ?o ; ?p ?o }", form)
    read = rdflib.Graph().parse(data=got.text, format=form)
    assert [str(o) for o in read.objects()] == ['a,"b"']


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "nonsense", "text/html"])
def test_other_forms_are_refused(endpoint: str, accept: str) -> None:
    assert ask(endpoint, ROWS, accept).status_code == 406


def test_csv_is_exact(endpoint: str) -> None:
    assert ask(endpoint, ROWS, "text/csv").text == ('s,o\r\nhttp://graphs.example/1,"a,""b"""\r\n')


def test_without_a_query_the_service_describes_itself(endpoint: str) -> None:
    import rdflib

    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    for form in ("text/turtle", "application/ld+json", "application/rdf+xml"):
        got = httpx.get(endpoint, headers={"Accept": form})
        told = rdflib.Graph().parse(data=got.text, format=form)
        assert rdflib.URIRef(endpoint) in set(told.objects(None, sd.endpoint))
        assert sd.SPARQL11Query in set(told.objects(None, sd.supportedLanguage))
    assert httpx.get(endpoint, headers={"Accept": "text/html"}).status_code == 303


def test_the_vocabulary_is_there_and_its_prefixes_known(endpoint: str) -> None:
    rolled = "ASK { dpv:DirectMarketing skos:broader+ dpv:Marketing }"
    assert ask(endpoint, rolled).json()["boolean"] is True


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:1/>",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DROP ALL",
    ],
)
def test_what_writes_or_asks_elsewhere_is_refused(endpoint: str, query: str) -> None:
    assert ask(endpoint, query).status_code == 400
    posted = httpx.post(endpoint, content=query,
                        headers={"Content-Type": "application/sparql-query"})  # fmt: skip
    assert posted.status_code == 400
    assert ask(endpoint, ROWS).status_code == 200


def test_a_cross_product_is_stopped_and_the_next_query_answered(endpoint: str) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    stopped = ask(endpoint, endless)
    assert stopped.status_code == 503
    assert "stopped" in stopped.text
    assert stopped.headers["retry-after"]
    assert ask(endpoint, ROWS).status_code == 200


def test_an_answer_without_end_is_refused(endpoint: str) -> None:
    long = ask(endpoint, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert long.status_code == 413
    assert "LIMIT" in long.text


def test_memory_is_bounded(tmp_path: Path) -> None:
    graphs = tmp_path / "graphs.trig"
    graphs.write_text(TRIG)
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    with serving(graphs, "--seconds", "50", "--memory", str(1 << 30)) as address:
        endpoint = f"{address}/sparql"
        got = ask(endpoint, f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("12345678" AS ?x0) {doubled} }}')
        assert (got.status_code, "memory" in got.text) == (400, True)
        assert ask(endpoint, ROWS).status_code == 200


def test_nesting_breaks_a_worker_at_most(endpoint: str) -> None:
    deep = "SELECT * " + "{" * 30_000 + "}" * 30_000
    got = httpx.post(endpoint, content=deep,
                     headers={"Content-Type": "application/sparql-query"}, timeout=60)  # fmt: skip
    assert got.status_code in (400, 503)
    assert ask(endpoint, ROWS).status_code == 200


def test_fifty_clients_get_right_answers(endpoint: str) -> None:
    def one(number: int) -> tuple[int, str]:
        got = ask(endpoint, f"SELECT (({number} * 7) AS ?n) {{ }}", "text/csv")
        return number, got.text

    with ThreadPoolExecutor(max_workers=50) as clients:
        answers = list(clients.map(one, range(150)))
    assert answers == [(number, f"n\r\n{number * 7}\r\n") for number in range(150)]


def test_curl(endpoint: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not there")
    got = subprocess.run(
        [curl, "-sS", "-H", "Accept: text/csv", "--data-urlencode", f"query={ROWS}", endpoint],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert got.stdout.splitlines()[0] == "s,o"


def test_sparqlwrapper(endpoint: str) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper", reason="SPARQLWrapper is not installed")
    client = wrapper.SPARQLWrapper(endpoint, returnFormat=wrapper.JSON)
    for method in (wrapper.GET, wrapper.POST):
        client.setMethod(method)
        client.setQuery(ROWS)
        rows = client.queryAndConvert()["results"]["bindings"]
        assert [row["o"]["value"] for row in rows] == ['a,"b"']
    client.setQuery("CONSTRUCT { ?s ?p ?o } { ?s <urn:x:p> ?o ; ?p ?o }")
    client.setReturnFormat(wrapper.TURTLE)
    assert b"graphs.example/1" in client.queryAndConvert()


def test_rdflib_store(endpoint: str) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = rdflib.Graph(SPARQLStore(endpoint))
    assert [str(row.o) for row in graph.query(ROWS)] == ['a,"b"']
    assert len(list(graph.triples((None, rdflib.URIRef("urn:x:p"), None)))) == 1


def test_fetch_sparql_endpoint(endpoint: str) -> None:
    node = shutil.which("node")
    modules = Path(os.environ.get("NODE_MODULES", HERE.parent / "node_modules"))
    if node is None or not (modules / "fetch-sparql-endpoint").is_dir():
        pytest.skip("node with fetch-sparql-endpoint is not there: set NODE_MODULES to its folder")
    script = HERE / "fetch_sparql.mjs"
    got = subprocess.run(
        [node, str(script), f"{modules}/", endpoint, ROWS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout) == [{"s": "http://graphs.example/1", "o": 'a,"b"'}]
