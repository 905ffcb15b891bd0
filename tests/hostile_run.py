"""Runs the hostile files of tests/hostile/corpus.tsv, each in a child process with limits.

    python tests/hostile_run.py            the small ones, as the tests do
    python tests/hostile_run.py --big      the large ones, with a table of time and memory
    python tests/hostile_run.py --big text-underscores pdf     those whose names begin so

The children are forks of one process that has its tables loaded, and run the command line itself.
A row holds if the outcome is the one that it names, within SECONDS of processor time and MEGABYTES
of memory (of the process and the largest of its own children, added up).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import hostile_files
import hostile_graphs
import hostile_office

from policy2dpv.knowledge.rows import Row, read_table

TABLE = Path(__file__).parent / "hostile" / "corpus.tsv"
SECONDS, MEGABYTES = 10, 500
DONE, FOUND, RESULT = "done", "found", "result"  # exit codes 0 and 1; RESULT is either
GRACE = 4  # by how much a child may pass them before it is ended
POLICY = "We collect your name and your email address to send you our newsletter.\n"
GRAPH = "<urn:a> <urn:b> <urn:c> .\n"
MAKERS = {
    name: made for module in (hostile_files, hostile_graphs, hostile_office)
    for name, made in vars(module).items() if callable(made)
}  # fmt: skip


class Case(NamedTuple):
    """A row of the table at one of its two sizes."""

    name: str
    row: Row
    size: int
    must: str


class Run(NamedTuple):
    """What became of a file: outcome, message, processor seconds, memory and file in MB."""

    outcome: str
    message: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0
    file: float = 0.0

    def fault(self, case: Case) -> str:
        """What is wrong, or nothing."""
        wanted = (DONE, FOUND) if case.must == RESULT else (case.must,)
        if self.outcome not in wanted:
            return f"{self.outcome} ({self.message[:300]}), not {case.must}"
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} s"
        return f"{self.megabytes:.0f} MB" if self.megabytes > MEGABYTES else ""


def load_cases(*, big: bool = False, names: Sequence[str] = ()) -> list[Case]:
    """The cases of the table whose names begin with one of `names`, all of them without any."""
    size = "big" if big else "small"
    return [
        Case(row["name"], row, int(row[size]), row[f"{size}_must"])
        for row in read_table(TABLE)
        if not names or row["name"].startswith(tuple(names))
    ]


def write_case(case: Case, folder: Path) -> Path:
    """Make the case's files in a folder; the one that the command is given."""
    head, piece, tail = (
        case.row[part].encode("ascii").decode("unicode_escape")
        for part in ("head", "piece", "tail")
    )
    made = MAKERS[case.row["maker"]](head, piece, tail, case.size)
    path = folder / case.row["file"]
    files = made if isinstance(made, dict) else {path.suffix: made}
    for name, data in files.items():
        beside = path.with_suffix(name) if name.startswith(".") else folder / name
        beside.parent.mkdir(exist_ok=True)
        beside.write_bytes(data)
        if beside.name == path.name:
            path = beside
    return path


def command_words(case: Case, path: Path, out: Path) -> list[str]:
    """The words of the command line for a case."""
    command, _, scheme = case.row["command"].partition(" ")
    policy, graph = out / "policy.txt", out / "graph.nt"
    policy.write_text(POLICY, "utf-8")
    graph.write_text(GRAPH, "utf-8")
    quads = ["-o", str(out / "made.nq"), "--format", "nquads"]
    found = {
        "convert": ["convert", str(path), *quads],
        "map": ["map", str(path), "--scheme", scheme, *quads],
        "check": ["check", str(path)],
        "snippet": ["check", "--snippet", "--only", "vocabulary", str(path)],
        "query": ["query", str(path), "--sparql", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"],
        "sparql": ["query", str(graph), "--file", str(path)],
        "report": ["report", str(path)],
        "diff": ["diff", str(path), str(path)],
        "export": [
            "export",
            str(path),
            "-o",
            str(out / "made.json"),
            "--to",
            "tilt",
            "--time",
            "2026-01-01T00:00:00Z",
        ],
        "review": ["convert", str(policy), "--review", str(path), *quads],
    }[command]
    if scheme in ("web-annotation", "jsonl"):
        found += ["--page", str(policy)]
    return found


def run_case(case: Case, folder: Path) -> Run:
    """Run a case in a child process; its files lie in the folder."""
    inside, out = folder / "in", folder / "out"
    inside.mkdir()
    out.mkdir()
    path = write_case(case, inside)
    told = folder / "told.json"
    words = command_words(case, path, out)
    child = os.fork()
    if child == 0:
        _be_child(words, out, told)
    _, status, used = os.wait4(child, 0)
    size = path.stat().st_size / 1e6
    if told.exists():
        return Run(*json.loads(told.read_text()), file=size)
    reason = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else str(status)
    return Run("ended", reason, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size)


def _be_child(words: Sequence[str], out: Path, told: Path) -> None:
    """Run the command within limits, write down what came of it, and end."""
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT), stream)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + GRACE, SECONDS + GRACE))
    limit = 8 * MEGABYTES << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    outcome, message = _outcome(words)
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    megabytes = (own.ru_maxrss + others.ru_maxrss) / 1024
    if outcome in (DONE, FOUND) and (out / "made.nq").exists():
        message = _broken(out / "made.nq")
        outcome = "broken" if message else outcome
    told.with_suffix(".part").write_text(json.dumps([outcome, message, seconds, megabytes]))
    told.with_suffix(".part").rename(told)
    os._exit(0)


def _outcome(words: Sequence[str]) -> tuple[str, str]:
    """The exit code in a word, or the name of the error."""
    from policy2dpv.cli import app
    from policy2dpv.errors import PolicyError

    try:
        app(args=list(words), prog_name="policy2dpv")
    except SystemExit as end:
        return {0: DONE, None: DONE, 1: FOUND}.get(end.code, f"exit {end.code}"), ""  # type: ignore[arg-type]
    except PolicyError as error:
        return type(error).__name__, str(error)
    except BaseException as error:
        import traceback

        return "crash", "".join(traceback.format_exception(error))[-600:]
    return DONE, ""


def _broken(path: Path) -> str:
    """What is wrong with a file of N-Quads, or nothing."""
    import pyoxigraph

    try:
        for _ in pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.N_QUADS):
            pass
    except SyntaxError as error:
        return str(error)
    return ""


def warm_up() -> None:
    """Load once what every child would load."""
    from policy2dpv import convert

    made = convert(b"<p>We collect your name and your email address.</p>")
    made.to_nquads()


def run_all(cases: Iterable[Case]) -> Iterator[tuple[Case, Run]]:
    """Run the cases one after the other."""
    warm_up()
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            yield case, run_case(case, Path(folder))


def main(words: Sequence[str] | None = None) -> int:
    """Print a line for each case that fails, and with --big a table; 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--all", action="store_true", help="a line for each case, small ones too")
    given = parser.parse_args(words)
    failed, count = 0, 0
    worst = [0.0, 0.0]
    for case, run in run_all(load_cases(big=given.big, names=given.names)):
        fault = run.fault(case)
        failed += bool(fault)
        count += 1
        worst = [max(worst[0], run.seconds), max(worst[1], run.megabytes)]
        if fault or given.big or given.all:
            mark = f"FAILED: {fault}" if fault else run.outcome
            print(f"{case.name:38} {run.file:8.2f} MB file {run.seconds:6.2f} s "
                  f"{run.megabytes:5.0f} MB  {mark}", flush=True)  # fmt: skip
    print(f"{count} files, {failed} failed; at most {worst[0]:.1f} s and {worst[1]:.0f} MB")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
