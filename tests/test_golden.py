"""The example policies as they are read today, word for word; `--update-golden` writes them anew.

A change of the reader shows as a difference in tests/golden, which is then reviewed. `rows.csv`
is the file to read: one line a statement.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from conftest import ROOT

from policy2dpv import Conversion, convert, load_vocabulary
from policy2dpv.commands.summary import summarize_conversion
from policy2dpv.graphs.write import format_graph

GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("*.*") if path.is_file())
SHOWN = 40  # lines of a difference that a message holds


def outputs(made: Conversion) -> dict[str, str]:
    """Return what a policy becomes, by the name of its file."""
    return {
        "graph.ttl": made.to_turtle(),
        "rows.csv": format_graph(made.policy_graph, "csv"),
        "summary.txt": summarize_conversion(made, load_vocabulary()) + "\n",
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_an_example_is_read_as_before(path: Path, request: pytest.FixtureRequest) -> None:
    folder = GOLDEN / path.stem
    written = outputs(convert(path))
    if request.config.getoption("--update-golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
    for name, text in written.items():
        before = (folder / name).read_bytes().decode("utf-8")
        assert text == before, f"{path.stem}/{name}\n{difference(before, text)}"


def test_no_golden_file_is_left_over() -> None:
    named = {path.stem for path in EXAMPLES}
    assert {path.name for path in GOLDEN.iterdir()} == named


def difference(before: str, now: str) -> str:
    """Return the first lines that differ, and what to do."""
    lines = list(difflib.unified_diff(before.splitlines(), now.splitlines(), n=0, lineterm=""))
    advice = ["if that is right: pytest tests/test_golden.py --update-golden"]
    return "\n".join(lines[2 : SHOWN + 2] + advice)
