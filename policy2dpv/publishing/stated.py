"""What a graph states, made comparable: statements by their meaning, whatever their IRIs are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from policy2dpv.graphs.triples import Triple
from policy2dpv.views.policy_facts import PolicyFacts
from policy2dpv.views.policy_statements import StatementView, read_clauses, read_statements

LONGEST = 160  # characters of a quote in a message


class Said(msgspec.Struct, frozen=True, order=True):
    """A statement's meaning: form, firmness, values (kind, term, label), actors, conditions."""

    form: str
    firmness: str
    values: tuple[tuple[str, str, str], ...]
    actors: tuple[str, ...]
    conditions: tuple[str, ...]

    def describe(self) -> str:
        """The meaning on one line.

        >>> Said("denied", "", (("personal_data", "", "Name"),), (), ()).describe()
        'denied: Name'
        """
        words = ", ".join(dict.fromkeys(label for _, _, label in self.values))
        told = [self.firmness or self.form, words or "nothing named"]
        return ": ".join(told) + "".join(f" ({words})" for words in self.conditions)


class Stated(msgspec.Struct, frozen=True):
    """All that a graph states, how often, and the words of a clause that says it."""

    counts: Counter[Said]
    quotes: dict[Said, str]

    def without(self, other: Stated) -> list[tuple[Said, str]]:
        """What the other does not state, or states less often, with its words."""
        return [(said, self.quotes[said]) for said in sorted(self.counts - other.counts)]


def read_stated(triples: Iterable[Triple]) -> Stated:
    """Return what the triples of a graph state.

    >>> read_stated([]).counts.total()
    0
    """
    facts = PolicyFacts(triples)
    clauses = read_clauses(facts)
    counts: Counter[Said] = Counter()
    quotes: dict[Said, str] = {}
    for view in read_statements(facts):
        said = _said(view)
        counts[said] += 1
        quote = next((clauses[iri].quote for iri in view.clauses if iri in clauses), "")
        quotes.setdefault(said, " ".join(quote.split())[:LONGEST])
    return Stated(counts, quotes)


def _said(view: StatementView) -> Said:
    values = tuple(sorted((one.kind, one.term, one.label) for one in view.values))
    return Said(view.form, view.firmness, values, tuple(sorted(view.actors)),
                tuple(sorted(view.conditions)))  # fmt: skip
