"""Practices of two versions side by side: by what they tie, never by where they stand.

The likeness of two practices is the mean over data, purposes, recipients, operations and so on,
weighted by the table: 1 for the same term, a half where one is under the other, 0 otherwise.
Kinds that neither has do not count. The most alike pairs are taken first, each practice once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import msgspec

from policy2dpv.comparing.comparison_rules import ComparisonRules
from policy2dpv.comparing.covering import Covering
from policy2dpv.comparing.meaning import Practice
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.graphs.identity import normal_phrase

WORDS = "words"  # the row that says what the quotes count
UNDER = 0.5  # one term under the other
FEW, MOST_PAIRS = 20, 100_000  # practices far more than a policy's are compared with those nearby


class Aligned(msgspec.Struct, frozen=True):
    """Two practices side by side, and how alike they are (0 to 1)."""

    old: Practice
    new: Practice
    score: float


def align_practices(
    old: Sequence[Practice], new: Sequence[Practice], rules: ComparisonRules, cover: Covering
) -> list[Aligned]:
    """Return the pairs at least as alike as the table's limit, in the order of `old`.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> cover = load_covering()
    >>> one = Practice(False, 2, "", {"purpose": (Fact("purpose", "dpv:Marketing"),)})
    >>> [pair.score for pair in align_practices([one], [one], cover.rules, cover)]
    [1.0]
    """
    index: dict[object, list[int]] = defaultdict(list)
    for place, practice in enumerate(new):
        for mark in _marks(practice, cover):
            index[mark].append(place)
    scored = []
    most = max(FEW, MOST_PAIRS // max(len(old), 1))
    for first, practice in enumerate(old):
        near: set[int] = set()
        for mark in _marks(practice, cover):
            at = bisect_left(index[mark], first)
            near.update(index[mark][max(at - most, 0) : at + most])
        for second in near:
            score = likeness(practice, new[second], rules, cover)
            if score >= rules.limits["pair"]:
                scored.append((-score, first, second))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs: dict[int, Aligned] = {}
    for score, first, second in sorted(scored):
        if first not in taken_old and second not in taken_new:
            taken_old.add(first)
            taken_new.add(second)
            pairs[first] = Aligned(old[first], new[second], -score)
    return [pairs[first] for first in sorted(pairs)]


def likeness(one: Practice, other: Practice, rules: ComparisonRules, cover: Covering) -> float:
    """Return how alike two practices are, 0 to 1; 0 where one is denied or another acts.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> cover = load_covering()
    >>> one, other = (Practice(denied, 2, "", {}) for denied in (True, False))
    >>> likeness(one, other, cover.rules, cover)
    0.0
    """
    if one.denied != other.denied or one.actor != other.actor:
        return 0.0
    total = weights = 0.0
    for kind, weight in rules.aligned.items():
        if kind == WORDS:
            score = _words_alike(one.quotes, other.quotes)
        else:
            mine, theirs = one.of(kind), other.of(kind)
            if not mine and not theirs:
                continue
            score = _sets_alike(mine, theirs, cover)
        total += weight * score
        weights += weight
    return total / weights if weights else 0.0


def _marks(practice: Practice, cover: Covering) -> set[object]:
    """What two practices must share one of to be worth comparing."""
    marks: set[object] = {cover.key(fact) for facts in practice.facts.values() for fact in facts}
    marks |= {
        above for facts in practice.facts.values() for fact in facts
        for term in cover.classes(fact)
        for above in (cover.vocabulary.broader(term) if cover.vocabulary.has(term) else ())
    }  # fmt: skip
    return marks | {cls for facts in practice.facts.values() for f in facts
                    for cls in cover.classes(f)}  # fmt: skip


def _sets_alike(one: Sequence[Fact], other: Sequence[Fact], cover: Covering) -> float:
    def best(fact: Fact, among: Sequence[Fact]) -> float:
        if any(cover.key(fact) == cover.key(rival) for rival in among):
            return 1.0
        near = any(cover.within(fact, rival) or cover.within(rival, fact) for rival in among)
        return UNDER if near else 0.0

    found = [best(fact, other) for fact in one] + [best(fact, one) for fact in other]
    return sum(found) / len(found) if found else 0.0


def _words_alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    mine, theirs = _words(one), _words(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 1.0


@cache
def _words(quotes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for quote in quotes for word in normal_phrase(quote).split())
