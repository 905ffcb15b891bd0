"""Annotations go out to tools and come back: equal where nobody touched them, corrected where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy2dpv import convert, load_lexicon
from policy2dpv.conversion import Conversion
from policy2dpv.errors import PolicyError
from policy2dpv.graphs.graph import plain_document
from policy2dpv.model import Annotation, Document
from policy2dpv.schemes.apply import Mapped
from policy2dpv.schemes.exchange import FORMATS, find_reader, format_annotations
from policy2dpv.schemes.labels import to_spans
from policy2dpv.schemes.own import map_own, restore_text
from policy2dpv.schemes.spans import MarkedSpan, MarkedText, Marking

pytest.importorskip("cassis", reason="the extra inception is not installed")

EXAMPLES = ("eu-shop.html", "us-app.md")
# Each format and the file that comes back.
RETURNS = [
    ("jsonl", ".jsonl"), ("web-annotation", ".jsonld"), ("label-studio", ".json"),
    ("inception", ".xmi"), ("inception", ".json"), ("brat", ".ann"),
]  # fmt: skip
HOLDS_TEXT = [pair for pair in RETURNS if pair[0] not in ("jsonl", "web-annotation")]
formats = pytest.mark.parametrize(("format", "ending"), RETURNS, ids=map("".join, RETURNS))
texted = pytest.mark.parametrize(("format", "ending"), HOLDS_TEXT, ids=map("".join, HOLDS_TEXT))


@cache
def made(example: str) -> Conversion:
    return convert(ROOT / "examples" / example)


def save(folder: Path, files: Any, ending: str, name: str = "policy") -> Path:
    for end, content in files.items():
        path = folder / (f"{name}{end}" if end.startswith(".") else end)
        path.write_bytes(content.encode("utf-8"))
    return folder / f"{name}{ending}"


def sent(
    folder: Path, document: Document, found: Iterable[Annotation], format: str, end: str
) -> Path:
    lexicon = load_lexicon("en")
    return save(folder, format_annotations(document, found, lexicon, format), end)


def returned(path: Path, format: str, page: Path | None, **options: Any) -> Mapped:
    [(_, mapped)] = map_own(find_reader(format), path, page, by=f"tool:{format}", **options)
    return mapped


@formats
@pytest.mark.parametrize("example", EXAMPLES)
def test_what_nobody_touched_comes_back_equal(
    tmp_path: Path, example: str, format: str, ending: str
) -> None:
    was = made(example)
    path = sent(tmp_path, was.document, was.annotations, format, ending)
    mapped = returned(path, format, ROOT / "examples" / example)
    assert list(mapped.conversion.annotations) == list(was.annotations)
    assert mapped.conversion.to_nquads() == was.to_nquads()
    assert not mapped.lost
    assert not mapped.unmapped


@texted
@pytest.mark.parametrize("example", EXAMPLES)
def test_without_the_page_only_segments_differ(
    tmp_path: Path, example: str, format: str, ending: str
) -> None:
    """The canonical text is read as plain text: no levels of headings, no tables, no links."""
    was = made(example)
    mapped = returned(sent(tmp_path, was.document, was.annotations, format, ending), format, None)
    assert mapped.conversion.document.text == was.document.text
    assert not mapped.lost
    came = {msgspec.structs.replace(one, segment="") for one in mapped.conversion.annotations}
    assert came == {msgspec.structs.replace(one, segment="") for one in was.annotations}


def test_the_same_annotations_give_the_same_bytes() -> None:
    was, lexicon = made("us-app.md"), load_lexicon("en")
    for format in FORMATS:
        once, twice = (
            format_annotations(was.document, was.annotations, lexicon, format) for _ in range(2)
        )
        assert once == twice, format
        assert set(once) == set(FORMATS[format])


# Any text, any span, any field.

CHARACTERS = st.one_of(
    st.sampled_from(
        ["\N{GRINNING FACE}", "\U0001d11e", "e\u0301", "\r\n", "\r", "\n", "\t", " ", "\u200f",
         "\u05d0\u05d1", "\u0645\u0631\u062d", "\u202e", "\x00", "\x0c", "\x85", "\u2028", "\ufeff",
         "\ufffe", "\\", '"', "<b>", "&amp;", "]]>", "{", ";", "|", "name"]
    ),
    st.characters(exclude_categories=["Cs"]),
)  # fmt: skip
texts = st.lists(CHARACTERS, min_size=1, max_size=40).map("".join)
words = st.lists(CHARACTERS, min_size=1, max_size=6).map("".join)
LABELS = (
    ("personal_data", "pd:EmailAddress"), ("law", "legal-us:law-CA-CCPA"), ("right", "eu-gdpr:A15"),
    ("any_data", "dpv:PersonalData"), ("contact", "dpv:hasContact"), ("recipient", ""),
)  # fmt: skip


@st.composite
def marked(draw: st.DrawFn) -> tuple[Document, list[Annotation]]:
    text = draw(texts)
    document = plain_document(text)
    document = msgspec.structs.replace(
        document, sha256=hashlib.sha256(text.encode()).hexdigest(), language="en"
    )
    found = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        kind, term = draw(st.sampled_from(LABELS))
        found.append(Annotation(
            start=start, end=end, quote=text[start:end], kind=kind, term=term, segment="5f",
            source=draw(st.sampled_from(["lexicon/en/x.sssom.tsv:7", "scheme:opp-115"])),
            phrase=draw(st.sampled_from([None, text[start:end]])),
            match=draw(st.sampled_from(["exact", "close", "broad", "narrow"])),
            value=draw(st.none() | words), name=draw(st.none() | words),
            polarity=draw(st.sampled_from(["affirmed", "denied"])),
            modality=draw(st.sampled_from(["", "possible", "permitted", "obliged"])),
            condition=draw(st.none() | words), definition=draw(st.sampled_from([None, (0, 1)])),
            clause=draw(st.integers(0, 120)),
            actor=draw(st.sampled_from(["first_party", "third_party", "user"])),
            confidence=draw(st.floats(0, 1)),
        ))  # fmt: skip
    return document, found


@formats
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(case=marked())
def test_any_text_and_span_comes_back(
    tmp_path: Path, format: str, ending: str, case: tuple[Document, list[Annotation]]
) -> None:
    document, found = case
    path = sent(tmp_path, document, found, format, ending)
    [text] = find_reader(format)(path, path)
    mapped = restore_text(text, document)
    assert not mapped.lost
    assert not mapped.unmapped
    came = {msgspec.structs.replace(one, segment="") for one in mapped.conversion.annotations}
    assert came == {msgspec.structs.replace(one, segment="") for one in found}


# What people do in a tool.

PAGE = (
    "Privacy Policy\n\nWe collect your name and \N{GRINNING FACE} your email address.\n\n"
    "We do not share your phone number with advertisers.\n"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, "utf-8", newline="")
    return path


def corrected(
    folder: Path,
    page: Path,
    format: str,
    ending: str,
    change: Callable[[list[MarkedSpan]], Sequence[MarkedSpan]],
) -> tuple[list[Annotation], Mapped]:
    """The annotations of the page before and after a person changed them in a tool."""
    was = convert(page)
    [sample] = restored_spans(folder, was, format, ending)
    spans = list(change(list(sample.spans)))
    marking = Marking(document=was.document, spans=spans, labels=[])
    module = format.replace("-", "_")
    writer = getattr(__import__(f"policy2dpv.schemes.{module}", fromlist=["x"]), f"write_{module}")
    path = save(folder, writer(marking), ending, "corrected")
    return list(was.annotations), returned(path, format, page)


def restored_spans(folder: Path, was: Conversion, format: str, end: str) -> list[MarkedText]:
    path = sent(folder, was.document, was.annotations, format, end)
    return list(find_reader(format)(path, None if end in (".ann", ".xmi", ".json") else path))


corrections = pytest.mark.parametrize(
    ("format", "ending"), RETURNS[1:], ids=["".join(pair) for pair in RETURNS[1:]]
)


@corrections
def test_a_deleted_annotation_is_gone(tmp_path: Path, page: Path, format: str, ending: str) -> None:
    was, now = corrected(tmp_path, page, format, ending, lambda spans: spans[1:])
    assert list(now.conversion.annotations) == was[1:]


@corrections
def test_another_label_is_a_persons(tmp_path: Path, page: Path, format: str, ending: str) -> None:
    def relabel(spans: list[MarkedSpan]) -> list[MarkedSpan]:
        at = next(n for n, span in enumerate(spans) if span.label.endswith("pd:Name"))
        spans[at] = msgspec.structs.replace(spans[at], label="personal_data pd:Username")
        return spans

    was, now = corrected(tmp_path, page, format, ending, relabel)
    [old] = [one for one in was if one.term == "pd:Name"]
    [new] = [one for one in now.conversion.annotations if one.term == "pd:Username"]
    assert (new.start, new.end, new.segment, new.clause) == (
        old.start, old.end, old.segment, old.clause
    )  # fmt: skip
    assert (new.source, new.confidence, new.match) == (f"tool:{format}", 1.0, "exact")
    assert set(now.conversion.annotations) - {new} == set(was) - {old}


@corrections
def test_a_moved_span_is_a_persons(tmp_path: Path, page: Path, format: str, ending: str) -> None:
    def widen(spans: list[MarkedSpan]) -> list[MarkedSpan]:
        at = next(n for n, span in enumerate(spans) if span.label.endswith("pd:Name"))
        start, end = PAGE.index("collect"), PAGE.index(" and")
        spans[at] = msgspec.structs.replace(
            spans[at], start=start, end=end, quote=PAGE[start:end], prefix="", suffix=""
        )
        return spans

    was, now = corrected(tmp_path, page, format, ending, widen)
    [old] = [one for one in was if one.term == "pd:Name"]
    [new] = [one for one in now.conversion.annotations if one.term == "pd:Name"]
    assert new.quote == "collect your name"
    assert new.segment == old.segment
    assert new.source == f"tool:{format}"


@corrections
def test_an_added_annotation_joins_its_clause(
    tmp_path: Path, page: Path, format: str, ending: str
) -> None:
    def add(spans: list[MarkedSpan]) -> list[MarkedSpan]:
        start = PAGE.index("advertisers")
        return [*spans, MarkedSpan(label="purpose dpv:Advertising", start=start, end=start + 11,
                                   quote="advertisers")]  # fmt: skip

    was, now = corrected(tmp_path, page, format, ending, add)
    [new] = set(now.conversion.annotations) - set(was)
    beside = next(one for one in was if one.term == "pd:TelephoneNumber")
    assert (new.kind, new.term, new.quote) == ("purpose", "dpv:Advertising", "advertisers")
    assert (new.segment, new.clause, new.polarity) == (beside.segment, beside.clause, "denied")
    assert new.source == f"tool:{format}"


@corrections
def test_another_field_is_a_persons(tmp_path: Path, page: Path, format: str, ending: str) -> None:
    def deny(spans: list[MarkedSpan]) -> list[MarkedSpan]:
        at = next(n for n, span in enumerate(spans) if span.label.endswith("pd:Name"))
        fields = {**spans[at].fields, "polarity": "denied"}
        spans[at] = msgspec.structs.replace(spans[at], fields=fields)
        return spans

    was, now = corrected(tmp_path, page, format, ending, deny)
    [new] = set(now.conversion.annotations) - set(was)
    [old] = set(was) - set(now.conversion.annotations)
    assert (old.polarity, old.term) == ("affirmed", "pd:Name")
    assert new == msgspec.structs.replace(
        old, polarity="denied", source=f"tool:{format}", confidence=1.0
    )


@corrections
def test_a_label_of_nobody_is_counted(tmp_path: Path, page: Path, format: str, ending: str) -> None:
    def rename(spans: list[MarkedSpan]) -> list[MarkedSpan]:
        return [msgspec.structs.replace(spans[0], label="Invented"), *spans[1:]]

    was, now = corrected(tmp_path, page, format, ending, rename)
    assert now.unmapped == {"Invented": 1}
    assert list(now.conversion.annotations) == was[1:]


@formats
def test_an_edited_page_is_found_again(
    tmp_path: Path, page: Path, format: str, ending: str
) -> None:
    was = convert(page)
    path = sent(tmp_path, was.document, was.annotations, format, ending)
    edited = PAGE.replace("We collect", "This is new here.\n\nWe collect", 1)
    edited = edited.replace(" your phone number", "  your\nphone number", 1)
    edited = edited.replace("share", "ever share", 1)
    page.write_text(edited, "utf-8", newline="")
    mapped = returned(path, format, page)
    assert not mapped.lost
    assert any("found by their words" in note for note in mapped.notes)
    assert [one.term for one in mapped.conversion.annotations] == [
        one.term for one in was.annotations
    ]
    for one in mapped.conversion.annotations:
        assert one.quote == mapped.conversion.document.text[one.start : one.end]


@formats
def test_what_is_no_longer_there_is_told(
    tmp_path: Path, page: Path, format: str, ending: str
) -> None:
    was = convert(page)
    path = sent(tmp_path, was.document, was.annotations, format, ending)
    page.write_text(PAGE.replace("phone number", "shoe size"), "utf-8", newline="")
    mapped = returned(path, format, page)
    gone = [one for one in was.annotations if "phone" in one.quote]
    assert gone
    assert [lost.quote for lost in mapped.lost] == [one.quote for one in gone]
    assert len(mapped.conversion.annotations) == len(was.annotations) - len(gone)


def test_a_part_of_a_word_is_not_the_word() -> None:
    document = plain_document("Footnotes come first. Your foot is last.")
    span = MarkedSpan(label="personal_data pd:Name", start=0, end=4, quote="foot")
    mapped = restore_text(MarkedText(name="p", spans=[span]), document)
    assert [one.start for one in mapped.conversion.annotations] == [27]
    span = msgspec.structs.replace(span, quote="first.Your")
    mapped = restore_text(MarkedText(name="p", spans=[span]), document)
    assert [one.quote for one in mapped.conversion.annotations] == ["first. Your"]
    span = msgspec.structs.replace(span, quote="note")
    mapped = restore_text(MarkedText(name="p", spans=[span]), document)
    assert [lost.quote for lost in mapped.lost] == ["note"]


def test_to_spans_keeps_what_stands_around() -> None:
    was = made("us-app.md")
    for span in to_spans(was.annotations[:20], was.document.text):
        assert was.document.text.count(span.prefix + span.quote + span.suffix) == 1


# Broken files: an error that says what to do, or warnings; never anything else.

JUNK = ("null", "true", "-1", "1000000000000", "0.5", '""', '"x"', '"0-1"', "[]", "[1]", "{}",
        '{"id": 1}', '{"@id": []}')  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a JSON value."""
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    return [found for key, one in items for found in [(*path, key), *places(one, (*path, key))]]


@cache
def small(format: str, ending: str) -> dict[str, str]:
    was = convert(PAGE)
    files = format_annotations(was.document, was.annotations[:3], load_lexicon("en"), format)
    return dict(files)


@pytest.mark.parametrize(
    ("format", "ending"), [pair for pair in RETURNS if "json" in pair[1]], ids=str
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_json_of_any_shape_is_told(
    tmp_path: Path, format: str, ending: str, data: st.DataObject
) -> None:
    files = small(format, ending)
    value = json.loads(files[ending].splitlines()[0] if format == "jsonl" else files[ending])
    for _ in range(data.draw(st.integers(1, 3))):
        if not (paths := places(value)):
            break
        *way, last = data.draw(st.sampled_from(paths))
        inner = value
        for key in way:
            inner = inner[key]
        if data.draw(st.booleans()):
            inner[last] = json.loads(data.draw(st.sampled_from(JUNK)))
        else:
            del inner[last]
    files = {ending: json.dumps(value)}
    told(save(tmp_path, files, ending), format, tmp_path)


@pytest.mark.parametrize(
    ("format", "ending"), [("brat", ".ann"), ("inception", ".xmi"), ("label-studio", ".json")]
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_bytes_are_told(
    tmp_path: Path, format: str, ending: str, data: st.DataObject
) -> None:
    files = small(format, ending)
    path = save(tmp_path, files, ending)
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content) - 1))
    end = min(start + data.draw(st.integers(0, 12)), len(content))
    middle = data.draw(st.binary(max_size=4) | st.sampled_from([b"9", b"-", b"\n", b"<", b'"']))
    path.write_bytes(content[:start] + middle + content[end:])
    told(path, format, tmp_path)


def told(path: Path, format: str, folder: Path) -> None:
    page = folder / "page.txt"
    page.write_text(PAGE, "utf-8", newline="")
    try:
        mapped = list(map_own(find_reader(format), path, page))
    except PolicyError:
        return
    for _, one in mapped:
        for annotation in one.conversion.annotations:
            text = one.conversion.document.text
            assert annotation.quote == text[annotation.start : annotation.end]


# The command line.


@pytest.mark.parametrize(("format", "ending"), RETURNS[1::2])
def test_annotate_and_map_in_the_shell(
    command: Run, tmp_path: Path, format: str, ending: str
) -> None:
    example = ROOT / "examples" / "us-app.md"
    done = command("annotate", example, "--format", format, "-o", "sent/")
    assert done.returncode == 0, done.stderr
    done = command("map", f"sent/us-app{ending}", "--scheme", format, "--page", example,
                   "-o", "us-app.nq", "-q")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "us-app.nq").read_text("utf-8") == made("us-app.md").to_nquads()


def test_one_file_goes_to_standard_output(command: Run) -> None:
    done = command("annotate", ROOT / "examples" / "us-app.md", "--format", "webannotation")
    assert json.loads(done.stdout)["total"] == len(made("us-app.md").annotations)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "brat", "-o", "-"], "4 files"),
        (["--format", "brat", "-o", "x.doc"], ".ann or .txt"),
        (["--format", "yaml"], "jsonl"),
        (["--format", "brat", "-o", "policy.txt"], "replace a policy"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_annotate_refuses(command: Run, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "policy.txt").write_text(PAGE, "utf-8")
    done = command("annotate", "policy.txt", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["policy.txt"]


@pytest.mark.parametrize("rule", ["majority", "union", "one:anna", "most"])
def test_a_rule_of_merging_is_refused_where_nothing_is_merged(
    command: Run, tmp_path: Path, rule: str
) -> None:
    task = {"data": {"text": "We sell names."}, "annotations": [{"result": []}]}
    (tmp_path / "task.json").write_text(json.dumps([task]))
    done = command("map", "task.json", "--scheme", "label-studio", "--merge", rule)
    assert done.returncode == 2
    assert f"--merge {rule}: our own labels are not merged" in done.stderr
    assert not (tmp_path / "out").exists()
