"""What a page's elements say about the words in them: kind of block, landmark, place in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from policy2dpv.knowledge.patterns import read_tokens
from policy2dpv.model import Landmark
from policy2dpv.reading.draft import CellPlace
from policy2dpv.reading.page_state import State

if TYPE_CHECKING:
    from lxml.etree import _Element

SKIPPED = frozenset((
    "script", "style", "template", "noscript", "head", "svg", "iframe", "object", "canvas",
    "audio", "video", "noframes", "datalist", "title",
))  # fmt: skip
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "input", "ins", "kbd", "label", "map", "mark", "meter", "nobr", "output",
    "progress", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "picture", "source", "embed", "param", "link", "meta",
    "base", "basefont", "area", "track", "bgsound", "blink", "math",
))  # fmt: skip
BOLD = frozenset(("b", "strong", "th"))
EMPHASIS = frozenset(("i", "em", "u", "ins", "cite"))
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LANDMARKS: dict[str, Landmark] = {
    "nav": "nav", "header": "header", "footer": "footer", "aside": "aside", "dialog": "dialog",
    "main": "main",
}  # fmt: skip
ROLES: dict[str, Landmark] = {
    "navigation": "nav", "menu": "nav", "menubar": "nav", "banner": "header",
    "contentinfo": "footer", "complementary": "aside", "dialog": "dialog",
    "alertdialog": "dialog", "form": "form", "search": "form", "main": "main",
}  # fmt: skip
MARKED: dict[str, Landmark] = {
    "nav": "nav", "header": "header", "footer": "footer", "aside": "aside", "dialog": "dialog",
}  # fmt: skip
CONTAINERS = frozenset((
    "div", "section", "ul", "ol", "aside", "form", "header", "footer", "nav", "dialog", "table",
    "p",
))  # fmt: skip
NUMBERINGS = {"a": "a", "A": "A", "i": "i", "I": "I", "1": "1",
              "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
              "lower-roman": "i", "upper-roman": "I"}  # fmt: skip
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
NOT_SHOWN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
FORM_LIMIT = 2000
READ = 2000  # characters of an id and classes
WIDEST = 300  # columns of a table that cells may reach over
MOST_LOOKED = 50  # how many times over a page's words are counted for its parts
Given = Mapping[str, str]  # the attributes of an element


class Elements:
    """The elements of one page: what must be counted over it to give each its state."""

    def __init__(self, root: _Element) -> None:
        self.root = root
        self.items = self.tables = 0
        self.total = -1
        self.looked = 0
        self.counters: dict[_Element, list[int]] = {}
        self.grids: dict[int, Grid] = {}

    def enter_block(self, element: _Element, tag: str, outer: State) -> State:
        """The state for the words of an element that starts a block."""
        given = cast("Given", dict(element.items()))
        change = self.shape(element, tag, given, outer)
        if given:
            self.mark(element, tag, given, outer, change)
        elif tag in LANDMARKS:
            self.place(LANDMARKS[tag], tag, outer, change)
        return msgspec.structs.replace(outer, **change) if change else outer

    def enter_inline(self, tag: str, given: Given, outer: State) -> State:
        """The state for the words of an inline element."""
        style = given.get("style") or ""
        change: dict[str, Any] = {}
        if tag in BOLD or (style and BOLD_STYLE.search(style)):
            change["bold"] = True
        elif tag in EMPHASIS:
            change["emphasis"] = True
        if tag == "a" and "href" in given:
            change["href"] = given["href"].strip()
        if "aria-expanded" in given or given.get("data-toggle") == "collapse":
            change["toggles"] = True
        if _is_hidden(given, style):
            change["hidden"] = True
        role = given.get("role")
        if role == "heading":
            change |= {"kind": "heading", "level": _level(given), "flowing": True}
        return msgspec.structs.replace(outer, **change) if change else outer

    def shape(self, element: _Element, tag: str, given: Given, outer: State) -> dict[str, Any]:
        """What an element's name says about the blocks in it."""
        if tag in HEADINGS:
            return {"kind": "heading", "level": HEADINGS[tag], "flowing": True}
        if tag == "p":
            return {"flowing": True}
        if tag == "li" or given.get("role") == "listitem":
            return self.list_item(element, given, outer)
        if tag in ("ul", "ol", "menu", "dir"):
            if tag == "ol":
                self.counters[element] = [_integer(given.get("start"), 1)]
            return {"depth": outer.depth + 1, "kind": "paragraph", "bold": False}
        if tag in ("td", "th"):
            return self.cell(tag, given, outer)
        if tag == "tr":
            if outer.table in self.grids:
                self.grids[outer.table].next_row(element)
            return {}
        if tag == "table":
            self.tables += 1
            self.grids[self.tables - 1] = Grid()
            return {"table": self.tables - 1, "cell": None, "kind": "paragraph", "bold": False}
        if tag == "dl":
            return {"depth": outer.depth + 1}
        return self.shape_rarer(element, tag, given, outer)

    def shape_rarer(
        self, element: _Element, tag: str, given: Given, outer: State
    ) -> dict[str, Any]:
        """What the rarer elements' names say."""
        if tag == "dt":
            return {"kind": "term", "level": max(outer.depth, 1), "flowing": True}
        if tag == "dd":
            return {"kind": "definition", "level": max(outer.depth, 1)}
        if tag in ("caption", "figcaption"):
            return {"kind": "caption", "flowing": True}
        if tag == "details":
            closed = "open" not in given
            return {"folds": outer.folds + 1, "hidden": outer.hidden or closed,
                    "veiled": outer.hidden}  # fmt: skip
        if tag == "summary":
            return {"kind": "heading", "level": 0, "sub": max(outer.folds, 1),
                    "hidden": outer.veiled, "flowing": True}  # fmt: skip
        if tag == "button":
            opens = "aria-expanded" in given or "aria-controls" in given
            if opens or given.get("data-toggle") or given.get("data-bs-toggle"):
                return {"kind": "heading", "level": 0, "flowing": True, "toggles": True}
            return {"landmark": "form" if outer.landmark == "main" else outer.landmark}
        if tag in ("select", "option", "optgroup"):
            return {"landmark": "form" if outer.landmark == "main" else outer.landmark}
        if tag in ("pre", "textarea", "listing", "xmp", "plaintext"):
            return {"verbatim": True}
        return {}

    def list_item(self, element: _Element, given: Given, outer: State) -> dict[str, Any]:
        """A list item and its number."""
        self.items += 1
        parent = element.getparent()
        number, counter = "", self.counters.get(parent) if parent is not None else None
        if counter is not None and parent is not None:
            value = _integer(given.get("value"), counter[0])
            counter[0] = value + 1
            style = LIST_STYLE.search(given.get("style") or parent.get("style") or "")
            kind = style[1].lower() if style else parent.get("type") or "1"
            number = _numeral(value, NUMBERINGS.get(kind, "1"))
        return {"kind": "list_item", "level": max(outer.depth, 1), "item": self.items,
                "number": number}  # fmt: skip

    def cell(self, tag: str, given: Given, outer: State) -> dict[str, Any]:
        """A table cell and its place in the grid."""
        grid = self.grids.get(outer.table)
        if grid is None:
            return {}
        rows = min(_integer(given.get("rowspan"), 1), 1000)
        columns = min(_integer(given.get("colspan"), 1), 100)
        row, column = grid.next_cell(rows, columns)
        heads = tag == "th" or given.get("role") in ("columnheader", "rowheader")
        place = CellPlace(outer.table, row, column, max(rows, 1), max(columns, 1), heads,
                          grid.in_head, (given.get("scope") or "").lower())  # fmt: skip
        return {"cell": place, "kind": "cell", "depth": 0, "level": 0, "number": "", "item": 0,
                "flowing": False, "bold": False}  # fmt: skip

    def mark(
        self, element: _Element, tag: str, given: Given, outer: State, change: dict[str, Any]
    ) -> None:
        """Add what an element's attributes say: landmark, hidden, heading by role."""
        role = (given.get("role") or "").lower()
        if role == "heading":
            change |= {"kind": "heading", "level": _level(given), "flowing": True}
        style = given.get("style") or ""
        if style and BOLD_STYLE.search(style):
            change["bold"] = True
        if _is_hidden(given, style):
            change["hidden"] = True
        landmark = ROLES.get(role) or LANDMARKS.get(tag)
        if landmark is None and tag == "form" and self.is_small(element):
            landmark = "form"
        if tag in CONTAINERS and ("class" in given or "id" in given):
            reads = read_tokens(f"{given.get('id', '')} {given.get('class', '')}"[:READ])
            marked = next((MARKED[name] for name in MARKED if name in reads), None)
            if marked and landmark in (None, "aside", "header") and self.is_minor(element):
                landmark = marked
        if landmark:
            self.place(landmark, tag if role not in ROLES else "", outer, change)

    def place(self, landmark: Landmark, tag: str, outer: State, change: dict[str, Any]) -> None:
        """Enter a landmark; a header or footer of the main part or of an article is none."""
        if landmark == "main":
            change |= {"landmark": "main", "inside": True, "sectioned": True}
        elif not (tag in ("header", "footer") and outer.sectioned) and (
            outer.landmark in ("main", "header", "aside", "form") or landmark == "dialog"
        ):
            change["landmark"] = landmark
        if tag == "article":
            change["sectioned"] = True

    def is_small(self, form: _Element) -> bool:
        """Whether a form holds controls rather than the whole page."""
        length = 0
        for words in form.itertext():
            length += len(words)
            if length >= FORM_LIMIT:
                return False
        return True

    def is_minor(self, element: _Element) -> bool:
        """Whether a part holds less than half of the page's words, as no policy's text would."""
        if self.total < 0:
            self.total = _seen_length(self.root)
        if self.looked > MOST_LOOKED * self.total:  # parts in parts without end: none is minor
            return False
        length = _seen_length(element)
        self.looked += length + 1
        return length < self.total / 2


class Grid:
    """Which cells of a table's grid are taken, so that spans push later cells aside."""

    def __init__(self) -> None:
        self.row, self.column, self.in_head = -1, 0, False
        self.taken: dict[int, int] = {}

    def next_row(self, element: _Element) -> None:
        """Go to the next row."""
        parent = element.getparent()
        self.in_head = parent is not None and parent.tag == "thead"
        self.row += 1
        self.column = 0

    def next_cell(self, rows: int, columns: int) -> tuple[int, int]:
        """The row and column of the next cell; notes which it covers."""
        self.row = max(self.row, 0)
        while self.taken.get(self.column, -1) >= self.row:
            self.column += 1
        column = self.column
        for offset in range(min(columns, WIDEST - column)):
            self.taken[column + offset] = self.row + (rows - 1 if rows > 0 else 1000)
        self.column += columns
        return self.row, column


def _seen_length(element: _Element) -> int:
    hidden = sum(sum(map(len, e.itertext())) for e in element.iter("script", "style", "noscript"))
    return sum(map(len, element.itertext())) - hidden


def _is_hidden(given: Given, style: str) -> bool:
    """Whether an element is not shown at first: by attribute, style or a class known for it."""
    if "hidden" in given or given.get("aria-hidden") == "true":
        return True
    if style and UNSEEN.search(style):
        return True
    return "class" in given and "hidden" in read_tokens(given["class"][:READ])


def _level(given: Given) -> int:
    return min(max(_integer(given.get("aria-level"), 2), 1), 6)


def _integer(value: str | None, default: int) -> int:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else default


def _numeral(value: int, style: str) -> str:
    """A list number as the browser shows it.

    >>> _numeral(4, "i"), _numeral(28, "a"), _numeral(3, "1")
    ('iv', 'ab', '3')
    """
    if style == "1" or value < 1:
        return str(value)
    numeral = ""
    if style in "aA":
        while value:
            value, digit = divmod(value - 1, 26)
            numeral = chr(ord("a") + digit) + numeral
    else:
        for size, letters in ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"),
                              (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
                              (4, "iv"), (1, "i")):  # fmt: skip
            count, value = divmod(value, size)
            numeral += letters * count
    return numeral if style.islower() else numeral.upper()
