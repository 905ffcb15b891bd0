"""The files of annotation tools: what others write is read, what is broken is told."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run

from policy2dpv import convert, load_lexicon
from policy2dpv.errors import ReadError
from policy2dpv.schemes.brat import read_brat
from policy2dpv.schemes.exchange import find_reader, format_annotations
from policy2dpv.schemes.foreign import read_foreign
from policy2dpv.schemes.inception import read_inception
from policy2dpv.schemes.label_studio import read_label_studio
from policy2dpv.schemes.mapping import load_scheme
from policy2dpv.schemes.own import map_own
from policy2dpv.schemes.spans import MarkedText
from policy2dpv.schemes.template import format_template
from policy2dpv.schemes.web_annotation import load_contexts, read_web_annotation

TEXT = "We collect your \N{GRINNING FACE} name.\nWe share your name with partners.\n"
NAME = TEXT.index("name")
AGAIN = TEXT.rindex("name")
ANNO = "http://www.w3.org/ns/anno.jsonld"
Json = Any


def put(folder: Path, name: str, content: str | bytes | Json) -> Path:
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return folder / name


# brat


def brat(folder: Path, ann: str, text: str | None = TEXT) -> MarkedText:
    if text is not None:
        put(folder, "p.txt", text)
    [found] = read_brat(put(folder, "p.ann", ann))
    return found


def test_brat_reads_marks_attributes_and_leaves_the_rest(tmp_path: Path) -> None:
    found = brat(
        tmp_path,
        f"T1\tData {NAME} {NAME + 4}\tname\nA1\tKept T1 long\nM2\tSure T1\n"
        "R1\tUses Arg1:T1 Arg2:T1\n*\tEquiv T1 T1\nE1\tData:T1\nN1\tReference T1 X:1\tname\n"
        "#1\tAnnotatorNotes T1\tis this right?\n",
    )
    [span] = found.spans
    assert (span.label, span.quote) == ("Data", "name")
    assert span.fields == {"Kept": "long", "Sure": "true"}
    assert len(found.notes) == 5
    assert not found.lost


def test_a_discontinuous_span_is_read_as_one(tmp_path: Path) -> None:
    found = brat(tmp_path, f"T1\tData 3 10;{NAME} {NAME + 4}\tcollect name\n")
    [span] = found.spans
    assert (span.start, span.end) == (3, NAME + 4)
    assert any("1 discontinuous" in note for note in found.notes)
    [(_, mapped)] = map_own(find_reader("brat"), tmp_path / "p.ann")
    assert mapped.unmapped == {"Data": 1}
    assert not mapped.lost


def test_a_span_over_lines_is_whole_without_a_note(tmp_path: Path) -> None:
    line = TEXT.index("\n")
    found = brat(tmp_path, f"T1\tData {NAME} {line};{line + 1} {line + 3}\tname. We\n")
    [span] = found.spans
    assert span.quote == "name.\nWe"
    assert not found.notes


@pytest.mark.parametrize(
    ("ann", "said"),
    [
        ("hello\n", "no line of brat's"),
        ("T1\tData x y\tname\n", "no offsets"),
        ("T1\tData 0 2;5\tname\n", "no offsets"),
        ("T1\tData 0 2\tWe\nT1\tData 3 5\tco\n", "stands twice"),
        ('T1\tData 0 2\tWe\n#1\tAnnotatorNotes T1\t{"was": 1\n', "no longer JSON"),
    ],
)
def test_broken_brat_is_refused_by_line(tmp_path: Path, ann: str, said: str) -> None:
    with pytest.raises(ReadError, match=r"p\.ann:\d.*" + said):
        brat(tmp_path, ann)


@pytest.mark.parametrize(
    ("ann", "said"),
    [
        ("T1\tData 5 3\tname\n", "marks nothing"),
        ("T1\tData 3 3\t\n", "marks nothing"),
        ("T1\tData 900 904\tname\n", "ends at 904"),
        ("A1\tKept T9 long\n", "T9"),
    ],
)
def test_marks_of_brat_that_mark_nothing_are_told(tmp_path: Path, ann: str, said: str) -> None:
    brat(tmp_path, ann)
    [(_, mapped)] = map_own(find_reader("brat"), tmp_path / "p.ann")
    [lost] = mapped.lost
    assert said in str(lost)


def test_an_ann_file_needs_its_text_or_the_page(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"no p\.txt"):
        brat(tmp_path, "T1\tData 0 2\tWe\n", None)
    page = put(tmp_path, "page.txt", TEXT)
    [policy] = read_foreign(find_reader("brat"), tmp_path / "p.ann", page)
    assert policy.clauses[0].marks[0].span == (0, 2)


def test_a_corrected_text_beside_is_searched(tmp_path: Path) -> None:
    brat(tmp_path, f"T1\tpersonal_data__pd__Name {NAME} {NAME + 4}\tname\n", "New. " + TEXT)
    [(_, mapped)] = map_own(find_reader("brat"), tmp_path / "p.ann")
    [one] = mapped.conversion.annotations
    assert (one.start, one.quote) == (NAME + 5, "name")


# Label Studio


def region(start: object, end: object, text: str, label: str = "Data") -> Json:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": "a", "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def studio(folder: Path, *tasks: Json) -> list[MarkedText]:
    return list(read_label_studio(put(folder, "p.json", list(tasks))))


def test_label_studio_reads_regions_and_what_is_said_of_them(tmp_path: Path) -> None:
    result = [
        region(NAME, NAME + 4, "name"),
        {"id": "a", "from_name": "kept", "type": "choices",
         "value": {"start": NAME, "end": NAME + 4, "choices": ["long"]}},
        {"id": "b", "from_name": "tone", "type": "choices", "value": {"choices": ["dry"]}},
    ]  # fmt: skip
    [found] = studio(tmp_path, {"id": 7, "data": {"text": TEXT}, "annotations": [
        {"completed_by": {"email": "ann@x.example"}, "result": result},
        {"was_cancelled": True, "result": result}]})  # fmt: skip
    [span] = found.spans
    assert (span.label, span.fields, span.annotator) == ("Data", {"kept": "long"}, "ann@x.example")
    assert found.notes


def test_annotators_of_one_task_stay_apart(tmp_path: Path) -> None:
    result = [region(0, 2, "We")]
    found = studio(tmp_path, {"data": {"words": TEXT, "id": "x"}, "annotations": [
        {"completed_by": 1, "result": result}, {"completed_by": 2, "result": []}]})  # fmt: skip
    assert [(text.name, len(text.spans)) for text in found] == [("p-1", 1), ("p-2", 0)]


def test_offsets_in_utf16_units_are_told_by_their_words(tmp_path: Path) -> None:
    [found] = studio(tmp_path, {"data": {"text": TEXT}, "annotations": [
        {"result": [region(NAME + 1, NAME + 5, "name")]}]})  # fmt: skip
    assert (found.spans[0].start, found.spans[0].end) == (NAME, NAME + 4)


def test_json_min_and_global_offsets(tmp_path: Path) -> None:
    value = {"start": NAME, "end": NAME + 4, "text": "name", "labels": ["Data"]}
    [found] = studio(tmp_path, {"id": 1, "text": TEXT, "label": [value], "annotator": 3})
    assert (found.spans[0].start, found.spans[0].annotator) == (NAME, "3")
    value |= {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]",
              "globalOffsets": {"start": NAME, "end": NAME + 4}}  # fmt: skip
    [found] = studio(tmp_path, {"text": TEXT, "label": [value]})
    assert found.spans[0].start == NAME


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[" * 5000, "no JSON"),
        ('"text"', "no list of tasks"),
        ([], "no list of tasks"),
        ([1], "no list of tasks"),
        ([{"data": {"n": 1}}], "no text"),
        ([{"data": {"text": TEXT}, "annotations": [1]}], "no list"),
        ([{"data": {"text": TEXT}, "annotations": [{"result": {}}]}], "list of results"),
        ([{"data": {"text": TEXT}, "predictions": [{"result": [region(None, 2, "")]}]}], "offsets"),
        ([{"data": {"text": TEXT}, "predictions": [
            {"result": [region(0, 2, "We"), region(3, 9, "collect")]}]}], "stands twice"),
    ],
)  # fmt: skip
def test_broken_tasks_are_refused(tmp_path: Path, content: Json, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        list(read_label_studio(put(tmp_path, "p.json", content)))


@pytest.mark.parametrize(("start", "end"), [(5, 3), (3, 3), (0, 900)])
def test_regions_that_mark_nothing_are_told(tmp_path: Path, start: int, end: int) -> None:
    studio(
        tmp_path, {"data": {"text": TEXT}, "annotations": [{"result": [region(start, end, "")]}]}
    )
    [(_, mapped)] = map_own(find_reader("label-studio"), tmp_path / "p.json")
    assert len(mapped.lost) == 1


def test_the_labeling_interface_has_each_control(tmp_path: Path) -> None:
    from lxml import etree

    made = convert(ROOT / "examples" / "us-app.md")
    files = format_annotations(made.document, made.annotations, load_lexicon("en"), "label-studio")
    view = etree.fromstring(files[".config.xml"].encode())
    controls = {one.get("name"): one.tag for one in view if one.get("toName") == "text"}
    labels = {one.get("value") for one in view.iter("Label")}
    for part in json.loads(files[".json"])[0]["predictions"][0]["result"]:
        assert controls[part["from_name"]].lower() == part["type"]
        assert labels.issuperset(part["value"].get("labels", ()))


# Web Annotation


def note(**changes: Json) -> Json:
    return {
        "@context": ANNO, "id": "urn:x:1", "type": "Annotation", "creator": {"name": "Ann"},
        "body": [{"type": "TextualBody", "value": "Data", "purpose": "tagging"}],
        "target": {"source": "https://shop.example/privacy", "selector": [
            {"type": "TextQuoteSelector", "exact": "name", "prefix": "share your ",
             "suffix": " with"}]},
    } | changes  # fmt: skip


def test_a_foreign_web_annotation_is_found_by_its_words(tmp_path: Path) -> None:
    path = put(tmp_path, "p.json", {"@context": [ANNO], "type": "AnnotationPage",
                                    "items": [note()]})  # fmt: skip
    page = put(tmp_path, "page.txt", TEXT)
    [policy] = read_foreign(find_reader("web-annotation"), path, page)
    [clause] = policy.clauses
    assert [(clause.path(mark), mark.span) for mark in clause.marks] == [
        ("Data", (AGAIN, AGAIN + 4))
    ]
    assert clause.annotator == "Ann"


def test_rows_of_hypothesis_are_read(tmp_path: Path) -> None:
    row = {
        "id": "Qx1", "user": "acct:ann@hypothes.is", "uri": "https://shop.example/privacy",
        "text": "see there", "tags": ["Data", "Kept"], "target": [{
            "source": "https://shop.example/privacy", "selector": [
                {"type": "RangeSelector", "startContainer": "/p[1]", "endContainer": "/p[1]",
                 "startOffset": 11, "endOffset": 20},
                {"type": "TextPositionSelector", "start": 7011, "end": 7015},
                {"type": "TextQuoteSelector", "exact": "name", "prefix": "share your ",
                 "suffix": " with"}]}],
    }  # fmt: skip
    whole = {"id": "Qx2", "uri": row["uri"], "tags": ["Data"], "text": "", "target": [
        {"source": row["uri"]}]}  # fmt: skip
    path = put(tmp_path, "p.json", {"total": 2, "rows": [row, whole]})
    page = put(tmp_path, "page.txt", TEXT)
    [policy] = read_foreign(find_reader("web-annotation"), path, page)
    [clause] = policy.clauses
    assert [clause.path(mark) for mark in clause.marks] == ["Data", "Kept"]
    assert clause.marks[0].span == (AGAIN, AGAIN + 4)
    assert clause.annotator == "ann@hypothes.is"
    assert len(policy.notes) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ([1], "no annotations"),
        (note(**{"@context": "https://evil.example/context"}), "remote context"),
        (note(**{"@context": [ANNO, "http://evil.example/c"]}), "remote context"),
        (note(**{"@context": {"@import": "https://evil.example/c"}}), "remote context|no JSON-LD"),
        (note(**{"@context": 5}), "no JSON-LD"),
        ([note(), note()], "stands twice"),
        ([note(), note(id="urn:x:2", target={"source": "https://x.example/", "selector": [
            {"type": "TextQuoteSelector", "exact": "name"}]})], "2 pages"),
        (note(target=[]), "without a target"),
        (note(target={"source": "urn:x", "selector": [
            {"type": "TextPositionSelector", "start": "two", "end": 3}]}), "whole numbers"),
    ],
)  # fmt: skip
def test_broken_web_annotations_are_refused(tmp_path: Path, content: Json, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        list(read_web_annotation(put(tmp_path, "p.json", content)))


def test_a_quote_that_is_missing_is_told(tmp_path: Path) -> None:
    selector = {"type": "TextPositionSelector", "start": 3, "end": 7}
    target = {"source": "urn:x", "selector": selector}
    [found] = read_web_annotation(put(tmp_path, "p.json", note(target=target)))
    assert "TextQuoteSelector" in str(found.lost[0])
    [found] = read_web_annotation(put(tmp_path, "p.json", note(body=[])))
    assert "no label" in str(found.lost[0])


def test_web_annotations_alone_have_no_text(tmp_path: Path) -> None:
    path = put(tmp_path, "p.json", note())
    with pytest.raises(ReadError, match="--page"):
        list(read_foreign(find_reader("web-annotation"), path))


OA, AS = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/activitystreams#"


def test_what_we_write_keeps_the_model() -> None:
    """What https://www.w3.org/TR/annotation-model/ says that must be, on the RDF of it."""
    import rdflib
    from pyld import jsonld

    made = convert(ROOT / "examples" / "us-app.md")
    files = format_annotations(made.document, made.annotations, load_lexicon("en"), "webannotation")
    written = json.loads(files[".jsonld"])
    assert written["@context"][0] == ANNO

    def load(address: str, _: object) -> Json:
        assert address == ANNO
        context = {"@context": load_contexts()["anno"]}
        return {"contextUrl": None, "documentUrl": address, "document": context}

    quads = jsonld.to_rdf(written, {"documentLoader": load, "format": "application/n-quads"})
    graph = rdflib.Graph().parse(data=quads, format="nt")
    oa, activity, rdf = rdflib.Namespace(OA), rdflib.Namespace(AS), rdflib.RDF
    [collection] = graph.subjects(rdf.type, activity.OrderedCollection)
    [page] = graph.objects(collection, activity.first)
    assert (page, rdf.type, activity.OrderedCollectionPage) in graph
    assert (page, activity.partOf, collection) in graph
    listed = list(rdflib.collection.Collection(graph, graph.value(page, activity["items"])))
    assert int(graph.value(collection, activity.totalItems)) == len(listed)
    assert set(listed) == set(graph.subjects(rdf.type, oa.Annotation))
    assert len(listed) == len(made.annotations)
    for one, was in zip(listed, made.annotations, strict=True):
        assert isinstance(one, rdflib.URIRef)
        [target] = graph.objects(one, oa.hasTarget)
        assert (target, rdf.type, oa.SpecificResource) in graph
        [source] = graph.objects(target, oa.hasSource)
        assert isinstance(source, rdflib.URIRef)
        selectors = {graph.value(s, rdf.type): s for s in graph.objects(target, oa.hasSelector)}
        position, quote = selectors[oa.TextPositionSelector], selectors[oa.TextQuoteSelector]
        assert [n.toPython() for n in graph.objects(position, oa.start)] == [was.start]
        assert [n.toPython() for n in graph.objects(position, oa.end)] == [was.end]
        assert [str(n) for n in graph.objects(quote, oa.exact)] == [was.quote]
        bodies = list(graph.objects(one, oa.hasBody))
        [tag] = [b for b in bodies if (b, rdf.type, oa.TextualBody) in graph]
        assert [str(v) for v in graph.objects(tag, rdf.value)] == [f"{was.kind} {was.term}".strip()]
        purposes = {p for b in bodies for p in graph.objects(b, oa.hasPurpose)}
        assert purposes <= {oa.tagging, oa.classifying}


def test_targets_are_the_text_of_the_graph() -> None:
    made = convert(ROOT / "examples" / "us-app.md")
    files = format_annotations(made.document, made.annotations, load_lexicon("en"), "webannotation")
    first = json.loads(files[".jsonld"])["first"]["items"][0]
    assert f"<{first['target']['source']}>" in made.to_nquads()


# INCEpTION


@pytest.fixture
def cas(tmp_path: Path) -> Json:
    """A CAS as INCEpTION exports it: named entities, tokens, an emoji before them."""
    cassis = pytest.importorskip("cassis", reason="the extra inception is not installed")
    types = cassis.TypeSystem()
    entity = types.create_type("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity")
    types.create_feature(entity, "value", "uima.cas.String")
    token = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "uima.tcas.Annotation"
    )
    cas = cassis.Cas(types)
    cas.sofa_string = TEXT
    cas.add(token(begin=0, end=2))
    cas.add(entity(begin=NAME, end=NAME + 4, value="DATA"))
    return cas


def test_a_foreign_layer_is_read_as_label_and_fields(tmp_path: Path, cas: Json) -> None:
    path = put(tmp_path, "p.xmi", cas.to_xmi())
    put(tmp_path, "TypeSystem.xml", cas.typesystem.to_xml())
    assert f'begin="{NAME + 1}"' in path.read_text("utf-8"), "UIMA counts UTF-16 code units"
    as_json = put(tmp_path, "p.json", cas.to_json())
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as parts:
        parts.write(path, "admin.xmi")
        parts.write(tmp_path / "TypeSystem.xml", "TypeSystem.xml")
    for one in (path, as_json, tmp_path / "p.zip"):
        [policy] = read_foreign(find_reader("inception"), one)
        [clause] = policy.clauses
        assert [clause.path(mark) for mark in clause.marks] == [
            "NamedEntity", "NamedEntity > value > DATA"
        ]  # fmt: skip
        assert clause.marks[0].span == (NAME, NAME + 4)


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" v="&c;">&c;</xmi:XMI>"""


@pytest.mark.parametrize(
    ("xmi", "said"),
    [
        ("no xml", "no XML"),
        (BOMB, "DOCTYPE|entit"),
        ("<a/>", "no CAS|no text"),
        ('<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>', "no text"),
    ],
)
def test_broken_xmi_is_refused(tmp_path: Path, cas: Json, xmi: str, said: str) -> None:
    put(tmp_path, "TypeSystem.xml", cas.typesystem.to_xml())
    with pytest.raises(ReadError, match=said):
        list(read_inception(put(tmp_path, "p.xmi", xmi)))


def test_a_bomb_in_the_type_system_is_refused(tmp_path: Path, cas: Json) -> None:
    put(tmp_path, "TypeSystem.xml", BOMB)
    with pytest.raises(ReadError, match=r"DOCTYPE|entit"):
        list(read_inception(put(tmp_path, "p.xmi", cas.to_xmi())))


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "no CAS"), ("{}", "no CAS"), ('{"%TYPES": 5}', "no CAS"), (b"PK\x03\x04", "archive"),
     ('{"%TYPES":{},"%FEATURE_STRUCTURES":[],"%VIEWS":{}}', "no text")],
)  # fmt: skip
def test_broken_cas_json_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    pytest.importorskip("cassis", reason="the extra inception is not installed")
    with pytest.raises(ReadError, match=said):
        list(read_inception(put(tmp_path, "p.json", content)))


def test_an_id_that_stands_twice_in_a_cas_is_refused(tmp_path: Path, cas: Json) -> None:
    xmi = cas.to_xmi()
    put(tmp_path, "TypeSystem.xml", cas.typesystem.to_xml())
    first, second = re.findall(r'xmi:id="([1-9]\d*)"', xmi)[-2:]
    path = put(tmp_path, "p.xmi", xmi.replace(f'xmi:id="{second}"', f'xmi:id="{first}"'))
    with pytest.raises(ReadError, match="stands twice"):
        list(read_inception(path))
    held = json.loads(cas.to_json())
    held["%FEATURE_STRUCTURES"][-1]["%ID"] = held["%FEATURE_STRUCTURES"][-2]["%ID"]
    with pytest.raises(ReadError, match="stands twice"):
        list(read_inception(put(tmp_path, "p.json", held)))


def test_a_cas_needs_types_a_layer_and_offsets(tmp_path: Path, cas: Json) -> None:
    xmi = cas.to_xmi()
    path = put(tmp_path, "p.xmi", xmi)
    with pytest.raises(ReadError, match=r"no TypeSystem\.xml"):
        list(read_inception(path))
    put(tmp_path, "TypeSystem.xml", cas.typesystem.to_xml())
    put(tmp_path, "p.xmi", xmi.replace(f'end="{NAME + 5}"', 'end="9999"'))
    with pytest.raises(ReadError, match="beyond the text"):
        list(read_inception(path))
    put(tmp_path, "p.xmi", xmi.replace(f'end="{NAME + 5}"', 'end="1"'))
    [(_, mapped)] = map_own(read_inception, path)
    assert "marks nothing" in str(mapped.lost[0])
    for one in list(cas.select_all_annotations()):
        cas.remove(one)
    put(tmp_path, "p.xmi", cas.to_xmi())
    with pytest.raises(ReadError, match="no layer"):
        list(read_inception(path))


def test_without_the_extra_the_advice_is_to_install_it(command: Run, tmp_path: Path) -> None:
    put(tmp_path, "cassis.py", "raise ImportError('not here')")
    put(tmp_path, "p.json", "{}")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = command("map", "p.json", "--scheme", "inception", PYTHONPATH=path)
    assert done.returncode == 2
    assert "install policy2dpv[inception]" in done.stderr


# Tables for foreign labels


def test_a_template_is_filled_and_maps(command: Run, tmp_path: Path) -> None:
    brat(tmp_path, f"T1\tAct 3 10\tcollect\nT2\tData {NAME} {NAME + 4}\tname\nA1\tKept T2 long\n"
                   f"T3\tData {AGAIN} {AGAIN + 4}\tname\n")  # fmt: skip
    done = command("map", "p.ann", "--scheme", "brat", "--init", "own.sssom.tsv")
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "own.sssom.tsv").read_text("utf-8").splitlines()
    assert [row.split("\t")[0] for row in rows[1:]] == ["Act", "Data", "Data > Kept > long"]
    assert "2 times" in rows[2]
    assert [path.name for path in tmp_path.iterdir() if path.name == "out"] == []

    done = command("map", "p.ann", "--scheme", "brat", "--mapping", "own.sssom.tsv", "-o", "a.nq")
    assert done.returncode == 1
    for label in ("'Act' (1 times)", "'Data' (2 times)", "'Data > Kept > long' (1 times)"):
        assert f"no row maps {label}" in done.stderr

    columns = rows[0].split("\t")
    terms = {"Act": ("dpv:Collect", "processing"), "Data": ("pd:Name", "personal_data"),
             "Data > Kept > long": ("sssom:NoTermFound", "")}  # fmt: skip
    reasons = {"Data > Kept > long": "unspecific"}
    filled = [rows[0]]
    for row in rows[1:]:
        cells = dict(zip(columns, row.split("\t"), strict=True))
        cells["object_id"], cells["kind"] = terms[cells["subject_label"]]
        cells["reason"] = reasons.get(cells["subject_label"], "")
        filled.append("\t".join(cells[column] for column in columns))
    put(tmp_path, "filled.sssom.tsv", "\n".join([*filled, ""]))
    done = command("map", "p.ann", "--scheme", "brat", "--mapping", "filled.sssom.tsv",
                   "-o", "a.nq", "-q")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    graph = (tmp_path / "a.nq").read_text("utf-8")
    assert "https://w3id.org/dpv#Collect>" in graph
    assert "https://w3id.org/dpv/pd#Name>" in graph


def test_a_label_may_begin_as_comments_do(tmp_path: Path) -> None:
    path = put(tmp_path, "own.sssom.tsv", format_template({"#private": 1, "Data": 2}))
    head, *rows = path.read_text("utf-8").splitlines()
    columns = head.split("\t")
    filled = [dict(zip(columns, row.split("\t"), strict=True)) for row in rows]
    for cells in filled:
        cells |= {"object_id": "pd:Name", "kind": "personal_data"}
    content = "\n".join([head, *("\t".join(cells.values()) for cells in filled)])
    table = load_scheme("brat", put(tmp_path, "filled.sssom.tsv", content))
    assert [row.label for row in table.rows] == ["#private", "Data"]
    assert not load_scheme("brat", path).rows


def test_files_of_one_name_get_a_graph_each(command: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        brat(tmp_path / folder, f"T1\tpersonal_data__pd__Name {NAME} {NAME + 4}\tname\n")
    done = command("map", "a/p.ann", "b/p.ann", "--scheme", "brat", "-o", "graphs")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "graphs").iterdir())) == 2


def test_a_template_replaces_nothing(command: Run, tmp_path: Path) -> None:
    brat(tmp_path, "T1\tAct 3 10\tcollect\n")
    put(tmp_path, "own.sssom.tsv", "mine\n")
    done = command("map", "p.ann", "--scheme", "brat", "--init", "own.sssom.tsv")
    assert done.returncode == 2
    assert (tmp_path / "own.sssom.tsv").read_text() == "mine\n"


def test_labels_of_others_without_a_table_are_counted(command: Run, tmp_path: Path) -> None:
    brat(tmp_path, f"T1\tData {NAME} {NAME + 4}\tname\nT2\tData 900 904\tname\n")
    done = command("map", "p.ann", "--scheme", "brat", "-o", "a.nq", "-q")
    assert done.returncode == 1
    assert "no row maps 'Data' (1 times)" in done.stderr
    assert "p.ann:2: ends at 904" in done.stderr


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("polarity", "maybe", "affirmed, denied"), ("confidence", "2", "0 to 1"),
     ("clause", "one", "whole number"), ("definition", "x", "START-END")],
)  # fmt: skip
def test_a_field_that_holds_what_it_cannot_is_told(
    tmp_path: Path, field: str, value: str, said: str
) -> None:
    mark = f"T1\tpersonal_data__pd__Name {NAME} {NAME + 4}\tname\n"
    brat(tmp_path, mark + f"#1\tAnnotatorNotes T1\t{json.dumps({field: value})}\n")
    with pytest.raises(ReadError, match=f"{field} is .*{said}"):
        list(map_own(find_reader("brat"), tmp_path / "p.ann"))


def test_one_page_for_several_texts_is_refused(tmp_path: Path) -> None:
    studio(tmp_path, {"id": 1, "data": {"text": TEXT}}, {"id": 2, "data": {"text": "Other."}})
    page = put(tmp_path, "page.txt", TEXT)
    with pytest.raises(ReadError, match="2 texts"):
        list(map_own(read_label_studio, tmp_path / "p.json", page))


def test_annotation_lines_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "p.jsonl", '{"start": 1}\n')
    with pytest.raises(ReadError, match=r"p\.jsonl:1"):
        list(find_reader("jsonl")(path, None))
