"""What all tests share: no network, and a place for the results of a command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import pytest

import policy2dpv
from policy2dpv.versions import is_compiled

# Properties never fail for a busy machine: speed is measured in benchmarks/.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_PATH = str(Path(policy2dpv.__file__).parent.parent)  # commands run what tests import
LOCAL = ("127.0.0.1", "localhost", "::1")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that writes expected files anew; the difference is then reviewed."""
    parser.addoption("--update-golden", action="store_true", help="write expected files anew")


def pytest_report_header() -> str:
    """Tell what is tested: the sources, or a compiled wheel (`run.py test --compiled`)."""
    return f"policy2dpv: {'compiled' if is_compiled() else 'interpreted'}"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make any connection beyond this machine an error; tests of web reading serve their own."""
    import socket

    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            pytest.fail(f"a test asked the network for {address}")
        connect(self, address)  # type: ignore[arg-type]  # whatever the caller gave

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def root() -> Path:
    """The checkout's folder."""
    return ROOT


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """Runs policy2dpv in its own process, in an empty folder."""

    def run(
        *words: str | Path, input: str | bytes = "", cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        given = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [sys.executable, "-m", "policy2dpv", *map(str, words)],
            input=given,
            capture_output=True,
            cwd=cwd or tmp_path,
            env={**os.environ, "PYTHONPATH": PACKAGE_PATH, "COLUMNS": "200", **variables},
            timeout=120,
            check=False,
        )
        out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return run


def imported_modules(words: Sequence[str]) -> set[str]:
    """Return the names of the modules that Python loads for a command."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rsplit("|", 1)[-1].strip() for line in lines}
