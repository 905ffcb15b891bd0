"""What the documents say is so: each command is described, the README's commands are true."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
import typer
from conftest import ROOT, Run

from policy2dpv.cli import app
from policy2dpv.json_lines import describe_lines
from policy2dpv.model import Annotation

README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def all_commands() -> list[str]:
    found = []

    def walk(command: object, name: str) -> None:
        inside = getattr(command, "commands", None)
        if inside is None:
            found.append(name)
        for word in inside or ():
            walk(inside[word], f"{name} {word}".strip())

    walk(typer.main.get_command(app), "")
    return sorted(found)


@pytest.mark.parametrize("name", all_commands())
def test_each_command_stands_in_the_readme(name: str) -> None:
    assert f"policy2dpv {name} " in README or f"policy2dpv {name}`" in README


@pytest.mark.parametrize("name", all_commands())
def test_each_command_has_help_with_an_example(command: Run, name: str) -> None:
    done = command(*name.split(), "--help")
    assert done.returncode == 0
    assert f"policy2dpv {name}" in " ".join(done.stdout.replace("│", " ").split())
    assert "Example:" in done.stdout


def test_the_readme_shows_no_command_that_is_missing() -> None:
    words = r"(?:^|`)policy2dpv ((?:vocab |tables )?[a-z-]+)(?![a-z-])"
    shown = set(re.findall(words, README, re.MULTILINE))
    assert shown <= set(all_commands()), shown


def test_the_readmes_first_block_is_two_commands_of_run() -> None:
    language, block = BLOCKS[0]
    first, second = block.strip().splitlines()
    assert language == "sh"
    assert shlex.split(first) == ["python3", "run.py", "convert", "examples/eu-shop.html"]
    assert shlex.split(second) == ["python3", "run.py", "test"]


def test_the_readmes_queries_answer(command: Run, tmp_path: Path) -> None:
    [block] = [text for language, text in BLOCKS if language == "sh" and "query" in text]
    convert, *queries = re.findall(r"^policy2dpv (.*?)(?=^policy2dpv|\Z)", block, re.M | re.S)
    source = ROOT / shlex.split(convert)[1]
    done = command("convert", source, *shlex.split(convert)[2:])
    assert done.returncode == 0, done.stderr
    for query in queries:
        done = command(*shlex.split(query))
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 2, done.stdout


def test_the_readmes_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [block] = [text for language, text in BLOCKS if language == "python"]
    monkeypatch.chdir(tmp_path)
    block = block.replace("examples/", f"{ROOT.as_posix()}/examples/")
    exec(compile(block, "README.md", "exec"), {})
    assert "@prefix" in capsys.readouterr().out
    assert (tmp_path / "shop.nq").is_file()


def test_links_in_documents_lead_to_files() -> None:
    for text in (README, CONTRIBUTING):
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert target.startswith("http") or (ROOT / target).exists(), target


def test_each_library_is_explained() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for wanted in [*project["dependencies"], *(r for extra in extras.values() for r in extra)]:
        name = re.split(r"[<>=\[ ]", wanted)[0]
        assert name in CONTRIBUTING, f"CONTRIBUTING.md does not say why {name} is there"


def test_the_changelog_has_an_upcoming_section() -> None:
    assert "\n## Upcoming\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_schema_of_annotations_is_current(request: pytest.FixtureRequest) -> None:
    path = ROOT / "vocab" / "annotation.schema.json"
    if request.config.getoption("--update-golden"):
        path.write_text(describe_lines(Annotation), "utf-8")
    assert path.read_text("utf-8") == describe_lines(Annotation), "run with --update-golden"


def test_the_schema_names_every_field() -> None:
    schema = json.loads((ROOT / "vocab" / "annotation.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["Annotation"]["properties"]) == set(Annotation.__struct_fields__)


def test_run_explains_itself() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        import run
    finally:
        sys.path.remove(str(ROOT))
    for word in run.FOR_DEVELOPERS:
        assert f"run.py {word}" in (run.__doc__ or "")
