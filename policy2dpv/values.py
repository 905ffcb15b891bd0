"""Spans with a typed value: periods of storage, places, e-mail addresses, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from policy2dpv.context import Context
from policy2dpv.licence import Scene
from policy2dpv.model import Annotation, Document, Segment
from policy2dpv.tables import read_table

if TYPE_CHECKING:
    from policy2dpv.annotate import Reading

DURATION, CONTACT = "storage_duration", "contact"
STORED, TRANSFERRED = "storage_location", "transfer_destination"
DIGITS = re.compile(r"\d")
ENOUGH_DIGITS = 9


class ValueRow(NamedTuple):
    """One shape, compiled, and the row it stands in."""

    kind: str
    term: str
    sort: str
    pattern: re.Pattern[str]
    source: str


class ValueShapes(msgspec.Struct, frozen=True):
    """The shapes of a language and the words for numbers and units of time."""

    rows: tuple[ValueRow, ...]
    numbers: tuple[tuple[re.Pattern[str], str], ...]
    units: tuple[tuple[re.Pattern[str], str], ...]

    def duration(self, count: str, unit: str) -> str | None:
        """The xsd:duration of a number and a unit.

        >>> load_value_shapes("en").duration("twelve", "months")
        'P12M'
        """
        number = "1" if not count else count if count.isdigit() else _lookup(self.numbers, count)
        letter = _lookup(self.units, unit)
        if number is None or letter is None:
            return None
        return (
            f"PT{number}{letter[1]}"
            if letter[0] == "T" and len(letter) == 2
            else f"P{number}{letter}"
        )


def _lookup(table: tuple[tuple[re.Pattern[str], str], ...], words: str) -> str | None:
    return next((value for pattern, value in table if pattern.fullmatch(words)), None)


@lru_cache(maxsize=8)
def load_value_shapes(language: str, folders: tuple[Path, ...] = ()) -> ValueShapes:
    """The compiled rows of ``patterns/values`` and ``patterns/durations`` of a language."""
    from policy2dpv.data import data_folder

    places = folders or (data_folder("mappings"),)
    words: dict[str, list[tuple[str, str]]] = {"number": [], "unit": []}
    rows: list[ValueRow] = []
    for folder in places:
        path = folder / "patterns" / f"durations.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            words[row["sort"]].append((row["words"], row["value"]))
    fills = {
        "{number}": "(?:" + "|".join([r"\d{1,4}", *(w for w, _ in words["number"])]) + ")",
        "{unit}": "(?:" + "|".join(w for w, _ in words["unit"]) + ")",
    }
    for folder in places:
        path = folder / "patterns" / f"values.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            pattern = row["pattern"]
            for name, fill in fills.items():
                pattern = pattern.replace(name, fill)
            flags = re.IGNORECASE if row["kind"] == DURATION else 0
            rows.append(
                ValueRow(
                    row["kind"], row["term"], row["sort"], re.compile(pattern, flags), row.place
                )
            )
    compiled = {
        sort: tuple((re.compile(w, re.IGNORECASE), value) for w, value in pairs)
        for sort, pairs in words.items()
    }
    return ValueShapes(tuple(rows), compiled["number"], compiled["unit"])


def find_values(
    document: Document, segment: Segment, scene: Scene, context: Context, reading: Reading
) -> Iterator[Annotation]:
    """Periods, contacts and places of a segment, where its words or headings license them."""
    shapes = load_value_shapes(reading.lexicon.language, reading.lexicon.folders)
    kinds = set()
    if scene.opens(DURATION) or scene.hits.get("cue:retention"):
        if (
            scene.opens(DURATION)
            or context.about("retention")
            or not scene.hits.get("cue:response")
        ):
            kinds.add(DURATION)
    text = document.text[segment.start : segment.end]
    if "@" in text or DIGITS.search(text):
        kinds.add(CONTACT)
    taken: list[tuple[int, int]] = []
    for row in shapes.rows:
        if row.kind not in kinds:
            continue
        for match in row.pattern.finditer(document.text, segment.start, segment.end):
            start, end = match.span()
            while end > start and document.text[end - 1] in " ,.\n":
                end -= 1
            if any(a < end and start < b for a, b in taken):
                continue
            value = _value(row, match, scene, context, shapes)
            if value is None:
                continue
            taken.append((start, end))
            yield _annotation(row, start, end, value, segment, scene, reading)
    if segment.landmark == "main":
        yield from _places(segment, scene, reading)


def _value(
    row: ValueRow, match: re.Match[str], scene: Scene, context: Context, shapes: ValueShapes
) -> str | None:
    """The typed value of a match; None where it is none after all."""
    words = match[0]
    if row.sort == "period":
        return shapes.duration(match["count"], match["unit"])
    if row.sort == "email":
        return "mailto:" + words.rstrip(".")
    if row.sort == "phone":
        digits = "".join(DIGITS.findall(words))
        named = words.startswith("+") or bool(scene.hits.get("cue:phone"))
        if not named or not ENOUGH_DIGITS <= len(digits) <= 15:
            return None
        return "tel:" + ("+" if words.startswith("+") else "") + digits
    return " ".join(words.split())


def _annotation(
    row: ValueRow,
    start: int,
    end: int,
    value: str,
    segment: Segment,
    scene: Scene,
    reading: Reading,
) -> Annotation:
    kind = row.kind
    if kind == CONTACT and scene.hits.get("cue:dpo"):
        kind = "dpo_contact"
    at = reading.token_at(start)
    number = next((n for n, c in enumerate(scene.clauses) if c.start <= at < c.end), 0)
    clause = scene.clauses[number] if scene.clauses else None
    quote = reading.document.text[start:end]
    return Annotation(
        start=start, end=end, quote=quote, kind=kind, term=row.term, segment=segment.id, source=row.source,
        value=value, clause=number, confidence=0.9,
        modality=clause.modality if clause is not None and kind == DURATION else "",
    )  # fmt: skip


def _places(segment: Segment, scene: Scene, reading: Reading) -> Iterator[Annotation]:
    stored = [h.first for h in scene.hits.get("cue:storing", ())]
    moved = [h.first for h in scene.hits.get("cue:transferring", ())]
    for hit in scene.hits.get("place", ()):
        kind = None
        if scene.opens(TRANSFERRED):
            kind = TRANSFERRED
        elif stored or moved:
            near = [(hit.first - at if at < hit.first else 40 + at - hit.first, kind)
                    for kind, ats in ((STORED, stored), (TRANSFERRED, moved)) for at in ats]  # fmt: skip
            kind = min(near)[1]
        if kind is None:
            continue
        found = next(
            ((n, c) for n, c in enumerate(scene.clauses) if c.start <= hit.first < c.end), None
        )
        if found is None:
            if not scene.opens(kind) and not scene.context.inherits:
                continue
            yield reading.annotation(segment, hit, kind, None, 0)
        elif found[1].actor != "user":
            yield reading.annotation(segment, hit, kind, found[1], found[0])
