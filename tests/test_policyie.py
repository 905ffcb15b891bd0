"""PolicyIE's lines become clauses and marks on one text, and a graph by its table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import load_lexicon
from policy2dpv.errors import ReadError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.schemes.apply import Mapped, map_policy
from policy2dpv.schemes.mapping import load_scheme
from policy2dpv.schemes.policyie import find_spans, read_policyie
from tests.conftest import ROOT, Run

CORPUS = ROOT.parent / "shared" / "corpora" / "policyie"
INTENTS = "intent_classification_test.jsonl"
FIRST, SECOND = "type_I_slot_filling_test.jsonl", "type_II_slot_filling_test.jsonl"
SENTENCES = (  # intent, and each token with its tag of type I and of type II
    ("data-collection-usage",
     "We/B-data-collector.first-party-entity/O do/O/O not/O/B-polarity.negation collect/B-action/O "
     "your/B-data-provider.user/O name/B-data-collected.data-contact/O "
     "to/O/O send/O/B-purpose-argument.advertising-marketing "
     "adverts/O/I-purpose-argument.advertising-marketing ./O/O"),
    ("data-storage-retention-deletion",
     "Partners/B-data-holder.third-party-entity/O keep/B-action/O "
     "data/B-data-retained.data-general/O "
     "for/O/O 2/B-retention-period.retention-period/O years/I-retention-period.retention-period/O "
     "if/O/O you/O/B-condition-argument.condition agree/O/I-condition-argument.condition ./O/O"),
    ("Other", "Café/O/O news/O/O"),
)  # fmt: skip


def write_lines(path: Path, lines: list[dict[str, object]]) -> None:
    """Write JSON lines as the corpus has them."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small part in the corpus's form."""
    intents, first, second = [], [], []
    for intent, sentence in SENTENCES:
        tokens, one, two = zip(*(word.split("/") for word in sentence.split()), strict=True)
        intents.append({"sentence": " ".join(tokens), "label": intent})
        first.append({"tokens": tokens, "labels": one})
        second.append({"tokens": tokens, "labels": two})
    for name, lines in ((INTENTS, intents), (FIRST, first), (SECOND, second)):
        write_lines(tmp_path / name, lines)
    return tmp_path


def map_all(path: Path) -> Mapped:
    """The one part at a path, mapped."""
    [policy] = read_policyie(path)
    return map_policy(policy, load_scheme("policyie"), load_lexicon("en"))


@pytest.mark.parametrize("name", ["", INTENTS, FIRST, SECOND])
def test_any_file_of_a_part_finds_the_others(folder: Path, name: str) -> None:
    [policy] = read_policyie(folder / name)
    assert policy.name == "policyie-test"
    assert policy.document.text.splitlines()[2] == "Café news"
    assert [clause.category for clause in policy.clauses] == [one for one, _ in SENTENCES]
    text = policy.document.text
    marked = {mark.value: text[slice(*mark.span)] for clause in policy.clauses
              for mark in clause.marks if mark.span}  # fmt: skip
    assert marked["data-contact"] == "name"
    assert marked["retention-period"] == "2 years"
    assert marked["advertising-marketing"] == "send adverts"


def test_marks_become_statements(folder: Path) -> None:
    mapped = map_all(folder)
    denied, kept = mapped.conversion.statements
    assert (denied.polarity, [a.term for a in denied.data]) == ("denied", ["pd:Name"])
    assert [a.term for a in denied.processing] == ["dpv:Collect"]
    assert kept.actor == "third_party"
    assert [a.value for a in kept.durations] == ["P2Y"]
    assert kept.condition
    assert mapped.conversion.document.text[slice(*kept.condition)] == "you agree"
    assert not mapped.unmapped
    assert not mapped.lost
    assert mapped.excused["unselected", "Other"] == 1


def test_a_span_without_its_begin_is_listed_and_read(folder: Path, command: Run) -> None:
    text = (folder / FIRST).read_text("utf-8").replace('"B-data-contact', '"I-data-contact')
    text = text.replace("B-data-collected.data-contact", "I-data-collected.data-contact")
    (folder / FIRST).write_text(text, "utf-8")
    done = command("map", folder / FIRST, "--scheme", "policyie", "-o", "-")
    assert done.returncode == 1
    assert f"{FIRST}:1: I-data-collected.data-contact begins a span" in done.stderr
    assert "pd#Name" in done.stdout or "pd:Name" in done.stdout


def test_a_clean_part_exits_with_0(folder: Path, command: Run) -> None:
    done = command("map", folder, "--scheme", "policyie", "-o", "-", "--format", "turtle")
    assert (done.returncode, "dpv:hasProhibition" in done.stdout) == (0, True)
    assert "warning" not in done.stderr


def test_the_files_of_a_part_make_one_graph(folder: Path, command: Run) -> None:
    files = sorted(folder.glob("*.jsonl"))
    assert len(files) == 3
    done = command("map", *files, "--scheme", "policyie", "-o", folder / "out/", "-q")
    assert done.returncode == 0, done.stderr
    assert len(list((folder / "out").iterdir())) == 1


def test_an_unknown_label_is_listed(folder: Path, command: Run) -> None:
    text = (folder / SECOND).read_text("utf-8")
    (folder / SECOND).write_text(text.replace("polarity.negation", "polarity.doubt"), "utf-8")
    done = command("map", folder, "--scheme", "policyie", "-o", "-")
    assert done.returncode == 1
    assert "no row maps 'data-collection-usage > polarity > doubt' (1 times)" in done.stderr


DAMAGES = {
    "no JSON": (FIRST, 0, "{tokens", f"{FIRST}:1"),
    "no labels": (FIRST, 1, '{"tokens": ["a"]}', "`labels`"),
    "an unknown key": (SECOND, 1, '{"tokens": ["a"], "labels": ["O"], "x": 1}', "unknown field"),
    "too few labels": (FIRST, 2, '{"tokens": ["Café", "news"], "labels": ["O"]}',
                       f"{FIRST}:3: 2 tokens with 1 labels"),
    "no tag": (FIRST, 2, '{"tokens": ["Café", "news"], "labels": ["O", "X-a"]}', "'X-a' is no tag"),
    "another type": (INTENTS, 0, '["a"]', f"{INTENTS}:1"),
    "other words": (FIRST, 2, '{"tokens": ["Tea", "news"], "labels": ["O", "O"]}',
                    f"{FIRST}:3: other tokens than the intents' sentence"),
    "a token with a break": (FIRST, 2, '{"tokens": ["Caf\\né", "news"], "labels": ["O", "O"]}',
                             "holds white space"),
    "no tokens": (FIRST, 2, '{"tokens": [], "labels": []}', "no tokens"),
    "an empty line": (FIRST, 2, "", f"{FIRST}:3"),
    "deep nesting": (FIRST, 2, '{"tokens": ' + "[" * 100_000, f"{FIRST}:3"),
    "a lone surrogate": (FIRST, 2, '{"tokens": ["\\ud800", "news"], "labels": ["O", "O"]}',
                         f"{FIRST}:3"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_line_is_named(folder: Path, damage: str) -> None:
    name, number, line, expected = DAMAGES[damage]
    lines = (folder / name).read_text("utf-8").splitlines()
    lines[number] = line
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(ReadError) as caught:
        list(read_policyie(folder))
    assert expected in str(caught.value)


def test_files_that_do_not_run_in_parallel_are_refused(folder: Path) -> None:
    lines = (folder / SECOND).read_text("utf-8").splitlines()
    (folder / SECOND).write_text("\n".join(lines[:2]) + "\n", "utf-8")
    with pytest.raises(ReadError, match=r"test\.jsonl:3: 2 lines where the intents have 3"):
        list(read_policyie(folder))


def test_missing_and_misnamed_files_are_refused(folder: Path, command: Run) -> None:
    (folder / SECOND).unlink()
    (folder / "notes.txt").write_text("x")
    (folder / "none").mkdir()
    for name, found in ((FIRST, SECOND), ("notes.txt", "name"), ("none", "no file")):
        done = command("map", folder / name, "--scheme", "policyie", "-o", "-")
        assert (done.returncode, done.stdout) == (2, "")
        assert found in done.stderr
        assert "Traceback" not in done.stderr
    (folder / INTENTS).write_text("")
    with pytest.raises(ReadError, match="the file is empty"):
        list(read_policyie(folder / FIRST))
    with pytest.raises(ReadError, match="leave out --page"):
        list(read_policyie(folder / FIRST, folder / "notes.txt"))


@given(st.lists(st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])))
def test_spans_cover_the_tagged_tokens_once(tags: list[str]) -> None:
    spans = list(find_spans(tags))
    covered = [at for _, (start, end), _ in spans for at in range(start, end)]
    assert covered == [at for at, tag in enumerate(tags) if tag != "O"]
    for label, (start, end), odd in spans:
        assert {tag[2:] for tag in tags[start:end]} == {label}
        assert (tags[start][0] == "I") is odd


def test_each_label_is_mapped_or_excused() -> None:
    table = load_scheme("policyie")
    rows = read_table(ROOT / "mappings" / "schemes" / "policyie.labels.tsv")
    assert [row["label"] for row in rows if not table.rows_of(row["label"])] == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus under {CORPUS}")
def test_the_corpus_becomes_valid_dpv() -> None:
    vocabulary = load_vocabulary()
    mapped = map_all(CORPUS / "intent_classification_valid.jsonl")
    assert not mapped.unmapped
    assert not mapped.lost
    assert len(mapped.conversion.statements) == 41
    iris = {str(node) for triple in mapped.conversion.graph for node in triple}
    assert [iri for iri in sorted(iris) if vocabulary.is_dpv(iri)
            and not vocabulary.has(vocabulary.curie(iri))] == []  # fmt: skip
