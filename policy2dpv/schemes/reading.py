"""Our reading of a policy against what people marked in it: precision and recall per slot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from policy2dpv.annotating.relate import load_silent
from policy2dpv.conversion import Conversion
from policy2dpv.evaluating.evaluate_report import format_result
from policy2dpv.evaluating.gold import Gold, GoldFact, GoldPractice, GoldRecipient
from policy2dpv.evaluating.gold_match import Comparison, Result, pool_results
from policy2dpv.graphs.graph_facts import (
    Fact,
    StatedFact,
    StatedPractice,
    read_facts,
    read_practices,
)
from policy2dpv.knowledge.yardstick import Yardstick, load_yardstick

EITHER = "|"  # between the classes of one recipient


def compare_reading(
    human: Conversion, read: Conversion, kinds: Collection[str] | None = None
) -> Result:
    """Return how far a reading of a policy states what people marked in it, per kind of slot.

    Both are of one policy and are compared as sets of facts by the yardstick of `evaluate`:
    strictly, and near, where a term may be one step above or below the other. `kinds` are those
    that people could mark, else those that they did; what is read of others does not count. What
    says no more than its slot, such as data in general, is right and need not be read.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address to send you our newsletter.")
    >>> compare_reading(made, made).strict["personal_data"].f1
    1.0
    """
    marked, facts = _said(human), _said(read)
    counted = {one.fact.kind for one in marked} if kinds is None else kinds
    stick = load_yardstick()
    gold = Gold(
        human.document.uri,
        tuple(_line(one, stick) for one in marked if one.fact.kind in counted),
        tuple(dict.fromkeys(map(_practice, read_practices(human.policy_graph)))),
    )
    kept = [one for one in facts if one.fact.kind in counted]
    return Comparison(gold, kept, read_practices(read.policy_graph)).result()


def compare_readings(
    pairs: Iterable[tuple[Conversion, Conversion]], kinds: Collection[str] | None = None
) -> Result:
    """Return the figures of several policies, each marked and read, as if they were one."""
    return pool_results([compare_reading(human, read, kinds) for human, read in pairs])


def format_comparison(names: Sequence[str], result: Result) -> str:
    """Return the figures as a table of text.

    >>> from policy2dpv.evaluating.gold_match import make_figures
    >>> text = format_comparison(["shop"], Result({}, {}, make_figures(0, 0, 0, 0)))
    >>> text.splitlines()[0]
    '== shop: our reading against the marks of people'
    """
    name = names[0] if len(names) == 1 else f"{len(names)} policies"
    return format_result(f"{name}: our reading against the marks of people", result)


def _said(conversion: Conversion) -> list[StatedFact]:
    """What a graph states on some ground; that there is a controller at all rests on none."""
    return [one for one in read_facts(conversion.policy_graph) if one.grounds]


def _line(stated: StatedFact, stick: Yardstick) -> GoldFact:
    fact = stated.fact
    term, *others = fact.term.split(EITHER)
    said = _is_specific(fact, stick)
    return GoldFact(
        kind=fact.kind, term=term, also_ok=tuple(others), name=fact.name or None,
        value=fact.value or None, polarity=fact.polarity, explicit=said,
        quote=" ".join(sorted(stated.quotes)),
    )  # fmt: skip


def _is_specific(fact: Fact, stick: Yardstick) -> bool:
    """Whether a fact says more than its slot, so that a reader must give it."""
    general = fact.term in stick.rows["generic"] and not (fact.name or fact.value)
    return not general and (fact.kind, fact.term) not in load_silent()


def _practice(stated: StatedPractice) -> GoldPractice:
    terms = stated.terms
    return GoldPractice(
        processing=tuple(terms["processing"]), data=tuple(terms["data"]),
        purposes=tuple(terms["purposes"]), legal_bases=tuple(terms["legal_bases"]),
        recipients=tuple(GoldRecipient(term) for term in terms["recipients"]),
        polarity=stated.polarity,
    )  # fmt: skip
