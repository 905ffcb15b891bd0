"""Memory of one process over many conversions: `memory.py [--conversions 100000]`.

The texts are short and all different: sentences of the examples in chance order, with names in
them that no text had before, so that whatever is remembered by word goes on growing if it can.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from policy2dpv import convert, find_segments, read_document

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SENTENCES = 6  # of a text
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LINES = 20  # of the table, at equal steps, behind the first ones


def main() -> None:
    """Print a line with the memory at each step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversions", type=int, default=100_000)
    wanted = parser.parse_args().conversions
    steps = {10, 100, 1000, *range(wanted // LINES, wanted + 1, max(wanted // LINES, 1))}
    characters = 0
    start = time.process_time()
    print("conversions  memory (MB)  kB of text  seconds of the processor")
    for number, text in enumerate(varied_texts(wanted), 1):
        characters += len(convert(text).to_nquads() and text)
        if number in steps:
            spent = time.process_time() - start
            line = f"{number:>11,}{resident_megabytes():>13.1f}{characters / 1000:>12,.0f}"
            print(f"{line}{spent:>26.0f}", flush=True)


def varied_texts(count: int) -> Iterator[str]:
    """That many texts, the same in each run."""
    sentences = []
    for path in sorted(EXAMPLES.glob("*.*")):
        document = read_document(path)
        sentences += [document.text[s.start : s.end] for s in find_segments(document)]
    sentences = sorted({" ".join(s.split()) for s in sentences if len(s) > 40})
    chance = random.Random(7)
    for _ in range(count):
        lines = chance.sample(sentences, SENTENCES)
        names = ["".join(chance.choices(LETTERS, k=8)).title() for _ in range(2)]
        lines.append(f"{names[0]} Ltd shares your data with {names[1]} Inc. in {chance.random()}.")
        yield "\n\n".join(lines) + "\n"


def resident_megabytes() -> float:
    """The memory that the process holds now, in MB; its peak where the system tells no more."""
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
