"""TILT documents, registers of processing activities, and policies compared with them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import ROOT, Run
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv import convert
from policy2dpv.bridges.compare_register import compare_register
from policy2dpv.bridges.register_files import (
    FORMULA,
    format_csv,
    guard_cell,
    plain_cell,
    read_cells,
    register_cells,
)
from policy2dpv.bridges.register_graph import build_register, read_notice
from policy2dpv.bridges.register_model import Activity, Entry, Register, load_columns
from policy2dpv.bridges.register_read import read_register
from policy2dpv.bridges.tilt import format_tilt
from policy2dpv.bridges.tilt_fields import Edition, Field, build_tree, load_tilt
from policy2dpv.errors import GraphError, ReadError, TableError, WriteError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import load_vocabulary

DATA = ROOT / "tests" / "bridges"
FOREIGN = DATA / "foreign.ttl"
EXAMPLES = ("eu-shop.html", "us-app.md", "university.txt")
TIME = "2026-01-02T00:00:00Z"
CONSTRAINTS = DATA / "tilt.schema.json"  # of the schema, as it stood at the revision of tilt.tsv
OWN = "POLICY2DPV_TILT_SCHEMA"  # where a copy of TILT's own schema lies
SCHEMA = Path(os.environ.get(OWN) or ROOT.parent / "shared" / "tilt" / "tilt-schema.json")


@pytest.fixture(scope="module", params=[*EXAMPLES, "foreign"])
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of each example policy, and one that others might write."""
    if request.param == "foreign":
        return FOREIGN
    path = tmp_path_factory.mktemp("graphs") / f"{request.param}.ttl"
    path.write_text(convert(ROOT / "examples" / request.param).to_turtle(), "utf-8")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_register_compared_with_its_policy_has_no_gap(
    command: Run, graph: Path, tmp_path: Path, suffix: str
) -> None:
    register = tmp_path / f"register{suffix}"
    done = command("export", graph, "--to", "register", "-o", register)
    assert (done.returncode, done.stderr) == (0, "")
    done = command("compare-register", graph, register)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("no gaps; compared: Purpose of processing")


def test_what_tilt_cannot_hold_is_all_that_it_loses(graph: Path, tmp_path: Path) -> None:
    path = tmp_path / "tilt.json"
    path.write_text(format_tilt(read_notice(graph), graph.read_bytes(), time=TIME), "utf-8")
    found = compare_register(build_register(read_notice(graph)), read_register(path))
    # TILT has one address and one telephone number of a controller
    assert {gap.kind for gap in found.gaps} <= {"contact"}
    assert "personal_data" in found.compared


@pytest.mark.parametrize("row", read_table(DATA / "gaps.tsv"), ids=lambda row: row["case"])
def test_seeded_gaps_are_found(row: dict[str, str], tmp_path: Path) -> None:
    policy = build_register(read_notice(FOREIGN))
    cells = register_cells(policy)
    at = cells[0].index(row["column"])
    changed = [[*r[:at], _changed(r[at], row, first=n == 0), *r[at + 1 :]]
               for n, r in enumerate(cells[1:])]  # fmt: skip
    assert changed != cells[1:]
    path = tmp_path / "register.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([cells[0], *changed])
    gaps = compare_register(policy, read_register(path)).gaps
    found = [f"{g.side} {g.relation} {g.label}{' DENIED' * g.denied}" for g in gaps]
    # a row that has lost its purpose no longer says what stands beside it
    assert sorted(f for f in found if " elsewhere " not in f or "elsewhere" in row["gaps"]) == (
        sorted(filter(None, row["gaps"].split("|")))
    )


def _changed(cell: str, row: dict[str, str], *, first: bool) -> str:
    if row["old"]:
        return cell.replace(row["old"], row["new"])
    return f"{cell}\n{row['new']}" if first else cell


def test_a_register_in_its_keepers_words_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(
        "\ufeffProcessing activity;Data subjects;Data categories;Recipients;Retention;Owner\r\n"
        "Delivery of goods;Customers;Name, postal address;Parcels plc;10 years;Sales\r\n"
        "Frobnication;;e-mail address;;;\r\n",
        "utf-8",
    )
    found = compare_register(build_register(read_notice(FOREIGN)), read_register(path))
    said = [(gap.side, gap.label) for gap in found.gaps if gap.relation == "missing"]
    assert said == [("policy", "Direct Marketing"), ("register", "Frobnication")]
    assert found.unread == (
        'column "Owner"', "row 3, Purpose of processing: Frobnication",
    )  # fmt: skip
    assert "legal_basis" in found.not_compared


def test_gaps_end_with_1_and_come_as_json(command: Run, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("Purposes,Personal data\nPayroll,salary\n", "utf-8")
    done = command("compare-register", FOREIGN, "r.csv", "--format", "json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert {gap["side"] for gap in told["gaps"]} == {"policy", "register"}
    text = command("compare-register", FOREIGN, "r.csv").stdout
    assert "The policy says, and the register does not:" in text


def test_a_gap_quotes_the_words_that_state_it(tmp_path: Path) -> None:
    graph = tmp_path / "policy.ttl"
    graph.write_text(convert(b"We use your email address for marketing.").to_turtle(), "utf-8")
    register = Register((), kinds=frozenset(["purpose"]))
    gaps = compare_register(build_register(read_notice(graph)), register).gaps
    assert [gap.words for gap in gaps] == [("We use your email address for marketing.",)]


# TILT


@pytest.mark.parametrize("edition", [1, 2])
def test_tilt_keeps_to_the_constraints(graph: Path, edition: Edition) -> None:
    text = format_tilt(read_notice(graph), graph.read_bytes(), time=TIME, edition=edition)
    assert not _faults(_schema(load_tilt(edition)), text)


@pytest.mark.parametrize("schema_file", [CONSTRAINTS, SCHEMA], ids=["constraints", "schema"])
def test_tilt_is_valid(graph: Path, schema_file: Path) -> None:
    text = format_tilt(read_notice(graph), graph.read_bytes(), time=TIME)
    assert not _faults(_at_hand(schema_file), text)


def test_the_constraints_are_those_of_the_schema() -> None:
    ours, theirs = _constraints(_at_hand(CONSTRAINTS)), _constraints(_at_hand(SCHEMA))
    recipients = ours["properties"]["dataDisclosed"]["items"]["anyOf"][0]["properties"][
        "recipients"
    ]
    least = {"type": "object", "required": ["category"],
             "properties": {"category": {"type": "string"}}}  # fmt: skip
    recipients["items"]["anyOf"].append(least)  # met by all that meets the first alternative
    assert ours == theirs


ODD = [
    ('language "en"', 'language "English"'), ('language "en"', 'language "DE-at"'),
    ('language "en"', 'language "xx"'), ('issued "2026-01-05"^^xsd:date', 'issued "2026-13-45"'),
    ('issued "2026-01-05"^^xsd:date', 'modified "5 January 2026"'),
    ("dct:issued", 'dct:modified "yesterday" ; dct:issued'),
    ("dct:issued", "foaf:page <https://shop.example/\u00fcber-uns> ; dct:issued"),
    ("dct:issued", "foaf:page <https://m\u00fcnchen.example/100%25> ; dct:issued"),
    ("ex:notice a", "<https://shop.example/datenschutz-f\u00fcr-alle> a"),
    ('"mailto:privacy@shop.example"', '"privacy at @ shop"'),
    ('"dpo@shop.example"', '"https://shop.example/dp\u00f6"'),
    ('"P10Y"^^xsd:duration', '"P10X"'), ('"P10Y"^^xsd:duration', '"ten years"'),
]  # fmt: skip


@pytest.mark.parametrize(("was", "is_"), ODD, ids=[odd for _, odd in ODD])
@pytest.mark.parametrize("edition", [1, 2])
def test_odd_values_of_a_graph_do_not_break_tilt(
    was: str, is_: str, edition: Edition, tmp_path: Path
) -> None:
    text = FOREIGN.read_text("utf-8")
    assert was in text
    path = tmp_path / "odd.ttl"
    path.write_text(
        "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n" + text.replace(was, is_), "utf-8"
    )
    made = format_tilt(read_notice(path), path.read_bytes(), time=TIME, edition=edition)
    assert not _faults(_schema(load_tilt(edition)), made)
    if edition == 1:
        assert not _faults(_at_hand(CONSTRAINTS), made)


def _at_hand(file: Path) -> dict[str, Any]:
    """A schema; skips where it is TILT's own, which we do not carry, and it is not there."""
    if not file.is_file():
        pytest.skip(f"TILT's own schema is not there: {OWN} names a copy; ours is tested alone")
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


def _faults(schema: dict[str, Any], document: str) -> list[str]:
    import jsonschema

    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    assert {"email", "uri", "uri-reference"} <= set(checker.checkers), (
        "rfc3986-validator is missing"
    )
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    return [f"{f.json_path}: {f.message}" for f in validator.iter_errors(json.loads(document))]


def _constraints(schema: Any, *, names: bool = False) -> Any:
    """A schema without its prose, examples and what constrains nothing; `names` are of fields."""
    if isinstance(schema, list):
        return [_constraints(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    prose = {"$schema", "$id", "$comment", "title", "description", "examples", "default"}
    idle = (("additionalProperties", True), ("additionalItems", True), ("required", []))
    kept = {key: _constraints(value, names=key == "properties") for key, value in schema.items()
            if names or (key not in prose and (key, value) not in idle)}  # fmt: skip
    return kept | (
        {"required": sorted(kept["required"])} if not names and "required" in kept else {}
    )


def test_both_editions_of_tilt_are_read_alike(graph: Path, tmp_path: Path) -> None:
    read = []
    for edition in (1, 2):
        path = tmp_path / f"{edition}.json"
        text = format_tilt(read_notice(graph), graph.read_bytes(), time=TIME, edition=edition)
        path.write_text(text, "utf-8")
        read.append(read_register(path))
    assert read[0] == read[1]
    assert json.loads(text)["meta"]["url"][0].startswith(("http", "urn:"))


def test_tilt_is_read_by_its_own_library(graph: Path) -> None:
    tilt = pytest.importorskip("tilt.tilt", reason="the package tilt (python-tilt) is not there")
    text = format_tilt(read_notice(graph), graph.read_bytes(), time=TIME)
    assert tilt.tilt_from_dict(json.loads(text)).meta.status == "active"


@pytest.mark.parametrize("path", [f.path for f in load_tilt().walk() if f.needed and f.path])
def test_a_field_that_is_gone_is_noticed(path: str) -> None:
    """The constraints can fail: each needed field, taken out of a full document, is missed."""
    import jsonschema

    document = _full(load_tilt())
    validator = jsonschema.Draft7Validator(_schema(load_tilt()))
    assert validator.is_valid(document)
    *above, last = re.split(r"\.", path)
    at: Any = document
    for name in above:
        at = at[name.removesuffix("[]")]
        at = at[0] if name.endswith("[]") else at
    del at[last]
    assert not validator.is_valid(document)


def test_a_tilt_document_of_a_foreign_graph(tmp_path: Path) -> None:
    told = json.loads(format_tilt(read_notice(FOREIGN), FOREIGN.read_bytes()))
    assert told["meta"]["created"] == "2026-01-05"
    assert told["controller"]["country"] == "IE"
    assert told["dataProtectionOfficer"]["email"] == "dpo@shop.example"
    [mail] = [one for one in told["dataDisclosed"] if one["category"] == "Email Address"]
    assert [one["reference"] for one in mail["legalBases"]] == ["GDPR-6-1-a"]
    [transfer] = told["thirdCountryTransfers"]
    assert transfer["country"] == "US"
    assert transfer["standardDataProtectionClause"]["available"] is True
    assert transfer["adequacyDecision"]["available"] is False
    assert told["rightToComplain"]["available"] is True
    assert told["rightToDataPortability"]["available"] is False


def test_a_date_is_asked_for_where_none_is_stated(command: Run, tmp_path: Path) -> None:
    text = re.sub(r"\n.*dct:issued.*", "", FOREIGN.read_text("utf-8"))
    (tmp_path / "undated.ttl").write_text(text, "utf-8")
    done = command("export", "undated.ttl", "--to", "tilt", "-o", "t.json", SOURCE_DATE_EPOCH="")
    assert (done.returncode, "--time" in done.stderr) == (2, True)
    assert not (tmp_path / "t.json").exists()
    done = command("export", "undated.ttl", "--to", "tilt", "--time", TIME)
    assert json.loads(done.stdout)["meta"]["created"] == TIME


def test_same_graph_same_bytes(command: Run, graph: Path, tmp_path: Path) -> None:
    for name, to in (("a.csv", "register"), ("a.xlsx", "register"), ("a.json", "tilt")):
        made = []
        for seed in ("1", "2"):
            done = command("export", graph, "--to", to, "-o", name,
                           PYTHONHASHSEED=seed, SOURCE_DATE_EPOCH="0")  # fmt: skip
            assert done.returncode == 0, done.stderr
            made.append((tmp_path / name).read_bytes())
            (tmp_path / name).unlink()
        assert made[0] == made[1], name


def _schema(field: Field) -> dict[str, Any]:
    """The constraints of the table as a JSON Schema."""
    if field.listed:
        one = _schema(msgspec.structs.replace(field, listed=False))
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": one}
    schema: dict[str, Any] = {"type": field.type}
    if field.type == "object":
        schema["properties"] = {one.name: _schema(one) for one in field.below}
        schema["required"] = [one.name for one in field.below if one.needed]
    if field.type == "array":
        schema["items"] = _schema(field.below[0]) if field.below else {}
    name, _, limit = field.limits.partition("=")
    if name == "length":
        schema |= {"minLength": int(limit), "maxLength": int(limit)}
    elif name == "least":
        schema["minimum"] = int(limit)
    elif name == "one":
        schema["enum"] = limit.split("|")
    elif name == "pattern":
        schema["pattern"] = f"^({limit})$"
    elif limit == "duration":
        schema["pattern"] = r"^P[\dYMDTHS]+$"
    elif limit == "iso-date":
        schema["pattern"] = r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?)?)?$"
    elif name == "format":
        schema["format"] = limit
    return schema


def _full(field: Field) -> Any:
    if field.type == "object":
        return {one.name: _full(one) for one in field.below}
    if field.type == "array":
        return [_full(one) for one in field.below]
    if field.type == "string":
        by_limit = {"length=64": "0" * 64, "format=iso-date": "2026"}
        by_name = {"country": "ZZ", "language": "en", "reference": "GDPR-6", "ttl": "P1Y",
                   "status": "active", "aggregationFunction": "max"}  # fmt: skip
        return by_name.get(field.name, by_limit.get(field.limits, "1"))
    return False if field.type == "boolean" else 1


# tables


def test_each_term_of_the_tables_is_in_the_release() -> None:
    known = load_vocabulary()
    for field in load_tilt().walk():
        for term in field.terms:
            assert known.has(term), (field.path, term)
            assert known.replacement(term) is None, (field.path, term)


def test_each_column_has_a_kind_that_slots_have() -> None:
    kinds = {row["kind"] for row in read_table(ROOT / "mappings" / "slots.tsv")}
    for column in load_columns():
        assert (column.kind in kinds) == (column.level != "words"), column.heading
    assert {f.kind for f in load_tilt().walk()} - {""} <= {c.kind for c in load_columns()}


def test_letters_of_article_30_are_all_there() -> None:
    assert {column.item for column in load_columns()} - {""} == set("abcdefg")


def test_a_field_before_its_object_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tilt.tsv"
    path.write_text("path\ttype\ttwo\nmeta.name\tstring\t\n", "utf-8")
    with pytest.raises(TableError, match=r"tilt.tsv:2: no field meta before it"):
        build_tree(read_table(path))


# bad input

NO_GRAPH = [
    ("text.ttl", "Our policy.", "no valid Turtle"),
    ("empty.ttl", "", "no process of the DPV stands in it"),
    ("other.ttl", "<urn:a> a <http://xmlns.com/foaf/0.1/Person> .", "no process of the DPV"),
    ("policy.pdf", "x", "is no graph format"),
    ("two.ttl", FOREIGN.read_text("utf-8") + "ex:other a dpv:PrivacyNotice ; "
     "dpv:hasProcess ex:orders .", "2 notices stand in it"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), NO_GRAPH, ids=lambda v: str(v)[:12])
def test_what_is_no_graph_is_told(
    command: Run, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(GraphError, match=said):
        read_notice(tmp_path / name)
    done = command("export", name, "--to", "register", "-o", "r.csv")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r.csv").exists()


NO_REGISTER = [
    ("a.csv", b"", "it holds no cells"),
    ("a.csv", b"\n,,\n", "it holds no cells"),
    ("a.csv", b"Colour,Size\nred,1\n", 'no column "Purpose of processing" among: Colour, Size'),
    ("a.csv", b"Purposes,Purpose,Data categories\n", 'two columns are "Purpose of processing"'),
    ("a.csv", b"Purposes,Data\xff\n", "not UTF-8 text"),
    ("a.csv", b'Purposes,"Data\n', "no valid CSV"),
    ("a.xlsx", b"no zip", "no Excel file"),
    ("a.xlsx", b"PK\x03\x04broken", "no Excel file"),
    ("a.json", b"{", "no valid JSON"),
    ("a.json", b"\xff", "no valid JSON"),
    ("a.json", b"[]", "it is no JSON object"),
    ("a.json", b"{}", 'its "dataDisclosed" is no array'),
    ("a.json", b'{"dataDisclosed": {}}', 'its "dataDisclosed" is no array'),
    ("a.json", b"[" * 100_000, "nested too deeply|no valid JSON"),
    ("a.odt", b"x", '".odt" is no register'),
]


@pytest.mark.parametrize(("name", "content", "said"), NO_REGISTER, ids=lambda v: str(v)[:24])
def test_what_is_no_register_is_told(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=said):
        read_register(tmp_path / name)


def test_odd_values_in_tilt_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    document = {
        "controller": "Acme", "thirdCountryTransfers": [None, {"country": 7}],
        "dataDisclosed": [3, {"category": [7, ["x"]], "purposes": "y", "recipients": [None]}],
    }  # fmt: skip
    path.write_text(json.dumps(document), "utf-8")
    assert not any(a.entries or a.purpose for a in read_register(path).activities)


def _book(sheets: dict[str, list[list[str]]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    rows = [["Purposes", "Data categories"], ["Payroll", "Salary"]]
    path = tmp_path / "book.xlsx"
    path.write_bytes(_book({"Read me": [["Hello"]], "Register": rows}))
    with pytest.raises(ReadError, match=r"no column .* among: Hello; .* --sheet"):
        read_register(path)
    with pytest.raises(ReadError, match=r'no sheet "Rgister"; it has: Read me, Register'):
        read_register(path, sheet="Rgister")
    assert len(read_register(path, sheet="Register").activities) == 1
    (tmp_path / "r.csv").write_text("Purposes,Data categories\n", "utf-8")
    with pytest.raises(ReadError, match="has no sheets"):
        read_register(tmp_path / "r.csv", sheet="Register")


def _repacked(data: bytes, part: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return stream.getvalue()


def test_entities_in_excel_are_refused(tmp_path: Path) -> None:
    bomb = (b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
            b'<workbook>&b;</workbook>')  # fmt: skip
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(_repacked(_book({"A": [["Purposes"]]}), "xl/workbook.xml", bomb))
    with pytest.raises(ReadError, match="no Excel file"):
        read_cells(path)


def test_an_excel_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    large = _repacked(_book({"A": [["x"]]}), "docProps/app.xml", b" " * 210_000_000)
    path.write_bytes(large)
    with pytest.raises(ReadError, match="it unpacks to more than"):
        read_cells(path)


def test_no_half_written_file_is_left(command: Run, tmp_path: Path) -> None:
    done = command("export", FOREIGN, "--to", "register", "-o", "no/such/r.csv")
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
    done = command("export", FOREIGN, "--to", "register", "-o", "r.pdf")
    assert (done.returncode, ".csv or .xlsx" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


# formulas

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", " =1+1"]


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_begins_as_a_formula(text: str, tmp_path: Path) -> None:
    import openpyxl

    from policy2dpv.bridges.register_excel import format_excel

    values = [Entry(kind, text, name=text) for kind in ("recipient", "security_measure")]
    purpose = Entry("purpose", text)
    register = Register((Activity(purpose, tuple(values), (text,)),), (Entry("controller", text),))
    for row in csv.reader(io.StringIO(format_csv(register))):
        for cell in row:
            assert not any(line.strip(" ").startswith(FORMULA) for line in cell.split("\n"))
    sheet = openpyxl.load_workbook(io.BytesIO(format_excel(register))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_guards_are_taken_off_again(text: str) -> None:
    guarded = guard_cell(text)
    assert not any(line.lstrip(" ").startswith(FORMULA) for line in guarded.split("\n"))
    if not any(line.startswith("'") for line in text.split("\n")):
        assert plain_cell(guarded) == text


def test_excel_without_its_library_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys

    from policy2dpv.bridges.register_excel import load_openpyxl

    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ReadError, match=r"pip install 'policy2dpv\[excel\]'"):
        load_openpyxl("r.xlsx")


def test_an_export_of_another_kind_is_refused() -> None:
    from policy2dpv.bridges.bridge_files import export_register

    with pytest.raises(WriteError, match="is no register"):
        export_register(FOREIGN, "r.docx")
