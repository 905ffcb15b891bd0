"""What a graph states, under the names that vocab/bridges/tilt.tsv takes it by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from policy2dpv.bridges.register_graph import PERIOD, PLACE, PURPOSE, RECIPIENT, GraphReader
from policy2dpv.bridges.register_model import Entry
from policy2dpv.graphs.triples import Literal
from policy2dpv.views.policy_facts import PolicyFacts

Item = Mapping[str, Any]
DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
DURATION = re.compile(r"P(?=[\dT])(?:\d+[YMD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")  # xsd:duration
PHONE = re.compile(r"[+(]?[\d(][\d\s()./-]{4,}")


def tilt_content(facts: PolicyFacts, data: bytes, *, time: str | None = None) -> Item:
    """Return what a notice states. `data` is hashed where the graph has no hash of the text.

    `time` (ISO 8601) stands for the dates that the notice does not state.

    >>> tilt_content(PolicyFacts([]), b"")["data"]
    []
    """
    return _Content(GraphReader(facts)).root(data, time)


class _Content:
    """Gathers the content of one notice."""

    def __init__(self, reader: GraphReader) -> None:
        self.reader, self.facts = reader, reader.facts
        self.notice = self.facts.notice()
        self.said = [
            (node, list(dict.fromkeys(reader.entries(node))))
            for node, form in self.facts.forms.items()
            if form == "practice"
        ]

    def root(self, data: bytes, time: str | None) -> Item:
        facts, known = self.facts, self.facts.words
        controller = self.party(sorted(self.reader.controllers))
        modified = [*_dates(known(self.notice, "modified"))]
        dates = sorted([*_dates(known(self.notice, "issued")), *_dates(known(self.notice, "valid")),
                        *modified])  # fmt: skip
        pages = facts.nodes(self.notice, "page")
        version = known(self.notice, "version")
        return {
            "id": self.notice,
            "controller_name": controller.get("name", ""),
            "created": dates[0] if dates else time or "",
            "modified": next(iter(modified or dates[-1:]), time or ""),
            "version": int(version) if version.isdigit() and 0 < int(version) < 10**9 else "",
            "language": known(self.notice, "language").partition("-")[0].lower(),
            "page": next(iter(pages), self.notice),
            "hash": self.hash(data),
            "controller": controller,
            "officer": self.party([o for c in sorted(self.reader.controllers)
                                   for o in facts.nodes(c, "has_officer")]),
            "data": self.data(),
            "transfers": self.transfers(),
            "rights": self.rights(),
            "sources": self.sources(),
            "automation": self.others("automated_decision", "processing"),
        }  # fmt: skip

    def hash(self, data: bytes) -> str:
        """The SHA-256 of the policy's text, else of the graph file."""
        import hashlib

        for node in sorted(self.facts.laid):
            found = self.facts.words(node, "identifier").removeprefix("sha256:")
            if re.fullmatch(r"[0-9a-f]{64}", found):
                return found
        return hashlib.sha256(data).hexdigest()

    def party(self, nodes: Iterable[str]) -> dict[str, Any]:
        """The first party's name, and how the parties can be reached."""
        facts, found = self.facts, dict[str, Any]()
        for node in nodes:
            name = facts.words(node, "name") or facts.words(node, "label")
            found.setdefault("name", name) if name else None
            for prop in ("has_contact", "has_address"):
                for value in facts.objects(node, facts.tables.terms[prop]):
                    text = value.text if isinstance(value, Literal) else value
                    plain = text.removeprefix("mailto:").removeprefix("tel:")
                    found.setdefault(_way(plain), plain)
            places = [e.terms for e in map(self.place, self.places(node)) if e.terms]
            found.setdefault("country", places[0][0]) if places else None
        if "country" not in found and (place := self.country_in(found.get("address", ""))):
            found["country"] = place
        return found

    def places(self, node: str) -> list[object]:
        slots, roles = self.facts.tables.slots, self.facts.tables.roles
        props = [role.property for role in roles[PLACE]] + [slots[PLACE].property]
        return [v for prop in props for v in self.facts.objects(node, prop)]

    def place(self, value: object) -> Entry:
        return self.reader.entry(PLACE, value)

    def country_in(self, address: str) -> str:
        """The country whose name ends an address."""
        from policy2dpv.bridges.register_terms import labelled

        last = re.split(r"[,·\n]", address)[-1].strip()
        return next(iter(labelled(PLACE, last)), "") if last else ""

    def data(self) -> list[Item]:
        """The categories of data, each with all that is stated beside it."""
        kind = "personal_data"
        groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, list[Entry]]]] = {}
        for node, entries in self.said:
            own = [e for e in entries if e.kind == kind]
            for entry in own or [self.any_data()] if entries else ():
                groups.setdefault((entry.label, entry.terms), []).append((node, entries))
        return [
            self.category(label, terms, beside) for (label, terms), beside in sorted(groups.items())
        ]

    def any_data(self) -> Entry:
        """The category of data where none is named."""
        return self.reader.entry("personal_data", self.facts.tables.terms["any_data"])

    def category(
        self, label: str, terms: tuple[str, ...], beside: list[tuple[str, list[Entry]]]
    ) -> Item:
        def of(kind: str) -> list[Item]:
            found: dict[Entry, list[str]] = {}
            for node, entries in beside:
                for entry in (e for e in entries if e.kind == kind):
                    found.setdefault(entry, []).extend(self.reader.quotes(node))
            return [self.item(entry, words) for entry, words in sorted(found.items())]

        periods = of(PERIOD)
        timed = [p for p in periods if DURATION.fullmatch(p["code"])]
        events = [p["label"] for p in periods if p not in timed]
        needs = [n for node, _ in beside for n in self.others("necessity", node=node)]
        needed = [entries for node, entries in beside if self.others("necessity", node=node)]
        bases = [e for entries in needed for e in entries if e.kind == "legal_basis"]
        return {
            "id": " ".join(terms) or label,
            "label": label,
            "purposes": of(PURPOSE),
            "bases": of("legal_basis"),
            "recipients": of(RECIPIENT),
            "storage": [{"periods": timed, "events": events}] if periods else [],
            "necessity": [t for need in needs for t in need["terms"]],
            "necessity_basis": [term for basis in bases for term in basis.terms],
        }

    def item(self, entry: Entry, words: Iterable[str]) -> Item:
        """An entry's words, terms and quotes."""
        labels = [self.facts.vocabulary.label(t) for t in entry.terms]
        telling = [label for term, label in zip(entry.terms, labels, strict=True)
                   if term not in self.reader.stick.rows["generic"]]  # fmt: skip
        category = ", ".join(telling or labels[:1])
        return {
            "id": " ".join(entry.terms) or entry.label, "label": entry.label, "name": entry.name,
            "category": category if entry.name else entry.label, "code": entry.code,
            "terms": list(entry.terms), "term": next(iter(entry.terms), entry.label),
            "words": "\n".join(dict.fromkeys(words)),
        }  # fmt: skip

    def transfers(self) -> list[Item]:
        """The countries that data goes to, with the safeguards beside them."""
        found: dict[Entry, dict[Entry, None]] = {}
        for _, entries in self.said:
            for place in (e for e in entries if e.kind == PLACE):
                guards = [e for e in entries if e.kind in ("transfer_safeguard", "legal_basis")]
                found.setdefault(place, {}).update(dict.fromkeys(guards))
        return [
            {**self.item(place, []), "safeguards": [self.item(e, []) for e in sorted(found[place])]}
            for place in sorted(found)
        ]

    def rights(self) -> list[Item]:
        """The rights with how to use them."""
        tables = self.facts.tables
        props = [tables.slots["right"].property, *(r.property for r in tables.roles["right"])]
        nodes = [v for p in props for v in self.facts.objects(self.notice, p) if isinstance(v, str)]
        found: list[Item] = []
        for node in dict.fromkeys(nodes):
            item = dict(self.item(self.reader.entry("right", node), self.reader.quotes(node)))
            for channel in self.facts.nodes(node, "exercised_at"):
                for value in self.facts.objects(channel, tables.terms["has_contact"]):
                    text = value.text if isinstance(value, Literal) else value
                    plain = text.removeprefix("mailto:")
                    item.setdefault("email" if "@" in plain else "page", plain)
            found.append(item)
        return found

    def sources(self) -> list[Item]:
        """The categories of data with the sources they come from."""
        found: dict[str, dict[Entry, None]] = {}
        prop = self.facts.tables.slots["data_source"].property
        for node, entries in self.said:
            named = [self.reader.entry("data_source", v) for v in self.facts.objects(node, prop)]
            for label in sorted(e.label for e in entries if e.kind == "personal_data"):
                found.setdefault(label, {}).update(dict.fromkeys(named))
        return [
            {"id": label, "label": label, "sources": [self.item(e, []) for e in sorted(all_)]}
            for label, all_ in sorted(found.items()) if all_
        ]  # fmt: skip

    def others(self, *kinds: str, node: str | None = None) -> list[Item]:
        """Values of kinds that a register has no column for, of one node or of all."""
        tables, found = self.facts.tables, dict[Entry, None]()
        roles = [role for kind in kinds for role in tables.roles.get(kind, ())]
        props = {tables.slots[kind].property for kind in kinds} | {r.property for r in roles}
        for one in [node] if node is not None else [n for n, _ in self.said]:
            for prop in sorted(props):
                values = self.facts.objects(one, prop)
                found.update(dict.fromkeys(self.reader.entry(kinds[0], v) for v in values))
        return [self.item(entry, []) for entry in sorted(found)]


def _dates(text: str) -> Iterator[str]:
    """The days, months and years of ISO 8601 in a text that there can be."""
    for found in DATE.findall(text):
        try:
            date.fromisoformat(f"{found}-01-01"[:10])
        except ValueError:
            continue
        yield found


def _way(text: str) -> str:
    """What a contact is: an e-mail address, a telephone number, a page or a postal address."""
    if "@" in text and not re.search(r"\s", text):
        return "email"
    if "://" in text:
        return "page"
    return "phone" if PHONE.fullmatch(text) else "address"
