"""What another version's text holds already: clauses word for word, and clauses reworded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from policy2dpv.covering import stems
from policy2dpv.identity import normal_phrase
from policy2dpv.meaning import Meaning, Place

ENDS = re.compile(r"[.!?;:](?=\s|$)|\n")
MARK = " | "


class Passages:
    """The clauses of one version, to be asked whether they say something already.

    What stands word for word in both versions cannot be what has changed, even where it was read
    differently; nor can words that the reworded clause had too.
    """

    def __init__(self, meaning: Meaning, least: float) -> None:
        self.least = least
        quotes = {quote for practice in meaning.practices for quote in practice.quotes}
        quotes.update(q for said in meaning.said for place in said.places for q in place.quotes)
        lines = meaning.text.splitlines() or sorted(quotes)
        self._whole = _marked(meaning.text)
        self._quotes = frozenset(map(_marked, quotes))
        self._stems = [stems(line) for line in (*lines, *sorted(quotes))]
        known = {normal_phrase(text): text for text in (*lines, *sorted(quotes, reverse=True))}
        self._clauses = {text: frozenset(text.split()) for text in sorted(known) if text}
        self._spelled = known
        self._having: dict[str, list[str]] = defaultdict(list)
        for text, words in self._clauses.items():
            for word in words:
                self._having[word].append(text)

    def hold(self, quotes: Iterable[str]) -> bool:
        """Whether all of the clauses stand here word for word; False where there is none."""
        asked = [_marked(quote) for quote in quotes]
        return bool(asked) and all(text in self._quotes or text in self._whole for text in asked)

    def speak_of(self, words: str, quotes: Iterable[str]) -> bool:
        """Whether words stand in a clause here that is one of `quotes` reworded."""
        asked = stems(words)
        return bool(asked) and any(
            asked <= stems(text) for quote in quotes for text in self.reworded(quote)
        )

    def mention(self, words: str) -> bool:
        """Whether a clause here has all of the words, in whatever form and order."""
        asked = stems(words)
        return any(asked <= known for known in self._stems)

    def nearest(self, quotes: Iterable[str]) -> tuple[str, ...]:
        """The clause here, as written, that is most like the first of `quotes` to have one."""
        for quote in quotes:
            if found := self.reworded(quote):
                return (self._spelled[found[0]],)
        return ()

    def say(self, place: Place) -> bool:
        """Whether what is said at a place of the other version is said here, by the words."""
        if self.hold(place.quotes):
            return True
        return bool(place.words) and all(self.speak_of(w, place.quotes) for w in place.words)

    def reworded(self, quote: str) -> list[str]:
        """The clauses here that share enough of their words with a clause, best first."""
        own = frozenset(normal_phrase(quote).split())
        if not own:
            return []
        rare = sorted(own, key=lambda word: (len(self._having.get(word, ())), word))
        near = {text for word in rare[: len(rare) // 2 + 1] for text in self._having.get(word, ())}
        ranked = sorted((-_alike(own, self._clauses[text]), text) for text in near)
        return [text for score, text in ranked if -score >= self.least]


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
    shared = len(one & other)
    inside = shared / min(len(one), len(other)) if min(len(one), len(other)) > 4 else 0.0
    return max(shared / len(one | other), inside if inside > 0.85 else 0.0)
