"""Reviews: decisions are applied, survive edits and spreadsheets, and stand in the evidence."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import policies

from policy2dpv import convert
from policy2dpv.conversion import Conversion
from policy2dpv.errors import PolicyError, ReadError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.reviewing.acceptance import is_accepted, open_points
from policy2dpv.reviewing.decisions import Decision, check_decisions
from policy2dpv.reviewing.review import propose_rows
from policy2dpv.reviewing.review_files import (
    COLUMNS,
    format_review,
    read_csv,
    read_lines,
    read_review,
)

SIGNED = {"who": "Ann Lee", "when": "2026-03-01"}
OK: dict[str, Any] = {
    "decision": "accept", "quote": "your name", "kind": "personal_data", "term": "pd:Name", **SIGNED
}  # fmt: skip
EXAMPLES = ("examples/eu-shop.html", "examples/us-app.md", "examples/university.txt")

POLICY = """# Privacy policy

We collect your email address to send you our newsletter.

## Sharing

We share your name with our partners for analytics. We keep invoices for ten years.

We do not sell your IP address.

## Your rights

You have the right to access your data.
"""

# The same page after a relaunch: sections in another order, sentences added, words changed.
EDITED = """# How we treat your data

Tea is served at four.

## What you can do

You have the right to access your data.

## Whom we tell

Our servers are located in Ireland. We do not sell your IP address.

From June on we share your name with our partners for analytics. We keep invoices for ten years.

## What we collect

We also collect your email address to send you our newsletter.
"""


def proposal(made: Conversion) -> list[Decision]:
    return propose_rows(made.document, made.segments, made.annotations)[0]


def decide(rows: Sequence[Decision], decision: str, **where: Any) -> list[Decision]:
    """The row with these fields, decided and signed; the test is wrong if it is not one."""
    new_term = where.pop("new_term", "")
    [row] = [one for one in rows if all(getattr(one, k) == v for k, v in where.items())]
    return [msgspec.structs.replace(row, decision=decision, new_term=new_term, **SIGNED)]


def decide_all(rows: Sequence[Decision], decision: str) -> list[Decision]:
    return [msgspec.structs.replace(row, decision=decision, **SIGNED) for row in rows]


def added(quote: str, kind: str, term: str, **fields: Any) -> Decision:
    return Decision(decision="add", quote=quote, kind=kind, term=term, **SIGNED, **fields)


def said(made: Conversion) -> set[tuple[str, str]]:
    return {(" ".join(one.quote.split()), one.term) for one in made.annotations}


INVOICES = "We keep invoices for ten years."


def review_of(policy: str) -> list[Decision]:
    """A review that rejects, replaces, adds and accepts."""
    rows = proposal(convert(policy.encode()))
    return [
        *decide(rows, "reject", term="dpv:ServiceUsageAnalytics"),
        *decide(rows, "replace", term="pd:Name", new_term="pd:OfficialID"),
        *decide(rows, "accept", term="pd:EmailAddress"),
        *decide(rows, "accept", quote="your IP address"),
        added("invoices", "personal_data", "pd:Transactional", clause=INVOICES),
    ]  # fmt: skip


# -- what a review does ------------------------------------------------------------------------


def test_without_decisions_nothing_changes() -> None:
    plain = convert(POLICY.encode())
    assert convert(POLICY.encode(), review=proposal(plain)).to_nquads() == plain.to_nquads()


def test_a_review_rejects_replaces_adds_and_accepts() -> None:
    made = convert(POLICY.encode(), review=review_of(POLICY))
    found = said(made)
    assert ("analytics", "dpv:ServiceUsageAnalytics") not in found
    assert ("your name", "pd:Name") not in found
    assert {("your name", "pd:OfficialID"), ("invoices", "pd:Transactional")} <= found
    review = made.review
    assert review is not None
    counts = (review.accepted, review.rejected, review.replaced, review.added)
    assert counts == (2, 1, 1, 1)
    assert not review.stale
    graph = made.to_nquads()
    for term, there in (("pd:OfficialID", True), ("pd:Transactional", True), ("pd:Name", False)):
        assert (f"<{load_vocabulary().iri(term)}>" in graph) is there


def test_a_review_survives_a_rerun_on_an_edited_page() -> None:
    rows = review_of(POLICY)
    before = convert(POLICY.encode(), review=rows).review
    made = convert(EDITED.encode(), review=rows)
    found = said(made)
    assert ("analytics", "dpv:ServiceUsageAnalytics") not in found
    assert {("your name", "pd:OfficialID"), ("invoices", "pd:Transactional")} <= found
    assert made.review is not None
    assert before is not None
    for name in ("accepted", "rejected", "replaced", "added", "stale"):
        assert getattr(made.review, name) == getattr(before, name), name
    # three of them stand in sentences that were reworded: they hold, and somebody has to look
    assert sorted(one.quote for one in made.review.reworded) == [
        "analytics", "your email address", "your name",
    ]  # fmt: skip


def test_what_only_one_reading_of_equal_words_was_decided_stays_with_its_clause() -> None:
    text = "We collect your name.\n\nWe share your name with couriers.\n\nWe store your name."
    rows = proposal(convert(text.encode()))
    rejected = decide(rows, "reject", quote="your name", clause="We share your name with couriers.")
    for paragraphs in (text, "\n\n".join(reversed(text.split("\n\n")))):
        made = convert(paragraphs.encode(), review=rejected)
        at = paragraphs.index("We share")
        left = [one.start for one in made.annotations if one.term == "pd:Name"]
        assert len(left) == 2
        assert not [start for start in left if at <= start < at + 30]


def test_which_of_equal_words_of_one_clause_is_meant() -> None:
    text = "We collect your name and we share your name."
    rows = proposal(convert(text.encode()))
    [second] = decide(rows, "reject", quote="your name", nth=2)
    [left] = [o for o in convert(text.encode(), review=[second]).annotations if o.term == "pd:Name"]
    assert left.start == text.index("your name")


def test_a_row_without_a_clause_holds_wherever_the_words_stand() -> None:
    text = b"We collect your name.\n\nWe share your name with couriers."
    row = Decision(**OK | {"decision": "reject"})
    made = convert(text, review=[row])
    assert "pd:Name" not in {one.term for one in made.annotations}
    assert made.review is not None
    assert made.review.rejected == 2


STALE = {
    "gone": ("We share your name.", "We share your address.", "nothing reads these words"),
    "denied now": ("We share your name.", "We do not share your name.", "polarity was 'affirmed'"),
    "may now": ("We share your name.", "We may share your name.", "modality was 'plain'"),
    "another clause": (
        "We share your name.", "Before a parcel goes abroad, we disclose your name to the customs.",
        "no clause reads like",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STALE)
def test_a_decision_that_no_longer_holds_is_stale(case: str) -> None:
    before, after, why = STALE[case]
    rows = proposal(convert(before.encode()))
    accepted = decide(rows, "accept", term="pd:Name")
    made = convert(after.encode(), review=accepted)
    assert made.review is not None
    [lost] = made.review.stale
    assert why in str(lost)
    assert made.review.accepted == 0
    assert made.to_nquads() == convert(after.encode()).to_nquads()


@pytest.mark.parametrize("after", [b"We do not share your name.", b"We may share your name."])
def test_a_rejection_holds_whatever_the_clause_says(after: bytes) -> None:
    rejected = decide(proposal(convert(b"We share your name.")), "reject", term="pd:Name")
    made = convert(after, review=rejected)
    assert "pd:Name" not in {one.term for one in made.annotations}
    assert made.review is not None
    assert not made.review.stale


def test_each_of_many_equal_words_is_found_by_its_clause() -> None:
    text = [f"We share your name with number {i} in city {7 * i}." for i in range(200)]
    edited = [f"We share your name with our number {i} in the city {7 * i}." for i in range(200)]
    rows = proposal(convert("\n\n".join(text).encode()))
    rejected = [
        msgspec.structs.replace(row, decision="reject", **SIGNED) for row in rows
        if row.term == "pd:Name" and row.clause in text[::2]
    ]  # fmt: skip
    page = "\n\n".join(reversed(edited))
    made = convert(page.encode(), review=rejected)
    left = [page[page.rfind("We", 0, one.start) :].partition(" in ")[0] for one in made.annotations
            if one.term == "pd:Name"]  # fmt: skip
    assert left == [line.partition(" in ")[0] for line in reversed(edited[1::2])]


def test_an_added_reading_without_its_words_is_stale() -> None:
    rows = [
        added("pigeons", "personal_data", "pd:Name"),
        added("share", "purpose", "dpv:Marketing"),
        added("nam", "personal_data", "pd:Name"),  # a part of a word
    ]
    made = convert(b"We share your name. We share your age.", review=rows)
    assert made.review is not None
    assert [one.found for one in made.review.stale] == [
        "stale: the words are gone",
        "stale: the words stand 2 times; give their clause",
        "stale: the words are gone",
    ]


def test_a_correction_that_the_tables_have_learnt_is_accepted() -> None:
    row = Decision(**OK | {"decision": "replace", "term": "pd:OfficialID", "new_term": "pd:Name"})
    again = added("share", "processing", "dpv:Share")
    made = convert(b"We share your name.", review=[row, again])
    assert made.review is not None
    assert (made.review.accepted, made.review.replaced, made.review.added) == (2, 0, 0)
    assert not made.review.stale


def test_an_added_reading_says_what_its_clause_says_unless_the_row_does() -> None:
    text = b"We do not share your shoe size."
    row = added("shoe size", "personal_data", "pd:Height")
    [plain] = [one for one in convert(text, review=[row]).annotations if one.term == "pd:Height"]
    assert (plain.polarity, plain.by, plain.confidence) == ("denied", ("Ann Lee",), 1.0)
    row = msgspec.structs.replace(row, polarity="affirmed", modality="possible")
    [own] = [one for one in convert(text, review=[row]).annotations if one.term == "pd:Height"]
    assert (own.polarity, own.modality) == ("affirmed", "possible")


def test_only_what_was_reviewed() -> None:
    made = convert(POLICY.encode(), review=review_of(POLICY), only_reviewed=True)
    assert said(made) == {
        ("your name", "pd:OfficialID"), ("invoices", "pd:Transactional"),
        ("your email address", "pd:EmailAddress"), ("your IP address", "pd:IPAddress"),
    }  # fmt: skip
    assert not convert(POLICY.encode(), only_reviewed=True).statements


def test_what_a_person_decided_is_sure() -> None:
    rows = decide_all(proposal(convert(POLICY.encode())), "accept")
    assert convert(POLICY.encode(), min_confidence=0.97).left_out
    made = convert(POLICY.encode(), review=rows, min_confidence=0.97)
    assert made.left_out == 0
    assert made.to_nquads() == convert(POLICY.encode()).to_nquads()


@given(policies())
@settings(max_examples=40)
def test_accepting_all_changes_nothing_rejecting_all_leaves_nothing(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs).encode()
    plain = convert(text)
    rows = proposal(plain)
    for only in (False, True):
        made = convert(text, review=decide_all(rows, "accept"), only_reviewed=only)
        assert made.to_nquads() == plain.to_nquads()
        assert is_accepted(made)
    empty = convert(text, review=decide_all(rows, "reject"))
    assert not empty.annotations
    assert not empty.statements
    assert not empty.has_privacy_content


@pytest.mark.parametrize("name", EXAMPLES)
def test_accepting_all_of_an_example_changes_nothing(name: str) -> None:
    plain = convert(ROOT / name)
    made = convert(ROOT / name, review=decide_all(proposal(plain), "accept"))
    assert made.to_nquads() == plain.to_nquads()
    assert is_accepted(made)
    assert not convert(ROOT / name, review=decide_all(proposal(plain), "reject")).statements


# -- whether all was accepted ------------------------------------------------------------------


def test_what_stands_between_a_conversion_and_a_firms_word() -> None:
    text = b"We share your name. We collect your age."
    plain = convert(text)
    assert not is_accepted(plain)
    rows = decide_all(proposal(plain), "accept")
    [name] = [row for row in rows if row.term == "pd:Name"]
    without = [row for row in rows if row is not name]
    assert open_points(convert(text, review=without)) == ["'your name' as personal_data pd:Name"]
    assert is_accepted(convert(text, review=rows))
    assert is_accepted(convert(text, review=without, only_reviewed=True))
    reworded = convert(b"We share your name often. We collect your age.", review=rows)
    assert not is_accepted(reworded)
    assert any("reworded" in point for point in open_points(reworded))


def test_a_reworded_decision_must_be_signed_again() -> None:
    rows = decide_all(proposal(convert(b"We share your name.")), "accept")
    edited = convert(b"We share your name often.")
    again, _ = propose_rows(edited.document, edited.segments, edited.annotations, rows)
    name = next(row for row in again if row.term == "pd:Name")
    assert (name.decision, name.who, name.clause) == ("accept", "", "We share your name often.")
    with pytest.raises(ReadError, match="a decision without who and when"):
        convert(b"We share your name often.", review=again)


def test_earlier_decisions_are_kept_in_a_new_proposal() -> None:
    rows = check_decisions(review_of(POLICY))
    gone = msgspec.structs.replace(rows[0], quote="pigeons", place="")
    made = convert(POLICY.encode())
    found, outcome = propose_rows(made.document, made.segments, made.annotations, [*rows, gone])
    decided = [row for row in found if row.decision]
    assert sorted(row.quote for row in decided) == sorted(row.quote for row in [*rows, gone])
    assert found[-1].quote == "pigeons"  # what is stale is not lost
    assert len(outcome.stale) == 1
    first = convert(POLICY.encode(), review=[*rows, gone]).to_nquads()
    assert convert(POLICY.encode(), review=found).to_nquads() == first


# -- files -------------------------------------------------------------------------------------

ROWS = [
    Decision(decision="accept", quote='the "name"; or, age', kind="personal_data", term="pd:Name",
             clause="We keep\nthe \"name\"; or, age", note="two\nlines; and, more", nth=2,
             polarity="denied", confidence=0.5, **SIGNED),
    Decision(decision="", quote="=HYPERLINK(\"x\")", kind="k", term="t", section="+1 > -2"),
    Decision(decision="", quote="'=1", kind="k", term="t", note="@SUM(A1)", name="''quoted'"),
    Decision(decision="replace", new_term="pd:Name", quote="größer — “quoted” 😀",
             kind="personal_data", term="pd:Age", **SIGNED),
]  # fmt: skip


def plain(rows: Sequence[Decision], *, confidence: bool = True) -> list[Decision]:
    changes: dict[str, Any] = {"place": ""} if confidence else {"place": "", "confidence": None}
    return [msgspec.structs.replace(row, **changes) for row in rows]


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_a_file_holds_what_was_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"acme.review{ending}"
    path.write_text(format_review(ROWS, ending), "utf-8", newline="")
    kept = plain(ROWS, confidence=ending == ".jsonl")
    assert plain(read_review(path)) == kept


def dialect(text: str, delimiter: str, ends: str, **quoting: Any) -> str:
    """A file as a spreadsheet saves it that has read our CSV."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    stream = io.StringIO()
    table = csv.writer(stream, delimiter=delimiter, lineterminator=ends, **quoting)
    table.writerows([*rows, [""] * len(COLUMNS)])
    return stream.getvalue()


DIALECTS = {
    "semicolons": (";", "\r\n", "", codecs.BOM_UTF8, "utf-8"),
    "semicolons, no mark": (";", "\n", "", b"", "utf-8"),
    "commas": (",", "\r\n", "", codecs.BOM_UTF8, "utf-8"),
    "tabs in UTF-16": ("\t", "\r\n", "", codecs.BOM_UTF16_LE, "utf-16-le"),
    "sep line": (";", "\r\n", "sep=;\r\n", codecs.BOM_UTF8, "utf-8"),
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_what_a_spreadsheet_saves_is_read(tmp_path: Path, name: str, quoting: Any) -> None:
    delimiter, ends, head, mark, encoding = DIALECTS[name]
    text = dialect(format_review(ROWS, ".csv"), delimiter, ends, quoting=quoting)
    path = tmp_path / "acme.review.csv"
    path.write_bytes(mark + (head + text).encode(encoding))
    assert plain(read_review(path)) == plain(ROWS, confidence=False)


def test_no_cell_is_a_formula() -> None:
    text = format_review(ROWS, ".csv").removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if "HYPERLINK" in cell] == ['\'=HYPERLINK("x")']
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(words, words), max_size=4))
@example([("'=", "'"), ("=", "\ufeff"), (";", '"')])
def test_any_words_come_back_from_csv_and_lines(pairs: list[tuple[str, str]]) -> None:
    rows = [
        Decision(decision="", quote=f"x{a}x", kind="k", term="t", note=b.strip()) for a, b in pairs
    ]
    text = format_review(rows, ".csv").removeprefix("\ufeff")
    assert [(row.quote, row.note) for row in read_csv(text, "a")] == [
        (row.quote, row.note) for row in rows
    ]
    assert plain(read_lines(format_review(rows, ".jsonl"), "a")) == rows


BAD: dict[str, tuple[list[dict[str, Any]], str]] = {
    "unknown decision": ([OK | {"decision": "acept"}], "the decision is 'acept'; use accept"),
    "unknown kind": ([OK | {"kind": "data"}], "there is no kind 'data'; use one of"),
    "term not in DPV": ([OK | {"decision": "add", "term": "pd:Nmae"}], "the term 'pd:Nmae' is"),
    "new term not in DPV": (
        [OK | {"decision": "replace", "new_term": "pd:Nmae"}], "the term 'pd:Nmae' is",
    ),
    "new term of another kind": (
        [OK | {"decision": "replace", "new_term": "dpv:Marketing"}], "where personal_data belongs",
    ),
    "replace without": ([OK | {"decision": "replace"}], "replace without a new_term"),
    "accept with": ([OK | {"new_term": "pd:Age"}], "accept with the new_term 'pd:Age'"),
    "no words": ([OK | {"quote": " "}], "a decision without words"),
    "unknown polarity": ([OK | {"polarity": "no"}], "polarity is 'no'; use affirmed, denied"),
    "a local date": ([OK | {"when": "1.3.2026"}], "when is '1.3.2026'; write 2026-03-01"),
    "contradiction": ([OK, OK | {"decision": "reject"}], "reject 'your name', but "),
    "nobody": ([OK | {"who": ""}], "a decision without who; fill it in"),
    "no time": ([OK | {"when": ""}], "a decision without when; fill it in"),
}  # fmt: skip


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused(tmp_path: Path, case: str, ending: str) -> None:
    rows, message = BAD[case]
    path = tmp_path / f"acme.review{ending}"
    path.write_text(format_review([Decision(**row) for row in rows], ending), "utf-8")
    with pytest.raises(ReadError) as error:
        convert(b"We share your name.", review=path)
    assert message in str(error.value)
    line = len(rows) + (ending == ".csv")
    assert str(error.value).startswith(f"acme.review{ending}:{line}: ")


def test_a_row_given_twice_counts_once() -> None:
    made = convert(b"We share your name.", review=[Decision(**OK), Decision(**OK)])
    assert made.review is not None
    assert made.review.accepted == 1


HEAD = "decision,quote,kind,term,who,when\n"
BROKEN = {
    "a.csv": (HEAD + 'accept,"your name,personal_data,pd:Name,A,2026\n', "a.csv:2: a broken line"),
    "b.csv": (HEAD + "accept,your, name,k,t,A,2026\n", "b.csv:2: a broken line: 7"),
    "c.csv": ("decision,quote,kind\n", "c.csv:1: no column 'term'"),
    "d.csv": ("", "d.csv:1: no column 'decision'"),
    "e.csv": ("decision,quote,kind,term,term\n", "e.csv:1: two columns 'term'"),
    "f.csv": ("decision,quote,kind,term,nth\n,q,k,t,two\n", "f.csv:2: nth is 'two'"),
    "a.jsonl": ('{"decision":""\n', "a.jsonl:1: "),
    "b.jsonl": ('\n{"decision":"","quote":"q","kind":"k","term":"t","nht":2}\n', "b.jsonl:2: "),
    "c.jsonl": ('{"decision":"accept"}\n', "c.jsonl:1: "),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused(tmp_path: Path, name: str) -> None:
    text, message = BROKEN[name]
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ReadError) as error:
        read_review(tmp_path / name)
    assert str(error.value).startswith(message)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + ",größer,k,t,,\n").encode("cp1252"))
    with pytest.raises(ReadError, match="not UTF-8 text; save it as CSV in UTF-8"):
        read_review(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("data", [
    b"\0", b"\xff\xfe\0", b'"', b"decision;quote;kind;term\n\0;a;b;c\n", b"[]", b"{}", b"\xff",
    b"decision;quote;kind;term\n;" + b"a" * 200_000 + b";b;c\n", b"[" * 100_000,
])  # fmt: skip
def test_what_is_no_review_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PolicyError, match=r"a\.(csv|jsonl)"):
        read_review(path)


# -- evidence ----------------------------------------------------------------------------------


def facts(made: Conversion) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {}
    for s, p, o in build_evidence(made.policy_graph).triples:
        found.setdefault(s, {}).setdefault(load_vocabulary().curie(p), []).append(o)
    return found


def test_each_decision_is_assessed_in_the_evidence() -> None:
    made = convert(POLICY.encode(), review=review_of(POLICY))
    evidence, iri = facts(made), load_vocabulary().iri
    why = iri("oa:assessing")
    assessed = [one for one in evidence.values() if why in one.get("oa:motivatedBy", ())]
    bodies = {load_vocabulary().curie(one["oa:hasBody"][0]) for one in assessed}
    assert bodies == {"p2d:Accepted", "p2d:Rejected", "p2d:Replaced", "p2d:Added"}
    for one in assessed:
        assert one["rdf:type"] == [iri("oa:Annotation")]
        assert [when.text for when in one["dct:created"]] == ["2026-03-01"]
        assert [evidence[who]["rdfs:label"][0].text for who in one["dct:creator"]] == ["Ann Lee"]
        [target] = one["oa:hasTarget"]
        on_words = one["oa:hasBody"] == [iri("p2d:Rejected")]
        expected = "oa:SpecificResource" if on_words else "oa:Annotation"
        assert iri(expected) in evidence[target]["rdf:type"]
    [rejected] = [one for one in assessed if one["oa:hasBody"] == [iri("p2d:Rejected")]]
    assert rejected["dct:subject"] == [iri("dpv:ServiceUsageAnalytics")]
    replaced = [one for one in assessed if one["oa:hasBody"] == [iri("p2d:Replaced")]]
    assert {one["dct:subject"][0] for one in replaced} == {iri("pd:Name")}


def test_the_evidence_knows_no_decisions_where_there_are_none() -> None:
    plain_evidence = build_evidence(convert(POLICY.encode()).policy_graph)
    rows = proposal(convert(POLICY.encode()))
    assert build_evidence(convert(POLICY.encode(), review=rows).policy_graph).lines == (
        plain_evidence.lines
    )
    assert not [line for line in plain_evidence.lines if "assessing" in line]


# -- the command -------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_from_proposal_to_graph(command: Run, tmp_path: Path, ending: str) -> None:
    (tmp_path / "acme.txt").write_text(POLICY, "utf-8")
    name = f"acme.review{ending}"
    done = command("review", "acme.txt", "-o", name)
    assert done.returncode == 0, done.stderr
    assert "0 stale" in done.stderr
    path = tmp_path / name
    rows = [
        msgspec.structs.replace(row, decision="reject" if row.term == "pd:Name" else "accept")
        for row in read_review(path)
    ]
    path.write_text(format_review(rows, ending), "utf-8", newline="")
    done = command("convert", "acme.txt", "-o", "a.nq", "--review", name)
    assert done.returncode == 2
    assert f"{name}:{2 if ending == '.csv' else 1}: a decision without who and when" in done.stderr
    assert not (tmp_path / "a.nq").exists()
    done = command("review", "acme.txt", "-o", "all.review.jsonl", "--review", name, "--who", "Ann",
                   "--time", "2026-03-01T10:00:00Z")  # fmt: skip
    assert done.returncode == 0, done.stderr
    options = ("--review", "all.review.jsonl", "--evidence", "e.nq")
    done = command("convert", "acme.txt", "-o", "a.nq", *options)
    assert done.returncode == 0, done.stderr
    assert f"review: {len(rows) - 1} accepted, 1 rejected, 0 replaced" in done.stderr
    assert "pd#Name>" not in (tmp_path / "a.nq").read_text("utf-8")
    assert '"2026-03-01T10:00:00Z"' in (tmp_path / "e.nq").read_text("utf-8")
    first = (tmp_path / "a.nq").read_bytes(), (tmp_path / "e.nq").read_bytes()
    command("convert", "acme.txt", "-o", "a.nq", *options)
    assert first == ((tmp_path / "a.nq").read_bytes(), (tmp_path / "e.nq").read_bytes())


def test_decisions_are_not_overwritten(command: Run, tmp_path: Path) -> None:
    (tmp_path / "acme.txt").write_text("We share your name.", "utf-8")
    path = tmp_path / "acme.review.jsonl"
    assert command("review", "acme.txt", "-o", path).returncode == 0
    assert command("review", "acme.txt", "-o", path).returncode == 0  # nothing is decided yet
    path.write_text(format_review([Decision(**OK)], ".jsonl"), "utf-8")
    done = command("review", "acme.txt", "-o", path)
    assert done.returncode == 2
    assert "it holds 1 decision; keep them with --review" in done.stderr
    assert command("review", "acme.txt", "-o", path, "--review", path).returncode == 0
    assert [row.decision for row in read_review(path) if row.decision] == ["accept"]
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    done = command("review", "acme.txt", "-o", "notes.csv")
    assert done.returncode == 2
    assert "it holds what is no review" in done.stderr
    assert command("review", "acme.txt", "-o", "notes.xlsx").returncode == 2


def test_stale_decisions_are_warned_of(command: Run, tmp_path: Path) -> None:
    (tmp_path / "acme.txt").write_text("We share your address.", "utf-8")
    (tmp_path / "r.jsonl").write_text(format_review([Decision(**OK)] * 2, ".jsonl"), "utf-8")
    done = command("convert", "acme.txt", "-o", "a.nq", "--review", "r.jsonl")
    assert done.returncode == 0
    assert "r.jsonl:1: warning: stale: nothing reads these words" in done.stderr
    assert "1 stale" in done.stderr


def test_one_review_is_for_one_policy(command: Run, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("We share your name.", "utf-8")
    (tmp_path / "r.jsonl").write_text("", "utf-8")
    done = command("convert", "a.txt", "b.txt", "-o", "out/", "--review", "r.jsonl")
    assert done.returncode == 2
    assert "one review for many policies" in done.stderr
    assert command("convert", "a.txt", "-o", "a.nq", "--review", "none.csv").returncode == 2


def test_lines_of_a_review_are_plain_json(command: Run) -> None:
    done = command("review", "-", input="We share your name.")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["term"] for row in rows] == ["dpv:Share", "pd:Name"]
    assert {"decision", "quote", "kind", "term", "clause", "polarity"} <= rows[0].keys()
