"""Broken and hostile input: each file ends in a result or a named error, within limits."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from conftest import PACKAGE_PATH, ROOT
from hostile_run import TABLE, load_cases
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import (
    annotate_segments,
    build_graph,
    load_lexicon,
    read_document,
    relate_annotations,
)
from policy2dpv.annotating.segment import find_sentences
from policy2dpv.conversion import convert
from policy2dpv.errors import QueryError, ReadError
from policy2dpv.graphs.write import format_graph
from policy2dpv.json_lines import parse_lines
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.tokens import MAIL, WORD, Tokenizer
from policy2dpv.model import Annotation, Document, Segment
from policy2dpv.querying.query_words import TOKENS, refuse_service
from policy2dpv.reading.media_types import HTML, MARKDOWN, TEXT, find_text_type
from policy2dpv.reading.page_facts import load_date_patterns
from policy2dpv.reading.pdf_layout import Sheet, write_layout
from policy2dpv.reading.pdf_words import COMPOUND, LAST_WORD, PLAIN_END, Speller, Word
from policy2dpv.reading.read import LIMIT, MOST
from policy2dpv.reading.text_tables import BAR
from policy2dpv.schemes.exchange import read_lines
from policy2dpv.schemes.own import map_own

NEEDED = {"pdf": "pypdfium2", "docx": "mammoth", "inception": "cassis"}
KINDS = sorted({case.name.partition("-")[0] for case in load_cases()})
SHORT = st.text(alphabet="a1_.-@ +b\u00e9,;:|>\n\t\"'([", max_size=60)


def run_script(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tests" / name), *words], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": PACKAGE_PATH}, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the limits need a system with fork")
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_end_in_what_the_table_names(kind: str) -> None:
    for name, library in NEEDED.items():
        if kind == name:
            pytest.importorskip(library, reason=f"the extra {name} is not installed")
    done = run_script("hostile_run.py", f"{kind}-")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_is_whole() -> None:
    rows = read_table(TABLE)
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names)) > 300
    for row in rows:
        assert int(row["small"]) <= int(row["big"]), row["name"]
        for must in (row["small_must"], row["big_must"]):
            assert must in ("done", "found", "result") or must.endswith("Error"), row["name"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processor time is counted by Unix' timers")
def test_no_pattern_costs_more_than_the_text_is_long() -> None:
    done = run_script("regex_bait.py")
    assert done.returncode == 0, done.stdout + done.stderr


# What was found on the way: inputs on which reading stopped, hung or was refused wrongly.


@pytest.mark.parametrize("charset", ["rot13", "zlib", "hex", "idna", "punycode", "utf-7", "base64"])
def test_a_codec_that_is_no_charset_is_not_asked(charset: str) -> None:
    page = f"<meta charset={charset}><p>We collect your na\u00efve name+AGE-.</p>".encode()
    assert read_document(page).text == "We collect your na\u00efve name+AGE-.\n"


def test_a_line_to_sign_on_is_read_at_once() -> None:
    made = convert(f"We collect your name.\n\nPlace{'_' * 500}\n".encode())
    assert [one.term for one in made.annotations if one.kind == "personal_data"] == ["pd:Name"]


def test_comments_before_a_text_are_read_at_once() -> None:
    assert find_text_type("<!-- a --> " * 500 + "We collect.", "", "") == TEXT
    assert find_text_type("<!-- a --> " * 500 + "<html>", "", "") == HTML


@pytest.mark.parametrize(("what", "data", "kind"), [
    ("characters", b"We collect your name. " * 50_000, TEXT),
    ("tags", b"<b>" * 500_001, HTML),
    ("marks", b"[a](" * 30_001, MARKDOWN),
    ("blocks", b"<td>a" * 50_001, HTML),
    ("clauses", b"We collect. " * 8_001, TEXT),
])  # fmt: skip
def test_what_no_policy_is_gets_a_name(what: str, data: bytes, kind: str) -> None:
    with pytest.raises(ReadError, match=f"{what}, more than the limit of {MOST[what]:,}"):
        convert(data, media_type=kind, language="en")
    if what in ("characters", "marks"):
        assert read_document(data, media_type=kind, limit=5 * LIMIT).text


def test_many_attributes_are_refused_and_large_pictures_are_not() -> None:
    names = " ".join(f"a{number}" for number in range(60_000))
    for between in (" ", "/", "=1 ", "=''"):
        part = names.replace(" ", between)
        with pytest.raises(ReadError, match="attributes"):
            read_document(f"<p {part}>We collect.</p>".encode())
    picture = f"<img src='data:image/png;base64,{'a/b+=' * 200_000}'>"
    assert read_document(f"{picture}<p>We collect.</p>".encode()).text == "We collect.\n"


def test_tables_keep_their_heads_and_lose_the_absurd() -> None:
    heads = "".join(f"<tr><th>Head {number}<th>Data</tr>" for number in range(100))
    page = f"<table>{heads}<tr><td>Billing<td>Your name</table>".encode()
    document = read_document(page)
    last = document.blocks[-1]
    above = [document.text[a:b] for a, b in last.headers]
    assert above
    assert set(above) == {"Data"}
    assert len(above) <= 8


@pytest.mark.parametrize("definition", [(5, 2), (0, 0), (0, 10**9)])
def test_a_definition_that_stands_nowhere_is_lost(
    tmp_path: Path, definition: tuple[int, int]
) -> None:
    page, lines = tmp_path / "page.txt", tmp_path / "a.jsonl"
    page.write_text("We collect your name.\n", "utf-8")
    lines.write_text(
        '{"start":11,"end":20,"quote":"your name","kind":"personal_data","term":"pd:Name",'
        f'"segment":"x","source":"y","definition":{list(definition)}}}\n', "utf-8",
    )  # fmt: skip
    [(_, mapped)] = map_own(read_lines, lines, page)
    assert [one.definition for one in mapped.conversion.annotations] == [None]
    assert "what defines it cannot be found again" in str(mapped.lost[0])


def test_a_panic_of_the_sentence_reader_ends_nothing() -> None:
    text = "E(.y?G..E\x85.\ufffd-  E."
    assert "".join(text[a:b] for a, b in find_sentences(text, 0, len(text))).split()


def test_deep_lines_of_json_are_told() -> None:
    with pytest.raises(ReadError, match="a:1"):
        parse_lines('{"a":' * 200_000, Annotation, where="a")


def test_deep_queries_are_refused_before_they_are_parsed() -> None:
    for sign in "([{!":
        with pytest.raises(QueryError, match="brackets"):
            refuse_service("SELECT * { " + sign * 300_000)


# The rewritten patterns read what their plain forms read.


@given(SHORT)
def test_bars_part_columns_with_the_space_around_them(text: str) -> None:
    plain = [found.span() for found in re.finditer(r"\s*\|\s*", text)]
    assert [found.span() for found in BAR.finditer(text)] == plain


@given(SHORT)
def test_words_and_mail_addresses_are_cut_as_before(text: str) -> None:
    plain = r"(?:(?:[.+_-]\w+)*@[\w-]+(?:\.[\w-]+)+)?"
    assert re.findall(WORD + MAIL, text) == re.findall(WORD + plain, text)
    tokens = Tokenizer("en", {}, ()).cut(text)
    cut = [text[a : tokens.end(at)] for at, a in enumerate(tokens.starts)]
    assert cut == [word.surface for word in tokens.words]
    assert "".join(cut) == "".join(text.split())


@given(SHORT)
def test_words_at_line_ends_are_found_as_before(text: str) -> None:
    for pattern, plain in ((LAST_WORD, r"[^\W\d_]+-$"), (COMPOUND, r"[^\W\d_]+(?:-[^\W\d_]+)+")):
        found = [one.span() for one in pattern.finditer(text)]
        assert found == [one.span() for one in re.finditer(plain, text)]
    assert PLAIN_END.sub("", text) == re.sub(r"[^\w]+$", "", text)


@given(st.lists(st.sampled_from(["Effective", "date", " ", ":", "-", "on", "3 May 2021", "2021"])))
def test_dates_are_found_whatever_stands_between(parts: list[str]) -> None:
    text = "".join(parts)
    for found in load_date_patterns().stated.finditer(text):
        assert found["date"] is None or found["date"] in ("3 May 2021", "2021", "May 2021")


@given(SHORT)
def test_tokens_of_queries_stand_in_order(text: str) -> None:
    end = 0
    for token in TOKENS.finditer(text):
        assert token.start() >= end
        assert token[0]
        end = token.end()


# Offsets, where letters are not one character in every form.


@given(st.lists(st.sampled_from(
    ["\u0130", "\u00df", "\ufb01", "\ufdfa", "\u1e9e", "e\u0301", "\u200b", "\u00ad", "\u202e",
     "\ufeff", "\U0001f468\u200d\U0001f469", "We collect your name", "your IP address", ". ", "\n",
     "\r", "\u2028", " "]
)), st.sampled_from([TEXT, HTML, MARKDOWN]))  # fmt: skip
def test_quotes_stand_where_they_say(parts: list[str], kind: str) -> None:
    data = ("We collect your e-mail address. " + "".join(parts)).encode()
    made = convert(data, media_type=kind, language="en")
    document: Document = made.document
    assert made.annotations
    for one in made.annotations:
        assert document.text[one.start : one.end] == one.quote
    for segment in made.segments:
        assert document.text[segment.start : segment.end].strip()


def test_the_fuzzers_targets_take_their_seeds() -> None:
    pytest.importorskip("atheris", reason="atheris is not installed: pip install atheris")
    folder = ROOT / "benchmarks" / "fuzz"
    done = subprocess.run(
        [sys.executable, str(folder / "fuzz.py"), "--seeds"], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": PACKAGE_PATH}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list(Path(folder, "seeds").iterdir())) > 30


@pytest.mark.parametrize("size", [10.0, 0.0])
def test_words_without_letters_or_size_are_laid_out(size: float) -> None:
    lines = [("", 72, 100, 400), ("names", 72, 112, 200), ("", 72, 124, 20), ("", 90, 136, 400)]
    words = [
        Word(text, left, top, left + width, top + size, size) for text, left, top, width in lines
    ]
    assert "names" in write_layout([Sheet(words)], Speller(words, "en"))


def test_words_in_columns_whose_outer_rows_are_empty_are_laid_out() -> None:
    words = [
        Word("contact", 112, 404, 149.5, 406.5, 9.5), Word("data", -8, 404, 29.5, 406.5, 9.5),
        Word("data", -8, 316, 62, 335.5, 15), Word("right", 112, 316, 182, 337, 3),
    ]  # fmt: skip
    assert "contact" in write_layout([Sheet(words)], Speller(words, "en"))


def test_a_clause_of_any_name_has_a_valid_address() -> None:
    document = read_document(b"We collect your name to send you our newsletter.")
    segment = Segment(id='a"<b> \\', start=0, end=len(document.text), kind="sentence", block=0)
    annotations = annotate_segments(document, [segment], load_lexicon("en"))
    statements = relate_annotations(document, [segment], annotations)
    graph = build_graph(document, [segment], statements)
    quads = list(pyoxigraph.parse(format_graph(graph, "nquads"), pyoxigraph.RdfFormat.N_QUADS))
    assert any("#ka%22%3Cb%3E%20%5C" in quad.subject.value for quad in quads)
