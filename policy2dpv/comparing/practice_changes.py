"""What has changed within practices that two versions share: firmness, basis, period, ties."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from policy2dpv.comparing.align_practices import Aligned
from policy2dpv.comparing.changes import (
    Change,
    Side,
    describe_practice,
    make_change,
    name_fact,
    side_of,
)
from policy2dpv.comparing.covering import Covering, stems
from policy2dpv.comparing.meaning import FIRM, Meaning, Place, Practice
from policy2dpv.comparing.passages import Passages, same_clause
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.knowledge.yardstick import load_yardstick

TIES = ("personal_data", "purpose", "recipient", "processing")
BASIS, PERIOD = "legal_basis", "storage_duration"
Pair = tuple[Fact, Fact]


def find_practice_changes(
    old: Meaning, new: Meaning, pairs: Sequence[Aligned], before: Passages, after: Passages,
    cover: Covering,
) -> Iterator[Change]:  # fmt: skip
    """Yield what has changed within practices that stand side by side, and ties that are new.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> empty = Meaning("x", "", "", (), (), ())
    >>> asked = Passages(empty, load_covering().rules)
    >>> list(find_practice_changes(empty, empty, [], asked, asked, load_covering()))
    []
    """
    found = _Practices(old, new, before, after, cover)
    for pair in pairs:
        if not pair.old.denied and not before.hold(pair.new.quotes):
            yield from found.firmness(pair)
            yield from found.bases(pair)
            yield from found.conditions(pair)
    yield from found.periods(pairs)
    for one, other, name in cover.rules.pairs:
        yield from found.ties(one, other, name)


class _Practices:
    """Two versions' practices and texts."""

    def __init__(
        self, old: Meaning, new: Meaning, before: Passages, after: Passages, cover: Covering
    ) -> None:
        self.old, self.new = old, new
        self.before, self.after = before, after
        self.cover = cover

    def firmness(self, pair: Aligned) -> Iterator[Change]:
        """What may be done is done now, or the other way round."""
        one, other = pair.old, pair.new
        if one.firmness == other.firmness or not self._same(pair):
            return
        if self._also(self.old, other) or self._also(self.new, one):
            return
        name = "modality_firmer" if other.firmness > one.firmness else "modality_looser"
        yield from self._tell(name, one, other, TIES)

    def bases(self, pair: Aligned) -> Iterator[Change]:
        """The basis is another one, and neither version names the other's for this elsewhere."""
        one, other = pair.old.of(BASIS), pair.new.of(BASIS)
        if not one or not other:
            return
        if any(self._related(a, b) for a in one for b in other):
            return
        yield from self._tell("basis_changed", pair.old, pair.new, (BASIS,))

    def conditions(self, pair: Aligned) -> Iterator[Change]:
        """Otherwise the same practice is bound to a condition in one version only."""
        one, other = pair.old.conditions, pair.new.conditions
        keys = [_keys(practice, self.cover) for practice in (pair.old, pair.new)]
        if bool(one) == bool(other) or keys[0] != keys[1] or not self._same(pair):
            return
        having, lacking = (pair.old, pair.new) if one else (pair.new, pair.old)
        bound, told = (stems(" ".join(side.quotes)) for side in (having, lacking))
        least = self.cover.rules.limits["same"]
        alone = frozenset[str]().union(*map(stems, one or other))
        if len(alone & told) >= least * len(alone) or not bound - alone <= told:
            return
        yield from self._tell("condition_dropped" if one else "condition_added",
                              pair.old, pair.new, TIES)  # fmt: skip

    def periods(self, pairs: Sequence[Aligned]) -> Iterator[Change]:
        """Periods of practices side by side; then those that only one version has."""
        partner = {id(pair.old): pair.new for pair in pairs}
        gone = [p for p in self.old.practices if p.of(PERIOD) and not self.after.hold(p.quotes)]
        come = [p for p in self.new.practices if p.of(PERIOD) and not self.before.hold(p.quotes)]
        for practice in list(gone):
            other = partner.get(id(practice)) or self._by_words(practice, come)
            if other is None or not other.of(PERIOD) or other not in come:
                continue
            gone.remove(practice)
            come.remove(other)
            if name := _compare_periods(practice.of(PERIOD), other.of(PERIOD)):
                yield from self._tell(name, practice, other, (PERIOD,))
        told = [{f.value for p in side for f in p.of(PERIOD)}
                for side in (self.old.practices, self.new.practices)]  # fmt: skip
        for practice in gone:
            if not {f.value for f in practice.of(PERIOD)} <= told[1]:
                yield from self._tell(f"{PERIOD}_removed", practice, None, (PERIOD,))
        for practice in come:
            if not {f.value for f in practice.of(PERIOD)} <= told[0]:
                yield from self._tell(f"{PERIOD}_added", None, practice, (PERIOD,))

    def ties(self, one: str, other: str, name: str) -> Iterator[Change]:
        """Pairs of known values that only one version ties together."""
        mine, theirs = (_ties(side, one, other, self.cover) for side in (self.old, self.new))
        most = self.cover.rules.limits["tie"]
        clear = [_ties(side, one, other, self.cover, most) for side in (self.old, self.new)]
        for suffix, here, there, text, flip in (
            ("added", clear[1], mine, self.before, False),
            ("removed", clear[0], theirs, self.after, True),
        ):
            other_side = self.new if flip else self.old
            told = {self.cover.key(said.fact) for said in other_side.said}
            lost: dict[Fact, list[tuple[Fact, Place]]] = defaultdict(list)
            for (a, b), places in sorted(here.items()):
                known = {self.cover.key(a), self.cover.key(b)} <= told
                if known and not self._covered((a, b), there) and not _said(places, text):
                    lost[b].append((a, min(places)))
            for b, ends in lost.items():
                yield from self._tell_tie(f"{name}_{suffix}", b, ends, flip)

    def _covered(self, tie: Pair, ties: Iterable[Pair]) -> bool:
        within = self.cover.within
        return any(
            (within(tie[0], a) or within(a, tie[0])) and (within(tie[1], b) or within(b, tie[1]))
            for a, b in ties
        )

    def _tell_tie(
        self, name: str, end: Fact, ties: Sequence[tuple[Fact, Place]], flip: bool
    ) -> Iterator[Change]:
        facts = list(dict.fromkeys(fact for fact, _ in ties))
        names = ", ".join(dict.fromkeys(name_fact(fact, self.cover) for fact in facts))
        quotes = [quote for _, place in ties for quote in place.quotes]
        side = side_of([end, *facts], quotes, self.cover)
        side = Side((f"{name_fact(end, self.cover)}: {names}",), side.terms, side.quotes)
        near = Side(quotes=(self.after if flip else self.before).nearest(quotes))
        sides = (side, near) if flip else (near, side)
        if change := make_change(name, *sides, self.cover, [end, *facts]):
            yield change

    def _same(self, pair: Aligned) -> bool:
        """Whether two practices are one and the same: by what they tie, and by their clause."""
        limits = self.cover.rules.limits
        if pair.score < limits["same"]:
            return False
        if not pair.old.quotes or not pair.new.quotes:
            return True
        return same_clause(pair.old.quotes, pair.new.quotes, limits["clause"])

    def _also(self, meaning: Meaning, asked: Practice) -> bool:
        """Whether a version has a practice that ties the same and is as firm."""
        keys = _keys(asked, self.cover)
        return any(
            not p.denied and p.firmness == asked.firmness and keys <= _keys(p, self.cover)
            for p in meaning.practices
        )

    def _related(self, one: Fact, other: Fact) -> bool:
        return self.cover.within(one, other) or self.cover.within(other, one)

    def _by_words(self, practice: Practice, among: Sequence[Practice]) -> Practice | None:
        """The practice whose clause is this one's, reworded."""
        texts = {quote: p for p in reversed(among) for quote in p.quotes}
        for quote in self.after.nearest(practice.quotes):
            if found := texts.get(quote):
                return found
        return None

    def _tell(
        self, name: str, old: Practice | None, new: Practice | None, kinds: Sequence[str]
    ) -> Iterator[Change]:
        sides = [self._side(p, kinds) for p in (old, new)]
        if old is None:
            sides[0] = Side(quotes=self.before.nearest(sides[1].quotes))
        if new is None:
            sides[1] = Side(quotes=self.after.nearest(sides[0].quotes))
        grave = [f for p in (old, new) if p for kind in TIES for f in p.of(kind)]
        if change := make_change(name, sides[0], sides[1], self.cover, grave):
            yield change

    def _side(self, practice: Practice | None, kinds: Sequence[str]) -> Side:
        if practice is None:
            return Side()
        facts = [fact for kind in kinds for fact in practice.of(kind)]
        told = describe_practice(practice, kinds, self.cover)
        return Side((told,), side_of(facts, (), self.cover).terms, practice.quotes)


def _keys(practice: Practice, cover: Covering) -> frozenset[tuple[str, ...]]:
    return frozenset(cover.key(fact) for kind in TIES for fact in practice.of(kind))


def _ties(
    meaning: Meaning, one: str, other: str, cover: Covering, most: float = math.inf
) -> dict[Pair, set[Place]]:
    """The pairs of values that affirmed practices tie, with the clauses that do.

    A clause that lists more than `most` values of a kind ties them too loosely and is left out.
    """
    found: dict[Pair, set[Place]] = defaultdict(set)
    for practice in meaning.practices:
        if practice.denied or any(len(practice.of(kind)) > most for kind in TIES):
            continue
        for a in practice.of(one):
            for b in practice.of(other):
                if not cover.is_vague(a) and not cover.is_vague(b):
                    found[a, b].add(practice.place(a, b))
    return found


def _said(places: Iterable[Place], text: Passages) -> bool:
    return any(text.say(place) for place in places)


def _compare_periods(one: Sequence[Fact], other: Sequence[Fact]) -> str:
    """The name of the change between two periods, "" where there is none."""
    stick = load_yardstick()
    if {fact.value for fact in one} == {fact.value for fact in other}:
        return ""
    first, second = (
        {minutes for fact in facts for minutes in stick.periods(fact.value)}
        for facts in (one, other)
    )
    if first and second:
        if max(first) == max(second):
            return ""
        return "retention_longer" if max(second) > max(first) else "retention_shorter"
    words = [{w for f in side for w in stick.counting_words(f.value)} for side in (one, other)]
    alike = len(words[0] & words[1]) / max(1, len(words[0] | words[1]))
    return "" if not first and not second and alike > FIRM / 4 else "retention_changed"
