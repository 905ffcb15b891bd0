"""What a graph says, freed of its wording and order: facts, and what each practice ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.comparing.comparison_rules import ComparisonRules, load_comparison
from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_facts import FIRST, Fact, PlacedFact, find_facts, name_actor
from policy2dpv.graphs.graph_view import DENIED, GraphView, Triples, text_of
from policy2dpv.knowledge.slots import load_modelling

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion

DATES = ("modified", "valid", "issued")  # properties of a notice, by their names in structure.tsv
RIGHT = "right"
BESIDE = frozenset({"automation"})  # kinds that beside a right say what the right is about
FIRM = 2  # as firm as what is simply stated
SPAN = 240  # words around a fact, in characters, are no longer than a clause


class Place(msgspec.Struct, frozen=True, order=True):
    """Where something is said: its clauses, and the very words it rests on, if known."""

    quotes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """A fact and all places that say it."""

    fact: Fact
    places: tuple[Place, ...] = ()


class Practice(msgspec.Struct, frozen=True):
    """What one node ties together: its facts by kind, how firm it is, who acts, when.

    `words` are those that its facts rest on, where they are known; `sources` are the titles of
    the documents that say it, where a notice has several.
    """

    denied: bool
    firmness: int
    actor: str
    facts: Mapping[str, tuple[Fact, ...]]
    quotes: tuple[str, ...] = ()
    words: Mapping[Fact, tuple[str, ...]] = {}
    conditions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def place(self, *facts: Fact) -> Place:
        """Where the practice is said, by the words of some of its facts, else of all."""
        asked = facts or tuple(self.words)
        words = dict.fromkeys(w for fact in asked for w in self.words.get(fact, ()))
        return Place(self.quotes, tuple(words))

    def of(self, kind: str) -> tuple[Fact, ...]:
        """The facts of a kind, sorted."""
        return self.facts.get(kind, ())


class Meaning(msgspec.Struct, frozen=True):
    """All that a policy's graph says. `text` is the policy's own text, "" for a graph file.

    `date` is the one that the policy gives itself, ISO 8601, "" if none. `channelled` are the
    terms of rights of which the policy tells how to use them.
    """

    name: str
    title: str
    date: str
    notices: tuple[str, ...]
    said: tuple[Said, ...]
    practices: tuple[Practice, ...]
    text: str = ""
    channelled: frozenset[str] = frozenset()
    language: str = ""


def read_meaning(graph: Triples, name: str, *, text: str = "") -> Meaning:
    """Return what a graph says; `text` is the one that its grounds count on.

    GraphError: nothing in it is said in terms of the vocabulary. TableError: a damaged table.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address to send you our newsletter.")
    >>> [len(p.of("purpose")) for p in read_meaning(made.policy_graph, "x").practices]
    [1]
    """
    return _Reader(graph, name, text).meaning()


def meaning_of(made: Conversion, name: str) -> Meaning:
    """Return what a converted policy says.

    >>> from policy2dpv import convert
    >>> meaning_of(convert(b"We never sell your data."), "policy.md").name
    'policy.md'
    """
    return read_meaning(made.policy_graph, name, text=made.document.text)


class _Reader:
    """Reads one graph."""

    def __init__(self, graph: Triples, name: str, text: str) -> None:
        self.view = GraphView(graph)
        self.name, self.text = name, text
        self.rules: ComparisonRules = load_comparison()
        self.terms = load_modelling().terms

    def meaning(self) -> Meaning:
        placed = [*find_facts(self.view), *self._own_facts()]
        notices = tuple(
            node for node in self.view.out
            if self.terms["notice"] in self.view.objects(node, self.terms["type"])
        )  # fmt: skip
        if not placed:
            found = "nothing in it is said in terms of the vocabulary"
            raise GraphError(self.name, found, "give a privacy policy or its DPV graph")
        by_node: dict[str, list[PlacedFact]] = defaultdict(list)
        for one in placed:
            by_node[one.node].append(one)
        practices = [
            self._practice(node, found) for node, found in by_node.items() if node not in notices
        ]
        kept = sorted(filter(None, practices), key=practice_key)
        title = next((self._literal(node, "title") for node in notices), "")
        spoken = next((self._literal(node, "language") for node in notices), "")
        dates = (self._literal(node, name) for name in DATES for node in notices)
        return Meaning(
            name=self.name, title=title, date=next(filter(None, dates), ""), notices=notices,
            said=self._said(placed), practices=tuple(kept), text=self.text,
            channelled=frozenset(
                term for node, _ in self.view.pairs[self.terms["exercised_at"]]
                for term in self.view.terms(node)
            ),
            language=spoken,
        )  # fmt: skip

    def _literal(self, node: str, name: str) -> str:
        found = self.view.objects(node, self.terms[name])
        return text_of(found[0]) if found else ""

    def _own_facts(self) -> Iterator[PlacedFact]:
        """Facts of the properties that only comparisons look at."""
        asked = self._asked()
        for node, properties in self.view.out.items():
            own = frozenset(self.view.quotes(node))
            for prop, kind in self.rules.facts.items():
                if kind in BESIDE and own and own <= asked:
                    continue  # the right to have a decision reviewed tells of no decision
                for value, grounds in properties.get(prop, ()):
                    for term in self.view.terms(value):
                        fact = Fact(kind, term, polarity=self.view.polarity(node))
                        yield PlacedFact(node, fact, own, frozenset(), grounds)

    def _asked(self) -> frozenset[str]:
        """The clauses that tell of rights."""
        links = self.view.stick.links["fact"]
        nodes = [
            node for prop, kind in links.items() if kind == RIGHT
            for _, node in self.view.pairs[prop]
        ]  # fmt: skip
        return frozenset(quote for node in nodes for quote in self.view.quotes(node))

    def _said(self, placed: Iterable[PlacedFact]) -> tuple[Said, ...]:
        """The affirmed facts, each once, with the places that say them."""
        places: dict[Fact, set[Place]] = defaultdict(set)
        for one in placed:
            if one.fact.polarity != DENIED:
                quotes = one.quotes or one.further or frozenset(self._lines(one))
                words = tuple(sorted(set(self._words(one))))
                places[one.fact].add(Place(tuple(sorted(quotes)), words))
        return tuple(Said(fact, tuple(sorted(places[fact]))) for fact in sorted(places))

    def _words(self, placed: PlacedFact) -> Iterator[str]:
        for ground in placed.grounds:
            if 0 < ground.end - ground.start <= SPAN and ground.end <= len(self.text):
                yield self.text[ground.start : ground.end]

    def _lines(self, placed: PlacedFact) -> Iterator[str]:
        """The lines around a fact's grounds, for facts of the notice that quote no clause."""
        for ground in placed.grounds:
            if 0 < ground.end <= len(self.text):
                start = self.text.rfind("\n", 0, ground.start) + 1
                end = self.text.find("\n", ground.end)
                yield self.text[start : len(self.text) if end < 0 else end][:SPAN].strip()

    def _practice(self, node: str, placed: list[PlacedFact]) -> Practice | None:
        facts: dict[str, set[Fact]] = defaultdict(set)
        for one in placed:
            facts[one.fact.kind].add(one.fact)
        if not any(kind in facts for kind in self.rules.aligned):
            return None
        words: dict[Fact, tuple[str, ...]] = {}
        for one in placed:
            found = {*words.get(one.fact, ()), *self._words(one)}
            words[one.fact] = tuple(sorted(found))
        clauses = self.view.objects(node, self.terms["source"])
        return Practice(
            denied=node in self.view.denied,
            firmness=self._firmness(node),
            actor=self._actor(node),
            facts={kind: tuple(sorted(facts[kind])) for kind in sorted(facts)},
            quotes=tuple(sorted(self.view.quotes(node))),
            words=dict(sorted(words.items())),
            conditions=tuple(sorted(self._conditions(node))),
            sources=tuple(sorted({
                self._literal(text, "title")
                for clause in clauses
                for text in self.view.objects(clause, self.terms["has_source"])
                if isinstance(text, str)
            } - {""})),
        )  # fmt: skip

    def _firmness(self, node: str) -> int:
        return min(
            (
                firm for (prop, value), firm in self.rules.firmness.items()
                if value in self.view.objects(node, prop)
            ),
            default=FIRM,
        )  # fmt: skip

    def _actor(self, node: str) -> str:
        acting = self.view.objects(node, self.terms["implemented_by"])
        names = sorted({name_actor(self.view, party) for party in acting})
        return FIRST if FIRST in names or not names else names[0]

    def _conditions(self, node: str) -> Iterator[str]:
        for context in self.view.objects(node, self.terms["has_context"]):
            for words in self.view.objects(context, self.terms["description"]):
                yield text_of(words)


def practice_key(practice: Practice) -> tuple[object, ...]:
    """Return what practices are sorted by: what they say, never where they stand.

    >>> practice_key(Practice(denied=False, firmness=2, actor="user", facts={}))[:3]
    (False, 'user', -2)
    """
    facts = tuple(fact for kind in sorted(practice.facts) for fact in practice.facts[kind])
    return practice.denied, practice.actor, -practice.firmness, facts, practice.quotes
