"""What a policy's graph states, one statement a node, as pages and the JSON API show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal as OneOf

import msgspec

from policy2dpv.data import PACKAGE
from policy2dpv.graphs.triples import Ground, Literal, Triple
from policy2dpv.knowledge.rows import read_table
from policy2dpv.views.policy_facts import PolicyFacts, kinds_of_properties

Form = OneOf["practice", "denied", "fact"]
Firmness = OneOf["", "possible", "permitted", "obliged"]
NUMBER = 10  # digits of a position at the most


class Display(msgspec.Struct, frozen=True):
    """How a kind of value is shown: the group it stands in and its heading."""

    kind: str
    group: str
    heading: str


class Value(msgspec.Struct, frozen=True):
    """One value of a statement: its kind, IRI, what it is called and the term it rolls up to."""

    kind: str
    iri: str
    label: str
    term: str


class ClauseText(msgspec.Struct, frozen=True):
    """A clause: its words and their place in the canonical text; -1 where the graph gives none."""

    iri: str
    start: int
    end: int
    quote: str
    prefix: str = ""
    suffix: str = ""


class Reason(msgspec.Struct, frozen=True):
    """Why a value is there: the words, what decided, and how sure that is (0 to 1)."""

    label: str
    start: int
    end: int
    decided_by: str
    confidence: float


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a policy states.

    `form` tells whether it is practised, denied, or a fact of the whole notice (a right, a party);
    `firmness` whether it is merely possible, permitted or a duty. `conditions` are the policy's
    own words. `clauses` are the IRIs of the clauses that say it.
    """

    id: str
    iri: str
    form: Form
    firmness: Firmness = ""
    actors: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    conditions: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def labels(self, kind: str) -> tuple[str, ...]:
        """What the values of a kind are called.

        >>> StatementView(id="a", iri="urn:a", form="practice").labels("purpose")
        ()
        """
        return tuple(value.label for value in self.values if value.kind == kind)


@cache
def load_display() -> Mapping[str, Display]:
    """Return how each kind of value is shown. TableError: the table is damaged.

    >>> load_display()["storage_location"].group
    'place'
    """
    rows = read_table(PACKAGE / "templates" / "kinds.tsv")
    return {row["kind"]: Display(row["kind"], row["group"], row["heading"]) for row in rows}


def read_clauses(facts: PolicyFacts) -> dict[str, ClauseText]:
    """Return the clauses of a graph by IRI, in the order in which they stand in the text.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address.")
    >>> [c.quote for c in read_clauses(PolicyFacts(made.policy_graph.triples)).values()]
    ['We use your email address.']
    """
    found = [_clause(facts, node) for node in facts.typed("clause")]
    found.sort(key=lambda clause: (clause.start, -clause.end, clause.iri))
    return {clause.iri: clause for clause in found}


def _clause(facts: PolicyFacts, node: str) -> ClauseText:
    start = end = -1
    exact = before = after = ""
    for selector in facts.nodes(node, "has_selector"):
        kinds = facts.nodes(selector, "type")
        if facts.tables.terms["position_selector"] in kinds:
            start, end = (_count(facts.words(selector, name)) for name in ("start", "end"))
        if facts.tables.terms["quote_selector"] in kinds:
            exact, before, after = (
                facts.words(selector, name) for name in ("exact", "prefix", "suffix")
            )
    return ClauseText(node, start, end, exact, before, after)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER else -1


def read_statements(
    facts: PolicyFacts, grounds: Mapping[Triple, Sequence[Ground]] | None = None
) -> list[StatementView]:
    """Return what a graph states: its processes and denials, then the facts of the notice.

    `grounds` say why each triple is there, as the conversion or an evidence graph has it.

    >>> from policy2dpv import convert
    >>> made = convert(b"We will never sell your data.")
    >>> [said.form for said in read_statements(PolicyFacts(made.policy_graph.triples))][0]
    'denied'
    """
    reader = _Reader(facts, grounds or {})
    found = [reader.said(node, form) for node, form in facts.forms.items()]
    place = {iri: at for at, iri in enumerate(read_clauses(facts))}
    last = len(place)
    found.sort(key=lambda said: (min((place.get(c, last) for c in said.clauses), default=last),
                                 said.iri))  # fmt: skip
    return [*found, *reader.notice_facts()]


class _Reader:
    """Reads the statements of one graph."""

    def __init__(self, facts: PolicyFacts, grounds: Mapping[Triple, Sequence[Ground]]) -> None:
        self.facts, self.grounds = facts, grounds
        self.kinds = kinds_of_properties(facts.tables)
        self.display = load_display()
        self.clauses = set(facts.typed("clause"))

    def said(self, node: str, form: str) -> StatementView:
        """The statement that a process or a denial makes."""
        facts, denied = self.facts, form == "denied"
        values = tuple(dict.fromkeys(self.values(node)))
        return StatementView(
            id=short_name(node),
            iri=node,
            form="denied" if denied else "practice",
            firmness="" if denied else self.firmness(node),
            actors=tuple(facts.label(actor) for actor in facts.nodes(node, "implemented_by")),
            values=values,
            conditions=tuple(self.conditions(node)),
            clauses=self.sources(node),
            reasons=tuple(self.reasons(node)),
        )

    def firmness(self, node: str) -> Firmness:
        """How firmly a process is stated."""
        terms = self.facts.tables.terms
        if terms["possible"] in self.facts.nodes(node, "modality"):
            return "possible"
        rules = self.facts.nodes(node, "has_rule")
        rules += tuple(t for rule in rules for t in self.facts.nodes(rule, "type"))
        if terms["permitted"] in rules:
            return "permitted"
        return "obliged" if terms["obliged"] in rules else ""

    def values(self, node: str) -> Iterator[Value]:
        """The values of a node, those of its storage conditions among them."""
        terms = self.facts.tables.terms
        storage, context = terms["has_storage_condition"], terms["has_context"]
        told = {n for n in self.facts.nodes(node, "has_context")
                if terms["condition"] in self.facts.nodes(n, "type")}  # fmt: skip
        for term, found in self.facts.laid.get(node, {}).items():
            for value in found:
                if term == storage and isinstance(value, str):
                    yield from self.stored(value)
                elif term == context and value in told:
                    continue  # a condition, not a kind of automation
                elif term in self.kinds:
                    yield self.value(self.kinds[term], value)

    def stored(self, condition: str) -> Iterator[Value]:
        """How long and where data is kept, by a storage condition."""
        slots = self.facts.tables.slots
        for kind in ("storage_duration", "storage_location"):
            for value in self.facts.objects(condition, slots[kind].property):
                yield self.value(kind, value)

    def value(self, kind: str, value: object) -> Value:
        """One value, with the vocabulary's term nearest to it."""
        if not isinstance(value, str):
            return Value(kind, "", value.text if isinstance(value, Literal) else "", "")
        facts, known = self.facts, self.facts.vocabulary
        near = (value, *facts.nodes(value, "broader"), *facts.nodes(value, "type"))
        terms = (known.curie(iri) for iri in near)
        label = facts.label(value)
        if not facts.words(value, "label") and (plain := facts.words(value, "value")):
            label = plain
        return Value(kind, value, label, next((t for t in terms if known.has(t)), ""))

    def conditions(self, node: str) -> Iterator[str]:
        """The words of the conditions and exceptions of a node."""
        for context in self.facts.nodes(node, "has_context"):
            if words := self.facts.words(context, "description"):
                yield words

    def sources(self, node: str) -> tuple[str, ...]:
        """The clauses that say a node."""
        return tuple(c for c in self.facts.nodes(node, "source") if c in self.clauses)

    def reasons(self, node: str) -> Iterator[Reason]:
        """Why each triple of a node is there."""
        said, terms = self.facts.laid.get(node, {}), self.facts.tables.terms
        wanted = {*self.kinds, terms["has_storage_condition"]} - {terms["has_context"]}
        found: dict[Reason, None] = {}
        for term in wanted & said.keys():
            for value in said[term]:
                label = self.value(self.kinds.get(term, ""), value).label
                found.update(dict.fromkeys(self.grounds_of((node, term, value), label)))
        yield from sorted(found, key=lambda r: (r.start, r.end, r.label, r.decided_by))

    def grounds_of(self, triple: Triple, label: str) -> Iterator[Reason]:
        """Why one triple is there."""
        for g in self.grounds.get(triple, ()):
            yield Reason(label, g.start, g.end, g.source, g.confidence)

    def notice_facts(self) -> Iterator[StatementView]:
        """The rights that the notice grants and the parties that stand behind it."""
        facts, notice = self.facts, self.facts.notice()
        for term, found in facts.laid.get(notice, {}).items():
            kind = self.kinds.get(term)
            for value in found if kind in ("right", "controller") else ():
                if isinstance(value, str):
                    own = self.value(str(kind), value)
                    yield StatementView(
                        id=short_name(value), iri=value, form="fact",
                        values=tuple(dict.fromkeys((own, *self.party(value)))),
                        clauses=self.sources(value),
                        reasons=tuple(self.grounds_of((notice, term, value), own.label)),
                    )  # fmt: skip

    def party(self, node: str) -> Iterator[Value]:
        """Where a party can be reached."""
        for name in ("has_contact", "has_address"):
            for value in self.facts.objects(node, self.facts.tables.terms[name]):
                if isinstance(value, Literal):
                    yield Value("contact", "", value.text, "")


def short_name(iri: str) -> str:
    """Return what follows the fragment sign of an IRI, or a name made of its last part.

    >>> short_name("urn:uuid:1#pab"), short_name("https://a.example/x y")
    ('pab', 'n-x-y')
    """
    head, mark, tail = iri.rpartition("#")
    name = tail if mark else "n-" + head.rpartition("/")[2] + tail.rpartition("/")[2]
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)


def group_by_purpose(
    said: Iterable[StatementView],
) -> list[tuple[str, tuple[StatementView, ...]]]:
    """Return practices and denials by their first purpose, in reading order; "" for none.

    >>> group_by_purpose([])
    []
    """
    groups: dict[str, list[StatementView]] = {}
    for one in said:
        if one.form != "fact":
            purposes = one.labels("purpose")
            groups.setdefault(purposes[0] if purposes else "", []).append(one)
    rest = groups.pop("", None)
    ordered = list(groups.items()) + ([("", rest)] if rest else [])
    return [(name, tuple(found)) for name, found in ordered]
