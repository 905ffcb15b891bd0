"""A policy's own terms ("Contact Information" = name, e-mail ...), resolved where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Phrase
from policy2dpv.knowledge.tables import read_table
from policy2dpv.model import Annotation, Document, Segment, Span

DATA, DEFINED = "personal_data", "defined"
FADES = 0.95  # how much less sure a use is than the definition
UNREAD = ("nav", "dialog", "form")


class Definition(msgspec.Struct, frozen=True):
    """A term that the policy defines: its name, where, and whether the list stands before it."""

    name: str
    span: Span
    segment: str
    start: int
    before: bool
    source: str


@lru_cache(maxsize=8)
def _shapes(language: str, folders: tuple[Path, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    found: list[tuple[re.Pattern[str], str]] = []
    for folder in folders:
        path = folder / "patterns" / f"definitions.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            found.append((re.compile(row["pattern"]), row.place))
    return tuple(found)


def find_definitions(
    document: Document, segments: Sequence[Segment], lexicon: Lexicon
) -> list[Definition]:
    """The terms that a document defines by the shapes of patterns/definitions.<lang>.tsv."""
    found: list[Definition] = []
    for segment in segments:
        if segment.landmark in UNREAD or segment.kind == "heading":
            continue
        for pattern, source in _shapes(lexicon.language, lexicon.folders):
            for match in pattern.finditer(document.text, segment.start, segment.end):
                name = match["name"].rstrip(" .,")
                if not _names_data(name, lexicon):
                    continue
                before = document.text[match.start()] == "("
                found.append(Definition(name, match.span(), segment.id, segment.start, before,
                                        source))  # fmt: skip
    return found


def _names_data(name: str, lexicon: Lexicon) -> bool:
    """Whether a defined term is one for data: words of its own before a noun for data."""
    words = lexicon.tokenizer.cut(name).words
    heads = lexicon.grammar.classes.get("data_head", frozenset())
    return len(words) > 1 and words[-1].lemma in heads


def defined_phrases(definitions: Iterable[Definition]) -> Iterator[tuple[str, Phrase]]:
    """A phrase for each defined term, to be found where the term is used."""
    for one in definitions:
        yield one.name, Phrase(one.name, DEFINED, one.name, one.source, literal=9)


def expand_definitions(
    definitions: Sequence[Definition], annotations: Sequence[Annotation], generic: frozenset[str]
) -> list[Annotation]:
    """The annotations with each use of a defined term replaced by what the definition lists.

    The expanded ones stand on the use and point to the definition. A term whose definition lists
    no data gives nothing, and one that the lexicon reads as data in general stays that.
    """
    listed = _listed(definitions, annotations, generic)
    result: list[Annotation] = []
    for use in annotations:
        if use.kind != DEFINED:
            result.append(use)
            continue
        own, meanings = listed.get(use.term, ((0, 0), []))
        if own[0] <= use.start < own[1] or not meanings:
            continue
        for meaning in meanings:
            result.append(
                msgspec.structs.replace(
                    use, kind=meaning.kind, term=meaning.term, source=meaning.source,
                    match=meaning.match, definition=(meaning.start, meaning.end),
                    confidence=round(meaning.confidence * FADES, 3),
                )
            )  # fmt: skip
    return result


def _listed(
    definitions: Sequence[Definition], annotations: Sequence[Annotation], generic: frozenset[str]
) -> dict[str, tuple[Span, list[Annotation]]]:
    """What each defined term lists: the data of its segment, up to the definition before it."""
    by_segment: dict[str, list[Annotation]] = {}
    for one in annotations:
        if one.kind == DATA:
            by_segment.setdefault(one.segment, []).append(one)
    ends: dict[str, int] = {}
    result: dict[str, tuple[Span, list[Annotation]]] = {}
    for definition in definitions:
        low = ends.get(definition.segment, definition.start)
        ends[definition.segment] = definition.span[1]
        data = by_segment.get(definition.segment, [])
        if definition.before:
            meant = [a for a in data if low <= a.start and a.end <= definition.span[0]]
        else:
            meant = [a for a in data if a.start >= definition.span[1]]
        specific = [a for a in meant if a.term not in generic]
        distinct = {a.term: a for a in reversed(specific)}
        if distinct and definition.name not in result:
            result[definition.name] = (
                definition.span,
                sorted(distinct.values(), key=lambda a: a.start),
            )
    return result
