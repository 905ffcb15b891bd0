"""Publishing: a site that a real server serves, the same bytes each time, whole or not at all."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest

pytest.importorskip("jinja2", reason="the extra publish is not installed")
from conftest import PACKAGE_PATH, Run  # needs the extra
from publishing import BASE, FIRST, SECOND, nginx, publish

from policy2dpv.errors import WriteError
from policy2dpv.publishing.published_page import read_page
from policy2dpv.publishing.site_files import NEGOTIATED
from policy2dpv.publishing.site_record import read_site
from policy2dpv.serving.serve_negotiation import choose_form

needs_nginx = pytest.mark.skipif(
    shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None,
    reason="NOT TESTED: nginx is not installed, so the snippet for it was not run",
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPTS = [
    BROWSER, "application/ld+json", "text/turtle", "image/png", "", "*/*", "application/n-quads",
    "text/turtle, text/html;q=0.3", "text/turtle;q=0.2, application/ld+json;q=0.7",
    "text/turtle;q=0.55, text/html;q=0.4", "text/html;q=0", "TEXT/Turtle", "nonsense", "text/*",
    "text/turtle;charset=utf-8;q=0.9, text/html;q=0.8", "application/*;q=0.05",
]  # fmt: skip


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_site_has_all_that_a_reader_needs(tmp_path: Path) -> None:
    files = files_of(publish(tmp_path))
    [record] = read_site(tmp_path / "site").versions  # type: ignore[union-attr]  # just written
    forms = {".html", ".jsonld", ".ttl", ".nq", ".txt", ".text.json", ".evidence.ttl"}
    assert {f"shop{form}" for form in forms} <= files.keys()
    assert {f"shop/{record.id}{form}" for form in forms} <= files.keys()
    assert {"index.html", "catalogue.ttl", "catalogue.rdf", "sitemap.xml"} <= files.keys()
    assert {"context.jsonld", "site.json", "server/nginx-http.conf"} <= files.keys()
    assert record.id.startswith("2024-03-01-")


def test_same_input_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    assert files_of(publish(one, FIRST, SECOND)) == files_of(publish(other, FIRST, SECOND))
    assert files_of(publish(one, FIRST, SECOND)) == files_of(one / "site")


def test_the_embedded_graph_is_the_graph(tmp_path: Path) -> None:
    from pyld import jsonld
    from rdflib import Dataset, Graph
    from rdflib.compare import isomorphic

    site = publish(tmp_path)
    [embedded] = read_page((site / "shop.html").read_bytes(), "shop").embedded
    quads = jsonld.to_rdf(json.loads(embedded), {"format": "application/n-quads"})
    by_pyld = Graph().parse(data=quads, format="nt")
    assert len(by_pyld) > 50
    assert isomorphic(by_pyld, Graph().parse(site / "shop.ttl"))
    named = Dataset().parse(site / "shop.nq", format="nquads")
    assert {tuple(quad)[:3] for quad in named.quads()} == set(by_pyld)


def test_what_nobody_reviewed_is_marked(tmp_path: Path) -> None:
    site = publish(tmp_path)
    assert "reviewed by nobody" in (site / "shop.html").read_text("utf-8")
    assert "p2d:reviewStatus p2d:MachineRead" in (site / "shop.ttl").read_text("utf-8")
    assert "reviewed by nobody" in (site / "catalogue.ttl").read_text("utf-8")


def test_text_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    hostile = "We use your name </script><script>alert(1)</script> to &amp; <b>deliver</b> goods."
    path = tmp_path / "shop-0.txt"
    path.write_text(hostile, "utf-8")
    from policy2dpv.publishing.publish import embed

    snippet = embed([f"shop={path}"], BASE, lambda said: None)
    assert snippet.count("</script>") == 1
    page = publish(tmp_path, FIRST + "\nWe use your name \\</script>\\<script>x() to deliver.\n")
    assert "<script>x()" not in (page / "shop.html").read_text("utf-8")


def test_versions_stand_side_by_side(tmp_path: Path) -> None:
    site = publish(tmp_path, FIRST)
    before = {k: v for k, v in files_of(site).items() if k.startswith("shop/")}
    publish(tmp_path, SECOND)
    after = files_of(site)
    assert before.items() <= after.items()
    first, second = read_site(site).versions  # type: ignore[union-attr]  # just written
    assert (first.previous, second.previous) == ("", first.id)
    assert second.id in after["shop.html"].decode()
    assert f"{BASE}shop/{first.id}#dataset" in after["catalogue.ttl"].decode()
    both = tmp_path / "both"
    both.mkdir()
    together = files_of(publish(both, SECOND, FIRST))  # their dates put them in order
    assert {k: v for k, v in together.items() if k.startswith("shop.")} == {
        k: v for k, v in after.items() if k.startswith("shop.")
    }


def test_an_earlier_version_does_not_come_last(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    before = files_of(tmp_path / "site")
    with pytest.raises(WriteError, match="later version, 2025-03-01"):
        publish(tmp_path, FIRST)
    with pytest.raises(WriteError, match="later version"):
        publish(tmp_path, FIRST.replace("newsletter", "bill"))
    assert files_of(tmp_path / "site") == before
    publish(tmp_path, SECOND)
    assert files_of(tmp_path / "site") == before
    publish(tmp_path, FIRST, SECOND)
    assert files_of(tmp_path / "site") == before


def test_the_catalogue_is_dcat_ap(tmp_path: Path) -> None:
    from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

    site = publish(tmp_path, FIRST, SECOND)
    graph = Graph().parse(site / "catalogue.ttl")
    assert set(graph) == set(Graph().parse(site / "catalogue.rdf"))
    [catalogue] = graph.subjects(RDF.type, DCAT.Catalog)
    assert all(graph.value(catalogue, p) for p in (DCTERMS.title, DCTERMS.description,
                                                   DCTERMS.publisher))  # fmt: skip
    datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(datasets) == 3
    for dataset in datasets:
        assert graph.value(dataset, DCTERMS.title)
        assert graph.value(dataset, DCTERMS.description)
        english = "http://publications.europa.eu/resource/authority/language/ENG"
        assert graph.value(dataset, DCTERMS.language) == URIRef(english)
        files = list(graph.objects(dataset, DCAT.distribution))
        assert len(files) == 5
        assert all(graph.value(file, DCAT.accessURL) for file in files)


def test_the_sitemap_names_pages_that_are_there(tmp_path: Path) -> None:
    site = publish(tmp_path, FIRST, SECOND)
    places = [str(one.text) for one in Tree.parse(site / "sitemap.xml").iter() if one.text]
    names = [place.removeprefix(BASE) for place in places if place.startswith(BASE)]
    assert len(names) == 4
    assert all((site / f"{name or 'index'}.html").is_file() for name in names)


def test_links_lead_to_files(tmp_path: Path) -> None:
    site = publish(tmp_path, FIRST, SECOND)
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        names = set(re.findall(r' id="([^"]+)"', text))
        for href in re.findall(r'href="([^":]+)"', text):
            path, _, fragment = href.partition("#")
            target = (page.parent / path).resolve()
            assert not path or target.exists() or target.with_name(f"{target.name}.html").exists()
            assert path or fragment in names, (page, href)


@needs_nginx
def test_nginx_serves_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")
    site = publish(tmp_path, FIRST, SECOND)
    record = read_site(site)
    assert record is not None
    work = tmp_path / "work"
    work.mkdir()
    forms = [form.type for form in NEGOTIATED]
    with nginx(site, work) as port:
        for accept in ACCEPTS:
            for name in ("shop", f"shop/{record.versions[0].id}"):
                told = get(port, name, accept)
                wanted = choose_form(accept, forms)
                assert told.status == (200 if wanted else 406), accept
                kind = told.getheader("Content-Type", "").partition(";")[0]
                assert kind == (wanted or "text/html"), accept
                if wanted:
                    ending = next(form.ending for form in NEGOTIATED if form.type == wanted)
                    assert told.read() == (site / f"{name}{ending}").read_bytes()
        links = ", ".join(
            get(port, f"shop/{record.versions[1].id}", "").headers.get_all("Link", ())
        )
        assert f'<{BASE}shop>; rel="privacy-policy"' in links
        assert f'<{BASE}shop>; rel="latest-version"' in links
        before = f"{BASE}shop/{record.versions[0].id}"
        assert f'<{before}>; rel="predecessor-version"' in links
        assert 'rel="describedby"; type="text/turtle"' in links
        assert get(port, "shop.jsonld", "").getheader("Content-Type") == "application/ld+json"
        assert get(port, "nothing", "").status == 404


def get(port: int, name: str, accept: str) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request("GET", f"/privacy/{name}", headers={"Accept": accept} if accept else {})
    return client.getresponse()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("there", [False, True])
def test_a_killed_publish_never_leaves_half_a_site(
    tmp_path: Path, end: signal.Signals, there: bool
) -> None:
    if there:
        publish(tmp_path, FIRST)
    before = files_of(tmp_path / "site") if there else {}
    code = (
        "import os, sys, pathlib; from policy2dpv.cli import main\n"
        "write, count = pathlib.Path.write_bytes, []\n"
        "def slow(path, data):\n"
        "    count.append(1)\n"
        f"    if len(count) == 9: os.kill(os.getpid(), {int(end)})\n"
        "    return write(path, data)\n"
        "pathlib.Path.write_bytes = slow\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    (tmp_path / "new.md").write_text(SECOND, "utf-8")
    words = ["publish", "shop=new.md", "--base", BASE, "-o", "site", "--unreviewed"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, check=False, capture_output=True,
        env={**os.environ, "PYTHONPATH": PACKAGE_PATH},
    )  # fmt: skip
    assert done.returncode != 0
    assert (tmp_path / "site").exists() == there
    assert not there or files_of(tmp_path / "site") == before
    if end == signal.SIGTERM:
        assert not list(tmp_path.glob(".site*"))
    publish(tmp_path, SECOND)
    assert not list(tmp_path.glob(".site*"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks")
def test_two_runs_do_not_write_at_the_same_time(tmp_path: Path) -> None:
    import fcntl

    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(WriteError, match="another run"):
        publish(tmp_path)
    os.close(held)
    assert publish(tmp_path).is_dir()


def test_where_folders_cannot_be_exchanged_they_are_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, FIRST)
    monkeypatch.setattr(sys, "platform", "darwin")
    site = publish(tmp_path, SECOND)
    assert "2 years" in (site / "shop.txt").read_text("utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["shop-0.md", "site"]


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(WriteError):
        publish(tmp_path)
    assert (tmp_path / "site").read_text() == "mine"


def test_a_folder_with_other_things_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("x")
    with pytest.raises(WriteError, match="not a site of ours"):
        publish(tmp_path)
    assert files_of(tmp_path / "site") == {"mine.txt": b"x"}


def test_what_a_site_no_longer_has_is_said(command: Run, tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text(FIRST, "utf-8")
    options = ("--base", BASE, "--unreviewed")
    assert "warning" not in command("publish", "old=p.md", "p.md", *options).stderr
    done = command("publish", "p.md", *options)
    assert done.returncode == 0
    assert "no longer in the site: old" in done.stderr
    assert not (tmp_path / "site" / "old.html").exists()


def test_a_policy_about_nothing_is_said(command: Run, tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("The weather is fine today.", "utf-8")
    done = command("publish", "p.md", "--base", BASE, "--unreviewed")
    assert done.returncode == 1
    assert "warning: 1 of 1 policies say nothing" in done.stderr
    assert (tmp_path / "site" / "p.html").exists()


def test_publishing_needs_a_review_or_leave(command: Run, tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text(FIRST, "utf-8")
    done = command("publish", "p.md", "--base", BASE)
    assert done.returncode == 2
    assert "--unreviewed" in done.stderr
    assert not (tmp_path / "site").exists()


def test_only_a_snippet(command: Run, tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text(FIRST, "utf-8")
    done = command("publish", "p.md", "--base", BASE, "--unreviewed", "--embed")
    assert done.returncode == 0
    [embedded] = read_page(done.stdout.encode(), "snippet").embedded
    assert json.loads(embedded)["id"] == f"{BASE}p"
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("p.md", "--base", "https://a.example/p"), "end it with a slash"),
        (("p.md", "--base", "privacy/"), "no web address"),
        (("site=p.md", "--base", BASE), "the site itself uses this name"),
        (("p.md", "--base", "https://a.example/?x=/"), "no web address"),
        (("a b=p.md", "--base", BASE), "letters, digits"),
        (("gone.md", "--base", BASE), "gone.md"),
        (("p.md", "p b.md", "p-b.txt", "--base", BASE), "two policies would have this name"),
        (("a=p.md", "b=p.md", "--base", BASE, "--embed"), "name one policy"),
    ],
)
def test_wrong_use_is_explained(
    command: Run, tmp_path: Path, words: tuple[str, ...], found: str
) -> None:
    (tmp_path / "p.md").write_text(FIRST, "utf-8")
    (tmp_path / "p b.md").write_text(FIRST, "utf-8")
    (tmp_path / "p-b.txt").write_text(FIRST, "utf-8")
    done = command("publish", *words, "--unreviewed")
    assert done.returncode == 2
    assert found in done.stderr
    assert "Traceback" not in done.stderr
