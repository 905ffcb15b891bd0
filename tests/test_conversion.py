"""The whole line from Python: any source, the same graph, a summary that a person can read."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from policy2dpv import (
    Conversion,
    LanguageError,
    ReadError,
    WriteError,
    convert,
    load_vocabulary,
    read_document,
)
from policy2dpv.commands.summary import SHOWN, WIDTH, summarize_conversion

EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("*.*") if path.is_file())
CLAUSE = "We use your email address to send you our newsletter. We never sell your data.\n"


@pytest.fixture(params=EXAMPLES, ids=[path.name for path in EXAMPLES])
def conversion(request: pytest.FixtureRequest) -> Conversion:
    return convert(request.param)


def test_each_quote_is_the_text_at_its_place(conversion: Conversion) -> None:
    text = conversion.document.text
    for found in conversion.annotations:
        assert text[found.start : found.end] == found.quote
    assert conversion.has_privacy_content


def test_any_source_gives_the_same_graph(tmp_path: Path) -> None:
    path = tmp_path / "policy.txt"
    path.write_text(CLAUSE)
    base = "https://firm.example/privacy"
    whole = {
        convert(source, base=base, media_type="text/plain").policy_graph.triples
        for source in (path, str(path), CLAUSE.encode(), CLAUSE)
    }
    read = convert(read_document(path), base=base)
    assert {frozenset(map(str, triples)) for triples in whole} == {
        frozenset(map(str, read.policy_graph.triples))
    }


def test_turtle_nquads_and_jsonld_say_the_same(conversion: Conversion) -> None:
    from pyoxigraph import RdfFormat, parse

    written = {
        RdfFormat.TURTLE: conversion.to_turtle(),
        RdfFormat.N_QUADS: conversion.to_nquads(),
        RdfFormat.JSON_LD: conversion.to_jsonld(),
    }
    [said] = {
        frozenset(str(quad.triple) for quad in parse(text, format=format))
        for format, text in written.items()
    }
    assert len(said) == len(conversion.graph) == len(conversion.policy_graph.triples)


def test_every_dpv_term_exists_and_is_not_sunset(conversion: Conversion) -> None:
    vocabulary = load_vocabulary()
    for triple in conversion.graph:
        for node in map(str, triple):
            if "://" in node and vocabulary.is_dpv(node):
                term = vocabulary.curie(node)
                assert vocabulary.has(term), term
                assert vocabulary.status(term) != "sunset", term


def test_what_the_document_says_can_go_without_its_words() -> None:
    whole, bare = convert(CLAUSE), convert(CLAUSE, quotes="none")
    assert "send you our newsletter" in whole.to_turtle()
    assert "send you our newsletter" not in bare.to_turtle()


def test_errors_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        convert(tmp_path / "missing.html")
    with pytest.raises(LanguageError):
        convert("Vi behandlar dina personuppgifter för att leverera varor.\n" * 20)
    with pytest.raises(WriteError):
        convert(CLAUSE).write(tmp_path / "no" / "such" / "folder.ttl", format="turtle")


def test_the_summary_is_short_and_says_what_matters(conversion: Conversion) -> None:
    lines = summarize_conversion(conversion, load_vocabulary()).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= 40
    headings = [line[2:18].strip() for line in lines[1:] if line[2] != " "]
    assert len(headings) == len(set(headings))
    assert {"purposes", "personal data", "recipients", "rights"} <= set(headings)


def test_the_summary_keeps_denials_apart() -> None:
    lines = summarize_conversion(convert(CLAUSE), load_vocabulary()).splitlines()
    [purposes] = [line for line in lines if line.startswith("  purposes")]
    assert "Sell" not in purposes
    [denied] = [line for line in lines if line.startswith("  denied")]
    assert "sell" in denied
    assert SHOWN > 5
