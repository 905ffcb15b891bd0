"""Hostile requests are refused in words, hostile policies shown as text: no fault is ours."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

httpx = pytest.importorskip("httpx", reason="the extra dev is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from hypothesis import HealthCheck, given, settings  # noqa: E402  # needs the extra
from hypothesis import strategies as st  # noqa: E402
from serving import serving  # noqa: E402

LONG = (400, 413, 414)  # the HTTP server refuses a longer head before we see it
TURNED = chr(0x202E)
HOSTILE = f"""# Privacy <script>alert("title")</script> Policy{TURNED}

"><img src=x onerror=alert(1)> Ltd ("we") is the controller.

We share your email address with <script>alert('x')</script> Partners "quoted" & Sons.

We use your {TURNED}email address to send you 'newsletters' <b onclick="x()">if you agree</b>.

{{{{ 7 * 7 }}}} {{% include "/etc/passwd" %}} We never sell your data </textarea></script>.
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    policy = tmp_path_factory.mktemp("hostile") / "policy.txt"
    policy.write_text(HOSTILE, "utf-8")
    with serving(policy, "--limit", "20000", "--seconds", "2") as address:
        yield address


@pytest.fixture(scope="module")
def policy(address: str) -> str:
    [one] = httpx.get(f"{address}/api/policies").json()["policies"]
    return f"/policies/{one['id']}"


class Tags(HTMLParser):
    """The tags of a page, and the attributes that could run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def test_what_a_policy_says_is_shown_as_text(address: str, policy: str) -> None:
    asked = "/query?run=1&sparql=" + "SELECT%20%3Fl%20%7B%20%3Fs%20oa:exact%20%3Fl%20%7D"
    for path in ("/", policy, f"{policy}/flow", asked, "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
                 "/query?run=1&sparql=%3C/textarea%3E%3Cscript%3E"):  # fmt: skip
        got = httpx.get(address + path, headers={"Accept": "text/html"})
        assert got.status_code == 200, path
        page = Tags(got.text)
        assert page.scripts == [{"src": "/static/explorer.js", "defer": None}], path
        assert not page.handlers
        assert "alert(" not in got.text or "&lt;script&gt;" in got.text
        assert TURNED not in got.text, "a turning character must be shown by its number"
        assert "script-src 'self'" in got.headers["content-security-policy"]
        assert "unsafe" not in got.headers["content-security-policy"]
    text = httpx.get(address + policy, headers={"Accept": "text/html"}).text
    assert "U+202E" in text
    assert "{{ 7 * 7 }}" in text


@pytest.mark.parametrize(
    "path",
    [
        "/policies/../../etc/passwd",
        "/policies/..%2f..%2fetc%2fpasswd",
        "/static/../serve.py",
        "/static/..%2fserve.py",
        "/static/%2e%2e/serve.py",
        "/static/%00",
        "/policies/%00",
        "/policies/none",
        "/policies/none.ttl",
        "/policies/none/flow",
        "/policies/none/statements/x.ttl",
        "/policies/%FF%FE",
        "/api/policies/none/statements",
        "//elsewhere.example/",
        "/query?name=../../etc/passwd",
        "/query?name=none&run=1",
        "/query?q=%FF",
        "/query.csv",
        "/query.csv?sparql=nonsense",
        "/sparql?query=%ED%A0%80",
        "/sparql?query=ASK%20%7B%7D&default-graph-uri=no%20iri",
        "/policies?iri=%3Cx%3E",
        "/.git/config",
        "/" + "a" * 5000,
    ],
)
def test_unknown_and_crooked_addresses_get_4xx(address: str, path: str) -> None:
    assert 400 <= raw_status(address, f"GET {path} HTTP/1.1") < 500


@pytest.mark.parametrize("page", ["-1", "0", "99999999999", "x", "٣"])
def test_crooked_page_numbers_are_no_fault(address: str, page: str) -> None:
    assert httpx.get(f"{address}/", params={"page": page}).status_code == 200


@pytest.mark.parametrize(
    "accept",
    ["", ";", "text/html;q=banana", "*/html", ",,,,", "text/html;q=2", "a/b" * 2000,
     "text/html;" * 3000, "\xff/\xfe", "text/html;q=0"],
)  # fmt: skip
def test_bad_accept_headers_are_no_fault(address: str, policy: str, accept: str) -> None:
    for path in ("/", policy, "/sparql?query=ASK%7B%7D", "/sparql", "/nothing", "/api/policies"):
        got = httpx.get(address + path, headers={"Accept": accept.encode("latin-1")})
        assert got.status_code < 500


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "NONSENSE"])
def test_nothing_can_be_written(address: str, policy: str, method: str) -> None:
    for path in ("/", policy, "/sparql", "/api/convert", "/api/policies", "/static/explorer.css"):
        assert httpx.request(method, address + path).status_code == 405


def test_large_bodies_are_refused(address: str) -> None:
    large = b"x" * 20_001
    for path, kind in (("/api/convert", "text/plain"), ("/sparql", "application/sparql-query"),
                       ("/sparql", "application/x-www-form-urlencoded")):  # fmt: skip
        for body in (large, iter([large])):  # with its length declared, and in chunks
            got = httpx.post(address + path, content=body, headers={"Content-Type": kind})
            assert got.status_code == 413
    many = "&".join(f"a{n}=1" for n in range(500))
    got = httpx.post(f"{address}/sparql", content=many,
                     headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    assert got.status_code == 400
    assert httpx.get(f"{address}/?q={'x' * 60_000}").status_code < 500


def test_a_long_query_is_refused(address: str) -> None:
    assert raw_status(address, f"GET /sparql?query=ASK%7B%7D%23{'x' * 110_000} HTTP/1.1") in LONG


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(text=st.text(max_size=80))
def test_no_query_is_a_fault_of_ours(address: str, text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    for path, field in (("/sparql", "query"), ("/query?run=1", "sparql"), ("/", "q"),
                        ("/", "purpose"), ("/query", "name"), ("/policies", "iri")):  # fmt: skip
        got = httpx.get(address + path.partition("?")[0], params={field: clean, "run": "1"})
        assert got.status_code < 500, (path, clean)


def test_it_listens_on_this_machine_alone(address: str) -> None:
    port = urlsplit(address).port
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}
    for other in others - {"127.0.0.1", "::1"}:
        with socket.socket(socket.AF_INET6 if ":" in str(other) else socket.AF_INET) as plug:
            plug.settimeout(1)
            assert socket.socket.connect_ex(plug, (str(other), port)) != 0


def raw_status(address: str, line: str, headers: str = "") -> int:
    """The status of a request whose first line is sent as it is."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as plug:
        request = f"{line}\r\nHost: {parts.netloc}\r\n{headers}Connection: close\r\n\r\n"
        plug.sendall(request.encode("latin-1"))
        plug.settimeout(60)
        return int(plug.recv(4096).split()[1])


def test_command_says_what_is_wrong(command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for words, told in (
        ([], "name a store, graph files or policies"),
        (["none.html"], "none.html"),
        (["none.ttl"], "none.ttl"),
        ([tmp_path, "--port", "0"], "no file"),
    ):
        done = command("serve", *words)
        assert done.returncode == 2, done.stderr
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_an_address_in_use_is_told(command, address: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    policy = tmp_path / "p.txt"
    policy.write_text("We use your email address.")
    done = command("serve", policy, "--port", str(urlsplit(address).port))
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
