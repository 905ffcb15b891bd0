"""PDF -> HTML, so that one reader knows structure: from its tags, else from how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.reading.page_facts import find_language
from policy2dpv.reading.pdf_layout import Sheet, write_layout
from policy2dpv.reading.pdf_lines import Box
from policy2dpv.reading.pdf_tags import (
    Node,
    Tag,
    is_well_tagged,
    join_pages,
    place_words,
    write_tags,
)
from policy2dpv.reading.pdf_words import LinkArea, Speller, Word, find_edges, link_words
from policy2dpv.reading.sandbox import extract_apart


class PdfPage(msgspec.Struct):
    """One page as the child process gives it; its size is in points."""

    width: float
    height: float
    words: list[Word]
    tags: list[Tag]
    links: list[LinkArea]
    shapes: list[Box]
    pictures: int


class PdfAnswer(msgspec.Struct):
    """What the child process gives of a PDF."""

    pages: list[PdfPage]
    title: str = ""
    language: str = ""


def pdf_to_html(data: bytes, *, where: object = "document") -> str:
    """The HTML that a PDF stands for: headings, lists, tables and links, in reading order.

    Page numbers and lines that run on from page to page are left out, words broken at a line's
    end are joined. ReadError: the file is damaged, protected, has no text, is too costly, or the
    extra `pdf` is not installed.

    >>> pdf_to_html(b"no PDF", where="policy.pdf")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: policy.pdf: it is no PDF, or a damaged one; ...
    """
    made = extract_apart("pdf_extract.py", data, PdfAnswer, where=where, extra="pdf")
    for page in made.pages:
        page.words = join_pieces(page.words)
        link_words(page.words, page.links)
        find_edges(page.words)
    words = [word for page in made.pages for word in page.words]
    if not words:
        pictures = any(page.pictures for page in made.pages)
        found = "its pages are pictures without text" if pictures else "no text in it"
        advice = "run text recognition (OCR) on it first" if pictures else "give a file with text"
        raise ReadError(where, found, advice)
    speller = Speller(words, find_language(" ".join(word.text for word in words), made.language))
    body = _from_tags(made.pages, speller)
    if not body:
        sheets = [Sheet(page.words, page.shapes, page.height) for page in made.pages]
        body = write_layout(sheets, speller)
    language = f' lang="{escape(made.language)}"' if made.language else ""
    title = f"<title>{escape(made.title)}</title>" if made.title else ""
    return f"<html{language}><head>{title}</head><body>{body}</body></html>"


def _from_tags(pages: Sequence[PdfPage], speller: Speller) -> str:
    """The HTML that the pages' tags stand for; nothing where they don't hold the words."""
    nodes: list[Node] = []
    for page in pages:
        found = place_words(page.tags, page.words)
        if not is_well_tagged(found, page.words, page.height):
            return ""
        join_pages(nodes, found)
    return write_tags(nodes, speller)


def join_pieces(words: Sequence[Word]) -> list[Word]:
    """The words with those joined that are drawn in pieces: no space between, same look and line.

    >>> pieces = [Word("W", 0, 0, 8, 9, 10), Word("ool", 8, 0, 20, 9, 10, spaced=False)]
    >>> [word.text for word in join_pieces(pieces)]
    ['Wool']
    """
    joined: list[Word] = []
    for word in words:
        above = joined[-1] if joined else None
        if (
            above is not None
            and not word.spaced
            and (above.size, above.bold, above.italic, above.mark)
            == (word.size, word.bold, word.italic, word.mark)
            and abs(above.middle - word.middle) < 0.3 * word.size
            and -0.5 * word.size < word.left - above.right < 0.5 * word.size
        ):
            above.text += word.text
            above.right = max(above.right, word.right)
        else:
            joined.append(word)
    return joined
