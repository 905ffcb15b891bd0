"""What a fresh process costs up to its first graph: `start.py [POLICY] [--rounds 10]`.

Each round starts `policy2dpv convert POLICY` anew: once with nothing kept from earlier runs, then
with the dictionary that an earlier run has kept.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from policy2dpv.knowledge.lemmas import FOLDER

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "eu-shop.html"


def main() -> None:
    """Print seconds of the clock and of the processor."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("policy", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=10)
    wanted = parser.parse_args()
    print("                        clock: best  median   processor: best (seconds)")
    with tempfile.TemporaryDirectory() as place:
        os.environ[FOLDER] = ""
        tell("nothing kept", wanted.policy, Path(place), wanted.rounds)
        os.environ[FOLDER] = place
        run(wanted.policy, Path(place))
        tell("dictionary kept", wanted.policy, Path(place), wanted.rounds)


def tell(name: str, policy: Path, place: Path, rounds: int) -> None:
    """Print a line with what a start costs."""
    spent = [run(policy, place) for _ in range(rounds)]
    clocks, processors = zip(*spent, strict=True)
    print(
        f"{name:<20}{min(clocks):>16.3f}{statistics.median(clocks):>8.3f}{min(processors):>18.3f}"
    )


def run(policy: Path, place: Path) -> tuple[float, float]:
    """The seconds of the clock and of the processor of one run."""
    safe = ["-P"] if sys.flags.safe_path else []
    words = [sys.executable, *safe, "-m", "policy2dpv", "convert", str(policy),
             "-o", str(place / "graph.nq")]  # fmt: skip
    before, start = os.times(), time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    clock, after = time.perf_counter() - start, os.times()
    children = after.children_user + after.children_system
    return clock, children - before.children_user - before.children_system


if __name__ == "__main__":
    main()
