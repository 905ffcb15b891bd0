"""What "this processing" and "such information" point back to, within one block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.model import Annotation, Span

if TYPE_CHECKING:
    from policy2dpv.annotating.annotate import Reading

# cue -> the kinds that it points back to
POINTS_TO: Mapping[str, tuple[str, ...]] = {
    "cue:refers_processing": ("purpose", "personal_data", "any_data"),
    "cue:refers_data": ("personal_data",),
}
DATA = ("personal_data", "any_data")
OPERATION, PURPOSE, BASIS = "processing", "purpose", "legal_basis"
FADES = 0.9  # how much less sure a reference is than its antecedent
MOST = 14  # a longer list is no antecedent of one pronoun


def resolve_references(reading: Reading, annotations: Sequence[Annotation]) -> list[Annotation]:
    """The further annotations that references give: on their words, pointing to the antecedent.

    The antecedent is the nearest sentence before it in the same block that says something of the
    kind; a clause that names its own is left alone.
    """
    by_segment: dict[str, list[Annotation]] = defaultdict(list)
    for one in annotations:
        by_segment[one.segment].append(one)
    found: list[Annotation] = []
    for index, segment in enumerate(reading.segments):
        own = by_segment.get(segment.id)
        if not own:
            continue
        if index and reading.segments[index - 1].block == segment.block:
            found.extend(_resolve(reading, index, own, by_segment))
        found.extend(_pronouns(reading, index, own, by_segment))
    return found


def _resolve(
    reading: Reading,
    index: int,
    own: Sequence[Annotation],
    by_segment: Mapping[str, Sequence[Annotation]],
) -> Iterator[Annotation]:
    tokens, text, hits = reading.tokens, reading.document.text, reading.found(index)
    for cue, kinds in POINTS_TO.items():
        for hit in hits.get(cue, ())[:1]:
            start, end = tokens.starts[hit.first], tokens.end(hit.last)
            clause = next((a for a in own if a.end > end), own[0])
            said = {a.kind for a in own if a.clause == clause.clause}
            grounds = BASIS in said
            for kind in kinds:
                if kind in said and not (grounds and kind == PURPOSE):
                    continue
                for antecedent in _antecedents(reading, index, kind, by_segment):
                    yield _pointing(antecedent, clause, (start, end), text)


def _pronouns(
    reading: Reading,
    index: int,
    own: Sequence[Annotation],
    by_segment: Mapping[str, Sequence[Annotation]],
) -> Iterator[Annotation]:
    """Data that is but "it" behind an operation: "..., and our partners keep it for a week"."""
    tokens, text = reading.tokens, reading.document.text
    pronouns = reading.tables.classes["data_pronoun"]
    having = {a.clause for a in own if a.kind in DATA}
    for one in own:
        if one.kind != OPERATION or one.clause in having:
            continue
        at = reading.token_at(one.end)
        if at >= len(tokens.words) or tokens.words[at].lemma not in pronouns:
            continue
        if _has_noun(reading, at):
            continue  # "we evaluate this position"
        having.add(one.clause)
        start, end = tokens.starts[at], tokens.end(at)
        before = {a.term: a for a in own if a.kind in DATA and a.end <= one.start}
        named = {term: a for term, a in before.items() if a.kind == DATA[0]} or before
        told = list(named.values()) or [
            a for kind in DATA for a in _antecedents(reading, index, kind, by_segment)
        ]
        for antecedent in told:
            yield _pointing(antecedent, one, (start, end), text)


def _has_noun(reading: Reading, at: int) -> bool:
    """Whether a pronoun may be but the determiner of the word behind it."""
    words, classes = reading.tokens.words, reading.tables.classes
    if words[at].lemma not in classes["determiner"] or at + 1 >= len(words):
        return False
    behind = words[at + 1].lemma
    return behind.isalpha() and behind not in classes["preposition|joiner|adverb|relative|aux"]


def _pointing(to: Annotation, clause: Annotation, span: Span, text: str) -> Annotation:
    """An annotation on the words that point to an antecedent, in the clause of another."""
    start, end = span
    return msgspec.structs.replace(
        to, start=start, end=end, quote=text[start:end], phrase=None,
        segment=clause.segment, clause=clause.clause, actor=clause.actor,
        polarity=clause.polarity, modality=clause.modality, condition=clause.condition,
        definition=(to.start, to.end), confidence=round(to.confidence * FADES, 3),
    )  # fmt: skip


def _antecedents(
    reading: Reading, index: int, kind: str, by_segment: Mapping[str, Sequence[Annotation]]
) -> list[Annotation]:
    """What the nearest sentence before says of a kind, one annotation a term."""
    segments = reading.segments
    for before in range(index - 1, -1, -1):
        if segments[before].block != segments[index].block:
            break
        said = {
            a.term: a for a in by_segment.get(segments[before].id, ())
            if a.kind == kind and a.polarity == "affirmed"
        }  # fmt: skip
        if said:
            return list(said.values()) if len(said) <= MOST else []
    return []
