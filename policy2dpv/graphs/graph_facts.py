"""What a policy's graph states, as facts and practices that can be held against gold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from policy2dpv.graphs.graph_view import AFFIRMED, GraphView, Triples, text_of
from policy2dpv.graphs.triples import Ground, Grounds, Object
from policy2dpv.graphs.triples import Literal as Words

FIRST, USER, THIRD = "first_party", "user", "third_party"
SCHEMES = re.compile(r"(?:mailto:)?(?:tel:)?")
MONTHS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class Fact(msgspec.Struct, frozen=True, order=True):
    """One thing that a policy states, each once; "" where there is no name or value."""

    kind: str
    term: str
    name: str = ""
    value: str = ""
    polarity: str = AFFIRMED

    def __str__(self) -> str:
        said = (self.kind, self.term, self.name, self.value, self.polarity)
        return " ".join(part for part in said if part)


class StatedFact(msgspec.Struct, frozen=True):
    """A fact with the quotes of the clauses that say it and the grounds of its triples."""

    fact: Fact
    quotes: frozenset[str]
    grounds: Grounds = ()

    @property
    def confidence(self) -> float:
        """How sure the surest ground is; 1 for a fact that rests on none."""
        return max((ground.confidence for ground in self.grounds), default=1.0)


class PlacedFact(msgspec.Struct, frozen=True):
    """A fact at one node: the quotes of the node, further ones of its value, and its grounds."""

    node: str
    fact: Fact
    quotes: frozenset[str]
    further: frozenset[str]
    grounds: Grounds = ()


class StatedPractice(msgspec.Struct, frozen=True):
    """What one node ties together: terms by field with how sure each is, who acts, and where."""

    node: str
    polarity: str
    terms: Mapping[str, Mapping[str, float]]
    actors: frozenset[str] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()

    def surer(self, least: float) -> StatedPractice:
        """Return the practice without the terms that are less sure."""
        terms = {
            field: {term: sure for term, sure in found.items() if sure >= least}
            for field, found in self.terms.items()
        }
        return msgspec.structs.replace(self, terms=terms)


def read_facts(graph: Triples) -> list[StatedFact]:
    """Return the facts that a graph states, sorted. Raises TableError for a damaged table.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address to send you our newsletter.")
    >>> [str(one.fact) for one in read_facts(made.policy_graph) if "Email" in one.fact.term]
    ['personal_data pd:EmailAddress affirmed']
    """
    view = GraphView(graph)
    quotes: dict[Fact, set[str]] = defaultdict(set)
    grounds: dict[Fact, dict[Ground, None]] = defaultdict(dict)
    for placed in find_facts(view):
        quotes[placed.fact] |= placed.quotes | placed.further
        grounds[placed.fact].update(dict.fromkeys(placed.grounds))
    return [StatedFact(f, frozenset(quotes[f]), tuple(grounds[f])) for f in sorted(quotes)]


def find_facts(view: GraphView) -> Iterator[PlacedFact]:
    """Yield each fact at each node that states it, in the graph's order.

    >>> from policy2dpv import convert
    >>> view = GraphView(convert(b"We never sell your data.").policy_graph)
    >>> {placed.fact.polarity for placed in find_facts(view) if placed.node in view.denied}
    {'denied'}
    """
    return _Facts(view).found()


def read_practices(graph: Triples) -> list[StatedPractice]:
    """Return what each node of a graph ties together. Raises TableError for a damaged table.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address to send you our newsletter.")
    >>> [len(p.terms["data"]) for p in read_practices(made.policy_graph) if p.actors]
    [1]
    """
    view = GraphView(graph)
    return [_practice(view, node) for node in view.out]


class _Facts:
    """Reads the facts of a view, property by property."""

    def __init__(self, view: GraphView) -> None:
        self.view = view
        self.stick = view.stick
        self.inner = view.values_of("condition")
        ours, theirs = view.values_of("ours"), view.values_of("theirs")
        theirs |= view.values_of("recipient")
        self.parties, self.others = theirs | ours, theirs - ours
        self.readers = {
            sort: getattr(self, f"_{sort}")
            for sort in ("fact", "recipient", "country", "location", "condition", "contact")
        }

    def found(self) -> Iterator[PlacedFact]:
        """Yield each fact at each place that states it."""
        sorts = [(s, p) for s in self.readers for p in self.stick.links[s]]
        for node, properties in self.view.out.items():
            if self.view.curie(node):
                continue
            own = frozenset(self.view.quotes(node))
            for sort, prop in sorts:
                for value, grounds in properties.get(prop, ()):
                    known = self.view.curie(value)
                    further = frozenset(() if known else self.view.quotes(value))
                    for kind, term, name, words in self.readers[sort](node, prop, value):
                        fact = Fact(kind, term, name, words, self.view.polarity(node))
                        yield PlacedFact(node, fact, own, further, grounds)

    def _fact(self, node: str, prop: str, value: Object) -> Iterator[tuple[str, str, str, str]]:
        kind = self.stick.links["fact"][prop]
        own = self.view.curie(value)
        party = self.stick.links["source_party"].get(prop)
        mark = self.stick.rows["mark"].get(kind, "")
        if party and not own and not any(mark in c for c in self.view.classes(value)):
            yield kind, party, self.view.name(value), ""
            return
        name = ""
        if kind in ("controller", "data_source") and not own:
            name = self.view.name(value)
        elif kind == "technology" and (
            providers := self.view.objects(value, *self.stick.links["provider"])
        ):
            name = self.view.name(providers[0])
        terms = self.view.terms(value)
        if not terms and kind == "controller":
            terms = (self.stick.default(kind),)
        for term in terms:
            measured = kind in ("legal_basis", "security_measure")
            yield self.stick.kind_of(kind, term) if measured else kind, term, name, ""

    def _recipient(
        self, node: str, prop: str, value: Object
    ) -> Iterator[tuple[str, str, str, str]]:
        kind, role = "recipient", self.stick.links["recipient"][prop]
        classes = self.view.classes(value) or (role or self.stick.default(kind),)
        proper = next(iter(self.stick.links["name"]))
        words = "" if self.view.curie(value) else self.view.name(value)
        term = "|".join(sorted({*classes, role} - {""}))
        yield kind, term, self.view.name(value, [proper]), words

    def _country(self, node: str, prop: str, value: Object) -> Iterator[tuple[str, str, str, str]]:
        for term in self.view.terms(value):
            yield "transfer_destination", term, "", self.view.name(value)

    def _location(self, node: str, prop: str, value: Object) -> Iterator[tuple[str, str, str, str]]:
        names = self.view.names
        types = self.view.objects(node, names["type"])
        if node in self.inner or node in self.parties or names["notice"] in types:
            return
        processing = self.view.objects(node, self.stick.columns["processing"])
        here = [term for operation in processing for term in self.view.terms(operation)]
        mark = self.stick.rows["mark"]["transfer"]
        moved = any(mark in term for term in (*here, *map(self.view.curie, types)))
        kind = "transfer_destination" if moved else "storage_location"
        for term in self.view.terms(value):
            yield kind, term, "", self.view.name(value)

    def _condition(
        self, node: str, prop: str, value: Object
    ) -> Iterator[tuple[str, str, str, str]]:
        for place in self.view.objects(value, *self.stick.links["location"]):
            for term in self.view.terms(place):
                yield "storage_location", term, "", self.view.name(place)
        for length in self.view.objects(value, *self.stick.links["length"]):
            kind = "storage_duration"
            terms = self.view.terms(length) or (self.stick.default(kind),)
            yield kind, terms[0], "", self._length(length)

    def _length(self, node: Object) -> str:
        if isinstance(node, Words):
            return node.text
        said = self.view.name(node, self.stick.links["words"])
        return plain_period(said) or self.view.name(node)

    def _contact(self, node: str, prop: str, value: Object) -> Iterator[tuple[str, str, str, str]]:
        if node not in self.others:
            kind = "contact"
            yield kind, self.stick.default(kind), "", SCHEMES.sub("", text_of(value), count=1)


def plain_period(text: str) -> str:
    """Return equal xsd:durations in one form, in months and seconds; other text as it is.

    >>> plain_period("P1Y6M") == plain_period("P18M"), plain_period("until then")
    (True, 'until then')
    """
    found = MONTHS.fullmatch(text)
    if not found or len(text) < 3:
        return text
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    years, months = divmod(years * 12 + months, 12)
    minutes, seconds = divmod(seconds + 60 * minutes + 3600 * hours + 86400 * days, 60)
    date = [f"{count}{unit}" for count, unit in ((years, "Y"), (months, "M")) if count]
    days, minutes = divmod(minutes, 1440)
    date += [f"{days}D"] if days else []
    hours, minutes = divmod(minutes, 60)
    time = [f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n]
    return "P" + "".join(date) + ("T" + "".join(time) if time else "")


def _practice(view: GraphView, node: str) -> StatedPractice:
    """One node's terms by field; a party's classes stand without the most generic one."""
    properties = view.out[node]
    anybody = view.stick.default("recipient")

    def surest(
        props: Iterable[str], terms_of: Callable[[Object], Iterable[str]]
    ) -> dict[str, float]:
        found: dict[str, float] = {}
        for value, grounds in (pair for prop in props for pair in properties.get(prop, ())):
            sure = max((ground.confidence for ground in grounds), default=1.0)
            for term in terms_of(value):
                found[term] = max(sure, found.get(term, 0.0))
        return found

    def classes(party: Object) -> Iterable[str]:
        return [c for c in view.classes(party) if c != anybody] or (anybody,)

    terms = {field: surest([prop], view.terms) for field, prop in view.stick.columns.items()}
    terms["recipients"] = surest(view.stick.links["recipient"], classes)
    acting = properties.get(view.names["implemented_by"], ())
    spans = {(g.start, g.end) for _, grounds in acting for g in grounds}
    actors = frozenset(name_actor(view, value) for value, _ in acting)
    return StatedPractice(node, view.polarity(node), terms, actors, tuple(sorted(spans)))


def name_actor(view: GraphView, party: Object) -> str:
    """Return who a party is: the first party, the user, a third party, or a name.

    >>> from policy2dpv import convert
    >>> view = GraphView(convert(b"We never sell your data.").policy_graph)
    >>> name_actor(view, "urn:somebody")
    'third_party'
    """
    controllers = next(iter(view.stick.links["ours"]))
    if any(party == value for _, value in view.pairs[controllers]):
        return FIRST
    if name := view.name(party, [next(iter(view.stick.links["name"]))]):
        return name
    types = view.objects(party, view.names["type"])
    return USER if view.names["user"] in types else THIRD
