"""Run policy2dpv from a fresh clone: `python3 run.py convert examples/eu-shop.html`.

The first call makes a private environment (.venv) and installs the project into it; nothing is
written to the system's Python. Needs Python 3.11 or newer and nothing else.

    python3 run.py COMMAND ...   the same as `policy2dpv COMMAND ...`
    python3 run.py test ...      the tests; further words go to pytest
    python3 run.py lint          style (ruff) and types (mypy)
    python3 run.py benchmark ... benchmarks/benchmark.py
    python3 run.py counts ...    benchmarks/counts.py: instructions against those stored

`--compiled` behind `test`, `benchmark` and `counts` does it with a compiled wheel, built anew where
a source has changed (needs a C compiler, takes a minute). POLICY2DPV_VENV names another folder for
the environment; that of the wheel stands beside it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
SCRIPTS = {"benchmark": "benchmark.py", "counts": "counts.py"}
FOR_DEVELOPERS = ("test", "lint", *SCRIPTS)
EXTRAS = {"serve": "serve"}  # what a command needs beyond the core
COMPILED = "--compiled"
QUIET = ("--quiet", "--quiet", "--disable-pip-version-check", "--no-input")
SOURCES = ("pyproject.toml", ".ci", "policy2dpv", "mappings", "vocab")  # what a wheel is made of


def main(words: Sequence[str]) -> int:
    """Return the exit code of the command that the words name, run in the environment."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"run.py: this is Python {sys.version_info[0]}.{sys.version_info[1]}; "
            f"policy2dpv needs {OLDEST[0]}.{OLDEST[1]} or newer, e.g. `python3.11 run.py ...`"
        )
    command = words[0] if words else "--help"
    if COMPILED in words[1:] and command in ("test", *SCRIPTS):
        return run_compiled(command, [word for word in words[1:] if word != COMPILED])
    python = prepare_environment("dev" if command in FOR_DEVELOPERS else EXTRAS.get(command, ""))
    rest = list(words[1:])
    if command == "test":
        return run([python, "-m", "pytest", "-q", "-n", "auto", *rest], cwd=ROOT)
    if command == "lint":
        style = run([python, "-m", "ruff", "check", "."], cwd=ROOT)
        return run([python, "-m", "mypy"], cwd=ROOT) or style
    if command in SCRIPTS:
        return run([python, str(ROOT / "benchmarks" / SCRIPTS[command]), *rest])
    return run([python, "-m", "policy2dpv", *(words or ["--help"])])


def prepare_environment(extra: str) -> str:
    """Return the path of the environment's Python, made and filled first where that is needed."""
    folder = environment_folder()
    python = python_of(folder)
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamps = [folder / f"installed-{name}" for name in sorted({extra or "core", "dev"})]
    if any(stamp.is_file() and stamp.read_text() == wanted for stamp in stamps):
        return str(python)
    print(f"run.py: setting up {folder} (once, about a minute) ...", file=sys.stderr, flush=True)
    if not python.exists():
        make_environment(folder)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    if run([*pip_of(python), "install", *QUIET, "--editable", target]):
        sys.exit("run.py: pip could not install the project; its own words stand above")
    (folder / f"installed-{extra or 'core'}").write_text(wanted)
    return str(python)


def run_compiled(command: str, words: Sequence[str]) -> int:
    """Return the exit code of tests or benchmark with a compiled wheel and without the sources."""
    python = prepare_wheel()
    if command in SCRIPTS:
        return run([python, str(ROOT / "benchmarks" / SCRIPTS[command]), *words])
    os.environ["PYTHONSAFEPATH"] = "1"  # else Python finds the sources in the current folder
    options = ["-q", "-n", "auto", "--override-ini", "testpaths=tests"]
    return run([python, "-m", "pytest", *options, *words], cwd=ROOT)


def prepare_wheel() -> str:
    """Return the path of the Python in whose environment the present sources stand compiled."""
    folder = environment_folder("-compiled")
    python, stamp = python_of(folder), folder / "installed-wheel"
    digest = hashlib.sha256()
    for name in SOURCES:
        for path in sorted({ROOT / name, *(ROOT / name).rglob("*")}):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return str(python)
    print(f"run.py: compiling into {folder} (about a minute) ...", file=sys.stderr, flush=True)
    if not python.exists():
        make_environment(folder)
    os.environ["HATCH_BUILD_HOOKS_ENABLE"] = "1"
    pip = pip_of(python)
    with tempfile.TemporaryDirectory() as place:
        failed = run([*pip, "wheel", *QUIET, "--no-deps", "--wheel-dir", place, str(ROOT)])
        for wheel in Path(place).glob("*.whl"):
            failed = run([*pip, "install", *QUIET, f"{wheel}[dev]"])
            again = ["--force-reinstall", "--no-deps", str(wheel)]  # the version may be the same
            failed = failed or run([*pip, "install", *QUIET, *again])
    check = "import policy2dpv.versions as v; raise SystemExit(not v.is_compiled())"
    if failed or run([str(python), "-P", "-c", check]):
        sys.exit("run.py: pip could not compile the project; its own words stand above")
    stamp.write_text(digest.hexdigest())
    return str(python)


def environment_folder(kind: str = "") -> Path:
    """Return the folder of an environment."""
    named = Path(os.environ.get("POLICY2DPV_VENV") or ROOT / ".venv").resolve()
    return named.with_name(named.name + kind)


def python_of(folder: Path) -> Path:
    """Return where the Python of an environment is, or will be."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(folder: Path) -> None:
    """Make an environment, without its own pip where the system keeps that in another package."""
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out unless python3-venv is installed)
    except ImportError:
        venv.create(folder)
    else:
        venv.create(folder, with_pip=True)


def pip_of(python: Path) -> list[str]:
    """Return the words that run pip for the environment: its own, else the system's."""
    own, systems = [str(python)], [sys.executable]
    for words in ([*own, "-m", "pip"], [*systems, "-m", "pip", "--python", *own]):
        if not subprocess.run([*words, "--version"], capture_output=True, check=False).returncode:
            return words
    sys.exit(
        "run.py: there is no pip in this Python; install it (Debian, Ubuntu: "
        "`apt install python3-venv`) and run the same command again"
    )


def run(words: Sequence[str], cwd: Path | None = None) -> int:
    """Return the exit code of a command that talks to the caller's terminal."""
    return subprocess.run(words, cwd=cwd, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
