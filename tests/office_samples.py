"""Small PDF and Word files written byte by byte, for what our example policies don't show."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape

WIDE = 0.6  # of the size: how wide each character of Courier is
Text = tuple[float, float, float, str, str]  # left, top, size, font, words
FONTS = {"plain": "Courier", "bold": "Courier-Bold"}
DIFFERENCES = "/Differences [1 /fi 2 /bullet]"


def make_pdf(pages: Sequence[Iterable[Text]], *, drawn: str = "", trailer: str = "",
             turned: int = 0) -> bytes:  # fmt: skip
    """A PDF whose pages (600 x 800 points) show these texts; `drawn` is added to each page.

    The pages are shown turned by so many degrees.
    """
    count = len(pages)
    objects = ["<< /Type /Catalog /Pages 2 0 R >>",
               f"<< /Type /Pages /Kids [{' '.join(f'{5 + 2 * n} 0 R' for n in range(count))}]"
               f" /Count {count} >>"]  # fmt: skip
    for name in FONTS.values():
        objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding << /Type "
                       f"/Encoding /BaseEncoding /WinAnsiEncoding {DIFFERENCES} >> >>")  # fmt: skip
    for number, texts in enumerate(pages):
        shown = "\n".join(map(show_text, texts)) + drawn
        fonts = "/Resources << /Font << /plain 3 0 R /bold 4 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Rotate {turned} /MediaBox [0 0 600 800]"
                       f" {fonts} /Contents {6 + 2 * number} 0 R >>")  # fmt: skip
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    return assemble_pdf(objects, trailer)


def show_text(text: Text) -> str:
    left, top, size, font, words = text
    shown = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {left} {800 - top} Td ({shown}) Tj ET"


def assemble_pdf(objects: Sequence[str], trailer: str = "") -> bytes:
    """The file of these objects, numbered from 1; the first is the catalog."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R"
    return data + f"{end} {trailer} >>\nstartxref\n{len(data)}\n%%EOF\n".encode()


def set_lines(
    words: str, left: float, top: float, *, width: float = 500, size: float = 10,
    font: str = "plain",
) -> list[Text]:  # fmt: skip
    """The lines that a paragraph fills when it is set in a column of a width."""
    fits = int(width / (WIDE * size))
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= fits:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [(left, top + 1.2 * size * n, size, font, line) for n, line in enumerate(lines)]


def make_docx(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    """A Word file with this XML in its body; `parts` are further files by name."""
    space = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
    }
    files |= parts or {}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def paragraph(text: str, style: str = "", *, bold: bool = False) -> str:
    """A paragraph of a Word file."""
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    look = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f"<w:p>{kind}<w:r>{look}<w:t>{escape(text)}</w:t></w:r></w:p>"
