"""The reader and formatter of table files; the checker stands in tables_check.py."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from policy2dpv.data import data_folder, replace_file
from policy2dpv.errors import TableError, VocabularyError
from policy2dpv.knowledge.rows import PHRASES, Row, Table, open_table, read_table, table_name

__all__ = [
    "LexiconForm",
    "Row",
    "Table",
    "add_row",
    "canonical_text",
    "format_tables",
    "is_lexicon",
    "is_scheme",
    "lexicon_form",
    "open_table",
    "read_table",
    "table_files",
    "table_name",
]

ENDING = ".sssom.tsv"
PHRASE, TERM, LABEL = "subject_label", "object_id", "object_label"
SCHEMES = "schemes"  # the folder of what the labels of other schemes mean
KEY = (PHRASE, TERM)  # two rows of a mapping set that agree in these are the same row


class Header(msgspec.Struct, frozen=True):
    """The metadata that stands above a mapping set."""

    mapping_set_id: str
    mapping_set_title: str
    license: str
    object_source: str
    object_source_version: str
    prefixes: tuple[str, ...]
    extensions: tuple[str, ...]


class LexiconForm(msgspec.Struct, frozen=True):
    """The form of the lexicon's tables, as mappings/lexicon.toml states it."""

    columns: tuple[str, ...]
    no_term: str
    silent: str
    filled: dict[str, str]
    allowed: dict[str, tuple[str, ...]]
    header: Header


@cache
def lexicon_form() -> LexiconForm:
    """Return the form that tables of the lexicon must have. Raises TableError if it is damaged.

    >>> lexicon_form().columns[0]
    'subject_label'
    """
    import tomllib

    path = data_folder("mappings") / "lexicon.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), LexiconForm)
    except (OSError, ValueError) as error:
        raise TableError(path.name, str(error), "restore the file") from error


def table_files(folder: Path) -> list[Path]:
    """Return all table files of a folder of mappings, sorted by name.

    Raises TableError where the folder holds none.

    >>> any(path.name == "slots.tsv" for path in table_files(data_folder("mappings")))
    True
    """
    found = sorted(p for p in folder.rglob("*.tsv") if not p.name.startswith("."))
    if not found:
        raise TableError(folder, "there is no table (*.tsv) in it", "give the folder of mappings")
    return found


def is_lexicon(path: Path) -> bool:
    """Whether a file is a table of phrases: lexicon/<language>/<kind>.sssom.tsv.

    >>> is_lexicon(Path("mappings/lexicon/en/purpose.sssom.tsv"))
    True
    """
    return path.name.endswith(ENDING) and path.parent.parent.name == PHRASES


def is_scheme(path: Path) -> bool:
    """Whether a file says what the labels of a scheme mean: schemes/<scheme>.sssom.tsv.

    >>> is_scheme(Path("mappings/schemes/opp-115.sssom.tsv"))
    True
    """
    return path.name.endswith(ENDING) and path.parent.name == SCHEMES


def format_tables(folder: Path) -> list[str]:
    """Bring all tables of a folder into their canonical form; return the names of those changed.

    Mapping sets get their metadata, all columns, constants, labels and order; of the others
    only white space and rows that stand twice go, and equal first cells of classes.tsv come
    together. Raises TableError, before it has written anything, for a table that cannot be read
    or that names a term the vocabulary lacks.

    >>> format_tables(Path("nowhere"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.TableError: nowhere: there is no table (*.tsv) in it; give the folder of ...
    """
    texts = {path: canonical_text(path, open_table(path)) for path in table_files(folder)}
    changed = [path for path, text in texts.items() if path.read_bytes() != text.encode()]
    for path in changed:
        replace_file(path, texts[path])
    return [table_name(path) for path in changed]


def canonical_text(path: Path, table: Table) -> str:
    """Return what the table's file must hold to be canonical. Raises TableError as above."""
    if is_lexicon(path):
        return _lexicon_text(path, table)
    if is_scheme(path):
        return _scheme_text(table)
    rows = _grouped(table) if path.parent.parent.name == PHRASES else table.rows
    lines = [*table.head, "\t".join(table.columns)]
    lines += _distinct_lines(table, [(row, [tidy(cell) for cell in row.values()]) for row in rows])
    return "\n".join([*lines, *table.foot]) + "\n"


def tidy(cell: str) -> str:
    r"""Return a cell in composed Unicode with single spaces.

    >>> tidy("  cafe\u0301   visits ")
    'café visits'
    """
    return " ".join(unicodedata.normalize("NFC", cell).split())


def add_row(path: Path, values: Mapping[str, str]) -> Row:
    """Add a row to a table file, format the file and return the row as it now stands.

    The file is made if it is a lexicon table that does not exist yet. Raises TableError for a
    column that the table lacks, an unknown term, or a row that is there already.
    """
    name = table_name(path)
    if is_lexicon(path) and not path.exists():
        table = Table(name, (), lexicon_form().columns, (), {}, ())
    else:
        table = open_table(path)
    if unknown := [column for column in values if column not in table.columns]:
        advice = f"use {', '.join(table.columns)}"
        raise TableError(name, f"there is no column {unknown[0]!r}", advice)
    cells = [tidy(values.get(column, "")) for column in table.columns]
    columns = {column: index for index, column in enumerate(table.columns)}
    new = Row(name, max((row.line for row in table.rows), default=0) + 1, columns, cells)
    full: Mapping[str, str] = _filled(new, lexicon_form()) if is_lexicon(path) else new
    key = [column for column in KEY if column in columns] or list(columns)
    for row in table.rows:
        if all(tidy(row[column]) == full[column] for column in key):
            raise TableError(row.place, "the row is there already", "change that row instead")
    text = canonical_text(path, msgspec.structs.replace(table, rows=(*table.rows, new)))
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text)
    return next(row for row in read_table(path) if all(row[c] == full[c] for c in key))


def _grouped(table: Table) -> list[Row]:
    """The rows with equal first cells together, in the order of the first of them."""
    first: dict[str, int] = {}
    for row in table.rows:
        first.setdefault(row[table.columns[0]], row.line)
    return sorted(table.rows, key=lambda row: first[row[table.columns[0]]])


def _distinct_lines(table: Table, rows: Iterable[tuple[Row, Sequence[str]]]) -> list[str]:
    """The rows as lines, each once, with the comments that stand above them."""
    lines: dict[str, None] = {}
    notes: dict[str, list[str]] = {}
    for row, cells in rows:
        line = "\t".join(cells)
        lines[line] = None
        notes.setdefault(line, []).extend(table.notes.get(row.line, ()))
    return [text for line in lines for text in (*notes[line], line)]


def _lexicon_text(path: Path, table: Table) -> str:
    form = lexicon_form()
    if unknown := [column for column in table.columns if column not in form.columns]:
        advice = f"a table of phrases has {', '.join(form.columns)}"
        raise TableError(table.name, f"there is no column {unknown[0]!r}", advice)
    rows = sorted(
        ((row, _filled(row, form)) for row in table.rows),
        key=lambda pair: (pair[1][TERM], pair[1][PHRASE].casefold(), pair[1][PHRASE]),
    )
    used = {full[TERM].partition(":")[0] for _, full in rows}
    head = _header_lines(table, form.header, used)
    body = _distinct_lines(table, [(row, list(full.values())) for row, full in rows])
    return "\n".join([*head, "\t".join(form.columns), *body, *table.foot]) + "\n"


def _scheme_text(table: Table) -> str:
    """A scheme's table: labels in order, those of one category and attribute together."""
    from policy2dpv.schemes.mapping import scheme_form

    form = scheme_form()
    if unknown := [column for column in table.columns if column not in form.columns]:
        advice = f"a table of labels has {', '.join(form.columns)}"
        raise TableError(table.name, f"there is no column {unknown[0]!r}", advice)
    rows = sorted(
        ((row, _completed(row, form.columns, form.filled, form.no_term)) for row in table.rows),
        key=lambda pair: [pair[1][c] for c in (PHRASE, "when", "kind", TERM, "reason")],
    )
    used = {full[TERM].partition(":")[0] for _, full in rows}
    head = _header_lines(table, form.header, used)
    body = _distinct_lines(table, [(row, list(full.values())) for row, full in rows])
    return "\n".join([*head, "\t".join(form.columns), *body, *table.foot]) + "\n"


def _filled(row: Row, form: LexiconForm) -> Mapping[str, str]:
    """The row of a table of phrases with all columns; what is silenced has no term."""
    silent = tidy(row.get("predicate_modifier", "")) == form.silent
    return _completed(
        row, form.columns, {**form.filled, **({TERM: form.no_term} if silent else {})},
        form.no_term,
    )  # fmt: skip


def _completed(
    row: Row, columns: Sequence[str], constants: Mapping[str, str], no_term: str
) -> dict[str, str]:
    """The row with all columns: constants, defaults, and the label of its term."""
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    full = {column: tidy(row.get(column, "")) for column in columns}
    if not any(full.values()):
        raise TableError(row.place, "the row is empty", "take it out")
    for column, value in constants.items():
        full[column] = full[column] or value
    if full[TERM] == no_term:
        full[LABEL] = ""
        return full
    try:
        full[LABEL] = load_vocabulary().label(full[TERM])
    except VocabularyError as error:
        found = f"{error.where!r} is {error.found}" if full[TERM] else f"{TERM} is empty"
        raise TableError(row.place, found, error.advice) from error
    return full


def _header_lines(table: Table, header: Header, used: set[str]) -> list[str]:
    """SSSOM metadata: ours first, then whatever else the file says about itself."""
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    name = table.name.removesuffix(ENDING)
    blocks = {
        "mapping_set_id": [header.mapping_set_id.format(name=name)],
        "mapping_set_title": [header.mapping_set_title.format(name=name)],
        "license": [header.license],
        "object_source": [f'"{header.object_source}"'],
        "object_source_version": [f'"{header.object_source_version}"'],
        "curie_map": [
            "",
            *(
                f"  {prefix}: {space}"
                for prefix, space in sorted(load_vocabulary().prefixes.items())
                if prefix in (*header.prefixes, *used)
            ),
        ],
        "extension_definitions": ["", *_extension_lines(header)],
    }
    lines = []
    for key, values in blocks.items():
        lines += [f"#{key}: {values[0]}".rstrip(), *(f"#{value}" for value in values[1:])]
    ours = False
    for line in table.head:
        if not line.startswith("#  "):
            ours = line[1:].partition(":")[0] in blocks
        if not ours:
            # a remark must be a comment within the metadata too, which are YAML
            lines.append(f"#{line}" if line.startswith("# ") and line[2:3].strip() else line)
    return lines


def _extension_lines(header: Header) -> Iterator[str]:
    for slot in header.extensions:
        yield from (f"  - slot_name: {slot}", f"    property: {header.prefixes[-1]}:{slot}")
        yield "    type_hint: xsd:string"
