"""`batch` for so many minutes, killed at random moments: the first half of `soak.py`."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from batch_killed import check_output, count_done
from processes import children, marked, megabytes

STEP = 0.25  # seconds between two looks at the processes
MARK = "POLICY2DPV_SOAK"  # a variable by which processes that stay behind are found
LEFT = 20.0  # seconds within which they must have ended
CONVERTERS = 0.3  # of all kills, those of a converter and not of the command


@dataclass
class Tally:
    """What all rounds gave together."""

    inputs: int = 0
    seconds: float = 0.0
    starts: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    command: float = 0.0  # MB, the peak
    converter: float = 0.0
    together: float = 0.0

    def look(self, pid: int) -> None:
        """Keep the peaks of memory."""
        own, others = megabytes(pid), [megabytes(one) for one in children(pid)]
        self.command = max(self.command, own)
        self.converter = max(self.converter, *others, 0.0)
        self.together = max(self.together, own + sum(others))


def soak_batch(wanted: argparse.Namespace) -> list[str]:
    """Convert a corpus in rounds until the time is over, and return what is wrong."""
    chance = random.Random(wanted.seed)
    until = time.monotonic() + wanted.minutes * 60
    expected = wanted.corpus.with_name(f"{wanted.corpus.name}-expected.tsv")
    tally = Tally()
    faults: list[str] = []
    first: dict[str, str] = {}
    number = 0
    while number == 0 or time.monotonic() < until:
        number += 1
        output = wanted.output / f"round-{number}"
        shutil.rmtree(output, ignore_errors=True)
        before = tally.kills.total()
        seconds = run_round(wanted, output, chance, until, tally)
        print(f"round {number}: {count_done(output):,} inputs in {seconds:.0f} s, "
              f"{tally.kills.total() - before} kills", flush=True)  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()) as told:
            found = check_output(output, expected) + check_bytes(output)
        print(told.getvalue() if number == 1 or found else "", end="", flush=True)
        made = {path.relative_to(output).as_posix(): digest(path)
                for path in sorted(output.rglob("*")) if path.is_file()
                and ".batch" not in path.relative_to(output).parts}  # fmt: skip
        first = first or made
        found += [f"{name} differs from the first round" for name in {*first, *made}
                  if first.get(name) != made.get(name)]  # fmt: skip
        faults += [f"round {number}: {one}" for one in found]
        tally.inputs += count_done(output)
        tally.seconds += seconds
        shutil.rmtree(output, ignore_errors=True)
    report(tally, number, wanted.minutes)
    return faults + behind(str(os.getpid()))


def run_round(
    wanted: argparse.Namespace, output: Path, chance: random.Random, until: float, tally: Tally
) -> float:
    """Give the command again and again until it ends by itself; return the seconds it took."""
    words = [sys.executable, "-m", "policy2dpv", "batch", str(wanted.corpus), "-o", str(output),
             "--format", "nquads,parquet", "--shard", "50", "-q"]  # fmt: skip
    start = time.monotonic()
    while True:
        tally.starts += 1
        process = subprocess.Popen(words, env={**os.environ, MARK: str(os.getpid())})
        moment = time.monotonic() + chance.uniform(*wanted.between)
        while process.poll() is None:
            time.sleep(STEP)
            tally.look(process.pid)
            if moment < time.monotonic() < until:
                what = kill_one(process, chance)
                tally.kills[what] += bool(what)
                moment = time.monotonic() + chance.uniform(*wanted.between)
        if process.returncode != -signal.SIGKILL:
            return time.monotonic() - start


def kill_one(process: subprocess.Popen[bytes], chance: random.Random) -> str:
    """Kill the command or one of its converters; return which, "" where there was none."""
    converters = children(process.pid)
    if chance.random() >= CONVERTERS:
        process.kill()
        process.wait()
        return "command"
    if not converters:
        return ""
    try:
        os.kill(chance.choice(converters), signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return "converter"


def check_bytes(output: Path) -> list[str]:
    """Return which files are not, byte by byte, what the manifest says, or are more than that."""
    manifest = json.loads((output / "manifest.json").read_bytes())
    files = {one["name"]: one for part in manifest["parts"] for one in part["files"]}
    there = {path.relative_to(output).as_posix() for path in output.rglob("part-*")
             if ".batch" not in path.relative_to(output).parts}  # fmt: skip
    faults = [f"{name} is not in the manifest" for name in sorted(there - set(files))]
    for name, told in files.items():
        path = output / name
        if name not in there:
            faults.append(f"{name} is not there")
        elif (path.stat().st_size, digest(path)) != (told["bytes"], told["sha256"]):
            faults.append(f"{name} is not as the manifest says")
    return faults


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def behind(mark: str) -> list[str]:
    """Return which processes stay behind though all that started them have ended."""
    until = time.monotonic() + LEFT
    while (left := [p for p in marked(MARK, mark) if megabytes(p)]) and time.monotonic() < until:
        time.sleep(STEP)
    return [f"process {pid} has stayed behind" for pid in left]


def report(tally: Tally, rounds: int, minutes: float) -> None:
    """Print the figures of all rounds."""
    rate = tally.inputs / tally.seconds
    print(f"{tally.inputs:,} inputs in {rounds} rounds, {tally.seconds:.0f} s of {minutes:g} "
          f"minutes asked: {rate:.1f} a second, kills included")  # fmt: skip
    print(f"{tally.starts} starts; killed: the command {tally.kills['command']} times, "
          f"a converter {tally.kills['converter']} times")  # fmt: skip
    print(f"memory at its peak: the command {tally.command:.0f} MB, a converter "
          f"{tally.converter:.0f} MB, all together {tally.together:.0f} MB")  # fmt: skip
