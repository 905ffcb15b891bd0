"""Reading: what a policy's file, page or text becomes."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy2dpv.errors import LanguageError, ReadError
from policy2dpv.model import Document
from policy2dpv.reading import read as read_module
from policy2dpv.reading.page_elements import SKIPPED
from policy2dpv.reading.read import read_document
from policy2dpv.reading.read_html import reveal_mail

SHARED = Path(__file__).resolve().parents[2] / "shared"
POLICIES = sorted((SHARED / "policies").rglob("*.*"))
HTML, MARKDOWN, TEXT = "text/html", "text/markdown", "text/plain"

needs_shared = pytest.mark.skipif(not POLICIES, reason="no ../shared: real policies NOT read")


def outline(source: str, media_type: str = HTML, **options: str) -> list[tuple[object, ...]]:
    """Kind, level, number and words of each block; landmark and "hidden" where they say more."""
    document = read_document(source.encode(), media_type=media_type, **options)  # type: ignore[arg-type]
    found = []
    for block in document.blocks:
        row: tuple[object, ...] = (block.kind, block.level, block.number)
        row += (document.text[block.words_start : block.end],)
        row += tuple(x for x in (block.landmark,) if x != "main") + ("hidden",) * block.hidden
        found.append(row)
    return found


def words(source: str, media_type: str = HTML) -> list[str]:
    return [str(row[3]) for row in outline(source, media_type)]


HTML_CASES = {
    "inline elements join without invented spaces": (
        "<p>We <b>sh</b>are&nbsp;your <i>e</i>-mail.<span> Not\n more.</span></p>",
        [("paragraph", 0, "", "We share your e-mail. Not more.")],
    ),
    "scripts, styles, templates, comments and noscript stay out": (
        "<p>Seen.<script>bad()</script><style>b{}</style><!-- no --></p><template>no</template>"
        "<noscript>no</noscript>",
        [("paragraph", 0, "", "Seen.")],
    ),
    "nested lists keep their depth": (
        "<p>We use:</p><ul><li>names<ul><li>first</li></ul></li><li>ages</li></ul>",
        [("paragraph", 0, "", "We use:"), ("list_item", 1, "", "names"),
         ("list_item", 2, "", "first"), ("list_item", 1, "", "ages")],
    ),
    "numbered lists carry their numbers": (
        '<ol type="a" start="3"><li>x one</li><li>y two</li></ol>',
        [("list_item", 1, "c", "x one"), ("list_item", 1, "d", "y two")],
    ),
    "definition lists": (
        "<dl><dt>Cookie</dt><dd>A small file.</dd></dl>",
        [("term", 1, "", "Cookie"), ("definition", 1, "", "A small file.")],
    ),
    "two breaks part paragraphs, one does not": (
        "<p>Acme Inc.<br>1 Way<br><br>Call us.</p>",
        [("paragraph", 0, "", "Acme Inc.\n1 Way"), ("paragraph", 0, "", "Call us.")],
    ),
    "a collapsed part is kept and marked, its summary heads it": (
        "<h2>Data</h2><details><summary>What we collect</summary><p>Your name.</p></details>",
        [("heading", 2, "", "Data"), ("heading", 3, "", "What we collect"),
         ("paragraph", 0, "", "Your name.", "hidden")],
    ),
    "display none, hidden and aria-hidden are kept": (
        '<div style="display: none">One.</div><p hidden>Two.</p><p aria-hidden="true">Three.</p>',
        [("paragraph", 0, "", "One.", "hidden"), ("paragraph", 0, "", "Two.", "hidden"),
         ("paragraph", 0, "", "Three.", "hidden")],
    ),
    "an accordion's button heads its panel": (
        '<h2>Policy</h2><button aria-expanded="false" aria-controls="a">Your rights</button>'
        '<div id="a" class="collapse"><p>You may object.</p></div>',
        [("heading", 2, "", "Policy"), ("heading", 3, "", "Your rights"),
         ("paragraph", 0, "", "You may object.", "hidden")],
    ),
    "role heading": (
        '<div role="heading" aria-level="3">Cookies</div><p>We set some.</p>',
        [("heading", 3, "", "Cookies"), ("paragraph", 0, "", "We set some.")],
    ),
    "a bold paragraph that stands above others is a heading": (
        "<h1>Privacy</h1><p><strong>Your data</strong></p><p>We keep <b>all</b> of it.</p>"
        "<p><b>We never sell your data to anyone.</b></p><p>Really.</p>",
        [("heading", 1, "", "Privacy"), ("heading", 2, "", "Your data"),
         ("paragraph", 0, "", "We keep all of it."),
         ("paragraph", 0, "", "We never sell your data to anyone."),
         ("paragraph", 0, "", "Really.")],
    ),
    "landmarks": (
        "<header><a>Home</a></header><nav>Menu</nav><main><header><h1>Privacy</h1></header>"
        "<p>We use data to run the service that you asked for, and for nothing else at all.</p>"
        "</main><div>Beside.</div><footer>Acme Inc.</footer>",
        [("paragraph", 0, "", "Home", "header"), ("paragraph", 0, "", "Menu", "nav"),
         ("heading", 1, "", "Privacy"),
         ("paragraph", 0, "", "We use data to run the service that you asked for, and for nothing"
          " else at all."),
         ("paragraph", 0, "", "Beside.", "aside"), ("paragraph", 0, "", "Acme Inc.", "footer")],
    ),
    "a cookie banner is told by its id, a heading's id is not": (
        '<div id="onetrust-banner-sdk">We value you.</div><h2 id="cookie-notice">Cookies</h2>'
        "<p>We use cookies to keep you signed in and to count our visitors every day.</p>",
        [("paragraph", 0, "", "We value you.", "dialog"), ("heading", 2, "", "Cookies"),
         ("paragraph", 0, "", "We use cookies to keep you signed in and to count our visitors"
          " every day.")],
    ),
    "bullets typed into paragraphs": (
        "<p>We collect:</p><p>• your name</p><p>(a) your age</p>"
        "<p>We collect:<br>- one<br>- two</p>",
        [("paragraph", 0, "", "We collect:"), ("list_item", 1, "", "your name"),
         ("list_item", 1, "a", "your age"), ("paragraph", 0, "", "We collect:"),
         ("list_item", 1, "", "one"), ("list_item", 1, "", "two")],
    ),
    "a table of contents is no text of the policy": (
        '<ul><li><a href="#a">Data</a></li><li><a href="#b">Use</a></li><li><a href="#c">Rights</a>'
        "</li></ul><h2>Data</h2><p>We have it.</p>",
        [("list_item", 1, "", "Data", "nav"), ("list_item", 1, "", "Use", "nav"),
         ("list_item", 1, "", "Rights", "nav"), ("heading", 2, "", "Data"),
         ("paragraph", 0, "", "We have it.")],
    ),
    "a layout table is paragraphs": (
        "<table><tr><td><p>First paragraph.</p></td></tr><tr><td>Second one.</td></tr></table>",
        [("paragraph", 0, "", "First paragraph."), ("paragraph", 0, "", "Second one.")],
    ),
    "a whole page in a form is not a form": (
        "<form><p>" + "We process personal data. " * 100 + "</p></form>",
        [("paragraph", 0, "", ("We process personal data. " * 100).strip())],
    ),
    "zero-width characters go": ("<p>per\u200bsonal\ufeff da\u00adta</p>",
                                 [("paragraph", 0, "", "personal data")]),
}  # fmt: skip


@pytest.mark.parametrize("name", HTML_CASES)
def test_html_structure(name: str) -> None:
    source, expected = HTML_CASES[name]
    assert outline(source) == expected


TEXT_CASES = {
    "headings, lead-in and list": (
        "Your Data\nWe may collect the following:\n- your name;\n- your age.\nCookies\n"
        "We use cookies to keep you signed in while you browse our pages.\n",
        [("heading", 1, "", "Your Data"), ("paragraph", 0, "", "We may collect the following:"),
         ("list_item", 1, "", "your name;"), ("list_item", 1, "", "your age."),
         ("heading", 2, "", "Cookies"),
         ("paragraph", 0, "", "We use cookies to keep you signed in while you browse our pages.")],
    ),
    "numbered headings keep their depth, letters are items": (
        "1. Collection\n\n1.1 By visitors.\n\nWe log what you do on our pages each day you come.\n"
        "(a) pages seen;\n(b) time spent.\n\n2. Use\n\nWe use it to run the service well.\n",
        [("heading", 2, "1", "Collection"), ("heading", 3, "1.1", "By visitors."),
         ("paragraph", 0, "", "We log what you do on our pages each day you come."),
         ("list_item", 1, "a", "pages seen;"), ("list_item", 1, "b", "time spent."),
         ("heading", 2, "2", "Use"), ("paragraph", 0, "", "We use it to run the service well.")],
    ),
    "short lines under a lead-in are items": (
        "Data\n\nYou may give us, among other things:\n\nEmail address\n\nPhone number\n\n"
        "Usage Data\n\nUsage data is collected when you use the service on any device.\n",
        [("heading", 1, "", "Data"), ("paragraph", 0, "", "You may give us, among other things:"),
         ("list_item", 1, "", "Email address"), ("list_item", 1, "", "Phone number"),
         ("heading", 2, "", "Usage Data"),
         ("paragraph", 0, "", "Usage data is collected when you use the service on any device.")],
    ),
    "wrapped lines are one paragraph": (
        "PRIVACY\n\nWe collect your name and address when you order from us, and\n"
        "we keep them for as long as the law asks us to keep our books, and\n"
        "we delete them after that time unless you have asked us to keep\n"
        "them for longer.\n\n  * a first item that is so long that it goes on in the next\n"
        "    line of the text\n  * a second item\n",
        [("heading", 1, "", "PRIVACY"),
         ("paragraph", 0, "", "We collect your name and address when you order from us, and\nwe"
          " keep them for as long as the law asks us to keep our books, and\nwe delete them after"
          " that time unless you have asked us to keep\nthem for longer."),
         ("list_item", 1, "", "a first item that is so long that it goes on in the next\n    line"
          " of the text"), ("list_item", 1, "", "a second item")],
    ),
    "nested bullets": (
        "We use:\n• data you give:\n   o your name\n   o your age\n• data we log\n",
        [("paragraph", 0, "", "We use:"), ("list_item", 1, "", "data you give:"),
         ("list_item", 2, "", "your name"), ("list_item", 2, "", "your age"),
         ("list_item", 1, "", "data we log")],
    ),
    "an address is one block": (
        "Write to us, if you have any question about this policy, at:\n\nAcme Inc.\n12 Main Street"
        "\nDublin\n\nWe will answer.\n\nAnd soon.\n",
        [("paragraph", 0, "", "Write to us, if you have any question about this policy, at:"),
         ("paragraph", 0, "", "Acme Inc.\n12 Main Street\nDublin"),
         ("paragraph", 0, "", "We will answer."), ("paragraph", 0, "", "And soon.")],
    ),
    "columns are cells under their header": (
        "Purpose\tData\nBilling\tyour name\nSecurity\tlog files\n",
        [("header_cell", 0, "", "Purpose"), ("header_cell", 0, "", "Data"),
         ("cell", 0, "", "Billing"), ("cell", 0, "", "your name"), ("cell", 0, "", "Security"),
         ("cell", 0, "", "log files")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXT_CASES)
def test_text_structure(name: str) -> None:
    source, expected = TEXT_CASES[name]
    assert outline(source, TEXT) == expected


def test_plain_text_is_the_file_itself() -> None:
    source = "\tPrivacy  \r\n\r\n• we keep\u00a0nothing\r- not even this \n\n"
    document = read_document(source.encode(), media_type=TEXT)
    assert document.text == source.replace("\r\n", "\n").replace("\r", "\n")
    items = [b for b in document.blocks if b.kind == "list_item"]
    assert [document.text[b.start : b.words_start] for b in items] == ["• ", "- "]


def test_markdown_as_open_terms_archive_writes_it() -> None:
    source = (
        "**Acme Policy**\n===============\n\n1\\. About us\n----------\n\nWe [sell](https://x.org) "
        "shoes:\n\n*   red ones\n    *   very red\n\n|     |     |\n| --- | --- |\n"
        "| **Purpose** | **Data** |\n| Billing | We need:<br><br>*   your name<br>*   your card |\n"
    )
    assert outline(source, MARKDOWN) == [
        ("heading", 1, "", "Acme Policy"), ("heading", 2, "1", "About us"),
        ("paragraph", 0, "", "We sell shoes:"), ("list_item", 1, "", "red ones"),
        ("list_item", 2, "", "very red"), ("header_cell", 0, "", "Purpose"),
        ("header_cell", 0, "", "Data"), ("cell", 0, "", "Billing"), ("cell", 0, "", "We need:"),
        ("list_item", 1, "", "your name"), ("list_item", 1, "", "your card"),
    ]  # fmt: skip
    document = read_document(source.encode(), media_type=MARKDOWN)
    card = document.blocks[-1]
    assert (card.table, card.row, card.column) == (0, 2, 1)
    assert [document.text[a:b] for a, b in card.headers] == ["Data"]
    (link,) = document.links
    assert (document.text[link.start : link.end], link.href) == ("sell", "https://x.org")


def test_header_cells_with_spans() -> None:
    source = (
        "<table><caption>What we do</caption><thead><tr><th colspan=2>Use</th><th>Kept for</th>"
        "</tr></thead><tr><th rowspan=2>Orders</th><td>name</td><td>6 years</td></tr>"
        "<tr><td>card</td><td>1 day</td></tr><tr><td colspan=3>Other uses</td></tr>"
        "<tr><td>News</td><td>e-mail</td><td>until you object</td></tr></table>"
    )
    document = read_document(source.encode(), media_type=HTML)
    text = document.text
    heads = {
        text[b.start : b.end]: [text[x:y] for x, y in b.headers]
        for b in document.blocks
        if b.table is not None
    }
    assert document.blocks[0].kind == "caption"
    assert heads["6 years"] == ["Kept for", "Orders"]
    assert heads["card"] == ["Use", "Orders"]
    assert heads["1 day"] == ["Kept for", "Orders"]
    assert heads["until you object"] == ["Other uses", "Kept for"]


def test_facts_of_a_page() -> None:
    source = (
        '<html lang="en-GB"><head><title>Acme | Privacy</title>'
        '<link rel="canonical" href="https://acme.example/privacy"></head><body><h1>Our Privacy '
        "Policy</h1><p>Version 3.2. Last updated: 1st March 2024. Effective as of April 2, 2024</p>"
        "</body></html>"
    )
    document = read_document(source.encode())
    assert (document.title, document.language) == ("Our Privacy Policy", "en")
    assert (document.page, document.media_type) == ("https://acme.example/privacy", HTML)
    assert [(d.kind, d.value) for d in document.dates] == [
        ("version", "3.2"), ("modified", "2024-03-01"), ("valid", "2024-04-02")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("Last Updated May 17, 2018", "modified", "2018-05-17"),
        ("Latest Update Date: November 2022", "modified", "2022-11"),
        ("Last Updated on May 24, 2019", "modified", "2019-05-24"),
        ("Effective as of July 1, 2026", "valid", "2026-07-01"),
        ("Effective date: 30 April 2025", "valid", "2025-04-30"),
        ("Last revised 2021-02-03", "modified", "2021-02-03"),
        ("Last updated: 25/12/2020", "modified", "2020-12-25"),
        ("Effective Date: 02/09/2023", "valid", "2023"),
        ("On November 3, 2025, we updated this notice.", "modified", "2025-11-03"),
    ],
)
def test_dates(line: str, kind: str, value: str) -> None:
    document = read_document(f"Privacy Policy\n{line}\nWe keep data.\n".encode(), media_type=TEXT)
    (date,) = document.dates
    assert (date.kind, date.value) == (kind, value)
    assert value[:4] in document.text[date.start : date.end]


ENCODED = "<p>Café “naïve” – we keep your data</p>"


@pytest.mark.parametrize(
    "data",
    [
        ENCODED.encode("utf-8"),
        ENCODED.encode("utf-8-sig"),
        ENCODED.encode("utf-16"),
        ENCODED.encode("utf-16-le"),
        ENCODED.encode("cp1252"),
        b'<meta charset="iso-8859-1">' + ENCODED.encode("cp1252"),
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'
        + ENCODED.encode("cp1252"),
    ],
)
def test_encodings(data: bytes) -> None:
    document = read_document(data, media_type=HTML)
    assert document.text == "Café “naïve” – we keep your data\n"


DUTCH = (
    "Wij verwerken uw gegevens en die van onze klanten om de dienst te leveren, en geven ze niet"
    " door aan een andere partij. U heeft het recht op inzage in uw gegevens.\n"
)


def test_language_without_tables_is_named() -> None:
    with pytest.raises(LanguageError, match="Dutch"):
        read_document(DUTCH.encode())
    page = f'<html lang="en"><p>{DUTCH}</p></html>'
    with pytest.raises(LanguageError, match="Dutch"):
        read_document(page.encode())
    assert read_document(DUTCH.encode(), language="en").language == "en"
    with pytest.raises(LanguageError, match="French"):
        read_document(b"We keep your data for the time that we need.", language="fr")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Мы собираем ваш адрес.\nМы не продаем данные.\n", "Russian"),
        ("我们收集您的电子邮件地址。\n", "Chinese"),
        ("Nous ne vendons pas vos données.\n", "French"),
        ("ჩვენ ვაგროვებთ მონაცემებს.\n", "a script or language"),
    ],
)
def test_a_short_text_in_another_language_is_refused(text: str, language: str) -> None:
    with pytest.raises(LanguageError, match=language):
        read_document(text)


@pytest.mark.parametrize("text", ["As per date, do as told.\n", "Privacy α β γ\n", "Data.\n"])
def test_a_short_text_is_english_unless_its_words_tell(text: str) -> None:
    assert read_document(text).language == "en"


def test_deep_markdown_is_read_whole_or_refused() -> None:
    lists = ["".join("  " * i + f"- Item {i}.\n" for i in range(depth)) for depth in (90, 300)]
    assert "Item 89." in read_document(lists[0].encode(), media_type=MARKDOWN).text
    for text in (lists[1], ">" * 100_000 + " We keep it."):
        with pytest.raises(ReadError, match="nested so deeply"):
            read_document(text.encode(), media_type=MARKDOWN)


DEEP = b"<div>" * 100_000 + b"<p>We keep your name.</p>" + b"</div>" * 100_000
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">'
    b'<!ENTITY f SYSTEM "file:///etc/passwd">]><html><p>We share &b; and &f; data.</p></html>'
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"<html><body><script>x</script></body></html>", "no text"),
        (bytes(range(256)) * 40, "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "binary"),
        (b"%PDF-1.7 ...", "it is no PDF, or a damaged one"),
        (b"PK\x03\x04 word/document.xml", "damaged .BadZipFile"),
        (b"We keep data \x81\x8d\x8f", "neither UTF-8 nor Windows-1252"),
        (b'<html><div id="root"></div><script src="a.js"></script></html>', "without scripts"),
        (b"<html><noscript>Please enable JavaScript</noscript><script>x</script></html>",
         "without scripts"),
        (DEEP, "nested so deeply"),
    ],
)  # fmt: skip
def test_bad_bytes(data: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_document(data)


def test_bad_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_document(tmp_path / "missing.html")
    with pytest.raises(ReadError, match="folder"):
        read_document(tmp_path)
    large = tmp_path / "large.txt"
    large.write_bytes(b"We keep your data. " * 1000)
    with pytest.raises(ReadError, match="limit"):
        read_document(large, limit=1000)
    assert read_document(large, limit=100_000).uri == "large.txt"
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": large.open("rb")})())
    assert read_document("-").text.startswith("We keep")


def test_entities_are_never_resolved() -> None:
    document = read_document(BOMB)
    assert "root:" not in document.text
    assert "aaaaaaaaaa" not in document.text
    assert "We share" in document.text


def test_moderate_depth_reads_right() -> None:
    data = b"<div>" * 1500 + b"<p>We keep your name.</p>" + b"</div>" * 1500 + b"<p>After.</p>"
    assert [b.kind for b in read_document(data).blocks] == ["paragraph", "paragraph"]


def test_reader_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read_document(b"We keep data.", media_type=TEXT)

    class Entry:
        @staticmethod
        def load() -> object:
            return lambda data: document

    def entry_points(*, group: str, name: str) -> list[type[Entry]]:
        assert (group, name) == (read_module.READERS, "application/pdf")
        return [Entry]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    assert read_document(b"%PDF-1.7") is document


def test_a_document_is_read_already() -> None:
    document = read_document(b"We keep data.")
    assert read_document(document) is document
    assert read_document("We keep data.\nYou may object.\n").media_type == TEXT


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path
        if path.startswith("/loop"):
            self.send_response(302)
            self.send_header("Location", f"/loop{len(path)}{path[5:]}")
            self.end_headers()
        elif path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif path == "/missing":
            self.send_error(404)
        else:
            body = b"<p>Caf\xe9: we keep your data.</p>"
            self.send_response(200)
            kind = "image/png" if path == "/image" else "text/html; charset=iso-8859-1"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body * (1000 if path == "/large" else 1))

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_web_address(site: str) -> None:
    document = read_document(f"{site}/privacy")
    assert (document.text, document.uri) == ("Café: we keep your data.\n", f"{site}/privacy")


@pytest.mark.parametrize(
    ("path", "message"),
    [("/missing", "404"), ("/loop", "redirect"), ("/file", "not allowed"),
     ("/large", "larger than"), ("/image", "no reader for image/png")],
)  # fmt: skip
def test_bad_web_address(site: str, path: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_document(site + path, limit=5000)


def test_unreachable_address() -> None:
    with pytest.raises(ReadError, match="cannot be reached"):
        read_document("http://127.0.0.1:9/privacy")


# What holds for every document.


def check_blocks(document: Document) -> None:
    text, last = document.text, 0
    for block in document.blocks:
        assert last <= block.start < block.end <= len(text)
        assert text[block.start : block.end].strip() == text[block.start : block.end]
        assert block.start <= block.words_start < block.end
        assert all(0 <= a < b <= len(text) for a, b in block.headers)
        last = block.end
    assert all(0 <= link.start < link.end <= len(text) for link in document.links)
    covered = "".join(text[b.start : b.end] for b in document.blocks)
    if document.media_type != TEXT:
        assert "".join(covered.split()) == "".join(text.split())


def seen_characters(data: str) -> str:
    """The characters of a page without white space, as they stand in its tree."""
    from lxml import etree

    parser = etree.HTMLParser(huge_tree=True, encoding="utf-8", remove_comments=True,
                              remove_pis=True)  # fmt: skip
    root = etree.fromstring(data.encode(), parser)
    reveal_mail(root)
    for element in list(root.iter(*SKIPPED - {"body"})):
        tail, parent, before = element.tail or "", element.getparent(), element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
        parent.remove(element)
    shown = "".join(map(str, root.itertext()))
    return "".join(c for c in "".join(shown.split()) if c not in UNSEEN)


NAMES = st.sampled_from(
    ["p", "div", "span", "b", "a", "ul", "ol", "li", "table", "tr", "td", "th", "h1", "h2", "h3",
     "details", "summary", "dl", "dt", "dd", "br", "button", "section", "nav", "main", "footer",
     "form", "label", "pre", "strong", "em"]
)  # fmt: skip
UNSEEN = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
TEXTS = st.text(st.sampled_from("abc DEF.:;?-•1(a)\n\u00a0é&lt;"), max_size=30)
NODES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inner, max_size=4)
    ),
    max_leaves=25,
)


@given(st.lists(NODES, max_size=6).map("".join))
@settings(max_examples=150, deadline=None)
def test_random_pages_lose_nothing(body: str) -> None:
    page = f"<html><body><p>We keep data.</p>{body}</body></html>"
    document = read_document(page.encode(), media_type=HTML, language="en")
    check_blocks(document)
    assert "".join(document.text.split()) == seen_characters(page)


@given(st.text(st.sampled_from("abc DEF.:;?-•123()\n\t\u00a0é|–"), max_size=300))
@settings(max_examples=150, deadline=None)
def test_random_texts_are_covered(body: str) -> None:
    document = read_document(f"Data.\n{body}".encode(), media_type=TEXT, language="en")
    check_blocks(document)
    inside = set()
    for block in document.blocks:
        inside |= set(range(block.start, block.end))
    lost = [c for i, c in enumerate(document.text) if i not in inside and c.isalnum()]
    assert not lost


@needs_shared
@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_real_policies(path: Path) -> None:
    document = read_document(path)
    check_blocks(document)
    assert document.language == "en"
    assert document == read_document(path)
    main = sum(b.end - b.start for b in document.blocks if b.landmark == "main")
    assert main > 0.75 * len(document.text.strip())
    if path.suffix == ".html":
        shown = seen_characters(path.read_text(encoding="utf-8"))
        assert "".join(document.text.split()) == shown


@needs_shared
def test_headings_of_the_transparency_corpus() -> None:
    headings = found = 0
    for path in sorted((SHARED / "corpora" / "gdpr-transparency").glob("*.json")):
        text, starts = "", []
        for passage in json.loads(path.read_text(encoding="utf-8")):
            text += "- " if "list" in passage["type"] else ""
            if passage["type"] == "headline":
                starts.append(len(text))
            text += " ".join(passage["passage"].split()) + "\n"
            text += "\n" if passage["type"] in ("headline", "text") else ""
        blocks = read_document(text.encode(), media_type=TEXT).blocks
        kinds = {start: b.kind for b in blocks for start in (b.start, b.words_start)}
        headings += len(starts)
        found += sum(kinds.get(start) == "heading" for start in starts)
    assert found / headings > 0.91
