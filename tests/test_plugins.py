"""Other packages add readers, tables and annotators; what they give is checked before use."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Run

from policy2dpv import Annotation, Document, Segment, convert
from policy2dpv.annotating.annotation_check import check_annotations, known_kinds
from policy2dpv.errors import AnnotatorError, PluginError, PolicyError
from policy2dpv.plugins import ANNOTATORS, MAPPINGS, READERS
from policy2dpv.schemes.mapping import load_scheme
from policy2dpv.schemes.registry import find_reader, scheme_names

EXAMPLE = ROOT / "tests" / "plugin_example"
GUIDE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
POLICY = "We collect telemetry and diagnostics.\n\nWe share your name with partners.\n"
NOTES = """who,sentence,label,words
Ann,We collect telemetry and diagnostics.,gathers,collect
Ann,We collect telemetry and diagnostics.,device,telemetry
Ben,We share your name with partners.,odd,partners
"""


def install(folder: Path, name: str, modules: dict[str, str], entries: dict[str, Any]) -> None:
    """Put a package where Python finds it, as an installer does: its modules and its dist-info."""
    for module, text in modules.items():
        (folder / module).write_text(text, "utf-8")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in named.items())
             for group, named in entries.items()]  # fmt: skip
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages that this process sees too."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


@pytest.fixture
def acme(packages: Path, tmp_path: Path) -> dict[str, str]:
    """The example package installed, its files beside; the environment in which it is found."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    install(packages, project["name"], {}, project["entry-points"])
    shutil.copytree(EXAMPLE / "acme_notes", packages / "acme_notes",
                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    (tmp_path / "notes.txt").write_text(POLICY, "utf-8")
    (tmp_path / "notes.csv").write_text(NOTES, "utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(ROOT), str(packages)])}


def test_the_guides_commands_run(command: Run, acme: dict[str, str], tmp_path: Path) -> None:
    lines = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    done = [command(*shlex.split(line)[1:], **acme) for line in lines]
    assert [one.returncode for one in done] == [0, 0, 0, 0], [one.stderr for one in done]
    graph = (tmp_path / "notes.nq").read_text("utf-8")
    assert "dpv#Collect>" in graph
    assert "pd#DeviceBased>" in graph
    first, second = (json.loads(one.stdout) for one in done[1:3])
    assert (first["quote"], second["quote"]) == ("telemetry", "diagnostics")
    assert first["by"] == ["acme-words"]
    who = (tmp_path / "who.nq").read_text("utf-8")
    assert '"acme-words"' in who
    assert '"policy2dpv"' in who
    assert "dc/terms/creator>" in who


def test_the_guide_shows_the_example_as_it_is() -> None:
    code = (EXAMPLE / "acme_notes" / "__init__.py").read_text("utf-8")
    project = (EXAMPLE / "pyproject.toml").read_text("utf-8")
    shown = {kind: text for kind, text in BLOCKS if kind in ("python", "toml")}
    assert shown["python"] in code
    assert shown["toml"] in project


def test_a_reader_brings_its_table_and_its_annotators(acme: dict[str, str], tmp_path: Path) -> None:
    assert "acme-notes" in scheme_names()
    [policy] = find_reader("acme-notes")(tmp_path / "notes.csv", None)
    assert [clause.annotator for clause in policy.clauses] == ["Ann", "Ann", "Ben"]
    load_scheme.cache_clear()
    assert "note > device" in {row.label for row in load_scheme("acme-notes").rows}


def test_a_chosen_annotator_of_the_file_alone(command: Run, acme: dict[str, str]) -> None:
    done = command("map", "notes.csv", "--scheme", "acme-notes", "--merge", "one:Zoe", **acme)
    assert done.returncode == 2
    assert "Zoe: nobody of this name annotated it; use one of Ann, Ben" in done.stderr
    done = command("map", "notes.csv", "--scheme", "acme-notes", "--merge", "most", **acme)
    assert done.returncode == 2
    assert "no rule of merging" in done.stderr


BROKEN = """
from policy2dpv import Annotation
from policy2dpv.schemes.marks import MarkedClause, MarkedPolicy

def read(path, page):
    raise KeyError(path.name)

def strays(path, page):
    from policy2dpv import read_document
    clause = MarkedClause(id="7", category="c", span=(0, 10**9))
    yield MarkedPolicy(name="p", document=read_document(b"We share."), clauses=(clause,))

def mute(path, page):
    yield "nothing"

def table():
    return "no-such-file"

def fails(document, segments):
    yield from ()
    raise RuntimeError("no\\nmodel")

class Picky:
    def __init__(self, setting):
        self.setting = setting
"""


@pytest.fixture
def broken(packages: Path) -> None:
    entries: dict[str, dict[str, str]] = {
        READERS: {"raises": "broken_package:read", "strays": "broken_package:strays",
                  "mute": "broken_package:mute", "gone": "no_such_module:read"},
        MAPPINGS: {"raises": "broken_package:table"},
        ANNOTATORS: {"fails": "broken_package:fails", "picky": "broken_package:Picky",
                     "gone": "no_such_module:model", "number": "broken_package:BROKEN"},
    }  # fmt: skip
    install(packages, "broken-package", {"broken_package.py": BROKEN + "\nBROKEN = 7\n"}, entries)


@pytest.mark.parametrize(
    ("scheme", "found"),
    [("raises", "its reader failed on x.csv: KeyError: 'x.csv'"), ("mute", "gave str"),
     ("strays", "clause '7' of p marks 0 to 1000000000 of a text with 9 characters")],
)  # fmt: skip
@pytest.mark.usefixtures("broken")
def test_a_broken_reader_is_named(scheme: str, found: str) -> None:
    with pytest.raises(PluginError, match=re.escape(found)) as caught:
        list(find_reader(scheme)(Path("x.csv"), None))
    assert str(caught.value).startswith(f"scheme {scheme}: ")


@pytest.mark.usefixtures("broken")
def test_what_cannot_be_loaded_is_named() -> None:
    with pytest.raises(PluginError, match=r"gone: broken-package \(no_such_module:read\) cannot"):
        find_reader("gone")
    with pytest.raises(PluginError, match="scheme raises: its table is no file"):
        load_scheme("raises")
    with pytest.raises(
        PolicyError, match=r"nobody reads this scheme; use one of .*gone,.* mute, opp"
    ):
        find_reader("no-such-scheme")


@pytest.mark.parametrize(
    ("chosen", "found"),
    [("fails", "annotator fails: failed: RuntimeError: no model"),
     ("picky", "annotator picky: cannot be set up: TypeError"),
     ("picky:x", "annotator picky: its entry point is Picky, no function"),
     ("number", "its entry point is int, no function"), ("gone", "gone: broken-package"),
     ("fails:x", "annotator fails: it takes no setting"), ("ours+ours", "named twice"),
     ("nobody", "no installed package offers it; use one of ours, fails, gone, number, picky"),
     ("ours+", "annotator : no installed package offers it")],
)  # fmt: skip
@pytest.mark.usefixtures("broken")
def test_a_broken_annotator_is_named(chosen: str, found: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(found)):
        convert(b"We share.", annotator=chosen)


def test_two_packages_with_one_name(packages: Path) -> None:
    for name in ("one", "two"):
        install(packages, name, {f"{name}.py": ""}, {ANNOTATORS: {"model": f"{name}:model"}})
    with pytest.raises(PluginError, match=r"one .* and two .* both offer it"):
        convert(b"We share.", annotator="model")


@pytest.mark.usefixtures("broken")
def test_a_failing_annotator_leaves_no_traceback(command: Run, packages: Path) -> None:
    path = os.pathsep.join([str(ROOT), str(packages)])
    done = command("convert", "-", "--annotator", "fails", input="We share.", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr == (
        "policy2dpv: annotator fails: failed: RuntimeError: no model; "
        "repair it, or choose another annotator\n"
    )


# What an annotator gives

SENTENCE = "We share your e-mail address with partners."


def right(**changes: Any) -> Annotation:
    fields: dict[str, Any] = {
        "start": 14, "end": 28, "quote": "e-mail address", "kind": "personal_data",
        "term": "pd:EmailAddress", "segment": "", "source": "model:x",
    }  # fmt: skip
    return Annotation(**(fields | changes))


WRONG = [
    ({"kind": "data"}, "there is no kind 'data'; use one of any_data, "),
    ({"term": "pd:EmailAdress"}, "the term 'pd:EmailAdress' is not a term of DPV"),
    ({"term": ""}, "the term '' is"),
    ({"term": "dpv:Marketing"}, "dpv:Marketing is not under dpv:PersonalData or dpv:Data"),
    ({"start": 28}, "the span 28 to 28 is empty or not in the text; count characters from 0 to 43"),
    ({"start": 30}, "the span 30 to 28 is empty"),
    ({"start": -1}, "the span -1 to 28"),
    ({"end": 900}, "the span 14 to 900"),
    ({"quote": "partners"}, "reads 'e-mail address'; these words stand at 34 to 42"),
    ({"quote": "E-mail address"}, "reads 'e-mail address'; quote the text as it is"),
    ({"segment": "no-such"}, "there is no segment 'no-such'"),
    ({"confidence": 1.01}, "confidence is 1.01; give a number from 0 to 1"),
    ({"confidence": float("nan")}, "confidence is nan"),
    ({"confidence": "high"}, "Expected `float`, got `str`"),
    ({"polarity": "no"}, "`$.polarity`; use one of affirmed, denied"),
    ({"modality": "must"}, "use one of '', possible, permitted, obliged"),
    ({"match": "skos:exactMatch"}, "use one of exact, close, broad, narrow"),
    ({"actor": "we"}, "use one of first_party, third_party, user"),
    ({"start": "14"}, "Expected `int`, got `str`"),
    ({"phrase": "phone"}, "the phrase 'phone' is not in the quote"),
    ({"definition": (5, 5)}, "the definition 5 to 5 is not in the text"),
    ({"condition": "if we like"}, "the condition 'if we like' is not in the text"),
    ({"clause": 200}, "clause is 200"),
    ({"source": ""}, "it has no source"),
]


@pytest.mark.parametrize(("changes", "found"), WRONG, ids=[str(one) for one, _ in WRONG])
def test_a_wrong_annotation_is_refused(changes: dict[str, Any], found: str) -> None:
    def model(document: Document, segments: Sequence[Segment]) -> Iterator[Annotation]:
        yield right(segment=segments[0].id)
        yield right(**({"segment": segments[0].id} | changes))

    with pytest.raises(AnnotatorError, match=re.escape(found)) as caught:
        convert(SENTENCE.encode(), annotator=model)
    assert str(caught.value).startswith("annotator model, annotation 1: ")


def test_a_span_of_another_segment_is_refused() -> None:
    def model(document: Document, segments: Sequence[Segment]) -> Iterator[Annotation]:
        yield right(segment=segments[1].id)

    with pytest.raises(AnnotatorError, match="14 to 28 is not within segment"):
        convert(f"{SENTENCE}\n\nWe like tea.".encode(), annotator=model)


def test_what_is_no_annotation_is_refused() -> None:
    with pytest.raises(AnnotatorError, match="annotation 0: dict is no Annotation"):
        convert(SENTENCE.encode(), annotator=lambda document, segments: [{}])  # type: ignore[list-item]
    with pytest.raises(AnnotatorError, match="failed: TypeError"):
        convert(SENTENCE.encode(), annotator=lambda document, segments: 7)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("name", ["eu-shop.html", "us-app.md", "university.txt"])
def test_our_own_annotations_pass(name: str) -> None:
    made = convert(ROOT / "examples" / name)
    checked = check_annotations(made.document, made.segments, made.annotations, by="ours")
    assert checked == list(made.annotations)
    assert {one.kind for one in checked} <= known_kinds().keys()


def test_a_function_reads_instead_of_us() -> None:
    def model(document: Document, segments: Sequence[Segment]) -> Iterator[Annotation]:
        share = right(start=3, end=8, quote="share", kind="processing", term="dpv:Share")
        yield msgspec.structs.replace(share, segment=segments[0].id)
        yield right(segment=segments[0].id)

    made = convert(SENTENCE.encode(), annotator=model)
    assert [(one.quote, one.by) for one in made.annotations] == [
        ("share", ("model",)), ("e-mail address", ("model",))
    ]  # fmt: skip
    assert "EmailAddress" in made.to_turtle()
    ours = convert(SENTENCE.encode())
    both = convert(SENTENCE.encode(), annotator=["ours", model])
    assert {(a.kind, a.term) for a in both.annotations} == {
        (a.kind, a.term) for made in (ours, made) for a in made.annotations
    }
    [data] = [one for one in both.annotations if one.term == "pd:EmailAddress"]
    assert data.by == ("model", "policy2dpv")


def test_ours_by_name_is_what_it_was() -> None:
    path = ROOT / "examples" / "us-app.md"
    assert convert(path, annotator="ours").to_nquads() == convert(path).to_nquads()
