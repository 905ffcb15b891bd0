"""`batch` from inputs to parts: the same bytes however it is run, cut off, or gone on with."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

import batch_samples as samples
import pytest
from conftest import PACKAGE_PATH, Run
from pyarrow import parquet

from policy2dpv.batch.folder import Folder, locked
from policy2dpv.batch.records import STATUSES
from policy2dpv.cli import main
from policy2dpv.conversion import convert

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")
BOTH = ("--format", "nquads,parquet", "--shard", "3", "-q")
COUNT = 10
LATIN = "Gallia est omnis divisa in partes tres quarum unam incolunt. "
LOG = (
    "The weather will be fine tomorrow, and so will be the roads. If you have time, take the boat "
    "to the islands, which are at their best in this month. It is not far from the town, but you "
    "should be back before it gets dark, as there is no light on the way up from the harbour."
)


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in ledgers are as given; all tests give them from here."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The results of a run that nothing disturbed, of the corpus that `corpus` makes."""
    place = tmp_path_factory.mktemp("finished")
    before = Path.cwd()
    os.chdir(place)
    try:
        assert main(["batch", *corpus(place), "-o", "out", *BOTH, "--workers", "1"]) == 1
    finally:
        os.chdir(before)
    return samples.results(place / "out")


def corpus(place: Path) -> list[str]:
    """A folder, a tar and a zip file with policies, copies and what is none; return their names."""
    files = samples.documents(COUNT)
    odd = {"copy.txt": files["001.txt"], "empty.html": b"<p> </p>", "broken.pdf": b"%PDF-1.4 no",
           "log.txt": LOG.encode(), "latin.txt": LATIN.encode() * 9}  # fmt: skip
    samples.as_folder(place / "in", dict(list(files.items())[:4]) | odd)
    samples.as_tar(place / "a.tar.gz", dict(list(files.items())[4:8]))
    samples.as_zip(place / "a.zip", dict(list(files.items())[8:]))
    for path in sorted(place.rglob("*")):
        os.utime(path, (1_800_000_000, 1_800_000_000))  # a later copy of it is the same corpus
    return ["in", "a.tar.gz", "a.zip"]


def batch(*words: object) -> int:
    return main(["batch", *map(str, words)])


def test_each_input_stands_in_the_ledger_once_with_what_became_of_it(
    tmp_path: Path, finished: dict[str, bytes]
) -> None:
    samples.as_folder(tmp_path / "out", finished)
    told = samples.ledger(tmp_path / "out")
    assert [entry["n"] for entry in told] == list(range(COUNT + 5))
    odd = {entry["input"]: entry for entry in told if entry["status"] != "ok"}
    assert {name: entry["status"] for name, entry in odd.items()} == {
        "in/broken.pdf": "failed", "in/copy.txt": "duplicate", "in/empty.html": "empty",
        "in/latin.txt": "other-language", "in/log.txt": "not-a-policy",
    }  # fmt: skip
    assert odd["in/copy.txt"]["duplicate_of"] == "in/001.txt"
    assert all(entry["reason"] for name, entry in odd.items() if name != "in/copy.txt")
    manifest = json.loads(finished["manifest.json"])
    assert manifest["counts"] == dict.fromkeys(STATUSES, 1) | {"ok": COUNT}
    assert manifest["inputs"] == COUNT + 5


def test_a_part_holds_what_convert_writes(tmp_path: Path, finished: dict[str, bytes]) -> None:
    alone = convert(samples.documents(COUNT)["001.txt"]).to_nquads()
    parts = b"".join(data for name, data in sorted(finished.items()) if name.endswith(".nq"))
    assert alone.encode() in parts


def test_rows_quote_the_policys_text(tmp_path: Path, finished: dict[str, bytes]) -> None:
    samples.as_folder(tmp_path / "out", finished)
    files = samples.documents(COUNT)
    rows = [row for path in sorted(Path("out").glob("*.parquet"))
            for row in parquet.read_table(path).to_pylist()]  # fmt: skip
    told = {entry["input"]: entry for entry in samples.ledger(Path("out"))}
    assert len(rows) == sum(entry["statements"] for entry in told.values()) >= 5 * COUNT
    for row in rows:
        text = convert(files[row["input"].split("/")[-1]]).document.text
        assert text[row["start"] : row["end"]] == row["quote"] != ""
        assert row["graph"] == told[row["input"]]["graph"]
    assert {"pd:EmailAddress"} <= {term for row in rows for term in row["data"]}


def test_parts_can_be_loaded(tmp_path: Path, finished: dict[str, bytes], command: Run) -> None:
    samples.as_folder(tmp_path / "out", finished)
    done = command("load", "store", *sorted(Path("out").glob("*.nq")), cwd=tmp_path)
    triples = json.loads(finished["manifest.json"])["triples"]
    assert done.stderr == f"{triples:,} triples in {COUNT} graphs loaded, 0 of them replaced\n"


def test_the_number_of_workers_changes_no_byte(tmp_path: Path, finished: dict[str, bytes]) -> None:
    assert batch(*corpus(tmp_path), "-o", "out", *BOTH, "--workers", 3) == 1
    assert samples.results(tmp_path / "out") == finished


@POSIX
def test_killed_at_ever_later_moves_it_ends_with_the_same_bytes(
    tmp_path: Path, finished: dict[str, bytes]
) -> None:
    names = corpus(tmp_path)
    killed = 0
    while killed < 20:
        when = "after" if killed % 2 else "before"
        done = samples.run_script(
            samples.KILLED, 2 + killed, when, "batch", *names, "-o", "out", *BOTH,
            "--workers", 2, cwd=tmp_path, path=PACKAGE_PATH,
        )  # fmt: skip
        if done.returncode >= 0:
            break
        killed += 1
    assert done.returncode == 1, done.stderr
    assert killed >= 4
    assert samples.results(tmp_path / "out") == finished


@POSIX
def test_a_converter_that_outlives_its_run_does_not_hinder_the_next(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    folder.prepare()
    for _ in range(100):
        place = Path(tempfile.mkdtemp(dir=folder.making))
        begun = threading.Event()
        writer = threading.Thread(target=write_on, args=(place, begun))
        writer.start()
        assert begun.wait(60)
        folder.prepare()
        assert folder.making.is_dir()
        writer.join()


def write_on(place: Path, begun: threading.Event) -> None:
    """Make files in a folder until it is gone."""
    for number in range(2_000):
        try:
            (place / f"{number}").touch()
        except OSError:
            return
        if number == 30:
            begun.set()


@POSIX
def test_a_full_disk_is_told_and_gone_on_from(tmp_path: Path, finished: dict[str, bytes]) -> None:
    names = corpus(tmp_path)
    words = ("batch", *names, "-o", "out", *BOTH, "--workers", "2")
    for size in (300, 40_000):
        full = samples.run_script(samples.FULL, size, *words, cwd=tmp_path, path=PACKAGE_PATH)
        assert full.returncode == 2, full.stderr
        assert "cannot be written (File too large)" in full.stderr
        assert "Traceback" not in full.stderr
    assert not list(Path("out").glob("manifest.json"))
    assert main([*words]) == 1
    assert samples.results(tmp_path / "out") == finished


@POSIX
def test_an_input_that_kills_or_hangs_its_process_costs_itself_alone(
    tmp_path: Path, command: Run
) -> None:
    reader = samples.install_fatal_reader(tmp_path / "plugins")
    words = ("segfault", "leave", "hang", "greedy", "raise")
    files = {f"{n}-{word}.epub": f"{word} here".encode() for n, word in enumerate(words)}
    good = samples.documents(6)
    samples.as_folder(tmp_path / "in", files | good)
    done = command("batch", "in", "-o", "out", "--seconds", "3", "--shard", "4", "--workers", "2",
                   cwd=tmp_path, PYTHONPATH=os.pathsep.join((PACKAGE_PATH, reader)))  # fmt: skip
    assert done.returncode == 1, done.stderr
    told = {entry["input"][3:]: entry for entry in samples.ledger(tmp_path / "out")}
    assert {name: told[name]["reason"] for name in files} == {
        "0-segfault.epub": "the process was ended by SIGSEGV",
        "1-leave.epub": "the process ended with code 3",
        "2-hang.epub": "it took more than 3 seconds",
        "3-greedy.epub": "it needs more than 2,048 MiB of memory",
        "4-raise.epub": "it could not be read (ValueError: no such thing)",
    }
    assert {told[name]["status"] for name in files} == {"failed"}
    assert {told[name]["status"] for name in good} == {"ok"}


def test_done_is_done(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(3))
    assert batch("in", "-o", "out", "--workers", 1) == 0
    before = {path: path.stat().st_mtime_ns for path in Path("out").glob("part-*")}
    first = capfd.readouterr().err
    assert batch("in", "-o", "out", "--workers", 1) == 0
    assert capfd.readouterr().err == first
    assert {path: path.stat().st_mtime_ns for path in Path("out").glob("part-*")} == before


def test_a_part_that_is_gone_is_made_again(tmp_path: Path, finished: dict[str, bytes]) -> None:
    names = corpus(tmp_path)
    assert batch(*names, "-o", "out", *BOTH, "--workers", 2) == 1
    Path("out/part-000001.nq").unlink()
    Path("out/ledger/part-000003.jsonl").write_bytes(b"")
    assert batch(*names, "-o", "out", *BOTH, "--workers", 2) == 1
    assert samples.results(tmp_path / "out") == finished


def test_another_order_is_told_and_nothing_mixed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(3))
    assert batch("in", "-o", "out", "--workers", 1, "-q") == 0
    before = samples.results(tmp_path / "out")
    assert batch("in", "-o", "out", "--quotes", "none", "--workers", 1, "-q") == 2
    assert "settings.quotes was 'full', is 'none'" in capfd.readouterr().err
    assert samples.results(tmp_path / "out") == before


@pytest.mark.parametrize("change", ["more", "fewer", "other"])
def test_other_inputs_are_told_and_nothing_mixed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], change: str
) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(4))
    assert batch("in", "-o", "out", "--shard", 2, "--workers", 1, "-q") == 0
    before = samples.results(tmp_path / "out")
    if change == "fewer":
        Path("in/002.html").unlink()
        Path("in/003.txt").unlink()
    else:
        Path("in/009.txt" if change == "more" else "in/001.txt").write_text(samples.policy(9))
    assert batch("in", "-o", "out", "--shard", 2, "--workers", 1, "-q") == 2
    assert "the inputs have changed since the run began" in capfd.readouterr().err
    assert samples.results(tmp_path / "out") == before


@POSIX
def test_an_input_that_changes_between_reading_and_converting_is_told(tmp_path: Path) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(2))
    words = ("batch", "in", "-o", "out", "--workers", "1", "-q")
    run = samples.run_script(samples.KILLED, 3, "after", *words, cwd=tmp_path, path=PACKAGE_PATH)
    assert run.returncode == -9  # run.json, the texts, and what they are have been put there
    assert list(Path("out/.batch/read").glob("*.texts"))
    Path("in/001.txt").write_text(samples.policy(9))
    again = samples.run_script(samples.KILLED, 99, "after", *words, cwd=tmp_path, path=PACKAGE_PATH)
    assert again.returncode == 2
    assert "the inputs have changed since the run began" in again.stderr


def test_results_among_the_inputs_are_no_inputs(tmp_path: Path) -> None:
    samples.as_folder(tmp_path, samples.documents(2))
    words = (".", "-o", "out", "--format", "parquet", "--workers", 1, "-q")
    assert batch(*words) == 0
    first = samples.results(tmp_path / "out")
    assert batch(*words) == 0
    assert samples.results(tmp_path / "out") == first


def test_a_folder_without_policies_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    samples.as_folder(tmp_path / "in", {"logo.png": b"x"})
    assert batch("in", "-o", "out", "-q") == 2
    assert "there is no policy in what is named" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text, as Linux has them")
def test_a_name_that_is_no_text_is_read_and_told_as_an_escape(tmp_path: Path) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(1))
    os.rename("in/000.html", b"in/\xff.html")
    assert batch("in", "-o", "out", "--workers", 1, "-q") == 0
    assert [entry["input"] for entry in samples.ledger(tmp_path / "out")] == ["in/\\udcff.html"]


def test_two_runs_in_one_folder_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(1))
    with locked(Folder(Path("out"))):
        assert batch("in", "-o", "out", "-q") == 2
    assert "another run is writing there" in capfd.readouterr().err


def test_parts_of_nobody_are_not_mixed_with(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    samples.as_folder(tmp_path, {"in/a.txt": b"x", "out/part-000000.nq": b""})
    assert batch("in", "-o", "out", "-q") == 2
    assert "no run is known" in capfd.readouterr().err


def test_a_sample_is_the_same_each_time_and_not_the_first(tmp_path: Path) -> None:
    samples.as_folder(tmp_path / "in", samples.documents(12))
    for output in ("one", "two"):
        assert batch("in", "-o", output, "--sample", 4, "-q") == 0
    chosen = [entry["input"] for entry in samples.ledger(tmp_path / "one")]
    assert samples.results(tmp_path / "one") == samples.results(tmp_path / "two")
    assert len(chosen) == 4
    assert chosen != [f"in/{name}" for name in sorted(samples.documents(4))]


def test_near_duplicates_are_named_where_asked(tmp_path: Path) -> None:
    long = "".join(samples.policy(n) for n in range(20))
    files = {
        "a.txt": long,
        "b.txt": long.replace("Shop 7", "Shop Seven"),
        "c.txt": samples.policy(1),
    }
    samples.as_folder(tmp_path / "in", {name: text.encode() for name, text in files.items()})
    assert batch("in", "-o", "exact", "-q") == 0
    assert batch("in", "-o", "near", "--duplicates", "near", "-q") == 0
    assert [entry["status"] for entry in samples.ledger(tmp_path / "exact")] == ["ok"] * 3
    told = samples.ledger(tmp_path / "near")
    assert [entry["status"] for entry in told] == ["ok", "duplicate", "ok"]
    assert told[1]["duplicate_of"] == "in/a.txt"
    assert "alike" in told[1]["reason"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "there is nothing to read"),
        (("nowhere.html",), "no such file"),
        (("in", "--format", "turtle"), 'there is no format "turtle"'),
        (("in", "--urls", "nowhere.txt"), "no such file"),
        (("in", "--scheduler", "tcp://127.0.0.1:9"), "no scheduler with workers answers"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_written(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.setattr("policy2dpv.batch.engine_dask.WAIT_SECONDS", 1)
    samples.as_folder(tmp_path / "in", samples.documents(1))
    assert batch(*words, "-o", "out") == 2
    assert told in capfd.readouterr().err
    assert not list(tmp_path.glob("out/part-*"))


def test_addresses_are_fetched_where_asked(tmp_path: Path) -> None:
    import http.server
    import threading
    from functools import partial

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    samples.as_folder(tmp_path / "web", samples.documents(2))
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Silent, directory=str(tmp_path / "web"))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        lines = ["# policies", f"{root}/000.html", f"{root}/001.txt", f"{root}/gone.html", "x.html"]
        Path("list.txt").write_text("\n".join(lines))
        assert batch("--urls", "list.txt", "-o", "out", "-q") == 1
        server.shutdown()
    told = samples.ledger(tmp_path / "out")
    assert [entry["status"] for entry in told] == ["ok", "ok", "failed", "failed"]
    assert told[2]["reason"] == "the server answers 404 File not found"
    assert told[0]["uri"] == f"{root}/000.html"
    assert f"<{root}/000.html>" in Path("out/part-000000.nq").read_text("utf-8")


def test_a_copy_of_the_folder_can_be_gone_on_with(
    tmp_path: Path, finished: dict[str, bytes]
) -> None:
    """What is done is known by the folder alone, wherever it lies."""
    names = corpus(tmp_path)
    assert batch(*names, "-o", "out", *BOTH, "--workers", 2) == 1
    shutil.copytree("out", "moved")
    Path("moved/.batch/done/part-000002.json").unlink()
    assert batch(*names, "-o", "moved", *BOTH, "--workers", 2) == 1
    assert samples.results(tmp_path / "moved") == finished
