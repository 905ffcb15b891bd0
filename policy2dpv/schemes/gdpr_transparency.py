"""GDPR-Transparency: app policies whose passages carry what Articles 13 and 14 GDPR ask for.

Each policy is a JSON file, a list of passages with their context (headings, a list's introduction,
a table's headers) and their annotations: a requirement, the words that meet it, and whether it is
performed. The text is made of the passages, with each heading where it first governs one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Document, Span
from policy2dpv.reading.media_types import HTML
from policy2dpv.reading.read import read_document
from policy2dpv.schemes.anchor import Anchor
from policy2dpv.schemes.marks import Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.source import read_record, read_source

HEADING = re.compile(r"h(?P<level>[1-6])")
HEADLINE, ITEM, CELL = "headline", "list_item", "table_cell"
INTRODUCTIONS = ("list_intro", "table_intro")
COLUMN, ROW = "table_column_header", "table_row_header"
LEFT_OUT = re.compile(r"(?:\[\s*)?(?:\.{3}|…)\s*\]?|PLACEHOLDER")  # how values leave words out
QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"'})
NOT_PERFORMED = Mark(attribute="performed", value="false")
ADVICE = "give a list of passages with type, context, passage and annotations"


class Context(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What governs a passage: the text of a heading, introduction or table header."""

    text: str
    type: str


class Requirement(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One annotation: what the GDPR asks for, the words that say it, whether they affirm it."""

    requirement: str
    value: str
    performed: bool


class Passage(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A paragraph, headline, list item or cell, with what was annotated in it."""

    type: str
    context: list[Context]
    passage: str
    annotations: list[Requirement]


class Piece(msgspec.Struct, frozen=True):
    """One element of the page: its tag, its words, and the passage's number (-1: its context)."""

    tag: str
    words: str
    number: int = -1


def read_gdpr_transparency(path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
    r"""Yield the policy of a file, or of each JSON file of a folder.

    What one passage says is a clause, and what it denies another. A value that leaves words out
    ("provide [...] the service") marks all from its first to its last word. ReadError: a file is
    missing or damaged, has no passages, or a `page` is given though the file holds the text.

    >>> import tempfile
    >>> name = Requirement("Data Categories", "your name", True)
    >>> passage = Passage("text", [Context("Data", "h1")], "We keep your name.", [name])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "acme.json")
    ...     _ = path.write_bytes(msgspec.json.encode([passage]))
    ...     [policy] = read_gdpr_transparency(path)
    >>> policy.document.text, policy.clauses[0].marks[0].span
    ('Data\nWe keep your name.\n', (13, 22))
    """
    if page:
        raise ReadError(page, "the files hold the text themselves", "leave out --page")
    paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not paths:
        raise ReadError(path, "no file *.json in it", "give the folder of the policies")
    for one in paths:
        text = read_source(one)
        passages = read_record(text, list[Passage], where=str(one), advice=ADVICE)
        pieces = [piece for piece in _pieces(passages) if piece.words.split()]
        if not pieces:
            raise ReadError(one, "no passages in it", ADVICE)
        document = read_document(_page(pieces).encode(), media_type=HTML)
        lost: list[Lost] = []
        clauses = _clauses(passages, _Text(document, pieces), one.name, lost)
        yield MarkedPolicy(name=one.stem, document=document, clauses=list(clauses), lost=lost)


def _pieces(passages: Sequence[Passage]) -> Iterator[Piece]:
    """The passages in their order, with each heading, introduction and header before them once."""
    levels = _levels(passages)
    above: dict[int, str] = {}  # the heading of each level that stands above
    told: set[str] = set()
    headed: set[str] = set()  # the table headers told since the last heading
    for number, passage in enumerate(passages):
        headers: list[str] = []
        for context in passage.context:
            form = HEADING.fullmatch(context.type)
            if form and context.text not in above.values():
                yield _heading(above, int(form["level"]), context.text)
                headed.clear()
            elif context.type in INTRODUCTIONS and context.text not in told:
                yield Piece("p", context.text)
                told.add(context.text)
            elif context.type in (COLUMN, ROW):
                headers.append(context.text)
        words = passage.passage
        told.add(words)
        if passage.type == HEADLINE or words in levels:
            level = levels.get(words) or max(above, default=0) + 1
            yield _heading(above, min(level, 6), words, number)
            headed.clear()
            continue
        yield from (Piece("th", one) for one in headers if one not in headed)
        cell = passage.type == CELL or headers
        headed.update(headers, [words] if cell else ())
        yield Piece("td" if cell else "li" if passage.type == ITEM else "p", words, number)


def _levels(passages: Iterable[Passage]) -> Mapping[str, int]:
    """The level of each heading, as the passages below it tell it first."""
    levels: dict[str, int] = {}
    for passage in passages:
        for context in passage.context:
            if form := HEADING.fullmatch(context.type):
                levels.setdefault(context.text, int(form["level"]))
    return levels


def _heading(above: dict[int, str], level: int, words: str, number: int = -1) -> Piece:
    """A heading that from now on stands above, in place of those as deep or deeper."""
    for deeper in [one for one in above if one >= level]:
        del above[deeper]
    above[level] = words
    return Piece(f"h{level}", words, number)


def _page(pieces: Sequence[Piece]) -> str:
    """The pieces as a page: runs of list items are a list, a cell and its headers a row."""
    parts = ["<!doctype html>", "<body>"]
    wraps = {"li": "ul", "td": "table", "th": "table"}
    before = ""
    for piece, after in zip(pieces, [*pieces[1:], Piece("p", "")], strict=True):
        wrap, wraps_before = wraps.get(piece.tag, ""), wraps.get(before, "")
        element = f"<{piece.tag}>{html.escape(piece.words)}</{piece.tag}>"
        if wrap and wrap != wraps_before:
            parts.append(f"<{wrap}>")
        if wrap == "table" and before != "th":
            element = "<tr>" + ("<td></td>" if piece.tag == "td" else "") + element
        parts.append(element + ("</tr>" if piece.tag == "td" else ""))
        if wrap and wraps.get(after.tag) != wrap:
            parts.append(f"</{wrap}>")
        before = piece.tag
    return "\n".join(parts)


class _Text:
    """The text made of the pieces, in which passages and values have their places."""

    def __init__(self, document: Document, pieces: Iterable[Piece]) -> None:
        self.anchor = Anchor(_folded(document.text))
        self.passages: dict[int, Span] = {}
        end = 0
        for piece in pieces:
            within = end, len(document.text)
            span = self.anchor.find(_folded(piece.words), end, within)
            if span is None or document.text[end : span[0]].strip():
                continue  # no words of it are in the text
            end = span[1]
            self.passages[piece.number] = span

    def find(self, value: str, within: Span) -> Span | None:
        """The span of a value in its passage, from the first to the last of its words."""
        folded = _folded(value)
        if whole := self.anchor.find(folded, within[0], within):
            return whole
        found: list[Span] = []
        for part in filter(str.split, LEFT_OUT.split(value)):
            start = found[-1][1] if found else within[0]
            span = self.anchor.find(_folded(part), start, (start, within[1]))
            if span is None:
                return None
            found.append(span)
        return (found[0][0], found[-1][1]) if found else None


def _clauses(
    passages: Sequence[Passage], text: _Text, name: str, lost: list[Lost]
) -> Iterator[MarkedClause]:
    for number, passage in enumerate(passages):
        place = f"{name}[{number}]"
        where = text.passages.get(number)
        if where is None:
            lost += [Lost(place, "the passage has no words", one.value)
                     for one in passage.annotations]  # fmt: skip
            continue
        for performed in (True, False):
            marks = []
            for one in passage.annotations:
                if one.performed is not performed:
                    continue
                span = text.find(one.value, where)
                if span is None:
                    found = f"{one.requirement} marks words that are not in the passage"
                    lost.append(Lost(place, found, one.value))
                marks.append(Mark(attribute="", value=one.requirement, span=span))
            if marks:
                extra, sign = ((), "") if performed else ((NOT_PERFORMED,), "-not")
                yield MarkedClause(
                    id=f"{number}{sign}", category="", span=where, marks=(*extra, *marks)
                )


def _folded(text: str) -> str:
    """The text with one form of quotation marks and without case, each character in its place."""
    low = text.translate(QUOTES).lower()
    if len(low) == len(text):
        return low
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text.translate(QUOTES))
