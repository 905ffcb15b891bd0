"""The questions that a report asks of any notice: its title, its quotes, labels of its terms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from policy2dpv.data import data_folder
from policy2dpv.knowledge.rows import read_table


@cache
def load_questions() -> Mapping[str, str]:
    """Return the queries of vocab/notices/questions.tsv by name. TableError: it is damaged.

    >>> "quotes" in load_questions()
    True
    """
    rows = read_table(data_folder("vocab") / "notices" / "questions.tsv")
    return {row["name"]: row["sparql"] for row in rows}
