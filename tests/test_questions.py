"""docs/questions.md: each question is asked again, and the answer must be the one that is shown."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from policy2dpv.cli import main

PAGE = ROOT / "docs" / "questions.md"
ASKED = re.compile(r"```sh\n(policy2dpv query .*?)```\n\n```text\n(.*?)```", re.DOTALL)
QUESTIONS = ASKED.findall(PAGE.read_text("utf-8"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which the page's commands can run, with its first command done."""
    folder = tmp_path_factory.mktemp("questions")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "out").mkdir()
    first = re.search(r"```sh\n(policy2dpv convert .*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert first
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    assert main([*shlex.split(first[1])[1:], "-q"]) == 0
    yield folder
    patch.undo()


def test_there_are_ten() -> None:
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_the_answer_is_the_one_shown(number: int, place: Path, pytestconfig: pytest.Config) -> None:
    asked, shown = QUESTIONS[number]
    assert main([*shlex.split(asked)[1:], "-o", "answer.txt"]) == 0
    answer = (place / "answer.txt").read_text("utf-8")
    if pytestconfig.getoption("--update-golden"):
        text = PAGE.read_text("utf-8")
        old = f"{asked}```\n\n```text\n{shown}```"
        PAGE.write_text(text.replace(old, f"{asked}```\n\n```text\n{answer}```"), "utf-8")
    else:
        assert answer == shown
        assert answer.count("\n") > 2, "a question with no answer shows nothing"


def test_the_python_of_the_page_runs(place: Path) -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried >= 8
    assert failed == 0
