"""What a policy says as rows of a Parquet file: one row a statement, with quote and offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.batch.records import Reading
from policy2dpv.graphs.rights import laws_in_play, term_in_law
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.model import Annotation, Span

if TYPE_CHECKING:
    import pyarrow

GROUP = 10_000  # rows of a row group, so that the same rows give the same bytes
# The slots of a statement that hold terms, and those that hold parties, by their columns.
TERMS = ("processing", "data", "purposes", "legal_bases", "rights", "measures", "safeguards",
         "subjects", "sources", "technologies", "automation", "laws")  # fmt: skip
IN_LAW = ("legal_bases", "rights")  # these have the terms of the laws in play, as in the graph
PARTIES = ("recipients", "controllers")
WORDS = ("durations", "contacts", "dpo_contacts")
PLACES = ("locations", "destinations")
TEXT_COLUMNS = ("policy", "graph", "input", "uri", "date", "language", "sha256", "segment", "kind",
                "actor", "party", "polarity", "modality")  # fmt: skip


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A statement: its text columns, its lists by column, its span, and its words."""

    texts: tuple[str, ...]
    lists: tuple[tuple[str, ...], ...]
    start: int
    end: int
    confidence: float
    condition: str
    exception: str
    section: tuple[str, ...]
    quote: str


LISTS = (*TERMS, *PARTIES, *WORDS, *PLACES)


def statement_rows(graph: PolicyGraph, reading: Reading) -> list[Row]:
    """Return the rows of a policy, in reading order.

    `start` and `end` are the characters of the clause's own words in the policy's text, counted
    as everywhere; without quotes the columns of words are empty.

    >>> from policy2dpv.conversion import convert
    >>> graph = convert(b"We use your email address to send you our newsletter.").policy_graph
    >>> [row] = statement_rows(graph, Reading(n=0, name="a.txt", uri=""))
    >>> row.quote[row.start : row.end]
    'We use your email address to send you our newsletter.'
    """
    tables = load_modelling()
    in_law = partial(term_in_law, laws=laws_in_play(graph.statements, tables), tables=tables)
    segments = {segment.id: segment for segment in graph.segments}
    text, shown = graph.document.text, graph.quotes == "full"

    def words(span: Span | None) -> str:
        return " ".join(text[span[0] : span[1]].split()) if span and shown else ""

    rows = []
    for said in graph.statements:
        segment = segments.get(said.segment)
        start, end = said.evidence[0] if said.evidence else (
            (segment.start, segment.end) if segment else (0, 0)
        )  # fmt: skip
        terms = [_terms(name, getattr(said, name), in_law) for name in TERMS]
        parties = [_unique(map(_party, getattr(said, name))) for name in PARTIES]
        literals = [_unique(a.value or a.quote for a in getattr(said, name)) for name in WORDS]
        places = [_unique(a.term for a in getattr(said, name)) for name in PLACES]
        rows.append(Row(
            (graph.notice, graph.name, reading.name, reading.uri, reading.date, reading.language,
             reading.sha256, said.segment, said.kind, said.actor,
             _party(said.party) if said.party else "", said.polarity, said.modality),
            (*terms, *parties, *literals, *places), start, end, said.confidence,
            words(said.condition), words(said.exception),
            tuple(filter(None, map(words, segment.trail if segment else ()))),
            text[start:end] if shown else "",
        ))  # fmt: skip
    return rows


def write_parquet(rows: Iterable[Row], path: Path) -> None:
    """Write rows to a Parquet file. OSError: it cannot be written."""
    from pyarrow import parquet

    schema = _schema()
    with parquet.ParquetWriter(path, schema, compression="zstd", version="2.6") as file:
        for group in _groups(rows):
            file.write_table(_table(group, schema), row_group_size=GROUP)


def _schema() -> pyarrow.Schema:
    import pyarrow

    text, texts = pyarrow.string(), pyarrow.list_(pyarrow.string())
    return pyarrow.schema([
        *((name, text) for name in TEXT_COLUMNS),
        *((name, texts) for name in LISTS),
        ("start", pyarrow.int32()), ("end", pyarrow.int32()), ("confidence", pyarrow.float64()),
        ("condition", text), ("exception", text), ("section", texts), ("quote", text),
    ])  # fmt: skip


def _table(rows: list[Row], schema: pyarrow.Schema) -> pyarrow.Table:
    import pyarrow

    columns: list[Any] = [[row.texts[at] for row in rows] for at in range(len(TEXT_COLUMNS))]
    columns += [[row.lists[at] for row in rows] for at in range(len(LISTS))]
    columns += [
        [getattr(row, name) for row in rows]
        for name in ("start", "end", "confidence", "condition", "exception", "section", "quote")
    ]
    arrays = [pyarrow.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        group.append(row)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def _terms(name: str, found: Iterable[Annotation], in_law: Any) -> tuple[str, ...]:
    return _unique(one.term for one in (map(in_law, found) if name in IN_LAW else found))


def _party(party: Annotation) -> str:
    return f"{party.name} ({party.term})" if party.name else party.term


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(value.split()) for value in values if value))
