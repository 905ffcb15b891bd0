"""Policies under their addresses and the JSON API: forms, tags, methods, statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

httpx = pytest.importorskip("httpx", reason="the extra dev is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from conftest import ROOT  # noqa: E402  # needs the extra
from serving import serving  # noqa: E402

from policy2dpv import convert  # noqa: E402

EXAMPLES = ROOT / "examples"
SHOP = EXAMPLES / "eu-shop.html"
APP = EXAMPLES / "us-app.md"
RDF = {
    "application/ld+json": "json-ld", "text/turtle": "turtle", "application/n-quads": "nquads",
    "application/n-triples": "nt", "application/rdf+xml": "xml",
}  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(SHOP, APP) as address:
        yield address


@pytest.fixture(scope="module")
def shop(address: str) -> dict[str, Any]:
    listed = httpx.get(f"{address}/api/policies").json()["policies"]
    return next(one for one in listed if "Lindenfaden" in one["controller"])


def test_it_is_alive(address: str) -> None:
    assert httpx.get(f"{address}/healthz").text == "ok\n"


def test_policies_are_listed_and_searched(address: str, shop: dict[str, Any]) -> None:
    assert len(httpx.get(f"{address}/api/policies").json()["policies"]) == 2
    found = httpx.get(f"{address}/api/policies", params={"q": "lindenfaden GMBH"}).json()
    assert [one["id"] for one in found["policies"]] == [shop["id"]]
    assert shop["address"] == f"{address}/policies/{shop['id']}"
    assert shop["processes"] > 50
    assert httpx.get(f"{address}/api/policies", params={"q": "nobody"}).json()["policies"] == []


@pytest.mark.parametrize("form", RDF)
def test_a_policy_comes_as_rdf(shop: dict[str, Any], form: str) -> None:
    import rdflib

    written = convert(SHOP).to_turtle()  # rdflib changes durations as it reads, so both are read
    expected = rdflib.Graph().parse(data=written, format="turtle")
    got = httpx.get(shop["address"], headers={"Accept": form})
    assert got.headers["content-type"].partition(";")[0] == form
    dataset = rdflib.Dataset(default_union=True).parse(data=got.text, format=RDF[form])
    assert set(dataset.triples((None, None, None))) == set(expected)


def test_a_policy_converted_here_comes_in_the_bytes_of_convert(shop: dict[str, Any]) -> None:
    made = convert(SHOP)
    for ending, text in ((".ttl", made.to_turtle()), (".jsonld", made.to_jsonld()),
                         (".nq", made.to_nquads())):  # fmt: skip
        assert httpx.get(shop["address"] + ending).text == text


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "application/ld+json"),
        ("text/turtle;q=0.9, text/html;q=0.8", "text/turtle"),
        ("application/*;q=0.2, text/html;q=0.1", "application/ld+json"),
    ],
)
def test_the_client_chooses(shop: dict[str, Any], accept: str, form: str) -> None:
    got = httpx.get(shop["address"], headers={"Accept": accept})
    assert got.headers["content-type"].partition(";")[0] == form
    assert "Accept" in got.headers["vary"]


def test_a_tag_spares_the_second_answer(shop: dict[str, Any]) -> None:
    first = httpx.get(shop["address"], headers={"Accept": "text/turtle"})
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = httpx.get(shop["address"],
                          headers={"Accept": "text/turtle", "If-None-Match": known})  # fmt: skip
        assert (again.status_code, again.content) == (304, b"")
    other = {"Accept": "application/ld+json", "If-None-Match": tag}
    assert httpx.get(shop["address"], headers=other).status_code == 200


def test_head_gives_the_headers_alone(shop: dict[str, Any]) -> None:
    whole = httpx.get(shop["address"])
    head = httpx.head(shop["address"])
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type"):
        assert head.headers[name] == whole.headers[name]


def test_pages_of_others_may_ask(address: str, shop: dict[str, Any]) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    for path in (f"/policies/{shop['id']}", "/sparql?query=ASK%7B%7D", "/api/policies", "/nothing"):
        got = httpx.get(address + path, headers=origin)
        assert got.headers["access-control-allow-origin"] == "*"
    asked = origin | {"Access-Control-Request-Method": "POST",
                      "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    assert httpx.options(f"{address}/sparql", headers=asked).status_code == 200


def test_an_iri_leads_to_its_policy(address: str, shop: dict[str, Any]) -> None:
    for iri in (shop["notice"], shop["graph"]):
        got = httpx.get(f"{address}/policies", params={"iri": iri})
        assert (got.status_code, got.headers["location"]) == (303, f"/policies/{shop['id']}")
    assert httpx.get(f"{address}/policies", params={"iri": "urn:x:none"}).status_code == 404


def test_a_policy_answers_under_its_very_iri() -> None:
    with serving(SHOP, "--base", "http://127.0.0.1:1/legal/privacy") as address:
        host = {"Host": "127.0.0.1:1", "Accept": "text/turtle"}
        got = httpx.get(f"{address}/legal/privacy", headers=host)
        assert got.status_code == 200
        assert "<http://127.0.0.1:1/legal/privacy> a" in got.text
        assert httpx.get(f"{address}/legal/other", headers=host).status_code == 404


def test_statements_come_with_their_clauses(address: str, shop: dict[str, Any]) -> None:
    told = httpx.get(f"{address}/api/policies/{shop['id']}/statements").json()
    text = convert(SHOP).document.text
    clauses = {clause["iri"]: clause for clause in told["clauses"]}
    for clause in clauses.values():
        assert text[clause["start"] : clause["end"]] == clause["quote"]
    forms = {said["form"] for said in told["statements"]}
    assert forms == {"practice", "denied", "fact"}
    for said in told["statements"]:
        assert set(said["clauses"]) <= set(clauses)
        if said["form"] == "denied":
            assert not [v for v in said["values"] if v["kind"] == "legal_basis"]
    reasons = [why for said in told["statements"] for why in said["reasons"]]
    assert any(why["decided_by"].startswith("lexicon/en/") for why in reasons)
    assert all(0 <= why["confidence"] <= 1 for why in reasons)


def test_one_statement_comes_as_rdf(address: str, shop: dict[str, Any]) -> None:
    import rdflib

    told = httpx.get(f"{address}/api/policies/{shop['id']}/statements").json()
    said = next(one for one in told["statements"] if one["form"] == "denied")
    got = httpx.get(f"{shop['address']}/statements/{said['id']}.ttl")
    graph = rdflib.Graph().parse(data=got.text, format="turtle")
    whole = rdflib.Graph().parse(data=convert(SHOP).to_turtle(), format="turtle")
    assert set(graph) <= set(whole)
    assert set(whole.predicate_objects(rdflib.URIRef(said["iri"]))) == set(
        graph.predicate_objects(rdflib.URIRef(said["iri"]))
    )
    assert len(graph) < len(whole) / 10
    assert httpx.get(f"{shop['address']}/statements/none.ttl").status_code == 404


@pytest.mark.parametrize(
    ("kind", "path"), [("text/html", SHOP), ("text/markdown", APP), ("text/plain; charset=utf-8",
                       EXAMPLES / "university.txt")],
)  # fmt: skip
def test_a_policy_is_converted(address: str, kind: str, path: Path) -> None:
    got = httpx.post(f"{address}/api/convert", content=path.read_bytes(),
                     headers={"Content-Type": kind}, timeout=60)  # fmt: skip
    assert got.headers["content-type"] == "application/ld+json"
    expected = convert(path.read_bytes(), media_type=kind.partition(";")[0]).to_jsonld()
    assert json.loads(got.text) == json.loads(expected)


def test_what_is_no_policy_is_refused_in_words(address: str) -> None:
    for kind, body, status in (
        ("text/html", b"", 400),
        ("text/plain", b"\x00\x01", 400),
        ("application/pdf", b"%PDF-", 415),
        ("", b"text", 415),
    ):
        headers = {"Content-Type": kind} if kind else {}
        got = httpx.post(f"{address}/api/convert", content=body, headers=headers, timeout=60)
        assert got.status_code == status, got.text
        assert got.text.strip()
    for named in ({"base": "no iri"}, {"language": "../../../.."}, {"language": "xx"},
                  {"language": "en/../de"}):  # fmt: skip
        got = httpx.post(f"{address}/api/convert", params=named, timeout=60,
                         content=b"We use your email address.",
                         headers={"Content-Type": "text/plain"})  # fmt: skip
        assert got.status_code == 400, named


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_converting_is_asked_by_post(address: str, method: str) -> None:
    got = httpx.request(method, f"{address}/api/convert")
    assert got.status_code == 405
    assert got.headers["allow"] == "POST"


def test_nothing_stays_behind(tmp_path: Path) -> None:
    with serving(APP, TMPDIR=str(tmp_path)) as address:
        assert list(tmp_path.iterdir())
        assert httpx.get(f"{address}/healthz").status_code == 200
    assert not list(tmp_path.iterdir())
