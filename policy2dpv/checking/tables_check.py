"""The checker of table files: says in words what is wrong with which row, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError, VocabularyError
from policy2dpv.knowledge.rows import Row, Table, open_table, read_table
from policy2dpv.knowledge.tables import (
    ENDING,
    PHRASE,
    TERM,
    LexiconForm,
    canonical_text,
    is_lexicon,
    is_scheme,
    lexicon_form,
    table_files,
)
from policy2dpv.knowledge.trie import GAPS
from policy2dpv.knowledge.vocabulary import SUNSET, Vocabulary, load_prefixes, load_vocabulary
from policy2dpv.model import Annotation
from policy2dpv.schemes.table_check import scheme_findings

CLASS_TABLE = "classes.tsv"
CLASS = re.compile(r"<([a-z][a-z0-9_]*)>")
CURIE = re.compile(r"([A-Za-z][\w-]*):([A-Za-z][\w.-]*)")
FREE_TEXT = ("example", "counter_example", "comment")  # columns with no terms in them

Reader = Callable[[str, str, str], Iterable[Annotation]]  # sentence, kind, language


class TableFault(msgspec.Struct, frozen=True):
    """One thing wrong with a table: where, what was found, what to do.

    >>> str(TableFault("lexicon/en/right.sssom.tsv:7", "no example", "write one"))
    'lexicon/en/right.sssom.tsv:7: no example; write one'
    """

    place: str
    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.place}: {self.found}; {self.advice}"


Finding = tuple[str, str]  # found, advice


def check_tables(folder: Path, *, reader: Reader | None = None) -> list[TableFault]:
    """Return the faults of all tables in a folder of mappings, by file and row.

    `reader` reads an example sentence for annotations of a kind in a language; with it each row's
    example and counter-example are run. Raises TableError where the folder holds no table.

    >>> check_tables(Path("nowhere"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.TableError: nowhere: there is no table (*.tsv) in it; give the folder of ...
    """
    checker = _Checker(folder, reader)
    return [fault for path in table_files(folder) for fault in checker.check_file(path)]


def phrase_findings(phrase: str, classes: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with a phrase of the phrase language, and what to do.

    >>> [found for found, _ in phrase_findings("~ <data> ~ ~ x", {"provide"})]
    ['it begins or ends with a gap', 'two gaps stand side by side', 'there is no word class <data>']
    """
    elements = phrase.split()
    if not elements:
        yield "the phrase is empty", "write the words to be found"
        return
    needed = [e for e in elements if e in GAPS or len(e) == 1 or not e.endswith("?")]
    words = [element for element in needed if element not in GAPS]
    if not words:
        yield "no word of it must be there", "make one word required"
    elif needed[0] in GAPS or needed[-1] in GAPS:
        yield "it begins or ends with a gap", "begin and end it with a required word"
    if any(a in GAPS and b in GAPS for a, b in pairwise(needed)):
        yield "two gaps stand side by side", "put a required word between them or keep one"
    for element in elements:
        if element not in GAPS and len(element) > 1:
            yield from _element_findings(element, classes)


def _element_findings(element: str, classes: Collection[str]) -> Iterator[Finding]:
    for choice in element.removesuffix("?").split("|"):
        if not choice or choice == "=":
            yield f"{element!r} has an empty choice", "write a word on both sides of |"
        elif named := CLASS.fullmatch(choice):
            if named[1] not in classes:
                yield f"there is no word class {choice}", f"add its members to {CLASS_TABLE}"
        elif len(choice) > 1 and choice[0] != "=" and re.search(r"[<>~&?]", choice):
            advice = "see mappings/README.md for the phrase language"
            yield f"{element!r} is neither a word nor a class nor a gap", advice


class _Checker:
    """What all files of a folder are checked against."""

    def __init__(self, folder: Path, reader: Reader | None) -> None:
        self.folder = folder
        self.reader = reader
        self.form: LexiconForm = lexicon_form()
        self.vocabulary: Vocabulary = load_vocabulary()
        self.homes = list(dict.fromkeys((folder, data_folder("mappings"))))
        slots = next(home for home in reversed(self.homes) if (home / "slots.tsv").is_file())
        self.tops = {
            row["kind"]: (*row["node_class"].split(), *row.get("also", "").split())
            for name in ("slots.tsv", "unwritten.tsv") if (slots / name).is_file()
            for row in read_table(slots / name)
        }  # fmt: skip
        self._classes: dict[str, set[str]] = {}

    def check_file(self, path: Path) -> Iterator[TableFault]:
        """Yield the faults of one file, row by row, those of the whole file last."""
        try:
            table = open_table(path)
        except TableError as error:
            yield TableFault(error.where, error.found, error.advice)
            return
        count = 0
        for place, (found, advice) in self._findings(path, table):
            count += 1
            yield TableFault(place, found, advice)
        if count == 0:
            yield from self._canonical(path, table)

    def _findings(self, path: Path, table: Table) -> Iterator[tuple[str, Finding]]:
        if is_lexicon(path):
            yield from self._lexicon_findings(path, table)
        elif is_scheme(path):
            yield from _metadata_findings(table)
            yield from scheme_findings(path, table)
        elif path.name == CLASS_TABLE:
            yield from _class_findings(table)
        skipped = (*FREE_TEXT, TERM) if path.name.endswith(ENDING) else FREE_TEXT
        for row in table.rows:
            if path.name.endswith(ENDING):
                yield from _quote_findings(row)
            for column, cell in row.items():
                if ":" in cell and column not in skipped:
                    for found in self._cell_findings(cell):
                        yield row.place, found

    def _canonical(self, path: Path, table: Table) -> Iterator[TableFault]:
        try:
            same = canonical_text(path, table).encode() == path.read_bytes()
        except TableError as error:
            yield TableFault(error.where, error.found, error.advice)
            return
        if not same:
            found = "not in canonical form (order, constants, white space or repeated rows)"
            yield TableFault(table.name, found, "run `policy2dpv tables format`")

    def _cell_findings(self, cell: str) -> Iterator[Finding]:
        """What is wrong with the DPV terms of a cell, whatever table it stands in."""
        for word in re.split(r"[\s|,;]+", cell):
            named = CURIE.fullmatch(word)
            space = load_prefixes().get(named[1]) if named else None
            if space and space.standing in ("dpv", "retired"):
                yield from self._term_findings(word)

    def _term_findings(self, term: str) -> Iterator[Finding]:
        try:
            if self.vocabulary.status(term) == SUNSET:
                successor = self.vocabulary.successor(term)
                advice = f"use {successor}" if successor else "use a term that stays"
                yield f"{term} is sunset in DPV {self.vocabulary.release}", advice
        except VocabularyError as error:
            yield f"{term or TERM} is {error.found}", error.advice

    def _lexicon_findings(self, path: Path, table: Table) -> Iterator[tuple[str, Finding]]:
        kind = path.name.removesuffix(ENDING)
        if kind not in self.tops:
            advice = f"name the file after one of {', '.join(self.tops)}"
            yield table.name, (f"slots.tsv has no kind {kind!r}", advice)
            return
        missing = [c for c in (PHRASE, TERM, "example") if c not in table.columns]
        if missing:
            yield table.name, (f"there is no column {missing[0]!r}", "name it in the header line")
            return
        yield from _metadata_findings(table)
        yield from _repeated(table.rows, (PHRASE, TERM), "phrase and term")
        yield from self._contradictions(table)
        classes = self._classes_of(path.parent)
        language = path.parent.name
        for row in table.rows:
            for found in (*self._row_findings(row, kind, classes), *self._run(row, kind, language)):
                yield row.place, found

    def _row_findings(self, row: Row, kind: str, classes: Collection[str]) -> Iterator[Finding]:
        silent = row.get("predicate_modifier", "") == self.form.silent
        for column, allowed in self.form.allowed.items():
            value = row.get(column, "") or self.form.filled.get(column, "")
            if value not in allowed:
                what = " or ".join(repr(a) for a in allowed if a)
                yield f"{column} is {value!r}", f"write {what}" + " or nothing" * ("" in allowed)
        yield from _confidence_findings(row.get("confidence", ""))
        for found, advice in phrase_findings(row[PHRASE], classes):
            yield f"phrase {row[PHRASE]!r}: {found}", advice
        if not row["example"] and not (silent and row.get("counter_example")):
            yield "no example", "write a sentence in which the phrase must be read this way"
        elif row["example"] == row.get("counter_example"):
            yield "example and counter_example are the same", "change one of them"
        term = row[TERM]
        if silent and term in ("", self.form.no_term):
            return
        faults = list(self._term_findings(term))
        yield from faults
        tops = self.tops[kind]
        if not faults and tops and not any(self.vocabulary.is_under(term, t) for t in tops):
            above = " ".join(self.vocabulary.broader(term)) or "nothing"
            advice = f"choose a term of that branch ({term} is under {above}) or another table"
            yield f"{term} is not under {' or '.join(tops)}, where {kind} belongs", advice

    def _contradictions(self, table: Table) -> Iterator[tuple[str, Finding]]:
        """Phrases that one row silences and another reads."""
        spoken: dict[str, Row] = {}
        silenced: list[Row] = []
        for row in table.rows:
            if row.get("predicate_modifier", "") == self.form.silent:
                silenced.append(row)
            else:
                spoken.setdefault(row[PHRASE].casefold(), row)
        for row in silenced:
            other = spoken.get(row[PHRASE].casefold())
            if other:
                what = f"the phrase {row[PHRASE]!r} is silenced here and read by {other.place}"
                yield row.place, (what, "keep one of the two rows")

    def _run(self, row: Row, kind: str, language: str) -> Iterator[Finding]:
        """Run the row's example and counter-example."""
        if self.reader is None:
            return
        silent = row.get("predicate_modifier", "") == self.form.silent
        term = row[TERM]
        if example := row["example"]:
            read = list(self.reader(example, kind, language))
            got = ", ".join(f"{a.quote!r} as {a.term} by {a.source}" for a in read) or "nothing"
            if silent and any(a.source == row.place or a.term == term for a in read):
                yield f"the example is not silenced: read {got}", "make the phrase longer"
            elif not silent and not any(a.term == term for a in read):
                advice = "change the example, the phrase or `requires`"
                yield f"the example does not give {term}: read {got}", advice
        if counter := row.get("counter_example", ""):
            wrong = [a for a in self.reader(counter, kind, language) if a.source == row.place]
            if wrong and not silent:
                advice = "add a row that silences it, or use `requires`"
                yield f"the counter-example is read: {wrong[0].quote!r} as {term}", advice

    def _classes_of(self, language_folder: Path) -> set[str]:
        """The word classes of a language, in this folder and in our own."""
        language = language_folder.name
        if language not in self._classes:
            paths = [home / "lexicon" / language / CLASS_TABLE for home in self.homes]
            self._classes[language] = {
                row["class"] for path in paths if path.is_file() for row in read_table(path)
            }
        return self._classes[language]


def _quote_findings(row: Row) -> Iterator[tuple[str, Finding]]:
    for column, cell in row.items():
        if cell.startswith('"'):
            found = f"{column} begins with a quotation mark, which SSSOM readers take off"
            yield row.place, (found, "begin it otherwise or use typographic marks")


def _confidence_findings(cell: str) -> Iterator[Finding]:
    if cell and not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", cell):
        yield f"confidence is {cell!r}", "write a number from 0 to 1, such as 0.9"


def _metadata_findings(table: Table) -> Iterator[tuple[str, Finding]]:
    for line in table.head:
        if not re.match(r"#(\w+:|  |#)", line):
            advice = "write it as #comment: ... or begin it with ##"
            yield table.name, (f"{line!r} above the header line is not SSSOM metadata", advice)


def _class_findings(table: Table) -> Iterator[tuple[str, Finding]]:
    missing = [column for column in ("class", "member") if column not in table.columns]
    if missing:
        yield table.name, (f"there is no column {missing[0]!r}", "name it in the header line")
        return
    yield from _repeated(table.rows, ("class", "member"), "member")
    for row in table.rows:
        if not CLASS.fullmatch(f"<{row['class']}>"):
            advice = "use small letters, digits and _"
            yield row.place, (f"{row['class']!r} cannot name a word class", advice)
        if not row["member"] or re.search(r"[<>~?|]", row["member"]):
            advice = "write plain words; classes have no phrase signs"
            yield row.place, (f"{row['member']!r} cannot be a member", advice)


def _repeated(
    rows: Iterable[Row], columns: tuple[str, ...], what: str
) -> Iterator[tuple[str, Finding]]:
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[column].casefold() for column in columns)
        earlier = first.setdefault(key, row)
        if earlier is not row:
            yield row.place, (f"the same {what} as {earlier.place}", "keep one of the two rows")
