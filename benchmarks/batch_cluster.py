"""`batch` on Dask, with a worker killed on the way: `batch_cluster.py CORPUS OUT --like OTHER`.

Starts a scheduler and two workers on this machine, runs the command over CORPUS (see
`batch_corpus.py`) with what further options are given, kills one worker when so many inputs are
done, and compares each result with that of OTHER, an earlier run with the same options.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from batch_killed import count_done

STEP = 0.5  # seconds


def main() -> int:
    """Run, kill, compare; return 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--like", type=Path, required=True)
    parser.add_argument("--kill-after", type=int, default=1000, help="inputs")
    wanted, further = parser.parse_known_args()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as place:
        file = str(Path(place) / "scheduler.json")
        _start(stack, "distributed.cli.dask_scheduler", "--scheduler-file", file, "--host",
               "127.0.0.1", "--port", "0", "--no-dashboard")  # fmt: skip
        while not Path(file).exists():
            time.sleep(STEP)
        workers = [
            _start(stack, "distributed.cli.dask_worker", "--scheduler-file", file, "--nthreads",
                   "1", "--no-nanny", "--no-dashboard", "--local-directory", place)
            for _ in range(2)
        ]  # fmt: skip
        address = json.loads(Path(file).read_text("utf-8"))["address"]
        start = time.monotonic()
        run = _start(stack, "policy2dpv", "batch", str(wanted.corpus), "-o", str(wanted.output),
                     "--scheduler", address, *further)  # fmt: skip
        killed = False
        while run.poll() is None:
            time.sleep(STEP)
            if not killed and (done := count_done(wanted.output)) >= wanted.kill_after:
                workers[0].kill()
                killed = True
                print(f"a worker killed after {done:,} inputs, {time.monotonic() - start:.0f} s")
        print(f"ended with {run.returncode} after {time.monotonic() - start:.0f} s")
    if not killed:
        print("FAULT: no worker was killed")
    return int(not compare(wanted.output, wanted.like) or not killed)


def _start(stack: ExitStack, *words: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", *words])
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def compare(one: Path, other: Path) -> bool:
    """Whether two runs gave the same files with the same bytes; says how many."""
    ours, theirs = _hashes(one), _hashes(other)
    differing = sorted(
        name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)
    )  # fmt: skip
    print(f"{len(ours):,} files, {len(theirs):,} before; {len(differing):,} differ "
          f"{differing[:5] or ''}")  # fmt: skip
    return not differing


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != ".batch":
            with path.open("rb") as file:
                found[name.as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


if __name__ == "__main__":
    sys.exit(main())
