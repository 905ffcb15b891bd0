"""Policies as PDF and Word files: they say what their pages say, and nothing in them does harm."""

from __future__ import annotations

import csv
import http.server
import os
import sys
import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from conftest import ROOT, Run
from hypothesis import given, settings
from hypothesis import strategies as st
from office_samples import Text, assemble_pdf, make_docx, make_pdf, paragraph, set_lines
from test_read import check_blocks

from policy2dpv.conversion import convert
from policy2dpv.errors import ReadError
from policy2dpv.model import Annotation, Document, Statement
from policy2dpv.reading.media_types import DOCX, PDF
from policy2dpv.reading.read import read_document
from policy2dpv.reading.read_markdown import markdown_to_html
from policy2dpv.reading.sandbox import extract_apart

FILES = ROOT / "tests" / "office"
SOURCES = {"eu-shop": ROOT / "examples" / "eu-shop.html", "us-app": ROOT / "examples" / "us-app.md",
           "laden": ROOT / "examples" / "de" / "laden.md"}  # fmt: skip
POLICIES = sorted(path for path in FILES.iterdir() if path.suffix != ".tsv")
SLOTS = [name for name, kind in Statement.__annotations__.items() if "tuple[Annotation" in kind]


# The same policy says the same in every format.


def name_value(found: Annotation) -> str:
    return "/".join(filter(None, (found.term, found.value, found.name)))


def name_statement(said: Statement) -> str:
    """All that a statement says: who, whether, how, and each slot's terms, values and names."""
    words = [said.kind, said.actor, said.polarity, said.modality]
    if said.party:
        words.append(f"party={name_value(said.party)}")
    for slot in SLOTS:
        values = sorted({name_value(found) for found in getattr(said, slot)})
        words.append(f"{slot}={';'.join(values)}" if values else "")
    return " ".join(filter(None, words))


def statements(source: Path | bytes) -> Counter[str]:
    return Counter(name_statement(said) for said in convert(source).statements)


@pytest.fixture(scope="module")
def originals() -> dict[str, Counter[str]]:
    return {name: statements(path) for name, path in SOURCES.items()}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_every_format_says_the_same(path: Path, originals: dict[str, Counter[str]]) -> None:
    name = next(name for name in SOURCES if path.name.startswith(name))
    found, wanted = statements(path), originals[name]
    assert sum(wanted.values()) > 50
    with (FILES / "losses.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["file"] == path.name]
    assert found - wanted == Counter(row["statement"] for row in rows if row["sign"] == "+")
    assert wanted - found == Counter(row["statement"] for row in rows if row["sign"] == "-")


def test_markdown_says_what_its_page_says(originals: dict[str, Counter[str]]) -> None:
    page = markdown_to_html(SOURCES["us-app"].read_text("utf-8"))
    assert statements(page.encode()) == originals["us-app"]


def test_the_table_of_losses_names_files_that_are_there() -> None:
    with (FILES / "losses.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {row["file"] for row in rows} <= {path.name for path in POLICIES}
    assert all(row["why"] and row["sign"] in "+-" for row in rows)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_laws_of_the_text_hold(path: Path) -> None:
    made = convert(path)
    check_blocks(made.document)
    text = made.document.text
    assert all(text[one.start : one.end] == one.quote for one in made.annotations)
    assert "running header" not in text
    assert "Page 1" not in text
    assert read_document(path) == made.document


# What a file's looks become.


def outline(document: Document) -> list[tuple[str, int, str]]:
    text = document.text
    return [(b.kind, b.level, text[b.words_start : b.end]) for b in document.blocks]


def read_texts(*texts: Iterable[Text]) -> list[tuple[str, int, str]]:
    return outline(read_document(make_pdf([list(chain(*texts))])))


KEPT = "We keep your name and your email address until you close your account with us, not a day"
ASKED = "You may ask us for a copy of your data at any time, which we send you within one month or"


def test_columns_are_read_one_after_the_other() -> None:
    one, two = f"{KEPT} longer. " * 2, f"{ASKED} sooner. " * 2
    found = read_texts(
        [(50, 60, 20, "bold", "Privacy Policy")],
        set_lines(one.strip(), 50, 100, width=230),
        set_lines(two.strip(), 320, 100, width=230),
    )
    assert found == [
        ("heading", 1, "Privacy Policy"), ("paragraph", 0, one.strip()),
        ("paragraph", 0, two.strip()),
    ]  # fmt: skip


def test_bullets_are_list_items() -> None:
    found = read_texts(
        set_lines("We collect:", 50, 60),
        [(60, 80, 10, "plain", "\x02 your name and the name of your"),
         (72, 92, 10, "plain", "company;"), (60, 104, 10, "plain", "\x02 your address."),
         (80, 116, 10, "plain", "o"), (95, 116, 10, "plain", "where you live")],
        set_lines("We sell nothing.", 50, 140),
    )  # fmt: skip
    assert found == [
        ("paragraph", 0, "We collect:"),
        ("list_item", 1, "your name and the name of your company;"),
        ("list_item", 1, "your address."), ("list_item", 2, "where you live"),
        ("paragraph", 0, "We sell nothing."),
    ]  # fmt: skip


def test_drawn_bullets_and_ruled_tables() -> None:
    rules = "".join(f" 50 {y} 300 1 re f" for y in (600, 630, 660))
    rules += "".join(f" {x} 600 1 60 re f" for x in (50, 200, 350))
    drawn = f" 60 737 4 4 re f {rules}"
    texts = [(70, 64, 10, "plain", "your name"), (55, 158, 10, "bold", "Data"),
             (205, 158, 10, "bold", "Kept for"), (55, 188, 10, "plain", "Your invoices"),
             (205, 182, 10, "plain", "ten"), (205, 194, 10, "plain", "years")]  # fmt: skip
    document = read_document(make_pdf([texts], drawn=drawn))
    assert outline(document) == [
        ("list_item", 1, "your name"), ("header_cell", 0, "Data"), ("header_cell", 0, "Kept for"),
        ("cell", 0, "Your invoices"), ("cell", 0, "ten years"),
    ]  # fmt: skip
    start, end = document.blocks[-1].headers[0]
    assert document.text[start:end] == "Kept for"


def test_a_table_without_rules() -> None:
    rows = [("Data", "Kept for", "Reason"), ("Invoices", "ten years", "tax law"),
            ("Letters", "six years", "trade law")]  # fmt: skip
    texts = [(50 + 180 * x, 60 + 20 * y, 10, "bold" if y == 0 else "plain", words)
             for y, row in enumerate(rows) for x, words in enumerate(row)]  # fmt: skip
    document = read_document(make_pdf([texts]))
    found = [(b.row, b.column, document.text[b.start : b.end]) for b in document.blocks]
    assert found == [(y, x, words) for y, row in enumerate(rows) for x, words in enumerate(row)]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["We keep personal infor-", "mation of each of us."],
         "We keep personal information of each of us."),
        (["You have the right to opt-", "out; your opt-out is free."],
         "You have the right to opt-out; your opt-out is free."),
        (["We share it with a third-", "party company of ours."],
         "We share it with a third-party company of ours."),
        (["We keep your data for pro\xad", "cessing by us and ours."],
         "We keep your data for processing by us and ours."),
        (["We use your pro\x01le by Art. 6(1)", "(b) GDPR, and not otherwise."],
         "We use your profile by Art. 6(1)(b) GDPR, and not otherwise."),
        (["We name first-", "and third-party cookies"], "We name first- and third-party cookies"),
        (["Wir nutzen Ihre Vertrags-", "und Nutzungsdaten für den Ver-", "trag mit uns."],
         "Wir nutzen Ihre Vertrags- und Nutzungsdaten für den Vertrag mit uns."),
        (["See our https://acme.example/", "privacy page for our uses"],
         "See our https://acme.example/privacy page for our uses"),
    ],
)  # fmt: skip
def test_lines_are_joined(lines: list[str], text: str) -> None:
    found = read_texts([(50, 60 + 12 * n, 10, "plain", line) for n, line in enumerate(lines)])
    assert [words for _, _, words in found] == [text]


@pytest.mark.parametrize(("degrees", "matrix"), [(90, "0 1 -1 0 600 0"), (270, "0 -1 1 0 0 800")])
def test_turned_pages_are_read_upright(degrees: int, matrix: str) -> None:
    drawn = "".join(
        f" q {matrix} cm BT /plain 10 Tf 50 {500 - 12 * n} Td ({line}) Tj ET Q"
        for n, line in enumerate(("We collect your name and", "your address, and sell none."))
    )
    document = read_document(make_pdf([[]], drawn=drawn, turned=degrees))
    assert document.text == "We collect your name and your address, and sell none.\n"


def test_contents_lose_their_page_numbers() -> None:
    found = read_texts(
        [(50, 60, 10, "plain", "Cookies . . . . . . . . . . 7")],
        [(50, 72, 10, "plain", "Your rights............... 12")],
        [(50, 84, 10, "plain", "We sell no data.")],
    )
    assert [words for _, _, words in found] == ["Cookies", "Your rights", "We sell no data."]


def test_running_lines_go_and_sentences_cross_pages() -> None:
    parts = ("We keep data for one year. After that", "we delete it. We share it with", "none.")
    pages = [
        [(50, 30, 8, "plain", "Acme Ltd. - Privacy"), *set_lines(words, 50, 90),
         (280, 780, 8, "plain", f"Page {number} of 3")]
        for number, words in enumerate(parts, 1)
    ]  # fmt: skip
    assert read_document(make_pdf(pages)).text == " ".join(parts) + "\n"


def test_a_word_file_without_styles() -> None:
    prose = "We use your email address to send you our newsletter every week of the year."
    body = paragraph("Policy", "Heading1") + paragraph("Your data", bold=True) + paragraph(prose)
    body += paragraph("• your name") + paragraph("• your age")
    assert outline(read_document(make_docx(body))) == [
        ("heading", 1, "Policy"), ("heading", 2, "Your data"), ("paragraph", 0, prose),
        ("list_item", 1, "your name"), ("list_item", 1, "your age"),
    ]  # fmt: skip


def test_a_dash_amid_a_sentence_is_no_bullet() -> None:
    lines = ["We keep what you tell us all", "- and nothing else - until", "you close it."]
    found = read_texts([(50, 60 + 12 * n, 10, "plain", line) for n, line in enumerate(lines)])
    assert found == [("paragraph", 0, " ".join(lines))]


WORDS = st.text("abcdefghijklmnopqrstuvwxyzAB,.", min_size=1, max_size=12)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=8, max_size=60), min_size=1, max_size=8))
def test_no_word_of_a_pdf_is_lost(paragraphs: list[list[str]]) -> None:
    texts, top = [], 60.0
    for words in paragraphs:
        lines = set_lines(" ".join(["We", *words]), 50, top)
        texts += lines
        top = lines[-1][1] + 30
    document = read_document(make_pdf([texts]), language="en")
    check_blocks(document)
    wanted = "".join(f"We{''.join(words)}" for words in paragraphs)
    assert "".join(document.text.split()) == wanted


# Broken, hostile and other files end in a result or in words that help.

CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
PICTURE = " q 100 0 0 100 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q"
LOCK = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'00' * 32}> /U <{'11' * 32}> /P -4 >>"
SAID = make_pdf([set_lines("We use your email address.", 50, 60)])
ENTITY = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


def word_file(part: str, content: str) -> bytes:
    return make_docx(paragraph("We use your email address."), {part: content})


def bomb() -> bytes:
    """A page whose content unpacks to half a gigabyte."""
    data = zlib.compress(b" " * 500_000_000, 9)
    whole = assemble_pdf([
        CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        f"<< /Length {len(data)} /Filter /FlateDecode >>\nstream\nDATA\nendstream",
    ])  # fmt: skip
    return whole.replace(b"DATA", data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (SAID[:300], "it is no PDF, or a damaged one"),
        (make_pdf([[]]), "no text in it"),
        (make_pdf([[]], drawn=PICTURE), "pictures without text; run text recognition"),
        (make_pdf([[]], trailer=f"{LOCK} /ID [<00> <00>]"), "protected by a password"),
        (assemble_pdf([CATALOG, "<< /Type /Pages /Kids [2 0 R] /Count 9 >>"]), "no text in it"),
        (make_docx(""), "no text in it"),
        (word_file("word/settings.xml", ENTITY), "word/settings.xml declares XML entities"),
        (word_file("word/media/image1", "a" * 120_000_000), "unpacks to 4 parts with 120,000,"),
        (make_docx("<w:p>"), "damaged .ExpatError"),
        (make_docx("<w:tbl><w:tr><w:tc>" * 3000 + "</w:tc></w:tr></w:tbl>" * 3000), "too deeply"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), r"old format .\.doc.; open it and save it as \.docx"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"{\\rtf1 We keep data.}", "no reader for application/rtf; open it and save it as"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text", "no reader for .*opendoc"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_document(data)


def test_a_page_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(ReadError, match="too much memory"):
        extract_apart("pdf_extract.py", bomb(), dict, where="x", extra="pdf", memory=300_000_000)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("policy.pdf", b"<html><p>We use data.", 'said to be PDF, but it begins with "<html><p>We'),
        ("policy.docx", b"We use your data.", "said to be Word"),
        ("policy.doc", b"We use your data.", "old format"),
    ],
)
def test_files_that_are_something_else(
    name: str, data: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError, match=message):
        read_document(path)


def test_tags_that_hold_each_other_end() -> None:
    shown = "/P << /MCID 0 >> BDC BT /plain 10 Tf 50 700 Td (We use your email.) Tj ET EMC"
    data = assemble_pdf([
        f"{CATALOG[:-2]} /MarkInfo << /Marked true >> /StructTreeRoot 6 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /StructParents 0 /MediaBox [0 0 600 800] /Resources "
        "<< /Font << /plain 5 0 R >> >> /Contents 4 0 R >>",
        f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
        "<< /Type /StructTreeRoot /K [7 0 R] /ParentTree << /Nums [0 [8 0 R]] >> >>",
        "<< /Type /StructElem /S /Sect /P 8 0 R /K [8 0 R 7 0 R] >>",
        "<< /Type /StructElem /S /P /P 7 0 R /Pg 3 0 R /K [0 7 0 R] >>",
    ])  # fmt: skip
    assert read_document(data).text == "We use your email.\n"


def test_a_word_file_asks_nobody_for_what_it_links_to() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}image" TargetMode="External" Target="{{}}"/>'
        f'<Relationship Id="r2" Type="{kind}hyperlink" TargetMode="External" '
        'Target="https://acme.example/"/></Relationships>'
    ).replace("{}", "http://192.0.2.1/pixel.png")
    vml = 'xmlns:v="urn:schemas-microsoft-com:vml"'
    picture = f'<w:p><w:r><w:pict><v:imagedata {vml} r:id="r1"/></w:pict></w:r></w:p>'
    link = '<w:p><w:hyperlink r:id="r2"><w:r><w:t>We use your data.</w:t></w:r></w:hyperlink></w:p>'
    data = make_docx(picture + link, {"word/_rels/document.xml.rels": relations})
    document = read_document(data)
    assert document.text == "We use your data.\n"
    assert [link.href for link in document.links] == ["https://acme.example/"]


CHILDREN = {
    "def extract(data):\n    import time; time.sleep(60)\n": "more than 1 seconds",
    "def extract(data):\n    return {'x': 'a' * 10**10}\n": "more memory",
    "def extract(data):\n    import os; os.abort()\n": "its reader stopped on it",
    "def extract(data):\n    import socket; socket.create_connection(('127.0.0.1', 9))\n":
        "may not do this: socket",
    "def extract(data):\n    import subprocess; subprocess.run(['true'])\n":
        "may not do this: subprocess",
    "def extract(data):\n    import no_such_library\n": r'pip install "policy2dpv\[pdf\]"',
    "def extract(data):\n    print('{}'); raise ValueError('no good')\n": "ValueError: no good",
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of memory per process")
@pytest.mark.parametrize("script", CHILDREN)
def test_the_child_is_held_within_limits(script: str, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(script, "utf-8")
    with pytest.raises(ReadError, match=CHILDREN[script]):
        extract_apart(
            str(path), b"", dict, where="x", extra="pdf", seconds=1 if "60" in script else 30
        )


# From a file, standard input and the web, in every command.


@pytest.mark.parametrize("name", ["us-app-untagged.pdf", "us-app.docx"])
def test_commands_read_them(name: str, command: Run, tmp_path: Path) -> None:
    path = FILES / name
    done = command("convert", path, "-o", "policy.ttl", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pd:EmailAddress" in (tmp_path / "policy.ttl").read_text("utf-8")
    text = command("text", path).stdout
    assert text == command("text", "-", input=path.read_bytes()).stdout
    for stage in ("segments", "annotate"):
        assert command(stage, "-", input=path.read_bytes()).stdout.count("\n") > 100


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [("us-app-untagged.pdf", "pypdfium2", "pdf"), ("us-app.docx", "mammoth", "docx")],
)
def test_a_missing_library_is_named(
    name: str, library: str, extra: str, command: Run, tmp_path: Path
) -> None:
    missing = f"raise ModuleNotFoundError('No module named {library}', name={library!r})\n"
    (tmp_path / f"{library}.py").write_text(missing, "utf-8")
    paths = f"{tmp_path}{os.pathsep}{ROOT}"
    done = command("text", FILES / name, PYTHONPATH=paths)
    assert done.returncode == 2
    assert f"the library {library} is not installed" in done.stderr
    assert f'pip install "policy2dpv[{extra}]"' in done.stderr


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name, _, kind = self.path[1:].partition("?")
        self.send_response(200)
        self.send_header("Content-Type", kind or "application/octet-stream")
        self.end_headers()
        self.wfile.write((FILES / name).read_bytes())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("eu-shop.pdf?application/pdf", PDF), ("eu-shop.pdf", PDF), (f"eu-shop.docx?{DOCX}", DOCX),
     ("eu-shop.docx", DOCX), ("eu-shop.docx?application/zip", DOCX),
     ("eu-shop.pdf?text/plain", PDF)],
)  # fmt: skip
def test_addresses_of_files(site: str, path: str, kind: str) -> None:
    document = read_document(f"{site}/{path}")
    assert (document.media_type, document.uri) == (kind, f"{site}/{path}")
    assert document.title == "Privacy Policy"
    assert document.language == "en"
