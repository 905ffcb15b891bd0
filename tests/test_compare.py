"""The difference in meaning: each kind of change is found, and rewording is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, Run

from policy2dpv import convert
from policy2dpv.compare import compare_meanings
from policy2dpv.comparison_rules import load_comparison
from policy2dpv.meaning import Meaning, meaning_of

CASE = re.compile(r"^## (?P<name>.+)\nold: (?P<old>.+)\nnew: (?P<new>.+)\ngives: (?P<gives>.+)$", re.M)
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
