"""What is no policy is told apart: tests/batch/gates.md, and real policies where they lie."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import convert
from policy2dpv.batch.gate_table import load_gates, read_gates
from policy2dpv.batch.gates import Verdict, judge, judge_error, judge_text
from policy2dpv.errors import PolicyError, TableError
from policy2dpv.knowledge.lexicon import languages
from policy2dpv.reading.media_types import HTML, TEXT
from policy2dpv.reading.read import read_document

ESSAY = (ROOT / "tests" / "batch" / "gates.md").read_text("utf-8")
CASES = re.findall(
    r"^## (.+?)\n\n```(text|html)\n(.*?)```\n\n```expect\n(.*?)\n```", ESSAY, re.M | re.S
)
SHARED = ROOT.parent / "shared" / "policies"


def verdict_of(data: bytes, media_type: str) -> Verdict | None:
    try:
        return judge(read_document(data, media_type=media_type))
    except PolicyError as error:
        return judge_error(error)


def test_the_page_has_its_cases() -> None:
    assert len(CASES) == ESSAY.count("\n## ") > 35


@pytest.mark.parametrize(("title", "form", "text", "kind"), CASES, ids=[c[0] for c in CASES])
def test_the_verdict_is_the_one_shown(title: str, form: str, text: str, kind: str) -> None:
    verdict = verdict_of(text.encode(), HTML if form == "html" else TEXT)
    assert verdict is not None
    assert verdict.kind == kind, verdict
    assert (verdict.kind == "ok") == (not verdict.reason)


@pytest.mark.parametrize("name", ["eu-shop.html", "us-app.md", "university.txt", "de/laden.md"])
def test_our_examples_are_policies(name: str) -> None:
    assert judge(read_document(ROOT / "examples" / name)).kind == "ok"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "LICENSE", "docs/review.md"])
def test_what_we_say_of_policies_is_none(name: str) -> None:
    assert judge(read_document(ROOT / name)).kind != "ok"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real policies are not beside the checkout")
def test_real_policies_are_policies() -> None:
    found = {path.name: judge(read_document(path)).kind for path in SHARED.rglob("*.*")}
    assert len(found) > 15
    assert set(found.values()) == {"ok"}, found


def test_a_reading_at_hand_is_used() -> None:
    made = convert(b"Privacy Policy. We never sell your name. You may object.")
    unread = convert(b"Nothing at all is said in this text of what anybody might want to know.")
    assert judge(made.document, made).kind == "ok"
    assert judge(made.document, unread).kind == "not-a-policy"


def test_a_reason_names_what_speaks_against_it() -> None:
    verdict = verdict_of(b"Page not found. Please go back to our start page and try again.", TEXT)
    assert verdict
    assert "opening 'not found'" in verdict.reason


@pytest.mark.parametrize("language", languages())
def test_each_language_has_words_of_its_own(language: str) -> None:
    path = ROOT / "mappings" / "patterns" / f"gates.{language}.tsv"
    table = read_gates(path)
    assert {mark.sort for mark in table.marks} >= {"opening", "heading", "word", "said"}
    assert load_gates(language) == table


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("word\tyou\tmany\t1", "full is 'many'"),
        ("word\tyou\t0\t1", "full is 0"),
        ("words\tyou\t1\t1", "there is no sort 'words'"),
        ("said\tcookies\t1\t1", "there is no slot 'cookies'"),
        ("word\tyou\t1\theavy", "weight is 'heavy'"),
        ("word\tyou\t1\t1", "no setting 'least_words'"),
    ],
)
def test_a_wrong_row_is_named(row: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "gates.en.tsv"
    path.write_text(f"sort\tvalue\tfull\tweight\n{row}\n")
    with pytest.raises(TableError, match=re.escape(found)):
        read_gates(path)


@given(st.text(min_size=1))
def test_any_text_has_a_verdict(text: str) -> None:
    try:
        document = read_document(text.encode("utf-8", "replace"), media_type=TEXT)
    except PolicyError:
        return
    before, verdict = judge_text(document), judge(document)
    assert before.kind in ("ok", verdict.kind)
    assert (verdict.kind == "ok") == (not verdict.reason)
