"""HTML -> drafts of blocks: one walk over the tree in which nothing that can be shown is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.draft import CellPlace, Draft
from policy2dpv.errors import ReadError
from policy2dpv.model import BlockKind, Landmark
from policy2dpv.patterns import load_page_patterns, read_tokens

if TYPE_CHECKING:
    from lxml.etree import _Element

SKIPPED = frozenset(
    "script style template noscript head svg iframe object canvas audio video noframes datalist"
    " title".split()
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label map mark"
    " meter nobr output progress q rp rt ruby s samp small span strike strong sub sup time tt u var"
    " wbr picture source embed param link meta base basefont area track bgsound blink math".split()
)
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
CONTAINERS = frozenset("div section ul ol aside form header footer nav dialog table p span a".split())
NUMBERINGS = {"a": "a", "A": "A", "i": "i", "I": "I", "1": "1",
              "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
              "lower-roman": "i", "upper-roman": "I"}  # fmt: skip
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
NOT_SHOWN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
DOCTYPE_SUBSET = re.compile(rb"(<!doctype[^>\[]*)\[.*?\]\s*>", re.IGNORECASE | re.DOTALL)
DEEP = 200
FORM_LIMIT = 2000


class Page(msgspec.Struct):
    """What a page holds: its drafts in reading order and what it says about itself."""

    drafts: list[Draft]
    language: str = ""
    title: str = ""
    address: str = ""
    scripted: bool = False


class State(msgspec.Struct, frozen=True, gc=False):
    """What holds for the words at the walk's place; each element hands its own to its children."""

    kind: BlockKind = "paragraph"
    level: int = 0
    sub: int = 1
    landmark: Landmark = "main"
    hidden: bool = False
    inside: bool = False
    sectioned: bool = False
    bold: bool = False
    emphasis: bool = False
    href: str = ""
    depth: int = 0
    folds: int = 0
    veiled: bool = False
    item: int = 0
    number: str = ""
    flowing: bool = False
    verbatim: bool = False
    toggles: bool = False
    table: int = -1
    cell: CellPlace | None = None


def read_html(data: bytes, *, where: object = "page") -> Page:
    """The drafts of an HTML page given as UTF-8, and its own title, language and address.

    Nothing is fetched, no entity is resolved. Raises ReadError when the page is nested so deeply
    that the parser would lose words.

    >>> page = read_html(b"<h1>Privacy</h1><p>We use <b>your</b> data.<script>x()</script></p>")
    >>> [(draft.kind, draft.text) for draft in page.drafts]
    [('heading', 'Privacy'), ('paragraph', 'We use your data.')]
    """
    from lxml import etree

    data = DOCTYPE_SUBSET.sub(rb"\1>", data, count=1).replace(b"\0", b"")
    parser = etree.HTMLParser(
        huge_tree=True, no_network=True, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, etree.ParserError):
        root = None
    if root is None:
        return Page([])
    walk = _Walk(root)
    walk.run(etree.iterwalk(root, events=("start", "end")))
    if walk.deepest >= DEEP:
        _check_nothing_lost(data, walk.drafts, where)
    return Page(
        walk.drafts, root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang", ""),
        _head_title(root), _own_address(root), _needs_scripts(root),
    )  # fmt: skip


def _check_nothing_lost(data: bytes, drafts: list[Draft], where: object) -> None:
    """Compare with the bare text between the tags: the parser drops what lies too deep."""
    bare = re.sub(rb"(?is)<(script|style|template|noscript|svg)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>",
                  b"", data)  # fmt: skip
    expected = len(b"".join(bare.split()))
    kept = sum(len("".join(draft.text.split()).encode()) for draft in drafts)
    if kept < expected * 0.9 - 20:
        raise ReadError(
            where,
            f"elements are nested so deeply that {100 - 100 * kept // expected} % of the text is out"
            " of reach",
            "save the page as text or simplify its markup",
        )


def _head_title(root: _Element) -> str:
    found = root.find(".//title")
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def _own_address(root: _Element) -> str:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            return _web_address(link.get("href"))
    for meta in root.iter("meta"):
        if meta.get("property") == "og:url":
            return _web_address(meta.get("content"))
    return ""


def _web_address(address: str | None) -> str:
    address = (address or "").strip()
    return address if address.startswith(("http://", "https://")) else ""


def _needs_scripts(root: _Element) -> bool:
    """Whether the page is a shell: an empty mount point, or a noscript notice, beside scripts."""
    if next(root.iter("script"), None) is None:
        return False
    patterns = load_page_patterns()
    for notice in root.iter("noscript"):
        words = "".join(notice.itertext()).lower()
        if any(word in words for word in patterns.noscript):
            return True
    return any(
        element.get("id") in patterns.mounts and not "".join(element.itertext()).strip()
        for element in root.iter("div", "main", "app-root")
    )


class _Walk:
    """The walk itself: a stack of states, the words of the block at hand, the drafts so far."""

    def __init__(self, root: _Element) -> None:
        self.root = root
        self.drafts: list[Draft] = []
        self.pieces: list[str] = []
        self.length = 0
        self.space = False
        self.breaks = 0
        self.state = State()
        self.bold: list[tuple[int, int]] = []
        self.emphasis: list[tuple[int, int]] = []
        self.links: list[tuple[int, int, str]] = []
        self.items = self.tables = self.deepest = 0
        self.counters: dict[_Element, list[int]] = {}
        self.grids: dict[int, _Grid] = {}
        self.total = -1

    def run(self, events: Any) -> None:
        """Walk through lxml's events. An element's tail belongs to its parent's state."""
        stack = [State()]
        for event, element in events:
            if event == "start":
                tag = element.tag
                if tag in SKIPPED:
                    stack.append(stack[-1])
                    events.skip_subtree()
                    continue
                state = self.enter(element, tag, stack[-1])
                stack.append(state)
                if len(stack) > self.deepest:
                    self.deepest = len(stack)
                if element.text:
                    self.add(element.text, state)
            else:
                stack.pop()
                if element.tag not in INLINE and element.tag not in SKIPPED:
                    self.leave(element, stack[-1])
                if element.tail:
                    self.add(element.tail, stack[-1])
        self.flush()

    def leave(self, element: _Element, outer: State) -> None:
        if element.tag == "br":
            self.breaks += 1
        elif not (element.tag == "button" and outer.flowing):
            self.flush()
        else:
            self.space = True

    def enter(self, element: _Element, tag: str, outer: State) -> State:
        """The state for an element's own words; ends the block at hand when it starts a new one."""
        attributes = element.attrib
        if tag in INLINE:
            if not attributes and tag not in BOLD and tag not in EMPHASIS:
                return outer
            return self.enter_inline(tag, attributes, outer)
        if tag == "br":
            return outer
        if tag == "button" and outer.flowing:
            self.space = True
            return outer
        self.flush()
        change = self.shape(element, tag, attributes, outer)
        if attributes:
            self.mark(element, tag, attributes, outer, change)
        elif tag in LANDMARKS:
            self.place(LANDMARKS[tag], tag, outer, change)
        return msgspec.structs.replace(outer, **change) if change else outer

    def enter_inline(self, tag: str, attributes: Any, outer: State) -> State:
        style = attributes.get("style") or ""
        change: dict[str, Any] = {}
        if tag in BOLD or (style and BOLD_STYLE.search(style)):
            change["bold"] = True
        elif tag in EMPHASIS:
            change["emphasis"] = True
        if tag == "a" and "href" in attributes:
            change["href"] = attributes["href"].strip()
        if "aria-expanded" in attributes or attributes.get("data-toggle") == "collapse":
            change["toggles"] = True
        if (style and UNSEEN.search(style)) or "hidden" in attributes:
            change["hidden"] = True
        elif attributes.get("aria-hidden") == "true" or _marks_hidden(attributes):
            change["hidden"] = True
        role = attributes.get("role")
        if role == "heading":
            change |= {"kind": "heading", "level": _level(attributes), "flowing": True}
        return msgspec.structs.replace(outer, **change) if change else outer

    def shape(self, element: _Element, tag: str, attributes: Any, outer: State) -> dict[str, Any]:
        """What an element's name says about the blocks in it."""
        if tag in HEADINGS:
            return {"kind": "heading", "level": HEADINGS[tag], "flowing": True}
        if tag == "p":
            return {"flowing": True}
        if tag == "li" or attributes.get("role") == "listitem":
            return self.list_item(element, attributes, outer)
        if tag in ("ul", "ol", "menu", "dir"):
            if tag == "ol":
                self.counters[element] = [_integer(attributes.get("start"), 1)]
            return {"depth": outer.depth + 1, "kind": "paragraph", "bold": False}
        if tag in ("td", "th"):
            return self.cell(tag, attributes, outer)
        if tag == "tr":
            if outer.table in self.grids:
                self.grids[outer.table].next_row(element)
            return {}
        if tag == "table":
            self.tables += 1
            self.grids[self.tables - 1] = _Grid()
            return {"table": self.tables - 1, "cell": None, "kind": "paragraph", "bold": False}
        if tag == "dl":
            return {"depth": outer.depth + 1}
        return self.shape_rarer(element, tag, attributes, outer)

    def shape_rarer(
        self, element: _Element, tag: str, attributes: Any, outer: State
    ) -> dict[str, Any]:
        if tag == "dt":
            return {"kind": "term", "level": max(outer.depth, 1), "flowing": True}
        if tag == "dd":
            return {"kind": "definition", "level": max(outer.depth, 1)}
        if tag in ("caption", "figcaption"):
            return {"kind": "caption", "flowing": True}
        if tag == "details":
            closed = "open" not in attributes
            return {"folds": outer.folds + 1, "hidden": outer.hidden or closed,
                    "veiled": outer.hidden}  # fmt: skip
        if tag == "summary":
            return {"kind": "heading", "level": 0, "sub": max(outer.folds, 1),
                    "hidden": outer.veiled, "flowing": True}  # fmt: skip
        if tag == "button":
            opens = "aria-expanded" in attributes or "aria-controls" in attributes
            if opens or attributes.get("data-toggle") or attributes.get("data-bs-toggle"):
                return {"kind": "heading", "level": 0, "flowing": True, "toggles": True}
            return {"landmark": "form" if outer.landmark == "main" else outer.landmark}
        if tag in ("select", "option", "optgroup"):
            return {"landmark": "form" if outer.landmark == "main" else outer.landmark}
        if tag in ("pre", "textarea", "listing", "xmp", "plaintext"):
            return {"verbatim": True}
        return {}

    def list_item(self, element: _Element, attributes: Any, outer: State) -> dict[str, Any]:
        self.items += 1
        parent = element.getparent()
        number, counter = "", self.counters.get(parent) if parent is not None else None
        if counter is not None and parent is not None:
            value = _integer(attributes.get("value"), counter[0])
            counter[0] = value + 1
            style = LIST_STYLE.search(attributes.get("style") or parent.get("style") or "")
            kind = style[1].lower() if style else parent.get("type") or "1"
            number = _numeral(value, NUMBERINGS.get(kind, "1"))
        return {"kind": "list_item", "level": max(outer.depth, 1), "item": self.items,
                "number": number}  # fmt: skip

    def cell(self, tag: str, attributes: Any, outer: State) -> dict[str, Any]:
        grid = self.grids.get(outer.table)
        if grid is None:
            return {}
        rows = min(_integer(attributes.get("rowspan"), 1), 1000)
        columns = min(_integer(attributes.get("colspan"), 1), 100)
        row, column = grid.next_cell(rows, columns)
        heads = tag == "th" or attributes.get("role") in ("columnheader", "rowheader")
        place = CellPlace(outer.table, row, column, max(rows, 1), max(columns, 1), heads,
                          grid.in_head, (attributes.get("scope") or "").lower())  # fmt: skip
        return {"cell": place, "kind": "cell", "depth": 0, "level": 0, "number": "", "item": 0,
                "flowing": False, "bold": False}  # fmt: skip

    def mark(
        self, element: _Element, tag: str, attributes: Any, outer: State, change: dict[str, Any]
    ) -> None:
        """Add what an element's attributes say: landmark, hidden, heading by role."""
        role = (attributes.get("role") or "").lower()
        if role == "heading":
            change |= {"kind": "heading", "level": _level(attributes), "flowing": True}
        style = attributes.get("style")
        if style:
            if UNSEEN.search(style):
                change["hidden"] = True
            if BOLD_STYLE.search(style):
                change["bold"] = True
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            change["hidden"] = True
        landmark = ROLES.get(role) or LANDMARKS.get(tag)
        if landmark is None and tag == "form" and self.is_small(element):
            landmark = "form"
        if tag in CONTAINERS and ("class" in attributes or "id" in attributes):
            reads = read_tokens(f"{attributes.get('id', '')} {attributes.get('class', '')}")
            if "hidden" in reads:
                change["hidden"] = True
            marked = next((MARKED[name] for name in MARKED if name in reads), None)
            if marked and landmark in (None, "aside", "header") and self.is_minor(element):
                landmark = marked
        if landmark:
            self.place(landmark, tag if role not in ROLES else "", outer, change)

    def place(self, landmark: Landmark, tag: str, outer: State, change: dict[str, Any]) -> None:
        """Enter a landmark; a header or footer of the main part or of an article is none."""
        if landmark == "main":
            change |= {"landmark": "main", "inside": True, "sectioned": True}
        elif not (tag in ("header", "footer") and outer.sectioned):
            if outer.landmark in ("main", "header", "aside", "form") or landmark == "dialog":
                change["landmark"] = landmark
        if tag == "article":
            change["sectioned"] = True

    def is_small(self, form: _Element) -> bool:
        return sum(map(len, form.itertext())) < FORM_LIMIT

    def is_minor(self, element: _Element) -> bool:
        """Whether a part holds less than half of the page's words, as no policy's text would."""
        if self.total < 0:
            self.total = _seen_length(self.root)
        return _seen_length(element) < self.total / 2

    def add(self, text: str, state: State) -> None:
        """Add words to the block at hand, with white space collapsed as a browser does."""
        if state.verbatim and "\n" in text:
            for number, line in enumerate(text.expandtabs().split("\n")):
                if number:
                    self.breaks += 1
                self.add_words(line, state)
            return
        self.add_words(text, state)

    def add_words(self, text: str, state: State) -> None:
        if not text.isascii():
            text = NOT_SHOWN.sub("", text)
        words = " ".join(text.split())
        if not words:
            self.space = self.space or bool(text)
            return
        if self.breaks and self.pieces:
            if self.breaks > 1:
                self.flush()
            else:
                self.pieces.append("\n")
                self.length += 1
        elif self.pieces and (self.space or text[0].isspace()):
            self.pieces.append(" ")
            self.length += 1
        if not self.pieces:
            self.state = state
        self.breaks, self.space = 0, text[-1].isspace()
        start, self.length = self.length, self.length + len(words)
        self.pieces.append(words)
        if state.bold:
            self.bold.append((start, self.length))
        if state.emphasis or state.bold:
            self.emphasis.append((start, self.length))
        if state.href:
            self.links.append((start, self.length, state.href))

    def flush(self) -> None:
        """End the block at hand."""
        self.space, self.breaks = False, 0
        if not self.pieces:
            return
        state = self.state
        self.drafts.append(
            Draft(
                "".join(self.pieces), state.kind, state.level, state.sub, state.landmark,
                state.hidden, state.inside, state.number, 0, state.item, -1, state.cell, (),
                self.bold, self.emphasis, self.links, state.toggles,
            )
        )  # fmt: skip
        self.pieces, self.length = [], 0
        self.bold, self.emphasis, self.links = [], [], []


class _Grid:
    """Which cells of a table's grid are taken, so that spans push later cells aside."""

    def __init__(self) -> None:
        self.row, self.column, self.in_head = -1, 0, False
        self.taken: dict[int, int] = {}

    def next_row(self, element: _Element) -> None:
        parent = element.getparent()
        self.in_head = parent is not None and parent.tag == "thead"
        self.row += 1
        self.column = 0

    def next_cell(self, rows: int, columns: int) -> tuple[int, int]:
        self.row = max(self.row, 0)
        while self.taken.get(self.column, -1) >= self.row:
            self.column += 1
        column = self.column
        for offset in range(columns):
            self.taken[column + offset] = self.row + (rows - 1 if rows > 0 else 1000)
        self.column += columns
        return self.row, column


def _seen_length(element: _Element) -> int:
    hidden = sum(sum(map(len, e.itertext())) for e in element.iter("script", "style", "noscript"))
    return sum(map(len, element.itertext())) - hidden


def _marks_hidden(attributes: Any) -> bool:
    return "class" in attributes and "hidden" in read_tokens(attributes["class"])


def _level(attributes: Any) -> int:
    return min(max(_integer(attributes.get("aria-level"), 2), 1), 6)


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
