"""Blocks in the making: what a reader has found so far, and how it becomes a Document's parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from policy2dpv.model import Block, BlockKind, Landmark, Link, Span


@dataclass(slots=True)
class CellPlace:
    """A cell's place in its table, as the page gives it."""

    table: int
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    heads: bool = False
    in_head: bool = False
    scope: str = ""


@dataclass(slots=True)
class Draft:
    """A block that is still being understood. Spans in it count from the start of its own text.

    `start` is its place in the canonical text where that is known already (plain text). A heading
    of level 0 takes its level from the headings above; `sub` says how far below them it stands.
    `item` tells which list item of the page it belongs to (0: none), `inside` whether it stands
    in the page's main part.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    sub: int = 1
    landmark: Landmark = "main"
    hidden: bool = False
    inside: bool = False
    number: str = ""
    marker: int = 0
    item: int = 0
    start: int = -1
    cell: CellPlace | None = None
    headers: tuple[Draft, ...] = ()
    bold: list[Span] = field(default_factory=list)
    emphasis: list[Span] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)
    toggles: bool = False

    @property
    def words(self) -> str:
        """The text without its bullet or enumerator."""
        return self.text[self.marker :]

    def covered_by(self, spans: Sequence[Span]) -> bool:
        """Whether the spans hold all letters and digits of the text."""
        position = self.marker
        for start, end in spans:
            if any(map(str.isalnum, self.text[position:start])):
                return False
            position = max(position, end)
        return not any(map(str.isalnum, self.text[position:])) and position > self.marker

    def covered_by_bold(self) -> bool:
        """Whether all its words are bold.

        >>> Draft("1. Cookies", bold=[(3, 10)], marker=3).covered_by_bold()
        True
        """
        return self.covered_by(self.bold)

    def cut(self, start: int, end: int) -> Draft:
        r"""A copy that holds `text[start:end]` only, with the marks that lie in it.

        >>> Draft("Cookies\nWe set some.", bold=[(0, 7)]).cut(8, 20).text
        'We set some.'
        """
        return Draft(
            self.text[start:end], self.kind, self.level, self.sub, self.landmark, self.hidden,
            self.inside, self.number if start == 0 else "", 0, self.item,
            self.start + start if self.start >= 0 else -1, self.cell, (),
            _clip(self.bold, start, end), _clip(self.emphasis, start, end),
            [(max(a, start) - start, min(b, end) - start, href)
             for a, b, href in self.links if a < end and b > start],
            self.toggles,
        )  # fmt: skip


def _clip(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]


def assemble_text(drafts: Sequence[Draft]) -> str:
    r"""The canonical text of drafts that have no place yet: one below the other; gives them places.

    >>> drafts = [Draft("Cookies"), Draft("We set some.")]
    >>> assemble_text(drafts), drafts[1].start
    ('Cookies\nWe set some.\n', 8)
    """
    position = 0
    for draft in drafts:
        draft.start = position
        position += len(draft.text) + 1
    return "".join(f"{draft.text}\n" for draft in drafts)


def finish_blocks(drafts: Sequence[Draft]) -> tuple[tuple[Block, ...], tuple[Link, ...]]:
    """The Blocks and Links that drafts with places stand for.

    >>> blocks, links = finish_blocks([Draft("a) name", start=3, marker=3, number="a")])
    >>> blocks[0].marker, blocks[0].words_start
    ((3, 6), 6)
    """
    blocks: list[Block] = []
    links: list[Link] = []
    for draft in drafts:
        start, cell = draft.start, draft.cell
        blocks.append(
            Block(
                kind=draft.kind, start=start, end=start + len(draft.text), level=draft.level,
                landmark=draft.landmark, hidden=draft.hidden,
                marker=(start, start + draft.marker) if draft.marker else None,
                number=draft.number,
                table=cell.table if cell else None,
                row=cell.row if cell else None,
                column=cell.column if cell else None,
                headers=tuple((h.start, h.start + len(h.text)) for h in draft.headers),
            )
        )  # fmt: skip
        links.extend(Link(start + a, start + b, href) for a, b, href in draft.links)
    return tuple(blocks), tuple(links)
