"""A tagged PDF's structure -> HTML: what each word is stands in the file (ISO 32000-1, 14.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from policy2dpv.reading.line_shapes import BULLET
from policy2dpv.reading.pdf_words import Speller, Word, follows_on_line, write_words

HEADINGS = {"H": 1, "Title": 1} | {f"H{level}": level for level in range(1, 7)}
BLOCKS = {
    "P": "p", "L": "ul", "LI": "li", "Table": "table", "TR": "tr", "TH": "th", "TD": "td",
    "THead": "thead", "TBody": "tbody", "TFoot": "tfoot", "Caption": "caption", "TOC": "nav",
    "TOCI": "p", "BlockQuote": "blockquote", "Note": "p", "FENote": "p",
}  # fmt: skip
PARTS = frozenset(("Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "NonStruct",
                   "Aside", "Private", "Index", "LBody"))  # fmt: skip
FLOWING = frozenset(("P", "LI", "LBody", "TD", "TH", "Caption", "TOCI", "Note", "FENote"))
BROKEN = frozenset(("P", "LI", "LBody"))
SENTENCE_ENDS = frozenset('.!?:;"”')
MOST_OUTSIDE = 0.02
MARGIN = 0.12


class Tag(msgspec.Struct, array_like=True):
    """An element of the structure tree: its type, how many rows and columns it spans, its content.

    Content is further elements, and the numbers of marked content on its page.
    """

    kind: str
    rows: int
    columns: int
    content: list[Tag | int]


@dataclass(slots=True)
class Node:
    """An element with the words in it, over all pages."""

    kind: str
    rows: int = 1
    columns: int = 1
    content: list[Node | list[Word]] = field(default_factory=list)

    def words(self) -> Iterator[Word]:
        """All words in it, in order."""
        stack: list[Node | list[Word]] = [self]
        while stack:
            part = stack.pop()
            if isinstance(part, Node):
                stack += part.content[::-1]
            else:
                yield from part

    def holds(self, kind: str) -> bool:
        """Whether one of its own elements is of a kind."""
        return any(isinstance(part, Node) and part.kind == kind for part in self.content)


def place_words(tags: Sequence[Tag], words: Sequence[Word]) -> list[Node]:
    """The elements of a page with their words in the place of the numbers; each word once.

    >>> [node] = place_words([Tag("P", 1, 1, [7])], [Word("We", 0, 0, 9, 9, 10, mark=7)])
    >>> node.kind, [word.text for word in node.words()]
    ('P', ['We'])
    """
    marked: dict[int, list[Word]] = {}
    for word in words:
        if word.mark >= 0:
            marked.setdefault(word.mark, []).append(word)

    def place(tag: Tag) -> Node:
        node = Node(tag.kind, tag.rows, tag.columns)
        for part in tag.content:
            if isinstance(part, Tag):
                node.content.append(place(part))
            elif part in marked:
                node.content.append(marked.pop(part))
        return node

    return [place(tag) for tag in tags]


def is_well_tagged(nodes: Sequence[Node], words: Sequence[Word], height: float) -> bool:
    """Whether a page's tags hold its words, but for those in the upper and lower margin."""
    if not words:
        return True
    inside = {id(word) for node in nodes for word in node.words()}
    outside = sum(
        len(word.text)
        for word in words
        if id(word) not in inside and MARGIN * height < word.middle < (1 - MARGIN) * height
    )
    return bool(inside) and outside <= MOST_OUTSIDE * sum(len(word.text) for word in words)


def join_pages(nodes: list[Node], more: list[Node]) -> None:
    """Append a page's elements; what the page's end cut in two becomes one again.

    >>> def page(text): return [Node("P", content=[[Word(text, 0, 0, 9, 9, 10)]])]
    >>> nodes = page("We share")
    >>> join_pages(nodes, page("no data."))
    >>> len(nodes)
    1
    """
    while nodes and not any(nodes[-1].words()):
        nodes.pop()
    rest = [node for node in more if any(node.words())]
    if nodes and rest and _goes_on(nodes[-1], rest[0]):
        _join(nodes[-1], rest.pop(0))
    nodes += rest


def _join(node: Node, more: Node) -> None:
    last = node.content[-1] if node.content else None
    first = more.content[0] if more.content else None
    rest = more.content
    if node.kind == more.kind == "TR":
        for cell, added in zip(node.content, more.content, strict=False):
            if isinstance(cell, Node) and isinstance(added, Node):
                cell.content += added.content
        return
    if isinstance(last, Node) and isinstance(first, Node) and _goes_on(last, first):
        _join(last, first)
        rest = rest[1:]
    node.content += rest


def _goes_on(before: Node, after: Node) -> bool:
    """Whether an element at a page's start is the rest of the one at the end of the page before."""
    if before.kind != after.kind or before.kind in HEADINGS:
        return False
    if before.kind == "Table":
        return not after_header(before, after)
    if before.kind == "LI":
        return before.holds("Lbl") and not after.holds("Lbl")
    if before.kind == "TR":
        cells = [cell for cell in after.content if isinstance(cell, Node)]
        starts = [next(cell.words(), None) for cell in cells]
        seen = [word.text[:1].islower() for word in starts if word]
        return len(before.content) == len(cells) and bool(seen) and all(seen)
    if before.kind in FLOWING - {"LBody"}:
        *_, last = before.words()
        first = next(after.words())
        return last.text[-1:] not in SENTENCE_ENDS or first.text[:1].islower()
    return True


def after_header(table: Node, after: Node) -> bool:
    """Whether a table that follows has a header of its own; a repeated header is taken off it."""
    ours, theirs = _header(table), _header(after)
    if theirs is None:
        return False
    if ours is None or _text(ours) != _text(theirs):
        return True
    _remove(after, theirs)
    return False


def _header(table: Node) -> Node | None:
    for part in table.content:
        if isinstance(part, Node):
            if part.kind == "TR":
                return part if part.holds("TH") and not part.holds("TD") else None
            if part.kind in ("THead", "TBody", "NonStruct"):
                return _header(part)
    return None


def _text(node: Node) -> list[str]:
    return [word.text for word in node.words()]


def _remove(node: Node, row: Node) -> bool:
    for index, part in enumerate(node.content):
        if part is row:
            del node.content[index]
            return True
        if isinstance(part, Node) and _remove(part, row):
            return True
    return False


def write_tags(nodes: Sequence[Node], speller: Speller) -> str:
    """The elements as HTML.

    >>> heading = Node("H1", content=[[Word("Privacy", 0, 0, 30, 9, 10)]])
    >>> write_tags([heading], Speller([]))
    '<h1>Privacy</h1>'
    """
    return "".join(_write_parts(nodes, speller, flowing=False))


def _write_parts(
    parts: Sequence[Node | list[Word]],
    speller: Speller,
    *,
    flowing: bool,
    breaks: bool = False,
) -> Iterator[str]:
    """HTML of an element's content; inline elements beside each other are one run of words."""
    run: list[Word] = []
    for part in parts:
        if not isinstance(part, Node):
            run += part
        elif _is_inline(part, flowing):
            fresh = list(part.words())
            if run and fresh and not flowing and not follows_on_line(run[-1], fresh[0]):
                yield f"<div>{write_words(run, speller)}</div>"
                run = []
            run += fresh
        else:
            if run:
                yield write_words(run, speller, breaks=breaks)
            run = []
            yield from _write_node(part, speller, flowing)
    if run:
        text = write_words(run, speller, breaks=breaks)
        yield text if flowing else f"<div>{text}</div>"


def _is_inline(node: Node, flowing: bool) -> bool:
    """Whether an element stands in a line of text: none of its elements is a block."""
    if node.kind in BLOCKS or node.kind in HEADINGS or node.kind == "Lbl":
        return False
    if node.kind in PARTS and not (flowing and node.kind != "LBody"):
        return False
    return all(_is_inline(part, True) for part in node.content if isinstance(part, Node))


def _write_node(node: Node, speller: Speller, flowing: bool) -> Iterator[str]:
    if node.kind in ("Artifact", "Lbl"):
        if node.kind == "Lbl":
            yield _write_label(node)
        return
    name = f"h{HEADINGS[node.kind]}" if node.kind in HEADINGS else BLOCKS.get(node.kind, "")
    if not name:
        within = flowing or node.kind == "LBody"
        inner = "".join(_write_parts(node.content, speller, flowing=within))
        yield inner if within else f"<div>{inner}</div>"
        return
    spans = f' rowspan="{node.rows}"' * (node.rows > 1) + f' colspan="{node.columns}"' * (
        node.columns > 1
    )
    within = node.kind in FLOWING or node.kind in HEADINGS
    yield f"<{name}{spans}>"
    breaks = node.kind in BROKEN
    yield from _write_parts(node.content, speller, flowing=within, breaks=breaks)
    yield f"</{name}>"


def _write_label(node: Node) -> str:
    """A list item's number; a bullet is what the list item itself says."""
    text = "".join(word.text for word in node.words())
    if not any(map(str.isalnum, text)) or BULLET.fullmatch(f"{text} "):
        return ""
    return f"{text} " if text[-1] in ".)" else f"{text}. "
