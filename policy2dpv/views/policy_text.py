"""A policy's text in pieces that a page can light: clauses, and words within them by kind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

import msgspec

from policy2dpv.model import Annotation, Block, Document, Span
from policy2dpv.views.policy_statements import ClauseText

SIDE = ("nav", "footer", "header", "aside", "dialog", "form")


class Mark(msgspec.Struct, frozen=True):
    """Words with a kind: what they mean, what decided so, and how sure that is (0 to 1)."""

    start: int
    end: int
    kind: str
    term: str
    decided_by: str
    confidence: float
    denied: bool


class Piece(msgspec.Struct, frozen=True):
    """Characters that stand in the same clauses and under the same mark."""

    text: str
    clauses: tuple[str, ...] = ()
    mark: Mark | None = None


class Run(msgspec.Struct, frozen=True):
    """Pieces of the same clauses; `opens` are the clauses that begin here."""

    clauses: tuple[str, ...]
    pieces: tuple[Piece, ...]
    ends: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """One block of the page: paragraph, heading, list item or cell, with its runs."""

    kind: str
    level: int
    runs: tuple[Run, ...]
    marker: str = ""
    table: int | None = None
    row: int | None = None


class Row(msgspec.Struct, frozen=True):
    """One row of a table."""

    cells: tuple[Part, ...]


class Section(msgspec.Struct, frozen=True):
    """Neighbours that a page shows as one thing: a list, a table, or a single block."""

    kind: str
    parts: tuple[Part, ...] = ()
    rows: tuple[Row, ...] = ()


def find_marks(annotations: Iterable[Annotation]) -> list[Mark]:
    """Return the words that carry a meaning, none over another: the longer one stays.

    >>> from policy2dpv import convert
    >>> [m.kind for m in find_marks(convert(b"We use your email address.").annotations)]
    ['processing', 'personal_data']
    """
    found: list[Mark] = []
    ordered = sorted(annotations, key=lambda a: (a.start, -a.end, a.kind, a.term, a.source))
    for one in ordered:
        if not found or one.start >= found[-1].end:
            found.append(
                Mark(one.start, one.end, one.kind, one.term, one.source, one.confidence,
                     one.polarity == "denied")
            )  # fmt: skip
    return found


def lay_text(
    document: Document, clauses: Mapping[str, ClauseText], marks: Sequence[Mark]
) -> list[Section]:
    """Return the blocks of a text with their clauses and marks, lists and tables put together.

    Menus, footers and the like are left out unless a clause stands in them.

    >>> from policy2dpv import convert
    >>> [s.kind for s in lay_text(convert(b"Hello.").document, {}, [])]
    ['paragraph']
    """
    layer = _Layer(document.text, clauses, marks)
    parts = [layer.part(block) for block in document.blocks if layer.is_shown(block)]
    return list(_sections(parts))


def rebuild_text(clauses: Mapping[str, ClauseText]) -> list[Section]:
    """Return a text put together from the quotes of its clauses, those within others left out.

    >>> clause = ClauseText("urn:c", 0, 5, "Hello")
    >>> rebuild_text({"urn:c": clause})[0].parts[0].runs[0].pieces[0].text
    'Hello'
    """
    sections: list[Section] = []
    reached = -1
    inside: dict[str, list[str]] = {}
    kept: list[ClauseText] = []
    for clause in clauses.values():
        if clause.quote and (clause.start < 0 or clause.end > reached):
            kept.append(clause)
            inside[clause.iri] = [clause.iri]
            reached = max(reached, clause.end)
        elif kept:
            inside[kept[-1].iri].append(clause.iri)
    for clause in kept:
        names = tuple(inside[clause.iri])
        run = Run(names, (Piece(clause.quote, names),), names)
        sections.append(Section("paragraph", (Part("paragraph", 0, (run,)),)))
    return sections


class _Layer:
    """Cuts blocks where clauses and marks begin and end."""

    def __init__(self, text: str, clauses: Mapping[str, ClauseText], marks: Sequence[Mark]) -> None:
        self.text, self.marks = text, marks
        self.clauses = [c for c in clauses.values() if 0 <= c.start < c.end <= len(text)]
        self.starts = [mark.start for mark in marks]
        self.clause_starts = [clause.start for clause in self.clauses]
        self.longest = max((c.end - c.start for c in self.clauses), default=0)

    def near(self, start: int, end: int) -> list[ClauseText]:
        """The clauses that share a character with a stretch of the text."""
        first = bisect_left(self.clause_starts, start - self.longest)
        last = bisect_left(self.clause_starts, end)
        return [clause for clause in self.clauses[first:last] if clause.end > start]

    def is_shown(self, block: Block) -> bool:
        """Whether a block belongs on the page."""
        if block.start >= block.end:
            return False
        return block.landmark not in SIDE or bool(self.near(block.start, block.end))

    def part(self, block: Block) -> Part:
        """A block in runs."""
        start, end = block.words_start, block.end
        marker = self.text[block.marker[0] : block.marker[1]].strip() if block.marker else ""
        pieces = self.pieces((start, end))
        runs = []
        at = start
        for names, group in groupby(pieces, key=lambda piece: piece.clauses):
            together = tuple(group)
            stop = at + sum(len(piece.text) for piece in together)
            ends = tuple(c.iri for c in self.near(at, stop) if at < c.end <= stop)
            runs.append(Run(names, together, ends))
            at = stop
        return Part(block.kind, block.level, tuple(runs), marker, block.table, block.row)

    def pieces(self, span: Span) -> Iterator[Piece]:
        """The characters of a stretch, cut at every clause's and mark's end."""
        start, end = span
        clauses = self.near(start, end)
        first = max(0, bisect_left(self.starts, start) - 1)
        marks = [m for m in self.marks[first : bisect_left(self.starts, end)] if m.end > start]
        cuts = {start, end}
        ends = [(c.start, c.end) for c in clauses] + [(m.start, m.end) for m in marks]
        cuts.update(place for both in ends for place in both if start < place < end)
        places = sorted(cuts)
        for left, right in pairwise(places):
            mark = next((m for m in marks if m.start <= left and right <= m.end), None)
            names = tuple(c.iri for c in clauses if c.start <= left and right <= c.end)
            yield Piece(self.text[left:right], names, mark)


def _sections(parts: Iterable[Part]) -> Iterator[Section]:
    for (kind, table), group in groupby(parts, key=_together):
        together = tuple(group)
        if kind == "table":
            rows = groupby(together, key=lambda part: part.row)
            yield Section("table", rows=tuple(Row(tuple(cells)) for _, cells in rows))
        elif kind == "list":
            yield Section("list", together)
        else:
            yield from (Section(part.kind, (part,)) for part in together)
        del table


def _together(part: Part) -> tuple[str, int | None]:
    if part.table is not None:
        return "table", part.table
    return ("list", None) if part.kind == "list_item" else ("block", None)
