"""How common something is among policies, corrected for what the reader gets wrong.

The reader says of each policy whether it holds; people say so of some. Where these were drawn
from the same policies, the share among those that the reader says yes to and the share among the
others are weighed by how many there are of each: double sampling (A. Tenenbein, "A double sampling
scheme for estimating from binomial data with misclassifications", 1970). Each share has a score
interval (E. B. Wilson, 1927), on the effective size of a weighted sample (L. Kish, 1965) and
corrected for a finite population (W. G. Cochran, 1977); the two are joined by the method of
variance estimates recovery (G. Y. Zou and A. Donner, 2008; the ratio: A. Donner and Zou, 2012).

Where the reader was measured elsewhere, its sensitivity and specificity correct the share that it
says yes to (W. J. Rogan and B. Gladen, 1978), with the interval of Z. Lang and J. Reiczigel (2014).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist

import msgspec

from policy2dpv.errors import EstimateError

LEVEL = 0.95  # of the intervals


class Judged(msgspec.Struct, frozen=True):
    """What the reader and a person say of one policy, and how many policies it stands for."""

    said: bool
    true: bool
    weight: float = 1.0


class Share(msgspec.Struct, frozen=True):
    """A share of policies (0 to 1) with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


class Prevalence(msgspec.Struct, frozen=True, kw_only=True):
    """How common something is: as the reader says (`raw`, 0 to 1), and corrected (`share`).

    `precision` is the share of its yes that is right, `recall` that of the true ones which it
    says yes to; None where nothing tells. `policies` were read, `said` had a yes; people judged
    `judged_said` of these and `judged_others` of the others.
    """

    policies: int
    said: int
    judged_said: int
    judged_others: int
    raw: float
    share: Share
    precision: Share | None
    recall: Share | None


def estimate_prevalence(
    said: int,
    policies: int,
    judged: Iterable[Judged],
    *,
    level: float = LEVEL,
    wider: bool = False,
) -> Prevalence:
    """Return how common something is among `policies`, of which the reader says yes to `said`.

    `judged` are policies that people looked at, drawn by chance. The share is that of these
    policies; with `wider` that of all those from which these were drawn by chance. `level` is how
    often the interval is to hold (0 to 1). EstimateError: counts that cannot be, or no policy
    judged among those with a yes, or among the others.

    >>> some = [Judged(True, True)] * 45 + [Judged(True, False)] * 5 + [Judged(False, False)] * 50
    >>> found = estimate_prevalence(300, 1000, some)
    >>> str(found.share), f"{found.raw:.0%}"
    ('27.0% (24.0% to 31.9%)', '30%')
    """
    rows = list(judged)
    z = _deviations(level)
    if not 0 <= said <= policies or policies < 1:
        advice = "count the policies again"
        raise EstimateError("policies", f"{said} of {policies} policies", advice)
    yes = _stratum([one for one in rows if one.said], said, z, "that the reader says yes to")
    no = _stratum([one for one in rows if not one.said], policies - said, z, "that it says no to")
    weight = said / policies
    left, right = _scaled(yes, weight), _scaled(no, 1 - weight)
    low, high = _sum(left, right)
    value = left.value + right.value
    if wider:
        low, high = _widened(value, low, high, wilson(weight, policies, z), yes.value - no.value)
    return Prevalence(
        policies=policies, said=said, judged_said=sum(one.said for one in rows),
        judged_others=sum(not one.said for one in rows), raw=weight,
        share=_within(value, low, high), precision=yes if said else None,
        recall=_recall(left, right) if value > 0 else None,
    )  # fmt: skip


def rogan_gladen(
    said: int,
    policies: int,
    positives: tuple[int, int],
    negatives: tuple[int, int],
    *,
    level: float = LEVEL,
) -> Share:
    """Return how common something is, by how the reader did on other policies.

    The reader says yes to `said` of `policies`. `positives` are how many of how many policies in
    which it holds had a yes, `negatives` how many of how many others had a no. The policies are
    taken as drawn from a wider population. EstimateError: counts that cannot be, or a reader that
    tells nothing.

    >>> str(rogan_gladen(300, 1000, (90, 100), (95, 100)))
    '29.4% (23.4% to 34.5%)'
    """
    z = _deviations(level)
    for got, size in ((said, policies), positives, negatives):
        if not 0 <= got <= size or size < 1:
            raise EstimateError("counts", f"{got} of {size}", "count again")
    hit, right = positives[0] / positives[1], negatives[0] / negatives[1]
    if hit + right <= 1:
        found = f"it says yes to {hit:.0%} where it holds and to {1 - right:.0%} where not"
        raise EstimateError("reader", found, "such a reader tells nothing of the policies")
    value = (said / policies + right - 1) / (hit + right - 1)
    # The counts with the pseudo-counts that Lang and Reiczigel add.
    many, seen, free = policies + z * z, positives[1] + 2, negatives[1] + 2
    raw = (said + z * z / 2) / many
    hit, right = (positives[0] + 1) / seen, (negatives[0] + 1) / free
    middle = (raw + right - 1) / (hit + right - 1)
    on_hit, on_right = hit * (1 - hit) / seen, right * (1 - right) / free
    shift = 2 * z * z * (middle * on_hit - (1 - middle) * on_right)
    spread = raw * (1 - raw) / many + middle**2 * on_hit + (1 - middle) ** 2 * on_right
    half = z * math.sqrt(spread) / (hit + right - 1)
    return _within(value, middle + shift - half, middle + shift + half)


def wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share seen among so many; (0, 1) of none.

    `size` may be infinite (all were seen); `z` is in standard deviations.

    >>> [round(limit, 3) for limit in wilson(0.0, 20, 1.96)]
    [0.0, 0.161]
    """
    if size == 0:
        return 0.0, 1.0
    if math.isinf(size):
        return share, share
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    half /= 1 + z * z / size
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def _deviations(level: float) -> float:
    if not 0 < level < 1:
        raise EstimateError("level", f"{level:g}", "give a share between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf((1 + level) / 2)


def _stratum(rows: Sequence[Judged], policies: int, z: float, which: str) -> Share:
    """The share of true ones among the policies of one answer of the reader's."""
    if policies == 0:
        return Share(0.0, 0.0, 0.0)
    if not rows:
        found = f"nobody has judged any of the {policies:,} policies {which}"
        advice = "sign answers.csv, or draw a sample for this question (--name, --set)"
        raise EstimateError("sample", found, advice)
    if len(rows) > policies:
        found = f"{len(rows)} judged, but there are {policies} such policies"
        raise EstimateError("sample", found, "judge each policy once, and those of this batch")
    total = sum(one.weight for one in rows)
    value = sum(one.weight for one in rows if one.true) / total
    size = total**2 / sum(one.weight**2 for one in rows)
    rest = 1 - len(rows) / policies
    return Share(value, *wilson(value, size / rest if rest > 0 else math.inf, z))


def _scaled(one: Share, weight: float) -> Share:
    return Share(one.value * weight, one.low * weight, one.high * weight)


def _sum(one: Share, other: Share) -> tuple[float, float]:
    """The limits of the sum of two shares that were estimated apart."""
    value = one.value + other.value
    below = math.hypot(one.value - one.low, other.value - other.low)
    above = math.hypot(one.high - one.value, other.high - other.value)
    return value - below, value + above


def _widened(
    value: float, low: float, high: float, limits: tuple[float, float], gap: float
) -> tuple[float, float]:
    """The limits where the reader's share of yes is itself an estimate; `gap` is its weight."""
    middle = sum(limits) / 2
    half = abs(gap) * (limits[1] - middle)
    return value - math.hypot(value - low, half), value + math.hypot(high - value, half)


def _recall(yes: Share, no: Share) -> Share:
    """The share of `yes` in the sum: 1 / (1 + ratio), the ratio's limits by recovered variances."""
    if yes.high == 0:
        return Share(0.0, 0.0, 0.0)
    low, high = _ratio(no, yes)
    value = yes.value / (yes.value + no.value)
    return _within(value, 1 / (1 + high), 1 / (1 + low))


def _ratio(over: Share, under: Share) -> tuple[float, float]:
    """The limits of the ratio of two shares that were estimated apart, infinite perhaps."""
    product = over.value * under.value
    low = under.high * (2 * under.value - under.high)
    high = under.low * (2 * under.value - under.low)
    root = product**2 - over.low * (2 * over.value - over.low) * low
    least = (product - math.sqrt(max(root, 0.0))) / low if low > 0 else 0.0
    root = product**2 - over.high * (2 * over.value - over.high) * high
    most = (product + math.sqrt(max(root, 0.0))) / high if high > 0 else math.inf
    return max(least, 0.0), most


def _within(value: float, low: float, high: float) -> Share:
    """A share with limits that hold it, all from 0 to 1."""
    value = min(max(value, 0.0), 1.0)
    return Share(value, max(0.0, min(low, value)), min(1.0, max(high, value)))
