"""Which policies have a practice by the rows of `batch --format parquet`, without their graphs.

Reading two columns of a million policies takes minutes where loading their graphs takes hours. Only
queries of one slot can be asked so: `practices.tsv` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import GraphError, QueryError
from policy2dpv.estimating.practice import Holders, Practice
from policy2dpv.knowledge.rows import read_table

if TYPE_CHECKING:
    from policy2dpv.knowledge.vocabulary import Vocabulary

TABLE = "practices.tsv"
DONE, BY_USERS = "affirmed", "user"  # polarity and actor of the rows that count, and do not


class Asked(msgspec.Struct, frozen=True):
    """What is looked for in each row: a term in a column, and any value in another one."""

    column: str
    term: str | None
    beside: str = ""


def find_row_holders(files: Iterable[Path], practice: Practice | None) -> Iterator[Holders]:
    """Yield for each Parquet file of `batch` its policies and which have the practice.

    QueryError: a query of more than one slot, or a setting that the rows do not tell. GraphError:
    a file that is not one of `batch`. VocabularyError: a term that the release does not have.

    >>> list(find_row_holders([], Practice("recipients")))
    []
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    asked = column_of(practice) if practice else None
    known = load_vocabulary()
    for file in files:
        graphs, holding = _read(file, asked, known)
        yield Holders(file, tuple(sorted(graphs)), tuple(sorted(holding)))


def column_of(practice: Practice) -> Asked:
    """Return what a practice asks of rows. QueryError and VocabularyError as `find_row_holders`.

    >>> column_of(Practice("recipients"))
    Asked(column='recipients', term=None, beside='')
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    rows = _table()
    if practice.name not in rows:
        advice = f"convert with --format nquads, or ask {', '.join(sorted(rows))}"
        raise QueryError(practice.name, "rows of Parquet files do not tell", advice)
    setting, column, beside = rows[practice.name]
    for name in practice.settings:
        if name != setting:
            advice = f"convert with --format nquads, or set {setting} only"
            raise QueryError(f"--set {name}", "rows of Parquet files do not tell", advice)
    term = practice.settings.get(setting)
    if term is not None:
        known = load_vocabulary()
        term = known.term(known.curie(term) if "://" in term else term).term
    return Asked(column, term, beside)


@cache
def _table() -> dict[str, tuple[str, str, str]]:
    """The setting, the column and the one beside it by query."""
    path = data_folder("mappings") / TABLE
    return {row["query"]: (row["setting"], row["column"], row["beside"])
            for row in read_table(path)}  # fmt: skip


def _read(file: Path, asked: Asked | None, known: Vocabulary) -> tuple[set[str], set[str]]:
    """The graphs of a file, and those that have what is asked for."""
    import pyarrow
    from pyarrow import parquet

    columns = ["graph", "polarity", "actor"]
    columns += [name for name in (asked.column, asked.beside) if name] if asked else []
    graphs: set[str] = set()
    holding: set[str] = set()
    try:
        with parquet.ParquetFile(file) as opened:
            for batch in opened.iter_batches(columns=columns):
                for row in batch.to_pylist():
                    graphs.add(row["graph"])
                    if asked and row["graph"] not in holding and _holds(row, asked, known):
                        holding.add(row["graph"])
    except (OSError, KeyError, pyarrow.ArrowInvalid) as error:
        advice = "give what `batch --format parquet` wrote"
        raise GraphError(file, f"no rows of statements ({error})", advice) from error
    return graphs, holding


def _holds(row: dict[str, Any], asked: Asked, known: Vocabulary) -> bool:
    if row["polarity"] != DONE or row["actor"] == BY_USERS:
        return False
    if asked.beside and not row[asked.beside]:
        return False
    if asked.term is None:
        return bool(row[asked.column])
    return any(known.is_under(_term(value), asked.term) for value in row[asked.column])


def _term(value: str) -> str:
    _, opening, term = value.rpartition("(")  # NAME (TERM)
    return term[:-1] if opening and term.endswith(")") else value
