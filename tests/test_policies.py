"""Whole policies of real firms, which stand beside the checkout and not in it."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import pytest
from conftest import PACKAGE_PATH, ROOT

from policy2dpv import Conversion, convert, load_vocabulary

SHARED = ROOT.parent / "shared" / "policies"
FOLDERS = ("text", "markdown", "html", "versions")
POLICIES = [path for folder in FOLDERS for path in sorted((SHARED / folder).glob("*.*"))]
NAMES = [path.name for path in POLICIES]
IN_ALL = 18
IN_FORMATS = ("informetric.txt", "open-collective.html")
TWICE = ("inspur.txt", "quora.md", "open-collective.html")

needs_shared = pytest.mark.skipif(not POLICIES, reason=f"no policies under {SHARED}")
if not POLICIES:
    warnings.warn(f"no policies under {SHARED}: they are not tested", stacklevel=1)


@cache
def read(path: Path) -> Conversion:
    return convert(path)


def named(name: str) -> Path:
    return next(path for path in POLICIES if path.name == name)


@needs_shared
def test_all_policies_are_there() -> None:
    assert len(POLICIES) == IN_ALL


@needs_shared
@pytest.mark.parametrize("path", POLICIES, ids=NAMES)
def test_a_policy_is_read(path: Path) -> None:
    made = read(path)
    assert made.has_privacy_content
    text, size = made.document.text, len(made.document.text)
    for found in made.annotations:
        assert text[found.start : found.end] == found.quote
    for segment in made.segments:
        assert 0 <= segment.start < segment.end <= size
    spans = [span for said in made.statements for span in said.evidence]
    assert all(0 <= start < end <= size for start, end in spans)


@needs_shared
@pytest.mark.parametrize("path", POLICIES, ids=NAMES)
def test_each_clause_of_the_graph_quotes_the_text(path: Path) -> None:
    made = read(path)
    exact, start, end = (f"http://www.w3.org/ns/oa#{name}" for name in ("exact", "start", "end"))
    selector = "http://www.w3.org/ns/oa#hasSelector"
    values: dict[str, dict[str, str]] = {}
    selectors: dict[str, list[str]] = {}
    for subject, term, value in made.policy_graph.triples:
        if term in (exact, start, end):
            values.setdefault(subject, {})[term] = value.text
        elif term == selector:
            selectors.setdefault(subject, []).append(value)
    assert selectors
    for clause, found in selectors.items():
        said = {term: text for one in found for term, text in values[one].items()}
        assert made.document.text[int(said[start]) : int(said[end])] == said[exact], clause


@needs_shared
@pytest.mark.parametrize("path", POLICIES, ids=NAMES)
def test_each_dpv_term_is_of_the_release_and_not_sunset(path: Path) -> None:
    vocabulary = load_vocabulary()
    nodes = {n for t in read(path).policy_graph.triples for n in t if isinstance(n, str)}
    terms = {vocabulary.curie(node) for node in nodes if vocabulary.is_dpv(node)}
    assert terms
    wrong = [t for t in sorted(terms) if not vocabulary.has(t) or vocabulary.status(t) == "sunset"]
    assert not wrong


@needs_shared
@pytest.mark.parametrize("name", IN_FORMATS)
def test_all_formats_say_the_same(name: str) -> None:
    from pyoxigraph import RdfFormat, parse

    from policy2dpv.graphs.write import format_graph

    graph = read(named(name)).policy_graph
    formats = {
        "turtle": RdfFormat.TURTLE, "trig": RdfFormat.TRIG, "nquads": RdfFormat.N_QUADS,
        "ntriples": RdfFormat.N_TRIPLES, "rdfxml": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD,
    }  # fmt: skip
    parsed = {
        name: frozenset(str(quad.triple) for quad in parse(format_graph(graph, name), format=kind))
        for name, kind in formats.items()
    }
    said = frozenset(graph.lines)
    assert {name: len(triples ^ said) for name, triples in parsed.items()} == dict.fromkeys(
        formats, 0
    )


@needs_shared
def test_converting_them_all_ends_well(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policy2dpv", "convert", "-q", *map(str, POLICIES), "-o", tmp_path],
        capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": PACKAGE_PATH},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("*.jsonld"))) == IN_ALL


@needs_shared
def test_same_bytes_whatever_hash_seed_folder_and_locale(tmp_path: Path) -> None:
    places = (tmp_path / "one", tmp_path / "other")
    settings = (
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "77", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"},
    )
    for place, variables in zip(places, settings, strict=True):
        place.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "policy2dpv", "convert", "-q", *(named(n) for n in TWICE),
             "--format", "jsonld,turtle,nquads,csv", "-o", place / "made"],
            capture_output=True, text=True, cwd=place, check=False, timeout=120,
            env={**os.environ, "PYTHONPATH": PACKAGE_PATH, **variables},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    first, second = (
        {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*.*")}
        for place in places
    )
    assert len(first) == 4 * len(TWICE)
    assert first == second
