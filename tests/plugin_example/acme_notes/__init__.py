"""Acme's notes: a reader of their files, the table of their labels, and an annotator."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from policy2dpv import Annotation, Document, Segment, read_document
from policy2dpv.errors import ReadError
from policy2dpv.schemes.anchor import Anchor
from policy2dpv.schemes.marks import Lost, Mark, MarkedClause, MarkedPolicy


def read_notes(path: Path, page: Path | None = None) -> Iterator[MarkedPolicy]:
    """A file of notes: who, sentence, label, words; `page` is the policy, else NAME.txt beside."""
    document = read_document(page or path.with_suffix(".txt"))
    anchor = Anchor(document.text)
    clauses, lost = [], []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            place = f"{path.name}:{number}"
            if None in row.values() or "sentence" not in row:
                raise ReadError(place, "not all columns", "give who, sentence, label and words")
            sentence = anchor.find(row["sentence"])
            words = anchor.find(row["words"], within=sentence) if sentence else None
            if sentence is None or words is None:
                lost.append(Lost(place, "these words are not in the policy", row["words"]))
                continue
            mark = Mark(attribute="note", value=row["label"], span=words)
            clauses.append(
                MarkedClause(
                    id=f"note-{number}", category="", span=sentence, marks=(mark,),
                    annotator=row["who"],
                )
            )  # fmt: skip
    yield MarkedPolicy(name=path.stem, document=document, clauses=clauses, lost=lost)


def notes_table() -> Path:
    """Where the table of the labels lies."""
    return Path(__file__).parent / "notes.sssom.tsv"


class WordModel:
    """Reads one word as device data; a real one would ask a model."""

    def __init__(self, word: str = "telemetry") -> None:
        self.word = word

    def __call__(self, document: Document, segments: Sequence[Segment]) -> Iterator[Annotation]:
        for segment in segments:
            at = document.text.find(self.word, segment.start, segment.end)
            if at >= 0:
                yield Annotation(
                    start=at, end=at + len(self.word), quote=self.word, kind="personal_data",
                    term="pd:DeviceBased", segment=segment.id, source="model:acme-words",
                    confidence=0.8,
                )  # fmt: skip
