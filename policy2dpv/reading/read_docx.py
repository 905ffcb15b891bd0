"""Word (DOCX) -> HTML, so that one reader knows structure."""

from __future__ import annotations

import re

import msgspec

from policy2dpv.reading.sandbox import extract_apart

# How mammoth writes the mark of a note in the text, and the way back from the note.
NOTE_MARKS = re.compile(
    r'<sup><a href="#(?:foot|end)note-\d+" id="[^"]*">\[\d+\]</a></sup>'
    r'| ?<a href="#(?:foot|end)note-ref-\d+">↑</a>'
)


class DocxAnswer(msgspec.Struct, frozen=True):
    """What the child process gives."""

    html: str


def docx_to_html(data: bytes, *, where: object = "document") -> str:
    """The HTML that a Word document stands for: headings by style, lists, tables, links, notes.

    Page headers and footers, comments, deleted words and pictures are no part of it. ReadError:
    the document is damaged, refused or too costly, or the extra `docx` is not installed.

    >>> docx_to_html(b"PK", where="policy.docx")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: policy.docx: it is damaged (BadZipFile: File is not a zip file)...
    """
    made = extract_apart("docx_extract.py", data, DocxAnswer, where=where, extra="docx")
    return NOTE_MARKS.sub("", made.html)
