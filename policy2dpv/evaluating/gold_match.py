"""A graph against gold: how much of what it states is right, and of what is said is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from policy2dpv.evaluating.gold import Gold, GoldFact, GoldPractice
from policy2dpv.graphs.graph_facts import FIRST, THIRD, USER, Fact, StatedFact, StatedPractice
from policy2dpv.knowledge.yardstick import Yardstick, load_yardstick, plain_words, stands_in
from policy2dpv.model import Span, overlaps

ALL = "ALL"
OTHER = "other"
PLACES = ("storage_location", "transfer_destination")
ENOUGH = 0.6  # the share of a quote's words that a clause must have to be its ground


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """Precision, recall and F1 with their counts; None where there is nothing to divide by."""

    precision: float | None
    recall: float | None
    f1: float | None
    gold: int
    found: int
    read: int
    right: int
    grounded_recall: float | None = None
    grounded: int | None = None


class Actors(msgspec.Struct, frozen=True):
    """Of how many gold practices there is a statement, and of how many one has their actor."""

    gold: int
    matched: int
    right: int
    share: float | None


class ClauseCounts(msgspec.Struct, frozen=True):
    """Clauses in which gold quotes something, and those in which it does not.

    `read` are those of `holding` in which the graph states something. Of the `silent` ones,
    `spoken` are those in which it states something, `false` where nothing of it is near any gold.
    """

    holding: int
    read: int
    silent: int
    spoken: int
    false: int


class Result(msgspec.Struct, frozen=True):
    """The figures of one policy or of several together."""

    strict: Mapping[str, Figures]
    near: Mapping[str, Figures]
    ties: Figures


def make_figures(
    read: int, gold: int, right: int, found: int, *, grounded: int | None = None
) -> Figures:
    """Return figures from counts: gold lines read of all, found statements right of all.

    >>> make_figures(1, 2, 3, 4).f1
    0.6
    """
    precision = right / found if found else None
    recall = read / gold if gold else None
    f1 = None
    if precision and recall:
        f1 = 2 * precision * recall / (precision + recall)
    elif found and gold:
        f1 = 0.0
    share = grounded / gold if gold and grounded is not None else None
    return Figures(precision, recall, f1, gold, found, read, right, share, grounded)


def pool_figures(several: Iterable[Figures]) -> Figures:
    """Return the figures of several policies as if they were one.

    >>> pool_figures([make_figures(1, 1, 1, 1), make_figures(0, 1, 0, 1)]).recall
    0.5
    """
    parts = list(several)
    grounded = [part.grounded for part in parts if part.grounded is not None]
    return make_figures(
        sum(part.read for part in parts),
        sum(part.gold for part in parts),
        sum(part.right for part in parts),
        sum(part.found for part in parts),
        grounded=sum(grounded) if grounded else None,
    )


def pool_results(results: Sequence[Result]) -> Result:
    """Return the results of several policies as one, kind by kind."""
    strict, near = (
        {
            kind: pool_figures(one[kind] for one in several if kind in one)
            for kind in sorted({kind for one in several for kind in one})
        }
        for several in ([r.strict for r in results], [r.near for r in results])
    )
    return Result(strict, near, pool_figures(result.ties for result in results))


class Comparison:
    """One policy's gold and what its graph states, compared once for all figures.

    >>> line = GoldFact(kind="purpose", term="ex:Sale", quote="to sell")
    >>> stated = StatedFact(Fact("purpose", "ex:Sale"), frozenset({"We use it to sell."}))
    >>> Comparison(Gold("x", (line,), ()), [stated], []).result().strict[ALL].f1
    1.0
    """

    def __init__(
        self, gold: Gold, facts: Sequence[StatedFact], practices: Sequence[StatedPractice]
    ) -> None:
        self.stick: Yardstick = load_yardstick()
        self.gold = gold
        self.facts = facts
        self.practices = practices
        self.lines = list(gold_lines(gold, self.stick))
        self._by_kind: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, stated in enumerate(facts):
            key = self.stick.family(stated.fact.kind), stated.fact.polarity
            self._by_kind[key].append(at)
        self.strict, self.near = (
            [self._hits(line, near=near) for line in self.lines] for near in (False, True)
        )
        self._grounded = [
            {at for at in hits if is_grounded(line.quote, self.facts[at].quotes)}
            if line.explicit else set[int]()
            for line, hits in zip(self.lines, self.near, strict=True)
        ]  # fmt: skip

    def right(self, *, near: bool) -> set[int]:
        """The places of the facts that some line of gold makes right."""
        return {at for hits in (self.near if near else self.strict) for at in hits}

    def result(self, *, least: float = 0.0) -> Result:
        """The figures of the statements that are at least so sure."""
        kept = {at for at, stated in enumerate(self.facts) if stated.confidence >= least}
        return Result(
            self._figures(self.strict, kept), self._figures(self.near, kept), self.ties(least)
        )

    def missed(self) -> list[GoldFact]:
        """The lines of gold that must be read and are not, strictly."""
        pairs = zip(self.lines, self.strict, strict=True)
        return [line for line, hits in pairs if line.explicit and not hits]

    def wrong(self) -> list[StatedFact]:
        """The facts that no line of gold makes right, strictly."""
        right = self.right(near=False)
        return [stated for at, stated in enumerate(self.facts) if at not in right]

    def _figures(self, hits: list[list[int]], kept: Collection[int]) -> dict[str, Figures]:
        read, gold, right, found = (defaultdict[str, int](int) for _ in range(4))
        grounded = 0
        good: set[int] = set()
        for line, at_line, ground in zip(self.lines, hits, self._grounded, strict=True):
            there = [at for at in at_line if at in kept]
            good.update(there)
            if line.explicit:
                grounded += any(at in ground for at in there)
                for kind in (line.kind, ALL):
                    gold[kind] += 1
                    read[kind] += bool(there)
        for at in kept:
            for kind in (self.facts[at].fact.kind, ALL):
                found[kind] += 1
                right[kind] += at in good
        return {
            kind: make_figures(
                read[kind], gold[kind], right[kind], found[kind],
                grounded=grounded if kind == ALL else None,
            )
            for kind in sorted({*gold, *found, ALL})
        }  # fmt: skip

    # is this fact what that line says?

    def _possible(self, line: GoldFact) -> Iterable[int]:
        if line.kind == OTHER:
            return range(len(self.facts))
        return self._by_kind[self.stick.family(line.kind), line.polarity]

    def _hits(self, line: GoldFact, *, near: bool) -> list[int]:
        return [at for at in self._possible(line) if self._hit(line, self.facts[at].fact, near)]

    def _hit(self, line: GoldFact, fact: Fact, near: bool) -> bool:
        wanted: frozenset[str] = frozenset({line.term, *line.also_ok})
        if line.kind == OTHER:
            apart = fact.kind in self.stick.rows["apart"]
            return not apart and fact.polarity == line.polarity and fact.term in wanted
        if fact.kind == "contact":
            return stands_in(line.value, fact.value) or stands_in(fact.value, line.value)
        if fact.kind == "storage_duration":
            return self._same_length(line.value, fact.value)
        if fact.kind == "controller" and line.name:
            return stands_in(line.name, fact.name) or stands_in(fact.name, line.name)
        if fact.kind == "controller":
            return fact.term in wanted
        wanted = self.stick.around(wanted) if near else wanted
        if fact.kind == "recipient":
            return self._same_recipient(line, fact, wanted)
        if near and fact.kind in PLACES and line.value and fact.value:
            same = plain_words(line.value) == plain_words(fact.value)
            return same or fact.term in wanted
        if fact.kind in ("technology", "data_source") and fact.name:
            names = (line.name, line.value, line.quote)
            if not any(stands_in(n, fact.name) or stands_in(fact.name, n) for n in names):
                return False
        return fact.term in wanted

    def _same_recipient(self, line: GoldFact, fact: Fact, wanted: Collection[str]) -> bool:
        """By name where the gold has one; else by class, and not a firm that it does not name."""
        said = fact.name or fact.value
        if plain_words(line.name):
            return stands_in(line.name, said) or stands_in(said, line.name)
        if fact.name and not any(stands_in(fact.name, w) for w in (line.value, line.quote)):
            return False
        return not frozenset(wanted).isdisjoint(fact.term.split("|"))

    def _same_length(self, one: str | None, other: str) -> bool:
        """By the period where both name one, else by half of the words of the shorter one."""
        lengths, others = self.stick.periods(one), self.stick.periods(other)
        if lengths and others:
            return not lengths.isdisjoint(others)
        words, said = self.stick.counting_words(one), self.stick.counting_words(other)
        enough = max(1, min(len(words), len(said)) // 2)
        return bool(words and said) and len(words & said) >= enough

    # what is tied to what, and who does it

    def ties(self, least: float = 0.0) -> Figures:
        """The figures of pairs of terms within one clause, near terms counting as the same."""
        same: dict[str, set[str]] = defaultdict(set)
        for line in self.lines:
            same[line.term].update((line.term, *line.also_ok))
        wide = {t: self.stick.around(same[t] | {t}) for t in tied_terms(self.gold, self.stick)}
        practices = [practice.surer(least) for practice in self.practices]
        allowed: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
        gold = read = 0
        for practice in self.gold.practices:
            rows = [p.terms for p in practices if p.polarity == practice.polarity]
            for one, other, first, second in tie_pairs(practice, self.stick):
                gold += 1
                read += any(
                    not wide[first].isdisjoint(terms[one])
                    and not wide[second].isdisjoint(terms[other])
                    for terms in rows
                )
                allowed[practice.polarity, one, other].update(
                    (x, y) for x in wide[first] for y in wide[second]
                )
        said = {
            (p.polarity, one, other, x, y)
            for p in practices
            for one, other in self.stick.ties
            for x in p.terms[one]
            for y in p.terms[other]
        }
        right = sum((x, y) in allowed[tie[0], tie[1], tie[2]] for *tie, x, y in said)
        return make_figures(read, gold, right, len(said))

    def actors(self) -> Actors:
        """Who acts: each gold practice against the statements at its place that say most of it."""
        matched = right = 0
        for practice in self.gold.practices:
            best = self._best_practices(practice)
            matched += bool(best)
            right += any(same_actor(practice.actor, actor) for p in best for actor in p.actors)
        total = len(self.gold.practices)
        return Actors(total, matched, right, right / total if total else None)

    def _best_practices(self, practice: GoldPractice) -> list[StatedPractice]:
        span = span_of(practice)
        if span is None:
            return []
        wide = {
            field: self.stick.around(practice.terms(field)) for field in self.stick.rows["field"]
        }
        scores: dict[int, list[StatedPractice]] = defaultdict(list)
        for stated in self.practices:
            here = any(overlaps(span, said) for said in stated.spans)
            if here and stated.polarity == practice.polarity:
                score = sum(len(wide[f] & terms.keys()) for f, terms in stated.terms.items())
                scores[score].append(stated)
        best = max(scores, default=0)
        return scores[best] if best else []

    def clauses(self, clauses: Sequence[Span]) -> ClauseCounts:
        """How many clauses hold something, how many of them are read, and what the rest gives."""
        near = self.right(near=True)
        quoted = [s for line in self.gold.lines if (s := span_of(line))]
        grounds = [
            ((ground.start, ground.end), at)
            for at, stated in enumerate(self.facts)
            for ground in stated.grounds
        ]
        counts = dict.fromkeys(ClauseCounts.__struct_fields__, 0)
        for clause in clauses:
            said = {at for span, at in grounds if overlaps(span, clause)}
            if any(overlaps(span, clause) for span in quoted):
                counts["holding"] += 1
                counts["read"] += bool(said)
            else:
                counts["silent"] += 1
                counts["spoken"] += bool(said)
                counts["false"] += bool(said) and not said & near
        return ClauseCounts(**counts)


def gold_lines(gold: Gold, stick: Yardstick) -> Iterator[GoldFact]:
    """Yield the lines that make a statement right: the facts, and what the practices say.

    What a practice says need not be stated once more, and neither must lines of other kinds.
    """
    same: dict[str, tuple[str, ...]] = {}
    for line in gold.facts:
        same[line.term] = line.also_ok
        optional = line.kind == OTHER
        yield msgspec.structs.replace(line, explicit=False) if optional else line
    for practice in gold.practices:
        for field, kind in stick.rows["field"].items():
            for at, term in enumerate(practice.terms(field)):
                name = practice.recipients[at].name if field == "recipients" else None
                yield GoldFact(
                    kind=kind, term=term, also_ok=same.get(term, ()), name=name,
                    polarity=practice.polarity, explicit=False, quote=practice.quote,
                    start=practice.start, end=practice.end,
                )  # fmt: skip


def tie_pairs(practice: GoldPractice, stick: Yardstick) -> Iterator[tuple[str, str, str, str]]:
    """Yield the ties of a gold practice: two fields and a term of each."""
    for one, other in stick.ties:
        for first in practice.terms(one):
            for second in practice.terms(other):
                yield one, other, first, second


def tied_terms(gold: Gold, stick: Yardstick) -> set[str]:
    """Return all terms of the gold's practices."""
    fields = stick.rows["field"]
    return {term for p in gold.practices for field in fields for term in p.terms(field)}


def span_of(line: GoldFact | GoldPractice) -> Span | None:
    """Return where a line's quote stands, None where that is not known."""
    return None if line.start is None or line.end is None else (line.start, line.end)


def is_grounded(quote: str, clauses: Iterable[str]) -> bool:
    """Whether a clause that a graph points to has most words of the quote or stands in it.

    >>> is_grounded("your email address", {"We collect your email address."})
    True
    """
    wanted = plain_words(quote)
    words = set(wanted.split())
    for clause in clauses:
        said = plain_words(clause)
        if len(words.intersection(said.split())) >= ENOUGH * len(words) or said in wanted:
            return True
    return False


def same_actor(gold: str, stated: str) -> bool:
    """Whether the gold's actor is the stated one; a named one is a third party too.

    >>> same_actor("Acme", "third_party"), same_actor("first_party", "Acme")
    (True, False)
    """
    if gold in (FIRST, USER, THIRD) and stated in (FIRST, USER, THIRD):
        return gold == stated
    if gold in (FIRST, USER) or stated in (FIRST, USER):
        return False
    return THIRD in (gold, stated) or stands_in(gold, stated) or stands_in(stated, gold)
