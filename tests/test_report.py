"""report: the examples say what a reader finds in them; bad graphs are explained; all formats."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import ROOT, Run

from policy2dpv import convert
from policy2dpv.checking.notices import choose_notices, load_notices, load_patterns
from policy2dpv.checking.report import Answer, Report, report_graph
from policy2dpv.checking.report_formats import (
    answer_names,
    format_json,
    format_markdown,
    format_rdf,
)
from policy2dpv.checking.report_html import format_html
from policy2dpv.errors import GraphError
from policy2dpv.knowledge.rows import read_table

EXAMPLES = {path.stem: path for path in (ROOT / "examples").glob("*.*")}
EXPECTED = sorted((ROOT / "tests" / "report").glob("*.tsv"))
CORPUS = ROOT.parent / "shared" / "corpora" / "gdpr-transparency"
NOTICE = "@prefix dpv: <https://w3id.org/dpv#> . @prefix x: <urn:x:> . x:n a dpv:PrivacyNotice"


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs")
    for name, path in EXAMPLES.items():
        convert(path).write(folder / f"{name}.nq", "nquads")
    return folder


@cache
def reported(path: Path) -> Report:
    [report] = report_graph(path)
    return report


def answers(report: Report) -> dict[tuple[str, str], Answer]:
    return {(s.notice.name, a.item.item): a for s in report.sections for a in s.answers}


def say(folder: Path, turtle: str, notice: str = "gdpr-14") -> dict[str, Answer]:
    """The answers to a graph of a few triples."""
    path = folder / "graph.ttl"
    path.write_text(turtle, "utf-8")
    [report] = report_graph(path, choose_notices(notice))
    return {item: answer for (_, item), answer in answers(report).items()}


@pytest.mark.parametrize("path", EXPECTED, ids=[path.stem for path in EXPECTED])
def test_the_examples_say_what_a_reader_finds(path: Path, graphs: Path) -> None:
    found = answers(reported(graphs / f"{path.stem}.nq"))
    by_hand = {(row["notice"], row["item"]): row["by_hand"] for row in read_table(path)}
    assert {key: answer.answer for key, answer in found.items()} == by_hand


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_quotes_are_the_policys_words(name: str, graphs: Path) -> None:
    text = convert(EXAMPLES[name]).document.text
    quotes = [q for a in answers(reported(graphs / f"{name}.nq")).values() for q in a.quotes]
    assert quotes
    assert all(text[q.start : q.end] == q.words for q in quotes)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_each_answer_says_what_it_rests_on(name: str, graphs: Path) -> None:
    for answer in answers(reported(graphs / f"{name}.nq")).values():
        assert answer.looked_for
        assert bool(answer.nodes) == (answer.answer != "not_found")


def test_the_law_that_is_named_chooses_the_notices(graphs: Path) -> None:
    chosen = {
        name: [s.notice.name for s in reported(graphs / f"{name}.nq").sections] for name in EXAMPLES
    }
    assert chosen == {
        "eu-shop": ["gdpr-13", "gdpr-14", "iso-29184"],
        "university": ["uk-gdpr-13", "uk-gdpr-14", "iso-29184"],
        "us-app": ["ccpa", "iso-29184"],
    }


def test_a_policy_that_names_no_law_is_asked_for_all(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(f"{NOTICE} .", "utf-8")
    [report] = report_graph(path)
    assert [s.notice.name for s in report.sections] == list(load_notices())
    assert {a.answer for a in answers(report).values()} == {"not_found"}


def test_denied_vague_and_stated_are_told_apart(tmp_path: Path) -> None:
    def transfers(more: str) -> str:
        return say(tmp_path, f"{NOTICE} {more}")["transfers"].answer

    denied = "; dpv:hasProhibition x:f . x:f a dpv:Prohibition ; dpv:hasProcessing dpv:{} ."
    done = "; dpv:hasProcess x:p . x:p a dpv:Process ; dpv:hasProcessing dpv:CrossBorderTransfer"
    assert transfers(".") == "not_found"
    assert transfers(denied.format("CrossBorderTransfer")) == "not_applicable"
    assert transfers(f"{done} .") == "vague"
    country = "dpv:hasThirdCountry <https://w3id.org/dpv/loc#US>"
    assert transfers(f"{done} ; {country} .") == "stated"


def test_what_a_graph_denies_in_another_form_is_not_stated(tmp_path: Path) -> None:
    done = "x:p a dpv:Process ; dpv:hasPurpose dpv:Marketing ."
    forms = {
        "stated": f"{NOTICE} ; dpv:hasProcess x:p . {done}",
        "not_found": f"{NOTICE} ; dpv:hasProhibition x:p . {done}",
    }
    for answer, turtle in forms.items():
        assert say(tmp_path, turtle)["purposes"].answer == answer
    marked = forms["stated"] + " x:p dpv:hasRule dpv:Prohibition ."
    assert say(tmp_path, marked)["purposes"].answer == "not_found"


BAD = {
    "empty.ttl": ("", "empty"),
    "prose.ttl": ("We collect data.", "no valid"),
    "none.ttl": ("<urn:x:p> a <https://w3id.org/dpv#Process> .", "no privacy notice"),
    "other.ttl": ('<urn:x:p> <https://schema.org/name> "Acme" .', "no privacy notice"),
}


@pytest.mark.parametrize("name", BAD)
def test_graphs_without_a_notice_are_explained(name: str, tmp_path: Path) -> None:
    content, words = BAD[name]
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(GraphError, match=words):
        report_graph(tmp_path / name)


def test_two_notices_have_a_report_each(tmp_path: Path) -> None:
    path = tmp_path / "two.ttl"
    path.write_text(
        f"{NOTICE} ; dpv:hasProcess x:p . x:m a dpv:ConsentNotice ; dpv:hasProcess x:q ."
        "x:p a dpv:Process ; dpv:hasPurpose dpv:Marketing . x:q a dpv:Process .", "utf-8"
    )  # fmt: skip
    reports = report_graph(path, choose_notices("gdpr-13"))
    found = {r.notice: answers(r)["gdpr-13", "purposes"].answer for r in reports}
    assert found == {"urn:x:n": "stated", "urn:x:m": "not_found"}


def test_a_notice_without_a_name_is_reported(tmp_path: Path) -> None:
    done = "dpv:hasProcess [ a dpv:Process ; dpv:hasPurpose dpv:Marketing ]"
    found = say(tmp_path, f"{NOTICE.replace('x:n a', '[] a')} ; {done} .")
    assert found["purposes"].answer == "stated"
    assert found["storage"].answer == "not_found"
    assert "p2d:Stated" in format_rdf(report_graph(tmp_path / "graph.ttl"))


class Page(HTMLParser):
    """The elements of a page; fails where they do not close as they opened."""

    EMPTY = ("meta", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_is_well_formed(graphs: Path) -> None:
    text = format_html([reported(graphs / f"{name}.nq") for name in sorted(EXAMPLES)])
    page = Page()
    page.feed(text)
    assert not page.open
    assert not {"script", "img", "iframe", "link"} & {tag for tag, _ in page.seen}
    assert all("src" not in found for _, found in page.seen)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    links = [found["href"] or "" for tag, found in page.seen if tag == "a"]
    assert any("eur-lex.europa.eu/eli/reg/2016/679/art_13/" in link for link in links)
    assert any(link.startswith("https://www.lindenfaden.example/en/privacy#:~:text=")
               for link in links)  # fmt: skip


def test_hostile_words_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(
        f'{NOTICE} ; <http://purl.org/dc/terms/title> "<script>|a|</script>" ;'
        '<http://xmlns.com/foaf/0.1/page> <javascript:alert(1)> .', "utf-8"
    )  # fmt: skip
    reports = report_graph(path)
    assert "<script>" not in format_html(reports)
    assert "javascript:" not in format_html(reports)
    assert "<script>" not in format_markdown(reports).replace("\\<", "")


def test_all_formats_tell_the_same_answers(graphs: Path) -> None:
    from pyoxigraph import RdfFormat, parse

    report = reported(graphs / "eu-shop.nq")
    found = [a.answer for a in answers(report).values()]
    told = json.loads(format_json([report]))[0]["sections"]
    assert [a["answer"] for s in told for a in s["answers"]] == found
    quads = list(parse(format_rdf([report]), format=RdfFormat.TURTLE))
    terms = [q.object.value for q in quads if q.predicate.value.endswith("#answer")]
    assert len(terms) == len(found)
    labels = re.findall(r'class="answer (\w+)"', format_html([report]))
    assert labels == found
    for name in answer_names().values():
        assert name.label in format_markdown([report])


def test_no_report_says_that_a_law_is_kept(graphs: Path) -> None:
    reports = [reported(graphs / f"{name}.nq") for name in sorted(EXAMPLES)]
    for write in (format_html, format_markdown, format_json, format_rdf):
        assert not re.search(r"compl(iant|iance)\b", _own_words(write(reports)), re.IGNORECASE)


def _own_words(text: str) -> str:
    """What the report itself says: labels of terms such as "Legal Compliance" are the release's."""
    return text.replace("Legal Compliance", "")


def test_the_command(command: Run, graphs: Path, tmp_path: Path) -> None:
    graph = graphs / "eu-shop.nq"
    done = command("report", graph, "--notice", "gdpr-13")
    assert done.returncode == 0
    assert done.stdout.startswith("# What the notice says")
    for suffix in ("html", "md", "json", "ttl"):
        assert command("report", graph, "-o", f"r.{suffix}").returncode == 0
        assert (tmp_path / f"r.{suffix}").stat().st_size > 1000
    assert command("report", graph, "--strict", "--notice", "gdpr-13").returncode == 0
    other = graphs / "university.nq"
    assert command("report", other, "--strict", "--notice", "uk-gdpr-13").returncode == 1
    done = command("report", graph, "--notice", "gdpr-99")
    assert done.returncode == 2
    assert "gdpr-13" in done.stderr
    assert command("report", tmp_path / "none.nq").returncode == 2
    assert command("report", graph, "-o", "no/such/folder/r.md").returncode == 2


def test_same_input_same_bytes(graphs: Path) -> None:
    path = graphs / "us-app.nq"
    assert len({format_json(report_graph(path)) for _ in range(2)}) == 1


def test_tables_name_only_patterns_that_are_used() -> None:
    used = {
        name
        for notice in load_notices().values()
        for item in notice.items
        for name in (notice.in_play, item.when, item.stated, item.vague, item.not_applicable)
    }
    assert set(load_patterns()) <= used


def test_items_link_to_their_article() -> None:
    for name, art in (("gdpr-13", "13"), ("gdpr-14", "14")):
        for item in load_notices()[name].items:
            part, point = re.fullmatch(rf"Art\. {art}\((\d)\)(?:\((\w)\))?", item.article).groups()
            tail = f"/art_{art}/par_{part}" + (f"/pnt_{point}" if point else "") + "/oj"
            assert item.link.endswith(tail)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus under {CORPUS}")
def test_items_are_found_as_annotators_find_them(command: Run) -> None:
    import subprocess
    import sys

    script = ROOT / "benchmarks" / "gdpr_transparency_report.py"
    done = subprocess.run(
        [sys.executable, script, CORPUS], capture_output=True, text=True, cwd=ROOT, check=True,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    name, _, _, f1, _ = done.stdout.splitlines()[-1].split()
    assert name == "all"
    assert float(f1) >= 0.86
