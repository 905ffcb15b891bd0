"""Instructions per character of the examples, against those stored: `counts.py [--store NAME]`.

counts.tsv holds what earlier states of the project needed. Without `--store` the exit code is 1
where the present one needs more than the tolerance above the newest stored for this version of
Python. The processor's own counter is used; without it valgrind, where that is installed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from instructions import open_counter

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
STORED = HERE / "counts.tsv"
COLUMNS = ("state", "python", "way", "counter", "policy", "instructions_per_character")
TOLERANCE = 0.08  # tables grow, libraries change
ROUNDS = 3
VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
SEED = "PYTHONHASHSEED"


class Count(NamedTuple):
    """What one example took in one state of the project."""

    state: str
    python: str
    way: str
    counter: str
    policy: str
    instructions: int


def main() -> int:
    """Return the exit code: 1 where more is needed than is stored."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", metavar="NAME", help="add the counts under a name of this state")
    parser.add_argument("--passes", type=int, help=argparse.SUPPRESS)  # for the run in valgrind
    wanted = parser.parse_args()
    if os.environ.get(SEED) != "0":  # else the order in sets differs from run to run
        os.execve(sys.executable, [sys.executable, *_safe(), *sys.argv], os.environ | {SEED: "0"})
    policies = sorted(path for path in EXAMPLES.rglob("*.*") if path.is_file())
    if wanted.passes is not None:
        for _ in range(wanted.passes):
            convert_all(policies)
        return 0
    counts = count_here(policies) or count_in_valgrind(policies)
    if not counts:
        print("counts.py: NOT CHECKED: this system lends no counter of instructions and valgrind "
              "is not installed (apt install valgrind)", file=sys.stderr)  # fmt: skip
        return 0
    if wanted.store:
        store(wanted.store, counts)
        return 0
    return compare(counts)


def count_here(policies: list[Path]) -> list[Count]:
    """The counts by the processor's own counter, the least of some rounds; none without it."""
    counter = open_counter()
    if counter is None:
        return []
    found = []
    for path in policies:
        length = convert_all([path])
        spent = []
        for _ in range(ROUNDS):
            before = counter.read()
            convert_all([path])
            spent.append(counter.read() - before)
        found.append(_count("processor", path.name, min(spent) // length))
    return found


def count_in_valgrind(policies: list[Path]) -> list[Count]:
    """The count of all examples together: two runs, one with a pass more; none without valgrind."""
    totals = []
    for passes in (1, 2):
        words = [*VALGRIND, sys.executable, *_safe(), __file__, "--passes", str(passes)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return []
        refs = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
        if refs is None:
            return []
        totals.append(int(refs[1].replace(",", "")))
    length = convert_all(policies)
    return [_count("valgrind", "all", (totals[1] - totals[0]) // length)]


def convert_all(policies: list[Path]) -> int:
    """Convert policies to N-Quads; return how many characters they have."""
    from policy2dpv import convert

    length = 0
    for path in policies:
        conversion = convert(path)
        conversion.to_nquads()
        length += len(conversion.document.text)
    return length


def compare(counts: list[Count]) -> int:
    """Print the counts beside those stored; return 1 where one is above the tolerance."""
    before = read_stored()
    worse = 0
    for one in counts:
        earlier = [old for old in before if old[1:5] == one[1:5]]
        line = f"{one.policy:<16}{one.instructions:>8} instructions per character"
        for old in earlier:
            line += f"  {100 * (one.instructions / old.instructions - 1):+.1f} % on {old.state}"
        print(line)
        worse += bool(earlier) and one.instructions > earlier[-1].instructions * (1 + TOLERANCE)
        if not earlier:
            print(f"counts.py: NOT CHECKED: nothing is stored for Python {one.python}, {one.way}, "
                  f"counted by {one.counter}: counts.py --store NAME", file=sys.stderr)  # fmt: skip
    if worse:
        print(f"counts.py: {worse} of {len(counts)} need over {100 * TOLERANCE:.0f} % more than is "
              "stored: find what costs it, or store the new counts with the reason in the commit",
              file=sys.stderr)  # fmt: skip
    return int(worse > 0)


def read_stored() -> list[Count]:
    """What counts.tsv holds, oldest first."""
    lines = STORED.read_text("utf-8").splitlines()[1:] if STORED.is_file() else []
    rows = [line.split("\t") for line in lines]
    return [Count(s, python, way, c, policy, int(n)) for s, python, way, c, policy, n in rows]


def store(state: str, counts: list[Count]) -> None:
    """Put counts into counts.tsv under the name of a state, in place of its earlier ones."""
    new = [one._replace(state=state) for one in counts]
    keys = {one[:5] for one in new}
    rows = [old for old in read_stored() if old[:5] not in keys] + new
    lines = ["\t".join(map(str, row)) for row in (COLUMNS, *rows)]
    STORED.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(new)} counts stored as {state!r}")


def _count(counter: str, policy: str, instructions: int) -> Count:
    from policy2dpv.versions import is_compiled

    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    way = "compiled" if is_compiled() else "interpreted"
    return Count("now", python, way, counter, policy, instructions)


def _safe() -> list[str]:
    """The option that keeps the sources out of the way of an installed package, if it was given."""
    return ["-P"] if sys.flags.safe_path else []


if __name__ == "__main__":
    sys.exit(main())
