"""Two annotators held against each other: the figures, where their annotations come from."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Run
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import Annotation, convert
from policy2dpv.evaluating.agreement import (
    Agreement,
    LabelAgreement,
    Pair,
    cohen_kappa,
    measure_agreement,
)
from policy2dpv.json_lines import format_lines

TEXT = "We collect your name. We share your e-mail address with advertisers.\n"
CATEGORY = "First Party Collection/Use"
MARKED = {"Personal Information Type": {"selectedText": "e-mail address", "value": "Contact",
          "startIndexInSegment": 11, "endIndexInSegment": 25}}  # fmt: skip
ROWS = [["1", "b", "121", "3", "0", CATEGORY, json.dumps(MARKED)],
        ["2", "b", "118", "3", "0", CATEGORY, json.dumps(MARKED)],
        ["3", "b", "118", "3", "1", CATEGORY, "{}"]]  # fmt: skip
PAGE = "We collect e-mail addresses.|||<br><br>We keep them."


def on(words: str, kind: str, term: str, **more: Any) -> Annotation:
    start = TEXT.index(words)
    return Annotation(
        start=start, end=start + len(words), quote=words, kind=kind, term=term, segment="s",
        source="person", **more,
    )  # fmt: skip


NAME = on("your name", "personal_data", "pd:Name")
MAIL = on("your e-mail address", "personal_data", "pd:EmailAddress")
SHARE = on("share", "processing", "dpv:Share")


def agreement(a: list[Annotation], b: list[Annotation], length: int | None = None) -> Agreement:
    return measure_agreement([Pair(name="p", a=a, b=b, length=length)])


def label(made: Agreement, kind: str, term: str = "") -> LabelAgreement:
    [found] = [one for one in made.labels if (one.kind, one.term) == (kind, term)]
    return found


def test_labels_have_counts_and_figures() -> None:
    made = agreement([NAME, MAIL, SHARE], [on("e-mail", "personal_data", "pd:EmailAddress"), NAME])
    data = label(made, "personal_data")
    assert (data.both, data.only_a, data.only_b, data.strict.f1) == (2, 0, 0, 1.0)
    share = label(made, "processing", "dpv:Share")
    assert (share.both, share.only_a, share.only_b) == (0, 1, 0)
    assert (share.strict.precision, share.strict.recall) == (None, 0.0)
    whole = made.labels[-1]
    assert whole.kind == "ALL"
    assert (whole.strict.precision, whole.strict.recall) == (1.0, pytest.approx(2 / 3))
    assert [one.term for one in made.only_a] == ["dpv:Share"]
    assert [one.quote for one in made.both] == ["your name", "your e-mail address"]


@pytest.mark.parametrize(
    ("other", "strict", "near"),
    [
        (msgspec.structs.replace(MAIL, term="pd:Contact"), 0.0, 1.0),
        (msgspec.structs.replace(MAIL, term="pd:Name"), 0.0, 0.0),
        (msgspec.structs.replace(MAIL, term="acme:Mail"), 0.0, 0.0),
        (msgspec.structs.replace(MAIL, polarity="denied"), 0.0, 0.0),
        (msgspec.structs.replace(MAIL, start=MAIL.end, end=MAIL.end + 4), 0.0, 0.0),
        (msgspec.structs.replace(MAIL, start=MAIL.end - 1, end=MAIL.end + 4), 1.0, 1.0),
    ],
    ids=["above", "beside", "unknown", "denied", "next to it", "one character"],
)
def test_what_is_the_same_and_what_is_near(other: Annotation, strict: float, near: float) -> None:
    whole = agreement([MAIL], [other]).labels[-1]
    assert (whole.strict.f1, whole.near.f1) == (strict, near)


def test_one_long_span_may_hold_many_short_ones() -> None:
    long = on("your name. We share your e-mail address", "personal_data", "pd:EmailAddress")
    short = [MAIL, on("address", "personal_data", "pd:EmailAddress")]
    whole = agreement([long], short).labels[-1]
    assert (whole.both, whole.only_a, whole.only_b) == (1, 0, 0)
    assert (whole.strict.gold, whole.strict.found, whole.strict.right) == (1, 2, 2)


def test_kappa_is_cohens_over_characters() -> None:
    # two judges of 50 things: Cohen's formula by hand, (0.7 - 0.5) / (1 - 0.5)
    assert cohen_kappa(20, 5, 10, 15) == pytest.approx(0.4)
    assert cohen_kappa(0, 5, 5, 0) == pytest.approx(-1.0)
    assert cohen_kappa(0, 0, 0, 9) == 1.0
    assert cohen_kappa(0, 0, 0, 0) is None
    a, b = (msgspec.structs.replace(NAME, start=s, end=e) for s, e in ((0, 25), (5, 35)))
    made = agreement([a], [b], length=50)
    assert label(made, "personal_data").kappa == pytest.approx(cohen_kappa(20, 5, 10, 15))
    assert label(agreement([a], [b]), "personal_data").kappa is None


def test_several_texts_count_together() -> None:
    pairs = [Pair(name="p", a=[NAME], b=[NAME]), Pair(name="q", a=[MAIL], b=[])]
    whole = measure_agreement(pairs).labels[-1]
    assert (whole.both, whole.only_a) == (1, 1)


SPANS = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda s: (s[0], s[0] + s[1]))
TERMS = ("personal_data pd:Name", "personal_data pd:Contact", "personal_data pd:EmailAddress",
         "purpose dpv:Marketing")  # fmt: skip


@st.composite
def some(draw: st.DrawFn) -> list[Annotation]:
    found = []
    for start, end in draw(st.lists(SPANS, max_size=6)):
        kind, term = draw(st.sampled_from(TERMS)).split()
        polarity = draw(st.sampled_from(["affirmed", "denied"]))
        found.append(
            Annotation(start=start, end=end, quote="", kind=kind, term=term, segment="",
                       source="", polarity=polarity)
        )  # fmt: skip
    return found


@given(some())
def test_whoever_is_held_against_himself_agrees(annotations: list[Annotation]) -> None:
    made = agreement(annotations, annotations[::-1], length=60)
    assert not made.only_a
    assert not made.only_b
    for one in made.labels:
        assert one.only_a == one.only_b == 0
        assert {one.strict.f1, one.near.f1} == ({1.0} if one.both else {None})
        assert one.kappa in (1.0, None)
        assert (one.kappa is None) == (one.kind == "ALL" or one.term != "")


@given(some(), some())
def test_the_sides_mirror_each_other(a: list[Annotation], b: list[Annotation]) -> None:
    one, other = agreement(a, b, length=60), agreement(b, a, length=60)
    for left, right in zip(one.labels, other.labels, strict=True):
        assert (left.only_a, left.only_b) == (right.only_b, right.only_a)
        assert left.strict.precision == right.strict.recall
        assert left.near.recall == right.near.precision
        assert left.kappa == right.kappa
        assert (left.near.f1 or 0) >= (left.strict.f1 or 0)


# The command


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "policy.txt").write_text(TEXT, "utf-8")
    people = [msgspec.structs.replace(NAME, by=("Ann", "Ben")),
              msgspec.structs.replace(MAIL, by=("Ben",))]  # fmt: skip
    (tmp_path / "people.jsonl").write_text(format_lines(people), "utf-8")
    (tmp_path / "sanitized_policies").mkdir()
    (tmp_path / "annotations").mkdir()
    (tmp_path / "sanitized_policies" / "1.html").write_text(PAGE, "utf-8")
    with (tmp_path / "annotations" / "1.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(ROWS)
    return tmp_path


def test_our_reading_against_people(command: Run, files: Path) -> None:
    done = command("compare-annotations", "policy.txt", "people.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    labels = {(one["kind"], one["term"]): one for one in json.loads(done.stdout)["labels"]}
    assert labels["personal_data", ""]["strict"]["f1"] == 1.0
    assert labels["personal_data", ""]["kappa"] == 1.0
    assert labels["processing", "dpv:Share"]["only_a"] == 1
    table = command("compare-annotations", "policy.txt", "people.jsonl").stdout
    assert "  pd:EmailAddress" in table
    assert table.splitlines()[-1].startswith("ALL")


def test_the_quotes_of_a_side(command: Run, files: Path) -> None:
    def shown(side: str) -> list[list[str]]:
        done = command("compare-annotations", "policy.txt", "people.jsonl", "--show", side)
        return [line.split("\t") for line in done.stdout.splitlines()]

    assert [line[-1] for line in shown("both")] == ["your name", "your e-mail address"]
    assert ["policy.txt:25-30", "processing", "dpv:Share", "share"] in shown("a")
    assert shown("b") == []


def test_people_of_one_file(command: Run, files: Path) -> None:
    by = ("--by-a", "Ann", "--by-b", "Ben")
    words = ("compare-annotations", "people.jsonl", "people.jsonl", *by)
    done = command(*words, "--json")
    assert "no kappa without the text: give it with --policy" in done.stderr
    whole = json.loads(done.stdout)["labels"][-1]
    assert (whole["both"], whole["only_a"], whole["only_b"]) == (1, 0, 1)
    done = command(*words, "--policy", "policy.txt", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["labels"][0]["kappa"] is not None


def test_people_of_a_schemes_file(command: Run, files: Path) -> None:
    words = ("compare-annotations", "annotations/1.csv", "annotations/1.csv", "--scheme", "opp-115")
    done = command(*words, "--by-a", "121", "--by-b", "118", "--json")
    assert done.returncode == 0, done.stderr
    labels = {(one["kind"], one["term"]): one for one in json.loads(done.stdout)["labels"]}
    assert labels["personal_data", ""]["strict"]["f1"] == 1.0
    assert labels["ALL", ""]["only_a"] == 0
    done = command(*words, "--by-b", "119")
    assert done.returncode == 2
    assert "119: nobody of this name annotated it; use one of 118, 121" in done.stderr


def test_words_that_moved_are_found_again(command: Run, files: Path) -> None:
    (files / "longer.txt").write_text(f"Our privacy policy.\n\n{TEXT}", "utf-8")
    done = command("compare-annotations", "longer.txt", "people.jsonl", "--json")
    assert "2 quotes stand elsewhere in the text" in done.stderr
    data = json.loads(done.stdout)["labels"][0]
    assert (data["kind"], data["strict"]["f1"]) == ("personal_data", 1.0)
    (files / "half.txt").write_text("We collect your name and share your mail.", "utf-8")
    done = command("compare-annotations", "half.txt", "people.jsonl")
    assert done.returncode == 0
    assert "warning: not in the text: 'your e-mail address'" in done.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("other.txt", "people.jsonl"), "people.jsonl: 2 of 2 quotes are not in the text"),
        (("people.jsonl", "moved.jsonl"), "the texts differ: 11 to 20 is 'their data', and"),
        (("policy.txt", "gone.jsonl"), "gone.jsonl: cannot be read"),
        (("policy.txt", "other.txt", "--by-b", "Ann"), "in which nobody annotated anything"),
        (("people.jsonl", "people.jsonl", "--by-a", "Zoe"), "nobody called 'Zoe' annotated it"),
        (("policy.txt", "broken.jsonl"), "broken.jsonl:1: "),
        (("policy.txt", "policy.txt", "--scheme-b", "none"), "nobody reads this scheme"),
    ],
)
def test_what_cannot_be_compared(
    command: Run, files: Path, words: tuple[str, ...], found: str
) -> None:
    (files / "other.txt").write_text("Tea is served at four. We share nothing.", "utf-8")
    (files / "broken.jsonl").write_text('{"start": 1}\n', "utf-8")
    moved = msgspec.structs.replace(NAME, quote="their data")
    (files / "moved.jsonl").write_text(format_lines([moved]), "utf-8")
    done = command("compare-annotations", *words)
    assert done.returncode == 2, done.stdout
    assert found in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["eu-shop.html", "us-app.md"])
def test_a_policy_against_its_own_annotations(command: Run, tmp_path: Path, name: str) -> None:
    path = ROOT / "examples" / name
    (tmp_path / "own.jsonl").write_text(format_lines(convert(path).annotations), "utf-8")
    done = command("compare-annotations", path, "own.jsonl", "--json")
    assert done.stderr == ""
    for one in json.loads(done.stdout)["labels"]:
        assert one["strict"]["f1"] == one["near"]["f1"] == 1.0
        assert one["kappa"] in (1.0, None)


def test_two_people_are_compared_in_the_tool_where_they_corrected(
    command: Run, tmp_path: Path
) -> None:
    def said(who: str, label: str) -> dict[str, object]:
        value = {"start": 11, "end": 20, "text": "your name", "labels": [label]}
        region = {"id": "a", "type": "labels", "from_name": "label", "value": value}
        return {"completed_by": {"email": who}, "result": [region]}

    people = [said("anna", "personal_data pd:Name"), said("ben", "personal_data pd:Age")]
    task = {"data": {"text": "We collect your name."}, "annotations": people}
    (tmp_path / "t.json").write_text(json.dumps([task]))
    words = ("compare-annotations", "t.json", "t.json", "--scheme", "label-studio", "--json")
    equal = command(*words, "--by-a", "anna", "--by-b", "anna")
    other = command(*words, "--by-a", "anna", "--by-b", "ben")
    assert (equal.returncode, other.returncode) == (0, 0), equal.stderr + other.stderr
    assert equal.stdout != other.stdout
    nobody = command(*words, "--by-a", "zoe", "--by-b", "ben")
    assert nobody.returncode == 2
    assert "no text of an annotator 'zoe'; there are t-anna, t-ben" in nobody.stderr
