"""What explain tells: what was said and what was not, and the rows and cues that decided."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT, Run

from policy2dpv import convert, load_lexicon
from policy2dpv.annotating.annotate import Reading
from policy2dpv.explaining.explain import ExplainError, Explanation, explain_policy
from policy2dpv.explaining.explain_report import format_explanation, format_explanation_json
from policy2dpv.explaining.fates import Fate, find_fates, load_reasons
from policy2dpv.explaining.what_if import AFTER, BEFORE, WhatIf
from policy2dpv.knowledge.tables import read_table

SHOP = ROOT / "examples" / "eu-shop.html"


def explained(text: str, asked: str, *, whole: bool = False) -> Explanation:
    made = convert(text.encode(), media_type="text/plain")
    return explain_policy(made, load_lexicon("en"), asked, whole=whole)


def fates(text: str, asked: str) -> list[Fate]:
    return [fate for view in explained(text, asked).segments for fate in view.phrases]


def one(text: str, asked: str, kind: str, outcome: str) -> Fate:
    found = [f for f in fates(text, asked) if f.kind == kind and f.outcome == outcome]
    assert found, [(f.kind, f.outcome, f.quote) for f in fates(text, asked)]
    return found[0]


def test_what_is_said_names_its_row_and_where_it_went() -> None:
    fate = one("We collect your email address.", "email", "personal_data", "said")
    assert fate.term == "pd:EmailAddress"
    assert fate.row.startswith("lexicon/en/personal_data.sssom.tsv:")
    assert any("pd:EmailAddress" in triple for triple in fate.triples)
    assert any("dpv:Collect" in said for said in fate.statements)


def test_a_shorter_phrase_gives_way_to_a_longer_one() -> None:
    fate = one("We collect your email address.", "address", "personal_data", "beaten")
    assert fate.rival is not None
    assert fate.rival.term == "pd:EmailAddress"
    assert fate.rival.quote == "email address"


def test_a_silencing_row_is_named() -> None:
    text = "You can unsubscribe with the link at the end of each newsletter."
    fate = one(text, "newsletter", "purpose", "silenced")
    assert fate.rival is not None
    rows = read_table(ROOT / "mappings" / "lexicon" / "en" / "purpose.sssom.tsv")
    [row] = [row for row in rows if row.place == fate.rival.row]
    assert row["predicate_modifier"] == "Not"


@pytest.mark.parametrize(
    ("text", "asked", "kind", "change"),
    [
        ("Your address is a nice place.", "address", "personal_data", "handled"),
        ("Our service providers are nice people.", "providers", "recipient", "handled"),
        ("We use cookies.", "use", "processing", "relieved"),
    ],
)
def test_what_has_no_licence_tells_what_it_lacks(
    text: str, asked: str, kind: str, change: str
) -> None:
    fate = one(text, asked, kind, "unlicensed")
    reasons = [r.why for r in load_reasons() if r.change.sort == change]
    assert any(reason in fate.why for reason in reasons), fate.why


def test_a_clause_names_the_cues_that_decided() -> None:
    [view] = explained("We never sell your email address unless you agree.", "sell").segments
    [clause] = view.clauses
    assert clause.denied
    told = {(d.what, d.quote) for d in clause.decisions}
    assert {("denied", "never"), ("exception", "unless"), ("clause", "We")} <= told
    assert all(d.row.startswith("cues/en.tsv:") for d in clause.decisions)


def test_two_denials_of_one_clause_are_both_named() -> None:
    [view] = explained("We do not and never will sell your email address.", "sell").segments
    told = [d.quote for clause in view.clauses for d in clause.decisions if d.what == "denied"]
    assert {"not", "never"} <= set(told)


def test_a_node_of_the_graph_leads_to_its_words() -> None:
    made = convert(b"We use your email address to send you our newsletter.")
    lexicon = load_lexicon("en")
    [process] = {s for s, _, o in made.policy_graph.triples if str(o).endswith("#DirectMarketing")}
    for name in (process, process.removeprefix(made.policy_graph.notice)):
        told = explain_policy(made, lexicon, name)
        assert told.sort == "node"
        said = {f.term for view in told.segments for f in view.phrases if f.outcome == "said"}
        assert {"pd:EmailAddress", "dpv:DirectMarketing"} <= said


def test_a_term_is_found_said_or_not() -> None:
    text = "We collect your email address.\n\nYour address is nice."
    for asked in ("pd:PhysicalAddress", "https://w3id.org/dpv/pd#PhysicalAddress"):
        told = explained(text, asked)
        assert told.sort == "term"
        outcomes = {
            f.outcome for v in told.segments for f in v.phrases if f.term == "pd:PhysicalAddress"
        }
        assert outcomes == {"beaten", "unlicensed"}


def test_a_term_that_nothing_says_names_the_rows_that_could() -> None:
    told = explained("We collect your email address.", "pd:Tattoo")
    assert told.segments == ()
    assert all("sssom.tsv" in row for row in told.known)
    assert "nothing in the policy" in format_explanation(told)


def test_a_row_is_found_wherever_its_phrase_stands() -> None:
    row = one("We collect your email address.", "email", "personal_data", "said").row
    told = explained("We never collect your email address.", row.rsplit("/", 1)[1])
    assert told.sort == "row"
    assert any(f.row == row for view in told.segments for f in view.phrases)


def test_words_are_found_across_lines_and_cases() -> None:
    assert explained("We collect your email\naddress.", "EMAIL   address").segments


def test_what_is_nowhere_is_an_error_that_helps() -> None:
    with pytest.raises(ExplainError, match="policy2dpv text"):
        explained("We collect your email address.", "fax machine")
    with pytest.raises(ExplainError, match="vocab search"):
        explained("We collect your email address.", "pd:NoSuchThing")


def test_headings_and_lead_ins_are_told() -> None:
    text = "# Information we collect\n\nWe collect:\n\n- email address\n- shoe size\n"
    made = convert(text.encode(), media_type="text/markdown")
    [view] = explain_policy(made, load_lexicon("en"), "email address").segments
    assert [heading.quote for heading in view.headings] == ["Information we collect"]
    assert view.headings[0].topics == ("collection",)
    assert view.lead_in == ("We collect:",)
    assert view.opens == ("personal_data",)


def test_no_phrase_reaches_over_the_border_of_a_cell() -> None:
    table = "| Purpose | Data |\n|---|---|\n| To send our newsletter | e-mail address |\n"
    made = convert(table.encode(), media_type="text/markdown")
    assert "pd:EmailAddress" in {found.term for found in made.annotations}


def test_asking_changes_nothing_and_agrees_with_the_reading() -> None:
    made = convert(SHOP)
    lexicon = load_lexicon("en")
    plain = Reading(made.document, made.segments, lexicon)
    asked = WhatIf(made.document, made.segments, lexicon)
    for index in range(len(made.segments)):
        told = find_fates(asked, index)
        ours = list(plain.read(index)) if told else []
        said = {(a.own[0], a.source) for a in ours}
        if made.segments[index].landmark == "main":
            assert {(f.start, f.row) for f in told if f.outcome == "said"} == said
        assert all(f.why or f.rival for f in told if f.outcome != "said")
    assert asked.annotations() == plain.annotations()


def test_each_reason_is_a_change_or_is_used() -> None:
    plain = {"unread", "own_name", "silent", "no_rights", "cells", "heading_only", "undefined"}
    sorts = {reason.change.sort for reason in load_reasons()}
    assert sorts == {*BEFORE, *AFTER, *plain, "none"}


def test_the_command_prints_text_and_json(command: Run) -> None:
    done = command("explain", SHOP, "newsletter", "--limit", "1")
    assert done.returncode == 0, done.stderr
    assert "said" in done.stdout
    assert "more clauses" in done.stdout
    done = command("explain", SHOP, "newsletter", "--json", "--all")
    told = json.loads(done.stdout)
    assert told["sort"] == "words"
    assert all(view["others"] == 0 for view in told["segments"])
    assert command("explain", SHOP, "fax machine").returncode == 2
    assert command("explain", SHOP, "pd:Tattoo").returncode == 1


def test_the_forms_hold_the_same() -> None:
    told = explained("We collect your email address.", "email")
    data = json.loads(format_explanation_json(told))
    text = format_explanation(told)
    for fate in data["segments"][0]["phrases"]:
        assert fate["row"] in text
