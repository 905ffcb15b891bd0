"""What the page of a review shows: the text with its readings, and each reading to decide on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal as OneOf

import msgspec

from policy2dpv.desk.desk import Desk, name_of
from policy2dpv.graphs.triples import Place
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation
from policy2dpv.publishing.published_version import conversion_page
from policy2dpv.reviewing.decisions import PLAIN, Decision, choices_of
from policy2dpv.reviewing.review import SOURCE, place_of
from policy2dpv.schemes.anchor import squeeze
from policy2dpv.serving.serve_view import Card, lay_policy
from policy2dpv.views.policy_statements import ClauseText, load_display
from policy2dpv.views.policy_text import SIDE, Mark, Section, find_marks, lay_text

OURS = f"{SOURCE}:"
State = OneOf["open", "accept", "reject", "replace", "add", "again", "stale"]
FIELDS = ("polarity", "modality", "actor")  # what an added reading may say unlike its clause


class ReadingView(msgspec.Struct, frozen=True, kw_only=True):
    """A row as its page shows it: words, what they were read as, and what somebody decided.

    `again` are decisions to be signed anew, since their clause was reworded. `said` are words for
    what the clause says of it where that is not plain.
    """

    id: str
    row: Decision
    state: State
    group: str
    heading: str
    label: str
    new_label: str = ""
    source: str = ""
    said: tuple[str, ...] = ()
    why: str = ""

    @property
    def day(self) -> str:
        """The date of the decision."""
        return self.row.when[: len("2026-03-01")]


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """A statement with the readings that it rests on; `again` are those that stand above it."""

    card: Card
    readings: tuple[ReadingView, ...]
    again: tuple[ReadingView, ...]

    @property
    def open(self) -> tuple[ReadingView, ...]:
        """The readings that nobody has decided, those above among them."""
        return tuple(one for one in (*self.readings, *self.again) if one.state == "open")

    @property
    def is_open(self) -> bool:
        """Whether one of the readings that it shows is to be decided."""
        return any(one.state in ("open", "again") for one in self.readings)


class SheetView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page.

    `left` are readings that no statement holds. `under` are the readings of each mark of the text
    by its start, `places` the first mark of each reading. `points` count what is still open.
    """

    sections: Sequence[Section]
    groups: Sequence[tuple[str, Sequence[CardView]]]
    left: Sequence[ReadingView]
    added: Sequence[ReadingView]
    stale: Sequence[ReadingView]
    under: Mapping[int, tuple[str, ...]]
    places: Mapping[str, int]
    states: Mapping[str, State]
    points: int
    decided: int
    total: int


class Sheet:
    """Lays out the review of one policy; what does not depend on decisions is laid out once."""

    def __init__(self, name: str, desk: Desk) -> None:
        self.name, self.desk = name, desk
        self._names: dict[Place, list[str]] = {}
        self._sources: dict[str, str] = {}
        self._spans: list[tuple[int, int, str]] = []
        for reading in desk.readings:
            id = name_of(reading.row)
            self._sources[id] = reading.annotations[0].source
            for one in reading.annotations:
                self._names.setdefault(place_of(one), []).append(id)
                self._spans.append((one.start, one.end, id))

    @cached_property
    def clauses(self) -> Mapping[str, ClauseText]:
        """The clauses of the text, by the segment's id; of menus and the like what was read."""
        text = self.desk.made.document.text
        read = {one.segment for one in self.desk.made.annotations}
        return {
            one.id: ClauseText(one.id, one.start, one.end, text[one.start : one.end])
            for one in sorted(self.desk.made.segments, key=lambda segment: segment.start)
            if one.landmark not in SIDE or one.id in read
        }

    @cached_property
    def cards(self) -> Sequence[tuple[str, Sequence[Card]]]:
        """The statements as they were read, by purpose; those of the notice last."""
        made = self.desk.made
        page = conversion_page(self.name, made, made.policy_graph)
        view = lay_policy(page, made.document.text)
        return [*view.groups, *([("facts", view.facts)] if view.facts else [])]

    def view(self) -> SheetView:
        """The page as things stand."""
        desk = self.desk
        count = len(desk.readings)
        shown = {name_of(row): self.reading(row) for row in desk.rows[:count]}
        seen: set[str] = set()
        groups = []
        for purpose, cards in self.cards:
            groups.append((purpose, [self.card(card, shown, seen) for card in cards]))
        stale = {lost.place: lost.found for lost in desk.outcome.stale}
        under = self.names_under()
        others = [self.reading(row, stale.get(row.place, "")) for row in desk.rows[count:]]
        return SheetView(
            sections=self.sections(),
            groups=[(purpose, cards) for purpose, cards in groups if cards],
            left=[one for id, one in shown.items() if id not in seen],
            added=[one for one in others if one.state != "stale"],
            stale=[one for one in others if one.state == "stale"],
            under=under,
            places={id: at for at, ids in reversed(list(under.items())) for id in ids},
            states={id: one.state for id, one in shown.items()} | {o.id: o.state for o in others},
            points=len(desk.open_points()),
            decided=sum(one.state not in ("open", "again") for one in shown.values()),
            total=count,
        )  # fmt: skip

    def card(self, card: Card, shown: Mapping[str, ReadingView], seen: set[str]) -> CardView:
        """A statement with the readings that no card above it has shown, and the others."""
        places = ((one.start, one.end, one.decided_by) for one in card.said.reasons)
        names = dict.fromkeys(name for place in places for name in self._names.get(place, ()))
        new = [name for name in names if name not in seen]
        again = [name for name in names if name in seen]
        seen.update(new)
        return CardView(
            card=card, readings=tuple(shown[name] for name in new),
            again=tuple(shown[name] for name in again),
        )  # fmt: skip

    def reading(self, row: Decision, why: str = "") -> ReadingView:
        """A row for people."""
        display = load_display().get(row.kind)
        id = name_of(row)
        state: State = "stale" if why else row.decision or "open"  # type: ignore[assignment]
        if row.decision and not (row.who and row.when) and not why:
            state = "again"
        said = [words for field in FIELDS if (words := getattr(row, field))
                and words not in (PLAIN, choices_of(field)[0])]  # fmt: skip
        return ReadingView(
            id=id, row=row, state=state, group=display.group if display else "other",
            heading=display.heading if display else row.kind.replace("_", " "),
            label=row.label or labels(row.term), new_label=labels(row.new_term),
            source=self._sources.get(id, ""), said=tuple(w.replace("_", " ") for w in said),
            why=why.removeprefix("stale: "),
        )  # fmt: skip

    def sections(self) -> Sequence[Section]:
        """The text, cut where clauses and words with a reading begin and end."""
        return lay_text(self.desk.made.document, self.clauses, self.marks())

    def marks(self) -> list[Mark]:
        """The words that somebody or the tool has read."""
        return find_marks([*self.desk.made.annotations, *self.added()])

    def added(self) -> list[Annotation]:
        """The readings that people added or replaced."""
        return [one for one in self.desk.outcome.annotations if one.source.startswith(OURS)]

    def names_under(self) -> Mapping[int, tuple[str, ...]]:
        """The names of the readings that share words with each mark, by the mark's start."""
        rows = self.desk.rows[len(self.desk.readings) :]
        named = {(squeeze(row.quote), row.kind, row.term): name_of(row) for row in rows}
        ours = (
            (one.start, one.end, id) for one in self.added()
            if (id := named.get((squeeze(one.quote), one.kind, one.term)))
        )  # fmt: skip
        spans = sorted({*self._spans, *ours})
        longest = max((end - start for start, end, _ in spans), default=0)
        found = {}
        for mark in self.marks():
            first = bisect_left(spans, (mark.start - longest,))
            last = bisect_left(spans, (mark.end,))
            there = (id for _, end, id in spans[first:last] if end > mark.start)
            found[mark.start] = tuple(dict.fromkeys(there))
        return found


def labels(terms: str) -> str:
    """Return what terms are called, with commas between.

    >>> labels("pd:Name"), labels("")
    ('Name', '')
    """
    known = load_vocabulary()
    return ", ".join(known.label(one) for one in terms.split() if known.has(one))


def list_kinds() -> list[tuple[str, str]]:
    """Return the kinds of readings that people can add, each with what it is called.

    >>> ("personal_data", "Data") in list_kinds()
    True
    """
    from policy2dpv.annotating.annotation_check import known_kinds

    shown = load_display()
    kinds: Iterable[str] = (kind for kind, tops in known_kinds().items() if tops and kind in shown)
    named = [(kind, shown[kind].heading) for kind in kinds]
    doubled = [heading for _, heading in named]
    return [
        (kind, heading if doubled.count(heading) == 1 else f"{heading}: {kind.replace('_', ' ')}")
        for kind, heading in named
    ]
