"""Several documents of one firm: one notice, one controller, each clause with its document."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import rdflib
from conftest import Run

from policy2dpv import convert
from policy2dpv.conversion import Conversion
from policy2dpv.errors import GraphError
from policy2dpv.graphs.combine import Combination, combine_conversions
from policy2dpv.graphs.graph import to_rdflib
from policy2dpv.graphs.triples import Literal, PolicyGraph
from policy2dpv.knowledge.slots import load_modelling

POLICY = """# Acme Privacy Policy

Last updated: March 1, 2026

The controller is Acme Ltd, 1 High Street, London. We collect your name.
We do not share your location with advertisers.
Contact us at privacy@acme.example.
"""
COOKIES = """# Acme Cookie Notice

Last updated: April 2, 2026

We collect your name. We use cookies for advertising.
"""
ADDENDUM = "# Addendum for California\n\nAcme does not sell your personal information.\n"
TERMS = load_modelling().terms


def read(text: str, base: str | None = None) -> Conversion:
    return convert(text.encode(), media_type="text/markdown", base=base)


def combine(*texts: str, base: str | None = None) -> Combination:
    return combine_conversions([read(text) for text in texts], base=base)


def objects(graph: PolicyGraph, node: str, name: str) -> list[str]:
    return [
        o.text if isinstance(o, Literal) else o
        for s, p, o in graph.triples if s == node and p == TERMS[name]
    ]  # fmt: skip


def test_one_notice_and_one_controller() -> None:
    graph = combine(POLICY, COOKIES, ADDENDUM).policy_graph
    notices = [s for s, p, o in graph.triples if p == TERMS["type"] and o == TERMS["notice"]]
    prop = load_modelling().slots["controller"].property
    controllers = {o for _, p, o in graph.triples if p == prop and isinstance(o, str)}
    assert notices == [graph.notice]
    assert len(controllers) == 1
    assert objects(graph, controllers.pop(), "name") == ["Acme Ltd"]


def test_each_clause_has_one_document() -> None:
    graph = combine(POLICY, COOKIES).policy_graph
    count = Counter(s for s, p, _ in graph.triples if p == TERMS["has_source"])
    assert set(count.values()) == {1}
    # "We collect your name." stands in both documents, and twice in the graph
    said = [s for s, p, o in graph.triples if o == Literal("We collect your name.")]
    assert len(said) == 2


def test_each_document_keeps_its_title_and_date() -> None:
    graph = combine(POLICY, COOKIES).policy_graph
    texts = objects(graph, graph.notice, "source")
    assert sorted(t for node in texts for t in objects(graph, node, "title")) == [
        "Acme Cookie Notice", "Acme Privacy Policy",
    ]  # fmt: skip
    assert objects(graph, graph.notice, "title") == ["Acme Privacy Policy"]
    assert objects(graph, graph.notice, "modified") == ["2026-03-01"]
    assert sorted(d for node in texts for d in objects(graph, node, "modified")) == [
        "2026-03-01", "2026-04-02",
    ]  # fmt: skip


def test_nothing_is_lost() -> None:
    texts = POLICY, COOKIES, ADDENDUM
    graph = combine(*texts).policy_graph
    for name in ("process", "prohibition", "clause", "quote_selector"):
        alone = sum(
            o == TERMS[name] and p == TERMS["type"]
            for text in texts for _, p, o in read(text).policy_graph.triples
        )  # fmt: skip
        together = sum(o == TERMS[name] and p == TERMS["type"] for _, p, o in graph.triples)
        assert together == alone


def test_one_document_alone_is_itself() -> None:
    made = read(POLICY, base="https://acme.example/privacy")
    graph = combine(POLICY, base="https://acme.example/privacy").policy_graph
    assert set(made.policy_graph.triples) <= set(graph.triples)


def test_another_controller_is_told() -> None:
    made = combine(POLICY, "The controller is Umbrella Ltd. We collect your age.")
    assert len(made.warnings) == 1
    assert "Umbrella Ltd" in made.warnings[0]


def test_formats_and_evidence_are_the_same_triples() -> None:
    made = combine(POLICY, COOKIES)
    parsed = rdflib.Graph().parse(data=made.to_turtle(), format="turtle")
    assert parsed.isomorphic(to_rdflib(made.policy_graph))
    evidence = made.evidence(time="2026-01-01T00:00:00Z")
    bodies = {o for _, p, o in evidence.triples if p == TERMS["has_body"]}
    assert bodies
    sources = Counter(s for s, p, _ in evidence.triples if p == TERMS["has_source"])
    assert set(sources.values()) == {1}


def test_the_same_text_twice() -> None:
    with pytest.raises(GraphError, match="the same text"):
        combine(POLICY, POLICY)


def test_command(tmp_path: Path, command: Run) -> None:
    (tmp_path / "policy.md").write_text(POLICY)
    (tmp_path / "cookies.md").write_text(COOKIES + "We share your location with advertisers.")
    done = command("convert", "policy.md", "cookies.md", "--as-one", "--format", "turtle,csv")
    assert done.returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["policy.csv", "policy.ttl"]
    done = command("conflicts", "out/policy.ttl", "--least", "50")
    assert done.returncode == 1
    assert "policy.ttl: Acme Cookie Notice: We share your location" in done.stdout
    done = command("convert", "policy.md", "absent.md", "--as-one", "-o", "new.ttl")
    assert done.returncode == 2
    assert not (tmp_path / "new.ttl").exists()
