"""What counts as a statement and what as the same one, read from mappings/evaluation.tsv."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

TABLE = "evaluation.tsv"
# Sorts of rows whose keys are terms of a graph, wanted as IRIs.
LINKS = (
    "fact", "recipient", "country", "location", "condition", "length", "contact", "ours",
    "theirs", "source_party", "provider", "means", "class", "name", "words",
)  # fmt: skip
OTHERS = (
    "prefix", "generic", "mark", "safeguard", "family", "default", "apart", "field", "column",
    "tie", "unit", "number", "kind_of_day", "skip",
)  # fmt: skip
PERIOD = re.compile(r"P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")
DATE_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
TIME_UNITS = {"H": "hour", "M": "minute"}  # seconds do not count
NUMBER_LENGTH = 6  # longer rows of digits are the same telephone number, however they are set


def plain_words(text: str | None) -> str:
    """Return the words of a text in lower case, without signs, with single spaces.

    >>> plain_words("E-mail  address(es)"), plain_words(None)
    ('e mail address es', '')
    """
    return re.sub(r"[\W_]+", " ", (text or "").casefold()).strip()


def stands_in(part: str | None, whole: str | None) -> bool:
    """Whether words of three letters or more stand in others, or both are one long number.

    >>> stands_in("Acme", "Acme, Inc."), stands_in("+1 (555) 0100-23", "1555010023")
    (True, True)
    """
    one, other = plain_words(part), plain_words(whole)
    if len(one) > 2 and f" {one} " in f" {other} ":
        return True
    if len(one) == 2 and one == other:
        return True
    digits, others = re.sub(r"\D", "", one), re.sub(r"\D", "", other)
    return len(digits) > NUMBER_LENGTH and digits == others


class Yardstick:
    """The table, with IRIs where a graph has them, and the nearness of terms.

    >>> stick = load_yardstick()
    >>> sorted(stick.periods("for twelve months")), sorted(stick.periods("P1Y"))
    ([525600], [525600])
    """

    def __init__(
        self,
        rows: Mapping[str, Mapping[str, str]],
        ties: Iterable[tuple[str, str]],
        vocabulary: Vocabulary,
    ) -> None:
        self.rows = rows
        self.ties = tuple(ties)
        self.vocabulary = vocabulary
        self.links: Mapping[str, Mapping[str, str]] = {
            sort: {vocabulary.iri(key): value for key, value in rows[sort].items()}
            for sort in LINKS
        }
        self.columns = {field: vocabulary.iri(p) for field, p in rows["column"].items()}
        self._spaces = {vocabulary.prefixes[p]: p for p in rows["prefix"]}
        self._minutes = {unit: int(count) for unit, count in rows["unit"].items()}
        days = "|".join(map(re.escape, rows["kind_of_day"]))
        units = "|".join(map(re.escape, self._minutes))
        self._said = re.compile(rf"(\d+) (?:\d+ )?(?:(?:{days}) )?({units})")
        self._around: dict[str, frozenset[str]] = {}

    def curie(self, iri: str) -> str:
        """Return the CURIE of an IRI in a namespace that counts, "" of any other."""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._spaces.get(iri[:cut])
        return f"{prefix}:{iri[cut:]}" if prefix else ""

    def around(self, terms: Iterable[str]) -> frozenset[str]:
        """Return the terms with their parents and children."""
        return frozenset().union(*map(self._near, terms))

    def _near(self, term: str) -> frozenset[str]:
        if term not in self._around:
            near = {term}
            if self.vocabulary.has(term):
                near.update(self.vocabulary.broader(term), self.vocabulary.children(term))
            self._around[term] = frozenset(near)
        return self._around[term]

    def kind_of(self, kind: str, term: str) -> str:
        """Return the kind of a term in a slot: safeguards are known by themselves."""
        safeguard = any(fnmatchcase(term, pattern) for pattern in self.rows["safeguard"])
        return "transfer_safeguard" if safeguard else kind

    def family(self, kind: str) -> str:
        """Return the name under which kinds that stand for each other meet."""
        return self.rows["family"].get(kind, kind)

    def default(self, kind: str) -> str:
        """Return the term of a kind where none is given."""
        return self.rows["default"][kind]

    def counting_words(self, text: str | None) -> frozenset[str]:
        """Return the words of a period that tell it from others."""
        return frozenset(plain_words(text).split()).difference(self.rows["skip"])

    def periods(self, text: str | None) -> frozenset[int]:
        """Return the lengths of time that words or an xsd:duration name, in minutes."""
        text = text or ""
        if len(text) > 2 and PERIOD.fullmatch(text):
            return frozenset({self._iso_minutes(text)})
        words = plain_words(text)
        for word, number in self.rows["number"].items():
            words = re.sub(rf"\b{word}\b", number, words)
        return frozenset(int(n) * self._minutes[unit] for n, unit in self._said.findall(words))

    def _iso_minutes(self, period: str) -> int:
        date, _, time = period[1:].partition("T")
        counted = [(n, DATE_UNITS[u]) for n, u in re.findall(r"(\d+)([YMWD])", date)]
        counted += [(n, TIME_UNITS[u]) for n, u in re.findall(r"(\d+)([HM])", time)]
        return sum(int(n) * self._minutes[unit] for n, unit in counted)


@cache
def load_yardstick() -> Yardstick:
    """Return what mappings/evaluation.tsv says, read once. TableError: a sort without rows."""
    table = read_table(data_folder("mappings") / TABLE)
    rows: dict[str, dict[str, str]] = {}
    for row in table:
        rows.setdefault(row["sort"], {}).setdefault(row["key"], row["value"])
    if missing := [sort for sort in (*LINKS, *OTHERS) if sort not in rows]:
        raise TableError(TABLE, f"no row of sort {missing[0]!r}", "restore the table")
    # a field stands in several ties, which are pairs and no mapping
    ties = [(row["key"], row["value"]) for row in table if row["sort"] == "tie"]
    return Yardstick(rows, ties, load_vocabulary())
