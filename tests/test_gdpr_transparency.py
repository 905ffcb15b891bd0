"""GDPR-Transparency's passages become one text, their annotations clauses, and a graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policy2dpv import load_lexicon
from policy2dpv.errors import ReadError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.schemes.apply import Mapped, map_policy
from policy2dpv.schemes.gdpr_transparency import read_gdpr_transparency
from policy2dpv.schemes.mapping import load_scheme
from tests.conftest import ROOT, Run

SCHEME = "gdpr-transparency"
CORPUS = ROOT.parent / "shared" / "corpora" / SCHEME


def told(requirement: str, value: str, *, performed: bool = True) -> dict[str, Any]:
    """An annotation in the corpus's form."""
    return {"requirement": requirement, "value": value, "performed": performed}


def passage(kind: str, text: str, above: str = "", *annotations: dict[str, Any]) -> dict[str, Any]:
    """A passage in the corpus's form; `above` has its context as TYPE=TEXT, with bars between."""
    pairs = [one.split("=") for one in above.split("|") if one]
    context = [{"text": words, "type": sort} for sort, words in pairs]
    return {"type": kind, "context": context, "passage": text, "annotations": list(annotations)}


TOP, DATA = "h1=Privacy policy of Acme", "h1=Privacy policy of Acme|h2=Your data"
LIST = DATA + "|list_intro=We collect:"
TABLE = DATA + "|table_column_header=Lawful basis"
POLICY = [
    passage("headline", "Privacy policy of Acme"),
    passage("text", "Acme Ltd. answers at privacy@acme.example.", TOP,
            told("Controller Name", "Acme Ltd."),
            told("Controller Contact", "privacy@acme.example")),
    passage("headline", "Your data", TOP),
    passage("text", "We collect:", DATA),
    passage("list_item", "your name & age", LIST, told("Data Categories", "your name")),
    passage("list_item", "your firm’s e-mail address", LIST,
            told("Data Categories", "Your firm's e-mail address")),
    passage("text", "We use data to improve and provide the service, but never to sell it.", DATA,
            told("Processing Purpose", "improve [...] the service"),
            told("Processing Purpose", "sell it", performed=False)),
    passage("table_cell", "Consent", TABLE, told("Legal Basis for Processing", "Consent")),
    passage("table_cell", "Contract", TABLE),
    passage("text", "You may access your data, which we keep for two years.", DATA,
            told("Right to Access", "access your data"),
            told("Data Retention Period", "two years")),
]  # fmt: skip


def write_policy(path: Path, passages: object) -> Path:
    """Write a policy's file."""
    path.write_text(json.dumps(passages), "utf-8")
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A small policy in the corpus's form."""
    return write_policy(tmp_path / "com.acme.json", POLICY)


def map_one(path: Path) -> Mapped:
    """The one policy of a file, mapped."""
    [found] = read_gdpr_transparency(path)
    return map_policy(found, load_scheme(SCHEME), load_lexicon("en"))


def test_the_text_has_each_heading_once(policy: Path) -> None:
    [found] = read_gdpr_transparency(policy)
    text = found.document.text
    blocks = [(b.kind, text[b.words_start : b.end]) for b in found.document.blocks]
    headings = [words for kind, words in blocks if kind == "heading"]
    assert headings == ["Privacy policy of Acme", "Your data"]
    assert [words for kind, words in blocks if kind == "list_item"] == [
        "your name & age", "your firm’s e-mail address"]  # fmt: skip
    assert [text.count(words) for words in ("We collect:", "Lawful basis", "Contract")] == [1] * 3
    assert found.lost == []


def test_values_mark_their_words(policy: Path) -> None:
    [found] = read_gdpr_transparency(policy)
    text = found.document.text
    marks = [(m.value, text[slice(*m.span)]) for c in found.clauses for m in c.marks if m.span]
    assert ("Data Categories", "your firm’s e-mail address") in marks
    assert ("Processing Purpose", "improve and provide the service") in marks
    assert ("Legal Basis for Processing", "Consent") in marks


def test_annotations_become_statements(policy: Path) -> None:
    mapped = map_one(policy)
    said = mapped.conversion.statements
    assert [s.controllers[0].name for s in said if s.controllers] == ["Acme Ltd."]
    assert [a.value for s in said for a in s.contacts] == ["mailto:privacy@acme.example"]
    assert [a.term for s in said for a in s.data] == ["pd:Name", "pd:EmailAddress"]
    assert [a.value for s in said for a in s.durations] == ["P2Y"]
    assert [a.term for s in said for a in s.rights] == ["eu-gdpr:A15"]
    assert [a.quote for s in said if s.polarity == "denied" for a in s.purposes] == ["sell it"]
    assert not mapped.lost
    assert not mapped.unmapped


def test_words_that_are_not_there_are_listed(tmp_path: Path, command: Run) -> None:
    one = passage("text", "We share data with partners.", "", told("Data Recipients", "agencies"))
    mapped = map_one(write_policy(tmp_path / "a.json", [one]))
    assert [lost.quote for lost in mapped.lost] == ["agencies"]
    assert [s.evidence for s in mapped.conversion.statements] == [((0, 28),)]
    done = command("map", tmp_path / "a.json", "--scheme", SCHEME, "-o", "-")
    assert done.returncode == 1
    assert "a.json[0]: Data Recipients marks words that are not in the passage" in done.stderr


def test_a_contact_without_one_is_counted(tmp_path: Path) -> None:
    one = passage("text", "Please contact us.", "", told("Controller Contact", "contact us"))
    mapped = map_one(write_policy(tmp_path / "a.json", [one]))
    assert mapped.excused == {("no-value", "Controller Contact"): 1}
    assert mapped.conversion.statements == []


def test_a_folder_lists_the_warnings_of_each_policy(tmp_path: Path, command: Run) -> None:
    for name in "ab":
        one = passage("text", "We share your data.", "", told("Data Recipients", f"firm {name}"))
        write_policy(tmp_path / f"{name}.json", [one])
    done = command("map", tmp_path, "--scheme", SCHEME, "-o", tmp_path / "out/", "-q")
    assert done.returncode == 1
    assert "a: warning" in done.stderr
    assert "b: warning" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.jsonld", "b.jsonld"]


def test_the_clean_policy_exits_with_0(policy: Path, command: Run) -> None:
    words = ("map", policy, "--scheme", SCHEME, "-o", "-", "--format", "turtle")
    done, again = command(*words), command(*words)
    assert (done.returncode, done.stdout) == (0, again.stdout)
    assert "dpv:hasProhibition" in done.stdout


DAMAGES = {
    "no JSON": ("[{", "truncated"),
    "an empty file": (" \n", "the file is empty"),
    "no passages": ("[]", "no passages in it"),
    "another top": ('{"type": "text"}', "Expected `array`"),
    "a missing key": ('[{"type": "text", "context": [], "passage": "x"}]', "`annotations`"),
    "an unknown key": ('[{"type": "text", "context": [], "passage": "x", "annotations": [],'
                       ' "z": 1}]', "unknown field `z`"),
    "another type": ('[{"type": "text", "context": [], "passage": 7, "annotations": []}]',
                     "Expected `str`"),
    "deep nesting": ("[" * 100_000, "com.acme.json"),
    "only white space": ('[{"type": "text", "context": [], "passage": " ", "annotations": []}]',
                         "no passages in it"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named(policy: Path, damage: str) -> None:
    content, expected = DAMAGES[damage]
    policy.write_text(content, "utf-8")
    with pytest.raises(ReadError) as caught:
        list(read_gdpr_transparency(policy))
    assert expected in str(caught.value)
    assert str(policy) in str(caught.value)


def test_wrong_use_is_explained(policy: Path, tmp_path: Path, command: Run) -> None:
    (tmp_path / "none").mkdir()
    for words in ((tmp_path / "none",), (tmp_path / "gone.json",), (policy, "--page", policy)):
        done = command("map", *words, "--scheme", SCHEME, "-o", "-")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr
        assert "Traceback" not in done.stderr


def test_markup_in_a_passage_is_text(tmp_path: Path) -> None:
    words = "Your <b>name</b> &amp; <script>age</script> are kept."
    one = passage("text", words, "", told("Data Categories", "<b>name</b>"))
    [found] = read_gdpr_transparency(write_policy(tmp_path / "a.json", [one]))
    assert found.document.text.strip() == words
    assert found.lost == []


def test_each_label_is_mapped_or_excused() -> None:
    table = load_scheme(SCHEME)
    rows = read_table(ROOT / "mappings" / "schemes" / f"{SCHEME}.labels.tsv")
    assert [row["label"] for row in rows if not table.rows_of(row["label"])] == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus under {CORPUS}")
def test_the_corpus_becomes_valid_dpv() -> None:
    vocabulary = load_vocabulary()
    marks = lost = 0
    iris: set[str] = set()
    for found in read_gdpr_transparency(CORPUS):
        mapped = map_policy(found, load_scheme(SCHEME), load_lexicon("en"))
        assert not mapped.unmapped
        marks += sum(bool(m.value and not m.attribute) for c in found.clauses for m in c.marks)
        lost += len(found.lost)
        iris |= {str(node) for triple in mapped.conversion.graph for node in triple}
    assert (marks, lost) == (4817, 120)
    assert [iri for iri in sorted(iris) if vocabulary.is_dpv(iri)
            and not vocabulary.has(vocabulary.curie(iri))] == []  # fmt: skip
