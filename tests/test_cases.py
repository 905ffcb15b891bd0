"""The literate cases in tests/cases: what must be read in a policy, and why, in Markdown.

How they are written stands in essays.py.
"""

from __future__ import annotations

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


def test_an_essay_without_a_reason_is_refused(tmp_path: object) -> None:
    path = ROOT / "tests" / "cases" / "none.md"
    assert not path.exists()
    bad = type(path)(str(tmp_path)) / "bad.md"
    bad.write_text("# Bad\n\n## One\n\n```text\nA.\n```\n\n```expect\ndate valid 2020\n```\n")
    with pytest.raises(AssertionError, match="no word of why"):
        list(read_essay(bad))
