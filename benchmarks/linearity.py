"""What a policy of 10 and 100 times the length costs, in instructions for each character.

    python benchmarks/linearity.py [--formats text,html,markdown,pdf] [--times 1,10,100]

Each figure is that of a process of its own under `perf stat -e instructions:u` (Linux), less that
of a process that only loads the tables, over the characters that were read; without perf it is
processor time, which a busy machine blurs. A policy is made longer by its own text with other
numbers in it, so that no two clauses are equal. Linear means that the last column stays near 1; it
falls at first, since a short policy pays for what is done once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = {1: 10, 10: 2}  # short ones are read several times
CHILD = """
import sys
from policy2dpv import convert
convert(b"We collect your name.").to_nquads()
data, kind, rounds = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3])
length = 0
for _ in range(rounds):
    made = convert(data, media_type=kind, language="en")
    made.to_nquads()
    length = len(made.document.text)
print(length)
"""


def main() -> None:
    """Print a line for each format and length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", default="text,html,markdown,pdf")
    parser.add_argument("--times", default="1,10,100")
    given = parser.parse_args()
    unit = "instructions" if shutil.which("perf") else "microseconds"
    head = f"{unit} a character"
    print(f"{'format':10}{'times':>6}{'characters':>12}{head:>28}{'to the first':>14}")
    for form in given.formats.split(","):
        first = 0.0
        for times in map(int, given.times.split(",")):
            length, cost = measure(form, times)
            first = first or cost
            print(f"{form:10}{times:>6}{length:>12,}{cost:>28,.0f}{cost / first:>14.2f}",
                  flush=True)  # fmt: skip


def measure(form: str, times: int) -> tuple[int, float]:
    """The characters of a policy so many times over, and the cost of each."""
    kind, data = make_policy(form, times)
    rounds = ROUNDS.get(times, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "policy")
        path.write_bytes(data)
        idle, _ = run(path, kind, 0)
        cost, length = run(path, kind, rounds)
    return length, (cost - idle) / (length * rounds)


def make_policy(form: str, times: int) -> tuple[str, bytes]:
    """A media type and the bytes of a policy whose parts differ in their numbers."""
    parts = [
        [f"{title} {number}", *(clause.replace("#", str(number)) for clause in clauses)]
        for number in range(times) for title, *clauses in PARTS
    ]  # fmt: skip
    if form == "text":
        return "text/plain", "\n\n".join(line for part in parts for line in part).encode()
    if form == "markdown":
        lines = (f"## {part[0]}\n\n{part[1]}\n\n- " + "\n- ".join(part[2:]) for part in parts)
        return "text/markdown", "\n\n".join(lines).encode()
    if form == "html":
        lines = (
            f"<h2>{escape(part[0])}</h2><p>{escape(part[1])}</p><ul>"
            + "".join(f"<li>{escape(line)}" for line in part[2:]) + "</ul>"
            for part in parts
        )  # fmt: skip
        return "text/html", "\n".join(lines).encode()
    sys.path.insert(0, str(ROOT / "tests"))
    from office_samples import make_pdf, set_lines  # type: ignore[import-not-found]

    pages = []
    for number, part in enumerate(parts):
        top = 50 + number * 37 % 300  # else the lines would be taken for those that run on
        placed = [(50, top, 14, "bold", part[0])]
        for at, line in enumerate(part[1:]):
            placed += set_lines(line, 50, top + 30 + 60 * at)
        pages.append(placed)
    data: bytes = make_pdf(pages)
    return "application/pdf", data


PARTS = (
    ("What we collect",
     "Acme Ltd (\"we\") collects your name, your e-mail address and your IP address, number #.",
     "We use cookies to analyse how part # of our site is used.",
     "We do not sell your data # unless you agree."),
    ("Who receives it",
     "We share your data with processors such as Stripe, which process payment # for us.",
     "We transfer data # to the United States under standard contractual clauses."),
    ("How long we keep it",
     "We keep invoice # for 10 years, as the law requires us to do.",
     "You have the right to access, correct and erase your data; write to dpo#@acme.example."),
)  # fmt: skip


def run(path: Path, kind: str, rounds: int) -> tuple[float, int]:
    """The cost of reading a file so many times, and the length of its text."""
    words = [sys.executable, "-c", CHILD, str(path), kind, str(rounds)]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
    if not shutil.which("perf"):
        timed = CHILD + "\nimport time; print(time.process_time(), file=sys.stderr)"
        words[2] = timed
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        return float(done.stderr.split()[-1]) * 1e6, int(done.stdout)
    counted = ["perf", "stat", "-x,", "-e", "instructions:u", *words]
    done = subprocess.run(counted, env=environment, capture_output=True, text=True, check=True)
    return float(done.stderr.splitlines()[-1].partition(",")[0]), int(done.stdout)


if __name__ == "__main__":
    main()
