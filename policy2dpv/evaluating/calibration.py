"""Whether confidences mean something: how often statements of one confidence are right."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from policy2dpv.evaluating.gold_match import ALL, Comparison, Figures, Result, pool_results

BINS = 10
STEPS = (*(step / BINS for step in range(BINS)), 0.95, 0.99)


class Bin(msgspec.Struct, frozen=True):
    """Statements of about one confidence: how many, how sure on average, how often right."""

    low: float
    high: float
    count: int
    confidence: float
    strict: float
    near: float


class Calibration(msgspec.Struct, frozen=True):
    """The expected calibration error, strict and near, and the bins that it comes from.

    The error is the mean distance between confidence and share of right ones, by bin.
    """

    error: float | None
    near_error: float | None
    bins: tuple[Bin, ...]


class Step(msgspec.Struct, frozen=True):
    """What is left with a least confidence: the figures of all kinds together, and the ties."""

    least: float
    strict: Figures
    near: Figures
    ties: Figures


def calibrate(comparisons: Sequence[Comparison]) -> Calibration:
    """Return how well the confidences of all statements that rest on words are calibrated.

    >>> calibrate([]).bins
    ()
    """
    sure: list[tuple[float, bool, bool]] = []
    for one in comparisons:
        strict, near = one.right(near=False), one.right(near=True)
        sure += [
            (stated.confidence, at in strict, at in near)
            for at, stated in enumerate(one.facts) if stated.grounds
        ]  # fmt: skip
    bins = tuple(found for number in range(BINS) if (found := _bin(sure, number)))
    total = sum(part.count for part in bins)
    if not total:
        return Calibration(None, None, ())
    error = sum(part.count * abs(part.confidence - part.strict) for part in bins) / total
    near_error = sum(part.count * abs(part.confidence - part.near) for part in bins) / total
    return Calibration(error, near_error, bins)


def sweep_confidence(
    comparisons: Sequence[Comparison], steps: Sequence[float] = STEPS
) -> list[Step]:
    """Return the figures of what is left at each least confidence.

    Steps that leave out nothing more than the one before are left out themselves.

    >>> sweep_confidence([])
    []
    """
    found: list[Step] = []
    for least in steps if comparisons else ():
        result: Result = pool_results([one.result(least=least) for one in comparisons])
        step = Step(least, result.strict[ALL], result.near[ALL], result.ties)
        if found and (step.strict, step.ties) == (found[-1].strict, found[-1].ties):
            continue
        found.append(step)
    return found


def _bin(sure: Sequence[tuple[float, bool, bool]], number: int) -> Bin | None:
    inside = [one for one in sure if min(int(one[0] * BINS + 1e-9), BINS - 1) == number]
    if not inside:
        return None
    count = len(inside)
    means = (sum(column) / count for column in zip(*inside, strict=True))
    return Bin(number / BINS, (number + 1) / BINS, count, *means)
