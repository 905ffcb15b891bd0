"""What a graph that has not read the policy would score, beside what the reader scores.

    python benchmarks/constant_graph.py ../shared/gold/informetric ../shared/gold/infortrend-short \
        --policies ../shared/policies/text

Each policy is given the other gold's explicit statements, without a clause and without a tie: the
score that is to be had by saying what policies usually say. Needs no more than the package.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from policy2dpv.evaluating.evaluate import compare_golds, evaluate_trials, try_policy
from policy2dpv.evaluating.gold import Gold, read_gold
from policy2dpv.evaluating.gold_match import ALL, Result


def main(words: Sequence[str] | None = None) -> None:
    """Print a line for the constant graph and one for the reader, for each gold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path, help="paths up to NAME")
    parser.add_argument("--policies", type=Path, required=True, help="folder of NAME.*")
    order = parser.parse_args(words)
    print(f"{'':34s}strict F1  near P  near F1  ties F1  grounded recall")
    for prefix in order.gold:
        gold = read_gold(prefix)
        for other in order.gold:
            if other != prefix:
                said = Gold(gold.name, read_gold(other).facts, ())
                show(f"{prefix.name} as {other.name}", compare_golds(gold, said), grounded=False)
        policy = next((p for p in sorted(order.policies.rglob(f"{prefix.name}.*"))), None)
        if policy is None:
            parser.error(f"{order.policies}: no policy called {prefix.name}")
        read = evaluate_trials([try_policy(prefix, policy)])
        show(f"{prefix.name} as read", Result(read.strict, read.near, read.ties), grounded=True)


def show(title: str, result: Result, *, grounded: bool) -> None:
    """Print one line of figures; a constant graph has no grounds."""
    strict, near = result.strict[ALL], result.near[ALL]
    ties = result.ties.f1 if grounded else 0.0
    ground = strict.grounded_recall if grounded else 0.0
    figures = (strict.f1, near.precision, near.f1, ties, ground)
    print(f"{title:34s}" + "".join(f"{figure or 0.0:9.3f}" for figure in figures))


if __name__ == "__main__":
    main()
