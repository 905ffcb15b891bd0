"""Candidates of contradictions and gaps within and across policies, ranked, each with its why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import msgspec

from policy2dpv.comparing.changes import describe_practice, name_fact
from policy2dpv.comparing.conflict_rules import ConflictRules, load_conflicts
from policy2dpv.comparing.covering import Covering, load_covering
from policy2dpv.comparing.gaps import find_gaps
from policy2dpv.comparing.meaning import FIRM, Meaning, Practice
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.knowledge.yardstick import load_yardstick

PLACES = ("storage_location", "transfer_destination")
BOUNDS = ("personal_data", "purpose", "recipient", "data_subject", "technology", *PLACES)
WIDE = ("personal_data", "recipient", "data_subject")  # where the wider may hold what is denied
TIES = ("processing", *BOUNDS)
PERIOD, DATA, PURPOSE = "storage_duration", "personal_data", "purpose"
SAME, NARROWER, BROADER, OVERLAPPING = "same", "narrower", "broader", "overlapping"


class Party(msgspec.Struct, frozen=True, order=True):
    """One side of a candidate: the document, what it says, and its clauses."""

    document: str
    says: str
    quotes: tuple[str, ...]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate; `relation` is same, narrower, broader or overlapping, "" for a gap."""

    kind: str
    weight: int
    heading: str
    why: tuple[str, ...]
    relation: str
    sides: tuple[Party, ...]


Said = tuple[Meaning, Practice]


def find_conflicts(meanings: Sequence[Meaning]) -> list[Conflict]:
    """Return the candidates within and across policies, the weightiest first.

    A denial and a practice meet where what is done is, or falls under, or holds what is denied,
    in operation, data, purpose, recipient and person; what a denial leaves open it denies for
    all. Two statements of one clause never make a candidate. TableError: a damaged table.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> texts = b"We never sell your data.", b"We sell your location data."
    >>> both = [meaning_of(convert(text), name) for text, name in zip(texts, "ab", strict=True)]
    >>> [(one.kind, one.relation) for one in find_conflicts(both)]
    [('denied_and_done', 'narrower')]
    """
    search = _Search(load_covering(), load_conflicts())
    said = [(meaning, practice) for meaning in meanings for practice in meaning.practices]
    found = [*search.denials(said), *search.periods(said), *search.places(said)]
    for kind, document, about, quotes in find_gaps(meanings):
        rule = search.rules.kinds[kind]
        side = Party(document, about, quotes)
        found.append(Conflict(
            kind=kind, weight=rule.weight, heading=rule.words.format(about),
            why=(rule.reason,), relation="", sides=(side,),
        ))  # fmt: skip
    once = {(one.kind, one.heading, one.sides): one for one in found}
    return sorted(once.values(), key=lambda one: (-one.weight, one.kind, one.heading, one.sides))


class _Search:
    """Looks for pairs of practices that cannot both hold."""

    def __init__(self, cover: Covering, rules: ConflictRules) -> None:
        self.cover, self.rules = cover, rules

    def denials(self, said: Sequence[Said]) -> Iterator[Conflict]:
        """What is denied in one place and done in another."""
        denied = [one for one in said if one[1].denied and self._is_clear(one[1])]
        done = [one for one in said if not one[1].denied]
        for denial in denied:
            for practice in done:
                relation = self.relation(denial[1], practice[1])
                if relation:
                    yield from self._tell("denied_and_done", relation, denial, practice, TIES)

    def relation(self, denial: Practice, practice: Practice) -> str:
        """How what is done stands to what is denied, "" where they do not meet."""
        if denial.actor != practice.actor:
            return ""
        found = [self._meets(kind, denial, practice) for kind in TIES if denial.of(kind)]
        if not all(found):
            return ""
        if BROADER in found:
            return BROADER
        wider = any(practice.of(kind) and not denial.of(kind) for kind in TIES)
        return NARROWER if NARROWER in found or wider else SAME

    def _meets(self, kind: str, denial: Practice, practice: Practice) -> str:
        """How the facts of one kind meet; what is wider counts for some kinds only."""
        relations = [
            found for fact in practice.of(kind) for top in denial.of(kind)
            if (found := self._stand(fact, top))
        ]  # fmt: skip
        for relation in (SAME, NARROWER, BROADER):
            if relation in relations:
                return "" if relation == BROADER and kind not in WIDE else relation
        return ""

    def _stand(self, fact: Fact, other: Fact) -> str:
        if self.cover.key(fact) == self.cover.key(other):
            return SAME
        if self.cover.within(fact, other):
            return NARROWER
        wider = self.cover.within(other, fact) and not self.cover.is_vague(fact)
        return BROADER if wider else ""

    def _is_clear(self, denial: Practice) -> bool:
        return any(
            not self.cover.is_vague(fact) for kind in BOUNDS for fact in denial.of(kind)
        )  # fmt: skip

    def _loose(self, denial: Practice) -> bool:
        """Whether a denial names a purpose only, and none that is grave."""
        facts = [fact for kind in denial.facts for fact in denial.of(kind)]
        only = all(fact.kind == PURPOSE or self.cover.is_vague(fact) for fact in facts)
        return only and not self.cover.weight_more(facts)

    def periods(self, said: Sequence[Said]) -> Iterator[Conflict]:
        """Two bounded periods for the same data and no different purposes."""
        stick = load_yardstick()
        timed = []
        for one in said:
            values = [stick.periods(fact.value) for fact in one[1].of(PERIOD)]
            lengths = frozenset().union(*values) if values else frozenset()
            if lengths and not one[1].denied:
                timed.append((lengths, one))
        for (first, one), (second, other) in combinations(timed, 2):
            relation = self._same_matter(one[1], other[1])
            if relation and first.isdisjoint(second):
                yield from self._tell("periods_differ", relation, one, other, (DATA, PERIOD))

    def _same_matter(self, one: Practice, other: Practice) -> str:
        mine, theirs = (
            [fact for fact in p.of(DATA) if not self.cover.is_vague(fact)] for p in (one, other)
        )
        purposes = one.of(PURPOSE), other.of(PURPOSE)
        if all(purposes) and not any(self._stand(a, b) for a in purposes[0] for b in purposes[1]):
            return ""
        relations = {self._stand(a, b) for a in mine for b in theirs} - {""}
        if SAME in relations:
            return SAME
        return OVERLAPPING if relations else ""

    def places(self, said: Sequence[Said]) -> Iterator[Conflict]:
        """A place that is said to be the only one, and another one that is not within it."""
        held = [
            (one, [fact for kind in PLACES for fact in one[1].of(kind)])
            for one in said if not one[1].denied
        ]  # fmt: skip
        for one, only in held:
            shapes = self.rules.shapes("only", one[0].language)
            if not only or not any(s.search(q) for q in one[1].quotes for s in shapes):
                continue
            for other, elsewhere in held:
                outside = [f for f in elsewhere if not self._inside(f, only)]
                if outside and other is not one:
                    yield from self._tell("place_excluded", SAME, one, other, PLACES)

    def _inside(self, fact: Fact, only: Iterable[Fact]) -> bool:
        under = self.cover.vocabulary.is_under
        return self.cover.is_vague(fact) or any(
            under(fact.term, top.term) or under(top.term, fact.term) for top in only
        )

    def _tell(
        self, kind: str, relation: str, one: Said, other: Said, kinds: Sequence[str]
    ) -> Iterator[Conflict]:
        """The candidate, unless one clause says both sides."""
        first, second = one[1], other[1]
        if first.quotes and not set(first.quotes).isdisjoint(second.quotes):
            return
        bound = bool(first.conditions or second.conditions)
        may = second.firmness < FIRM
        loose = first.denied and self._loose(first)
        marks = {"conditional": bound, "possible": may, "loose": loose}
        names = [relation, *(name for name, holds in marks.items() if holds)]
        rule, known = self.rules.kinds[kind], self.rules.relations
        weight = max(1, rule.weight - sum(known[name].less for name in names))
        sides = tuple(
            Party(
                _document(meaning, practice),
                describe_practice(practice, kinds, self.cover),
                practice.quotes,
            )
            for meaning, practice in (one, other)
        )
        why = (rule.reason, *(known[name].words for name in names))
        yield Conflict(
            kind=kind, weight=weight, heading=rule.words.format(self._about(first, second, kinds)),
            why=why, relation=relation, sides=sides,
        )  # fmt: skip

    def _about(self, one: Practice, other: Practice, kinds: Sequence[str]) -> str:
        names = [
            name_fact(fact, self.cover) for practice in (one, other) for kind in kinds
            for fact in practice.of(kind)
        ]  # fmt: skip
        return ", ".join(list(dict.fromkeys(names))[:6])


def _document(meaning: Meaning, practice: Practice) -> str:
    """What the document of a practice is called: its own title in a notice of several."""
    return ": ".join([meaning.name, *practice.sources[:1]])
