"""Endpoints are asked by the SPARQL 1.1 Protocol, within limits, and answers come as from files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph
import pytest
from conftest import ROOT, Run

from policy2dpv.errors import QueryError
from policy2dpv.querying.endpoint import ask_endpoint
from policy2dpv.querying.named_queries import fill_query, load_query
from policy2dpv.querying.query import ask_store
from policy2dpv.querying.store import load_graphs, open_store, vocabulary_graph

GRAPH = ROOT / "tests" / "queries" / "foreign" / "nested.ttl"


class Endpoint(BaseHTTPRequestHandler):
    """A small endpoint of another make: pyoxigraph's own serialisers, and some bad manners."""

    store: pyoxigraph.Store

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        behave = getattr(self, f"_{self.path.strip('/')}", None)
        if behave is not None:
            behave()
            return
        graphs = [pyoxigraph.NamedNode(g) for g in form.get("default-graph-uri", [])]
        try:
            found = self.store.query(
                form["query"][0],
                use_default_graph_as_union=not graphs,
                default_graph=graphs or None,
            )
        except SyntaxError as error:
            self._reply(400, "text/plain", f"no query: {error}".encode())
            return
        if isinstance(found, pyoxigraph.QueryTriples):
            written = pyoxigraph.serialize(found, format=pyoxigraph.RdfFormat.N_TRIPLES)
            self._reply(200, "application/n-triples", written or b"")
        elif "results+json" in self.headers["Accept"]:
            written = found.serialize(format=pyoxigraph.QueryResultsFormat.JSON)
            self._reply(200, "application/sparql-results+json; charset=utf-8", written or b"")

    def _reply(self, code: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> None:
        self._reply(200, "text/html", b"<p>hello</p>")

    def _away(self) -> None:
        self._reply(302, "text/plain", b"", Location="file:///etc/passwd")

    def _broken(self) -> None:
        self._reply(200, "application/sparql-results+json", b'{"head": ')

    def _slow(self) -> None:
        self._reply(200, "application/sparql-results+json", b" ")
        for _ in range(40):
            time.sleep(0.05)
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def _large(self) -> None:
        self._reply(200, "application/sparql-results+json", b" " * 5000)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    store = open_store()
    load_graphs(store, [GRAPH])
    handler = type("Loaded", (Endpoint,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["data", "legal-bases", "transfers-without-safeguard", "places"])
def test_an_endpoint_answers_as_files_do(address: str, name: str) -> None:
    store = open_store()
    load_graphs(store, [GRAPH])
    sparql = fill_query(load_query(name))
    assert ask_endpoint(address, sparql).cells == ask_store(store, sparql).cells


def test_all_forms_of_query(address: str) -> None:
    assert ask_endpoint(address, "ASK { ?n a dpv:PrivacyNotice }").verdict
    made = ask_endpoint(address, "CONSTRUCT { ?p a dpv:Process } { ?p dpv:hasPurpose ?x }")
    assert "a dpv:Process" in made.format("turtle")


def test_only_the_graphs_that_are_named(address: str) -> None:
    asked = "ASK { ?n a dpv:PrivacyNotice }"
    assert not ask_endpoint(address, asked, default_graphs=[vocabulary_graph()]).verdict


def test_the_command_asks_an_endpoint(address: str, command: Run) -> None:
    done = command("query", "--endpoint", address, "--name", "data", "--format", "csv")
    assert "BankAccount" in done.stdout


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("page", "answers with text/html"),
        ("away", "leads on to 'file:///etc/passwd'"),
        ("broken", "no valid"),
        ("slow", "no answer within"),
        ("large", "larger than 2,000 bytes"),
    ],
)
def test_bad_manners_are_told(address: str, path: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        ask_endpoint(f"{address}/{path}", "ASK {}", timeout=0.3, limit=2000)


def test_the_servers_own_words(address: str) -> None:
    with pytest.raises(QueryError, match=r"400 .*no query"):
        ask_endpoint(address, "SELEKT")


@pytest.mark.parametrize(
    "where", ["file:///etc/passwd", "http://", "http://[", "http://me:word@127.0.0.1/", "x"]
)
def test_bad_addresses(where: str) -> None:
    with pytest.raises(QueryError) as error:
        ask_endpoint(where, "ASK {}")
    assert "word" not in str(error.value).replace("password", "")


def test_nobody_there() -> None:
    with pytest.raises(QueryError, match="cannot be reached"):
        ask_endpoint("http://127.0.0.1:9/", "ASK {}")
