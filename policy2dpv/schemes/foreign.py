"""Labels of others in a tool's file: the spans of a segment become the marks of one clause.

A table's label is the tool's label, or ``label > field > value`` for what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from policy2dpv.annotating.segment import find_segments
from policy2dpv.model import Document, Segment
from policy2dpv.schemes.labels import WAS
from policy2dpv.schemes.marks import SEPARATOR, Lost, Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.placing import Placing, home, open_texts
from policy2dpv.schemes.spans import MarkedText, Reader


def read_foreign(read: Reader, path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
    """Yield the policies of a tool's file, with a clause for each segment that holds marks.

    ReadError: as the reader raises, or there is no text to put the marks on.
    """
    texts = list(read(path, page))
    for text, document in zip(texts, open_texts(texts, path, page), strict=True):
        yield mark_policy(text, document)


def mark_policy(text: MarkedText, document: Document) -> MarkedPolicy:
    """The marks of a text on a document; those of one segment belong together.

    A span that reaches over several segments belongs to the one in which it begins.

    >>> from policy2dpv import read_document
    >>> from policy2dpv.schemes.spans import MarkedSpan
    >>> span = MarkedSpan(label="Data", start=8, end=18, fields={"kept": "long"})
    >>> text = MarkedText(name="p", text="We keep your names.", spans=[span])
    >>> policy = mark_policy(text, read_document(b"We keep your names."))
    >>> [policy.clauses[0].path(mark) for mark in policy.clauses[0].marks]
    ['Data', 'Data > kept > long']
    """
    placing = Placing(text, document)
    lost = list(text.lost)
    whole = Segment(id="", start=0, end=len(document.text), kind="sentence", block=0)
    segments = find_segments(document) or [whole]
    starts = [segment.start for segment in segments]
    marks: dict[int, list[Mark]] = {}
    annotators: dict[int, str] = {}
    for span in text.spans:
        where = placing.find(span)
        if isinstance(where, Lost):
            lost.append(where)
            continue
        number = home(starts, where[0])
        own = marks.setdefault(number, [])
        own.append(Mark(attribute=span.label, value="", span=where))
        own += [Mark(attribute=f"{span.label}{SEPARATOR}{name}", value=words, span=where)
                for name, words in span.fields.items() if name != WAS]  # fmt: skip
        annotators.setdefault(number, span.annotator)
    clauses = [
        MarkedClause(id=segments[n].id, category="", span=(segments[n].start, segments[n].end),
                     marks=tuple(found), annotator=annotators[n])
        for n, found in sorted(marks.items())
    ]  # fmt: skip
    return MarkedPolicy(name=text.name, document=document, clauses=clauses, lost=lost,
                        notes=[*text.notes, *placing.notes()])  # fmt: skip
