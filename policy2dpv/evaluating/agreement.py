"""How far two sets of annotations of one text agree, label by label, and by Cohen's kappa."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate

import msgspec

from policy2dpv.evaluating.gold_match import ALL, Figures, make_figures
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation, Span

Label = tuple[str, str]  # kind and term; the term "" stands for all of the kind
Key = tuple[str, str, str]  # kind, term, polarity


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two people's annotations of one text; `length` is the text's, in characters, if known."""

    name: str
    a: Sequence[Annotation]
    b: Sequence[Annotation]
    length: int | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """An annotation of one of two people, and whether the other has the same (strictly)."""

    policy: str
    start: int
    end: int
    kind: str
    term: str
    quote: str


class LabelAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """How two agree on a term of a kind; on the whole kind or on everything the term is "".

    `both` counts what A has and B has too, `only_a` and `only_b` what the other one has not.
    `strict` and `near` are the figures of B against A. `kappa` is of a whole kind, None without
    the text.
    """

    kind: str
    term: str
    both: int
    only_a: int
    only_b: int
    strict: Figures
    near: Figures
    kappa: float | None = None


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How two agree: kind by kind with the terms below, everything last; and every annotation."""

    labels: Sequence[LabelAgreement]
    both: Sequence[Difference]
    only_a: Sequence[Difference]
    only_b: Sequence[Difference]


def measure_agreement(pairs: Iterable[Pair]) -> Agreement:
    """Return how far B's annotations agree with A's, over one text or several.

    Strictly the same are annotations with the same kind, term and polarity whose spans share a
    character; near, those of which one term lies under the other. Annotations that differ in
    nothing of this count once.

    >>> one = Annotation(start=3, end=8, quote="share", kind="processing", term="dpv:Share",
    ...                  segment="", source="")
    >>> other = msgspec.structs.replace(one, end=9, term="dpv:Disclose")
    >>> made = measure_agreement([Pair(name="p", a=[one], b=[other], length=20)]).labels[-1]
    >>> made.kind, made.both, made.strict.f1, made.near.f1
    ('ALL', 0, 0.0, 1.0)
    """
    count = _Count()
    for pair in pairs:
        count.add(pair)
    return count.agreement()


def cohen_kappa(both: int, only_a: int, only_b: int, neither: int) -> float | None:
    """Return Cohen's kappa of two yes-or-no judgements; None where nothing was judged.

    (observed - expected) / (1 - expected) agreement, where chance expects each to say yes as
    often as he did: J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and
    Psychological Measurement 20(1), 1960. It is 1 where both always say the same.

    >>> cohen_kappa(20, 5, 10, 15), cohen_kappa(4, 0, 0, 0)
    (0.4, 1.0)
    """
    total = both + only_a + only_b + neither
    if not total:
        return None
    yes_a, yes_b = both + only_a, both + only_b
    expected = yes_a * yes_b + (total - yes_a) * (total - yes_b)  # in units of 1 / total squared
    if expected == total * total:
        return 1.0
    return ((both + neither) * total - expected) / (total * total - expected)


class _Count:
    """What two have and share, added up text by text."""

    def __init__(self) -> None:
        self.strict, self.near = (defaultdict[Label, list[int]](lambda: [0] * 4) for _ in range(2))
        self.characters: dict[str, list[int]] = defaultdict(lambda: [0] * 3)
        self.length: int | None = 0
        self.seen: dict[str, list[Difference]] = {"both": [], "a": [], "b": []}

    def add(self, pair: Pair) -> None:
        """Count one text."""
        a, b = _distinct(pair.a), _distinct(pair.b)
        for side, ones, others in (("a", a, b), ("b", b, a)):
            for one, same, near in _held_against(ones, others):
                self._count(one, side, same, near)
                if not same or side == "a":
                    found = _difference(pair.name, one)
                    self.seen["both" if same else side].append(found)
        if pair.length is None or self.length is None:
            self.length = None
            return
        self.length += pair.length
        for kind in {one.kind for one in (*a, *b)}:
            first, second = (_covered(one for one in ones if one.kind == kind) for ones in (a, b))
            for at, size in enumerate((_shared(first, second), first.size, second.size)):
                self.characters[kind][at] += size

    def _count(self, one: Annotation, side: str, same: bool, near: bool) -> None:
        at = 0 if side == "a" else 2
        for label in ((one.kind, one.term), (one.kind, ""), (ALL, "")):
            for counts, hit in ((self.strict, same), (self.near, near)):
                counts[label][at] += 1
                counts[label][at + 1] += hit

    def agreement(self) -> Agreement:
        """The figures of what was counted."""
        labels = sorted({*self.strict, (ALL, "")}, key=lambda label: (label[0] == ALL, label))
        return Agreement(
            labels=[self._label(label) for label in labels],
            both=sorted(self.seen["both"]), only_a=sorted(self.seen["a"]),
            only_b=sorted(self.seen["b"]),
        )  # fmt: skip

    def _label(self, label: Label) -> LabelAgreement:
        of_a, in_b, of_b, in_a = self.strict[label]
        kind, term = label
        return LabelAgreement(
            kind=kind, term=term, both=in_b, only_a=of_a - in_b, only_b=of_b - in_a,
            strict=_figures(self.strict[label]), near=_figures(self.near[label]),
            kappa=None if term or kind == ALL else self._kappa(kind),
        )  # fmt: skip

    def _kappa(self, kind: str) -> float | None:
        if self.length is None:
            return None
        both, a, b = self.characters[kind]
        return cohen_kappa(both, a - both, b - both, self.length - a - b + both)


class _Covered:
    """The characters that some spans cover together, as spans that do not touch."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.spans: list[Span] = []
        for start, end in sorted(spans):
            if self.spans and start <= self.spans[-1][1]:
                self.spans[-1] = self.spans[-1][0], max(end, self.spans[-1][1])
            else:
                self.spans.append((start, end))
        self.ends = [end for _, end in self.spans]
        self.size = sum(end - start for start, end in self.spans)
        self._before = list(accumulate((e - s for s, e in self.spans), initial=0))

    def up_to(self, place: int) -> int:
        """How many of the characters stand before an offset."""
        at = bisect_left(self.ends, place)
        if at == len(self.spans):
            return self.size
        return self._before[at] + max(place - self.spans[at][0], 0)

    def within(self, start: int, end: int) -> int:
        """How many of the characters a span has."""
        return self.up_to(end) - self.up_to(start)


def _covered(annotations: Iterable[Annotation]) -> _Covered:
    return _Covered((one.start, one.end) for one in annotations)


def _shared(one: _Covered, other: _Covered) -> int:
    """How many characters both cover."""
    return sum(other.within(start, end) for start, end in one.spans)


def _distinct(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The annotations, those alike in span, kind, term and polarity once."""
    found = {(a.start, a.end, a.kind, a.term, a.polarity): a for a in annotations}
    return [found[key] for key in sorted(found)]


def _held_against(
    ones: Sequence[Annotation], others: Sequence[Annotation]
) -> Iterator[tuple[Annotation, bool, bool]]:
    """Each annotation, whether another one is the same, and whether another one is near."""
    by_key: dict[Key, list[Annotation]] = defaultdict(list)
    for other in others:
        by_key[other.kind, other.term, other.polarity].append(other)
    there: Mapping[Key, _Covered] = {key: _covered(found) for key, found in by_key.items()}
    around = _neighbours(there)
    for one in ones:
        key = one.kind, one.term, one.polarity
        same = key in there and bool(there[key].within(one.start, one.end))
        near = same or any(found.within(one.start, one.end) for found in around(key))
        yield one, same, near


def _neighbours(there: Mapping[Key, _Covered]) -> Callable[[Key], list[_Covered]]:
    """What of the other's stands for a label or for one that lies under or over it."""

    @cache
    def around(key: Key) -> list[_Covered]:
        kind, term, polarity = key
        return [
            found for (k, t, p), found in there.items()
            if (k, p) == (kind, polarity) and _near(term, t)
        ]  # fmt: skip

    return around


def _near(one: str, other: str) -> bool:
    """Whether one of two terms lies under the other; a term that is not known is near itself."""
    known = load_vocabulary()
    if one == other or not (known.has(one) and known.has(other)):
        return one == other
    return known.is_under(one, other) or known.is_under(other, one)


def _figures(counts: Sequence[int]) -> Figures:
    of_a, in_b, of_b, in_a = counts
    return make_figures(in_b, of_a, in_a, of_b)


def _difference(policy: str, one: Annotation) -> Difference:
    return Difference(
        policy=policy, start=one.start, end=one.end, kind=one.kind, term=one.term, quote=one.quote
    )
