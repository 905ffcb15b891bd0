"""docs/batch.md: its commands are run, and say what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import batch_samples as samples
from conftest import ROOT, Run

GUIDE = (ROOT / "docs" / "batch.md").read_text("utf-8")
BLOCKS = re.findall(
    r"^```sh\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", GUIDE, re.MULTILINE | re.DOTALL
)


def test_the_guides_commands_say_what_it_shows(command: Run, tmp_path: Path) -> None:
    examples = [
        ROOT / "examples" / name for name in ("eu-shop.html", "university.txt", "us-app.md")
    ]
    samples.as_folder(tmp_path / "policies", {path.name: path.read_bytes() for path in examples})
    samples.as_folder(tmp_path / "notes", {"empty.html": b"<p> </p>", "scan.pdf": b"%PDF-1.4 no"})
    shown = 0
    for block, told in BLOCKS:
        for line in block.strip().splitlines():
            words = shlex.split(line)[1:]
            if any("*" in word for word in words):  # as a shell does
                words = [name for word in words for name in _expanded(word, tmp_path)]
            done = command(*words, cwd=tmp_path)
            assert done.returncode in (0, 1), done.stderr
        if told:
            assert _counted(done.stderr) == _counted(told)
            shown += 1
    assert shown >= 3


def _counted(told: str) -> str:
    """What is told, but for the statements and triples, which a better table changes."""
    return re.sub(r"[\d,]+ (statements|triples)", r"N \1", told)


def _expanded(word: str, folder: Path) -> list[str]:
    if "*" not in word:
        return [word]
    return [path.relative_to(folder).as_posix() for path in sorted(folder.glob(word))]


def test_the_guide_tells_each_status_and_each_kind_of_archive() -> None:
    from policy2dpv.batch.records import STATUSES
    from policy2dpv.batch.sources import PARQUETS, TARS, WARCS, ZIPS

    for name in (*STATUSES, *ZIPS, *WARCS, *PARQUETS, *(n for n in TARS if n != ".tgz")):
        assert f"`{name}`" in GUIDE, name
