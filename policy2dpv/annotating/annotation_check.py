"""Whether annotations from elsewhere can be used: their spans, quotes, kinds, terms and values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec

from policy2dpv.annotating.sentence import ASIDE
from policy2dpv.data import data_folder
from policy2dpv.errors import AnnotatorError, VocabularyError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation, Document, Segment

MOST = 1_000_000  # annotations of one document; more is an annotator that does not end
SHOWN = 60  # characters of a quote in a message
ADVICE = "repair the annotator"
Fault = tuple[str, str]  # what was found, what to do


def check_annotations(
    document: Document,
    segments: Sequence[Segment],
    annotations: Iterable[Annotation],
    *,
    by: str,
) -> list[Annotation]:
    """Return an annotator's annotations once each of them is known to be usable.

    Each must have the types of `Annotation` and allowed values, a confidence from 0 to 1, a span
    with at least one character within the segment that it names, the very words of the text as
    its quote, a kind of the tables, and a term of the release that fits the kind's slot.
    AnnotatorError names the annotator, the index (from 0) of the first annotation that is not so,
    what was found and what to do.

    >>> from policy2dpv import find_segments, read_document
    >>> document = read_document(b"We share your e-mail address.")
    >>> [segment] = segments = find_segments(document)
    >>> one = Annotation(start=3, end=8, quote="shares", kind="processing", term="dpv:Share",
    ...                  segment=segment.id, source="model:acme")
    >>> check_annotations(document, segments, [one], by="acme")
    Traceback (most recent call last):
    ...
    policy2dpv.errors.AnnotatorError: annotator acme, annotation 0: the quote is 'shares', but ...
    """
    check = _Check(document, segments)
    found = list(islice(annotations, MOST + 1))
    if len(found) > MOST:
        raise AnnotatorError(f"annotator {by}", f"more than {MOST} annotations", ADVICE)
    for index, one in enumerate(found):
        for what, advice in check.faults(one):
            raise AnnotatorError(f"annotator {by}, annotation {index}", what, advice)
    return found


@cache
def known_kinds() -> Mapping[str, tuple[str, ...]]:
    """The kinds that an annotation may have, each with the classes its terms must be under.

    A kind without classes takes any term of the release.

    >>> known_kinds()["purpose"], "any_data" in known_kinds()
    (('dpv:Purpose',), True)
    """
    folder = data_folder("mappings")
    slots = load_modelling().slots
    kinds = {
        row["kind"]: (*row["node_class"].split(), *row.get("also", "").split())
        for name in ("slots.tsv", "unwritten.tsv") for row in read_table(folder / name)
    }  # fmt: skip
    literal = {kind: () for kind, slot in slots.items() if slot.form == "literal"}
    finer = {row["read_as"]: kinds[row["kind"]] for row in read_table(folder / "kinds.tsv")}
    return {**kinds, **literal, **finer, "area": ()}


class _Check:
    """One document's segments and what the tables allow."""

    def __init__(self, document: Document, segments: Sequence[Segment]) -> None:
        self.text = document.text
        self.segments = {segment.id: segment for segment in segments}

    def faults(self, one: Annotation) -> Iterator[Fault]:
        """What is wrong with an annotation, the first thing first."""
        if not isinstance(one, Annotation):
            yield f"{type(one).__name__} is no Annotation", "give policy2dpv.Annotation objects"
            return
        try:
            msgspec.convert(msgspec.structs.asdict(one), Annotation)
        except msgspec.ValidationError as error:
            yield str(error), _allowed(str(error))
            return
        yield from self._span_faults(one)
        yield from term_faults(one.kind, one.term)
        if not 0 <= one.confidence <= 1:  # not so for NaN either
            yield f"confidence is {one.confidence}", "give a number from 0 to 1"
        if not 0 <= one.clause < 2 * ASIDE:
            yield f"clause is {one.clause}", "count the clauses of a segment from 0"
        if one.condition is not None and one.condition not in self.text:
            yield f"the condition {one.condition[:SHOWN]!r} is not in the text", "quote the text"
        if not one.source:
            yield "it has no source", "say what decided, such as model:NAME"

    def _span_faults(self, one: Annotation) -> Iterator[Fault]:
        segment = self.segments.get(one.segment)
        length = len(self.text)
        if not 0 <= one.start < one.end <= length:
            found = f"the span {one.start} to {one.end} is empty or not in the text"
            yield found, f"count characters from 0 to {length}, the end exclusive"
        elif (words := self.text[one.start : one.end]) != one.quote:
            yield self._misquoted(one, words)
        elif segment is None:
            advice = "name the id of one of the segments that it is given"
            yield f"there is no segment {one.segment!r}", advice
        elif not segment.start <= one.start < one.end <= segment.end:
            found = f"{one.start} to {one.end} is not within segment {one.segment!r}"
            yield found, f"that one goes from {segment.start} to {segment.end}"
        if one.phrase is not None and one.phrase not in one.quote:
            yield f"the phrase {one.phrase!r} is not in the quote", "give words of the quote"
        if one.definition and not 0 <= one.definition[0] < one.definition[1] <= length:
            start, end = one.definition
            yield f"the definition {start} to {end} is not in the text", "give a span or none"

    def _misquoted(self, one: Annotation, words: str) -> Fault:
        found = f"the quote is {one.quote[:SHOWN]!r}, but the text from {one.start} to {one.end}"
        at = self.text.find(one.quote) if one.quote else -1
        advice = "quote the text as it is, white space included"
        if at >= 0:
            advice = f"these words stand at {at} to {at + len(one.quote)}"
        return f"{found} reads {words[:SHOWN]!r}", advice


def term_faults(kind: str, term: str) -> Iterator[Fault]:
    """What is wrong with a kind and its term, or terms with spaces between; the first thing first.

    >>> [found for found, advice in term_faults("purpose", "pd:Name")]
    ['pd:Name is not under dpv:Purpose, where purpose belongs']
    """
    vocabulary = load_vocabulary()
    tops = known_kinds().get(kind)
    if tops is None:
        known = ", ".join(sorted(known_kinds()))
        yield f"there is no kind {kind!r}", f"use one of {known}"
        return
    for one in term.split() or [term]:
        try:
            vocabulary.term(one)
        except VocabularyError as error:
            yield f"the term {one!r} is {error.found}", error.advice
            continue
        if tops and not any(vocabulary.is_under(one, top) for top in tops):
            found = f"{one} is not under {' or '.join(tops)}, where {kind} belongs"
            yield found, "give another term or another kind"


def _allowed(error: str) -> str:
    """What to do about a value of a wrong type: which ones are allowed, if they are few."""
    for field, hint in get_type_hints(Annotation).items():
        if get_origin(hint) is Literal and f"$.{field}`" in error:
            return "use one of " + ", ".join(value or "''" for value in get_args(hint))
    return "give the types that policy2dpv.Annotation has"
