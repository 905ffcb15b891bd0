"""The evidence: one annotation for each triple, on the exact words, with who decided."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from samples import Reading, document, statements
from strategies import readings

from policy2dpv.errors import GraphError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.triples import Literal, Object, PolicyGraph
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Document, Segment, Statement

BASE = "https://acme.example/privacy"
iri = load_vocabulary().iri
Facts = dict[str, dict[str, list[Object]]]
Read = tuple[Document, list[Segment], list[Statement]]


def graph(quotes: str = "full") -> PolicyGraph:
    reading = Reading(document())
    return build_graph(
        reading.document, reading.segments, statements(reading), base=BASE,
        quotes=quotes,  # type: ignore[arg-type]  # one of the two
    )  # fmt: skip


def facts(made: PolicyGraph) -> Facts:
    found: Facts = defaultdict(lambda: defaultdict(list))
    for s, p, o in made.triples:
        found[s][p].append(o)
    return found


def annotations(evidence: Facts) -> list[str]:
    wanted = iri("oa:Annotation")
    return [s for s, pairs in evidence.items() if wanted in pairs[iri("rdf:type")]]


def test_each_triple_that_words_give_has_one_annotation() -> None:
    made = graph()
    evidence = facts(build_evidence(made))
    bodies = []
    for note in annotations(evidence):
        (body,) = evidence[note][iri("oa:hasBody")]
        parts = evidence[str(body)]
        names = ("rdf:subject", "rdf:predicate", "rdf:object")
        bodies.append(tuple(parts[iri(name)][0] for name in names))
    assert len(bodies) == len(set(bodies))
    assert set(bodies) <= set(made.triples)
    # what has none are the clauses themselves, which are the words
    left = {s for s, _, _ in set(made.triples) - set(bodies)}
    kinds = {o for s, p, o in made.triples if s in left and p == iri("rdf:type")}
    assert kinds == {
        iri("oa:SpecificResource"), iri("oa:TextPositionSelector"), iri("oa:TextQuoteSelector")
    }  # fmt: skip


def test_targets_quote_the_words_and_the_row_that_decided_is_named() -> None:
    made = graph()
    evidence = facts(build_evidence(made))
    wanted = (iri("dpv:hasPersonalData"), iri("pd:EmailAddress"))
    for note in annotations(evidence):
        body = evidence[str(evidence[note][iri("oa:hasBody")][0])]
        if (body[iri("rdf:predicate")][0], body[iri("rdf:object")][0]) != wanted:
            continue
        (target,) = evidence[note][iri("oa:hasTarget")]
        selectors = [evidence[str(one)] for one in evidence[str(target)][iri("oa:hasSelector")]]
        exact = [s[iri("oa:exact")] for s in selectors if s[iri("oa:exact")]]
        assert exact == [[Literal("email address")]]
        assert evidence[note][iri("p2d:decidedBy")] == [
            Literal("lexicon/en/personal_data.sssom.tsv:7")
        ]
        assert evidence[note][iri("p2d:confidence")] == [Literal("1.0", iri("xsd:decimal"))]
        break
    else:
        pytest.fail("no annotation of the triple")


def test_times_come_from_outside_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made = graph()
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    ended = iri("prov:endedAtTime")
    assert not [p for _, p, _ in build_evidence(made).triples if p == ended]
    time = "2026-03-01T10:00:00Z"
    stated = [o for _, p, o in build_evidence(made, time=time).triples if p == ended]
    assert stated == [Literal(time, iri("xsd:dateTime"))]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    stated = [o for _, p, o in build_evidence(made).triples if p == ended]
    assert stated == [Literal("1970-01-02T00:00:00Z", iri("xsd:dateTime"))]


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T10:00:00Z", "2026-03-01"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(GraphError, match="not a time"):
        build_evidence(graph(), time=time)


def test_a_broken_epoch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(GraphError, match="SOURCE_DATE_EPOCH"):
        build_evidence(graph())


def test_the_run_names_tool_tables_and_vocabulary() -> None:
    evidence = facts(build_evidence(graph()))
    (run,) = [s for s, pairs in evidence.items() if iri("prov:Activity") in pairs[iri("rdf:type")]]
    used = [
        evidence[str(part)][iri("dct:identifier")][0] for part in evidence[run][iri("prov:used")]
    ]
    assert len(used) == 3
    assert all(isinstance(one, Literal) and one.text.startswith("sha256:") for one in used)
    (agent,) = evidence[run][iri("prov:wasAssociatedWith")]
    (label,) = evidence[str(agent)][iri("rdfs:label")]
    assert isinstance(label, Literal)
    assert label.text.startswith("policy2dpv ")


def test_without_quotes_the_evidence_has_no_words_either() -> None:
    made = graph("none")
    evidence = build_evidence(made)
    exact = iri("oa:exact")
    assert not [p for _, p, _ in evidence.triples if p == exact]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(readings())
def test_any_target_stands_where_it_says(read: Read) -> None:
    made = build_graph(*read, base=BASE)
    text = made.document.text
    evidence = facts(build_evidence(made))
    for pairs in evidence.values():
        selectors = [evidence[str(one)] for one in pairs[iri("oa:hasSelector")]]
        if not selectors:
            continue
        position = next(s for s in selectors if s[iri("oa:start")])
        quote = next(s for s in selectors if s[iri("oa:exact")])
        start, end = (position[iri(name)][0] for name in ("oa:start", "oa:end"))
        (exact,) = quote[iri("oa:exact")]
        assert isinstance(start, Literal)
        assert isinstance(end, Literal)
        assert isinstance(exact, Literal)
        assert text[int(start.text) : int(end.text)] == exact.text
