"""Puts the spans of annotation tools on a document, which may have been edited since.

Where the text is the same, positions hold; else the words are found by quotation, as the W3C Web
Annotation model's selectors have it: first with the words around, else nearest to where they stood.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from policy2dpv.errors import ReadError
from policy2dpv.model import Document, Span
from policy2dpv.reading.media_types import TEXT
from policy2dpv.reading.read import read_document
from policy2dpv.schemes.anchor import Anchor, squeeze
from policy2dpv.schemes.marks import Lost
from policy2dpv.schemes.spans import CONTEXT, UNKNOWN, MarkedSpan, MarkedText

# What XML 1.0 cannot hold, and what stands for it in files of XML (one character for one).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


def xml_text(text: str) -> str:
    r"""The text with what XML cannot hold replaced, character for character.

    >>> xml_text("a\x0cb\x00c")
    'a b\ufffdc'
    """
    return NOT_XML.sub(lambda found: " " if found[0].isspace() else REPLACEMENT, text)


def open_texts(
    texts: Sequence[MarkedText], path: Path, page: Path | None, language: str | None = None
) -> list[Document]:
    """The document of each text: the page if one is given, else the text that the file holds.

    ReadError: a file without text and no page, one page for several texts; and as read_document.
    """
    held = {text.text for text in texts}
    if page is not None:
        if len(held) > 1:
            found = f"{len(held)} texts, but one page"
            raise ReadError(path, found, "give the annotations of one text, or no --page")
        return [read_document(page, language=language)] * len(texts)
    documents: dict[str, Document] = {}
    for text in texts:
        if text.text is None:
            raise ReadError(path, "the annotated text is not in it", "give the page with --page")
        if text.text not in documents:
            if not text.text.strip():
                raise ReadError(path, "no text in it", "give a file with the policy's text")
            data = text.text.encode("utf-8", "surrogatepass")
            documents[text.text] = read_document(data, media_type=TEXT, language=language)
    return [documents[text.text or ""] for text in texts]


class Placing:
    r"""Finds the spans of one marked text in a document.

    >>> from policy2dpv.graphs.graph import plain_document
    >>> text = MarkedText(name="p", text="We keep names.", spans=())
    >>> placing = Placing(text, plain_document("First of all: we keep\n names."))
    >>> placing.find(MarkedSpan(label="", start=3, end=13))
    (17, 28)
    """

    def __init__(self, text: MarkedText, document: Document) -> None:
        self._text = text.text
        self._document = document
        self._again = 0
        self._standing: dict[str, list[Span]] = {}  # by quote, in order
        self.same = text.text is not None and text.text in (
            document.text, xml_text(document.text)
        )  # fmt: skip

    @cached_property
    def _anchor(self) -> Anchor:
        return Anchor(self._document.text)

    def find(self, span: MarkedSpan) -> Span | Lost:
        """Where a span's words stand in the document, or why they cannot be found."""
        found = self._find(span)
        counted = (span.start, span.end)
        self._again += not isinstance(found, Lost) and UNKNOWN not in counted and found != counted
        return found

    def notes(self) -> list[str]:
        """How many spans stood elsewhere, if any."""
        if not self._again:
            return []
        return [f"{self._again} spans do not stand where they stood and are found by their words"]

    def _find(self, span: MarkedSpan) -> Span | Lost:
        start, end = span.start, span.end
        quote = span.quote
        if UNKNOWN not in (start, end) and not 0 <= start < end:
            return Lost(span.place, f"marks nothing: it reaches from {start} to {end}", quote)
        if self._text is not None and max(start, end) > len(self._text):
            found = f"ends at {end}, but the text at {len(self._text)}"
            return Lost(span.place, found, quote)
        quote = quote or (self._text or "")[max(start, 0) : max(end, 0)]
        if self._stands(start, end, quote):
            return start, end
        return self._around(span, quote) or Lost(span.place, "the text has no such words", quote)

    def move(self, span: Span) -> Span | None:
        """Where another span of the marked text stands in the document; None if that is unsure."""
        start, end = span
        if self.same:
            return span if 0 <= start < end <= len(self._document.text) else None
        if self._text is None:
            return None
        found = self._find(MarkedSpan(label="", start=start, end=end))
        return None if isinstance(found, Lost) else found

    def _stands(self, start: int, end: int, quote: str) -> bool:
        """Whether a position still holds the words that it held."""
        if UNKNOWN in (start, end) or end > len(self._document.text):
            return False
        here = self._document.text[start:end]
        if self.same:
            words = squeeze(xml_text(quote)), squeeze(xml_text(here))
            return quote == here or words[0] == words[1]
        return self._text is None and bool(quote) and quote == here

    def _around(self, span: MarkedSpan, quote: str) -> Span | None:
        """The quote with the words around it, else the one nearest to where it stood."""
        near = max(span.start, 0)
        prefix, suffix = span.prefix, span.suffix
        if self._text is not None and span.start != UNKNOWN:
            prefix = self._text[max(near - CONTEXT, 0) : near]
            suffix = self._text[span.end : span.end + CONTEXT]
        for before, after in ((prefix, suffix), (prefix, ""), ("", suffix)):
            if not squeeze(before + after):
                continue
            whole = self._anchor.find(before + quote + after, near)
            if whole is None:
                continue
            lead = self._anchor.find(before, whole[0], whole)
            return self._anchor.find(quote, lead[1] if lead else whole[0], whole)
        return self._whole_words(quote, near)

    def _whole_words(self, quote: str, near: int) -> Span | None:
        """The quote nearest to where it stood, but not a part of longer words."""
        text, words = self._document.text, quote.split()
        if not words:
            return None
        before = r"(?<!\w)" if words[0][0].isalnum() else ""
        after = r"(?!\w)" if words[-1][-1].isalnum() else ""
        pattern = before + r"\s+".join(map(re.escape, words)) + after
        if quote not in self._standing:
            self._standing[quote] = [match.span() for match in re.finditer(pattern, text)]
        found = self._standing[quote]
        if found:
            at = bisect_right(found, (near, near))
            return min(found[max(at - 1, 0) : at + 1], key=lambda s: (abs(s[0] - near), s))
        loose = self._anchor.find(quote, near)  # a quote may have lost space between paragraphs
        if loose is None:
            return None
        first, last = text[loose[0] - 1 : loose[0]], text[loose[1] : loose[1] + 1]
        is_part = (before and first.isalnum()) or (after and last.isalnum())
        return None if is_part else loose


def home(starts: Sequence[int], at: int) -> int:
    """Which of the segments that begin at `starts` an offset belongs to.

    >>> home([5, 20], 7), home([5, 20], 20), home([5, 20], 0)
    (0, 1, 0)
    """
    return max(bisect_right(starts, at) - 1, 0)
