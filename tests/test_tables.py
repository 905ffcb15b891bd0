"""The tables: how they are read, checked and formatted, and that ours are in order."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.checking.tables_check import check_tables, phrase_findings
from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import open_table, read_table, table_name
from policy2dpv.knowledge.tables import (
    add_row,
    canonical_text,
    format_tables,
    lexicon_form,
    table_files,
    tidy,
)
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation

COLUMNS = ("subject_label", "predicate_modifier", "object_id", "requires", "example")
EMAIL = ("email address", "", "pd:EmailAddress", "", "We keep your email addresses.")
Tables = Callable[..., Path]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    """A folder of mappings with one lexicon table of the given rows, formatted."""

    def make(*rows: tuple[str, ...], columns: Iterable[str] = COLUMNS, tidied: bool = True) -> Path:
        folder = tmp_path / "mappings"
        language = folder / "lexicon" / "en"
        language.mkdir(parents=True, exist_ok=True)
        (language / "classes.tsv").write_text("class\tmember\tcomment\ncontact\temail\t\n")
        lines = ["\t".join(cells) for cells in (tuple(columns), *rows)]
        (language / "personal_data.sssom.tsv").write_text("\n".join(lines) + "\n")
        if tidied:
            format_tables(folder)
        return folder

    return make


def _lexicon(folder: Path) -> Path:
    return folder / "lexicon" / "en" / "personal_data.sssom.tsv"


# -- reading ---------------------------------------------------------------------------------


def test_a_row_says_where_it_stands(tables: Tables) -> None:
    (row,) = read_table(_lexicon(tables(EMAIL, tidied=False)))
    assert row.place == "lexicon/en/personal_data.sssom.tsv:2"
    assert row["subject_label"] == "email address"
    assert row.get("no such column", "-") == "-"
    assert dict(row) == dict(zip(COLUMNS, EMAIL, strict=True))
    with pytest.raises(AttributeError, match="frozen"):
        row.line = 3


def test_a_file_elsewhere_is_named_by_its_name(tmp_path: Path) -> None:
    assert table_name(tmp_path / "own.tsv") == "own.tsv"


def test_line_ends_and_byte_order_marks_of_editors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(b"\xef\xbb\xbf# remark\r\nname\tcode\tcomment\r\n\r\nred\t1\r\n")
    (row,) = read_table(path)
    assert (row["name"], row["code"], row["comment"], row.line) == ("red", "1", "", 4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "x.tsv: the table has no header line"),
        (b"# only a remark\n", "no header line"),
        (b"a\tb\ta\n", "x.tsv:1: the column 'a' stands twice"),
        (b"a\t\tb\n", "a column has no name"),
        (b"a\tb\n1\t2\t3\n", "x.tsv:2: 3 cells, but the header line names 2 columns"),
        (b"a\tb\n1\t2\n\xff\t2\n", "x.tsv:3: not UTF-8 text"),
    ],
)
def test_a_broken_table_is_explained(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_table(path)
    assert words in str(caught.value)
    assert caught.value.advice


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "absent.tsv")


CELL = st.text(
    st.characters(exclude_characters="\t\n\r#\ufeff", exclude_categories=("Cs", "Cc", "Z")),
    min_size=1,
)


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("t") / "x.tsv"
    text = "".join("\t".join(cells) + "\n" for cells in [("one", "two"), *rows])
    path.write_bytes(text.encode())
    table = open_table(path)
    assert [tuple(row.values()) for row in table.rows] == rows
    path.write_bytes(canonical_text(path, table).encode())
    again = open_table(path)
    assert canonical_text(path, again).encode() == path.read_bytes()
    assert {tuple(row.values()) for row in again.rows} == {(tidy(a), tidy(b)) for a, b in rows}


def test_reading_rows_costs_little_more_than_the_csv_module(tmp_path: Path) -> None:
    path = tmp_path / "big.tsv"
    cells = "\t".join(f"cell {n}" for n in range(12))
    path.write_text("\t".join(lexicon_form().columns) + "\n" + f"{cells}\n" * 5000)
    ours, plain = [], []
    for _ in range(7):
        start = time.process_time()
        rows = read_table(path)
        ours.append(time.process_time() - start)
        start = time.process_time()
        with path.open(newline="") as lines:
            other = list(csv.DictReader(lines, delimiter="\t"))
        plain.append(time.process_time() - start)
    assert len(rows) == len(other) == 5000
    assert min(ours) < 4 * min(plain)


# -- formatting ------------------------------------------------------------------------------


def test_a_table_with_some_columns_becomes_whole(tables: Tables) -> None:
    domain = ("domain name", "Not", "", "", "Our domain name has changed.")
    folder = tables(("  phone   number ", "", "pd:TelephoneNumber"), EMAIL, domain, EMAIL)
    table = open_table(_lexicon(folder))
    assert table.columns == lexicon_form().columns
    assert [(row["object_id"], row["object_label"]) for row in table.rows] == [
        ("pd:EmailAddress", "Email Address"),
        ("pd:TelephoneNumber", "Telephone Number"),
        ("sssom:NoTermFound", ""),
    ]
    for row in table.rows:
        assert row["subject_type"] == "rdfs literal"
        assert row["predicate_id"] == "skos:exactMatch"
        assert row["confidence"] == "0.9"
    assert table.head[0].startswith("#mapping_set_id: https://w3id.org/policy2dpv/mappings/lex")
    assert "#  pd: https://w3id.org/dpv/pd#" in table.head
    assert not any(line.startswith("#  tech:") for line in table.head)


def test_formatting_twice_changes_nothing(tables: Tables) -> None:
    folder = tables(EMAIL)
    before = {path: path.read_bytes() for path in table_files(folder)}
    assert format_tables(folder) == []
    assert before == {path: path.read_bytes() for path in table_files(folder)}


def test_comments_and_metadata_of_authors_are_kept(tables: Tables) -> None:
    path = _lexicon(folder := tables(EMAIL, tidied=False))
    text = path.read_text()
    header, row = text.rstrip("\n").split("\n")
    phone = "phone\t\tpd:TelephoneNumber\t\tWe store your phone."
    path.write_text(
        f"# a remark\n#creator_label: A. N. Author\n#license: none\n#  more of it\n{header}\n"
        f"# on telephones\n{phone}\n{row}\n# the end\n"
    )
    format_tables(folder)
    table = open_table(path)
    assert "## a remark" in table.head
    assert "#creator_label: A. N. Author" in table.head
    assert [line for line in table.head if "license" in line] == [
        "#license: https://www.apache.org/licenses/LICENSE-2.0"
    ]
    assert "#  more of it" not in table.head
    (line,) = table.notes
    assert table.notes[line] == ("# on telephones",)
    assert next(row for row in table.rows if row.line == line)["subject_label"] == "phone"
    assert table.foot == ("# the end",)


def test_cue_tables_keep_their_order_and_classes_come_together(tables: Tables) -> None:
    folder = tables(EMAIL)
    (folder / "cues").mkdir()
    cues, classes = folder / "cues" / "en.tsv", folder / "lexicon" / "en" / "classes.tsv"
    cues.write_text("phrase\tcue\nzebra\tx\nante\ty\nzebra\tx\n")
    classes.write_text("class\tmember\nb\tx\na\ty\nb\tw\n")
    assert format_tables(folder) == ["cues/en.tsv", "lexicon/en/classes.tsv"]
    assert cues.read_text() == "phrase\tcue\nzebra\tx\nante\ty\n"
    assert classes.read_text() == "class\tmember\nb\tx\nb\tw\na\ty\n"


def test_nothing_is_written_when_one_table_is_wrong(tables: Tables) -> None:
    folder = tables(EMAIL, ("name", "", "pd:Nmae", "", "We keep your name."), tidied=False)
    (folder / "a.tsv").write_text("name\n  untidy \n")
    with pytest.raises(TableError, match=r"tsv:3: 'pd:Nmae' is not a term.*do you mean pd:Name"):
        format_tables(folder)
    assert (folder / "a.tsv").read_text() == "name\n  untidy \n"


def test_a_column_that_a_lexicon_has_not_is_named(tables: Tables) -> None:
    folder = tables(EMAIL, columns=("phrase", *COLUMNS[1:]), tidied=False)
    with pytest.raises(TableError, match="there is no column 'phrase'"):
        format_tables(folder)


# -- adding ----------------------------------------------------------------------------------


def test_a_row_is_added_in_its_place(tables: Tables) -> None:
    path = _lexicon(folder := tables(EMAIL, ("phone", "", "pd:TelephoneNumber", "", "A phone.")))
    new = {"subject_label": "postal  address", "object_id": "pd:PhysicalAddress", "example": "x y"}
    row = add_row(path, new)
    assert row["object_label"] == load_vocabulary().label("pd:PhysicalAddress")
    assert row.place in [r.place for r in read_table(path)]
    assert format_tables(folder) == []
    with pytest.raises(TableError, match="the row is there already"):
        add_row(path, new)


def test_a_row_that_silences_is_added(tables: Tables) -> None:
    path = _lexicon(tables(EMAIL))
    row = add_row(path, {"subject_label": "domain name", "predicate_modifier": "Not"})
    assert row["object_id"] == "sssom:NoTermFound"
    with pytest.raises(TableError, match="the row is there already"):
        add_row(path, {"subject_label": "domain name", "predicate_modifier": "Not"})


def test_a_table_is_made_for_its_first_row(tables: Tables) -> None:
    path = _lexicon(tables(EMAIL)).with_name("technology.sssom.tsv")
    row = add_row(path, {"subject_label": "cookie", "object_id": "tech:Cookie", "example": "c"})
    assert row.file == "lexicon/en/technology.sssom.tsv"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"subject_label": "x", "object_id": "pd:EmailAdress"}, "do you mean pd:EmailAddress"),
        ({"subject_label": "x"}, "object_id is empty"),
        ({"phrase": "x"}, "there is no column 'phrase'"),
    ],
)
def test_a_wrong_row_is_not_added(tables: Tables, values: dict[str, str], words: str) -> None:
    path = _lexicon(tables(EMAIL))
    before = path.read_bytes()
    with pytest.raises(TableError) as caught:
        add_row(path, values)
    assert words in str(caught.value)
    assert path.read_bytes() == before


# -- checking --------------------------------------------------------------------------------


def test_a_table_in_order_has_no_faults(tables: Tables) -> None:
    assert check_tables(tables(EMAIL)) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("x", "", "pd:EmailAdress", "", "An x."), "do you mean pd:EmailAddress"),
        (("x", "", "pd:Behavioral", "", "An x."), "it went in release 2.2, use pd:Behavioural"),
        (
            ("x", "", "dpv:PersonalDataHandling", "", "An x."),
            "is sunset in DPV 2.3; use dpv:Process",
        ),
        (("x", "", "dpv:Marketing", "", "An x."), "dpv:Marketing is not under dpv:PersonalData"),
        (("x", "", "", "", "An x."), "object_id is not a term"),
        (("x", "", "pd:Name", "", ""), "no example"),
        (("x", "Nott", "pd:Name", "", "An x."), "predicate_modifier is 'Nott'; write 'Not' or not"),
        (("x", "", "pd:Name", "strong", "An x."), "requires is 'strong'; write 'weak' or 'free'"),
        (("", "", "pd:Name", "", "An x."), "the phrase is empty"),
        (("~ x", "", "pd:Name", "", "An x."), "begins or ends with a gap"),
        (("x? ~ y", "", "pd:Name", "", "An x."), "begins or ends with a gap"),
        (("x ~ & y", "", "pd:Name", "", "An x."), "two gaps stand side by side"),
        (("x?", "", "pd:Name", "", "An x."), "no word of it must be there"),
        (("<nothing> x", "", "pd:Name", "", "An x."), "there is no word class <nothing>"),
        (("<Contact> x", "", "pd:Name", "", "An x."), "neither a word nor a class nor a gap"),
        (("x||y", "", "pd:Name", "", "An x."), "has an empty choice"),
        (("email address", "", "pd:EmailAddress", "", "Two."), "the same phrase and term as"),
        (("Email address", "Not", "", "", "Two."), "is silenced here and read by"),
        (("x", "", "pd:Name", "", '"An" x.'), "begins with a quotation mark"),
    ],
)
def test_a_wrong_row_is_found(tables: Tables, row: tuple[str, ...], words: str) -> None:
    faults = [str(fault) for fault in check_tables(tables(EMAIL, row, tidied=False))]
    assert any(words in fault and ".tsv:3: " in fault for fault in faults), faults


def test_good_phrases_pass() -> None:
    classes = {"improve", "our", "service"}
    for phrase in (
        "email address", "=US", "=IT department", "phone|telephone number", "credit card? number",
        "<improve> <our>? <service>", "<improve> ~ <service>", "send ~~ newsletter",
        "postal & address", "third - party", "opt-out", "<our>|this service", "? x",
        "trust and|& safety", "=R&D",
    ):  # fmt: skip
        assert list(phrase_findings(phrase, classes)) == [], phrase


def test_a_table_not_formatted_is_found(tables: Tables) -> None:
    folder = tables(EMAIL, tidied=False)
    (fault,) = check_tables(folder)
    assert fault.place == "lexicon/en/personal_data.sssom.tsv"
    assert "tables format" in fault.advice


def test_terms_of_any_table_are_checked(tables: Tables) -> None:
    folder = tables(EMAIL)
    (folder / "roles.tsv").write_text("kind\tterms\nx\tdpv:Purpose dpv:Purpse\n")
    (fault,) = check_tables(folder)
    assert str(fault).startswith("roles.tsv:2: dpv:Purpse is not a term of DPV 2.3; do you mean")


def test_an_unreadable_table_does_not_hide_the_others(tables: Tables) -> None:
    folder = tables(EMAIL)
    (folder / "broken.tsv").write_text("a\tb\n1\t2\t3\n")
    (folder / "roles.tsv").write_text("term\nsunset is not a term\ndpv:Nonsense\n")
    assert [fault.place for fault in check_tables(folder)] == ["broken.tsv:2", "roles.tsv:3"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("contact\temail", "the same member as lexicon/en/classes.tsv:2"),
        ("Contact us\temail", "cannot name a word class"),
        ("contact\t<other>", "cannot be a member"),
        ("contact\t", "cannot be a member"),
    ],
)
def test_word_classes_are_checked(tables: Tables, line: str, words: str) -> None:
    folder = tables(EMAIL)
    path = folder / "lexicon" / "en" / "classes.tsv"
    path.write_text(path.read_text() + line + "\n")
    faults = [str(fault) for fault in check_tables(folder)]
    assert any(words in fault for fault in faults), faults


def test_a_kind_that_is_none_is_named(tables: Tables) -> None:
    path = _lexicon(folder := tables(EMAIL))
    path.rename(path.with_name("personaldata.sssom.tsv"))
    (fault,) = check_tables(folder)
    assert "no kind 'personaldata'" in fault.found


def _reader(term: str, source: str) -> Callable[[str, str, str], Iterable[Annotation]]:
    def read(example: str, kind: str, language: str) -> Iterable[Annotation]:
        assert language == "en"
        yield Annotation(
            start=0, end=len(example), quote=example, kind=kind, term=term, segment="1",
            source=source,
        )  # fmt: skip

    return read


def test_examples_are_run(tables: Tables) -> None:
    folder = tables(EMAIL)
    (row,) = read_table(_lexicon(folder))
    assert check_tables(folder, reader=_reader("pd:EmailAddress", row.place)) == []
    (fault,) = check_tables(folder, reader=_reader("pd:Name", "elsewhere:1"))
    assert fault.place == row.place
    assert "does not give pd:EmailAddress: read 'We keep your email addresses.' as" in fault.found


def test_counter_examples_and_silenced_examples_are_run(tables: Tables) -> None:
    columns = (*COLUMNS, "counter_example")
    folder = tables((*EMAIL, "An address."), ("x", "Not", "", "", "An x.", ""), columns=columns)
    email, silent = read_table(_lexicon(folder))
    reader = _reader("pd:EmailAddress", email.place)
    assert ["counter-example is read" in f.found for f in check_tables(folder, reader=reader)] == [
        True
    ]
    reader = _reader("pd:EmailAddress", silent.place)
    (fault,) = check_tables(folder, reader=reader)
    assert fault.place == silent.place
    assert "not silenced" in fault.found


# -- our own tables --------------------------------------------------------------------------


def test_our_tables_are_in_order() -> None:
    """Structure only; the rows' examples are run by the test of the reading."""
    faults = [str(fault) for fault in check_tables(data_folder("mappings"))]
    assert not faults, "\n".join(faults[:50])
