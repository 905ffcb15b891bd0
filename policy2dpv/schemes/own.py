"""Our own labels back from a tool: the annotations as they were, with what a person corrected.

    MarkedText --labels--> [Annotation on its text] --placing--> [Annotation on the page]
               --relate--> [Statement]

No table stands between, so that what nobody touched is equal in every field.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from policy2dpv.annotating.merge_rules import check_rule
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.conversion import Conversion
from policy2dpv.model import Annotation, Document, Segment, Span, overlaps
from policy2dpv.schemes.apply import Mapped
from policy2dpv.schemes.labels import clause_of, from_span, is_moved
from policy2dpv.schemes.marks import Lost
from policy2dpv.schemes.own_merge import merge_annotators, split_annotators
from policy2dpv.schemes.placing import Placing, home, open_texts
from policy2dpv.schemes.spans import MarkedSpan, MarkedText, Reader


def map_own(
    read: Reader,
    path: Path,
    page: Path | None = None,
    *,
    by: str = "tool",
    language: str | None = None,
    base: str | None = None,
    merge: str = "all",
) -> Iterator[tuple[str, Mapped]]:
    """Yield the name and the graph of each text of a file whose labels are our own.

    `page` is the annotated page; without it the text in the file is read as plain text. `by`
    names the tool as the source of what was added or corrected. `merge` is the rule by which the
    annotators of one text become one reading (see `merge_clauses`); with "all" each has a graph.
    ReadError: as the reader raises. AnnotatorError: a rule that there is not, or names nobody.
    """
    texts = list(read(path, page))
    documents = open_texts(texts, path, page, language)
    if check_rule(merge) == "all":
        for text, document in zip(texts, documents, strict=True):
            yield text.name, restore_text(text, document, by=by, base=base)
        return
    tasks: dict[tuple[str, str], list[_Restoring]] = defaultdict(list)
    for text, document in zip(texts, documents, strict=True):
        parts = [_Restoring(one, document, by) for one in split_annotators(text)]
        tasks[text.task or text.name, document.sha256].extend(parts)
    for (name, _), readings in tasks.items():
        yield name, _merged(readings, merge, base)


def restore_text(
    text: MarkedText, document: Document, *, by: str = "tool", base: str | None = None
) -> Mapped:
    """Return the annotations of a marked text on a document, and what follows from them.

    What was added in the tool is put into the segment where it begins and the clause of the
    nearest annotation there, and shares that one's polarity, modality, actor and condition unless
    the tool says otherwise. ReadError: a field that holds what it cannot.

    >>> from policy2dpv.graphs.graph import plain_document
    >>> span = MarkedSpan(label="personal_data pd:Name", start=8, end=18)
    >>> text = MarkedText(name="p", text="We keep your names.", spans=[span])
    >>> mapped = restore_text(text, plain_document("We keep your names."))
    >>> [(one.quote, one.source) for one in mapped.conversion.annotations]
    [('your names', 'tool')]
    """
    return _Restoring(text, document, by).mapped(base)


def _merged(readings: Sequence[_Restoring], rule: str, base: str | None) -> Mapped:
    """What the annotators of one text say together, and all that any of them left over."""
    first = readings[0]
    said: dict[str, list[Annotation]] = {}
    for one in readings:
        said.setdefault(one.text.annotator or one.text.name, []).extend(one.settled())
    annotations = merge_annotators(said, first.segments, rule)
    return Mapped(
        conversion=_conversion(first.document, first.segments, annotations, base),
        unmapped=dict(sorted(sum((one.unmapped for one in readings), Counter[str]()).items())),
        excused={}, lost=[lost for one in readings for lost in one.lost],
        notes=list(dict.fromkeys(note for one in readings for note in one.notes())),
    )  # fmt: skip


def _conversion(
    document: Document, segments: Sequence[Segment], said: list[Annotation], base: str | None
) -> Conversion:
    statements = relate_annotations(document, segments, said)
    return Conversion(document, segments, said, statements, base)


class _Restoring:
    """One marked text on its way back."""

    def __init__(self, text: MarkedText, document: Document, by: str) -> None:
        self.text = text
        self.document = document
        self.by = by
        self.placing = Placing(text, document)
        self.segments: Sequence[Segment] = find_segments(document)
        self.by_id = {segment.id: segment for segment in self.segments}
        self.lost = list(text.lost)
        self.unmapped: Counter[str] = Counter()

    def mapped(self, base: str | None) -> Mapped:
        """The graph of what this annotator says."""
        annotations = self.settled()
        return Mapped(
            conversion=_conversion(self.document, self.segments, annotations, base),
            unmapped=dict(sorted(self.unmapped.items())), excused={},
            lost=self.lost, notes=self.notes(),
        )  # fmt: skip

    def notes(self) -> list[str]:
        """How the file was read."""
        return [*self.text.notes, *self.placing.notes()]

    def settled(self) -> list[Annotation]:
        """The annotations, each in its segment and clause."""
        settled: list[Annotation] = []
        strayed: list[tuple[MarkedSpan, Annotation]] = []
        for span, one in self.placed():
            if one.segment in self.by_id and (not is_moved(span) or self.within(one)):
                settled.append(one)
            else:
                strayed.append((span, one))
        starts = [segment.start for segment in self.segments]
        there = defaultdict(list)
        for one in settled:
            there[one.segment].append(one)
        for span, one in strayed:
            known = one.segment and not is_moved(span)  # in a segment of another reading
            if self.segments:
                segment = self.segments[home(starts, one.start)]
                one = msgspec.structs.replace(one, segment=segment.id)
            settled.append(one if known else clause_of(one, there[one.segment], span.fields))
        settled.sort(key=lambda a: (a.start, a.end, a.kind, a.term, a.clause, a.source))
        return list(dict.fromkeys(settled))

    def placed(self) -> Iterator[tuple[MarkedSpan, Annotation]]:
        """The annotations of our labels on the document; the others are counted."""
        for span in self.text.spans:
            where = self.placing.find(span)
            if isinstance(where, Lost):
                self.lost.append(where)
                continue
            one = from_span(self._with_quote(span), self.by)
            if one is None:
                self.unmapped[span.label] += 1
                continue
            yield span, self.moved(one, where, span)

    def moved(self, one: Annotation, where: Span, span: MarkedSpan) -> Annotation:
        """An annotation of the tool's text at its place in the document."""
        start, end = where
        quote = self.document.text[start:end]
        definition = one.definition
        if definition is not None:
            same = (start, end) == (one.start, one.end)
            there = 0 <= definition[0] < definition[1] <= len(self.document.text)
            definition = (definition if there else None) if same else self.placing.move(definition)
            if definition is None:
                found = "what defines it cannot be found again"
                self.lost.append(Lost(span.place, found, one.quote))
        phrase = one.phrase if one.phrase is not None and one.phrase in quote else None
        return msgspec.structs.replace(
            one, start=start, end=end, quote=quote, phrase=phrase, definition=definition
        )

    def within(self, one: Annotation) -> bool:
        """Whether an annotation still stands on words of its segment."""
        segment = self.by_id[one.segment]
        return overlaps((one.start, one.end), (segment.start, segment.end))

    def _with_quote(self, span: MarkedSpan) -> MarkedSpan:
        """The span with the words of its own text, where it only counts."""
        if span.quote or self.text.text is None:
            return span
        return msgspec.structs.replace(span, quote=self.text.text[span.start : span.end])
