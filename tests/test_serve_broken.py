"""Requests that are no HTTP, half of them, or full of bait: answered or closed, none stays."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

httpx = pytest.importorskip("httpx", reason="the extra dev is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from serving import serving  # noqa: E402  # needs the extra

POST = "POST /api/convert HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    policy = tmp_path_factory.mktemp("broken") / "policy.txt"
    Path(policy).write_text("We share your email address with partners.", "utf-8")
    with serving(policy, "--limit", "200000", "--seconds", "5") as found:
        yield found


def send(address: str, data: bytes, *, more: bytes = b"") -> bytes:
    """The first bytes of what is answered to raw bytes; nothing where the server closes."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as plug:
        plug.settimeout(60)
        try:
            plug.sendall(data + more)
            plug.shutdown(socket.SHUT_WR)
            return plug.recv(4096)
        except OSError:  # the server has closed already
            return b""


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00" * 1000,
        b"\xff\xfe\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nName\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xed\xa0\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-,0-,0-,-99999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + b"0-0," * 5000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        POST.encode() + b"Content-Length: -1\r\n\r\nWe",
        POST.encode() + b"Content-Length: 1e9\r\n\r\nWe",
        POST.encode() + b"Content-Length: 99999999999999999999\r\n\r\nWe",
        POST.encode() + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nWe use",
        POST.encode() + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        POST.encode() + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nWe",
        POST.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nWe\r\n",
        POST.encode() + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST.encode() + b"Content-Length: 90000\r\n\r\nonly the beginning",
        POST.encode() + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_what_is_no_request_does_no_harm(address: str, request_: bytes) -> None:
    answer = send(address, request_)
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert b"Traceback" not in answer
    assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200


def test_half_requests_keep_nobody_waiting(address: str) -> None:
    parts = urlsplit(address)
    plugs = [socket.create_connection((parts.hostname or "", parts.port or 0)) for _ in range(60)]
    try:
        for number, plug in enumerate(plugs):
            body = POST.encode() + b"Content-Length: 50\r\n\r\nWe"
            plug.sendall(b"GET / HTT" if number % 2 else body)
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        assert httpx.get(f"{address}/?q=email", timeout=60).status_code == 200
    finally:
        for plug in plugs:
            plug.close()
    assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", "We collect your name. a" + "_" * 5000),
        ("text/plain", "<!-- a -->" * 5000 + "We collect your name."),
        ("text/plain", "We collect your name. " + "." * 100_000),
        ("text/html", "<meta charset=rot13><p>We collect your name."),
        ("text/html", "<table>" + "<tr><th rowspan=999>a<td colspan=999>b" * 3000),
        ("text/html", "<div class=footer>" * 5000 + "We collect your name."),
        ("text/markdown", "# A\n\n" + "![" * 14_000),
        ("text/markdown", "> " * 40_000 + "We collect your name."),
    ],
    ids=lambda value: value[:24],
)
def test_bait_is_converted_or_refused_in_words(address: str, kind: str, body: str) -> None:
    got = httpx.post(f"{address}/api/convert", content=body.encode(), timeout=120,
                     headers={"Content-Type": kind})  # fmt: skip
    assert got.status_code == 200 or 400 <= got.status_code < 500, got.text
    assert got.text.strip()
    assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize("piece", ["a.", "a-", ":a", "'", '"', "'''", "<a", "\\u0041", "?a", "("])
def test_long_queries_are_answered_in_words(address: str, piece: str) -> None:
    sparql = "ASK { " + piece * (50_000 // len(piece))
    got = httpx.post(f"{address}/sparql", content=sparql.encode(), timeout=120,
                     headers={"Content-Type": "application/sparql-query"})  # fmt: skip
    assert 400 <= got.status_code < 500, got.text[:200]
    assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
