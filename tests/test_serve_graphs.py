"""What the server makes of graphs and stores: with the text, without it, and by other makers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

pytest.importorskip("starlette", reason="the extra serve is not installed")
from hypothesis import given, settings  # needs the extra
from hypothesis import strategies as st

from policy2dpv import convert
from policy2dpv.errors import GraphError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.graph import plain_document
from policy2dpv.graphs.write import format_graph
from policy2dpv.model import Block
from policy2dpv.querying.store import load_graphs, open_store
from policy2dpv.serving.serve_rdf import RDF_FORMS, write_policy
from policy2dpv.serving.serve_site import PolicyPage, Site, open_site
from policy2dpv.serving.serve_view import lay_policy
from policy2dpv.views.flow_picture import COLUMNS, draw_flow
from policy2dpv.views.policy_statements import ClauseText, StatementView, Value
from policy2dpv.views.policy_text import Mark, Section, lay_text

APP = ROOT / "examples" / "us-app.md"
SHOP = ROOT / "examples" / "eu-shop.html"

FOREIGN = """
@prefix dpv: <https://w3id.org/dpv#> . @prefix pd: <https://w3id.org/dpv/pd#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix ex: <https://other.example/#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:notice a dpv:PrivacyNotice ; dct:title "Other" ; dpv:hasProcess ex:mail, ex:off ;
    dpv:hasProhibition ex:sale, [ a dpv:Prohibition ; dpv:hasPurpose dpv:Advertising ] ;
    dpv:hasDataController [ a dpv:DataController ; dpv:hasName "Other Ltd" ] .
ex:mail a dpv:Process ; dpv:hasPersonalData pd:EmailAddress ;
    dpv:hasPurpose [ a dpv:Purpose ; skos:broader dpv:DirectMarketing ; skos:prefLabel "letters" ] .
ex:sale a dpv:Process ; dpv:hasPurpose dpv:SellDataToThirdParties .
ex:off a dpv:Process ; dpv:hasRule dpv:Prohibition ; dpv:hasPurpose dpv:SocialMediaMarketing .
"""


def words(sections: tuple[Section, ...]) -> str:
    parts = [p for s in sections for p in (*s.parts, *(c for r in s.rows for c in r.cells))]
    return "\n".join("".join(p.text for run in part.runs for p in run.pieces) for part in parts)


def only(site: Site) -> PolicyPage:
    [id] = site.catalogue.entries
    return site.page(id)


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Site]:
    def open_inputs(*inputs: Path, base: str | None = None) -> Site:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        return open_site([str(i) for i in inputs], folder, base=base, say=lambda words: None)

    return open_inputs


@pytest.fixture
def turtle(tmp_path: Path) -> Path:
    path = tmp_path / "app.ttl"
    convert(APP).write(path, format="turtle")
    return path


def test_a_policy_shows_its_whole_text(opened: Callable[..., Site]) -> None:
    page = only(opened(APP))
    assert page.whole
    shown = words(page.sections)
    assert "By using the Services, you acknowledge" in shown  # no statement, but text
    document = convert(APP).document
    for block in document.blocks:
        assert document.text[block.words_start : block.end] in shown
    assert any(said.reasons for said in page.statements)


def test_a_graph_alone_shows_what_it_quotes(opened: Callable[..., Site], turtle: Path) -> None:
    page = only(opened(turtle))
    assert not page.whole
    shown = words(page.sections)
    assert "By using the Services, you acknowledge" not in shown
    assert "We do not collect precise location when you are not recording." in shown
    assert shown.count("We do not collect precise location when you are not recording.") == 1
    assert lay_policy(page).counts == lay_policy(only(opened(turtle, APP))).counts


def test_a_policy_lends_its_text_to_its_graph(opened: Callable[..., Site], turtle: Path) -> None:
    page = only(opened(turtle, APP))
    assert page.whole
    assert any(said.reasons for said in page.statements)


def test_a_text_fits_its_graph_under_another_base(
    opened: Callable[..., Site], tmp_path: Path
) -> None:
    graph = tmp_path / "app.nq"
    convert(APP, base="https://paceleaf.example/privacy").write(graph, format="nquads")
    page = only(opened(graph, APP))
    assert page.whole
    assert page.entry.record.notice == "https://paceleaf.example/privacy"
    assert any(said.reasons for said in page.statements)


def test_evidence_beside_a_graph_tells_why(opened: Callable[..., Site], tmp_path: Path) -> None:
    made = convert(APP, base="https://paceleaf.example/privacy").policy_graph
    path = tmp_path / "app.trig"
    path.write_text(format_graph(made, "trig", beside=[build_evidence(made)]), "utf-8")
    page = only(opened(path))
    assert not page.whole
    direct = only(opened(APP, base="https://paceleaf.example/privacy"))
    told, known = (
        {(s.iri, w.label, w.decided_by) for s in p.statements for w in s.reasons}
        for p in (page, direct)
    )
    assert told == known
    assert len(told) > 100


def test_a_store_is_served(opened: Callable[..., Site], turtle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "filled"
    store = open_store(folder)
    load_graphs(store, [turtle])
    store.flush()
    del store
    assert not only(opened(folder)).whole
    assert only(opened(folder, APP)).whole
    with pytest.raises(GraphError, match="does not hold"):
        opened(folder, SHOP)
    with pytest.raises(GraphError, match="load"):
        opened(folder, turtle)


def test_a_graph_without_quotes_is_shown(opened: Callable[..., Site], tmp_path: Path) -> None:
    path = tmp_path / "bare.ttl"
    convert(APP, quotes="none").write(path, format="turtle")
    page = only(opened(path))
    assert words(page.sections) == ""
    assert lay_policy(page).counts["denied"] > 5


def test_denials_of_other_makers_are_denials(opened: Callable[..., Site], tmp_path: Path) -> None:
    path = tmp_path / "foreign.ttl"
    path.write_text(FOREIGN)
    site = opened(path)
    page = only(site)
    forms = {said.labels("purpose")[0]: said.form for said in page.statements if
             said.form != "fact"}  # fmt: skip
    assert forms == {
        "letters": "practice", "Sell Data to Third Parties": "denied", "Advertising": "denied",
        "Social Media Marketing": "denied",
    }  # fmt: skip
    known = {site.catalogue.label(iri) for iri in page.entry.concepts["purpose"]}
    assert {"letters", "Direct Marketing", "Marketing"} <= known
    assert not {"Sell Data to Third Parties", "Advertising", "Social Media Marketing"} & known
    assert page.entry.record.controller == "Other Ltd"


def test_graphs_of_other_makers_come_in_every_form(
    opened: Callable[..., Site], tmp_path: Path
) -> None:
    import rdflib
    from rdflib.compare import isomorphic

    path = tmp_path / "foreign.ttl"
    path.write_text(FOREIGN)
    site = opened(path)
    expected = rdflib.Graph().parse(path)
    entry = only(site).entry
    readers = {"jsonld": "json-ld", "ttl": "turtle", "nq": "nquads", "nt": "nt", "rdf": "xml"}
    for form, ending in RDF_FORMS.items():
        body = write_policy(site, entry, form)
        dataset = rdflib.Dataset(default_union=True).parse(data=body, format=readers[ending])
        read = rdflib.Graph()
        for triple in dataset.triples((None, None, None)):
            read.add(triple)
        assert isomorphic(read, expected), form


def test_a_graph_keeps_its_numbers(opened: Callable[..., Site], turtle: Path) -> None:
    """The engine keeps the value of a number and not its datatype; the tables know it."""
    site = opened(turtle)
    written = write_policy(site, only(site).entry, "application/n-triples").decode()
    lines = set(convert(APP).to_nquads().splitlines())
    lost = {line for line in written.splitlines() if f"{line[:-2]} " not in
            {f"{other.rpartition(' <')[0]} " for other in lines}}  # fmt: skip
    assert all("duration" in line for line in lost), lost


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple)


@settings(max_examples=200, deadline=None)
@given(text=st.text("ab ‮<", min_size=60, max_size=60), clauses=st.lists(spans, max_size=8),
       marks=st.lists(spans, max_size=8), cut=st.integers(1, 59))  # fmt: skip
def test_pieces_are_the_text(
    text: str, clauses: list[tuple[int, int]], marks: list[tuple[int, int]], cut: int
) -> None:
    blocks = (Block(kind="paragraph", start=0, end=cut), Block(kind="heading", start=cut, end=60))
    document = document_of(text, blocks)
    named = sorted({span for span in clauses if span[0] < span[1]}, key=lambda s: (s[0], -s[1]))
    known = {f"urn:{n}": ClauseText(f"urn:{n}", *span, text[span[0] : span[1]])
             for n, span in enumerate(named)}  # fmt: skip
    lit = []
    for start, end in sorted(marks):
        if start < end and (not lit or start >= lit[-1].end):
            lit.append(Mark(start, end, "purpose", "", "", 1.0, False))
    sections = lay_text(document, known, lit)
    at = 0
    ends: list[str] = []
    for section in sections:
        for run in section.parts[0].runs:
            ends += run.ends
            for piece in run.pieces:
                end = at + len(piece.text)
                assert text[at:end] == piece.text
                for iri in piece.clauses:
                    clause = known[iri]
                    assert clause.start <= at < end <= clause.end
                if piece.mark:
                    assert piece.mark.start <= at < end <= piece.mark.end
                at = end
    assert at == 60
    assert sorted(ends) == sorted(known)


def document_of(text: str, blocks: tuple[Block, ...]):  # type: ignore[no-untyped-def]
    import msgspec

    return msgspec.structs.replace(plain_document(text), blocks=blocks)


labels = st.lists(st.sampled_from("abcdefghijklm"), max_size=4, unique=True)
KINDS = {"data": "personal_data", "purpose": "purpose", "recipient": "recipient",
         "place": "transfer_destination"}  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), labels, labels, labels, labels), max_size=12))
def test_what_flows_in_flows_out(practices: list[tuple[bool, *tuple[list[str], ...]]]) -> None:
    said = [
        StatementView(
            id=str(n), iri=f"urn:{n}", form="denied" if denied else "practice",
            values=tuple(Value(KINDS[c], f"urn:{v}", f"{c} {v}", "")
                         for c, values in zip(COLUMNS, found, strict=True) for v in values),
        )
        for n, (denied, *found) in enumerate(practices)
    ]  # fmt: skip
    picture = draw_flow(said, dict.fromkeys(COLUMNS, "none"))
    tied = sum(not denied and sum(map(bool, found)) > 1 for denied, *found in practices)
    stated = sum(share for _, share in picture.rows)
    assert stated == pytest.approx(tied, abs=0.01 * len(picture.rows))
    for column in COLUMNS:
        own = [node for node in picture.nodes if node.column == column]
        assert sum(node.share for node in own) == pytest.approx(tied, abs=0.01 * (len(own) + 1))
        assert min((n.y for n in own), default=0) >= 0
        assert max((n.y + n.height for n in own), default=0) <= picture.height + 1
    for node in picture.nodes:
        if node.column != "place":
            out = sum(band.share for band in picture.bands if band.source == node.id)
            assert out == pytest.approx(node.share, abs=0.01 * (len(picture.bands) + 1))
