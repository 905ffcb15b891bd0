"""What is wrong with a scheme's table: columns, labels, terms, effects, reasons, predicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError, VocabularyError
from policy2dpv.knowledge.rows import Row, Table, read_table
from policy2dpv.knowledge.tables import ENDING, LABEL, TERM, lexicon_form
from policy2dpv.knowledge.vocabulary import SUNSET, load_vocabulary
from policy2dpv.schemes.mapping import (
    EFFECTS,
    SchemeForm,
    SchemeTable,
    load_effects,
    read_conditions,
    read_meaning,
    scheme_form,
    wider_labels,
)

SUBJECT = "subject_label"
LABELS = ".labels.tsv"  # beside the table: all labels that the scheme defines
NEEDED = (SUBJECT, "predicate_id", TERM, "kind", "reason")
SLOTS = ("slots.tsv", "unwritten.tsv")

Finding = tuple[str, str]  # found, advice


@cache
def kind_classes() -> Mapping[str, tuple[str, ...]]:
    """The classes that terms of each kind are under, from mappings/slots.tsv and unwritten.tsv.

    >>> kind_classes()["purpose"]
    ('dpv:Purpose',)
    """
    return {
        row["kind"]: (*row["node_class"].split(), *row.get("also", "").split())
        for name in SLOTS
        for row in read_table(data_folder("mappings") / name)
    }


def check_row(row: Row) -> None:
    """Raise TableError for the first fault of a row: its place, what was found, what to do.

    >>> columns = {"subject_label": 0, "object_id": 1, "kind": 2}
    >>> check_row(Row("x.tsv", 2, columns, ["Sale", "dpv:Puprose", "purpose"]))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.TableError: x.tsv:2: dpv:Puprose is not a term of DPV 2.3; ... dpv:Purpose ...
    """
    if missing := [column for column in (SUBJECT, TERM, "kind") if column not in row]:
        raise TableError(row.place, f"there is no column {missing[0]!r}", "see schemes.toml")
    for found, advice in row_findings(row):
        raise TableError(row.place, found, advice)


def scheme_findings(path: Path, table: Table) -> Iterator[tuple[str, Finding]]:
    """Yield what is wrong with a scheme's table, each with its place.

    With ``<scheme>.labels.tsv`` beside it, every label of the scheme must have a row, and no row
    may be for a label that the scheme lacks.
    """
    form = scheme_form()
    if strange := [column for column in table.columns if column not in form.columns]:
        yield table.name, (f"there is no column {strange[0]!r}", f"use {', '.join(form.columns)}")
    if missing := [column for column in NEEDED if column not in table.columns]:
        yield table.name, (f"there is no column {missing[0]!r}", "name it in the header line")
        return
    first: dict[tuple[str, ...], Row] = {}
    sound = True
    for row in table.rows:
        for finding in row_findings(row):
            sound = False
            yield row.place, finding
        key = tuple(row.get(column, "") for column in (SUBJECT, "when", "kind", TERM, "reason"))
        if (earlier := first.setdefault(key, row)) is not row:
            yield row.place, (f"the same row as {earlier.place}", "keep one of the two rows")
    definition = path.with_name(path.name.removesuffix(ENDING) + LABELS)
    if sound and definition.is_file():
        labels = [row["label"] for row in read_table(definition)]
        yield from label_findings(table, labels)


def label_findings(table: Table, labels: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    """Yield the labels without a row, and the rows and conditions without a label."""
    known = dict.fromkeys(labels)
    mapping = SchemeTable(table.name, map(read_meaning, table.rows))
    for label in known:
        if not mapping.rows_of(label):
            advice = f"map it, or excuse it with a reason: {', '.join(scheme_form().reasons)}"
            yield table.name, (f"no row maps the label {label!r}", advice)
    used = {wider for label in known for wider in wider_labels(label)}
    separator = scheme_form().separator
    said = {tuple(label.split(separator)[1:]) for label in known}
    for row in table.rows:
        if row[SUBJECT] not in used:
            advice = "take the row out, or correct the label"
            yield row.place, (f"the scheme has no label {row[SUBJECT]!r}", advice)
        for condition in read_conditions(row):
            if condition not in said:
                found = f"the scheme has no attribute and value {' = '.join(condition)!r}"
                yield row.place, (found, "correct the condition in `when`")


def row_findings(row: Row) -> Iterator[Finding]:
    """Yield what is wrong with one row, taken by itself."""
    form = scheme_form()
    predicate = row.get("predicate_id", "") or form.filled["predicate_id"]
    if predicate not in lexicon_form().allowed["predicate_id"]:
        allowed = ", ".join(lexicon_form().allowed["predicate_id"])
        yield f"predicate_id is {predicate!r}", f"use one of {allowed}"
    if not row[SUBJECT]:
        yield "the label is empty", "write category, attribute and value"
    for word in row.get("words", "").split():
        if word not in form.words:
            yield f"words is {word!r}", f"use {', '.join(form.words)}"
    try:
        read_meaning(row)
    except TableError as error:
        yield error.found, error.advice
    if row[TERM] == form.no_term:
        yield from _excuse_findings(row, form)
    else:
        yield from _term_findings(row, form)


def _excuse_findings(row: Row, form: SchemeForm) -> Iterator[Finding]:
    if row.get("reason", "") not in form.reasons:
        yield f"reason is {row.get('reason', '')!r}", f"use one of {', '.join(form.reasons)}"
    for column in ("kind", "words"):
        if row.get(column, ""):
            yield f"{column} of a label without a term", "leave it empty or give a term"


def _term_findings(row: Row, form: SchemeForm) -> Iterator[Finding]:
    kind, term, vocabulary = row["kind"], row[TERM], load_vocabulary()
    if row.get("reason", ""):
        yield "a reason for a label with a term", f"leave it empty or give {form.no_term}"
    try:
        status = vocabulary.status(term)
    except VocabularyError as error:
        yield f"{term or TERM} is {error.found}", error.advice
        return
    if status == SUNSET:
        successor = vocabulary.successor(term)
        advice = f"use {successor}" if successor else "use a term that stays"
        yield f"{term} is sunset in DPV {vocabulary.release}", advice
    if LABEL in row and row[LABEL] not in ("", vocabulary.label(term)):
        found = f"object_label is {row[LABEL]!r}, but {term} is {vocabulary.label(term)!r}"
        yield found, "run `policy2dpv tables format`"
    if kind in EFFECTS:
        if (kind, term) not in load_effects():
            terms = " or ".join(t for k, t in load_effects() if k == kind)
            yield f"{term} says nothing of {kind}", f"use {terms}; see schemes/effects.tsv"
        return
    classes = kind_classes().get(kind)
    if classes is None:
        known = ", ".join((*kind_classes(), *EFFECTS))
        yield f"there is no kind {kind!r}", f"use one of {known}"
    elif classes and not any(vocabulary.is_under(term, one) for one in classes):
        above = " ".join(vocabulary.broader(term)) or "nothing"
        advice = f"choose a term of that branch ({term} is under {above}) or another kind"
        yield f"{term} is not under {' or '.join(classes)}, where {kind} belongs", advice
