"""Which format a source is in: what it is said to be, its first bytes, its text."""

from __future__ import annotations

import re

from policy2dpv.errors import ReadError

HTML, MARKDOWN, TEXT = "text/html", "text/markdown", "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EPUB, ZIP = "application/epub+zip", "application/zip"
ODT = "application/vnd.oasis.opendocument.text"
RTF, DOC = "application/rtf", "application/msword"
ENDINGS = {
    ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".shtml": HTML, ".md": MARKDOWN,
    ".markdown": MARKDOWN, ".txt": TEXT, ".text": TEXT, ".pdf": PDF, ".docx": DOCX,
    ".docm": DOCX, ".dotx": DOCX, ".epub": EPUB, ".zip": ZIP, ".rtf": RTF, ".doc": DOC,
    ".odt": ODT,
}  # fmt: skip
SAME = {"application/xhtml+xml": HTML, "text/x-markdown": MARKDOWN, "application/xml": HTML,
        "text/xml": HTML, "application/x-pdf": PDF, "text/pdf": PDF, "text/rtf": RTF,
        "application/vnd.ms-word.document.macroenabled.12": DOCX}  # fmt: skip
MAGIC = ((b"%PDF-", PDF), (b"{\\rtf", RTF), (b"\xd0\xcf\x11\xe0", DOC), (b"PK\x03\x04", ZIP))
NAMES = {PDF: "PDF", DOCX: "Word (.docx)"}
# Where a PDF's header may stand (ISO 32000-1, annex H.3.4.1).
MAGIC_REACH = 1024
PROTECTED = "EncryptedPackage".encode("utf-16-le")
ADVICE = {
    DOC: "open it and save it as .docx or PDF",
    RTF: "open it and save it as .docx or PDF",
    ODT: "open it and save it as .docx or PDF",
}
OTHERWISE = "save it as HTML, Markdown, plain text, PDF or .docx, or install a reader for it"
PAGE_START = re.compile(r"\s*(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|\?xml)\b",
                        re.IGNORECASE | re.DOTALL)  # fmt: skip
PAGE_TAGS = re.compile(r"</(?:p|div|li|ul|ol|h[1-6]|table|td|section|strong|span|a)\s*>|<br\s*/?>",
                       re.IGNORECASE)  # fmt: skip
MARKDOWN_SIGNS = re.compile(
    r"^#{1,6} +\S|^(?:={3,}|-{3,}) *$|\]\((?:https?:|#|/)|\*\*\S[^*\n]*\*\*|^\d+\\\. ", re.MULTILINE
)
FIRST_TAG = re.compile(r"\s*<[a-z][a-z0-9]*[\s>]", re.IGNORECASE)


def find_media_type(data: bytes, told: str) -> str:
    """The media type of bytes that are said (by a name or a server) to be `told`, else "".

    >>> find_media_type(b"%PDF-1.7 ...", "text/plain"), find_media_type(b"We use data.", "")
    ('application/pdf', '')
    """
    told = SAME.get(told.lower(), told)
    start = data[:MAGIC_REACH].lstrip()
    for magic, kind in MAGIC:
        if start.startswith(magic):
            return _inside_zip(data, told) if kind == ZIP else kind
    if told == PDF or told in (HTML, MARKDOWN, TEXT):
        return told
    if told and not told.startswith(("text/", "application/octet-stream")):
        return told
    return "" if not told else TEXT


def _inside_zip(data: bytes, told: str) -> str:
    if told in (DOCX, EPUB, ODT):
        return told
    if b"word/document" in data:
        return DOCX
    for kind in (EPUB, ODT):
        if kind.encode() in data[:200]:
            return kind
    return ZIP


def find_text_type(text: str, kind: str, told: str) -> str:
    """The media type of a text: what it is said to be, unless it plainly is a page.

    >>> find_text_type("<html><p>We use data.", "text/plain", "text/plain")
    'text/html'
    """
    if PAGE_START.match(text):
        return HTML
    if kind in (HTML, MARKDOWN) or (kind == TEXT and told):
        return kind
    sample = text[:50_000]
    if len(PAGE_TAGS.findall(sample)) >= 3 or FIRST_TAG.match(sample):
        return HTML
    return MARKDOWN if len(MARKDOWN_SIGNS.findall(sample)) >= 2 else TEXT


def check_format(data: bytes, kind: str, where: object) -> None:
    """Refuse a format that has no reader, and what only is named PDF or Word.

    ReadError: what it is instead, and what to do.

    >>> check_format(b"<html>", "application/pdf", "policy.pdf")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: policy.pdf: it is said to be PDF, but it begins with "<html>"; ...
    """
    if kind == DOC and PROTECTED in data:
        raise ReadError(where, "a Word file protected by a password", "save it without one")
    if kind == DOC:
        raise ReadError(where, "a Word file in the old format (.doc)", ADVICE[DOC])
    if kind not in NAMES:
        raise ReadError(where, f"no reader for {kind}", ADVICE.get(kind, OTHERWISE))
    magic = b"%PDF-" if kind == PDF else b"PK\x03\x04"
    if magic not in data[:MAGIC_REACH]:
        begins = data[:20].decode("ascii", "backslashreplace").strip()
        found = f'it is said to be {NAMES[kind]}, but it begins with "{begins}"'
        raise ReadError(where, found, "name it by what it is, or name that with --media-type")
