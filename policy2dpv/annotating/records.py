"""Fields one below the other are one practice: "Purpose: ... Data: ... Legal basis: ..."."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.model import Annotation, Segment, Span

if TYPE_CHECKING:
    from policy2dpv.annotating.findings import Findings

LEAST = 2  # so many different fields make a record
APART = ("right", "law", "contact", "dpo_contact", "controller", "area")  # of the whole policy
Home = tuple[str, Span | None]  # the segment that a record begins with, and the field's own label


def join_records(reading: Findings, annotations: Sequence[Annotation]) -> list[Annotation]:
    """The annotations with those of a record's fields in the segment that the record begins with.

    A record is a run of labelled sentences, paragraphs or list items under one heading, whose
    labels name different columns of a table; a sentence without a label goes on with its field.
    What a label says by itself ("Data:") says no more than its field.
    """
    homes = _homes(reading)
    found: list[Annotation] = []
    for one in annotations:
        home, label = homes.get(one.segment, ("", None))
        if home and label and label[0] <= one.start and one.end <= label[1]:
            continue
        if home and one.kind not in APART and one.polarity == "affirmed":
            one = msgspec.structs.replace(one, segment=home, clause=0)
        found.append(one)
    return found


def _homes(reading: Findings) -> dict[str, Home]:
    """The home of each segment that is a field of a record."""
    homes: dict[str, Home] = {}
    run: list[tuple[Segment, Span | None]] = []
    columns: list[str] = []

    def close() -> None:
        if len(columns) >= LEAST:
            homes.update((field.id, (run[0][0].id, label)) for field, label in run)
        run.clear()
        columns.clear()

    for index, segment in enumerate(reading.segments):
        column, label = reading.column(index), reading.label(index)
        last = run[-1][0] if run else None
        same = last is not None and segment.trail == last.trail
        if column is None:
            if not (same and label is None and last and segment.block == last.block):
                close()
            elif run:
                run.append((segment, None))
            continue
        if not (same and last and segment.block - last.block <= 1 and column not in columns):
            close()
        run.append((segment, label))
        columns.append(column)
    close()
    return homes
