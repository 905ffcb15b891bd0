"""What another version's text holds already: clauses word for word, and clauses reworded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from policy2dpv.comparing.comparison_rules import ComparisonRules
from policy2dpv.comparing.covering import stems
from policy2dpv.comparing.meaning import Meaning, Place
from policy2dpv.graphs.identity import normal_phrase

ENDS = re.compile(r"[.!?;:](?=\s|$)|\n")
MARK = " | "
VERBS = "processing"  # the kind whose words name what is done
LONG, INSIDE = 4, 0.85  # a clause of more words than this lies in another with so many of them


class Passages:
    """The clauses of one version, to be asked whether they say something already.

    What stands word for word in both versions cannot be what has changed, even where it was read
    differently; nor can words that the reworded clause had too, in another order or with verbs
    that mean the same operation.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.comparison_rules import load_comparison
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> old = Passages(meaning_of(convert(b"We keep your name."), "x"), load_comparison())
    >>> old.hold(["We keep your name."]), old.hold(["We keep your names."])
    (True, False)
    """

    def __init__(
        self, meaning: Meaning, rules: ComparisonRules, synonyms: Mapping[str, str] | None = None
    ) -> None:
        self.limits, self._little = rules.limits, rules.little
        self._synonyms = dict(synonyms or {})
        quotes = {quote for practice in meaning.practices for quote in practice.quotes}
        quotes.update(q for said in meaning.said for place in said.places for q in place.quotes)
        lines = [part.strip() for part in ENDS.split(meaning.text)]
        self._whole = _marked(meaning.text)
        self._quotes = frozenset(map(_marked, quotes))
        texts = (*lines, *sorted(quotes, reverse=True))
        self._stems = {normal_phrase(text): self.stems(text) for text in texts}
        self._spelled = {normal_phrase(text): text for text in texts}
        self._clauses = {text: frozenset(text.split()) for text in sorted(self._spelled) if text}
        self._found: dict[str, list[str]] = {}
        self._having: dict[str, list[str]] = defaultdict(list)
        for text, words in self._clauses.items():
            for word in words:
                self._having[word].append(text)

    def stems(self, text: str) -> frozenset[str]:
        """The beginnings of a text's words that say something, verbs as their operation."""
        found = stems(text)
        return frozenset(self._synonyms.get(word, word) for word in found - self._little)

    def hold(self, quotes: Iterable[str]) -> bool:
        """Whether all of the clauses stand here word for word; False where there is none."""
        asked = [_marked(quote) for quote in quotes]
        return bool(asked) and all(text in self._quotes or text in self._whole for text in asked)

    def say(self, place: Place) -> bool:
        """Whether what is said at a place of the other version is said here, by the words."""
        if self.hold(place.quotes):
            return True
        if self.speak_of(place.words, place.quotes):
            return True
        parts = [part for quote in place.quotes for part in ENDS.split(quote) if part.strip()]
        return bool(parts) and all(map(self.restate, parts))

    def speak_of(self, words: Iterable[str], quotes: Iterable[str]) -> bool:
        """Whether all words stand in the clauses here that are most like `quotes`."""
        asked_of = [part for quote in quotes for part in (quote, *ENDS.split(quote))]
        near = [found[0] for part in asked_of if (found := self.reworded(part))]
        known = frozenset[str]().union(*(self._stems[text] for text in near))
        asked = [some for one in words if (some := self.stems(one))]
        least = self.limits["words"]
        return bool(asked) and all(len(one & known) >= least * len(one) for one in asked)

    def restate(self, quote: str) -> bool:
        """Whether a clause here has the same words that say something, in whatever order."""
        asked = self.stems(quote)
        return self.hold([quote]) or any(
            asked == self._stems[text] for text in self.reworded(quote)
        )

    def mention(self, words: str) -> bool:
        """Whether a clause here has all of the words, in whatever form and order."""
        asked = self.stems(words)
        return any(asked <= known for known in self._stems.values())

    def nearest(self, quotes: Iterable[str]) -> tuple[str, ...]:
        """The clause here, as written, that is most like the first of `quotes` to have one."""
        for quote in quotes:
            if found := self.reworded(quote):
                return (self._spelled[found[0]],)
        return ()

    def reworded(self, quote: str) -> list[str]:
        """The clauses here that share enough of their words with a clause, best first."""
        if quote not in self._found:
            self._found[quote] = self._rank(frozenset(normal_phrase(quote).split()))
        return self._found[quote]

    def _rank(self, own: frozenset[str]) -> list[str]:
        rare = sorted(own, key=lambda word: (len(self._having.get(word, ())), word))
        near = {text for word in rare[: len(rare) // 2 + 1] for text in self._having.get(word, ())}
        least = self.limits["clause"]
        alike = [text for text in near if _alike(own, self._clauses[text]) >= least]
        return sorted(alike, key=lambda text: (-_shared(own, self._clauses[text]), text))


def find_synonyms(*meanings: Meaning) -> dict[str, str]:
    """Return verbs, by their beginnings, with the operation that all of them were read as.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> find_synonyms(meaning_of(convert(b"We keep your name."), "x"))
    {'keep': 'dpv:Store'}
    """
    terms: dict[str, set[str]] = defaultdict(set)
    for meaning in meanings:
        for said in meaning.said:
            if said.fact.kind == VERBS:
                for words in (words for place in said.places for words in place.words):
                    if len(found := stems(words)) == 1:
                        terms[next(iter(found))].add(said.fact.term)
    return {word: next(iter(terms[word])) for word in sorted(terms) if len(terms[word]) == 1}


def same_clause(one: Iterable[str], other: Iterable[str], least: float) -> bool:
    """Whether a clause of one side is a clause of the other, reworded at the most.

    >>> same_clause(["We may share your data."], ["We share your data."], 0.5)
    True
    """
    mine, theirs = (
        [frozenset(normal_phrase(quote).split()) for quote in side] for side in (one, other)
    )
    return any(a and b and _alike(a, b) >= least for a in mine for b in theirs)


def _marked(text: str) -> str:
    """The words with a mark at each end of a sentence or line, so that parts of one never match."""
    parts = filter(None, map(normal_phrase, ENDS.split(text)))
    return f"{MARK}{MARK.join(parts)}{MARK}"


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words as part of all (Jaccard), or nearly all of the shorter one's."""
    shared, shorter = len(one & other), min(len(one), len(other))
    inside = shared / shorter if shorter > LONG else 0.0
    return max(_shared(one, other), inside if inside > INSIDE else 0.0)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
