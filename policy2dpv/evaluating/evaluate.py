"""Policies against their gold: which policy belongs to which gold, and all figures of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv.conversion import Conversion, convert
from policy2dpv.evaluating.calibration import Calibration, Step, calibrate, sweep_confidence
from policy2dpv.evaluating.gold import Gold, GoldError, read_gold, restore_gold
from policy2dpv.evaluating.gold_match import (
    ALL,
    Actors,
    ClauseCounts,
    Comparison,
    Figures,
    Result,
    make_figures,
    pool_results,
)
from policy2dpv.graphs.graph_facts import (
    Fact,
    StatedFact,
    StatedPractice,
    read_facts,
    read_practices,
)
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.yardstick import load_yardstick


class Evaluation(msgspec.Struct, frozen=True):
    """All figures of one policy, or of several together (then without a hash)."""

    name: str
    sha256: str
    strict: Mapping[str, Figures]
    near: Mapping[str, Figures]
    ties: Figures
    actors: Actors
    clauses: ClauseCounts
    calibration: Calibration
    sweep: list[Step]
    lost: list[str]

    @property
    def floors(self) -> dict[str, float]:
        """The figures that a floor can hold, by name; what cannot be told is 0."""
        whole, near = self.strict[ALL], self.near[ALL]
        found = {
            "strict_f1": whole.f1,
            "near_precision": near.precision,
            "near_f1": near.f1,
            "ties_precision": self.ties.precision,
            "ties_f1": self.ties.f1,
            "grounded_recall": whole.grounded_recall,
        }
        return {name: value or 0.0 for name, value in found.items()}


class Trial(msgspec.Struct, frozen=True):
    """One policy's gold with its words, what the tool made of the policy, and both compared."""

    gold: Gold
    conversion: Conversion
    comparison: Comparison
    lost: list[str]


def find_policy(name: str, folders: Sequence[Path]) -> Path:
    """Return the file in the folders that is called `name` but for its ending.

    GoldError: there is none, or more than one.

    >>> find_policy("shop", [Path("nowhere")])
    Traceback (most recent call last):
    ...
    policy2dpv.evaluating.gold.GoldError: shop: no policy of this name in nowhere; ...
    """
    found = sorted({
        path.resolve(): path
        for folder in folders
        for path in sorted(folder.rglob(f"{name}.*"))
        if path.stem == name and path.is_file()
    }.values())  # fmt: skip
    where = ", ".join(map(str, folders))
    if not found:
        advice = "name the folder of the policies with --policies"
        raise GoldError(name, f"no policy of this name in {where}", advice)
    if len(found) > 1:
        both = " and ".join(map(str, found[:2]))
        raise GoldError(name, f"{both} both have this name", "name one folder with --policies")
    return found[0]


def try_policy(prefix: Path, policy: Path | bytes, *, media_type: str | None = None) -> Trial:
    """Convert a policy and compare it with the gold at a path up to the name.

    GoldError: gold that cannot be read. ReadError: a policy that cannot be read.
    """
    conversion = convert(policy, media_type=media_type)
    gold, lost = restore_gold(read_gold(prefix), conversion.document.text)
    graph = conversion.policy_graph
    comparison = Comparison(gold, read_facts(graph), read_practices(graph))
    return Trial(gold, conversion, comparison, lost)


def evaluate_trials(trials: Sequence[Trial], *, name: str = "") -> Evaluation:
    """Return the figures of the trials as if they were one policy's.

    Of a single one they have its name and the hash of its text. GoldError: no trial.
    """
    if not trials:
        raise GoldError("gold", "there is nothing to evaluate", "name some gold")
    comparisons = [trial.comparison for trial in trials]
    pooled = pool_results([one.result() for one in comparisons])
    single = trials[0] if len(trials) == 1 else None
    clauses = [_clauses(trial) for trial in trials]
    counts = [sum(column) for column in zip(*map(msgspec.structs.astuple, clauses), strict=True)]
    return Evaluation(
        name=name or (single.gold.name if single else ALL),
        sha256=single.conversion.document.sha256 if single else "",
        strict=pooled.strict,
        near=pooled.near,
        ties=pooled.ties,
        actors=_pool_actors([one.actors() for one in comparisons]),
        clauses=ClauseCounts(*counts),
        calibration=calibrate(comparisons),
        sweep=sweep_confidence(comparisons),
        lost=[words for trial in trials for words in trial.lost],
    )


def compare_golds(gold: Gold, other: Gold) -> Result:
    """Return how far another annotator's gold agrees with the first one.

    The other's lines are taken for a converter's statements: recall is over the first one's
    explicit lines with all of the other's, precision over the other's explicit lines with all of
    the first one's. Ties are compared as with a graph.

    >>> from policy2dpv.evaluating.gold import GoldFact
    >>> line = GoldFact(kind="purpose", term="ex:Sale", quote="to sell")
    >>> compare_golds(Gold("a", (line,), ()), Gold("b", (line,), ())).strict[ALL].f1
    1.0
    """
    forth = Comparison(gold, *_stated(other, optional=True)).result()
    back = Comparison(gold, *_stated(other, optional=False)).result()
    kinds = {*forth.strict, *back.strict}
    empty = Figures(None, None, None, 0, 0, 0, 0)

    def joined(one: Mapping[str, Figures], two: Mapping[str, Figures]) -> dict[str, Figures]:
        return {
            kind: make_figures(
                one.get(kind, empty).read, one.get(kind, empty).gold,
                two.get(kind, empty).right, two.get(kind, empty).found,
                grounded=one.get(kind, empty).grounded,
            )
            for kind in sorted(kinds)
        }  # fmt: skip

    return Result(joined(forth.strict, back.strict), joined(forth.near, back.near), forth.ties)


def _stated(gold: Gold, *, optional: bool) -> tuple[list[StatedFact], list[StatedPractice]]:
    """An annotator's lines as if a graph had stated them."""
    kinds = load_modelling().slots  # what a graph can state
    quotes: dict[Fact, set[str]] = {}
    for line in gold.facts:
        if (optional or line.explicit) and line.kind in kinds:
            fact = Fact(line.kind, line.term, line.name or "", line.value or "", line.polarity)
            quotes.setdefault(fact, set()).add(line.quote)
    facts = [StatedFact(fact, frozenset(quotes[fact])) for fact in sorted(quotes)]
    fields = load_yardstick().rows["field"]
    practices = [
        StatedPractice(
            str(at), line.polarity, {f: dict.fromkeys(line.terms(f), 1.0) for f in fields}
        )
        for at, line in enumerate(gold.practices)
    ]
    return facts, practices


def _clauses(trial: Trial) -> ClauseCounts:
    segments = trial.conversion.segments
    return trial.comparison.clauses([(segment.start, segment.end) for segment in segments])


def _pool_actors(several: Sequence[Actors]) -> Actors:
    gold, matched = sum(one.gold for one in several), sum(one.matched for one in several)
    right = sum(one.right for one in several)
    return Actors(gold, matched, right, right / gold if gold else None)
