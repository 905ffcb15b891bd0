"""Sites that people have reviewed: refused until accepted, said by whom, verified by decisions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("jinja2", reason="the extra publish is not installed")
from conftest import ROOT, Run  # needs the extra
from lxml import html
from publishing import BASE, nginx

from policy2dpv import convert
from policy2dpv.publishing.verify import verify
from policy2dpv.reviewing.decisions import Decision
from policy2dpv.reviewing.review import propose_rows
from policy2dpv.reviewing.review_files import format_review, read_review

ANN, BOB = "Ann Lee", "Bob Ray"
NOTE = "our counsel is not sure of this"
POLICY = """# Privacy policy

Last updated: 1 March 2026

Acme Ltd is the controller of your personal data.

We collect your email address to send you our newsletter.

We share your name with our partners for analytics. We keep invoices for ten years.

We do not sell your IP address.
"""
# A relaunch: another order, a sentence that says nothing, one sentence that is worded anew.
EDITED = """# How we treat your data

Last updated: 1 June 2026

Tea is served at four.

We do not sell your IP address.

From June on we share your name with our partners for analytics. We keep invoices for ten years.

Acme Ltd is the controller of your personal data.

We collect your email address to send you our newsletter.
"""


def review_of(policy: str) -> list[Decision]:
    """A review of all of a policy: Ann accepts, Bob rejects, replaces and adds."""
    made = convert(policy.encode())
    rows = []
    for row in propose_rows(made.document, made.segments, made.annotations)[0]:
        said = {"decision": "accept", "who": ANN, "when": "2026-03-02"}
        if row.quote == "analytics":
            said = {"decision": "reject", "who": BOB, "when": "2026-03-05T10:00:00Z", "note": NOTE}
        elif row.term == "pd:Name":
            said = {"decision": "replace", "new_term": "pd:OfficialID", "who": BOB,
                    "when": "2026-03-04"}  # fmt: skip
        rows.append(msgspec.structs.replace(row, **said))
    added = Decision(
        decision="add", quote="invoices", kind="personal_data", term="pd:Transactional",
        clause="We keep invoices for ten years.", who=BOB, when="2026-03-03",
    )  # fmt: skip
    return [*rows, added]


def write(folder: Path, policy: str, rows: list[Decision] | None) -> None:
    (folder / "shop.md").write_text(policy, "utf-8")
    if rows is not None:
        (folder / "shop.review.jsonl").write_text(format_review(rows, ".jsonl"), "utf-8")


@pytest.fixture
def site(command: Run, tmp_path: Path) -> Path:
    write(tmp_path, POLICY, review_of(POLICY))
    done = command("publish", "shop.md", "--base", BASE)
    assert done.returncode == 0, done.stderr
    return tmp_path / "site"


def test_what_people_accepted_is_published_as_theirs(site: Path) -> None:
    page = (site / "shop.html").read_text("utf-8")
    assert "Accepted by people." in page
    assert '<bdi>Ann Lee</bdi> (<time datetime="2026-03-02">2026-03-02</time>)' in page
    assert '<bdi>Bob Ray</bdi> (<time datetime="2026-03-05T10:00:00Z">2026-03-05</time>)' in page
    assert "reviewed by nobody" not in page
    assert "accepted by <bdi>Ann Lee, Bob Ray</bdi>" in (site / "index.html").read_text("utf-8")
    assert "accepted by Ann Lee, Bob Ray" in (site / "catalogue.ttl").read_text("utf-8")


def test_the_graph_says_who_accepted_it_and_when(site: Path) -> None:
    from rdflib import Graph, Namespace, URIRef
    from rdflib.namespace import DCTERMS, RDFS

    oa, p2d = Namespace("http://www.w3.org/ns/oa#"), Namespace("https://w3id.org/policy2dpv/ns#")
    notice = URIRef(f"{BASE}shop")
    for ending in ("ttl", "jsonld"):
        graph = Graph().parse(site / f"shop.{ending}")
        assert set(graph.objects(notice, p2d.reviewStatus)) == {p2d.AcceptedByPeople}
        assessed = set(graph.subjects(oa.motivatedBy, oa.assessing))
        assert {target for a in assessed for target in graph.objects(a, oa.hasTarget)} == {notice}
        said = {
            (str(graph.value(graph.value(a, DCTERMS.creator), RDFS.label)),
             str(graph.value(a, DCTERMS.created)))
            for a in assessed
        }  # fmt: skip
        assert said == {(ANN, "2026-03-02"), (BOB, "2026-03-05T10:00:00+00:00")}
    evidence = Graph().parse(site / "shop.evidence.ttl")
    verdicts = {
        evidence.value(one, oa.hasBody) for one in evidence.subjects(oa.motivatedBy, oa.assessing)
    }
    assert verdicts == {p2d.Accepted, p2d.Rejected, p2d.Replaced, p2d.Added}


def test_a_reviewed_graph_passes_check(command: Run, site: Path) -> None:
    pytest.importorskip("pyshacl", reason="the extra check is not installed")
    done = command("check", site / "shop.ttl")
    assert done.returncode == 0, done.stdout


def test_notes_stay_with_those_who_wrote_them(site: Path) -> None:
    for path in site.rglob("*"):
        assert path.is_dir() or NOTE.encode() not in path.read_bytes(), path


def test_a_reviewed_site_has_not_drifted(site: Path) -> None:
    assert verify(str(site)) == []


def test_the_same_review_gives_the_same_bytes(command: Run, site: Path) -> None:
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert command("publish", "shop.md", "--base", BASE).returncode == 0
    assert before == {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}


MODULES = Path(os.environ.get("NODE_MODULES", ROOT / "node_modules"))
VALIDATOR = MODULES / "html-validate" / "bin" / "html-validate.mjs"


@pytest.mark.skipif(
    not VALIDATOR.is_file() or shutil.which("node") is None,
    reason="NOT TESTED: node with html-validate is not there: set NODE_MODULES to its folder",
)
def test_the_pages_are_valid_html(command: Run, site: Path, tmp_path: Path) -> None:
    for policy in ("examples/eu-shop.html", "examples/us-app.md", "examples/de/laden.md"):
        shutil.copy(ROOT / policy, tmp_path)
    words = ("shop.md", "eu-shop.html", "us-app.md", "laden.md", "--base", BASE, "--unreviewed")
    assert command("publish", *words).returncode == 0
    pages = sorted(map(str, site.rglob("*.html")))
    assert len(pages) > 12
    done = subprocess.run(
        ["node", str(VALIDATOR), "--preset", "standard", *pages], capture_output=True, text=True,
        check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.skipif(
    shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None,
    reason="NOT TESTED: nginx is not installed, so the snippet for it was not run",
)
def test_nginx_serves_the_review(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
    work = tmp_path / "work"
    work.mkdir()
    with nginx(site, work) as port:
        address = f"http://127.0.0.1:{port}/privacy/shop.review.jsonl"
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
            assert answer.read() == (site / "shop.review.jsonl").read_bytes()


# -- what is refused


def without_last(rows: list[Decision]) -> list[Decision]:
    return rows[:-2] + rows[-1:]


OPEN: dict[str, tuple[list[Decision] | None, str]] = {
    "no review": (None, "shop: nobody has reviewed what was read, and it holds "),
    "nothing decided": (
        [msgspec.structs.replace(r, decision="", new_term="") for r in review_of(POLICY)[:-1]],
        "nobody has reviewed",
    ),
    "one is open": (
        without_last(review_of(POLICY)), "shop: 1 of what was read is not accepted: 'your IP",
    ),
    "not signed": (
        [msgspec.structs.replace(row, who="") for row in review_of(POLICY)], "without who",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OPEN)
def test_what_is_not_accepted_is_refused(command: Run, tmp_path: Path, case: str) -> None:
    rows, found = OPEN[case]
    write(tmp_path, POLICY, rows)
    for words in ((), ("--embed",)):
        done = command("publish", "shop.md", "--base", BASE, *words)
        assert done.returncode == 2
        assert found in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "site").exists()


def test_a_review_in_part_needs_leave_and_is_marked(command: Run, tmp_path: Path) -> None:
    write(tmp_path, POLICY, without_last(review_of(POLICY)))
    done = command("publish", "shop.md", "--base", BASE, "--unreviewed")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "shop.html").read_text("utf-8")
    assert "Read by a machine, reviewed in part." in page
    graph = (tmp_path / "site" / "shop.ttl").read_text("utf-8")
    assert "p2d:reviewStatus p2d:MachineRead" in graph
    assert "AcceptedByPeople" not in graph
    assert verify(str(tmp_path / "site")) == []


def test_a_review_is_named_or_lies_beside(command: Run, tmp_path: Path) -> None:
    write(tmp_path, POLICY, None)
    (tmp_path / "other.csv").write_text(format_review(review_of(POLICY), ".csv"), "utf-8")
    options = ("--base", BASE, "--review", "other.csv")
    assert command("publish", "shop.md", *options).returncode == 0
    assert verify(str(tmp_path / "site")) == []
    done = command("publish", "a=shop.md", "b=shop.md", *options)
    assert done.returncode == 2
    assert "one review for 2 policies" in done.stderr


# -- a page that changes


def test_a_review_survives_an_edited_page_to_the_published_site(
    command: Run, site: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.md").write_text(EDITED, "utf-8")
    done = command("publish", "shop.md", "--base", BASE)
    assert done.returncode == 2  # one clause was worded anew, and nobody has looked at it
    assert "its clause was reworded" in done.stderr
    options = ("--review", "shop.review.jsonl", "-o", "shop.review.jsonl", "--time", "2026-06-02")
    assert command("review", "shop.md", *options).returncode == 0
    rows = read_review(tmp_path / "shop.review.jsonl")
    assert [row.quote for row in rows if row.decision and not row.who]  # these are to be signed
    assert command("review", "shop.md", *options, "--who", ANN).returncode == 0
    done = command("publish", "shop.md", "--base", BASE)
    assert done.returncode == 0, done.stderr
    graph = (site / "shop.ttl").read_text("utf-8")
    assert "2026-06-02" in graph
    for term, there in (("OfficialID", True), ("Transactional", True), ("pd:Name", False),
                        ("ServiceUsageAnalytics", False)):  # fmt: skip
        assert (term in graph) is there, term
    assert verify(str(site)) == []
    records = json.loads((site / "site.json").read_bytes())["versions"]
    assert [record["unreviewed"] for record in records] == [False, False]
    for record in records:
        assert (site / "shop" / f"{record['id']}.review.jsonl").is_file()


def page(old: str, new: str) -> Callable[[Path], None]:
    """Change words of the page's own text, whatever marks are in it."""

    def change(site: Path) -> None:
        path = site / "shop.html"
        tree = html.fromstring(path.read_bytes())
        article = tree.get_element_by_id("policy-text")
        [found] = [one for one in article.iter("p") if old in one.text_content()]
        text = found.text_content().replace(old, new)
        for child in list(found):
            found.remove(child)
        found.text = text
        path.write_bytes(html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>"))

    return change


def rows_of_site(change: Callable[[list[Decision]], list[Decision]]) -> Callable[[Path], None]:
    def edit(site: Path) -> None:
        path = site / "shop.review.jsonl"
        path.write_text(format_review(change(read_review(path)), ".jsonl"), "utf-8")

    return edit


DRIFTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "decided words are gone": ("review-unmatched", page("invoices", "bills")),
    "what was rejected says more": ("review-reworded", page("We share", "Each week we share")),
    "a decision is withdrawn": (
        "not-accepted", rows_of_site(lambda rows: [r for r in rows if r.term != "pd:EmailAddress"]),
    ),
    "a rejection is withdrawn": (
        "statement-new", rows_of_site(lambda rows: [r for r in rows if r.decision != "reject"]),
    ),
    "the review is gone": (
        "missing-file", lambda site: (site / "shop.review.jsonl").unlink(),
    ),
    "the review is broken": (
        "missing-file",
        lambda site: (site / "shop.review.jsonl").write_text("{", "utf-8") and None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DRIFTS)
def test_each_drift_of_a_review_is_found(site: Path, name: str) -> None:
    kind, change = DRIFTS[name]
    change(site)
    assert kind in {one.kind for one in verify(str(site))}


def test_an_unchanged_clause_keeps_its_decisions(site: Path) -> None:
    page("We collect", "We also collect")(site)
    found = verify(str(site))
    about = {one.quote for one in found if one.kind.startswith("review-")}
    assert "your email address" in about
    assert not about & {"your name", "your IP address", "invoices"}


def test_a_snippet_leads_to_its_review(command: Run, site: Path) -> None:
    done = command("publish", "shop.md", "--base", BASE, "--embed")
    assert done.returncode == 0, done.stderr
    link = f'<link rel="describedby" type="application/jsonl" href="{BASE}shop.review.jsonl">'
    assert link in done.stdout
    assert "AcceptedByPeople" in done.stdout
