"""What became of each phrase that was found in a segment: said, or left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Literal, NamedTuple

import msgspec

from policy2dpv.annotating.annotate import UNREAD
from policy2dpv.annotating.overlaps import settle, within_kind
from policy2dpv.data import data_folder
from policy2dpv.explaining.what_if import AFTER, BEFORE, Change, Seen, WhatIf, mark
from policy2dpv.knowledge.phrases import CUE, Hit
from policy2dpv.knowledge.rows import read_table
from policy2dpv.model import Annotation

Outcome = Literal["said", "beaten", "silenced", "silent", "unlicensed"]
ANY = "*"
RIGHT, PARTY, DEFINED = "right", "party", "defined"


class Rival(msgspec.Struct, frozen=True):
    """The phrase that another one gave way to."""

    quote: str
    kind: str
    term: str
    row: str


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """A phrase found in the text, with its row, and what became of it.

    `phrase` is the row's own wording, "" where a shape or name was found instead. `why` tells
    what a phrase that is not said lacks; `rival` is the one that it gave way to. `statements`
    and `triples` are what a phrase that is said went into.
    """

    start: int
    end: int
    quote: str
    kind: str
    term: str
    row: str
    phrase: str = ""
    match: str = "exact"
    requires: str = ""
    confidence: float = 1.0
    outcome: Outcome = "said"
    why: str = ""
    rival: Rival | None = None
    polarity: str = ""
    value: str | None = None
    name: str | None = None
    definition: str | None = None
    statements: tuple[str, ...] = ()
    triples: tuple[str, ...] = ()


class Reason(NamedTuple):
    """A row of mappings/reasons.tsv: for a kind, what is changed, and what that tells."""

    kind: str
    change: Change
    why: str


@lru_cache(maxsize=1)
def load_reasons() -> tuple[Reason, ...]:
    """The rows of mappings/reasons.tsv, in their order. TableError: a broken row.

    >>> load_reasons()[0].change.sort
    'unread'
    """
    rows = read_table(data_folder("mappings") / "reasons.tsv")
    return tuple(Reason(r["kind"], Change(r["change"], r["value"]), r["why"]) for r in rows)


def find_fates(reading: WhatIf, index: int) -> list[Fate]:
    r"""What became of each phrase in a segment, in the order of their places; cues left aside.

    >>> from policy2dpv import find_segments, load_lexicon, read_document
    >>> document = read_document("We never share your e-mail address.\nIt is yours.")
    >>> reading = WhatIf(document, find_segments(document), load_lexicon("en"))
    >>> [fate.quote for fate in find_fates(reading, 0) if fate.outcome == "said"]
    ['share', 'e-mail address']
    """
    return sorted(_Fates(reading, index).fates(), key=lambda f: (f.start, f.end, f.kind, f.row))


class _Fates:
    """The phrases of one segment."""

    def __init__(self, reading: WhatIf, index: int) -> None:
        self.reading, self.index = reading, index
        self.segment = reading.segments[index]
        self.said: list[Annotation] = []
        self.seen: list[Seen] = []
        if self.segment.landmark not in UNREAD:
            self.said, self.seen = reading.ask(index)
        self.standing = {
            mark(h) for k, hits in reading.found(index).items() if not k.startswith(CUE)
            for h in hits
        }  # fmt: skip
        self.hits = self._distinct()

    def _distinct(self) -> list[Hit]:
        """The phrases, each once for the same words: the way of finding it that stands, if any."""
        found: dict[tuple[int, int, str], Hit] = {}
        for hit in self.reading.hits(self.index):
            if hit.phrase.kind != CUE:
                place = hit.first, hit.last, hit.phrase.source
                if place not in found or mark(hit) in self.standing:
                    found[place] = hit
        return list(found.values())

    def fates(self) -> Iterator[Fate]:
        """Those of the phrases, then what no phrase but a shape gave."""
        told: set[int] = set()
        for hit in self.hits:
            ours = [one for one in self.said if self._gave(hit, one)]
            told.update(map(id, ours))
            if ours:
                yield self._fate(hit, "said", polarity=ours[0].polarity)
            else:
                outcome, why, rival = self._left_out(hit)
                yield self._fate(hit, outcome, why=why, rival=rival)
        for one in self.said:
            if id(one) not in told:
                yield shape_fate(one)

    def _gave(self, hit: Hit, one: Annotation) -> bool:
        """Whether an annotation comes from a phrase."""
        start, end = self._span(hit)
        return one.source == hit.phrase.source and one.own == (start, end)

    def _span(self, hit: Hit) -> tuple[int, int]:
        tokens = self.reading.tokens
        return tokens.starts[hit.first], tokens.end(hit.last)

    def _fate(
        self,
        hit: Hit,
        outcome: Outcome,
        *,
        why: str = "",
        rival: Hit | None = None,
        polarity: str = "",
    ) -> Fate:
        phrase = hit.phrase
        start, end = self._span(hit)
        return Fate(
            start=start, end=end, quote=self._quote(hit), kind=phrase.kind,
            term=phrase.term, row=phrase.source, phrase=phrase.phrase, match=phrase.match,
            requires=phrase.requires, confidence=phrase.confidence, name=phrase.name or None,
            outcome=outcome, why=why, polarity=polarity,
            rival=Rival(self._quote(rival), rival.phrase.kind, rival.phrase.term,
                        rival.phrase.source) if rival else None,
        )  # fmt: skip

    def _quote(self, hit: Hit) -> str:
        start, end = self._span(hit)
        return " ".join(self.reading.document.text[start:end].split())

    # -- why not ----------------------------------------------------------------------------
    def _left_out(self, hit: Hit) -> tuple[Outcome, str, Hit | None]:
        """What became of a phrase that is not said: outcome, reason, and the better phrase."""
        if self.segment.landmark in UNREAD:
            return "unlicensed", why("unread"), None
        if hit.phrase.silent:
            return "silent", why("silent"), None
        if mark(hit) not in self.standing:
            rival = self._rival(hit)
            if rival is not None:
                return "silenced" if rival.phrase.silent else "beaten", "", rival
            if hit.phrase.kind == RIGHT and self.reading.no_right(hit, self.index):
                return "unlicensed", why("no_rights"), None
            own = why("own_name") if self._is_own(hit) else why("none")
            return "unlicensed", own, None
        inside = [seen for seen in self.seen if self._holds(seen, hit)]
        if self.seen and not inside:
            return "unlicensed", why("cells"), None
        return "unlicensed", self._lacks(hit), None

    def _rival(self, hit: Hit) -> Hit | None:
        """The phrase that beats another one wherever the two meet; one that stands, if any."""
        together = self.reading.tables.together
        survivors = {
            mark(other)
            for kind in {h.phrase.kind for h in self.hits}
            for other in within_kind([h for h in self.hits if h.phrase.kind == kind])
        }
        near = [
            o for o in self.hits
            if o is not hit and o.first <= hit.last and hit.first <= o.last
            and not any(mark(h) == mark(hit) for h in settle([hit, o], together).get(
                hit.phrase.kind, ()))
        ]  # fmt: skip
        return min(
            near, default=None,
            key=lambda o: (mark(o) not in survivors, mark(o) not in self.standing, -o.size),
        )  # fmt: skip

    def _is_own(self, hit: Hit) -> bool:
        named = bool(hit.phrase.name) and self.reading.names.is_own(hit.phrase.name)
        return named or any(
            own.first <= hit.first and hit.last <= own.last
            for own in self.reading.hits(self.index)
            if own.phrase.kind == CUE and not own.phrase.source
        )

    @staticmethod
    def _holds(seen: Seen, hit: Hit) -> bool:
        return any(mark(h) == mark(hit) for h in seen.found.get(hit.phrase.kind, ()))

    def _lacks(self, hit: Hit) -> str:
        """The first change, or two of them, under which the reader would say the phrase."""
        if hit.phrase.kind == DEFINED and self._says(hit, ()):
            return why("undefined")
        reasons = [
            r for r in load_reasons()
            if r.kind in (ANY, hit.phrase.kind) and r.change.sort in {*BEFORE, *AFTER}
        ]  # fmt: skip
        for several in (*((r,) for r in reasons), *combinations(reasons, 2)):
            if self._says(hit, [reason.change for reason in several]):
                told = "; and ".join(reason.why for reason in several)
                return told.format(requires=hit.phrase.requires)
        return why("heading_only" if self.segment.kind == "heading" else "none")

    def _says(self, hit: Hit, changes: Sequence[Change]) -> bool:
        said, _ = self.reading.ask(self.index, hit, changes)
        return any(self._gave(hit, one) for one in said)


def shape_fate(one: Annotation) -> Fate:
    """The fate of an annotation that a shape, a list or a reference gave, not a phrase."""
    return Fate(
        start=one.start, end=one.end, quote=one.quote, kind=one.kind, term=one.term,
        row=one.source, match=one.match, confidence=one.confidence, polarity=one.polarity,
        value=one.value, name=one.name,
    )  # fmt: skip


def why(name: str) -> str:
    """What a reason that is no change tells.

    >>> why("own_name")
    "the words are the controller's own name"
    """
    return next(reason.why for reason in load_reasons() if reason.change.sort == name)
