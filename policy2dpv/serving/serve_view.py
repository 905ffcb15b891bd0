"""A policy laid out for its page: numbered clauses, runs of text to light, cards of statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal as OneOf

import msgspec

from policy2dpv.serving.serve_site import PolicyPage
from policy2dpv.views.policy_statements import (
    ClauseText,
    Reason,
    StatementView,
    Value,
    group_by_purpose,
    load_display,
)
from policy2dpv.views.policy_text import Piece, Run, Section
from policy2dpv.views.text_fragments import link_to_words

Tone = OneOf["", "denied", "possible"]


class Reference(msgspec.Struct, frozen=True):
    """A clause's number at its end, leading to what was read from it and from clauses in it."""

    number: int
    target: str
    count: int
    clauses: str


class RunView(msgspec.Struct, frozen=True):
    """A run of text: anchors that begin in it, clauses that it is in, references after it."""

    anchors: tuple[str, ...]
    clauses: str
    tone: Tone
    pieces: tuple[Piece, ...]
    references: tuple[Reference, ...]


class PartView(msgspec.Struct, frozen=True):
    """A block of text in runs."""

    kind: str
    level: int
    marker: str
    runs: tuple[RunView, ...]


class SectionView(msgspec.Struct, frozen=True):
    """A paragraph, a heading, a list or a table."""

    kind: str
    parts: tuple[PartView, ...]
    rows: tuple[tuple[PartView, ...], ...]


class SlotView(msgspec.Struct, frozen=True):
    """The values of a statement that stand under one heading."""

    group: str
    heading: str
    values: tuple[Value, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as its card shows it."""

    said: StatementView
    slots: tuple[SlotView, ...]
    clauses: tuple[Reference, ...]
    names: str
    live: str
    reasons: tuple[tuple[Reason, str], ...]


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page."""

    sections: tuple[SectionView, ...]
    groups: tuple[tuple[str, tuple[Card, ...]], ...]
    facts: tuple[Card, ...]
    kinds: tuple[tuple[str, str, int], ...]
    counts: Mapping[str, int]


def lay_policy(page: PolicyPage, text: str = "") -> PolicyView:
    """Return a policy's page; `text` is the canonical text that reasons quote from.

    >>> from policy2dpv.views.policy_facts import PolicyFacts
    >>> from policy2dpv.views.policy_catalogue import PolicyEntry
    >>> from policy2dpv.querying.store import PolicyRecord
    >>> entry = PolicyEntry(id="a", record=PolicyRecord(graph="urn:g"), concepts={}, stated={},
    ...     texts=(), words="")
    >>> page = PolicyPage(entry=entry, facts=PolicyFacts([]), statements=(), clauses={},
    ...     sections=(), whole=False)
    >>> lay_policy(page).groups
    ()
    """
    return _Layout(page, text).view()


class _Layout:
    """Numbers the clauses that statements come from, and lays all else out by them."""

    def __init__(self, page: PolicyPage, text: str) -> None:
        self.page, self.text = page, text
        self.display = load_display()
        self.by_clause: dict[str, list[StatementView]] = {}
        for said in page.statements:
            for clause in said.clauses:
                self.by_clause.setdefault(clause, []).append(said)
        cited = [iri for iri in page.clauses if iri in self.by_clause]
        self.names = {iri: f"k{at}" for at, iri in enumerate(cited, start=1)}
        self.outer = _outermost([page.clauses[iri] for iri in cited])
        outermost = [iri for iri in cited if self.outer[iri] == iri]
        self.numbers = {iri: number for number, iri in enumerate(outermost, start=1)}
        self.inside: dict[str, list[str]] = {iri: [] for iri in outermost}
        for iri in cited:
            self.inside[self.outer[iri]].append(iri)
        self.anchored: set[str] = set()

    def view(self) -> PolicyView:
        """The page."""
        sections = tuple(self.section(section) for section in self.page.sections)
        groups = tuple(
            (purpose, tuple(self.card(said) for said in found))
            for purpose, found in group_by_purpose(self.page.statements)
        )
        facts = tuple(self.card(said) for said in self.page.statements if said.form == "fact")
        return PolicyView(
            sections=sections, groups=groups, facts=facts, kinds=tuple(self.kinds()),
            counts=self.counts(),
        )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """How many statements there are of each sort."""
        said = self.page.statements
        return {
            "practices": sum(one.form == "practice" for one in said),
            "possible": sum(one.firmness == "possible" for one in said),
            "denied": sum(one.form == "denied" for one in said),
            "rights": sum(bool(one.labels("right")) for one in said if one.form == "fact"),
        }

    def kinds(self) -> Iterator[tuple[str, str, int]]:
        """The groups of kinds that the text's marks have: name, heading and how many."""
        marks: dict[str, set[int]] = {}
        for section in self.page.sections:
            parts = [*section.parts, *(cell for row in section.rows for cell in row.cells)]
            for piece in (p for part in parts for run in part.runs for p in run.pieces):
                if piece.mark is not None and piece.mark.kind in self.display:
                    group = self.display[piece.mark.kind].group
                    marks.setdefault(group, set()).add(piece.mark.start)
        shown = {one.group: one for one in reversed(list(self.display.values()))}
        for group in dict.fromkeys(one.group for one in self.display.values()):
            if group in marks:
                yield group, shown[group].heading, len(marks[group])

    def section(self, section: Section) -> SectionView:
        """A section with its parts in runs."""
        rows = tuple(tuple(self.part(cell) for cell in row.cells) for row in section.rows)
        return SectionView(section.kind, tuple(self.part(part) for part in section.parts), rows)

    def part(self, part: object) -> PartView:
        """A block in runs."""
        runs = tuple(self.run(run) for run in part.runs)  # type: ignore[attr-defined]
        return PartView(part.kind, part.level, part.marker, runs)  # type: ignore[attr-defined]

    def run(self, run: Run) -> RunView:
        """A run with its anchors and references."""
        new = [iri for iri in run.clauses if iri in self.numbers and iri not in self.anchored]
        self.anchored.update(new)
        names = [self.names[iri] for iri in run.clauses if iri in self.names]
        return RunView(
            tuple(f"c{self.numbers[iri]}" for iri in new), " ".join(names),
            self.tone(run.clauses), run.pieces,
            tuple(self.reference(iri) for iri in run.ends if iri in self.numbers),
        )  # fmt: skip

    def reference(self, clause: str) -> Reference:
        """The number of an outermost clause, with all that is read from it."""
        inside = self.inside[clause]
        said = list(dict.fromkeys(one.id for iri in inside for one in self.by_clause[iri]))
        names = " ".join(self.names[iri] for iri in inside)
        return Reference(self.numbers[clause], said[0], len(said), names)

    def tone(self, clauses: Iterable[str]) -> Tone:
        """What sets a run apart: all that is read from it is denied, or merely possible."""
        said = [one for iri in clauses for one in self.by_clause.get(iri, ())]
        said = [one for one in said if one.form != "fact"]
        if said and all(one.form == "denied" for one in said):
            return "denied"
        return "possible" if said and all(one.firmness == "possible" for one in said) else ""

    def card(self, said: StatementView) -> Card:
        """A statement's card."""
        outer = dict.fromkeys(self.outer[iri] for iri in said.clauses if iri in self.outer)
        quote = next((self.page.clauses[iri].quote for iri in said.clauses), "")
        reasons = tuple((one, self.text[one.start : one.end]) for one in said.reasons)
        return Card(
            said=said, slots=tuple(self.slots(said)),
            clauses=tuple(self.reference(iri) for iri in outer),
            names=" ".join(self.names[iri] for iri in said.clauses if iri in self.names),
            live=link_to_words(self.page.entry.record.page, quote), reasons=reasons,
        )  # fmt: skip

    def slots(self, said: StatementView) -> Iterator[SlotView]:
        """The values by heading, in the order of the table."""
        for group in dict.fromkeys(one.group for one in self.display.values()):
            wanted = {one.kind for one in self.display.values() if one.group == group}
            values = tuple(value for value in said.values if value.kind in wanted)
            if values:
                yield SlotView(group, self.display[values[0].kind].heading, values)


def _outermost(clauses: Iterable[ClauseText]) -> dict[str, str]:
    """The clause that each one stands in, itself where it stands in no other."""
    found: dict[str, str] = {}
    last: ClauseText | None = None
    for clause in clauses:  # in reading order, the longer one first
        if last is not None and clause.start >= 0 and clause.end <= last.end:
            found[clause.iri] = last.iri
        else:
            found[clause.iri] = clause.iri
            last = clause
    return found
