"""Versions by date, in folders and in git, as text, table and picture."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Run
from lxml import etree

VERSIONS = {
    "2023-05-01": "We collect your name. We keep your name for 90 days.",
    "2024-06-01": "We collect your name and your location. We keep your name for 90 days.",
    "2025-07-01": "We collect your name and your location. We keep your name for two years.",
}
# git knows a moved file by the lines that stay
FURTHER = "\n\nThis policy is short.\n\n" + "It says no more than that.\n\n" * 9
SVG = "{http://www.w3.org/2000/svg}"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    for day, text in VERSIONS.items():
        (folder / f"policy-{day}.md").write_text(text)
    return folder


def git(folder: Path, *words: str, day: str = "2023-05-01") -> None:
    stamp = f"{day}T12:00:00Z"
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@acme.example", *words], cwd=folder,
        check=True, capture_output=True,
        env={"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "PATH": "/usr/bin:/bin",
             "HOME": str(folder)},
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    for number, (day, text) in enumerate(VERSIONS.items()):
        if number == 1:
            git(folder, "mv", "old.md", "policy.md", day=day)
        lines = text + FURTHER
        (folder / ("policy.md" if number else "old.md")).write_text(lines)
        git(folder, "add", "-A", day=day)
        git(folder, "commit", "-qm", day, day=day)
    return folder


def headings(told: str) -> list[list[str]]:
    return [[change["kind"] for change in step["changes"]] for step in json.loads(told)["steps"]]


def test_a_folder_by_date(versions: Path, command: Run) -> None:
    done = command("timeline", versions, "--format", "json")
    assert done.returncode == 1
    assert headings(done.stdout) == [["personal_data_added"], ["retention_longer"]]
    files = sorted(versions.iterdir(), reverse=True)
    assert command("timeline", *files, "--format", "json").stdout == done.stdout


def test_the_policys_own_date_comes_first(versions: Path, command: Run) -> None:
    newest = versions / "policy-2025-07-01.md"
    newest.write_text("Last updated: January 1, 2020\n\n" + newest.read_text())
    done = command("timeline", versions, "--format", "json")
    assert json.loads(done.stdout)["first"]["date"] == "2020-01-01"


def test_what_has_no_date_is_left_out_and_said(versions: Path, command: Run) -> None:
    (versions / "draft.md").write_text("We collect your age.")
    done = command("timeline", versions)
    assert done.returncode == 1
    assert "draft.md: warning: no date" in done.stderr
    assert "draft" not in done.stdout


@needs_git
def test_git_history_follows_the_file(repository: Path, command: Run) -> None:
    done = command("timeline", repository / "policy.md", "--git", "--format", "json")
    assert done.returncode == 1
    assert headings(done.stdout) == [["personal_data_added"], ["retention_longer"]]
    assert [step["new"]["date"] for step in json.loads(done.stdout)["steps"]] == [
        "2024-06-01", "2025-07-01",
    ]  # fmt: skip


@needs_git
def test_a_file_against_its_earlier_self(repository: Path, command: Run) -> None:
    done = command("diff", repository / "policy.md", "--since", "HEAD~1", "--format", "json")
    assert done.returncode == 1
    assert [change["kind"] for change in json.loads(done.stdout)["changes"]] == ["retention_longer"]
    assert command("diff", repository / "policy.md", "--since", "HEAD").returncode == 0


@needs_git
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["timeline", "policy.md", "--git"], "git says"),
        (["diff", "policy.md", "--since", "HEAD"], "git says"),
        (["diff", "policy.md", "--since", "--output=x"], "not a revision"),
        (["timeline", "absent.md", "--git"], "no such file"),
        (["timeline", "policy.md"], "fewer than two versions"),
    ],
)
def test_bad_input(words: list[str], found: str, tmp_path: Path, command: Run) -> None:
    (tmp_path / "policy.md").write_text("We collect your name.")
    done = command(*words, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (done.returncode, done.stdout) == (2, "")
    assert found in done.stderr
    assert "Traceback" not in done.stderr


def test_the_picture(versions: Path, command: Run) -> None:
    done = command("timeline", versions, "--format", "svg")
    picture = etree.fromstring(done.stdout.encode())
    assert picture.get("role") == "img"
    assert picture.find(f"{SVG}title") is not None
    assert "1 change in meaning" in (picture.findtext(f"{SVG}desc") or "")
    assert len(picture.findall(f"{SVG}circle")) == 3
    bars = [rect.get("class") for rect in picture.findall(f"{SVG}rect")]
    assert bars == ["worse", "worse"]
    words = [text.text for text in picture.findall(f"{SVG}text")]
    assert {"2023-05-01", "2024-06-01", "2025-07-01"} <= set(words)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_forms_tell_each_change(form: str, versions: Path, command: Run) -> None:
    told = command("timeline", versions, "--format", form).stdout
    assert "Location" in told
    assert "Kept for longer: 90 days" in told
    if form == "html":
        assert "http" not in told.replace("http://www.w3.org/2000/svg", "")


def test_words_of_a_policy_are_no_markup(tmp_path: Path, command: Run) -> None:
    (tmp_path / "2023-01-01.md").write_text("We collect your name.")
    (tmp_path / "2024-01-01.txt").write_text("We collect your name and your age <script>&amp;.")
    told = command("diff", tmp_path, "--format", "html").stdout
    assert "<script" not in told
    assert "&lt;script&gt;&amp;amp;" in told
