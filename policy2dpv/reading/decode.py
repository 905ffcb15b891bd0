"""Bytes -> characters: which encoding a text is in, and whether it is text at all."""

from __future__ import annotations

import codecs
import re

from policy2dpv.errors import ReadError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", re.IGNORECASE)
# What browsers read under these names.
READ_AS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252",
    "ascii": "cp1252", "windows-1252": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "x-sjis": "cp932", "utf8": "utf-8", "utf-16": "utf-8",
    "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip
# Python's codecs for other things than the text of a page.
NO_CHARSETS = frozenset((
    "idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7",
))  # fmt: skip
META_REACH = 4096
TOLERATED = 0.01
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def decode_text(data: bytes, *, where: object, charset: str = "", markup: bool = False) -> str:
    """The characters of a file.

    They are told by its byte order mark, the charset named for it (by the server, or by the page
    itself when `markup`), strict UTF-8, else Windows-1252.

    Raises ReadError for bytes that are no text or in no encoding that can be told.

    >>> decode_text("naïve".encode("cp1252"), where="x.txt")
    'naïve'
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _tolerant(data[len(mark) :], encoding, where)
    _refuse_binary(data, where)
    wide = _guess_wide(data)
    if wide:
        return _tolerant(data, wide, where)
    for name in (charset, *(_own_charsets(data) if markup else ())):
        encoding = _known(name)
        if encoding == "utf-8":
            return _declared_utf8(data, where)
        if encoding:
            return _tolerant(data, encoding, where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(data, where)


def _windows(data: bytes, where: object) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ReadError(
            where,
            f"neither UTF-8 nor Windows-1252: byte {data[error.start]:#04x} at {error.start}",
            "save it as UTF-8",
        ) from error


def _declared_utf8(data: bytes, where: object) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        if text.count("\ufffd") <= max(TOLERATED * len(text), 1):
            return text
        return _windows(data, where)


def _tolerant(data: bytes, encoding: str, where: object) -> str:
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > max(TOLERATED * len(text), 1):
        raise ReadError(
            where, f"the bytes are not the {encoding} that they are said to be", "save it as UTF-8"
        )
    return text


def _own_charsets(data: bytes) -> list[str]:
    start = data[:META_REACH]
    found = [XML.match(start), META.search(start)]
    return [match[1].decode("ascii", "ignore") for match in found if match]


def _known(name: str) -> str:
    name = READ_AS.get(name.strip().lower(), name.strip().lower())
    try:
        found = codecs.lookup(name) if name else None
    except (LookupError, ValueError):
        return ""
    text = found is not None and getattr(found, "_is_text_encoding", True)
    return found.name if found and text and found.name not in NO_CHARSETS else ""


def _guess_wide(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of western text is zero."""
    start = data[:2000]
    if len(start) < 4 or b"\0" not in start:
        return ""
    first, second = start[::2].count(0), start[1::2].count(0)
    if second > 0.4 * len(start) and first < 0.1 * second:
        return "utf-16-le"
    return "utf-16-be" if first > 0.4 * len(start) and second < 0.1 * first else ""


def _refuse_binary(data: bytes, where: object) -> None:
    start = data[:8192]
    if _guess_wide(start):
        return
    controls = len(start) - len(start.translate(None, CONTROLS))
    if controls > max(0.02 * len(start), 2) or (b"\0" in start and controls > 1):
        advice = "give the policy as HTML, Markdown, text, PDF or .docx"
        raise ReadError(where, "binary data, not a text", advice)
