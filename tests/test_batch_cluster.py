"""`batch` on Dask: a scheduler and two workers of its own kind, one of which is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import batch_samples as samples
import pytest
from conftest import PACKAGE_PATH

from policy2dpv.cli import main

COUNT = 24
WORDS = ("batch", "in", "a.tar.gz", "-o", "out", "--format", "nquads,parquet", "--shard", "2")
PATIENCE = 240


def corpus(place: Path) -> None:
    files = samples.documents(COUNT)
    samples.as_folder(place / "in", dict(list(files.items())[: COUNT // 2]))
    samples.as_tar(place / "a.tar.gz", dict(list(files.items())[COUNT // 2 :]))
    for path in sorted(place.rglob("*")):
        os.utime(path, (1_800_000_000, 1_800_000_000))


@contextmanager
def process(*words: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module that runs meanwhile."""
    variables = {**os.environ, "PYTHONPATH": PACKAGE_PATH}
    started = subprocess.Popen([sys.executable, "-m", *words], cwd=cwd, env=variables)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Until something matches, while the process runs."""
    end = time.monotonic() + PATIENCE
    while not list(path.parent.glob(path.name)):
        assert process.poll() is None, "it ended before"
        assert time.monotonic() < end, f"no {path.name}"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_worker_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for place in (one, two):
        place.mkdir()
        corpus(place)
    monkeypatch.chdir(one)
    assert main([*WORDS, "--workers", "2", "-q"]) == 0
    with ExitStack() as stack:
        file = tmp_path / "scheduler.json"
        where = ("--scheduler-file", str(file))
        scheduler = stack.enter_context(process(
            "distributed.cli.dask_scheduler", *where, "--host", "127.0.0.1", "--port", "0",
            "--no-dashboard", cwd=tmp_path,
        ))  # fmt: skip
        wait_for(file, scheduler)
        workers = [
            stack.enter_context(process(
                "distributed.cli.dask_worker", *where, "--nthreads", "1", "--no-nanny",
                "--no-dashboard", "--name", name, cwd=tmp_path,
            ))
            for name in ("first", "second")
        ]  # fmt: skip
        address = address_in(file)
        run = stack.enter_context(
            process("policy2dpv", *WORDS, "--scheduler", address, "-q", cwd=two)
        )
        done = two / "out" / ".batch" / "done"
        wait_for(done / "*.json", run)
        workers[0].send_signal(signal.SIGKILL)
        assert len(list(done.glob("*.json"))) < COUNT // 2
        assert run.wait(PATIENCE) == 0
        assert workers[1].poll() is None
    assert samples.results(two / "out") == samples.results(one / "out")


def address_in(file: Path) -> str:
    import json

    return str(json.loads(file.read_text("utf-8"))["address"])


def test_a_local_cluster_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.as_folder(tmp_path / "in", samples.documents(4))
    assert main(["batch", "in", "-o", "one", "--workers", "1", "-q"]) == 0
    done = subprocess.run(
        [sys.executable, "-m", "policy2dpv", "batch", "in", "-o", "two", "--workers", "2",
         "--scheduler", "local", "-q"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": PACKAGE_PATH}, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert samples.results(tmp_path / "two") == samples.results(tmp_path / "one")
