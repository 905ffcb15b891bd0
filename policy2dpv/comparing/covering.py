"""Whether one fact says what another says: by the hierarchy, by class and by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from policy2dpv.comparing.comparison_rules import ComparisonRules, load_comparison
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.graphs.identity import normal_phrase
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

JOINT = "|"  # between the classes of a party
STEM = 5  # letters that a word shares with its inflections
SHORT = 2  # words of so few letters say little


class Covering:
    """Tells of facts of one kind which is the wider one.

    >>> cover = load_covering()
    >>> email, contact = (Fact("personal_data", f"pd:{n}") for n in ("EmailAddress", "Contact"))
    >>> cover.within(email, contact), cover.within(contact, email)
    (True, False)
    """

    def __init__(self, rules: ComparisonRules, vocabulary: Vocabulary) -> None:
        self.rules = rules
        self.vocabulary = vocabulary
        self._wider: dict[tuple[Fact, Fact], bool] = {}

    def classes(self, fact: Fact) -> frozenset[str]:
        """The terms of a fact, without those that mean nobody in particular, if others are left."""
        terms = frozenset(fact.term.split(JOINT))
        return terms - self.rules.families or terms

    def is_vague(self, fact: Fact) -> bool:
        """Whether a fact says nothing in particular: any data, any party, any purpose."""
        if fact.name:
            return False
        nobody = self.rules.families if JOINT in fact.term else self.rules.silent
        return self.classes(fact) <= self.rules.families | nobody

    def key(self, fact: Fact) -> tuple[str, ...]:
        """What a fact is told apart by: its name where it has one, else its terms."""
        if fact.name:
            return fact.kind, normal_phrase(fact.name)
        if fact.kind == "contact":
            return fact.kind, normal_phrase(fact.value)
        return fact.kind, *sorted(self.classes(fact))

    def within(self, fact: Fact, wider: Fact) -> bool:
        """Whether a fact is the same as another or falls under it."""
        pair = (fact, wider)
        if pair not in self._wider:
            self._wider[pair] = self._within(fact, wider)
        return self._wider[pair]

    def _within(self, fact: Fact, wider: Fact) -> bool:
        if self.key(fact) == self.key(wider):
            return True
        if wider.name or fact.kind != wider.kind:
            return False
        below, above = self.classes(fact), self.classes(wider)
        return all(any(self.vocabulary.is_under(one, top) for one in below) for top in above)

    def weight_more(self, facts: Iterable[Fact]) -> int:
        """By how much facts of grave terms weigh more: the gravest one counts."""
        grave = self.rules.heavier
        return max(
            (
                extra for fact in facts for term in fact.term.split(JOINT)
                for top, extra in grave.items() if self.vocabulary.is_under(term, top)
            ),
            default=0,
        )  # fmt: skip


@cache
def load_covering() -> Covering:
    """Return the covering by the tables and the vocabulary. TableError: a damaged table.

    >>> load_covering() is load_covering()
    True
    """
    return Covering(load_comparison(), load_vocabulary())


def stems(text: str) -> frozenset[str]:
    """Return the beginnings of a text's longer words, so that inflections meet.

    >>> sorted(stems("To advertising partners"))
    ['adver', 'partn']
    """
    words = normal_phrase(text).split()
    return frozenset(word[:STEM] for word in words if len(word) > SHORT or word.isdecimal())
