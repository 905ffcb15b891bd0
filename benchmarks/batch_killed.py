"""`batch` over a corpus, killed at random moments, then checked: `batch_killed.py CORPUS OUT`.

CORPUS is what `batch_corpus.py` made. The command is ended by kill -9 so many times and started
again; then every input must stand in the ledger once, and every policy in one part. With
`--workers` or `--scheduler` as for the command. Prints throughput and the memory of its processes.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from processes import children, megabytes

STEP = 1.0  # seconds between two looks at the processes


def main() -> int:
    """Run, kill, check; return 1 where anything is missing or twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--between", type=float, nargs=2, default=(15.0, 90.0),
                        help="seconds until a kill, at least and at most")  # fmt: skip
    parser.add_argument("--seed", type=int, default=None)
    wanted, further = parser.parse_known_args()
    seed = wanted.seed if wanted.seed is not None else random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}")
    words = [sys.executable, "-m", "policy2dpv", "batch", str(wanted.corpus), "-o",
             str(wanted.output), *further]  # fmt: skip
    spent, done = 0.0, 0
    for number in range(wanted.kills + 1):
        last = number == wanted.kills
        moment = None if last else chance.uniform(*wanted.between)
        start = time.monotonic()
        curve = run_once(words, moment, wanted.output)
        seconds = time.monotonic() - start
        now = count_done(wanted.output)
        fate = "ended" if last else "killed"
        rate = (now - done) / seconds
        print(f"run {number + 1}: {fate} after {seconds:.0f} s, {now - done:,} inputs, "
              f"{rate:.1f} a second")  # fmt: skip
        print_memory(curve)
        spent, done = spent + seconds, now
    print(f"{done:,} inputs in {spent:.0f} s: {done / spent:.1f} a second, kills included")
    expected = wanted.corpus.with_name(f"{wanted.corpus.name}-expected.tsv")
    faults = check_output(wanted.output, expected)
    for fault in faults:
        print(f"FAULT: {fault}")
    return int(bool(faults))


def run_once(words: list[str], moment: float | None, output: Path) -> list[tuple[int, int, int]]:
    """Run the command, kill it after so many seconds; return inputs done, and memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen(words)
    curve = []
    while process.poll() is None:
        time.sleep(STEP)
        own, children = memory_of(process.pid)
        curve.append((count_done(output), own, children))
        if moment is not None and time.monotonic() - start > moment:
            process.send_signal(signal.SIGKILL)
            process.wait()
    return curve


def memory_of(pid: int) -> tuple[int, int]:
    """The resident memory of a process and of its largest child, in MB."""
    return round(megabytes(pid)), round(max(map(megabytes, children(pid)), default=0))


def count_done(output: Path) -> int:
    """How many inputs the marks in a folder tell are done."""
    parts = (output / ".batch" / "done").glob("*.json")
    return sum(json.loads(path.read_bytes())["inputs"] for path in parts)


def print_memory(curve: list[tuple[int, int, int]]) -> None:
    """Print the memory at some points of a run."""
    points = curve[:: max(len(curve) // 8, 1)]
    shown = ", ".join(f"{done:,}: {own}+{child}" for done, own, child in points)
    print(f"  MB of the command + its largest converter, by inputs done: {shown}")


def check_output(output: Path, expected: Path) -> list[str]:
    """Return what is wrong: inputs that are missing or twice, policies not in their part."""
    made = dict(line.split("\t") for line in expected.read_text("utf-8").splitlines())
    entries = [json.loads(line) for path in sorted((output / "ledger").glob("part-*.jsonl"))
               for line in path.open(encoding="utf-8")]  # fmt: skip
    told = Counter(entry["input"] for entry in entries)
    faults = [f"{name}: not in the ledger" for name in made if name not in told]
    faults += [f"{name}: not an input" for name in told if name not in made]
    faults += [f"{name}: {count} times" for name, count in told.items() if count > 1]
    numbers = sorted(entry["n"] for entry in entries)
    faults += [] if numbers == list(range(len(made))) else ["the numbers are not 0, 1, 2 ..."]
    faults += check_parts(output, entries)
    manifest = json.loads((output / "manifest.json").read_bytes())
    counts = Counter(entry["status"] for entry in entries)
    if {k: v for k, v in manifest["counts"].items() if v} != dict(counts):
        faults.append(f"the manifest says {manifest['counts']}, the ledger {dict(counts)}")
    table = Counter((made.get(entry["input"], "?"), entry["status"]) for entry in entries)
    for (kind, status), count in sorted(table.items()):
        print(f"  made as {kind}: {count:,} {status}")
    print(f"{len(made):,} inputs expected, {len(entries):,} in the ledger, "
          f"{manifest['statements']:,} statements, {manifest['triples']:,} triples")  # fmt: skip
    return faults


def check_parts(output: Path, entries: list[dict[str, object]]) -> list[str]:
    """Return which policies are not where the ledger says, with as many triples and rows."""
    wanted = {(str(e["graph"]), f"{e['part']}.nq"): e["triples"]
              for e in entries if e["status"] == "ok"}  # fmt: skip
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(output.glob("part-*.nq")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                found[line.rsplit(" ", 2)[1].strip("<>"), path.name] += 1
    faults = [] if found or not wanted or any(output.glob("*.parquet")) else ["no triples"]
    if found and dict(found) != wanted:
        wrong = {key for key in {*found, *wanted} if found.get(key, 0) != wanted.get(key)}
        faults.append(f"{len(wrong)} graphs differ from the ledger, such as {sorted(wrong)[:3]}")
    print(f"{len(found):,} named graphs in parts, {len(wanted):,} policies in the ledger")
    if any(output.glob("part-*.parquet")):
        faults += check_rows(output, entries)
    return faults


def check_rows(output: Path, entries: list[dict[str, object]]) -> list[str]:
    """Return where the rows of the Parquet files are not those that the ledger counts."""
    from pyarrow import parquet

    rows: Counter[str] = Counter()
    for path in sorted(output.glob("part-*.parquet")):
        rows.update(parquet.read_table(path, columns=["input"])["input"].to_pylist())
    wanted = {str(e["input"]): e["statements"] for e in entries if e["statements"]}
    print(f"{sum(rows.values()):,} rows in the Parquet files")
    return [] if dict(rows) == wanted else ["the rows differ from the ledger"]


if __name__ == "__main__":
    sys.exit(main())
