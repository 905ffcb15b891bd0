"""The graph that statements become: shapes, names, and what may never stand in it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from samples import TEXT, Reading, document, statements
from strategies import FIELDS, TERMS, readings

from policy2dpv.errors import GraphError, TableError
from policy2dpv.graphs.graph import build_graph, to_pyoxigraph, to_rdflib
from policy2dpv.graphs.triples import Literal, Object, PolicyGraph
from policy2dpv.knowledge.slots import load_modelling, read_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Document, Segment, Statement

BASE = "https://acme.example/privacy"
VOCABULARY = load_vocabulary()
iri = VOCABULARY.iri
Read = tuple[Document, list[Segment], list[Statement]]


def sample(text: str = TEXT, base: str | None = BASE, quotes: str = "full") -> PolicyGraph:
    reading = Reading(document(text))
    found = statements(reading)
    return build_graph(reading.document, reading.segments, found, base=base, quotes=quotes)  # type: ignore[arg-type]  # one of the two


def values(graph: PolicyGraph, subject: str, name: str) -> list[Object]:
    return [o for s, p, o in graph.triples if s == subject and p == iri(name)]


def node(graph: PolicyGraph, subject: str, *path: str) -> str:
    """The one node at the end of a path of properties."""
    for name in path:
        found = values(graph, subject, name)
        assert len(found) == 1, (subject, name, found)
        assert isinstance(found[0], str)
        subject = found[0]
    return subject


def subjects(graph: PolicyGraph, name: str, value: str) -> list[str]:
    wanted = (iri(name), value if ":" not in value or "/" in value else iri(value))
    return [s for s, p, o in graph.triples if (p, o) == wanted]


@pytest.fixture(scope="module")
def graph() -> PolicyGraph:
    return sample()


def test_the_notice_holds_what_is_true_of_the_whole_policy(graph: PolicyGraph) -> None:
    assert values(graph, BASE, "rdf:type") == [
        iri("dpv:PrivacyNotice"), iri("eu-gdpr:DirectDataCollectionNotice")
    ]  # fmt: skip
    assert values(graph, BASE, "dct:title") == [Literal("Acme Privacy Policy", language="en")]
    assert values(graph, BASE, "dct:modified") == [Literal("2025-05-01", iri("xsd:date"))]
    assert values(graph, BASE, "dpv:hasApplicableLaw") == [iri("legal-eu:law-GDPR")]
    assert values(graph, BASE, "foaf:page") == [BASE]
    controller = node(graph, BASE, "dpv:hasDataController")
    assert values(graph, controller, "dpv:hasName") == [Literal("Acme Ltd")]
    assert values(graph, controller, "dpv:hasAddress") == [Literal("1 Main St, Dublin")]
    assert values(graph, controller, "dpv:hasContact") == [Literal("mailto:privacy@acme.example")]
    officer = node(graph, controller, "dpv:hasDataProtectionOfficer")
    assert values(graph, officer, "dpv:hasContact") == [Literal("mailto:dpo@acme.example")]
    assert node(graph, officer, "dpv:isRepresentativeFor") == controller


def test_processes_stand_flat_behind_the_notice_and_say_who_acts(graph: PolicyGraph) -> None:
    processes = values(graph, BASE, "dpv:hasProcess")
    assert len(processes) == len(set(processes)) == 6
    assert set(processes) == set(subjects(graph, "rdf:type", "dpv:Process"))
    rules = values(graph, BASE, "dpv:hasProhibition")
    assert set(rules) == set(subjects(graph, "rdf:type", "dpv:Prohibition"))
    for each in [*processes, *rules]:
        assert len(values(graph, str(each), "dpv:isImplementedByEntity")) == 1
        assert values(graph, str(each), "dct:source")


def test_a_phrase_that_says_more_than_its_concept_is_a_node_under_it(graph: PolicyGraph) -> None:
    process = subjects(graph, "dpv:hasPersonalData", "pd:EmailAddress")[0]
    purpose = node(graph, process, "dpv:hasPurpose")
    assert purpose == "https://w3id.org/policy2dpv/id/dpv.DirectMarketing.send-you-newsletters"
    assert node(graph, purpose, "skos:broader") == iri("dpv:DirectMarketing")
    assert node(graph, purpose, "rdf:type") == iri("dpv:Purpose")
    assert values(graph, purpose, "skos:prefLabel") == [
        Literal("send you newsletters", language="en")
    ]
    subject = node(graph, process, "dpv:hasDataSubject")
    assert set(values(graph, subject, "rdf:type")) == {iri("dpv:DataSubject"), iri("dpv:Customer")}
    context = node(graph, process, "dpv:hasContext")
    assert values(graph, context, "dct:description") == [Literal("if you consent", language="en")]


def test_storage_is_a_condition_with_a_place_or_a_length_of_time(graph: PolicyGraph) -> None:
    process = subjects(graph, "dpv:hasStorageCondition", "")
    conditions = [o for s, p, o in graph.triples if p == iri("dpv:hasStorageCondition")]
    assert process == []
    assert len(conditions) == 3
    places = [v for c in conditions for v in values(graph, str(c), "dpv:hasLocation")]
    assert places == [iri("loc:IE")]
    lengths = [str(v) for c in conditions for v in values(graph, str(c), "dpv:hasDuration")]
    by_type = {node(graph, length, "rdf:type"): length for length in lengths}
    assert set(by_type) == {iri("dpv:TemporalDuration"), iri("dpv:UntilEventDuration")}
    period = by_type[iri("dpv:TemporalDuration")]
    assert values(graph, period, "rdf:value") == [Literal("P6M", iri("xsd:duration"))]
    assert values(graph, period, "p2d:days") == [Literal("182.625", iri("xsd:decimal"))]
    # a process that names no data, operation or purpose is about personal data as such
    keeper = next(s for s, p, o in graph.triples if o in conditions)
    assert values(graph, keeper, "dpv:hasPersonalData") == [iri("dpv:PersonalData")]


def test_a_transfer_says_where_to_who_imports_and_under_what(graph: PolicyGraph) -> None:
    (process,) = subjects(graph, "dpv:hasThirdCountry", "loc:US")
    assert values(graph, process, "dpv:hasCountry") == []
    google = node(graph, process, "dpv:hasRecipientThirdParty")
    assert google == "https://w3id.org/policy2dpv/id/party.google-analytics"
    assert values(graph, google, "dpv:hasName") == [Literal("Google Analytics")]
    assert node(graph, process, "dpv:hasOrganisationalMeasure") == iri(
        "eu-gdpr:StandardContractualClauses"
    )
    assert node(graph, process, "p2d:modality") == iri("p2d:Possible")
    assert node(graph, process, "dpv:hasDataExporter") == node(graph, BASE, "dpv:hasDataController")


def test_a_named_technology_is_known_by_its_provider(graph: PolicyGraph) -> None:
    (process,) = subjects(graph, "dpv:hasTechnicalMeasure", "dpv:Encryption")
    cookie = node(graph, process, "dpv:isImplementedUsingTechnology")
    assert node(graph, cookie, "skos:broader") == iri("tech:Cookie")
    assert node(graph, cookie, "tech:hasProvider").endswith("/party.google-analytics")
    (others,) = subjects(graph, "dpv:isImplementedUsingTechnology", "tech:Cookie")
    assert node(graph, others, "dpv:isImplementedByEntity").endswith("/dpv.ThirdParty")


def test_a_denial_is_a_prohibition_without_a_basis(graph: PolicyGraph) -> None:
    rules = [str(rule) for rule in values(graph, BASE, "dpv:hasProhibition")]
    assert all(node(graph, rule, "rdf:type") == iri("dpv:Prohibition") for rule in rules)
    assert all(values(graph, rule, "dpv:hasLegalBasis") == [] for rule in rules)
    (sale,) = subjects(graph, "dpv:hasPurpose", "dpv:SellDataToThirdParties")
    context = node(graph, sale, "dpv:hasContext")
    assert values(graph, context, "dct:description") == [Literal("unless you agree", language="en")]


def test_a_right_is_the_laws_own_where_the_policy_names_the_law(graph: PolicyGraph) -> None:
    (right,) = subjects(graph, "rdf:type", "eu-gdpr:A15")
    assert right in values(graph, BASE, "dpv:hasRight")
    channel = node(graph, right, "dpv:isExercisedAt")
    assert values(graph, channel, "dpv:hasContact") == [Literal("mailto:privacy@acme.example")]
    without = sample(TEXT.replace(" The GDPR applies.", " The GDPR is mute."))
    assert subjects(without, "rdf:type", "eu-gdpr:A15")  # the statement still names it
    reading = Reading(document())
    silent = [s for s in statements(reading) if not s.laws]
    other = build_graph(reading.document, reading.segments, silent, base=BASE)
    assert subjects(other, "rdf:type", "eu-gdpr:A15") == []
    (close,) = subjects(other, "skos:closeMatch", "eu-gdpr:A15")
    assert values(other, close, "skos:prefLabel") == [Literal("Right of Access", language="en")]
    assert values(other, BASE, "rdf:type") == [iri("dpv:PrivacyNotice")]


def test_opting_out_is_an_involvement_on_notice_and_process(graph: PolicyGraph) -> None:
    (choice,) = subjects(graph, "rdf:type", "dpv:OptingOutFromProcess")
    holders = subjects(graph, "dpv:hasEntityInvolvement", choice)
    assert BASE in holders
    (process,) = set(holders) - {BASE}
    assert node(graph, process, "dpv:hasRule") == iri("dpv:Permission")


def test_clauses_point_to_the_exact_words(graph: PolicyGraph) -> None:
    text = graph.document.text
    clauses = subjects(graph, "rdf:type", "oa:SpecificResource")
    assert clauses
    for clause in clauses:
        selectors = [str(o) for o in values(graph, clause, "oa:hasSelector")]
        facts = {p: o for s, p, o in graph.triples if s in selectors and isinstance(o, Literal)}
        start, end = (int(facts[iri(name)].text) for name in ("oa:start", "oa:end"))
        assert facts[iri("oa:exact")].text == text[start:end]
        assert text[:start].endswith(facts[iri("oa:prefix")].text)
        assert text[end:].startswith(facts[iri("oa:suffix")].text)


def test_without_quotes_no_words_of_the_policy_are_left() -> None:
    graph = sample(quotes="none")
    assert subjects(graph, "rdf:type", "oa:TextQuoteSelector") == []
    literals = [o.text for _, _, o in graph.triples if isinstance(o, Literal)]
    assert not any("unless" in text or "We " in text for text in literals)
    hashes = [text for text in literals if text.startswith("sha256:")]
    assert len(hashes) == 1 + len(subjects(graph, "rdf:type", "oa:SpecificResource"))


def test_an_unrelated_edit_changes_no_other_iri() -> None:
    before = sample()
    after = sample(f"Prologue\nHello to all of you out there, dear reader.\n{TEXT}")
    versions = load_modelling().letters["text"]
    assert {s for s in before.subjects if s not in after.subjects} == {
        s for s in before.subjects if s.startswith(f"{BASE}#{versions}")
    }
    assert len(before.subjects) == len(after.subjects)
    assert before.name != after.name


def test_the_notice_without_a_base_is_named_by_its_text() -> None:
    graph = sample(base=None)
    assert graph.notice == sample(base=None).notice
    assert graph.notice.startswith("urn:uuid:")
    assert graph.notice != sample(f"{TEXT}More.\n", base=None).notice


@pytest.mark.parametrize("base", ["policy", "https://x.example/#a", "https://x.example/a b", ""])
def test_a_base_that_cannot_name_anything_is_refused(base: str) -> None:
    with pytest.raises(GraphError, match="absolute IRI"):
        sample(base=base)


def test_a_policy_without_statements_is_still_a_notice() -> None:
    graph = build_graph(document(), [], [], base=BASE)
    controller = node(graph, BASE, "dpv:hasDataController")
    assert values(graph, controller, "dpv:hasName") == []


def test_both_sinks_hold_the_same_triples(graph: PolicyGraph) -> None:
    store, loaded = to_pyoxigraph(graph), to_rdflib(graph)
    assert len(store) == len(loaded) == len(graph.triples)
    assert {quad.graph_name.value for quad in store} == {graph.name}
    lines = loaded.serialize(format="nt").splitlines()
    assert sorted(line for line in lines if line) == [f"{line} ." for line in graph.lines]
    # the store keeps whole numbers as xsd:integer, whatever their type
    number = f"^^<{iri('xsd:integer')}>"
    wanted = {line.replace(f"^^<{iri('xsd:nonNegativeInteger')}>", number) for line in graph.lines}
    assert {str(quad.triple) for quad in store} == wanted


@pytest.mark.parametrize("kind", sorted(TERMS))
def test_every_slot_names_a_field_of_the_statement(kind: str) -> None:
    slot = load_modelling().slots[kind]
    assert slot.field == FIELDS[kind]
    assert slot.field in Statement.__struct_fields__


def test_letters_are_given_once() -> None:
    tables = load_modelling()
    letters = [slot.letter for slot in tables.slots.values()] + list(tables.letters.values())
    shared = {letter for letter, count in Counter(letters).items() if count > 1}
    assert shared <= {tables.slots["contact"].letter, tables.slots["dpo_contact"].letter}


def test_a_broken_row_says_where_it_stands(tmp_path: object) -> None:
    from pathlib import Path
    from shutil import copytree

    from policy2dpv.data import data_folder

    folder = Path(str(tmp_path)) / "mappings"
    copytree(data_folder("mappings"), folder)
    table = folder / "roles.tsv"
    table.write_text(table.read_text("utf-8").replace("dpv:hasThirdCountry", "dpv:hasThirdCuntry"))
    with pytest.raises(TableError, match=r"roles\.tsv:\d+: not a term of the release"):
        read_modelling(folder, VOCABULARY)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(readings())
def test_any_reading_becomes_a_sound_graph(read: Read) -> None:
    graph = build_graph(*read, base=BASE)
    kind = iri("rdf:type")
    typed: dict[str, set[Object]] = {}
    for s, p, o in graph.triples:
        if p == kind:
            typed.setdefault(s, set()).add(o)
    assert set(typed) == set(graph.subjects)  # every node says what it is
    for s, p, o in graph.triples:
        for each in (s, p, o):
            if isinstance(each, str):
                assert ":" in each
                assert " " not in each
                if VOCABULARY.is_dpv(each):
                    assert VOCABULARY.has(VOCABULARY.curie(each)), each
        if isinstance(o, str) and o.startswith((f"{BASE}#", "https://w3id.org/policy2dpv/id/")):
            assert o in typed  # and nothing points to nowhere
        if p == iri("dpv:hasLegalBasis"):
            assert iri("dpv:Prohibition") not in typed[s]
    for _, types in typed.items():
        assert not {iri("dpv:Process"), iri("dpv:Prohibition")} <= types
    assert list(graph.lines) == sorted(set(graph.lines))
    assert msgspec.structs.asdict(graph) == msgspec.structs.asdict(build_graph(*read, base=BASE))


def test_the_module_loads_no_heavy_library() -> None:
    code = (
        "import sys, policy2dpv.graphs.graph, policy2dpv.graphs.write, policy2dpv.graphs.evidence\n"
        "print([m for m in ('rdflib', 'pyoxigraph', 'pyld') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
