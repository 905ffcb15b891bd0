"""OPP-115 as released: annotation and consolidation CSV, sanitized HTML, the categories' XML.

Wilson et al., The Creation and Analysis of a Website Privacy Policy Corpus, ACL 2016; columns and
the segment separator are those of the release's manual.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Document, Span
from policy2dpv.reading.read import read_document
from policy2dpv.schemes.anchor import Anchor, squeeze
from policy2dpv.schemes.marks import SEPARATOR, Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.source import read_source

if TYPE_CHECKING:
    from lxml import etree

COLUMNS = 7  # id, batch, annotator, policy, segment, category, attributes; others may follow
SEGMENTS = "|||"
PAGES = "sanitized_policies"
BREAK = "<hr>"  # stands for the separator where the page is read: no word, but an end of a block
TAG = re.compile(r"<[^>]*>")
NUMBER = re.compile(r"[0-9]{1,9}")
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
    folder ``sanitized_policies`` beside the annotations' folder. A practice that stands twice is
    read once. ReadError: a file that is missing, empty or too large, a row with too few columns or
    with attributes that are no JSON, a segment that the page has not.
    """
    rows = list(_rows(path))
    page = page or path.parent.parent / PAGES / f"{path.stem}.html"
    source = read_source(page)
    document = read_document(source.replace(SEGMENTS, BREAK).encode(), media_type="text/html")
    pages = _Page(document, source)
    lost: list[Lost] = []
    notes: list[str] = []
    clauses = [_clause(row, place, pages, lost, notes) for place, row in rows]
    yield MarkedPolicy(
        name=path.stem, document=document, clauses=_with_own_ids(clauses), lost=lost, notes=notes
    )


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
    labels = set()
    for category in root.iter("{*}category"):
        labels.add(_name(category))
        for attribute in category.iter("{*}attribute"):
            values = [*map(_name, attribute.iter("{*}value")), attribute.get("default", "")]
            parts = [_name(category), _name(attribute)]
            labels.update(SEPARATOR.join([*parts, value]) for value in filter(None, values))
    if not any(labels):
        raise ReadError(path, "no category is defined in it", "give the scheme's categories.xml")
    return sorted(labels)


def _name(element: etree._Element) -> str:
    """The name that an element of the definition has."""
    return str(element.xpath("string(*[local-name()='name'])")).strip()


class _Page:
    """The sanitized page: offsets in the raw segments become spans of the canonical text."""

    def __init__(self, document: Document, source: str) -> None:
        self.anchor = Anchor(document.text)
        self.raw = source.split(SEGMENTS)
        words = [_squeezed(raw) for raw in self.raw]
        before = list(accumulate(map(len, words), initial=0))
        self.segments = [
            self._find(one, first, last)
            for one, first, last in zip(words, before, before[1:], strict=False)
        ]

    def span(self, number: int, chosen: Chosen) -> Span | None:
        """The span of marked words: their quote, nearest to where the raw offset says."""
        segment = self.segments[number]
        ahead = len(_squeezed(self.raw[number][: max(chosen.start, 0)]))
        near = self.anchor.further(segment[0], ahead)
        return self.anchor.find(_squeezed(chosen.words or ""), near, segment)

    def _find(self, words: str, first: int, last: int) -> Span:
        """Where a segment stands: its words, nearest to where their number says, or that place."""
        place = self.anchor.place
        counted = place(first), min(place(max(last - 1, first)) + 1, len(self.anchor.text))
        return self.anchor.find(words, place(first)) or counted


def _clause(
    row: list[str], place: str, page: _Page, lost: list[Lost], notes: list[str]
) -> MarkedClause:
    """One practice; what its offsets have wrong is noted, and what is not found is lost."""
    if len(row) < COLUMNS:
        found = f"{len(row)} columns where OPP-115 has at least {COLUMNS}"
        raise ReadError(place, found, "give a file of the folder annotations or consolidation")
    chosen_values = _attributes(row[6], place)
    number = _segment_number(row[4], place, len(page.segments))
    marks = []
    for attribute, chosen in chosen_values.items():
        span = None
        if chosen.end > len(page.raw[number]):
            notes.append(f"{place}: {attribute} ends at {chosen.end} of a segment with "
                         f"{len(page.raw[number])} characters; its words decide")  # fmt: skip
        if chosen.words not in (None, *NO_WORDS):
            span = page.span(number, chosen)
            if span is None:
                lost.append(Lost(place, f"{attribute} marks words that are not in segment {number}",
                                 chosen.words or ""))  # fmt: skip
        marks.append(Mark(attribute=attribute, value=chosen.value, span=span))
    return MarkedClause(
        id=row[0], category=row[5], span=page.segments[number], marks=tuple(marks),
        annotator=row[2],
    )  # fmt: skip


def _with_own_ids(clauses: Sequence[MarkedClause]) -> list[MarkedClause]:
    """The clauses, each once, and with an id that no other has."""
    found: list[MarkedClause] = []
    ids: Counter[str] = Counter()
    for clause in dict.fromkeys(clauses):
        ids[clause.id] += 1
        own = clause.id if ids[clause.id] == 1 else f"{clause.id}-{ids[clause.id]}"
        found.append(msgspec.structs.replace(clause, id=own))
    return found


def _segment_number(cell: str, place: str, segments: int) -> int:
    if NUMBER.fullmatch(cell) and int(cell) < segments:
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
    tagged, end, rest = raw.rpartition(">")  # behind the last no tag is looked for
    return squeeze(html.unescape(TAG.sub("", tagged + end) + rest))


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The rows of an annotation file, each with its place."""
    reader = csv.reader(io.StringIO(read_source(path), newline=""))
    try:
        for row in reader:
            if row:
                yield f"{path.name}:{reader.line_num}", row
    except csv.Error as error:
        place = f"{path.name}:{reader.line_num}"
        raise ReadError(place, f"no CSV: {error}", "give the file as released") from error
