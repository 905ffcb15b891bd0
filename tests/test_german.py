"""German: a language is tables. What it needs from the code, any language may have.

The floors of the example (tests/floor.json: laden) show that German is read, not how well a policy
is read that nobody has seen: the tables were written with this one at hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from test_house import MODULES, strings_outside_docstrings

from policy2dpv import Annotation, Conversion, convert
from policy2dpv.checking.tables_check import check_tables
from policy2dpv.conversion import read_example
from policy2dpv.data import data_folder
from policy2dpv.knowledge.rows import read_table

MAPPINGS = data_folder("mappings")
SHOP = ROOT / "examples" / "de" / "laden.md"
LEAST_ROWS = 60
WORD = re.compile(r"[^\W\d_]{4,}")


@pytest.fixture(scope="module")
def shop() -> Conversion:
    return convert(SHOP)


def of(made: Conversion, kind: str) -> set[tuple[str, str]]:
    return {(one.term, one.polarity) for one in made.annotations if one.kind == kind}


def read(sentence: str, kind: str) -> list[tuple[str, str]]:
    return [(one.term, one.polarity) for one in read_example(sentence, kind, "de")]


def test_the_language_is_found_and_stated(shop: Conversion) -> None:
    assert shop.document.language == "de"
    assert [(date.kind, date.value) for date in shop.document.dates] == [("modified", "2026-03-03")]
    stated = [str(value) for value in shop.graph.objects() if str(value) == "de"]
    assert stated == ["de"]


def test_abbreviations_end_no_sentence(shop: Conversion) -> None:
    text = shop.document.text
    sentences = [text[segment.start : segment.end] for segment in shop.segments]
    assert "Rechtsgrundlage ist Art. 6 Abs. 1 lit. b DSGVO." in sentences


def test_what_the_example_denies(shop: Conversion) -> None:
    assert ("pd:CreditCardNumber", "denied") in of(shop, "personal_data")
    assert of(shop, "technology") == {("tech:Cookie", "affirmed"), ("tech:Cookie", "denied")}
    assert ("dpv:SellDataToThirdParties", "affirmed") not in of(shop, "purpose")


@pytest.mark.parametrize(
    ("sentence", "kind", "found"),
    [
        # the denial stands behind the verb and its objects
        ("Wir speichern Ihre Kreditkartennummer nicht.", "processing", ("dpv:Store", "denied")),
        ("Wir geben Ihre Daten nicht an Dritte weiter.", "recipient", ("dpv:ThirdParty", "denied")),
        ("Ihre Daten verkaufen wir niemals.", "purpose", ("dpv:SellDataToThirdParties", "denied")),
        # the verb ends its clause, in one part or two
        ("Wir können Ihr Alter an Behörden weitergeben.", "processing", ("dpv:Share", "affirmed")),
        ("Ihre IP-Adresse wird sofort anonymisiert.", "processing", ("dpv:Anonymise", "affirmed")),
        ("Wir leiten Ihren Namen an DHL weiter.", "processing", ("dpv:Transmit", "affirmed")),
        # familiar address is read as the polite one
        ("Wir erheben deine Telefonnummer.", "personal_data", ("pd:TelephoneNumber", "affirmed")),
        ("Du hast ein Recht auf Auskunft.", "right", ("eu-gdpr:A15", "affirmed")),
        # compounds that the lemmatiser does not know
        ("Wir nutzen Auftragsverarbeiter und geben Daten an Auftragsverarbeitern weiter.",
         "recipient", ("dpv:DataProcessor", "affirmed")),
    ],
)  # fmt: skip
def test_german_order(sentence: str, kind: str, found: tuple[str, str]) -> None:
    assert found in read(sentence, kind)


def actor(sentence: str) -> set[str]:
    return {one.actor for one in read_example(sentence, "processing", "de")}


@pytest.mark.parametrize(
    ("sentence", "actors"),
    [
        ("Ihren Namen speichern wir.", {"first_party"}),
        ("DHL speichert Ihren Namen.", {"third_party"}),
        ("Es geschieht, wenn wir Ihren Namen an DHL übermitteln.", {"first_party"}),
        ("Ihre Daten können Sie jederzeit löschen.", set()),  # theirs, no operation of ours
    ],
)
def test_who_acts(sentence: str, actors: set[str]) -> None:
    assert actor(sentence) == actors


def test_each_row_reads_its_example() -> None:
    def reader(sentence: str, kind: str, language: str) -> list[Annotation]:
        return read_example(sentence, kind, language) if language == "de" else []

    faults = [str(f) for f in check_tables(MAPPINGS, reader=reader) if "lexicon/de/" in f.place]
    assert not faults, "\n".join(faults)


def test_rows_of_all_main_kinds() -> None:
    tables = {path.name.partition(".")[0]: read_table(path) for path in lexicon("de")}
    assert {"personal_data", "purpose", "processing", "legal_basis", "recipient", "right",
            "transfer_safeguard", "security_measure", "technology",
            "law"} <= set(tables)  # fmt: skip
    assert sum(map(len, tables.values())) >= LEAST_ROWS


def test_each_table_of_patterns_has_a_german_one() -> None:
    patterns = MAPPINGS / "patterns"
    english = {path.name.replace(".en.", ".de.") for path in patterns.glob("*.en.tsv")}
    assert english <= {path.name for path in patterns.glob("*.de.tsv")}


def lexicon(language: str) -> list[Path]:
    return sorted((MAPPINGS / "lexicon" / language).glob("*.sssom.tsv"))


def words_of(language: str) -> set[str]:
    """The words of a language's phrases, cues and word classes."""
    files = [
        *((path, "subject_label") for path in lexicon(language)),
        (MAPPINGS / "lexicon" / language / "classes.tsv", "member"),
        (MAPPINGS / "cues" / f"{language}.tsv", "phrase"),
    ]
    return {
        word
        for path, name in files
        for row in read_table(path)
        for word in WORD.findall(re.sub(r"<\w+>", " ", row[name]).casefold())
    }


def test_no_german_word_stands_in_python() -> None:
    german = words_of("de") - words_of("en")
    assert len(german) > LEAST_ROWS
    for path in MODULES:
        code = " ".join(strings_outside_docstrings(path)).casefold()
        assert not german.intersection(WORD.findall(code)), path.name
