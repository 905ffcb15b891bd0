"""The literate cases in tests/cases: what must be read in a policy, and why, in Markdown.

How they are written stands in essays.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from essays import Case, read_essay, unmet

FOLDER = ROOT / "tests" / "cases"
CASES = [case for path in sorted(FOLDER.glob("*.md")) for case in read_essay(path)]
AT_LEAST = 150


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    wrong = unmet(case)
    assert not wrong, f"{case.path.name}:{case.line}\n" + "\n".join(wrong)


def test_there_are_enough_cases_and_each_has_its_own_title() -> None:
    titles = [case.name for case in CASES]
    assert len(titles) >= AT_LEAST
    assert len(set(titles)) == len(titles)


BROKEN = {
    "no word of why": "## One\n\n```text\nA.\n```\n\n```expect\ndate valid 2020\n```\n",
    "blocks": "## One\n\nWhy.\n\n```text\nA.\n```\n",
    "nothing is expected": "## One\n\nWhy.\n\n```text\nA.\n```\n\n```expect\n\n```\n",
    "a policy in 'pdf'": "## One\n\nWhy.\n\n```pdf\nA.\n```\n\n```expect\ndate valid 2020\n```\n",
}


@pytest.mark.parametrize("message", BROKEN)
def test_a_broken_essay_is_refused(tmp_path: Path, message: str) -> None:
    path = tmp_path / "bad.md"
    path.write_text("# Bad\n\n" + BROKEN[message], "utf-8")
    with pytest.raises(AssertionError, match=message):
        list(read_essay(path))


SAYING = "We share your name with advertisers. We do not sell your name. You may access your data."


@pytest.mark.parametrize(
    "line",
    [
        "- personal_data pd:Name", "personal_data pd:Age", "- prohibition *", "date valid 2020",
        "tie pd:Name dpv:SellDataToThirdParties", "processing dpv:Share denied",
        "right eu-gdpr:A17", "statement actor=user data=pd:Name", "count 2 dpv:hasProhibition",
        "- graph dpv:hasRight",
    ],
)  # fmt: skip
def test_an_expectation_can_fail(line: str) -> None:
    case = Case(FOLDER, 1, "Fails", "text", SAYING, (line,))
    [wrong] = unmet(case)
    assert wrong.startswith(line)


def test_a_term_that_is_none_is_an_error_of_the_case() -> None:
    case = Case(FOLDER, 1, "Slip", "text", SAYING, ("personal_data pd:Nmae",))
    with pytest.raises(AssertionError, match="no term pd:Nmae"):
        unmet(case)
