"""The vocabulary: what it answers, how its index is built, what it costs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.data import data_folder, replace_file
from policy2dpv.errors import PolicyError, VocabularyError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import (
    TERM_COLUMNS,
    Vocabulary,
    load_prefixes,
    load_vocabulary,
    open_vocabulary,
)
from policy2dpv.knowledge.vocabulary_build import build_vocabulary

SHARED = Path(__file__).resolve().parents[2] / "shared" / "dpv"
FOLDER = data_folder("vocab") / "dpv-2.3"
needs_release = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the release's Turtle files are not at {SHARED}"
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


# -- what it answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "there"),
    [
        ("pd:EmailAddress", True),
        ("eu-gdpr:A6-1-a", True),
        ("legal-us:law-CA-CPRA", True),
        ("loc:US-CA", True),
        ("loc:FR-IDF", True),  # a region of a country whose regions are further terms
        ("risk:RiskLevel", False),  # the further module is there, the term is dpv:RiskLevel
        ("risk:PotentialRisk", True),
        ("loc:non-US", False),  # left out
        ("dpv:PersonalDataHandling", True),  # sunset, but there
        ("pd:Email", False),
        ("skos:Concept", False),
        ("pd", False),
        ("", False),
        ("https://w3id.org/dpv#Purpose", False),
    ],
)
def test_has(vocabulary: Vocabulary, term: str, there: bool) -> None:
    assert vocabulary.has(term) is there


def test_iri_and_curie_are_inverse_for_every_core_term(vocabulary: Vocabulary) -> None:
    for term in vocabulary.terms:
        iri = vocabulary.iri(term)
        assert iri == vocabulary.term(term).iri
        assert vocabulary.curie(iri) == term


def test_an_iri_of_no_known_namespace_stays_as_it_is(vocabulary: Vocabulary) -> None:
    assert vocabulary.curie("https://example.org/x#y") == "https://example.org/x#y"
    assert not vocabulary.is_dpv("https://example.org/x#y")
    assert vocabulary.is_dpv("https://w3id.org/dpv/dpv-pd#Email")


@pytest.mark.parametrize(
    ("term", "above", "under"),
    [
        ("pd:EmailAddress", "dpv:PersonalData", True),
        ("dpv:PersonalisedAdvertising", "dpv:Purpose", True),
        ("dpv:Purpose", "dpv:Purpose", True),
        ("eu-gdpr:A6-1-a", "dpv:LegalBasis", True),
        ("loc:US-CA", "loc:US", True),
        ("loc:DE", "loc:EU", True),
        ("loc:US", "loc:EU", False),
        ("legal-eu:law-GDPR", "dpv:Law", True),
        ("legal-us:DPA-US-CA", "dpv:Law", False),  # the release says so wrongly
        ("legal-us:DPA-US-CA", "dpv:Authority", True),
        ("dpv:hasDataProcessor", "dpv:hasRecipient", True),
        ("dpv:hasRecipient", "dpv:hasDataProcessor", False),
        ("eu-gdpr:A15", "dpv:Right", True),  # by its type
        ("pd:Nothing", "dpv:PersonalData", False),
    ],
)
def test_is_under(vocabulary: Vocabulary, term: str, above: str, under: bool) -> None:
    assert vocabulary.is_under(term, above) is under


def test_ancestors_come_nearest_first_and_end(vocabulary: Vocabulary) -> None:
    above = vocabulary.ancestors("pd:EmailAddress")
    assert above[: len(vocabulary.broader("pd:EmailAddress"))] == vocabulary.broader(
        "pd:EmailAddress"
    )
    assert "dpv:PersonalData" in above
    assert "pd:EmailAddress" not in above


def test_children_are_the_inverse_of_broader(vocabulary: Vocabulary) -> None:
    for child in vocabulary.children("dpv:Marketing"):
        assert "dpv:Marketing" in vocabulary.broader(child)
    assert "loc:FR-IDF" in vocabulary.children("loc:FR")
    assert vocabulary.children("pd:EmailAddressWork") == ()


def test_every_parent_and_type_of_a_term_exists(vocabulary: Vocabulary) -> None:
    """Section 7 of the release's faults: no dangling link is left."""
    for row in (*read_table(FOLDER / "terms.tsv"), *read_table(FOLDER / "further.tsv")):
        for name in (*row["broader"].split(), *row["types"].split()):
            assert vocabulary.has(name) or name in ("rdfs:Class", "rdf:Property"), row.place


@pytest.mark.parametrize(
    ("term", "successor"),
    [
        ("pd:Behavioral", "pd:Behavioural"),
        ("dpv-pd:Behavioral", "pd:Behavioural"),  # two steps: the namespace, then the spelling
        ("dpv-ns:Purpose", "dpv:Purpose"),
        ("dpv:PersonalDataHandling", "dpv:Process"),
        ("dpv:PrivacyPolicy", "dpv:PrivacyNotice"),
        ("dpv:LegalAgreement", None),  # sunset without a successor
        ("pd:EmailAddress", None),
    ],
)
def test_successor(vocabulary: Vocabulary, term: str, successor: str | None) -> None:
    assert vocabulary.successor(term) == successor


def test_all_successors_are_terms(vocabulary: Vocabulary) -> None:
    for row in read_table(FOLDER / "replaced.tsv"):
        assert not row["successor"] or vocabulary.has(row["successor"]), row.place
        assert vocabulary.has(row["term"]) == (row["gone"] == "sunset"), row.place


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("pd:EmailAdress", "do you mean pd:EmailAddress"),
        ("pd:Behavioral", "it went in release 2.2, use pd:Behavioural"),
        ("dpv:PrivacyPolicy", "it never was one, use dpv:PrivacyNotice"),
        ("dpv-pd:Address", "its namespace is retired"),
        ("dpv:EmailAddress", "pd:EmailAddress"),  # right name, wrong module
        ("eu-aiact:AISystem", "its module is not in the index"),
        ("nonsense", "vocab search"),
    ],
)
def test_an_unknown_term_is_explained(vocabulary: Vocabulary, term: str, words: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        vocabulary.term(term)
    assert words in str(caught.value)
    assert term in str(caught.value)


def test_an_unknown_prefix_is_explained(vocabulary: Vocabulary) -> None:
    with pytest.raises(VocabularyError, match="do you mean dpv"):
        vocabulary.iri("dvp:Purpose")


@given(st.text(max_size=30))
def test_any_text_may_be_asked_for(text: str) -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.has(text) in (True, False)
    assert len(vocabulary.nearest(text)) <= 3
    assert vocabulary.curie(text) or not text


def test_search_gives_the_best_first(vocabulary: Vocabulary) -> None:
    found = [term.term for term in vocabulary.search("Email address")]
    assert found[0] == "pd:EmailAddress"
    assert vocabulary.search("xyzzy") == ()
    assert vocabulary.search("  ") == ()


def test_prefixes_hold_what_graphs_need(vocabulary: Vocabulary) -> None:
    wanted = "dpv pd loc tech eu-gdpr legal-eu skos dct oa prov foaf schema rdf rdfs xsd dcat p2d"
    assert set(wanted.split()) <= set(vocabulary.prefixes)
    assert not {"dpv-pd", "p7012"} & set(vocabulary.prefixes)
    spaces = [prefix.namespace for prefix in load_prefixes().values()]
    assert len(spaces) == len(set(spaces))


def test_properties_are_properties(vocabulary: Vocabulary) -> None:
    assert "dpv:hasPurpose" in vocabulary.properties
    assert "dpv:Purpose" not in vocabulary.properties


def test_the_hash_is_that_of_the_file(vocabulary: Vocabulary) -> None:
    assert vocabulary.sha256 == hashlib.sha256((FOLDER / "terms.tsv").read_bytes()).hexdigest()


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    fresh, used = open_vocabulary(FOLDER), open_vocabulary(FOLDER)
    used.has("loc:FR-IDF")
    used.children("loc:FR")
    used.search("risk")
    assert fresh.properties == used.properties
    assert fresh.terms == used.terms
    assert list(fresh.hierarchy_facts()) == list(used.hierarchy_facts())


def test_the_hierarchy_loads_as_ntriples_and_rolls_up(vocabulary: Vocabulary) -> None:
    import pyoxigraph

    facts = list(vocabulary.hierarchy_facts(["loc:FR-IDF", "pd:Unknown"]))
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in facts)
    store = pyoxigraph.Store()
    store.load(text.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert len(store) == len(set(facts)) == len(facts)
    assert not any(p.endswith("#type>") for _, p, _ in facts)
    asked = "ASK { loc:FR-IDF skos:broader+ loc:EU . pd:EmailAddress skos:broader+ pd:Tracking }"
    assert store.query(asked, prefixes=dict(vocabulary.prefixes))


def test_there_is_no_index_of_other_releases() -> None:
    with pytest.raises(VocabularyError, match="vocab build"):
        load_vocabulary("1.0")


def test_a_damaged_index_is_named(tmp_path: Path) -> None:
    header = "\t".join(TERM_COLUMNS)
    (tmp_path / "terms.tsv").write_text(f"{header}\npd:X\thttps://w3id.org/dpv/pd#X\n")
    with pytest.raises(VocabularyError, match=r"terms\.tsv, row 1: 2 cells instead of 9"):
        open_vocabulary(tmp_path)
    (tmp_path / "terms.tsv").write_text("term\tlabel\n")
    with pytest.raises(VocabularyError, match="header line"):
        open_vocabulary(tmp_path)


def test_loading_costs_no_more_than_splitting_the_index_thrice() -> None:
    ours, plain = [], []
    for _ in range(5):
        start = time.process_time()
        open_vocabulary(FOLDER)
        ours.append(time.process_time() - start)
        start = time.process_time()
        [line.split("\t") for line in (FOLDER / "terms.tsv").read_text("utf-8").splitlines()]
        plain.append(time.process_time() - start)
    assert min(ours) < 3 * min(plain)


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from policy2dpv.knowledge.vocabulary import load_vocabulary;"
        "load_vocabulary();"
        "print({'pyoxigraph', 'rdflib', 'lxml', 'pyld', 'typer'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    assert done.stdout.strip() == "set()"


# -- its own terms ---------------------------------------------------------------------------


def test_own_terms_are_documented(vocabulary: Vocabulary) -> None:
    """Each own term has a label and a comment, and each that a table names is among them."""
    import pyoxigraph

    store = pyoxigraph.Store()
    path = data_folder("vocab") / "policy2dpv.ttl"
    store.load(path.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE)
    query = "SELECT ?t WHERE { ?t rdfs:label ?l ; rdfs:comment ?c ; rdfs:isDefinedBy ?o }"
    rows = store.query(query, prefixes=dict(vocabulary.prefixes))
    assert isinstance(rows, pyoxigraph.QuerySolutions)
    documented = {vocabulary.curie(row["t"].value) for row in rows}
    named = {
        word
        for path in data_folder("mappings").rglob("*.tsv")
        for row in read_table(path)
        for cell in row.values()
        for word in cell.split()
        if word.startswith("p2d:")
    }
    assert named <= documented
    assert all(term.startswith("p2d:") for term in documented)


# -- how the index is built ------------------------------------------------------------------

TURTLE = """
@prefix dpv: <https://w3id.org/dpv#> . @prefix pd: <https://w3id.org/dpv/pd#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://w3id.org/dpv> owl:versionInfo "9.9" .
dpv:PersonalData a rdfs:Class, skos:Concept ; skos:prefLabel "Personal  Data"@en .
dpv:Child a skos:Concept, dpv:PersonalData ; skos:prefLabel "Child \\n term"@en ;
    skos:definition "Not to be taken over"@en ; skos:broader dpv:PersonalData, dpv:Gone, pd:Else .
"""


def _release(tmp_path: Path, turtle: str = TURTLE) -> Path:
    (tmp_path / "dpv.ttl").write_text(turtle)
    return tmp_path


def _build(folder: Path, release: str = "9.9") -> Vocabulary:
    output = folder / f"dpv-{release}"
    build_vocabulary(folder, release=release, modules=["dpv"], output=output)
    return open_vocabulary(output)


def test_a_small_release_builds(tmp_path: Path) -> None:
    built = _build(_release(tmp_path))
    assert built.release == "9.9"
    assert built.terms == ("dpv:Child", "dpv:PersonalData")
    assert built.label("dpv:Child") == "Child term"
    # dpv:Gone dangles; pd:Else may exist in a module that was not read
    assert built.broader("dpv:Child") == ("dpv:PersonalData", "pd:Else")
    assert "Not to be taken" not in (tmp_path / "dpv-9.9" / "terms.tsv").read_text()


def test_a_broken_iri_is_read_leniently(tmp_path: Path) -> None:
    broken = TURTLE.replace(
        "skos:broader dpv:Pers", "skos:broader <https://w3id.org/dpv#\nX>, dpv:Pers"
    )
    report = build_vocabulary(
        _release(tmp_path, broken), release="9.9", modules=["dpv"], output=tmp_path / "dpv-9.9"
    )
    assert any("read leniently" in fault for fault in report.faults)
    assert any("white space inside the IRI of dpv:X" in fault for fault in report.faults)


@pytest.mark.parametrize(
    ("turtle", "words"),
    [
        ("this is no Turtle at all", "not Turtle"),
        ("", "no terms of the DPV"),
        (TURTLE.replace("9.9", "2.0"), "it is of release 2.0"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, turtle: str, words: str) -> None:
    with pytest.raises(VocabularyError, match=words) as caught:
        _build(_release(tmp_path, turtle))
    assert "dpv.ttl" in str(caught.value)
    assert not (tmp_path / "dpv-9.9").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"no file dpv\.ttl"):
        build_vocabulary(tmp_path, output=tmp_path / "out")


def test_source_names_release_licence_and_hashes() -> None:
    source = tomllib.loads((FOLDER / "SOURCE.toml").read_text("utf-8"))
    assert source["version"] == "2.3"
    assert source["address"] == "https://w3id.org/dpv/2.3"
    assert "software-license-2023" in source["licence_address"]
    assert "Changes:" in source["statement_of_change"]
    assert {"dpv.ttl", "pd.ttl", "loc.ttl", "eu-gdpr.ttl"} <= set(source["sha256"])
    assert all(len(digest) == 64 for digest in source["sha256"].values())


@needs_release
def test_the_index_is_what_the_release_gives(tmp_path: Path) -> None:
    """Building again gives the same bytes, and the release's known faults are told."""
    report = build_vocabulary(
        SHARED / "2.3", output=tmp_path / "dpv-2.3", changes=SHARED / "term-changes.tsv"
    )
    for name in ("terms.tsv", "further.tsv", "replaced.tsv", "SOURCE.toml"):
        assert (tmp_path / "dpv-2.3" / name).read_bytes() == (FOLDER / name).read_bytes(), name
    told = " / ".join(report.faults)
    for words in ("read leniently", "inverse places", "dpv:Law", "pd:Molecular", "dcat:Resource"):
        assert words in told
    assert (report.core, report.further) == (2537, 5733)


@needs_release
def test_all_terms_of_the_release_can_be_checked(vocabulary: Vocabulary) -> None:
    """The list of labelled terms of 2.3: none of a module that was read is unknown."""
    read = {t.partition(":")[0] for t in vocabulary.terms} | {"ai", "risk", "eu-rights", "loc"}
    for row in read_table(SHARED / "terms-2.3.tsv"):
        term = row["term"]
        if "://" in term or term.startswith("loc:non-") or term.partition(":")[0] not in read:
            continue
        assert vocabulary.has(term), term
        assert vocabulary.label(term) == " ".join(row["label"].split())


@needs_release
def test_another_release_builds_too(tmp_path: Path) -> None:
    wanted = ["dpv"] if (SHARED / "2.2" / "dpv.ttl").is_file() else None
    if wanted is None:
        pytest.skip("release 2.2 has no dpv.ttl here")
    build_vocabulary(SHARED / "2.2", release="2.2", modules=wanted, output=tmp_path / "dpv-2.2")
    older = open_vocabulary(tmp_path / "dpv-2.2")
    assert older.has("dpv:ServiceProvision")
    assert not older.has("dpv:ServiceManagement")


# -- where data lie --------------------------------------------------------------------------


def test_an_absent_data_folder_is_an_error_with_advice() -> None:
    with pytest.raises(PolicyError, match="install the package again"):
        data_folder("no-such-folder")


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, "new – text\n")
    assert path.read_bytes() == "new – text\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="such file"):
        replace_file(tmp_path / "absent" / "x.tsv", "")
