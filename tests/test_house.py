"""The house's own rules: knowledge in tables, small modules, light imports, no network."""

from __future__ import annotations

import ast
import re
import socket
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT, imported_modules

from policy2dpv.knowledge.vocabulary import load_vocabulary

PACKAGE = ROOT / "policy2dpv"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {"rdflib", "pyld", "lxml", "pyoxigraph", "pyshacl", "simplemma", "sentencex", "requests",
         "cassis"}  # fmt: skip
HEAVY |= {"starlette", "uvicorn", "jinja2", "openpyxl", "defusedxml"}
GRAB_BAGS = {"utils", "util", "helpers", "common", "core", "base", "misc", "manager", "tools"}
MODULE_LINES = 400
FUNCTION_LINES = 40
# Prefixes of vocabularies that graphs are made of; rdf, rdfs, xsd and skos name structure.
KNOWLEDGE = sorted(p for p, space in load_vocabulary().prefixes.items() if "w3id.org/dpv" in space)


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_no_dpv_term_stands_in_python(path: Path) -> None:
    term = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, KNOWLEDGE))}):[A-Za-z]\w*")
    code = "\n".join(strings_outside_docstrings(path))
    found = [m for m in term.findall(code) if load_vocabulary().has(m)]
    assert not found, f"{path.name}: {found}: put them into a table"


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_no_country_stands_in_python(path: Path) -> None:
    places = {
        load_vocabulary().label(term)
        for term in load_vocabulary().terms
        if term.startswith("loc:") and len(load_vocabulary().label(term)) > 3
    }
    found = [text for text in strings_outside_docstrings(path) if text in places]
    assert not found, f"{path.name}: {found}: put them into a table"


def strings_outside_docstrings(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    described = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documentation
    ]


@pytest.mark.parametrize("path", MODULES, ids=names(MODULES))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MODULE_LINES * 1.05, f"{path.name} is long: what is in it twice?"
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, functions) and path.name != "cli.py":
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= FUNCTION_LINES, f"{path.name}: {node.name} has {lines} lines"


def test_no_module_is_a_grab_bag() -> None:
    assert not GRAB_BAGS.intersection(path.stem for path in MODULES)


def test_help_imports_nothing_heavy() -> None:
    loaded = {name.split(".")[0] for name in imported_modules(["-m", "policy2dpv", "--help"])}
    assert "typer" in loaded
    assert not HEAVY & loaded


def test_importing_the_package_is_light() -> None:
    loaded = {name.split(".")[0] for name in imported_modules(["-c", "import policy2dpv"])}
    assert not HEAVY & loaded


def test_public_names_exist() -> None:
    import policy2dpv

    for name in policy2dpv.__all__:
        assert getattr(policy2dpv, name) is not None


def test_the_network_is_blocked() -> None:
    with pytest.raises(pytest.fail.Exception), socket.socket() as plug:
        plug.connect(("192.0.2.1", 80))


def test_no_path_of_a_machine_in_the_project() -> None:
    private = re.compile(r"/(?:home|Users|root|tmp|work)/\w")
    allowed = {Path(__file__).name}
    for path in [*MODULES, *ROOT.glob("*.md"), *ROOT.glob("*.py"), *ROOT.glob("tests/*.py")]:
        if path.name not in allowed:
            assert not private.search(path.read_text("utf-8")), path


def compiled_modules() -> list[Path]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    return [ROOT / name.lstrip("/") for name in hook["include"]]


@pytest.mark.parametrize("path", compiled_modules(), ids=names(compiled_modules()))
def test_compiled_modules_hold_plain_classes(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            optioned = node.keywords or node.decorator_list or "msgspec.Struct" in bases
            assert not optioned, f"{node.name}: mypyc drops the options of records and data classes"


def test_subclasses_of_compiled_classes_are_compiled() -> None:
    classes = {
        path: [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.ClassDef)]
        for path in MODULES
    }
    compiled = compiled_modules()
    native = {node.name for path in compiled for node in classes[path]}
    for path in set(MODULES) - set(compiled):
        for node in classes[path]:
            heirs = native & {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            assert not heirs, f"{path.name}: {node.name} inherits from {heirs}, so compile it too"


def test_nothing_compiled_lies_in_the_sources() -> None:
    left = [*PACKAGE.rglob("*.so"), *PACKAGE.rglob("*.pyd"), *ROOT.glob("*__mypyc*")]
    assert not left, "remove these: Python runs them in place of what you edit"


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell runs it")
def test_ci_ends_with_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert [line for line in script.splitlines() if "run.py" in line][-1].endswith("run.py test")
