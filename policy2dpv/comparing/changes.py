"""A change of meaning: what, how much it weighs, and the words of both sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from policy2dpv.comparing.comparison_rules import Standing
from policy2dpv.comparing.covering import JOINT, Covering
from policy2dpv.comparing.meaning import Place, Practice, Said
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.knowledge.yardstick import DATE_UNITS, PERIOD, TIME_UNITS

MOST = 100  # no change weighs more
SHORTEST = 3  # characters of a period
PART = re.compile(r"(?<!\d)(\d+)([A-Z])")
SHOWN = 6  # values of one kind that a change names


class Side(msgspec.Struct, frozen=True):
    """What one version says: its values, their terms, and its clauses."""

    values: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of meaning; `heading` says it in a line, `reason` why it weighs so much."""

    kind: str
    weight: int
    standing: Standing
    heading: str
    old: Side
    new: Side
    reason: str = ""


class Group(msgspec.Struct, frozen=True):
    """Facts that count as one, each with the places that say it."""

    said: tuple[Said, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts."""
        return tuple(one.fact for one in self.said)

    @property
    def places(self) -> tuple[Place, ...]:
        """All places that say any of them."""
        return tuple(sorted({place for one in self.said for place in one.places}))

    @property
    def quotes(self) -> tuple[str, ...]:
        """The clauses of all places, each once."""
        return tuple(dict.fromkeys(quote for place in self.places for quote in place.quotes))


def group_facts(said: Iterable[Said], kind: str, cover: Covering) -> list[Group]:
    """Return the facts of a kind that say something, those that count as one together.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> one = Said(Fact("purpose", "dpv:Marketing"))
    >>> [len(group.facts) for group in group_facts([one, one], "purpose", load_covering())]
    [2]
    """
    found: dict[tuple[str, ...], list[Said]] = {}
    for one in said:
        if one.fact.kind == kind and not cover.is_vague(one.fact):
            found.setdefault(cover.key(one.fact), []).append(one)
    return [Group(tuple(found[key])) for key in sorted(found)]


def make_change(
    name: str, old: Side, new: Side, cover: Covering, grave: Iterable[Fact]
) -> Change | None:
    """Return a change by its row of changes.tsv, None where it has none: such are not told.

    The gravest of the facts `grave` adds to the weight of a change that is not for the better.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> change = make_change("purpose_added", Side(), Side(("Marketing",)), load_covering(), ())
    >>> change.heading
    'Purpose added: Marketing'
    """
    kind = cover.rules.kinds.get(name)
    if kind is None:
        return None
    values = [", ".join(side.values) for side in (old, new) if side.values]
    about = " -> ".join(dict.fromkeys(values))
    weight = min(MOST, kind.weight + cover.weight_more(grave))
    return Change(
        kind=name, weight=weight, standing=kind.standing, heading=kind.words.format(about),
        old=old, new=new, reason=kind.reason,
    )  # fmt: skip


def side_of(facts: Iterable[Fact], quotes: Iterable[str], cover: Covering) -> Side:
    """Return what facts and their clauses look like to a reader.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> side_of([Fact("purpose", "dpv:Marketing")], ["We advertise."], load_covering()).values
    ('Marketing',)
    """
    listed = list(dict.fromkeys(facts))
    values = tuple(dict.fromkeys(name_fact(fact, cover) for fact in listed))
    terms = tuple(dict.fromkeys(term for fact in listed for term in fact.term.split(JOINT)))
    return Side(values, terms, tuple(dict.fromkeys(quotes)))


def name_fact(fact: Fact, cover: Covering) -> str:
    """Return what a fact is called: its name, its words, or its terms' labels.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> name_fact(Fact("recipient", "dpv:Recipient|dpv:ThirdParty", "Acme"), load_covering())
    'Acme'
    """
    if fact.name or fact.value:
        return fact.name or name_period(fact.value)
    known = cover.vocabulary
    classes = sorted(cover.classes(fact))
    return ", ".join(known.label(term) if known.has(term) else term for term in classes)


def name_period(value: str) -> str:
    """Return an xsd:duration in words; other text as it is.

    >>> name_period("P1Y6M"), name_period("until you leave")
    ('1 year, 6 months', 'until you leave')
    """
    if len(value) < SHORTEST or not PERIOD.fullmatch(value):
        return value
    date, _, time = value[1:].partition("T")
    counted = [(int(n), DATE_UNITS[u]) for n, u in PART.findall(date)]
    counted += [(int(n), TIME_UNITS[u]) for n, u in PART.findall(time) if u in TIME_UNITS]
    return ", ".join(f"{n} {unit}" + ("s" if n != 1 else "") for n, unit in counted) or value


def describe_practice(practice: Practice, kinds: Sequence[str], cover: Covering) -> str:
    """Return what a practice ties, in a line.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> one = Practice(False, 2, "", {"purpose": (Fact("purpose", "dpv:Marketing"),)})
    >>> describe_practice(one, ["purpose"], load_covering())
    'Marketing'
    """
    parts = []
    for kind in kinds:
        names = list(dict.fromkeys(name_fact(fact, cover) for fact in practice.of(kind)))
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            parts.append(", ".join(names[:SHOWN]) + more)
    return "; ".join(parts)
