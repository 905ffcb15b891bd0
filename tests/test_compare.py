"""The difference in meaning: each kind of change is found, and rewording is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, Run
from hypothesis import given, settings
from hypothesis import strategies as st

from policy2dpv import convert
from policy2dpv.comparing.compare import compare_meanings
from policy2dpv.comparing.comparison_rules import load_comparison
from policy2dpv.comparing.meaning import Meaning, meaning_of

CASE = re.compile(
    r"^## (?P<name>.+)\nold: (?P<old>.+)\nnew: (?P<new>.+)\ngives: (?P<gives>.+)$", re.MULTILINE
)
TEXT = (ROOT / "tests" / "diff" / "changes.md").read_text("utf-8")
CASES = [match.groupdict() for match in CASE.finditer(TEXT)]


def meaning(text: str | Path) -> Meaning:
    return meaning_of(convert(text.encode() if isinstance(text, str) else text), "policy")


def kinds(old: Meaning, new: Meaning) -> list[str]:
    return sorted(change.kind for change in compare_meanings(old, new).changes)


def test_all_cases_are_read() -> None:
    assert len(CASES) == TEXT.count("\n## ")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_seeded_change(case: dict[str, str]) -> None:
    wanted = [] if case["gives"] == "nothing" else sorted(case["gives"].split())
    assert kinds(meaning(case["old"]), meaning(case["new"])) == wanted


def test_every_case_is_a_kind_of_the_table() -> None:
    told = {kind for case in CASES for kind in case["gives"].split()} - {"nothing"}
    assert told <= load_comparison().kinds.keys()
    assert len(told) >= 38


def test_a_policy_against_its_reworded_copy() -> None:
    old = meaning(ROOT / "examples" / "us-app.md")
    new = meaning(ROOT / "tests" / "diff" / "us-app-reworded.md")
    assert kinds(old, new) == []


def test_quotes_of_both_sides() -> None:
    old, new = "We keep your IP address for 90 days.", "We keep your IP address for 24 months."
    [change] = compare_meanings(meaning(old), meaning(new)).changes
    assert (change.old.quotes, change.new.quotes) == ((old,), (new,))
    assert change.heading.endswith("90 days -> 2 years")


def test_graves_weigh_more() -> None:
    base = "We collect your name."
    plain, grave = (
        compare_meanings(meaning(base), meaning(f"{base} We collect your {data}.")).changes[0]
        for data in ("phone number", "fingerprints")
    )
    assert grave.weight > plain.weight


@pytest.mark.parametrize("name", ["eu-shop.html", "university.txt", "us-app.md"])
def test_a_policy_against_itself(name: str, command: Run) -> None:
    policy = ROOT / "examples" / name
    done = command("diff", policy, policy)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "no change in meaning")


def test_graphs_are_compared_as_policies_are(tmp_path: Path, command: Run) -> None:
    for name, words in (("old", "ninety days"), ("new", "two years")):
        convert(f"We keep your IP address for {words}.".encode()).write(
            tmp_path / f"{name}.ttl", format="turtle"
        )
    done = command("diff", "old.ttl", "new.ttl", "--format", "json")
    assert done.returncode == 1
    assert [one["kind"] for one in json.loads(done.stdout)["changes"]] == ["retention_longer"]


def test_graphs_of_others(tmp_path: Path, command: Run) -> None:
    prefix = "@prefix dpv: <https://w3id.org/dpv#> . <urn:n> a dpv:PrivacyNotice ; "
    one = f"{prefix} dpv:hasProcess [ dpv:hasPurpose dpv:Advertising ; a dpv:Process ] ."
    (tmp_path / "old.ttl").write_text(one)
    (tmp_path / "new.ttl").write_text(one.replace("dpv:Advertising", "dpv:Marketing"))
    done = command("diff", "old.ttl", "new.ttl")
    assert done.returncode == 1
    assert "Purpose widened: Advertising -> Marketing" in done.stdout


def test_same_input_same_bytes(command: Run) -> None:
    files = ROOT / "examples" / "us-app.md", ROOT / "examples" / "university.txt"
    first, second = (command("diff", *files, PYTHONHASHSEED=seed).stdout for seed in ("1", "2"))
    assert first == second


NOTICES = """@prefix dpv: <https://w3id.org/dpv#> .
<urn:a> a dpv:PrivacyNotice ; dpv:hasPurpose dpv:Advertising .
<urn:b> a dpv:PrivacyNotice ; dpv:hasPurpose dpv:Marketing .
"""
BAD = [
    ("empty.md", "", "the file is empty"),
    ("broken.ttl", "<urn:a> <urn:b>", "no valid Turtle"),
    ("other.ttl", '<urn:a> <urn:b> "c" .', "nothing in it is said in terms of the vocabulary"),
    ("two.ttl", NOTICES, "2 notices"),
    ("remote.jsonld", '{"@context": "https://x.example/c", "a": "b"}', "no valid JSON-LD"),
]


@pytest.mark.parametrize(("name", "text", "found"), BAD, ids=[name for name, _, _ in BAD])
def test_bad_input(name: str, text: str, found: str, tmp_path: Path, command: Run) -> None:
    (tmp_path / name).write_text(text)
    done = command("diff", name, ROOT / "examples" / "us-app.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert found in done.stderr
    assert "Traceback" not in done.stderr


def test_one_of_two_notices(tmp_path: Path, command: Run) -> None:
    (tmp_path / "two.ttl").write_text(NOTICES)
    done = command("diff", "two.ttl", "two.ttl", "--notice", "urn:a")
    assert (done.returncode, done.stderr) == (0, "")
    assert command("diff", "two.ttl", "two.ttl", "--notice", "urn:c").returncode == 2


def test_without_a_notice_it_is_said(tmp_path: Path, command: Run) -> None:
    text = "@prefix dpv: <https://w3id.org/dpv#> . <urn:p> dpv:hasPurpose dpv:Advertising ."
    (tmp_path / "process.ttl").write_text(text)
    done = command("diff", "process.ttl", "process.ttl")
    assert done.returncode == 0
    assert "no notice in it" in done.stderr


def test_folders(tmp_path: Path, command: Run) -> None:
    done = command("diff", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (tmp_path / "2024-01-01.md").write_text("We collect your name.")
    assert "fewer than two versions" in command("diff", tmp_path).stderr
    (tmp_path / "2025-01-01.md").write_text("We collect your name and your age.")
    assert "Age" in command("diff", tmp_path).stdout


CLAUSES = (
    "We collect your name when you order.",
    "We share your e-mail address with our payment processor.",
    "We use your phone number to detect fraud.",
    "We never sell your personal data.",
    "We keep your IP address for 90 days.",
    "You have the right to have your data erased.",
    "We may transfer your location to India.",
)


@settings(max_examples=25)
@given(order=st.permutations(CLAUSES), twice=st.sampled_from(CLAUSES))
def test_order_and_repetition_are_no_change(order: list[str], twice: str) -> None:
    old = meaning("\n\n".join(CLAUSES))
    assert kinds(old, meaning("\n\n".join([*order, twice]))) == []


@settings(max_examples=25)
@given(left=st.sets(st.sampled_from(CLAUSES), min_size=1, max_size=6))
def test_what_comes_one_way_goes_the_other(left: set[str]) -> None:
    whole = meaning("\n\n".join(CLAUSES))
    part = meaning("\n\n".join(clause for clause in CLAUSES if clause in left))
    there, back = kinds(part, whole), kinds(whole, part)
    turned = {"added": "removed", "removed": "added", "dropped": "added"}
    assert sorted(_turn(kind, turned) for kind in back) == there


def _turn(kind: str, turned: dict[str, str]) -> str:
    name, _, end = kind.rpartition("_")
    return f"{name}_{turned.get(end, end)}"
