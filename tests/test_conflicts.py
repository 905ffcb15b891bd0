"""Candidates of conflicts: each kind is found, and what only looks like one is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, Run

from policy2dpv import convert
from policy2dpv.comparing.conflict_rules import load_conflicts
from policy2dpv.comparing.conflicts import find_conflicts
from policy2dpv.comparing.meaning import Meaning, meaning_of

CASE = re.compile(
    r"^## (?P<name>.+)\none: (?P<one>.+)\ntwo: (?P<two>.+)\ngives: (?P<gives>.+)$", re.MULTILINE
)
TEXT = (ROOT / "tests" / "diff" / "conflicts.md").read_text("utf-8")
CASES = [match.groupdict() for match in CASE.finditer(TEXT)]


def meaning(name: str, text: str) -> Meaning:
    return meaning_of(convert(text.encode(), language="en"), name)


def read(case: dict[str, str]) -> list[Meaning]:
    return [meaning(name, case[name]) for name in ("one", "two") if case[name] != "-"]


def test_all_cases_are_read() -> None:
    assert len(CASES) == TEXT.count("\n## ")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_seeded_conflict(case: dict[str, str]) -> None:
    found = [
        one.kind + (f"/{one.relation}" if one.relation else "")
        for one in find_conflicts(read(case))
    ]
    assert found == ([] if case["gives"] == "nothing" else case["gives"].split())


def test_each_kind_has_a_case() -> None:
    told = {kind.partition("/")[0] for case in CASES for kind in case["gives"].split()}
    assert told - {"nothing"} == load_conflicts().kinds.keys()


def test_sides_name_their_document() -> None:
    [found] = find_conflicts(read(CASES[0]))
    assert [side.document for side in found.sides] == ["one", "two"]
    assert all(side.quotes for side in found.sides)


def test_a_condition_makes_a_candidate_weigh_less() -> None:
    denied = "We do not share your location with advertisers."
    done = "We share your location with advertisers."
    plain, bound = (
        find_conflicts([meaning("one", denied), meaning("two", text)])[0]
        for text in (done, f"If you switch on the beta programme, w{done[1:]}")
    )
    assert bound.weight < plain.weight
    assert len(bound.why) > len(plain.why)


def test_command(tmp_path: Path, command: Run) -> None:
    (tmp_path / "one.md").write_text(CASES[0]["one"])
    (tmp_path / "two.md").write_text(CASES[0]["two"])
    done = command("conflicts", "one.md", "two.md", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["kind"] == "denied_and_done"
    done = command("conflicts", "two.md")
    assert (done.returncode, done.stdout) == (0, "no candidate of a conflict\n")
    done = command("conflicts", "one.md", "absent.ttl")
    assert (done.returncode, done.stdout) == (2, "")
