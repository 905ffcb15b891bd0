"""How sure an annotation is, by mappings/confidence.tsv, and what is left at a least confidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.knowledge.rows import read_table
from policy2dpv.model import Annotation, Statement

Factors = Mapping[tuple[str, str], float]
SUREST, UNSUREST = 0.99, 0.1
MOST_AGAIN = 2
DENIED = "denied"


@lru_cache(maxsize=8)
def load_factors(folders: tuple[Path, ...] = ()) -> Factors:
    """The factors of ``confidence.tsv`` by feature and value, later folders winning.

    TableError: a broken row.

    >>> load_factors()["polarity", "denied"] > 1
    True
    """
    from policy2dpv.data import data_folder

    paths = [folder / "confidence.tsv" for folder in folders or (data_folder("mappings"),)]
    rows = [row for path in paths if path.is_file() for row in read_table(path)]
    return {(row["feature"], row["value"]): float(row["factor"]) for row in rows}


def weigh_annotations(
    annotations: Sequence[Annotation], requires: Mapping[str, str], factors: Factors
) -> list[Annotation]:
    """The annotations with calibrated confidences; `requires` tells what a row requires.

    The doubt of the row is multiplied by the factor of each feature that holds, and by that of
    `again` for each further row that gives the same term, at most two of them.

    >>> one = Annotation(start=0, end=1, quote="x", kind="purpose", term="ex:Sale", segment="a",
    ...                  source="purpose.tsv:1", confidence=0.8)
    >>> [weighed] = weigh_annotations([one], {}, {("any", ""): 0.5})
    >>> weighed.confidence
    0.9
    """
    rows: dict[Any, set[str]] = defaultdict(set)  # by what tells one thing said from another
    alike: list[set[str]] = []
    for one in annotations:
        said = rows[one.kind, one.term, one.name, one.value, one.polarity]
        said.add(one.source)
        alike.append(said)
    again = factors.get(("again", ""), 1.0)
    known: dict[Any, float] = {}
    products: dict[Any, float] = {}
    weighed: list[Annotation] = []
    for one, said in zip(annotations, alike, strict=True):
        required = requires.get(one.source, "")
        others = min(len(said) - 1, MOST_AGAIN)
        held: Any = (  # so that a compiled wheel makes one tuple
            one.kind, one.match, one.modality, one.polarity, required, bool(one.condition),
            one.confidence, others,
        )  # fmt: skip
        sure = known.get(held)
        if sure is None:
            features = held[:-2]
            if features not in products:
                products[features] = _factor(one, required, factors)
            doubt = (1.0 - one.confidence) * (products[features] * again**others)
            sure = known[held] = round(min(SUREST, max(UNSUREST, 1.0 - doubt)), 3)
        weighed.append(msgspec.structs.replace(one, confidence=sure))
    return weighed


def _factor(one: Annotation, required: str, factors: Factors) -> float:
    """The product of the factors of what holds for an annotation."""
    features = [
        ("any", ""), ("kind", one.kind), ("match", one.match), ("modality", one.modality),
        ("polarity", one.polarity), ("requires", required),
    ]  # fmt: skip
    if one.condition:
        features.append(("condition", ""))
    return prod(factors.get(feature, 1.0) for feature in features)


def keep_sure(
    statements: Iterable[Statement], least: float, decided: Container[tuple[int, int, str]] = ()
) -> tuple[list[Statement], int]:
    """The statements without what is less sure than `least`, and how many values that took.

    A statement that has nothing left goes, and so does a denial that loses any of what it denies:
    less of it would forbid more. What a person `decided`, by its place and source, is sure.

    >>> keep_sure([Statement(segment="a", kind="practice")], 0.9)
    ([], 0)
    """
    kept: list[Statement] = []
    dropped = 0
    for statement in statements:
        values = {
            field: value for field in statement.__struct_fields__
            if isinstance(value := getattr(statement, field), tuple)
            and any(isinstance(one, Annotation) for one in value)
        }  # fmt: skip
        sure = {
            field: tuple(
                one for one in value
                if one.confidence >= least or (one.start, one.end, one.source) in decided
            )
            for field, value in values.items()
        }  # fmt: skip
        lost = sum(map(len, values.values())) - sum(map(len, sure.values()))
        whole = lost and statement.polarity == DENIED
        if not any(sure.values()) or whole:
            dropped += sum(map(len, values.values()))
            continue
        dropped += lost
        kept.append(msgspec.structs.replace(statement, **sure) if lost else statement)
    return kept, dropped
