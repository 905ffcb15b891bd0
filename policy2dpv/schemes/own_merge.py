"""Our own labels of several annotators on one text become one reading, by a rule of `merge`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from policy2dpv.annotating.merge import AnnotatedClause, merge_clauses
from policy2dpv.annotating.sentence import ASIDE
from policy2dpv.model import Annotation, Segment
from policy2dpv.schemes.spans import MarkedText


def split_annotators(text: MarkedText) -> list[MarkedText]:
    """Return a text once for each annotator that its spans name, itself where they name one.

    >>> from policy2dpv.schemes.spans import MarkedSpan
    >>> spans = [MarkedSpan(label="right dpv:Right", annotator=name) for name in ("ann", "bob")]
    >>> [one.annotator for one in split_annotators(MarkedText(name="p", spans=spans))]
    ['ann', 'bob']
    """
    names = sorted({span.annotator for span in text.spans})
    if text.annotator or len(names) < 2:
        return [text]
    found = []
    for name in names:
        own = [span for span in text.spans if span.annotator == name]
        found.append(msgspec.structs.replace(text, annotator=name, spans=own, lost=(), notes=()))
    found[0] = msgspec.structs.replace(found[0], lost=text.lost, notes=text.notes)
    return found


def merge_annotators(
    said: Mapping[str, Sequence[Annotation]], segments: Iterable[Segment], rule: str
) -> list[Annotation]:
    """Return what the annotators of one text say together; `said` is by their names.

    All of them saw the whole text: who marks nothing in a segment votes against what others mark
    there. `Annotation.by` names who said it. AnnotatorError: a rule that there is not, or that
    names nobody.

    >>> one = Annotation(start=0, end=4, quote="mail", kind="contact", term="", segment="s",
    ...                  source="tool:x")
    >>> segments = [Segment(id="s", start=0, end=4, kind="sentence", block=0)]
    >>> found = merge_annotators({"ann": [one], "bob": [one], "cy": []}, segments, "majority")
    >>> [(one.quote, one.by) for one in found]
    [('mail', ('ann', 'bob'))]
    """
    clauses = merge_clauses(_clauses(said, segments), rule)
    home = {clause.id: clause.id.rpartition("/")[0].rpartition("/")[0] for clause in clauses}
    count: Counter[str] = Counter()
    found: dict[Annotation, None] = {}
    for clause in clauses:
        segment = home[clause.id]
        for one in clause.annotations:
            number = count[segment] + (ASIDE if one.clause >= ASIDE else 0)
            found[msgspec.structs.replace(one, segment=segment, clause=number)] = None
        count[segment] += bool(clause.annotations)
    return sorted(found, key=lambda a: (a.start, a.end, a.kind, a.term, a.clause, a.source))


def _clauses(
    said: Mapping[str, Sequence[Annotation]], segments: Iterable[Segment]
) -> list[AnnotatedClause]:
    """What each annotator says in each clause of each segment that anybody marked."""
    spans = {segment.id: (segment.start, segment.end) for segment in segments}
    marked = {one.segment for told in said.values() for one in told}
    clauses = []
    for name, told in said.items():
        there: dict[tuple[str, int], list[Annotation]] = defaultdict(list)
        for one in told:
            own = msgspec.structs.replace(one, by=(name,))
            there[one.segment, one.clause % ASIDE].append(own)
        silent = marked - {segment for segment, _ in there}
        there.update({(segment, 0): [] for segment in silent})
        clauses += [
            AnnotatedClause(
                id=f"{segment}/{number}/{name}", by=(name,), passage=spans[segment],
                annotations=tuple(found),
            )
            for (segment, number), found in sorted(there.items()) if segment in spans
        ]  # fmt: skip
    return clauses
