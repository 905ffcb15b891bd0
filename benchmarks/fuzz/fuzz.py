"""Coverage-guided fuzzing of one target: `python benchmarks/fuzz/fuzz.py TARGET [--seconds 60]`.

Needs atheris (`pip install atheris`; wheels for Linux), which is no part of the project. Each run
begins with the same seeds (benchmarks/fuzz/seeds/TARGET*) and the same random seed, ends after so
many seconds of processor time, and prints how many inputs it tried. An input that breaks a rule of
invariants.py, raises anything but a PolicyError, or takes more than ten seconds ends the run with
another exit code than 0 and lies then in the folder that the lines name. `--list` names the
targets, `--again FILE` runs one input, `--seeds` those of all targets.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
SECONDS_PER_INPUT, MEGABYTES, LONGEST = 10, 1500, 4096
PATIENCE = 120  # seconds of the clock, on a busy machine

with atheris.instrument_imports(include=["policy2dpv", "targets"]):
    from targets import TARGETS, Target


def main() -> None:
    """Fuzz the target that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--seeds", action="store_true", help="run the seeds of all targets")
    given = parser.parse_args()
    if given.seeds:
        for name, target in TARGETS.items():
            for path in sorted((HERE / "seeds").glob(f"{name}-*")):
                target(path.read_bytes())
    elif given.list or not given.target:
        print("\n".join(sorted(TARGETS)))
    elif given.again:
        TARGETS[given.target](given.again.read_bytes())
    else:
        fuzz(given.target, given.seconds, given.seed)


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Run a target for so many seconds of processor time; the process ends with it."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    corpus, found = folder / "corpus", folder / "found"
    corpus.mkdir()
    found.mkdir()
    TARGETS["words"](bytes(40))  # loads the tables
    seeds = sorted((HERE / "seeds").glob(f"{name}-*"))
    for path in seeds:
        (corpus / path.name).write_bytes(path.read_bytes())
    words = [
        sys.argv[0], str(corpus), f"-seed={seed}", f"-artifact_prefix={found}/",
        f"-timeout={PATIENCE}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST}",
        f"-dict={HERE / 'words.dict'}", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    print(f"{name}: {len(seeds)} seeds; what breaks it goes to {found}", flush=True)
    atheris.Setup(words, _Timed(name, TARGETS[name], seconds))
    atheris.Fuzz()


class _Timed:
    """A target that counts its inputs and ends the process when its time is over."""

    def __init__(self, name: str, target: Target, seconds: int) -> None:
        self.name, self.target, self.seconds = name, target, seconds
        self.count = 0
        self.worst = 0.0
        self.start = time.process_time()

    def __call__(self, data: bytes) -> None:
        before = time.process_time()
        self.target(data)
        after = time.process_time()
        assert after - before < SECONDS_PER_INPUT, f"{after - before:.1f} s"
        self.count += 1
        self.worst = max(self.worst, after - before)
        if after - self.start > self.seconds:  # processor time
            spent = after - self.start
            print(f"{self.name}: {self.count} inputs in {spent:.0f} s, the slowest took "
                  f"{self.worst:.2f} s, none broke a rule", flush=True)  # fmt: skip
            os._exit(0)


if __name__ == "__main__":
    main()
