"""check: each rule finds its fault and lets the mended graph pass; what we write breaks none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT, Run
from opp115_samples import corpus

from policy2dpv import convert, load_vocabulary
from policy2dpv.checking.check import Finding, check_graph
from policy2dpv.checking.check_report import format_sarif, format_shacl, format_text
from policy2dpv.checking.check_rules import load_rules
from policy2dpv.errors import GraphError
from policy2dpv.knowledge.rows import read_table

pytest.importorskip("pyshacl", reason="the extra `check` is not installed")

FAULTS = read_table(ROOT / "tests" / "check" / "faults.tsv")
EXAMPLES = sorted((ROOT / "examples").rglob("*.*"))
REPLACED = ROOT / "vocab" / "dpv-2.3" / "replaced.tsv"
DPV_EXAMPLES = ROOT.parent / "shared" / "dpv" / "examples"
POLICIES = ROOT.parent / "shared" / "policies"
SOME = ("text/infortrend-short.txt", "markdown/reddit.md", "html/buffer.html")
ALONE = ("notice-present",)  # a graph of ours has a notice, so this fault can't be put into it
POLICY = b"""Privacy policy of Acme Ltd

We are Acme Ltd. Write to privacy@acme.example.
We use your email address to send you our newsletter with your consent under the GDPR.
We share your IP address with Google Analytics and transfer it to the United States.
We never sell your personal data. We may keep log files for six months.
You have the right to access your data.
"""
SUFFIXES = {"turtle": ".ttl", "jsonld": ".jsonld", "nquads": ".nq", "rdfxml": ".rdf",
            "trig": ".trig", "ntriples": ".nt"}  # fmt: skip
# The formats hold the same triples: one policy in all of them is enough.
WRITTEN = [(EXAMPLES[0], format) for format in SUFFIXES] + [(p, "turtle") for p in EXAMPLES[1:]]


def snippet(folder: Path, turtle: str, name: str = "graph.ttl") -> list[Finding]:
    path = folder / name
    path.write_text(turtle, "utf-8")
    return check_graph(path, snippet=True)


def test_each_rule_has_its_fault() -> None:
    assert {row["rule"] for row in FAULTS} == {rule.name for rule in load_rules().values()}
    assert len(FAULTS) >= 40


@pytest.fixture(scope="module")
def ours() -> str:
    """A small graph that we write: practices, a transfer, a denial, a right, a period."""
    return convert(POLICY, base="https://acme.example/privacy").to_turtle()


def test_the_graph_that_is_broken_is_whole(ours: str, tmp_path: Path) -> None:
    assert snippet(tmp_path, ours) == []


@pytest.mark.parametrize("row", FAULTS, ids=[row["rule"] for row in FAULTS])
def test_a_rule_finds_its_fault_and_nothing_in_the_mended(
    row: dict[str, str], ours: str, tmp_path: Path
) -> None:
    rules = {rule.name: rule for rule in load_rules().values()}
    copy = "" if row["rule"] in ALONE else ours
    broken = [f for f in snippet(tmp_path, copy + row["broken"]) if f.rule == row["rule"]]
    assert broken
    for found in broken:
        assert found.severity == rules[row["rule"]].severity
        assert found.node
        assert found.message
        assert found.advice
    assert row["rule"] not in {f.rule for f in snippet(tmp_path, copy + row["mended"])}


@pytest.mark.parametrize(("path", "format"), WRITTEN, ids=lambda one: getattr(one, "name", one))
def test_what_we_write_breaks_no_rule(path: Path, format: str, tmp_path: Path) -> None:
    made = tmp_path / f"graph{SUFFIXES[format]}"
    convert(path).write(made, format)
    assert format_text([f for f in check_graph(made) if f.fails]) == ""


def test_a_graph_without_quotes_and_the_evidence_break_no_rule(
    command: Run, tmp_path: Path
) -> None:
    done = command("convert", EXAMPLES[0], "--quotes", "none", "-o", "bare.ttl", "--evidence",
                   "evidence.ttl", "-q")  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = command("check", "bare.ttl", "evidence.ttl", "-q")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(not POLICIES.is_dir(), reason=f"no policies under {POLICIES}")
@pytest.mark.parametrize("name", SOME)
def test_graphs_of_real_policies_break_no_rule(name: str, tmp_path: Path) -> None:
    made = tmp_path / "graph.ttl"
    convert(POLICIES / name).write(made, "turtle")
    assert format_text([f for f in check_graph(made) if f.fails]) == ""


def test_graphs_of_annotations_break_no_rule(command: Run, tmp_path: Path) -> None:
    done = command("map", corpus(tmp_path), "--scheme", "opp-115", "-o", "made.ttl", "-q")
    assert (tmp_path / "made.ttl").is_file(), done.stderr
    done = command("check", "made.ttl", "-q")
    assert (done.returncode, done.stdout) == (0, "")


# What the examples of the DPV itself break, as read in them by eye: term or property, and rule.
BREACHES = {
    "E0012.ttl": {"party-is-class"},  # dpv:DataSubject is no data source, nor a node of one
    "E0013.ttl": {"party-is-class"},  # dpv:User acts
    "E0017.ttl": {"literal-value"},  # a notice as a string
    "E0022.ttl": {"literal-value", "notice-controller"},  # a place as a string
    "E0024.ttl": {"processing-holds-facts"},
    "E0048.ttl": {"literal-value"},  # "P6M"
    "E0050.ttl": {"literal-value"},  # durations as strings: the example calls some bad itself
    "E0060.ttl": {"sunset-term"},  # dpv:WithinDevice
    "E0066.ttl": {"prohibited-process", "prohibition-as-status"},
    "E0067.ttl": {"notice-controller"},
    "E0085.ttl": {"personal-data-range", "processing-holds-facts"},  # dpv:Location is a place
}


@pytest.mark.skipif(not DPV_EXAMPLES.is_dir(), reason=f"no examples under {DPV_EXAMPLES}")
def test_the_examples_of_the_dpv_break_what_was_read_in_them() -> None:
    found = {
        path.name: {f.rule for f in check_graph(path, snippet=True) if f.fails}
        for path in sorted(DPV_EXAMPLES.glob("*.ttl"))
    }
    assert len(found) == 15
    assert {name: rules for name, rules in found.items() if rules} == BREACHES


BAD = {
    "missing.ttl": (None, "No such file"),
    "empty.ttl": ("", "the graph is empty"),
    "text.doc": ("We collect data.", "no graph format"),
    "prose.ttl": ("We collect data.", "no valid Turtle"),
    "bare.ttl": ("dpv:a dpv:b dpv:c .", "--snippet"),
    "remote.jsonld": ('{"@context": "https://acme.example/c.jsonld", "@id": "x:a", "p": 1}',
                      "no valid"),
    "bomb.rdf": ('<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><r>&b;</r>',
                 "entities of entities"),
    "triple.ttl": ("<x:a> <x:b> <<( <x:c> <x:d> <x:e> )>> .", "triple inside"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_explained(name: str, tmp_path: Path) -> None:
    content, words = BAD[name]
    path = tmp_path / name
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(GraphError, match=words) as raised:
        check_graph(path)
    assert raised.value.advice


def test_a_chain_without_end_is_explained(tmp_path: Path) -> None:
    chain = "".join(f"ex:c{n} skos:broader ex:c{n + 1} . " for n in range(3000))
    with pytest.raises(GraphError, match="too deep"):
        snippet(tmp_path, f"ex:p dpv:hasPurpose ex:c0 . {chain}")


def test_circles_are_followed_once(tmp_path: Path) -> None:
    circles = "ex:p dpv:hasProcess ex:p ; dpv:hasPurpose ex:u . ex:u skos:broader ex:u ."
    found = snippet(tmp_path, circles)
    assert {"process-cycle", "concept-cycle", "purpose-range"} <= {f.rule for f in found}


def test_all_that_left_the_release_is_told_with_its_successor(tmp_path: Path) -> None:
    known = load_vocabulary()
    gone = [row for row in read_table(REPLACED) if known.is_dpv(known.iri(row["term"]))]
    path = tmp_path / "gone.nt"
    path.write_text("".join(f"<x:{n}> <x:p> <{known.iri(row['term'])}> .\n"
                            for n, row in enumerate(gone)))  # fmt: skip
    found = {f.value: f for f in check_graph(path, sets=["vocabulary"])}
    assert len(gone) > 400
    for row in gone:
        told = found[known.iri(row["term"])]
        assert told.rule in ("gone-term", "never-term", "sunset-term", "retired-namespace")
        assert not row["successor"] or row["successor"] in told.advice


def test_no_term_of_the_release_is_a_fault(tmp_path: Path) -> None:
    known = load_vocabulary()
    path = tmp_path / "terms.nt"
    path.write_text("".join(f"<x:n> <x:p> <{known.iri(term)}> .\n" for term in known.terms))
    found = check_graph(path, sets=["vocabulary"])
    assert {f.rule for f in found} <= {"sunset-term"}


def test_a_graph_of_another_vocabulary_is_checked_as_far_as_it_goes(tmp_path: Path) -> None:
    found = snippet(tmp_path, 'ex:a schema:name "Acme" .')
    assert [f.rule for f in found] == ["notice-present"]


def test_exit_codes(command: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text('<x:p> <https://w3id.org/dpv#hasPurpose> "fun" .')
    (tmp_path / "note.ttl").write_text("<x:p> <x:q> <x:r> .")
    assert command("check", "bad.ttl").returncode == 1
    assert command("check", "note.ttl").returncode == 0
    assert command("check", "none.ttl").returncode == 2
    assert command("check", "note.ttl", "--json", "--sarif").returncode == 2


def test_the_reports_say_the_same(tmp_path: Path) -> None:
    from pyoxigraph import RdfFormat, parse

    found = snippet(tmp_path, 'ex:p a dpv:Proces ; dpv:hasPurpose "fun" , [] . ex:q a dpv:Proces .')
    assert {"unknown-term", "literal-value"} <= {f.rule for f in found}
    sarif = json.loads(format_sarif(found, "1"))["runs"][0]
    assert [r["ruleId"] for r in sarif["results"]] == [f.rule for f in found]
    rules = sarif["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in sarif["results"])
    shacl = list(parse(format_shacl(found), format=RdfFormat.TURTLE))
    named = [t for t in shacl if t.predicate.value.endswith("#sourceShape")]
    assert len(named) == len(found)
    values = {t.object for t in shacl if t.predicate.value.endswith("#value")}
    assert {type(value).__name__ for value in values} >= {"Literal", "NamedNode"}
    [places] = [f.places for f in found if f.rule == "unknown-term"]
    assert places == 2


def test_same_input_same_bytes(tmp_path: Path) -> None:
    turtle = "ex:p dpv:hasPurpose [] , [ skos:broader dpv:Collect ] ; dpv:hasProcess [ a ex:T ] ."
    reports = {format_shacl(snippet(tmp_path, turtle)) for _ in range(3)}
    assert len(reports) == 1
