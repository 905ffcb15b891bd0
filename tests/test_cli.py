"""The command line as a user meets it: places, streams, exit codes, messages."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Run

SHOP = ROOT / "examples" / "eu-shop.html"
APP = ROOT / "examples" / "us-app.md"
CLAUSE = "We use your email address to send you our newsletter.\n"
NO_PRIVACY = (
    "Apple cake\n\nPeel four apples and slice them thinly. Beat butter and sugar until the "
    "mixture is pale, fold in the flour, and bake the cake for fifty minutes.\n"
)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_convert_writes_to_out_and_sums_up(command: Run, tmp_path: Path) -> None:
    done = command("convert", SHOP)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert files(tmp_path) == ["out/eu-shop.jsonld"]
    assert str(Path("out", "eu-shop.jsonld")) in done.stderr
    for heading in ("controller", "purposes", "personal data", "recipients", "legal bases"):
        assert heading in done.stderr
    assert "Lindenfaden GmbH" in done.stderr


def test_convert_to_standard_output_from_standard_input(command: Run, tmp_path: Path) -> None:
    done = command("convert", "-", "-o", "-", input=CLAUSE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["@context"]
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("output", "begins"),
    [("a.ttl", "@prefix"), ("a.nq", "<"), ("a.csv", "policy,actor"), ("a.rdf", "<?")],
)
def test_the_output_suffix_names_the_format(
    command: Run, tmp_path: Path, output: str, begins: str
) -> None:
    done = command("convert", "-", "-o", output, input=CLAUSE)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / output).read_text("utf-8")
    assert begins in text[:200]


def test_several_formats_go_to_one_folder(command: Run, tmp_path: Path) -> None:
    done = command("convert", APP, "-o", "here", "--format", "jsonld,turtle,nquads", "-q")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == ["here/us-app.jsonld", "here/us-app.nq", "here/us-app.ttl"]
    assert done.stderr == ""


def test_equal_names_get_their_folder(command: Run, tmp_path: Path) -> None:
    for firm in ("acme", "apex"):
        write(tmp_path / firm / "privacy.txt", CLAUSE)
    done = command("convert", "acme", "apex", "-o", "graphs")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "graphs") == ["acme-privacy.jsonld", "apex-privacy.jsonld"]
    assert "2 of 2 policies converted" in done.stderr


def test_a_batch_reports_each_failure_and_goes_on(command: Run, tmp_path: Path) -> None:
    write(tmp_path / "good.txt", CLAUSE)
    write(tmp_path / "empty.txt", "")
    done = command("convert", "empty.txt", "missing.txt", "good.txt")
    assert done.returncode == 2
    assert files(tmp_path / "out") == ["good.jsonld"]
    assert "empty.txt" in done.stderr
    assert "missing.txt" in done.stderr
    assert "1 of 3 policies converted, 2 failed" in done.stderr


def test_a_page_without_privacy_content_is_a_finding(command: Run, tmp_path: Path) -> None:
    write(tmp_path / "cake.txt", NO_PRIVACY)
    done = command("convert", "cake.txt")
    assert done.returncode == 1, done.stderr
    assert "warning" in done.stderr
    notice = json.loads((tmp_path / "out" / "cake.jsonld").read_text("utf-8"))
    assert "@context" in notice


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.html", None, "missing.html"),
        ("empty.html", b"", "empty"),
        ("junk.bin", bytes(range(256)) * 40, "junk.bin"),
        ("swedish.txt", "Vi behandlar dina personuppgifter för att leverera varor. " * 20, "sv"),
        ("folder", "", "folder"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    command: Run, tmp_path: Path, name: str, content: str | bytes | None, said: str
) -> None:
    if name == "folder":
        (tmp_path / name).mkdir()
    elif content is not None:
        write(tmp_path / name, content)
    done = command("convert", name)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["convert", "-", "--format", "yaml"],
        ["convert"],
        ["convert", "-", "--quotes", "some"],
        ["no-such-command"],
        ["query", "a.ttl"],
        ["query", "missing.ttl", "--sparql", "ASK {}"],
        ["vocab", "show", "no:Term"],
        ["convert", "a.txt", "b.txt", "-o", "-"],
        ["convert", "-", "-o", "x.docx"],
        ["convert", "-", "--evidence", "x.docx"],
        ["convert", "-", "-o", "x.ttl", "--format", "csv,turtle"],
        ["convert", "-", "--time", "yesterday"],
        ["convert", "ftp://acme.example/privacy"],
    ],
    ids=" ".join,
)
def test_wrong_use_exits_with_two(command: Run, tmp_path: Path, words: list[str]) -> None:
    done = command(*words, input=CLAUSE)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == []


def test_messages_name_options_and_streams(command: Run) -> None:
    said = command("convert", "-", "-o", "x.docx", input=CLAUSE).stderr
    assert ".jsonld, .ttl" in said
    assert "http:// or https://" in command("text", "ftp://acme.example/privacy").stderr
    assert "--limit" in command("convert", "-", "--limit", "5", input=CLAUSE).stderr
    assert "--language" in command("convert", "-", input="Nous gardons votre adresse.").stderr
    assert "bytes" not in command("convert", "missing.txt").stderr


def test_a_name_without_an_ending_is_a_folder(command: Run, tmp_path: Path) -> None:
    done = command("convert", "-", "-o", "here", input=CLAUSE)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == ["here/stdin.jsonld"]
    assert done.stderr.startswith("standard input -> ")


def test_a_prohibition_alone_is_content(command: Run) -> None:
    done = command("convert", "-", input="We refrain from profiling.\n")
    assert done.returncode == 0, done.stderr
    assert "profiling" in done.stderr


def test_a_denial_starts_with_what_is_not_done(command: Run) -> None:
    done = command("convert", "-", input="We do not collect your email address.\n")
    assert "Collect: your email address" in " ".join(done.stderr.split())


def test_a_wrong_format_lists_the_right_ones(command: Run) -> None:
    done = command("convert", "-", "--format", "yaml", input=CLAUSE)
    assert "yaml" in done.stderr
    assert "jsonld, turtle" in done.stderr


OWN = "own/lexicon/en/purpose.sssom.tsv"


def own_table(folder: Path, term: str) -> None:
    columns = ("subject_label", "object_id", "requires", "example")
    row = ("frobnicate widget", term, "free", "We use it to frobnicate widgets.")
    write(folder / OWN, "\t".join(columns) + "\n" + "\t".join(row) + "\n")
    write(folder / "policy.txt", "We use your email address to frobnicate widgets.\n")


def test_a_broken_table_row_is_told_with_its_place(command: Run, tmp_path: Path) -> None:
    own_table(tmp_path, "dpv:Marketin")
    done = command("convert", "policy.txt", "--tables", "own")
    assert done.returncode == 2
    assert "lexicon/en/purpose.sssom.tsv:2: dpv:Marketin" in done.stderr
    assert "dpv:Marketing" in done.stderr
    assert files(tmp_path) == [OWN, "policy.txt"]


def test_own_tables_are_read_after_ours(command: Run, tmp_path: Path) -> None:
    own_table(tmp_path, "dpv:Marketing")
    assert command("tables", "format", "--folder", "own").returncode == 0
    assert command("tables", "check", "--folder", "own").returncode == 0
    done = command("convert", "policy.txt", "-o", "-", "-q", "--tables", "own")
    assert done.returncode == 0, done.stderr
    assert "dpv:Marketing" in done.stdout


def test_a_row_is_added_from_the_command_line(command: Run, tmp_path: Path) -> None:
    words = ["purpose", "frobnicate widget", "dpv:Marketing", "--example", "To frobnicate widgets."]
    done = command("tables", "add", *words, "--requires", "free", "--folder", "own")
    assert done.returncode == 0, done.stderr
    assert "frobnicate widget\tskos:exactMatch" in (tmp_path / OWN).read_text("utf-8")
    assert command("tables", "add", *words, "--folder", "own").returncode == 2


def test_evidence_is_a_second_graph(command: Run, tmp_path: Path) -> None:
    words = ["convert", SHOP, "-o", "a.ttl", "--evidence", "b.ttl", "-q"]
    done = command(*words, "--time", "2026-03-01T10:00:00Z")
    assert done.returncode == 0, done.stderr
    evidence = (tmp_path / "b.ttl").read_text("utf-8")
    assert "oa:Annotation" in evidence
    assert "2026-03-01T10:00:00Z" in evidence
    assert command(*words, "--time", "yesterday").returncode == 2


def test_the_size_limit_can_be_raised(command: Run, tmp_path: Path) -> None:
    write(tmp_path / "policy.txt", CLAUSE * 100)
    assert command("convert", "policy.txt", "--limit", "50").returncode == 2
    assert command("convert", "policy.txt", "--limit", "50000").returncode == 0


def test_a_result_never_replaces_a_policy(command: Run, tmp_path: Path) -> None:
    write(tmp_path / "policy.txt", CLAUSE)
    done = command("convert", "policy.txt", "-o", "policy.txt")
    assert done.returncode == 2
    assert (tmp_path / "policy.txt").read_text() == CLAUSE


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="root and Windows write into read-only folders",
)
def test_a_folder_that_cannot_be_written(command: Run, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = command("convert", "-", "-o", "locked/a.jsonld", input=CLAUSE)
    assert done.returncode == 2
    assert "locked" in done.stderr


def test_an_output_below_a_file_cannot_be_written(command: Run, tmp_path: Path) -> None:
    write(tmp_path / "file", "x")
    done = command("convert", "-", "-o", "file/a.jsonld", input=CLAUSE)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == ["file"]


def test_text_is_what_positions_count_on(command: Run) -> None:
    text = command("text", SHOP).stdout
    for line in command("annotate", SHOP).stdout.splitlines():
        found = json.loads(line)
        assert text[found["start"] : found["end"]] == found["quote"]
    for line in command("segments", SHOP).stdout.splitlines():
        found = json.loads(line)
        assert text[found["start"] : found["end"]] == found["quote"]


def test_output_to_a_file(command: Run, tmp_path: Path) -> None:
    assert command("annotate", "-", "-o", "a.jsonl", input=CLAUSE).returncode == 0
    kinds = {json.loads(line)["kind"] for line in (tmp_path / "a.jsonl").open()}
    assert {"personal_data", "purpose"} <= kinds


def test_query_rolls_terms_up(command: Run, tmp_path: Path) -> None:
    command("convert", "-", "-o", "a.ttl", input=CLAUSE)
    asked = "SELECT ?data { ?p dpv:hasPersonalData ?data . ?data skos:broader* pd:Contact }"
    done = command("query", "a.ttl", "--sparql", asked, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "data"
    assert done.stdout.splitlines()[1].endswith("EmailAddress")


def test_same_bytes_whatever_hash_seed_folder_and_locale(command: Run, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    one = command("convert", SHOP, "-o", "-", "-q", PYTHONHASHSEED="1", LC_ALL="C")
    two = command("convert", SHOP, "-o", "-", "-q", cwd=other, PYTHONHASHSEED="2", LC_ALL="C.UTF-8")
    assert one.returncode == two.returncode == 0
    assert one.stdout == two.stdout


def test_vocabulary_is_searched_and_shown(command: Run) -> None:
    assert "pd:EmailAddress\t" in command("vocab", "search", "email", "address").stdout
    shown = command("vocab", "show", "https://w3id.org/dpv/pd#EmailAddress").stdout
    assert shown.startswith("pd:EmailAddress")
    nothing = command("vocab", "search", "xyzzy")
    assert nothing.returncode == 1
    assert "no term of DPV 2.3 has these words" in nothing.stderr


def test_version_names_the_hashes(command: Run) -> None:
    done = command("--version")
    assert done.returncode == 0
    assert done.stdout.count("sha256:") == 2
