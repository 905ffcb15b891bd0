"""Milliseconds per stage, policies per second on one core and memory: `benchmark.py [POLICY ...]`.

Times are of the processor, not of the clock, so that a busy machine tells much the same; each is
the best of some rounds. Beside it stands what a dependency parse of the same texts costs, if
spaCy and its small English model are installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.write import format_graph
from policy2dpv.knowledge.lexicon import load_lexicon
from policy2dpv.reading.read import read_document
from policy2dpv.versions import is_compiled

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
MODEL = "en_core_web_sm"
Work = Callable[[Any], Any]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("policies", nargs="*", type=Path, help="policies; else the examples")
    parser.add_argument("--rounds", type=int, default=5, help="how often each stage runs")
    wanted = parser.parse_args()
    policies = wanted.policies or sorted(p for p in EXAMPLES.iterdir() if p.is_file())
    load_lexicon("en")
    columns = [time_stages(path, wanted.rounds) for path in policies]
    way = "compiled" if is_compiled() else "interpreted"
    print(f"{way}, Python {sys.version_info[0]}.{sys.version_info[1]}")
    print_table([path.name for path in policies], columns)
    print_memory()
    compare_with_parse(policies, sum(sum(stages.values()) for stages in columns))


def time_stages(path: Path, rounds: int) -> dict[str, float]:
    """Return the milliseconds that each stage takes for one policy."""
    spent: dict[str, float] = {}

    def timed(stage: str, work: Work, given: Callable[[], Any] = lambda: None) -> Any:
        best = float("inf")
        for _ in range(rounds + 1):  # the first round warms the caches
            fresh = given()
            start = time.process_time()
            result = work(fresh)
            best = min(best, time.process_time() - start)
        spent[stage] = best * 1000
        return result

    document = timed("read", lambda _: read_document(path))
    lexicon = load_lexicon(document.language)
    segments = timed("segment", lambda _: find_segments(document))
    found = timed("annotate", lambda _: annotate_segments(document, segments, lexicon))
    said = timed("relate", lambda _: relate_annotations(document, segments, found))
    timed("graph", lambda _: build_graph(document, segments, said))
    # A graph keeps its sorted lines once it has been written: each round writes a new one.
    timed(
        "write",
        lambda graph: format_graph(graph, "nquads"),
        given=lambda: build_graph(document, segments, said),
    )
    return spent


def print_table(names: Sequence[str], columns: Sequence[dict[str, float]]) -> None:
    """Print a line for each stage with its mean, and one for each policy."""
    total = sum(sum(stages.values()) for stages in columns)
    for stage in columns[0]:
        mean = sum(stages[stage] for stages in columns) / len(columns)
        share = 100 * mean * len(columns) / total
        print(f"{stage:<10}{mean:9.2f} ms {share:5.0f} %")
    for name, stages in zip(names, columns, strict=True):
        print(f"{name:<40}{sum(stages.values()):9.2f} ms")
    print(f"{len(columns) / total * 1000:.1f} policies a second on one core, bytes to N-Quads")


def print_memory() -> None:
    """Print what this process needed at its peak, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(f"{peak / 1_000_000:.0f} MB of memory at the peak of this process")


def compare_with_parse(policies: Sequence[Path], total: float) -> None:
    """Print how many times longer a dependency parse of the same texts takes."""
    try:
        import spacy

        model = spacy.load(MODEL)
    except (ImportError, OSError):
        print(f"spaCy with {MODEL} is not installed: no comparison", file=sys.stderr)
        return
    texts = [read_document(path).text for path in policies]
    model(texts[0])
    start = time.process_time()
    for text in texts:
        model(text)
    parse = (time.process_time() - start) * 1000
    print(f"dependency parse ({MODEL}): {parse:.0f} ms, {parse / total:.1f} times as long")


if __name__ == "__main__":
    main()
