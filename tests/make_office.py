"""Writes our example policies as PDF, Word, Markdown, text and HTML files into tests/office.

Run it where an example has changed: `PYTHONPATH=. python tests/make_office.py`. It needs Chromium
and python-docx (`pip install python-docx`); the tests need neither, for its files are committed.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import html as lxml_html

from policy2dpv.reading.read_markdown import markdown_to_html

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "office"
LEFT_OUT = ("header", "nav", "script", "style", "head")
BLOCKS = {"p", "footer", "ul", "ol", "table", "details", "summary", "button", "div", "main",
          "section", "h1", "h2", "h3", "h4", "h5", "h6"}  # fmt: skip
PRINTED = """
@page { size: A4; margin: 22mm 20mm;
  @top-center { content: "Privacy policy, printed"; font-size: 8pt }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt } }
body { font: 10.5pt/1.4 "Liberation Sans", sans-serif }
header, nav, .cookie-banner { display: none }
.accordion-panel { display: block !important }
summary, button { all: unset; display: block; font-weight: bold }
table { border-collapse: collapse }
td, th { border: 0.5pt solid #777; padding: 3pt; text-align: left; vertical-align: top }
"""
COLUMNS = "body { columns: 2; column-gap: 8mm; text-align: justify; hyphens: auto }"
Runs = list[tuple[str, bool]]


@dataclass
class Part:
    """A block of a policy: kind (heading, paragraph, item, table, caption), its words and place."""

    kind: str
    runs: Runs = field(default_factory=list)
    level: int = 0
    number: int = 0
    rows: list[list[tuple[Runs, int, bool]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


def read_parts(page: str) -> list[Part]:
    """The parts of a page but for its menus, in order; collapsed parts are open."""
    root = lxml_html.fromstring(page)
    for banner in root.find_class("cookie-banner"):
        banner.getparent().remove(banner)
    return list(walk(root.find(".//body"), 0))


def walk(element: Any, depth: int) -> Iterator[Part]:
    for child in element:
        tag = child.tag
        if tag in LEFT_OUT or not isinstance(tag, str):
            continue
        if re.fullmatch("h[1-6]", tag):
            yield Part("heading", runs_of(child), level=int(tag[1]))
        elif tag in ("summary", "button"):
            yield Part("paragraph", [(text, True) for text, _ in runs_of(child)])
        elif tag == "p":
            yield Part("paragraph", runs_of(child))
        elif tag in ("ul", "ol"):
            for number, item in enumerate(child, 1):
                yield Part("item", runs_of(item), depth + 1, number if tag == "ol" else 0)
                yield from walk(item, depth + 1)
        elif tag == "table":
            yield from table_parts(child)
        elif tag in BLOCKS:
            yield from walk(child, depth)


def table_parts(table: Any) -> Iterator[Part]:
    caption = table.find("caption")
    if caption is not None:
        yield Part("caption", runs_of(caption))
    rows = [
        [(runs_of(cell), int(cell.get("rowspan", 1)), cell.tag == "th") for cell in row]
        for row in table.iter("tr")
    ]
    yield Part("table", rows=rows)


def runs_of(element: Any, bold: bool = False) -> Runs:
    """The words of an element up to its first inner block, with what is bold."""
    runs: Runs = [(element.text or "", bold)]
    for child in element:
        if child.tag in BLOCKS:
            break
        runs += [("\n", bold)] if child.tag == "br" else []
        runs += runs_of(child, bold or child.tag in ("b", "strong"))
        runs.append((child.tail or "", bold))
    runs = [
        (text if text == "\n" else re.sub(r"[ \n\t]+", " ", text), strong) for text, strong in runs
    ]
    for at in range(1, len(runs)):
        if runs[at - 1][0] == "\n":
            runs[at] = runs[at][0].lstrip(), runs[at][1]
    if runs:
        runs[0] = (runs[0][0].lstrip(), runs[0][1])
        runs[-1] = (runs[-1][0].rstrip(), runs[-1][1])
    return [(text, strong) for text, strong in runs if text]


def fill_spans(part: Part) -> list[list[Runs]]:
    """A table's rows with the cells that span several repeated in each."""
    held: dict[int, tuple[Runs, int]] = {}
    rows = []
    for row in part.rows:
        cells = iter(row)
        filled: list[Runs] = []
        while True:
            runs, left = held.get(len(filled), ([], 0))
            if left:
                held[len(filled)] = runs, left - 1
                filled.append(runs)
                continue
            cell = next(cells, None)
            if cell is None:
                break
            held[len(filled)] = cell[0], cell[1] - 1
            filled.append(cell[0])
        rows.append(filled)
    return rows


def write_markdown(parts: list[Part]) -> str:
    def mark(runs: Runs) -> str:
        text = "".join(
            f"**{t.strip()}**{' ' * t.endswith(' ')}" if b else re.sub(r"([*_|])", r"\\\1", t)
            for t, b in runs
        )
        return re.sub(r"^(\d+)\.", r"\1\\.", text.replace("\n", "  \n"))

    lines = []
    for part in parts:
        if part.kind == "heading":
            lines += ["", f"{'#' * part.level} {part.text}"]
        elif part.kind == "item":
            sign = f"{part.number}." if part.number else "-"
            lines += [f"{'    ' * (part.level - 1)}{sign} {mark(part.runs)}"]
        elif part.kind == "table":
            rows = [f"| {' | '.join(map(mark, row))} |" for row in fill_spans(part)]
            rule = "|" + "---|" * len(part.rows[0])
            lines += ["", rows[0], rule, *rows[1:]]
        else:
            lines += ["", mark(part.runs)]
        if part.kind != "item":
            lines.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def write_text(parts: list[Part]) -> str:
    lines = []
    for part in parts:
        if part.kind == "item":
            sign = f"{part.number}." if part.number else "-"
            lines.append(f"{'  ' * (part.level - 1)}{sign} {part.text}")
            continue
        if part.kind == "table":
            rows = [["".join(t for t, _ in runs) for runs in row] for row in fill_spans(part)]
            lines += ["", *(f"| {' | '.join(row)} |" for row in rows), ""]
        else:
            lines += ["", part.text, ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def write_docx(parts: list[Part]) -> bytes:
    import docx

    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Privacy policy, a running header that we sell to nobody"
    section.footer.paragraphs[0].text = "Page 1"
    for part in parts:
        if part.kind == "table":
            add_table(document, part)
            continue
        if part.kind == "heading":
            document.add_heading(part.text, part.level)
            continue
        style = {"item": "List Number" if part.number else "List Bullet", "caption": "Caption"}
        name = style.get(part.kind, "Normal")
        name = f"{name} {part.level}" if part.kind == "item" and part.level > 1 else name
        add_runs(document.add_paragraph(style=name), part.runs)
    file = io.BytesIO()
    document.save(file)
    return repack(file.getvalue())


def add_runs(paragraph: Any, runs: Runs) -> None:
    for text, bold in runs:
        paragraph.add_run(text).bold = bold or None


def add_table(document: Any, part: Part) -> None:
    from docx.oxml import OxmlElement

    rows = fill_spans(part)
    table = document.add_table(len(rows), len(rows[0]))
    table.style = "Table Grid"
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, runs in zip(row.cells, cells, strict=True):
            add_runs(cell.paragraphs[0], runs)
    if all(head for _, _, head in part.rows[0]):
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    merge_spans(table, part)


def merge_spans(table: Any, part: Part) -> None:
    """Merge the cells that span rows, their words once."""
    taken: set[tuple[int, int]] = set()
    for at, row in enumerate(part.rows):
        column = 0
        for _, rows, _ in row:
            while (at, column) in taken:
                column += 1
            for below in range(at + 1, at + rows):
                taken.add((below, column))
                table.cell(below, column).text = ""
            if rows > 1:
                text = table.cell(at, column).text
                table.cell(at, column).merge(table.cell(at + rows - 1, column)).text = text
            column += 1


def repack(data: bytes) -> bytes:
    """The archive with one fixed date on all its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for part in sorted(old.infolist(), key=lambda part: part.filename):
            if part.filename == "docProps/thumbnail.jpeg":
                continue
            info = zipfile.ZipInfo(part.filename, (2025, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(part))
    return file.getvalue()


def print_pdf(page: str, *, tagged: bool, style: str = "") -> bytes:
    """The page as Chromium prints it, with running header and page numbers; its dates fixed."""
    page = page.replace("<details>", "<details open>")
    page = page.replace("</head>", f"<style>{PRINTED}{style}</style></head>")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "policy.html"), Path(folder, "policy.pdf")
        source.write_text(page, "utf-8")
        words = ["chromium", "--headless", "--no-sandbox", "--no-pdf-header-footer"]
        words += [] if tagged else ["--disable-pdf-tagging"]
        subprocess.run([*words, f"--print-to-pdf={target}", source.as_uri()], check=True,
                       capture_output=True)  # fmt: skip
        data = target.read_bytes()
    data = re.sub(rb"D:\d{14}", b"D:20250101000000", data)
    return re.sub(rb"file:///[^)]*?(?=[#)])", lambda m: b"x" * len(m[0]), data)


def page_of(name: str, language: str) -> str:
    """The page that a Markdown example stands for."""
    body = markdown_to_html((ROOT / "examples" / name).read_text("utf-8"))
    head = '<meta charset="utf-8"><title>Privacy Policy</title>'
    return f'<!DOCTYPE html><html lang="{language}"><head>{head}</head><body>{body}</body></html>'


def main() -> None:
    us, german = page_of("us-app.md", "en"), page_of("de/laden.md", "de")
    columns = print_pdf(german, tagged=False, style=COLUMNS)
    (FOLDER / "laden-columns-untagged.pdf").write_bytes(columns)
    eu = (ROOT / "examples" / "eu-shop.html").read_text("utf-8")
    for name, page in (("eu-shop", eu), ("us-app", us)):
        parts = read_parts(page)
        files = {
            f"{name}.txt": write_text(parts).encode(),
            f"{name}.docx": write_docx(parts),
            f"{name}-untagged.pdf": print_pdf(page, tagged=False),
        }
        if name == "eu-shop":
            files |= {"eu-shop.md": write_markdown(parts).encode(),
                      "eu-shop.pdf": print_pdf(page, tagged=True)}  # fmt: skip
        for file, data in files.items():
            (FOLDER / file).write_bytes(data)
            print(f"{file}: {len(data):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
