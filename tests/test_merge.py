"""Several annotators become one reading: the rules, on annotations, on clauses, in the graph."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import Annotation, Document, Segment, convert, load_lexicon, read_document
from policy2dpv.annotating.merge import AnnotatedClause, merge_clauses
from policy2dpv.annotating.merge_rules import RULES
from policy2dpv.errors import AnnotatorError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.triples import Literal
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.schemes.apply import Mapped, map_policy
from policy2dpv.schemes.mapping import SchemeTable, load_scheme
from policy2dpv.schemes.marks import Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.opp115 import read_opp115

OPP115 = ROOT.parent / "shared" / "corpora" / "opp115-raw" / "annotations"
TEXT = "We collect your name and address to send you offers. We may sell your name."
FIRST = (0, TEXT.index(".") + 1)
SECOND = (FIRST[1] + 1, len(TEXT))
NAME, NAME_TOO, BOTH, OFFERS = (
    (TEXT.index(w), TEXT.index(w) + len(w))
    for w in ("your name", "name", "your name and address", "send you offers")
)
Saying = tuple[str, str, tuple[int, int]]  # kind, term, span


def said(kind: str, term: str, span: tuple[int, int], **more: Any) -> Annotation:
    start, end = span
    return Annotation(
        start=start, end=end, quote=TEXT[start:end], kind=kind, term=term, segment="",
        source="table.tsv:2", **more,
    )  # fmt: skip


def clause(
    who: str, *sayings: Saying, id: str = "", passage: tuple[int, int] = FIRST, category: str = "",
    **more: Any,
) -> AnnotatedClause:  # fmt: skip
    return AnnotatedClause(
        id=id or f"{who}-{passage[0]}", by=(who,), passage=passage, category=category,
        annotations=tuple(said(*one, by=(who,), **more) for one in sayings),
    )  # fmt: skip


def told(clauses: Sequence[AnnotatedClause]) -> list[list[tuple[str, tuple[int, int], str]]]:
    return [
        [(one.term, (one.start, one.end), "".join(one.by)) for one in found.annotations]
        for found in clauses
    ]


DATA = ("personal_data", "pd:Name")
AIM = ("purpose", "dpv:Marketing")
DEED = ("processing", "dpv:Collect")


def test_all_is_what_was_given() -> None:
    given = [clause("b", (*DATA, NAME)), clause("a", (*DATA, NAME))]
    assert merge_clauses(given, "all") == given


def test_union_says_equal_things_once_and_who_said_them() -> None:
    given = [clause("a", (*DATA, NAME), (*AIM, OFFERS)), clause("b", (*DATA, BOTH))]
    assert told(merge_clauses(given, "union")) == [
        [("pd:Name", NAME, "ab"), ("dpv:Marketing", OFFERS, "a")]
    ]


def test_majority_is_more_than_half() -> None:
    three = [
        clause("a", (*DATA, NAME), (*AIM, OFFERS)), clause("b", (*DATA, BOTH), (*DEED, FIRST)),
        clause("c", (*DATA, NAME), (*DEED, FIRST)),
    ]  # fmt: skip
    assert told(merge_clauses(three, "majority")) == [
        [("dpv:Collect", FIRST, "bc"), ("pd:Name", NAME, "abc")]
    ]
    two = [clause("a", (*DATA, NAME), (*AIM, OFFERS)), clause("b", (*DATA, NAME))]
    assert told(merge_clauses(two, "majority")) == [[("pd:Name", NAME, "ab")]]


def test_only_who_annotated_a_passage_votes_on_it() -> None:
    given = [
        clause("a", (*DATA, NAME)), clause("b", (*DATA, NAME)), clause("c", (*AIM, OFFERS)),
        clause("c", (*AIM, SECOND), passage=SECOND),
    ]  # fmt: skip
    assert told(merge_clauses(given, "majority")) == [
        [("pd:Name", NAME, "ab")], [("dpv:Marketing", SECOND, "c")]
    ]  # fmt: skip
    silent = AnnotatedClause(id="a-2", by=("a",), passage=SECOND)
    assert told(merge_clauses([*given, silent], "majority")) == [[("pd:Name", NAME, "ab")]]


def test_the_span_is_what_most_chose_then_the_shortest_then_the_first() -> None:
    spans = {"a": BOTH, "b": BOTH, "c": NAME}
    given = [clause(who, (*DATA, span)) for who, span in spans.items()]
    assert told(merge_clauses(given, "union")) == [[("pd:Name", BOTH, "abc")]]
    assert told(merge_clauses(given[1:], "union")) == [[("pd:Name", NAME, "bc")]]
    one, other = (NAME[0], NAME[0] + 6), (NAME[0] + 3, NAME[0] + 9)
    given = [clause("a", (*DATA, other)), clause("b", (*DATA, one))]
    assert told(merge_clauses(given, "union")) == [[("pd:Name", one, "ab")]]


@pytest.mark.parametrize(
    "changes",
    [{"polarity": "denied"}, {"value": "P1Y"}, {"name": "Acme"}, {"kind": "data_source"},
     {"term": "pd:Contact"}, {"start": OFFERS[0], "end": OFFERS[1]}],
    ids=str,
)  # fmt: skip
def test_what_is_not_equal_stays_apart(changes: dict[str, Any]) -> None:
    one = clause("a", (*DATA, NAME), (*DEED, FIRST), (*AIM, OFFERS))
    first, *rest = one.annotations
    other = msgspec.structs.replace(
        one, id="b", by=("b",),
        annotations=tuple(
            msgspec.structs.replace(a, by=("b",))
            for a in (msgspec.structs.replace(first, **changes), *rest)
        ),
    )  # fmt: skip
    [merged] = merge_clauses([one, other], "union")
    by = sorted("".join(a.by) for a in merged.annotations)
    assert by == ["a", "ab", "ab", "b"]
    [agreed] = merge_clauses([one, other], "majority")
    assert len(agreed.annotations) == 2


def test_clauses_meet_their_like() -> None:
    name, aim = (*DATA, NAME), (*AIM, OFFERS)
    deed, address = (*DEED, FIRST), ("personal_data", "pd:PhysicalAddress", BOTH)
    given = [
        clause("a", deed, name, aim, id="1"), clause("a", deed, address, id="2"),
        clause("b", deed, address, id="3"), clause("b", deed, name, id="4"),
    ]  # fmt: skip
    assert [(one.id, one.by, len(one.annotations)) for one in merge_clauses(given, "union")] == [
        ("1", ("a", "b"), 3), ("2", ("a", "b"), 2)
    ]  # fmt: skip


def test_what_nobody_tied_together_is_not_tied() -> None:
    deed = (*DEED, FIRST)
    given = [
        clause("a", deed, (*DATA, NAME), (*AIM, OFFERS)),
        clause("b", deed, ("personal_data", "pd:Contact", BOTH), ("purpose", "dpv:SellData", BOTH)),
    ]
    assert [one.by for one in merge_clauses(given, "union")] == [("b",), ("a",)]
    # and of what both say there is one clause
    assert told(merge_clauses(given, "majority")) == [[("dpv:Collect", FIRST, "ab")]]


def test_other_categories_and_other_passages_are_not_aligned() -> None:
    one = clause("a", (*DATA, NAME), category="x")
    for other in (clause("b", (*DATA, NAME), category="y"),
                  clause("b", (*DATA, NAME), category="x", passage=(0, 9))):  # fmt: skip
        assert len(merge_clauses([one, other], "union")) == 2
    near = clause("b", (*DATA, NAME), category="x", passage=(3, FIRST[1]))
    [merged] = merge_clauses([one, near], "union")
    assert merged.passage == near.passage  # as many chose each: the shorter one


def test_who_acts_and_how_firmly_is_what_most_say() -> None:
    given = [
        clause("a", (*DATA, NAME), actor="third_party", modality="possible"),
        clause("b", (*DATA, NAME), actor="third_party"), clause("c", (*DATA, NAME)),
    ]  # fmt: skip
    [[one]] = [found.annotations for found in merge_clauses(given, "union")]
    assert (one.actor, one.modality) == ("third_party", "")
    [[one]] = [found.annotations for found in merge_clauses(given[:2], "union")]
    assert one.modality == "possible"  # a tie: what is said counts more than what is not


def test_one_annotator_alone() -> None:
    given = [clause("a", (*DATA, NAME)), clause("b", (*AIM, OFFERS))]
    assert merge_clauses(given, "one:b") == given[1:]
    with pytest.raises(AnnotatorError, match=r"c: nobody of this name .*; use one of a, b"):
        merge_clauses(given, "one:c")
    with pytest.raises(AnnotatorError, match="two: no rule of merging; use all, union, "):
        merge_clauses(given, "two")


# Properties

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1]))
PASSAGES = st.sampled_from([FIRST, SECOND, (3, FIRST[1]), (0, 12)])
POLARITIES = st.sampled_from(["denied", "affirmed"])
SAYINGS = st.tuples(st.sampled_from([DATA, AIM, DEED]), SPANS, POLARITIES)


@st.composite
def annotated(draw: st.DrawFn) -> list[AnnotatedClause]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        who = draw(st.sampled_from("abc"))
        sayings = draw(st.lists(SAYINGS, max_size=4))
        found.append(
            AnnotatedClause(
                id=str(number), by=(who,), passage=draw(PASSAGES),
                category=draw(st.sampled_from("xy")),
                annotations=tuple(
                    said(*label, span, polarity=polarity, by=(who,))
                    for label, span, polarity in sayings
                ),
            )
        )  # fmt: skip
    return found


@given(annotated(), st.randoms(use_true_random=False), st.sampled_from(["union", "majority"]))
def test_the_order_of_annotators_decides_nothing(
    clauses: list[AnnotatedClause], chance: random.Random, rule: str
) -> None:
    shuffled = clauses[:]
    chance.shuffle(shuffled)
    assert merge_clauses(shuffled, rule) == merge_clauses(clauses, rule)


@given(annotated())
def test_union_loses_nothing_and_majority_invents_nothing(clauses: list[AnnotatedClause]) -> None:
    def things(found: Sequence[AnnotatedClause]) -> set[tuple[str, str, str, str]]:
        return {(a.kind, a.term, a.polarity, who)
                for one in found for a in one.annotations for who in a.by}  # fmt: skip

    assert things(merge_clauses(clauses, "union")) == things(clauses)
    assert things(merge_clauses(clauses, "majority")) <= things(clauses)


@given(annotated())
def test_one_annotator_has_the_majority(clauses: list[AnnotatedClause]) -> None:
    alone = [one for one in clauses if one.by == ("a",)]
    kept = [one.sayings() for one in merge_clauses(alone, "majority")]
    assert frozenset().union(*kept) == frozenset().union(*(one.sayings() for one in alone))


# Through a scheme's table into the graph

TABLE = """subject_label\tpredicate_id\tobject_id\tkind\twords\treason
deed\tskos:exactMatch\tdpv:Collect\tprocessing\t\t
deed > data > name\tskos:exactMatch\tpd:Name\tpersonal_data\t\t
deed > aim > offers\tskos:exactMatch\tdpv:Marketing\tpurpose\t\t
"""


@pytest.fixture
def table(tmp_path: Path) -> SchemeTable:
    path = tmp_path / "own.sssom.tsv"
    path.write_text(TABLE, "utf-8")
    return load_scheme("own", path)


@pytest.fixture
def policy() -> MarkedPolicy:
    name = Mark(attribute="data", value="name", span=NAME)
    offers = Mark(attribute="aim", value="offers", span=OFFERS)
    marks = {"Ann": (name, offers), "Ben": (name,), "": (name,)}
    return MarkedPolicy(
        name="p", document=read_document(TEXT.encode()),
        clauses=[MarkedClause(id=f"{at}", category="deed", span=FIRST, marks=m, annotator=who)
                 for at, (who, m) in enumerate(marks.items())],
    )  # fmt: skip


def test_merging_shows_in_graph_and_evidence(policy: MarkedPolicy, table: SchemeTable) -> None:
    def mapped(rule: str) -> Mapped:
        return map_policy(policy, table, load_lexicon("en"), merge=rule)

    made = {rule: mapped(rule).conversion for rule in RULES}
    assert [len(one.segments) for one in made.values()] == [3, 1, 1]
    assert {a.term for a in made["union"].annotations} - {
        a.term for a in made["majority"].annotations
    } == {"dpv:Marketing"}
    [name] = [a for a in made["majority"].annotations if a.kind == "personal_data"]
    assert name.by == ("Ann", "Ben")  # the third has no name

    iri = load_vocabulary().iri
    evidence = build_evidence(made["union"].policy_graph)
    labels = {s: o for s, p, o in evidence.triples if p == iri("rdfs:label")}
    types = {s: o for s, p, o in evidence.triples if p == iri("rdf:type")}
    signed = [(s, str(o)) for s, p, o in evidence.triples if p == iri("dct:creator")]
    assert {labels[who] for _, who in signed} == {Literal("Ann"), Literal("Ben")}
    assert {types[note] for note, _ in signed} == {iri("oa:Annotation")}
    assert {types[who] for _, who in signed} == {iri("prov:Agent")}


def test_each_annotator_may_be_alone(policy: MarkedPolicy, table: SchemeTable) -> None:
    ben = map_policy(policy, table, load_lexicon("en"), merge="one:Ben").conversion
    assert {one.by for one in ben.annotations} == {("Ben",)}
    assert "Marketing" not in ben.to_turtle()


def test_a_conversion_of_ours_names_nobody() -> None:
    made = convert(TEXT.encode())
    assert {one.by for one in made.annotations} == {()}
    creator = load_vocabulary().iri("dct:creator")
    assert creator not in {p for _, p, _ in build_evidence(made.policy_graph).triples}


# Annotators that read the segments

Model = Callable[[Document, Sequence[Segment]], Iterator[Annotation]]


def model(kind: str, term: str, words: str, number: int = 0) -> Model:
    def read(document: Document, segments: Sequence[Segment]) -> Iterator[Annotation]:
        at = document.text.index(words)
        [segment] = [one for one in segments if one.start <= at < one.end]
        yield Annotation(start=at, end=at + len(words), quote=words, kind=kind, term=term,
                         segment=segment.id, source="model", clause=number)  # fmt: skip

    read.__name__ = f"{term} {number}"
    return read


def test_clauses_of_models_that_differ_have_their_own_numbers() -> None:
    models = [model(*DATA, "name"), model(*AIM, "offers"), model(*DATA, "your name", 3)]
    made = convert(TEXT.encode(), annotator=models)
    assert [(a.term, a.clause, len(a.by)) for a in made.annotations] == [
        ("pd:Name", 1, 2), ("dpv:Marketing", 0, 1)
    ]  # fmt: skip
    assert convert(TEXT.encode(), annotator=models[::-1]).to_nquads() == made.to_nquads()
    apart = convert(TEXT.encode(), annotator=models, merge="all")
    assert len({one.clause for one in apart.annotations}) == 3
    agreed = convert(TEXT.encode(), annotator=models, merge="majority")
    assert [(one.term, one.by) for one in agreed.annotations] == [
        ("pd:Name", ("pd:Name 0", "pd:Name 3"))
    ]


@pytest.mark.skipif(not OPP115.is_dir(), reason="OPP-115 is not beside the checkout")
@pytest.mark.parametrize("path", sorted(OPP115.glob("*.csv")), ids=os.path.basename)
def test_opp115s_annotators(path: Path) -> None:
    [policy] = read_opp115(path)
    table, lexicon = load_scheme("opp-115"), load_lexicon("en")
    found = {
        rule: map_policy(policy, table, lexicon, merge=rule).conversion
        for rule in ("all", "union", "majority")
    }
    sizes = [len(made.segments) for made in found.values()]
    assert sizes[0] > sizes[1] > sizes[2] > 0
    terms = [{(a.kind, a.term) for a in made.annotations} for made in found.values()]
    assert terms[0] == terms[1] >= terms[2]
    names = {who for a in found["union"].annotations for who in a.by}
    assert len(names) == 3
