"""HTML -> drafts of blocks: one walk over the tree in which nothing that can be shown is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.knowledge.patterns import load_page_patterns
from policy2dpv.reading.draft import Draft
from policy2dpv.reading.html_walk import Walk

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCTYPE = re.compile(rb"<!doctype[^>\[]*", re.IGNORECASE)
SUBSET = re.compile(rb"\[.*?\]\s*>", re.DOTALL)
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HIDDEN_MAIL = "data-cfemail"
TAG = re.compile(rb"<!--|<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
ENTITY = re.compile(rb"&#?\w{1,20};")
UNREAD = frozenset((b"script", b"style", b"template", b"noscript", b"svg", b"title"))
DOCTYPE_REACH = 65_536
OPENING = re.compile(rb"<[a-z]", re.IGNORECASE)
QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
LONG_TAG, MOST_PAIRS = 20_000, 2_000_000_000  # bytes; attributes times attributes
DEEP, LEAST_KEPT = 200, 0.9


class Page(msgspec.Struct):
    """What a page holds: its drafts in reading order and what it says about itself."""

    drafts: list[Draft]
    language: str = ""
    title: str = ""
    address: str = ""
    scripted: bool = False


def read_html(data: bytes, *, where: object = "page") -> Page:
    """The drafts of an HTML page given as UTF-8, and its own title, language and address.

    Nothing is fetched, no entity is resolved. Raises ReadError when the page is nested so deeply
    that the parser would lose words.

    >>> page = read_html(b"<h1>Privacy</h1><p>We use <b>your</b> data.<script>x()</script></p>")
    >>> [(draft.kind, draft.text) for draft in page.drafts]
    [('heading', 'Privacy'), ('paragraph', 'We use your data.')]
    """
    from lxml import etree

    data = _without_subset(data).replace(b"\0", b"")
    _check_attributes(data, where)
    parser = etree.HTMLParser(
        huge_tree=True, no_network=True, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, etree.ParserError):
        root = None
    if root is None:
        return Page([])
    if HIDDEN_MAIL.encode() in data.lower():
        reveal_mail(root)
    walk = Walk(root)
    walk.run(etree.iterwalk(root, events=("start", "end")))
    if walk.deepest >= DEEP:
        _check_nothing_lost(data, walk.drafts, where)
    return Page(
        walk.drafts, root.get("lang") or root.get(XML_LANGUAGE) or "",
        _head_title(root), _own_address(root), _needs_scripts(root),
    )  # fmt: skip


def _without_subset(data: bytes) -> bytes:
    """The page without what its document type declares, entities above all."""
    start = data[:DOCTYPE_REACH]
    doctype = DOCTYPE.search(start)
    subset = SUBSET.match(start, doctype.end()) if doctype else None
    return data[: subset.start()] + b">" + data[subset.end() :] if subset else data


def _check_attributes(data: bytes, where: object) -> None:
    """Refuse elements of so many attributes that the parser, which compares each with each, stalls.

    What looks like such an element may be a script's text, so it is counted from its first "<x"
    on, without what is quoted.
    """
    pairs = 0
    for part in data.split(b">"):
        opened = OPENING.search(part) if len(part) > LONG_TAG else None
        if opened:
            words = QUOTED.sub(b" ", part[opened.start() :]).split()
            count = sum(1 + word.partition(b"=")[0].count(b"/") for word in words)
            pairs += count * count
    if pairs > MOST_PAIRS:
        raise ReadError(where, "an element with more attributes than any page has",
                        "save the page as text or simplify its markup")  # fmt: skip


def reveal_mail(root: _Element) -> None:
    """Put mail addresses that a page hides from robots back where a browser shows them.

    Cloudflare writes them as hex digits into `data-cfemail`: a key, then each byte xor the key.
    What does not decode is left as it is.

    >>> from lxml import etree
    >>> link = etree.fromstring('<a data-cfemail="2b4a6b49">[hidden]</a>')
    >>> reveal_mail(link)
    >>> link.text
    'a@b'
    """
    for element in root.iter():
        code = element.get(HIDDEN_MAIL) if isinstance(element.tag, str) else None
        if code is None:
            continue
        try:
            key, *rest = bytes.fromhex(code)
            address = bytes(one ^ key for one in rest).decode("utf-8")
        except ValueError:
            continue
        if address.isprintable():
            element[:] = []
            element.text = address


def _check_nothing_lost(data: bytes, drafts: list[Draft], where: object) -> None:
    """Compare with the bare text between the tags: the parser drops what lies too deep."""
    expected = _bare_length(data)
    kept = sum(len("".join(draft.text.split()).encode()) for draft in drafts)
    if kept < expected * LEAST_KEPT:
        lost = 100 - 100 * kept // expected
        raise ReadError(
            where,
            f"elements are nested so deeply that {lost} % of the text is out of reach",
            "save the page as text or simplify its markup",
        )


def _bare_length(data: bytes) -> int:
    """The number of bytes of text between a page's tags, without white space."""
    length, position, closing = 0, 0, b""
    last = {end: data.rfind(end) for end in (b"-->", b">")}
    for tag in TAG.finditer(data):
        end = b">" if tag[2] else b"-->"
        if tag.start() < position or last[end] < tag.end():
            continue
        name = (tag[2] or b"").lower()
        if not closing:
            between = ENTITY.sub(b"x", data[position : tag.start()])
            length += len(b"".join(between.split()))
            closing = name if not tag[1] and name in UNREAD else b""
        elif tag[1] and name == closing:
            closing = b""
        position = data.index(end, tag.end()) + len(end)
    return length + (0 if closing else len(b"".join(data[position:].split())))


def _words_of(element: _Element) -> str:
    return "".join(map(str, element.itertext()))


def _head_title(root: _Element) -> str:
    found = root.find(".//title")
    return " ".join(_words_of(found).split()) if found is not None else ""


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
        words = _words_of(notice).lower()
        if any(word in words for word in patterns.noscript):
            return True
    return any(
        element.get("id") in patterns.mounts and not _words_of(element).strip()
        for element in root.iter("div", "main", "app-root")
    )
