"""A DPV graph, ours or another's -> the register of processing activities that it states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policy2dpv.bridges.register_model import Activity, Entry, Register, load_columns
from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_files import read_graphs
from policy2dpv.graphs.triples import Literal
from policy2dpv.knowledge.yardstick import load_yardstick
from policy2dpv.views.policy_facts import PolicyFacts, kinds_of_properties, read_facts
from policy2dpv.views.policy_statements import read_clauses

BASIS, SAFEGUARD, MEASURE = "legal_basis", "transfer_safeguard", "security_measure"
PARTIES = ("recipient", "controller", "data_source")
PURPOSE, RECIPIENT, PERIOD = "purpose", "recipient", "storage_duration"
PLACE, CONTACT, OFFICER = "transfer_destination", "contact", "dpo_contact"


def read_notice(path: Path) -> PolicyFacts:
    """Return the facts of the one notice of a graph file.

    Raises GraphError for a file that cannot be read, has no process and no notice of the DPV, or
    has several policies.

    >>> read_notice(Path("no-such.ttl"))
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: no-such.ttl: No such file or directory; give a graph file
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    graphs = read_graphs(path, load_vocabulary())
    told = [facts for facts in (read_facts(g.quads) for g in graphs) if facts.forms]
    if not told:
        found = "no process of the DPV stands in it"
        raise GraphError(path, found, "give a DPV graph; `vocab upgrade` moves an older one")
    if len(told) > 1:
        found = f"{len(told)} policies stand in it"
        raise GraphError(path, found, "give a file with one policy")
    notices = _notices(told[0])
    if len(notices) > 1:
        found = f"{len(notices)} notices stand in it: {', '.join(notices[:3])}"
        raise GraphError(path, found, "give a file with one policy")
    return told[0]


def _notices(facts: PolicyFacts) -> list[str]:
    classes = {facts.tables.terms["notice"], *facts.tables.notice_classes.values()}
    typed = [n for n in facts.laid if classes.intersection(facts.nodes(n, "type"))]
    return sorted(n for n in typed if facts.nodes(n, "has_process"))


def build_register(facts: PolicyFacts) -> Register:
    """Return the register that a graph states, one activity for each purpose, sorted.

    Art. 30(1) GDPR asks for purposes, subjects, data, recipients, transfers, time limits and
    measures. What is denied stands apart; of what others do, only that they are recipients.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address for marketing.")
    >>> [activity.purpose.label for activity in
    ...     build_register(PolicyFacts(made.policy_graph.triples)).activities]
    ['Marketing']
    """
    return GraphReader(facts).register()


class GraphReader:
    """Reads the values of a graph's nodes as entries of a register.

    >>> GraphReader(PolicyFacts([])).register().activities
    ()
    """

    def __init__(self, facts: PolicyFacts) -> None:
        self.facts, self.known = facts, facts.vocabulary
        self.stick = load_yardstick()
        self.kinds = kinds_of_properties(facts.tables)
        self.columns = {column.kind: column for column in load_columns() if column.kind}
        slots = facts.tables.slots
        self.controllers = self._behind(slots["controller"].property)
        self.clauses = read_clauses(facts)

    def register(self) -> Register:
        """The whole register."""
        rows: dict[Entry | None, dict[Entry, None]] = {}
        words: dict[Entry | None, dict[str, None]] = {}
        denied: set[Entry] = set()
        said: dict[Entry, dict[str, None]] = {}
        for node, form in self.facts.forms.items():
            found = list(dict.fromkeys(self.entries(node)))
            if form == "denied":
                denied.update(self._plainly_denied(node, found))
                continue
            for entry in found:
                said.setdefault(entry, {}).update(dict.fromkeys(self.quotes(node)))
            purposes: list[Entry | None] = [e for e in found if e.kind == PURPOSE]
            rest = [e for e in found if e.kind != PURPOSE]
            for purpose in purposes or ([None] if rest else []):
                rows.setdefault(purpose, {}).update(dict.fromkeys(rest))
                words.setdefault(purpose, {}).update(dict.fromkeys(self.quotes(node)))
        ordered = sorted(rows, key=lambda one: (one is None, one or Entry("", "")))
        activities = tuple(
            Activity(one, tuple(sorted(rows[one])), tuple(words[one])) for one in ordered
        )
        return Register(
            activities,
            tuple(sorted(set(self.notice_facts()))),
            tuple(sorted(denied)),
            frozenset(kind for kind, column in self.columns.items() if column.tie),
            frozenset(self.columns),
            quotes={entry: tuple(said[entry]) for entry in sorted(said)},
        )

    def entries(self, node: str) -> Iterator[Entry]:
        """The values of a process or a denial that a register has columns for."""
        ours = self._is_ours(node)
        moved = self._is_transfer(node)
        slots, terms = self.facts.tables.slots, self.facts.tables.terms
        for prop, values in self.facts.laid.get(node, {}).items():
            if prop == terms["has_storage_condition"] and ours:
                for kept in (v for v in values if isinstance(v, str)):
                    for period in self.facts.objects(kept, slots[PERIOD].property):
                        yield self.entry(PERIOD, period)
                continue
            kind = self.kinds.get(prop, "")
            if kind == PLACE and prop == slots[PLACE].property and not moved:
                continue  # where data lies, not where it goes
            for value in values if ours or kind == RECIPIENT else ():
                found = self.entry(kind, value)
                if self.columns.get(found.kind) and self.columns[found.kind].level == "row":
                    yield found

    def entry(self, kind: str, value: object) -> Entry:
        """One value with its words and terms."""
        if not isinstance(value, str):
            return Entry(kind, value.text if isinstance(value, Literal) else str(value))
        terms = self.terms(value)
        if kind in (BASIS, SAFEGUARD, MEASURE):
            plain = BASIS if kind == BASIS else MEASURE
            sort = {self.stick.kind_of(plain, term) for term in terms}
            kind = SAFEGUARD if SAFEGUARD in sort else plain
        code = self.facts.words(value, "value") if kind == PERIOD else ""
        name = self.facts.words(value, "name") if kind in PARTIES else ""
        return Entry(kind, self.facts.label(value), terms, name, code)

    def terms(self, node: str) -> tuple[str, ...]:
        """The terms that a node stands for, without the generic ones if there are others."""
        curie = self.known.curie(node)
        if self.known.has(curie):
            return (curie,)
        names = ("broader", "close_match", "type")
        near = {self.known.curie(o) for name in names for o in self.facts.nodes(node, name)}
        found = {term for term in near if self.known.has(term)}
        return tuple(sorted(found.difference(self.stick.rows["generic"]) or found))

    def notice_facts(self) -> Iterator[Entry]:
        """The controllers and how they and their officer can be reached."""
        for node in sorted(self.controllers):
            if name := self.facts.words(node, "name") or self.facts.words(node, "label"):
                yield Entry("controller", name, name=name)
            yield from self._reached(CONTACT, node)
            for officer in self.facts.nodes(node, "has_officer"):
                yield from self._reached(OFFICER, officer)

    def quotes(self, node: str) -> list[str]:
        """The words of the clauses that state a node."""
        found = (self.clauses.get(clause) for clause in self.facts.nodes(node, "source"))
        return [" ".join(clause.quote.split()) for clause in found if clause and clause.quote]

    def _reached(self, kind: str, node: str) -> Iterator[Entry]:
        for name in ("has_contact", "has_address"):
            for value in self.facts.objects(node, self.facts.tables.terms[name]):
                text = value.text if isinstance(value, Literal) else value
                yield Entry(kind, text.removeprefix("mailto:").removeprefix("tel:"))

    def _behind(self, prop: str) -> frozenset[str]:
        values = (v for said in self.facts.laid.values() for v in said.get(prop, ()))
        return frozenset(v for v in values if isinstance(v, str))

    def _is_ours(self, node: str) -> bool:
        """Whether the controller acts, or nobody is named."""
        actors = self.facts.nodes(node, "implemented_by")
        return not actors or not self.controllers or bool(self.controllers.intersection(actors))

    def _is_transfer(self, node: str) -> bool:
        mark = self.stick.rows["mark"]["transfer"]
        prop = self.facts.tables.slots["processing"].property
        said = (*self.facts.objects(node, prop), *self.facts.nodes(node, "type"))
        return any(mark in self.known.curie(one) for one in said if isinstance(one, str))

    def _plainly_denied(self, node: str, found: list[Entry]) -> Iterator[Entry]:
        """What a denial denies outright: its purposes or its recipients.

        Not where both stand together, where a condition, certain data or persons narrow it.
        """
        purposes, recipients = ([e for e in found if e.kind == k] for k in (PURPOSE, RECIPIENT))
        narrow = [e for e in found if e.kind in ("personal_data", "data_subject")]
        generic = self.stick.rows["generic"]
        narrowed = any(term not in generic for e in narrow for term in e.terms)
        if not (narrowed or (purposes and recipients) or self.facts.nodes(node, "has_context")):
            yield from (*purposes, *recipients)
