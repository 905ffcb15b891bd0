"""OPP-115 as released: what its files mean, what is wrong with bad ones, and its five policies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT, Run
from opp115_samples import CATEGORIES, FIRST, PRACTICES, SEGMENTS, as_csv, corpus, row

from policy2dpv import load_lexicon, load_vocabulary
from policy2dpv.data import data_folder
from policy2dpv.errors import ReadError
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.knowledge.rows import read_table
from policy2dpv.schemes.anchor import squeeze
from policy2dpv.schemes.apply import Mapped, map_policy
from policy2dpv.schemes.mapping import load_scheme
from policy2dpv.schemes.marks import MarkedPolicy
from policy2dpv.schemes.opp115 import opp115_labels, read_opp115

SHARED = ROOT.parent / "shared" / "corpora" / "opp115-raw"
FILES = sorted(SHARED.glob("annotations/*.csv")) + sorted(SHARED.glob("consolidated/*.csv"))
IN_ALL = 10
needs_shared = pytest.mark.skipif(not FILES, reason=f"no policies under {SHARED}")
if not FILES:
    warnings.warn(f"no policies under {SHARED}: OPP-115 itself is not tested", stacklevel=1)
IDS = [f"{path.parent.name}-{path.stem}" for path in FILES]
DPV = "https://w3id.org/dpv#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def mapped(path: Path) -> tuple[MarkedPolicy, Mapped]:
    [policy] = read_opp115(path)
    return policy, map_policy(policy, load_scheme("opp-115"), load_lexicon("en"))


@cache
def of_shared(path: Path) -> tuple[MarkedPolicy, Mapped]:
    return mapped(path)


# -- reading ---------------------------------------------------------------------------------


def test_marks_are_found_in_the_text_whatever_tags_and_spaces_they_have(tmp_path: Path) -> None:
    [policy] = read_opp115(corpus(tmp_path))
    text = policy.document.text
    found = {
        (clause.id, mark.attribute): text[slice(*mark.span)]
        for clause in policy.clauses for mark in clause.marks if mark.span
    }  # fmt: skip
    assert policy.lost == []
    assert found["2", "Personal Information Type"].split() == ["e-mail", "address"]
    assert found["3", "Personal Information Type"] == "date of birth"
    assert found["13", "Do Not Track policy"] == "do not respond to Do Not Track signals"
    marks = sum(bool(words) for *_, told in PRACTICES for _, words in told.values())
    assert len(found) == marks


def test_a_clause_is_its_segment(tmp_path: Path) -> None:
    [policy] = read_opp115(corpus(tmp_path))
    clause = next(clause for clause in policy.clauses if clause.id == "4")
    said = policy.document.text[slice(*clause.span)]
    assert said == "We do not collect your location & never track you."
    assert (clause.category, clause.annotator) == (FIRST, "77")


def test_equal_words_are_told_apart_by_where_they_stand(tmp_path: Path) -> None:
    rows = [row("1", 3, FIRST, {"Purpose": ("Advertising", "advertising")})]
    later = json.loads(rows[0][6])
    later["Purpose"]["startIndexInSegment"] = SEGMENTS[3].rindex("advertising")
    rows.append([*rows[0][:6], json.dumps(later)])
    [policy] = read_opp115(corpus(tmp_path, as_csv(rows)))
    first, second = (clause.marks[0].span for clause in policy.clauses)
    assert first is not None
    assert second is not None
    assert first < second


def test_words_that_the_segment_lacks_are_lost_and_told(tmp_path: Path) -> None:
    broken = row("1", 3, FIRST, {"Purpose": ("Advertising", "advertising")})
    broken[6] = broken[6].replace('"advertising"', '"fishing"')
    [policy] = read_opp115(corpus(tmp_path, as_csv([broken])))
    expected = "lumen.example.csv:1: Purpose marks words that are not in segment 3: 'fishing'"
    assert [str(lost) for lost in policy.lost] == [expected]
    assert policy.clauses[0].marks[0].span is None


def test_a_broken_offset_loses_no_words_and_a_byte_order_mark_names_no_practice(
    tmp_path: Path,
) -> None:
    broken = row("1", 3, FIRST, {"Purpose": ("Advertising", "advertising")})
    whole = dict(json.loads(broken[6]))
    whole["Purpose"]["startIndexInSegment"] *= -1
    broken[6] = json.dumps(whole)
    [policy] = read_opp115(corpus(tmp_path, "\ufeff" + as_csv([broken])))
    [clause] = policy.clauses
    assert clause.id == "1"
    assert clause.marks[0].span is not None
    start, end = clause.marks[0].span
    assert policy.document.text[start:end] == "advertising"


def test_an_offset_beyond_its_segment_is_told(command: Run, tmp_path: Path) -> None:
    broken = row("1", 3, FIRST, {"Purpose": ("Advertising", "advertising")})
    whole = dict(json.loads(broken[6]))
    whole["Purpose"]["endIndexInSegment"] = 99_999
    broken[6] = json.dumps(whole)
    path = corpus(tmp_path, as_csv([broken]))
    [policy] = read_opp115(path)
    assert policy.clauses[0].marks[0].span is not None
    done = command("map", path, "--scheme", "opp-115", "-o", tmp_path / "a.nq", "-q")
    assert "Purpose ends at 99999 of a segment with" in done.stderr


def test_a_practice_that_stands_twice_is_read_once_and_ids_stay_unique(tmp_path: Path) -> None:
    one, other = row("1", 3, FIRST, {}), row("1", 4, FIRST, {})
    [policy] = read_opp115(corpus(tmp_path, as_csv([one, other, one])))
    assert [clause.id for clause in policy.clauses] == ["1", "1-2"]


GOOD = row("1", 3, FIRST, {"Purpose": ("Advertising", "advertising")})


def _with(column: int, cell: str) -> str:
    return as_csv([[*GOOD[:column], cell, *GOOD[column + 1 :]]])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "lumen.example.csv: the file is empty; "),
        ("\n\n", "the file is empty"),
        (as_csv([GOOD[:6]]), "lumen.example.csv:1: 6 columns where OPP-115 has at least 7"),
        (as_csv([GOOD, GOOD[:2]]), "lumen.example.csv:2: 2 columns"),
        (_with(6, '{"Purpose": '), "lumen.example.csv:1: attributes are no JSON"),
        (_with(6, '["Purpose"]'), "attributes are no JSON"),
        (_with(6, '{"Purpose": {"selectedText": "x"}}'), "attributes are no JSON"),
        (_with(6, "[" * 100_000), "attributes are no JSON"),
        (_with(4, "11"), "segment '11' of a page with 11 segments; give the sanitized page"),
        (_with(4, "-1"), "segment '-1' of a page with 11 segments"),
        (_with(4, "²"), "segment '²' of a page"),
        (_with(4, "9" * 5000), "of a page with 11 segments"),
        (_with(6, "x" * 200_000), "no CSV: field larger than field limit"),
    ],
)
def test_a_broken_file_is_explained(tmp_path: Path, content: str, found: str) -> None:
    path = corpus(tmp_path, content)
    with pytest.raises(ReadError) as caught:
        list(read_opp115(path))
    assert found in str(caught.value)
    assert caught.value.advice


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = corpus(tmp_path)
    (tmp_path / "sanitized_policies" / "lumen.example.html").unlink()
    with pytest.raises(ReadError, match=r"lumen.example.html: cannot be read"):
        list(read_opp115(path))
    with pytest.raises(ReadError, match=r"nowhere.csv: cannot be read"):
        list(read_opp115(tmp_path / "nowhere.csv"))


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = corpus(tmp_path)
    path.write_bytes(b"1,\xff\n")
    with pytest.raises(ReadError, match="not UTF-8 text"):
        list(read_opp115(path))


# -- the definition --------------------------------------------------------------------------


def test_labels_are_categories_and_values_and_what_stands_for_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "categories.xml"
    path.write_text(CATEGORIES, "utf-8")
    colours = [f"Lamps > Colour > {value}" for value in ("Blue", "Red", "not-selected")]
    assert opp115_labels(path) == ["Lamps", *colours]


BOMB = """<!DOCTYPE x [<!ENTITY a "lol">{}]><categories><category><name>&{};</name>
</category></categories>"""


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<categories>",
        "<categories/>",
        '{"no": "xml"}',
        BOMB.format("".join(f'<!ENTITY {n} "{f"&{o};" * 10}">' for o, n in
                            zip("abcdefghi", "bcdefghij", strict=True)), "j"),
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        "<categories><category><name>&f;</name></category></categories>",
    ],
)  # fmt: skip
def test_broken_and_hostile_definitions_are_errors(tmp_path: Path, content: str) -> None:
    path = tmp_path / "categories.xml"
    path.write_text(content, "utf-8")
    with pytest.raises(ReadError) as caught:
        opp115_labels(path)
    assert "categories.xml" in str(caught.value)


@pytest.mark.skipif(not (SHARED / "categories.xml").is_file(), reason=f"no {SHARED}")
def test_our_list_of_labels_is_that_of_the_release() -> None:
    table = data_folder("mappings") / "schemes" / "opp-115.labels.tsv"
    assert [r["label"] for r in read_table(table)] == opp115_labels(SHARED / "categories.xml")


# -- what it means ---------------------------------------------------------------------------


def test_what_the_sample_says_in_dpv(tmp_path: Path) -> None:
    _, made = mapped(corpus(tmp_path))
    assert not made.unmapped
    said = {}
    for one in made.conversion.statements:
        fields = ("processing", "data", "subjects", "purposes", "recipients", "rights", "durations",
                  "measures", "contacts", "technologies", "sources")  # fmt: skip
        terms = {a.term for field in fields for a in getattr(one, field)}
        key = (one.segment, one.kind, one.polarity, one.actor)
        said[key] = said.get(key, frozenset()) | terms
    assert said == {
        ("2", "practice", "affirmed", "first_party"): {
            "dpv:Collect", "pd:EmailAddress", "dpv:ProvidedPersonalData", "dpv:User",
            "dpv:Advertising", "dpv:DataSubjectDataSource",
        },
        ("3", "practice", "affirmed", "first_party"): {"dpv:Processing", "pd:BirthDate"},
        ("4", "practice", "denied", "first_party"): {"dpv:Collect", "pd:Location"},
        ("5", "practice", "affirmed", "first_party"): {
            "dpv:Share", "pd:EmailAddress", "dpv:Advertising", "dpv:ThirdParty",
        },
        ("6", "practice", "affirmed", "third_party"): {
            "dpv:TrackingByThirdParty", "pd:Tracking", "tech:Cookie", "dpv:Advertising",
            "dpv:ThirdParty",
        },
        ("7", "notice", "affirmed", "first_party"): {"dpv:OptingOutFromProcess", "dpv:hasContact"},
        ("7", "practice", "affirmed", "first_party"): {"dpv:Use", "dpv:DirectMarketing"},
        ("8", "notice", "affirmed", "user"): {"eu-gdpr:A16"},
        ("8", "practice", "affirmed", "user"): {"dpv:Modify", "pd:Profile"},
        ("9", "practice", "affirmed", "first_party"): {
            "dpv:Store", "pd:Tracking", "dpv:TemporalDuration",
        },
        ("10", "practice", "affirmed", "first_party"): {"dpv:EncryptionInTransfer"},
        ("11", "notice", "affirmed", "first_party"): {"dpv:Child"},
        ("13", "notice", "affirmed", "first_party"): {"dpv:CannotOptOutFromProcess"},
    }  # fmt: skip


def test_a_named_party_a_period_and_an_address_are_read_from_the_words(tmp_path: Path) -> None:
    _, made = mapped(corpus(tmp_path))
    found = {(a.segment, a.kind): (a.name, a.value) for a in made.conversion.annotations}
    assert found["5", "recipient"] == ("Facebook", None)
    assert found["9", "storage_duration"] == (None, "P6M")
    assert found["7", "contact"] == (None, "mailto:privacy@lumen.example")


def _triples(graph: PolicyGraph, prop: str) -> list[tuple[str, object]]:
    return [(s, o) for s, p, o in graph.triples if p == f"{DPV}{prop}"]


def test_an_audience_stands_on_the_notice_and_makes_no_process(tmp_path: Path) -> None:
    """Children under 13 may not use the site: nothing says that their data are processed."""
    rows = as_csv(row(*p) for p in PRACTICES if p[0] == "11")
    graph = mapped(corpus(tmp_path, rows))[1].conversion.policy_graph
    [(subject, child)] = _triples(graph, "hasDataSubject")
    assert subject == graph.notice
    assert (child, f"{RDF}type", f"{DPV}Child") in graph.triples
    assert _triples(graph, "hasProcess") == []


def test_what_is_not_done_is_a_prohibition(tmp_path: Path) -> None:
    rows = as_csv(row(*p) for p in PRACTICES if p[0] == "4")
    graph = mapped(corpus(tmp_path, rows))[1].conversion.policy_graph
    assert len(_triples(graph, "hasProhibition")) == 1
    assert _triples(graph, "hasProcess") == []


# -- the command -----------------------------------------------------------------------------


def test_map_writes_a_graph(command: Run, tmp_path: Path) -> None:
    corpus(tmp_path)
    done = command("map", "annotations/lumen.example.csv", "--scheme", "opp-115")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out" / "lumen.example.jsonld").is_file()
    assert "lumen.example -> " in done.stderr


def test_a_file_that_is_named_twice_is_mapped_once(command: Run, tmp_path: Path) -> None:
    path = corpus(tmp_path)
    done = command("map", path, path, "--scheme", "opp-115", "-q", "-o", "made/")
    assert (done.returncode, done.stderr) == (0, "")
    assert [p.name for p in (tmp_path / "made").iterdir()] == ["lumen.example.jsonld"]


def test_annotations_and_consolidation_of_one_policy_are_two_results(
    command: Run, tmp_path: Path
) -> None:
    path = corpus(tmp_path)
    other = tmp_path / "consolidated" / path.name
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    done = command("map", path, other, "--scheme", "opp-115", "-q", "-o", "made")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(p.name for p in (tmp_path / "made").iterdir()) == [
        "annotations-lumen.example.jsonld", "consolidated-lumen.example.jsonld",
    ]  # fmt: skip


def test_labels_without_a_row_and_lost_words_are_warnings(command: Run, tmp_path: Path) -> None:
    strange = row("1", 3, FIRST, {"Purpose": ("Fishing", "advertising"), "Mood": ("Good", "")})
    lost = row("2", 3, FIRST, {"Purpose": ("Advertising", "advertising")})
    lost[6] = lost[6].replace('"advertising"', '"fishing"')
    path = corpus(tmp_path, as_csv([strange, lost]))
    done = command("map", path, "--scheme", "opp-115", "-q")
    assert done.returncode == 1
    assert f"no row maps '{FIRST} > Purpose > Fishing' (1 times)" in done.stderr
    assert f"no row maps '{FIRST} > Mood > Good' (1 times)" in done.stderr
    assert "Purpose marks words that are not in segment 3: 'fishing'" in done.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("no.csv", "--scheme", "opp-115"), "no.csv: cannot be read"),
        (("no.csv", "--scheme", "opp-116"), "nobody reads this scheme"),
        (("no.csv", "--scheme", "opp-115", "--mapping", "own.sssom.tsv"), "cannot be read"),
        (("--scheme", "opp-116", "--report"), "opp-116: there is no table of this scheme"),
        (("--scheme", "opp-115"), "name files of annotations"),
        (("--scheme", "opp-115", "--compare"), "name files of annotations"),
    ],
)
def test_wrong_use_ends_with_2_and_a_reason(
    command: Run, words: tuple[str, ...], found: str
) -> None:
    done = command("map", *words)
    assert done.returncode == 2
    assert found in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_with_an_unknown_term_names_row_and_nearest_term(
    command: Run, tmp_path: Path
) -> None:
    own = tmp_path / "own.sssom.tsv"
    own.write_text("subject_label\tobject_id\tkind\nOther\tdpv:Puprose\tpurpose\n", "utf-8")
    done = command("map", corpus(tmp_path), "--scheme", "opp-115", "--mapping", own)
    assert done.returncode == 2
    assert "own.sssom.tsv:2: dpv:Puprose is not a term of DPV 2.3" in done.stderr
    assert "dpv:Purpose" in done.stderr
    assert not (tmp_path / "out").exists()


def test_report_and_comparison_as_json(command: Run, tmp_path: Path) -> None:
    path = corpus(tmp_path)
    done = command("map", path, "--scheme", "opp-115", "--report", "--compare", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    used = {one["label"]: one["used"] for one in told["report"]["labels"]}
    assert used[FIRST] == 3
    assert used["Data Security > Security Measure > Secure data transfer"] == 1
    assert told["report"]["counts"]["Data Retention"]["durations"] == 1
    assert told["comparison"]["strict"]["storage_duration"]["recall"] == 1
    assert not (tmp_path / "out").exists()


def test_report_and_comparison_as_text(command: Run, tmp_path: Path) -> None:
    path = corpus(tmp_path)
    done = command("map", path, "--scheme", "opp-115", "--report", "--compare")
    assert done.returncode == 0
    assert "used 50 times in 1 policies" in done.stdout.splitlines()[0]
    assert "== lumen.example: our reading against the marks of people" in done.stdout
    assert "  Policy Change > User Choice > Opt-in" in done.stdout


# -- the corpus ------------------------------------------------------------------------------


@needs_shared
def test_all_files_are_there() -> None:
    assert len(FILES) == IN_ALL


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_mark_of_the_corpus_is_anchored_and_mapped(path: Path) -> None:
    policy, made = of_shared(path)
    assert policy.lost == []
    assert not made.unmapped
    ids = [clause.id for clause in policy.clauses]
    assert len(ids) == len(set(ids))


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_annotations_of_the_corpus_quote_its_text(path: Path) -> None:
    policy, made = of_shared(path)
    text = policy.document.text
    assert all(text[a.start : a.end] == a.quote for a in made.conversion.annotations)
    source = (SHARED / "sanitized_policies" / f"{path.stem}.html").read_text("utf-8")
    segments = source.split("|||")
    assert len({clause.span for clause in policy.clauses}) <= len(segments)
    assert all(squeeze(text[slice(*clause.span)]) for clause in policy.clauses)


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_terms_of_the_corpus_are_of_the_release_and_not_sunset(path: Path) -> None:
    vocabulary = load_vocabulary()
    graph = of_shared(path)[1].conversion.policy_graph
    nodes = {node for triple in graph.triples for node in triple if isinstance(node, str)}
    terms = {vocabulary.curie(node) for node in nodes if vocabulary.is_dpv(node)}
    assert terms
    wrong = [t for t in sorted(terms) if not vocabulary.has(t) or vocabulary.status(t) == "sunset"]
    assert not wrong


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_all_formats_of_the_corpus_say_the_same(path: Path) -> None:
    from pyoxigraph import RdfFormat, parse

    from policy2dpv.graphs.write import format_graph

    graph = of_shared(path)[1].conversion.policy_graph
    formats = {
        "turtle": RdfFormat.TURTLE, "trig": RdfFormat.TRIG, "nquads": RdfFormat.N_QUADS,
        "ntriples": RdfFormat.N_TRIPLES, "rdfxml": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD,
    }  # fmt: skip
    said = frozenset(graph.lines)
    for name, kind in formats.items():
        parsed = frozenset(str(q.triple) for q in parse(format_graph(graph, name), format=kind))
        assert parsed == said, name


@needs_shared
def test_same_bytes_whatever_hash_seed_folder_and_locale(tmp_path: Path) -> None:
    def run(place: Path, variables: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        place.mkdir()
        subprocess.run(
            [sys.executable, "-m", "policy2dpv", "map", "-q", *map(str, FILES[:5]),
             "--scheme", "opp-115", "--format", "jsonld,nquads", "-o", place],
            cwd=place, check=True, timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), **dict(variables)},
        )  # fmt: skip
        return {path.name: path.read_bytes() for path in sorted(place.iterdir())}

    one = run(tmp_path / "one", {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}.items())
    other = run(tmp_path / "other", {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}.items())
    assert len(one) == 10
    assert one == other
