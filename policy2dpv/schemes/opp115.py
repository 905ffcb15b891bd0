"""OPP-115 as released: annotation and consolidation CSV, sanitized HTML, the categories' XML.

Wilson et al., The Creation and Analysis of a Website Privacy Policy Corpus, ACL 2016; columns and
the segment separator are those of the release's manual.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Document, Span
from policy2dpv.read import read_document
from policy2dpv.schemes.anchor import Anchor, squeeze
from policy2dpv.schemes.marks import SEPARATOR, Lost, Mark, MarkedClause, MarkedPolicy

COLUMNS = 7  # id, batch, annotator, policy, segment, category, attributes; others may follow
SEGMENTS = "|||"
PAGES = "sanitized_policies"
BREAK = "<hr>"  # stands for the separator where the page is read: no word, but an end of a block
TAG = re.compile(r"<[^>]*>")
NO_WORDS = ("null", "Not selected", "")


class Chosen(msgspec.Struct, rename={"words": "selectedText", "start": "startIndexInSegment",
                                     "end": "endIndexInSegment"}):  # fmt: skip
    """The value of an attribute and the words that were marked for it."""

    value: str
    words: str | None = None
    start: int = -1
    end: int = -1


def read_opp115(path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
    """Yield the policy of one annotation file, with a clause for each practice.

    `page` is the sanitized page that the offsets count in, else the file of the same name in the
    folder ``sanitized_policies`` beside the annotations' folder. ReadError: a file that is
    missing, a row with too few columns or with attributes that are no JSON.
    """
    page = page or path.parent.parent / PAGES / f"{path.stem}.html"
    source = _text(page)
    document = read_document(source.replace(SEGMENTS, BREAK).encode(), media_type="text/html")
    pages = _Page(document, source)
    lost: list[Lost] = []
    clauses = [
        _clause(row, f"{path.name}:{number}", pages, lost)
        for number, row in enumerate(csv.reader(_text(path).splitlines()), 1) if row
    ]  # fmt: skip
    yield MarkedPolicy(name=path.stem, document=document, clauses=clauses, lost=lost)


def opp115_labels(path: Path) -> list[str]:
    """Return all labels of the scheme's definition (categories.xml), sorted.

    What an attribute holds where nothing is chosen is a label too. Entities are not expanded and
    nothing is fetched. ReadError: the file is no XML or defines no category.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise ReadError(path, f"no XML: {error}", "give the scheme's categories.xml") from error
    name = "string(*[local-name()='name'])"
    labels = set()
    for category in root.iter("{*}category"):
        labels.add(str(category.xpath(name)).strip())
        for attribute in category.iter("{*}attribute"):
            parts = [str(one.xpath(name)).strip() for one in (category, attribute)]
            values = [str(value.xpath(name)).strip() for value in attribute.iter("{*}value")]
            values += filter(None, [attribute.get("default")])
            labels.update(SEPARATOR.join([*parts, value]) for value in values)
    if not labels:
        raise ReadError(path, "no category is defined in it", "give the scheme's categories.xml")
    return sorted(labels)


class _Page:
    """The sanitized page: offsets in the raw segments become spans of the canonical text."""

    def __init__(self, document: Document, source: str) -> None:
        self.anchor = Anchor(document.text)
        self.raw = source.split(SEGMENTS)
        lengths = [len(_squeezed(raw)) for raw in self.raw]
        self.before = list(accumulate(lengths, initial=0))

    def segment(self, number: int) -> Span:
        """The span of a segment."""
        first, last = self.before[number], max(self.before[number + 1] - 1, self.before[number])
        return self.anchor.place(first), self.anchor.place(last) + 1

    def span(self, number: int, chosen: Chosen) -> Span | None:
        """The span of marked words: their quote, nearest to where the raw offset says."""
        near = self.before[number] + len(_squeezed(self.raw[number][: chosen.start]))
        return self.anchor.find(
            _squeezed(chosen.words or ""), self.anchor.place(near), self.segment(number)
        )


def _clause(row: list[str], place: str, page: _Page, lost: list[Lost]) -> MarkedClause:
    if len(row) < COLUMNS:
        found = f"{len(row)} columns where OPP-115 has at least {COLUMNS}"
        raise ReadError(place, found, "give a file of the folder annotations or consolidation")
    number = _segment_number(row[4], place, len(page.raw))
    marks = []
    for attribute, chosen in _attributes(row[6], place).items():
        span = None
        if chosen.words not in (None, *NO_WORDS) and chosen.start >= 0:
            span = page.span(number, chosen)
            if span is None:
                lost.append(Lost(place, f"{attribute} marks words that are not in segment {number}",
                                 chosen.words or ""))  # fmt: skip
        marks.append(Mark(attribute=attribute, value=chosen.value, span=span))
    return MarkedClause(
        id=row[0], category=row[5], span=page.segment(number), marks=tuple(marks), annotator=row[2]
    )


def _segment_number(cell: str, place: str, segments: int) -> int:
    if cell.isdigit() and int(cell) < segments:
        return int(cell)
    found = f"segment {cell!r} of a page with {segments} segments"
    raise ReadError(place, found, "give the sanitized page that was annotated (--page)")


def _attributes(cell: str, place: str) -> Mapping[str, Chosen]:
    try:
        return msgspec.json.decode(cell, type=dict[str, Chosen])
    except msgspec.DecodeError as error:
        raise ReadError(place, f"attributes are no JSON: {error}", "restore the cell") from error


def _squeezed(raw: str) -> str:
    """The visible characters of a piece of the sanitized page."""
    return squeeze(html.unescape(TAG.sub("", raw)))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ReadError(path, f"cannot be read: {error.strerror}", "give the file") from error
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "give the file as released") from error
