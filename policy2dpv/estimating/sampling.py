"""Which policies people look at, so that what they find speaks for all of them.

Policies that the reader says yes to are drawn apart from the others: among the others true ones
are rare, so each answer tells more of where to look. How many of each: J. Neyman, "On the two
different aspects of the representative method" (1934), with what is assumed of the reader.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

import msgspec

from policy2dpv.errors import EstimateError
from policy2dpv.estimating.corpus import Corpus, Policy
from policy2dpv.estimating.practice import Practice

# What is assumed of the reader before anybody looked: how often its yes and its no are wrong.
WRONG_YES, WRONG_NO = 0.2, 0.1
LEAST = 10  # policies of each stratum, if it has so many


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of a sample: its number (from 1) and its stratum's place."""

    number: int
    stratum: int
    policy: Policy


class Stratum(msgspec.Struct, frozen=True, kw_only=True):
    """Policies that were drawn from together: what the reader says of them, how many there are.

    `said` is None where they were drawn without a question.
    """

    said: bool | None
    policies: int
    drawn: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Policies drawn for people to look at, and how they were drawn."""

    practice: Practice | None
    seed: str
    strata: tuple[Stratum, ...]
    drawn: tuple[Drawn, ...]
    language: str | None = None
    tables: str | None = None
    min_confidence: float = 0.0


def draw_sample(corpus: Corpus, size: int, practice: Practice | None, *, seed: str = "") -> Sample:
    """Return `size` policies of a corpus: the same for equal policies, question and seed.

    With a practice they are drawn from those that have it by the reader and from the others; a
    policy's place in the draw is a hash, so a greater sample of one stratum holds each smaller
    one. EstimateError: no policies, or a size below 2.

    >>> some = {str(n): Policy(graph=str(n), name=f"{n}.html") for n in range(100)}
    >>> drawn = draw_sample(Corpus(some, frozenset("12345"), None), 30, Practice("rights"))
    >>> [(one.said, one.policies, one.drawn) for one in drawn.strata]
    [(True, 5, 5), (False, 95, 25)]
    """
    if not corpus.policies or size < 2:
        found = f"{size} of {len(corpus.policies)} policies"
        raise EstimateError("--for-review", found, "ask for 2 or more, of a folder with policies")
    if practice is None:
        groups: list[tuple[bool | None, list[Policy]]] = [(None, list(corpus.policies.values()))]
    else:
        parts: dict[bool, list[Policy]] = {True: [], False: []}
        for graph, policy in corpus.policies.items():
            parts[graph in corpus.holding].append(policy)
        groups = [(said, found) for said, found in parts.items() if found]
    sizes = allocate([(said, len(found)) for said, found in groups], size)
    drawn: list[tuple[int, Policy]] = []
    strata = []
    for at, ((answer, these), wanted) in enumerate(zip(groups, sizes, strict=True)):
        chosen = sorted(these, key=lambda one: _place(seed, one))[:wanted]
        drawn += [(at, policy) for policy in chosen]
        strata.append(Stratum(said=answer, policies=len(these), drawn=len(chosen)))
    mixed = sorted(drawn, key=lambda one: _place(seed, one[1]))  # so that no order tells the answer
    settings = corpus.manifest.order.settings if corpus.manifest else None
    return Sample(
        practice=practice, seed=seed, strata=tuple(strata),
        drawn=tuple(Drawn(number=n, stratum=at, policy=policy)
                    for n, (at, policy) in enumerate(mixed, 1)),
        language=settings.language if settings else None,
        tables=settings.tables if settings else None,
        min_confidence=settings.min_confidence if settings else 0.0,
    )  # fmt: skip


def allocate(strata: Iterable[tuple[bool | None, int]], size: int) -> list[int]:
    """Return how many to draw of strata, given as what the reader says and how many there are.

    >>> allocate([(True, 300), (False, 700)], 100), allocate([(True, 3), (False, 700)], 100)
    ([36, 64], [3, 97])
    """
    parts = list(strata)
    wrong = {True: WRONG_YES, False: WRONG_NO, None: 0.5}
    keen = [many * math.sqrt(wrong[said] * (1 - wrong[said])) for said, many in parts]
    least = [min(LEAST, many, size // len(parts)) for _, many in parts]
    sizes = [
        min(many, max(low, round(size * one / (sum(keen) or 1))))
        for (_, many), low, one in zip(parts, least, keen, strict=True)
    ]
    for at in sorted(range(len(parts)), key=lambda at: -keen[at]):  # what is left or too much
        rest = size - sum(sizes)
        sizes[at] = max(least[at], min(parts[at][1], sizes[at] + rest))
    return sizes


def _place(seed: str, policy: Policy) -> bytes:
    """Where a policy stands in the draw: a hash in the place of chance."""
    said = f"{seed}\n{policy.graph}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(said).digest()
