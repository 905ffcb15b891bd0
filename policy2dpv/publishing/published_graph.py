"""A policy's graph as it is published: with who answers for what it states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.identity import Names
from policy2dpv.graphs.triples import Assessment, Literal, PolicyGraph, sort_facts
from policy2dpv.knowledge.slots import load_modelling


class Reviewer(msgspec.Struct, frozen=True, order=True):
    """Somebody who decided on what was read, and when last (an ISO 8601 date or time)."""

    who: str
    when: str

    @property
    def day(self) -> str:
        """The date of the last decision.

        >>> Reviewer("Ann Lee", "2026-03-01T10:00:00Z").day
        '2026-03-01'
        """
        return self.when[: len("2026-03-01")]


def list_reviewers(assessments: Iterable[Assessment]) -> tuple[Reviewer, ...]:
    """Return those who decided, by their names, each with the time of their last decision.

    The times are as people's decisions state them.

    >>> said = [Assessment(of=(0, 4, "a:1"), verdict="accept", who="Ann", when=when, term="pd:Name")
    ...         for when in ("2026-03-01T10:00:00+02:00", "2026-03-01T09:00:00Z", "2026-02-01")]
    >>> list_reviewers(said)
    (Reviewer(who='Ann', when='2026-03-01T09:00:00Z'),)
    """
    last: dict[str, str] = {}
    for one in assessments:
        before = last.get(one.who)
        if before is None or (_instant(before), before) < (_instant(one.when), one.when):
            last[one.who] = one.when
    return tuple(Reviewer(who, when) for who, when in sorted(last.items()))


def mark_review(
    graph: PolicyGraph, reviewers: Sequence[Reviewer], *, accepted: bool
) -> PolicyGraph:
    """Return the graph with its notice marked: accepted by people, or read by a machine.

    Each reviewer stands in an oa:Annotation of the notice with oa:assessing (W3C Web Annotation
    Vocabulary, section 3.3), who and when; that people accepted all of it is its body. Each single
    decision stands in the evidence graph.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> len(mark_review(graph, [], accepted=False).triples) - len(graph.triples)
    1
    >>> marked = mark_review(graph, [Reviewer("Ann", "2026-03-01")], accepted=True)
    >>> len(marked.triples) - len(graph.triples)
    9
    """
    tables, names, facts = load_modelling(), Names(graph.notice), Facts()
    terms, letters = tables.terms, tables.letters
    for triple, grounds in zip(graph.triples, graph.grounds, strict=True):
        facts.add(*triple, grounds)
    status = terms["accepted" if accepted else "machine_read"]
    facts.add(graph.notice, terms["review_status"], status)
    added: list[str] = []
    for one in reviewers:
        person = names.entity(letters["annotator"], one.who)
        node = names.entity(letters["assessment"], graph.notice, one.who)
        facts.add(node, terms["type"], terms["assessment"])
        facts.add(node, terms["motivated_by"], terms["assessing"])
        facts.add(node, terms["has_target"], graph.notice)
        if accepted:
            facts.add(node, terms["has_body"], status)
        facts.add(node, terms["creator"], person)
        as_when = terms["as_time" if "T" in one.when else "as_date"]
        facts.add(node, terms["created"], Literal(one.when, as_when))
        facts.add(person, terms["type"], terms["annotator"])
        facts.add(person, terms["agent_label"], Literal(one.who))
        added += [node, person]
    lines, triples, grounds_of = sort_facts(facts.found)
    return msgspec.structs.replace(
        graph, lines=tuple(lines), triples=tuple(triples), grounds=tuple(grounds_of),
        subjects=tuple(dict.fromkeys((*graph.subjects, *added))),
    )  # fmt: skip


def _instant(when: str) -> datetime:
    """A date or time as a point in time; without a time zone it counts as UTC."""
    found = datetime.fromisoformat(when)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
