"""Scheme tables: what labels mean by them, what is wrong with bad ones, and what reports say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import convert, load_lexicon, load_vocabulary, read_document
from policy2dpv.checking.tables_check import check_tables
from policy2dpv.data import data_folder
from policy2dpv.errors import ReadError, TableError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.tables import format_tables, open_table
from policy2dpv.model import Annotation, Span
from policy2dpv.schemes.anchor import Anchor, squeeze
from policy2dpv.schemes.apply import Mapped, map_policy
from policy2dpv.schemes.mapping import (
    SchemeTable,
    load_scheme,
    read_conditions,
    read_meaning,
    scheme_form,
)
from policy2dpv.schemes.marks import Mark, MarkedClause, MarkedPolicy
from policy2dpv.schemes.reading import compare_reading, format_comparison
from policy2dpv.schemes.registry import find_reader
from policy2dpv.schemes.report import defined_labels, format_report, report_scheme

COLUMNS = ("subject_label", "when", "predicate_id", "object_id", "kind", "words", "reason")
EXACT, CLOSE, BROAD, NARROW = (f"skos:{m}Match" for m in ("exact", "close", "broad", "narrow"))
NONE = "sssom:NoTermFound"
Rows = Sequence[tuple[str, ...]]


def own_table(folder: Path, rows: Rows, columns: Sequence[str] = COLUMNS) -> Path:
    """A scheme's table of the given rows in a folder of mappings."""
    path = folder / "mappings" / "schemes" / "lamps.sssom.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(cells) + "\n" for cells in (columns, *rows)), "utf-8")
    return path


def scheme(folder: Path, *rows: tuple[str, ...]) -> SchemeTable:
    return load_scheme("lamps", own_table(folder, rows))


def marked(text: str, *marks: tuple[str, str, str], category: str = "Use") -> MarkedPolicy:
    """A policy of one clause with marks: attribute, value and words ("" for none)."""
    found = []
    for attribute, value, words in marks:
        start = text.index(words) if words else -1
        span: Span | None = (start, start + len(words)) if words else None
        found.append(Mark(attribute=attribute, value=value, span=span))
    clause = MarkedClause(id="1", category=category, span=(0, len(text)), marks=tuple(found))
    document = read_document(text.encode(), media_type="text/plain", language="en")
    return MarkedPolicy(name="lamps", document=document, clauses=(clause,))


def apply(table: SchemeTable, policy: MarkedPolicy) -> Mapped:
    return map_policy(policy, table, load_lexicon("en"))


def told(annotations: Sequence[Annotation]) -> list[tuple[str, str, str, str]]:
    return [(a.kind, a.term, a.name or a.value or a.phrase or "", a.quote) for a in annotations]


# -- anchors ---------------------------------------------------------------------------------


@given(st.text("ab \n", min_size=1, max_size=40), st.data())
def test_a_quote_is_found_where_it_stands_whatever_its_white_space(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    spaced = "  ".join(squeeze(quote))
    found = Anchor(text).find(spaced, near=start)
    if not squeeze(quote):
        assert found is None
        return
    assert found is not None
    assert squeeze(text[slice(*found)]) == squeeze(quote)
    assert found[0] == start + len(quote) - len(quote.lstrip())


# -- what marked words tell ------------------------------------------------------------------

DATA, PARTY, KEPT, REACHED = "personal_data", "recipient", "storage_duration", "contact"


@pytest.mark.parametrize(
    ("row", "words", "expected"),
    [
        ((CLOSE, "pd:Contact", DATA, "narrower"), "your e-mail address",
         [(DATA, "pd:EmailAddress", "", "e-mail address")]),
        ((CLOSE, "pd:Contact", DATA, "narrower"), "something",
         [(DATA, "pd:Contact", "", "something")]),
        ((CLOSE, "pd:Contact", DATA, ""), "your e-mail address",
         [(DATA, "pd:Contact", "", "your e-mail address")]),
        ((NARROW, "pd:Name", DATA, "found"), "your name", [(DATA, "pd:Name", "", "name")]),
        ((NARROW, "pd:Name", DATA, "found"), "your shoes", []),
        ((NARROW, "pd:Name", DATA, "found"), "", []),
        ((BROAD, "dpv:ThirdParty", PARTY, "name"), "our friends at Facebook",
         [(PARTY, "dpv:ThirdParty", "Facebook", "Facebook")]),
        ((BROAD, "dpv:ThirdParty", PARTY, "name"), "Lamps of Wien",
         [(PARTY, "dpv:ThirdParty", "Lamps of Wien", "Lamps of Wien")]),
        ((BROAD, "dpv:ThirdParty", PARTY, "name"), "the Viennese makers",
         [(PARTY, "dpv:ThirdParty", "", "the Viennese makers")]),
        ((BROAD, "dpv:ThirdParty", PARTY, "name"), "",
         [(PARTY, "dpv:ThirdParty", "Red", "We sell lamps.")]),
        ((EXACT, "dpv:TemporalDuration", KEPT, "value"), "for six months",
         [(KEPT, "dpv:TemporalDuration", "P6M", "six months")]),
        ((EXACT, "dpv:TemporalDuration", KEPT, "value"), "for some time",
         [(KEPT, "dpv:TemporalDuration", "", "for some time")]),
        ((CLOSE, "dpv:hasContact", REACHED, "value"), "privacy@lumen.example",
         [(REACHED, "dpv:hasContact", "mailto:privacy@lumen.example", "privacy@lumen.example")]),
        ((CLOSE, "dpv:hasContact", REACHED, "value"), "contact us", []),
        ((BROAD, "pd:Tracking", DATA, "label"), "beacons",
         [(DATA, "pd:Tracking", "Red", "beacons")]),
        ((BROAD, "pd:Tracking", DATA, "evidence"), "beacons",
         [(DATA, "pd:Tracking", "", "beacons")]),
        ((EXACT, "dpv:PersonalData", DATA, ""), "data", [("any_data", "dpv:PersonalData", "",
                                                          "data")]),
        ((BROAD, "dpv:PersonalData", DATA, ""), "shoe size",
         [(DATA, "dpv:PersonalData", "", "shoe size")]),
        ((CLOSE, "dpv:AnonymisedData", DATA, "evidence"), "aggregated",
         [(DATA, "dpv:AnonymisedData", "", "aggregated")]),
    ],
)  # fmt: skip
def test_what_marked_words_tell(
    tmp_path: Path, row: tuple[str, ...], words: str, expected: list[tuple[str, ...]]
) -> None:
    predicate, term, kind, how = row
    table = scheme(tmp_path, ("* > Colour > Red", "", predicate, term, kind, how))
    text = f"We use {words}." if words else "We sell lamps."
    made = apply(table, marked(text, ("Colour", "Red", words)))
    assert told(made.conversion.annotations) == expected


@pytest.mark.parametrize(
    ("how", "match"), [("", "broad"), ("label", "broad"), ("evidence", "exact")]
)
def test_a_broad_match_names_a_concept_of_its_own_unless_the_words_are_evidence_only(
    tmp_path: Path, how: str, match: str
) -> None:
    table = scheme(tmp_path, ("* > Colour > Red", "", BROAD, "pd:Tracking", DATA, how))
    made = apply(table, marked("We use beacons.", ("Colour", "Red", "beacons")))
    assert [a.match for a in made.conversion.annotations] == [match]


def test_what_the_words_tell_stands_instead_of_the_label(tmp_path: Path) -> None:
    table = scheme(
        tmp_path,
        ("* > Data > Contact", "", CLOSE, "pd:Contact", DATA, "narrower"),
        ("* > Data > Contact", "", NARROW, "pd:Name", DATA, "found"),
    )
    made = apply(table, marked("We keep your name.", ("Data", "Contact", "your name")))
    assert [a.term for a in made.conversion.annotations] == ["pd:Name"]


def test_the_first_of_overlapping_values_is_read(tmp_path: Path) -> None:
    table = scheme(tmp_path, ("* > Write > To", "", CLOSE, "dpv:hasContact", REACHED, "value"))
    words = "12 Main Street, Dublin 94089 (408)349-5070"
    made = apply(table, marked(f"Write to {words} now.", ("Write", "To", words)))
    assert [a.quote[:14] for a in made.conversion.annotations] == ["12 Main Street"]


# -- what labels say of a clause -------------------------------------------------------------

EMAIL = ("* > Data > Mail", "", EXACT, "pd:EmailAddress", DATA, "")


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        (("Use", "", EXACT, "dpv:Prohibition", "polarity"), "polarity", "denied"),
        (("Use", "", EXACT, "dpv:Permission", "modality"), "modality", "permitted"),
        (("Use", "", EXACT, "dpv:ThirdParty", "actor"), "actor", "third_party"),
        (("Use", "", EXACT, "dpv:DataSubject", "actor"), "actor", "user"),
        (("Use", "", EXACT, "dpv:PrivacyNotice", "level"), "kind", "notice"),
        (("* > Data > Mail", "", EXACT, "dpv:Context", "condition"), "condition", (13, 17)),
    ],
)
def test_effects_hold_for_the_whole_clause(
    tmp_path: Path, row: tuple[str, ...], field: str, value: object
) -> None:
    table = scheme(tmp_path, EMAIL, row)
    made = apply(table, marked("We keep your mail.", ("Data", "Mail", "mail")))
    [one] = made.conversion.statements
    assert getattr(one, field) == value


def test_rows_with_the_most_conditions_that_hold_count(tmp_path: Path) -> None:
    table = scheme(
        tmp_path,
        ("Use", "", EXACT, "dpv:Use", "processing"),
        ("Use", "Act = Take", EXACT, "dpv:Collect", "processing"),
        ("Use", "Act = Take; Who = We", EXACT, "dpv:Obtain", "processing"),
        ("* > Act > *", "", "", NONE, "", "", "with-others"),
        ("* > Who > *", "", "", NONE, "", "", "with-others"),
    )

    def read(*marks: tuple[str, str, str]) -> list[str]:
        made = apply(table, marked("We take it.", *marks))
        return [a.term for a in made.conversion.annotations]

    assert read() == ["dpv:Use"]
    assert read(("Act", "Give", "")) == ["dpv:Use"]
    assert read(("Act", "Take", "")) == ["dpv:Collect"]
    assert read(("Act", "Take", ""), ("Who", "We", "")) == ["dpv:Obtain"]


def test_labels_without_term_are_counted_by_reason_and_those_without_row_too(
    tmp_path: Path,
) -> None:
    table = scheme(tmp_path, ("* > Data > *", "", "", NONE, "", "", "unspecific"))
    made = apply(table, marked("We take it.", ("Data", "Any", ""), ("Mood", "Good", "")))
    assert made.excused == {("unspecific", "Use > Data > Any"): 1}
    assert made.unmapped == {"Use": 1, "Use > Mood > Good": 1}


def test_every_label_of_opp115_gives_terms_of_the_release_that_quote_the_text() -> None:
    table, vocabulary = load_scheme("opp-115"), load_vocabulary()
    text = "We keep your e-mail address."
    for label in defined_labels(table):
        category, *rest = label.split(" > ")
        marks = [(*rest, words) for words in ("", "e-mail address")] if rest else []
        for mark in marks:
            policy = marked(text, mark, category=category)  # type: ignore[arg-type]
            conversion = apply(table, policy).conversion
            assert all(text[a.start : a.end] == a.quote for a in conversion.annotations), label
            assert all(vocabulary.has(a.term) for a in conversion.annotations), label
            nodes = {n for t in conversion.policy_graph.triples for n in t if isinstance(n, str)}
            terms = {vocabulary.curie(node) for node in nodes if vocabulary.is_dpv(node)}
            assert all(vocabulary.has(term) for term in terms), label


# -- what is wrong with a table --------------------------------------------------------------

FAULTS = [
    (("Use", "", EXACT, "dpv:Puprose", "purpose"), "dpv:Puprose is not a term of DPV 2.3"),
    (("Use", "", EXACT, "", "purpose"), "object_id is not a term"),
    (("Use", "", EXACT, "dpv:PersonalDataHandling", "purpose"), "is sunset in DPV 2.3"),
    (("Use", "", EXACT, "dpv:Use", "purpose"), "dpv:Use is not under dpv:Purpose"),
    (("Use", "", EXACT, "dpv:Use", "usage"), "there is no kind 'usage'"),
    (("Use", "", EXACT, "dpv:Use", "polarity"), "dpv:Use says nothing of polarity; use dpv:Proh"),
    (("Use", "", "skos:sameMatch", "dpv:Use", "processing"), "predicate_id is 'skos:sameMatch'"),
    (("Use", "", EXACT, "dpv:Use", "processing", "magic"), "words is 'magic'; use name, narrower"),
    (("Use", "", EXACT, "dpv:Use", "processing", "", "no-term"), "a reason for a label"),
    (("Use", "", EXACT, NONE, "", "", "bored"), "reason is 'bored'; use one of unselected"),
    (("Use", "", EXACT, NONE, "purpose", "", "no-term"), "kind of a label without a term"),
    (("Use", "Act Take", EXACT, "dpv:Use", "processing"), "the condition 'Act Take' has no ="),
    (("", "", EXACT, "dpv:Use", "processing"), "the label is empty"),
]


@pytest.mark.parametrize(("row", "found"), FAULTS)
def test_a_wrong_row_is_refused_with_its_place(
    tmp_path: Path, row: tuple[str, ...], found: str
) -> None:
    path = own_table(tmp_path, [row])
    with pytest.raises(TableError) as caught:
        load_scheme("lamps", path)
    assert "schemes/lamps.sssom.tsv:2: " in str(caught.value)
    assert found in str(caught.value)


@pytest.mark.parametrize(("row", "found"), FAULTS)
def test_tables_check_finds_the_same(tmp_path: Path, row: tuple[str, ...], found: str) -> None:
    path = own_table(tmp_path, [row])
    faults = [str(fault) for fault in check_tables(path.parent.parent)]
    assert any(found in fault and "lamps.sssom.tsv:2" in fault for fault in faults)


def test_columns_that_are_missing_or_unknown_are_named(tmp_path: Path) -> None:
    path = own_table(tmp_path, [("Use", "dpv:Use")], ("subject_label", "object_id"))
    with pytest.raises(TableError, match="there is no column 'kind'"):
        load_scheme("lamps", path)
    faults = [str(fault) for fault in check_tables(path.parent.parent)]
    assert faults == [
        "schemes/lamps.sssom.tsv: there is no column 'predicate_id'; name it in the header line"
    ]
    path = own_table(tmp_path, [], (*COLUMNS, "colour"))
    assert "there is no column 'colour'" in str(check_tables(path.parent.parent)[0])


def test_every_label_of_the_definition_needs_a_row_and_no_row_is_for_another(
    tmp_path: Path,
) -> None:
    path = own_table(
        tmp_path,
        [
            ("Use", "Colour = Red", EXACT, "dpv:Use", "processing"),
            ("Use", "Colour = Green", EXACT, "dpv:Use", "processing"),
            ("* > Colour > Red", "", EXACT, "pd:Tracking", DATA),
            ("* > Colour > Red", "", EXACT, "pd:Tracking", DATA),
            ("* > Colour > Pink", "", EXACT, "pd:Tracking", DATA),
        ],
    )
    labels = "label\nUse\nUse > Colour > Red\nUse > Colour > Blue\n"
    path.with_name("lamps.labels.tsv").write_text(labels, "utf-8")
    faults = [str(fault).partition("; ")[0] for fault in check_tables(path.parent.parent)]
    assert faults == [
        "schemes/lamps.sssom.tsv:5: the same row as schemes/lamps.sssom.tsv:4",
        "schemes/lamps.sssom.tsv: no row maps the label 'Use > Colour > Blue'",
        "schemes/lamps.sssom.tsv:3: the scheme has no attribute and value 'Colour = Green'",
        "schemes/lamps.sssom.tsv:6: the scheme has no label '* > Colour > Pink'",
    ]


def test_format_fills_constants_labels_and_metadata(tmp_path: Path) -> None:
    path = own_table(
        tmp_path,
        [("Use > B > C", "", BROAD, "dpv:Use", "processing"), ("Use", "", "", NONE, "", "",
                                                               "no-term")],
    )  # fmt: skip
    folder = path.parent.parent
    assert format_tables(folder) == ["schemes/lamps.sssom.tsv"]
    assert format_tables(folder) == []
    assert check_tables(folder) == []
    table = open_table(path)
    assert table.columns == scheme_form().columns
    assert table.head[0] == "#mapping_set_id: https://w3id.org/policy2dpv/mappings/schemes/lamps"
    assert "#  - slot_name: reason" in table.head
    assert [(r["subject_label"], r["object_label"], r["confidence"]) for r in table.rows] == [
        ("Use", "", "1"), ("Use > B > C", "Use", "1"),
    ]  # fmt: skip
    text = path.read_text("utf-8").replace("\tUse\tprocessing", "\tUsing\tprocessing")
    path.write_text(text, "utf-8")
    assert "object_label is 'Using', but dpv:Use is 'Use'" in str(check_tables(folder)[0])


def test_conditions_of_a_row() -> None:
    row = next(r for r in read_table(data_folder("mappings") / "schemes" / "opp-115.sssom.tsv")
               if r["when"])  # fmt: skip
    assert read_conditions(row) == (("Action First-Party", "Other"),)
    assert read_meaning(row).when == read_conditions(row)


def test_a_scheme_that_nobody_knows() -> None:
    with pytest.raises(ReadError, match="nobody reads this scheme"):
        find_reader("lamps")
    with pytest.raises(TableError, match=r"no table of this scheme; .*opp-115"):
        load_scheme("lamps")


# -- reports ---------------------------------------------------------------------------------


def test_a_label_stands_as_its_best_row_does(tmp_path: Path) -> None:
    table = scheme(
        tmp_path,
        ("Use", "", EXACT, "dpv:Prohibition", "polarity"),
        ("* > A > 1", "", NARROW, "pd:Name", DATA, "found"),
        ("* > A > 1", "", CLOSE, "pd:Contact", DATA, "narrower"),
        ("* > A > 2", "", "", NONE, "", "", "no-term"),
    )
    policy = marked("Our name.", ("A", "1", "name"), ("A", "3", ""))
    labels = ["Use", "Use > A > 1", "Use > A > 2"]
    report = report_scheme(table, labels, [(policy, apply(table, policy))])
    assert [(r.label, r.standing, r.terms, r.reason, r.used) for r in report.labels] == [
        ("Use", "clause", ("dpv:Prohibition",), "", 1),
        ("Use > A > 1", "close", ("pd:Contact", "pd:Name"), "", 1),
        ("Use > A > 2", "excused", (), "no-term", 0),
        ("Use > A > 3", "unmapped", (), "", 1),
    ]
    assert [r.label for r in report.lacking] == ["Use > A > 2"]
    assert report.counts == {"Use": {"statements": 1, "denied": 1, "data": 1}}
    text = format_report(report)
    assert "== lamps: 4 labels, used 3 times in 1 policies" in text
    assert "     1  Use > A > 3: without a row" in text


def test_our_table_of_opp115_maps_most_and_excuses_the_rest() -> None:
    table = load_scheme("opp-115")
    report = report_scheme(table, defined_labels(table))
    standings = [label.standing for label in report.labels]
    assert "unmapped" not in standings
    assert len(standings) == 280
    assert standings.count("excused") < len(standings) / 4


def test_a_table_of_ones_own_is_reported_by_the_labels_of_our_definition(tmp_path: Path) -> None:
    path = own_table(tmp_path, [EMAIL])
    assert defined_labels(load_scheme("opp-115", path), path) == defined_labels(
        load_scheme("opp-115")
    )
    assert defined_labels(load_scheme("lamps", path), path) == ["* > Data > Mail"]


# -- our reading against marks ---------------------------------------------------------------

SENTENCE = "We use your email address and your name to send you our newsletter."
Table = Callable[..., SchemeTable]


def test_marks_that_say_what_we_read_agree_with_it(tmp_path: Path) -> None:
    table = scheme(
        tmp_path,
        ("* > Data > Mail", "", EXACT, "pd:EmailAddress", DATA, ""),
        ("* > Data > Shoe", "", EXACT, "pd:PhysicalCharacteristic", DATA, ""),
        ("* > Data > Any", "", EXACT, "dpv:AnonymisedData", DATA, ""),
        ("Use", "", "", NONE, "", "", "with-others"),
    )
    policy = marked(
        SENTENCE, ("Data", "Mail", "email address"), ("Data", "Shoe", "name"), ("Data", "Any", "")
    )
    human = apply(table, policy).conversion
    result = compare_reading(human, convert(policy.document), {DATA})
    figures = result.strict[DATA]
    assert (figures.gold, figures.read, figures.found, figures.right) == (2, 1, 2, 1)
    assert set(result.strict) == {DATA, "ALL"}
    assert "lamps: our reading against" in format_comparison(["lamps"], result)


def test_a_term_one_step_away_is_near_and_not_strictly_right(tmp_path: Path) -> None:
    table = scheme(tmp_path, ("* > Data > Mail", "", EXACT, "pd:Contact", DATA, ""))
    policy = marked(SENTENCE, ("Data", "Mail", "email address"))
    result = compare_reading(apply(table, policy).conversion, convert(policy.document), {DATA})
    assert result.strict[DATA].recall == 0
    assert result.near[DATA].recall == 1


def test_a_policy_that_says_nothing_is_compared_with_nothing(tmp_path: Path) -> None:
    table = scheme(tmp_path, ("Use", "", "", NONE, "", "", "with-others"))
    policy = marked("Apple cake is good.")
    result = compare_reading(apply(table, policy).conversion, convert(policy.document))
    assert result.strict["ALL"].gold == result.strict["ALL"].found == 0
