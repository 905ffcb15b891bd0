"""What the labels of a scheme mean in DPV: the tables in ``mappings/schemes``.

A row is SSSOM: its `subject_label` is a label's path (category > attribute > value, ``*`` for any),
`when` names what other marks of the same clause must say, `object_id` the term, `kind` the slot
that it fills or what it says of the clause (polarity, actor, modality, condition, level), `words`
what the marked words tell. schemes.toml lists what the columns may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.knowledge.tables import ENDING, Header
from policy2dpv.model import Match
from policy2dpv.schemes.marks import SEPARATOR, Mark, MarkedClause
from policy2dpv.schemes.registry import find_table

ANY = "*"
EFFECTS = ("polarity", "modality", "actor", "condition", "level")
PREDICATE = ("skos:", "Match")  # around the name of a match


class SchemeForm(msgspec.Struct, frozen=True):
    """The form of scheme tables, as mappings/schemes.toml states it."""

    separator: str
    columns: tuple[str, ...]
    no_term: str
    filled: dict[str, str]
    words: dict[str, str]
    reasons: dict[str, str]
    header: Header


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what a label means, or by `reason` why DPV cannot say it (`term` is then empty).

    `words` are the names, from schemes.toml, of what the marked words do.
    """

    label: str
    when: tuple[tuple[str, str], ...]
    kind: str
    term: str
    match: Match
    words: frozenset[str]
    reason: str
    confidence: float
    source: str


class SchemeTable:
    """The rows of one scheme, by label.

    >>> table = load_scheme("opp-115")
    >>> clause = MarkedClause(id="1", category="First Party Collection/Use", span=(0, 9))
    >>> mark = Mark(attribute="Personal Information Type", value="Location")
    >>> [meaning.term for meaning in table.meanings(clause, mark)]
    ['pd:Location']
    """

    def __init__(self, name: str, meanings: Iterable[Meaning]) -> None:
        self.name = name
        self.rows = tuple(meanings)
        self._by_label: dict[str, list[Meaning]] = {}
        for meaning in self.rows:
            self._by_label.setdefault(meaning.label, []).append(meaning)

    def meanings(self, clause: MarkedClause, mark: Mark | None = None) -> Sequence[Meaning] | None:
        """What a mark, or the category of the clause, means; None for a label that no row has.

        The rows with the most conditions that hold count, all of them.
        """
        rows = self.rows_of(clause.path(mark))
        if not rows:
            return None
        said = {m.attribute: m.value for m in clause.marks}
        holding = [row for row in rows if all(said.get(a) == v for a, v in row.when)]
        most = max((len(row.when) for row in holding), default=0)
        return [row for row in holding if len(row.when) == most]

    def rows_of(self, label: str) -> Sequence[Meaning]:
        """The rows that map or excuse a label, whatever their conditions; none for a strange one.

        >>> [row.reason for row in load_scheme("opp-115").rows_of("Data Security")]
        ['with-others']
        """
        found = (self._by_label.get(wider) for wider in wider_labels(label))
        return next(filter(None, found), ())


def wider_labels(label: str) -> list[str]:
    """A label and what may stand for it in a table, the closest first.

    >>> wider_labels("A > B > C")
    ['A > B > C', 'A > B > *', '* > B > C', '* > B > *']
    >>> wider_labels("A > B"), wider_labels("A")
    (['A > B', 'A > *', '* > B'], ['A'])
    """
    parts = label.split(SEPARATOR)
    if len(parts) == 1:
        return [label]
    value, front = [parts[-1], ANY], [parts[:-1], [ANY, *parts[1:-1]]]
    found = [[*before, last] for before in front for last in value]
    return [SEPARATOR.join(one) for one in found if one != [ANY, ANY]]


@cache
def scheme_form() -> SchemeForm:
    """The form of scheme tables. TableError: mappings/schemes.toml is damaged.

    >>> scheme_form().no_term
    'sssom:NoTermFound'
    """
    import tomllib

    path = data_folder("mappings") / "schemes.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), SchemeForm)
    except (OSError, ValueError) as error:
        raise TableError(path.name, str(error), "restore the file") from error


@cache
def load_effects() -> Mapping[tuple[str, str], str]:
    """What a kind and a term say of a clause, from mappings/schemes/effects.tsv.

    >>> load_effects()["polarity", "dpv:Prohibition"]
    'denied'
    """
    rows = read_table(data_folder("mappings") / "schemes" / "effects.tsv")
    return {(row["kind"], row["term"]): row["value"] for row in rows}


def scheme_path(name: str) -> Path:
    """Where the table of a scheme lies: among ours, else where its package says.

    PluginError: the package fails to say it.
    """
    ours = data_folder("mappings") / "schemes" / f"{name}{ENDING}"
    return ours if ours.is_file() else find_table(name) or ours


@lru_cache(maxsize=16)
def load_scheme(name: str, path: Path | None = None) -> SchemeTable:
    """The table of a scheme, ours or the one at `path`.

    A row without object and kind is one that nobody has filled yet: its label stays unmapped.
    TableError: the table is missing, or a row has a fault that `tables check` would name too.
    """
    from policy2dpv.schemes.table_check import check_row

    place = path or scheme_path(name)
    if path is None and not place.is_file():
        ours = sorted(one.name.removesuffix(ENDING) for one in place.parent.glob(f"*{ENDING}"))
        advice = f"name a table with --mapping, or use {', '.join(ours)}"
        raise TableError(name, "there is no table of this scheme", advice)
    rows = [row for row in read_table(place) if row.get("object_id", "?") or row.get("kind")]
    for row in rows:
        check_row(row)
    return SchemeTable(name, map(read_meaning, rows))


def read_meaning(row: Row) -> Meaning:
    """A row of a scheme table. TableError: a column or a condition that cannot be read."""
    form = scheme_form()
    if missing := [c for c in ("subject_label", "object_id", "kind") if c not in row]:
        raise TableError(row.place, f"there is no column {missing[0]!r}", "see schemes.toml")
    try:
        confidence = float(row.get("confidence", "") or 1)
    except ValueError as error:
        raise TableError(row.place, "confidence is no number", "give 0 to 1") from error
    before, after = PREDICATE
    predicate = row.get("predicate_id", "").removeprefix(before).removesuffix(after)
    return Meaning(
        label=row["subject_label"], when=read_conditions(row), kind=row["kind"],
        term="" if row["object_id"] == form.no_term else row["object_id"],
        match=cast(Match, predicate or "exact"), words=frozenset(row.get("words", "").split()),
        reason=row.get("reason", ""), confidence=confidence, source=row.place,
    )  # fmt: skip


def read_conditions(row: Row) -> tuple[tuple[str, str], ...]:
    """The conditions of a row: ``attribute = value``, several with semicolons.

    TableError: a condition without ``=``.

    >>> read_conditions(Row("x.tsv", 2, {"when": 0}, ["Does/Does Not = Does Not"]))
    (('Does/Does Not', 'Does Not'),)
    """
    pairs = []
    for one in row.get("when", "").split(";"):
        attribute, equals, value = one.partition("=")
        if equals:
            pairs.append((attribute.strip(), value.strip()))
        elif one.strip():
            found = f"the condition {one.strip()!r} has no ="
            raise TableError(row.place, found, "write it as attribute = value")
    return tuple(pairs)
