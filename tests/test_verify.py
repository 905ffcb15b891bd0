"""Verifying: a fresh site has not drifted, and each kind of drift is found by its name."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("jinja2", reason="the extra publish is not installed")
from conftest import ROOT, Run  # needs the extra
from publishing import BASE, FIRST, SECOND, publish

from policy2dpv.errors import ReadError
from policy2dpv.publishing.publish import embed, publish_site, read_policies
from policy2dpv.publishing.verify import Drift, verify
from policy2dpv.reading.fetch import fetch_page

ALL_FORMS = ("shop.jsonld", "shop.ttl", "shop.nq", "shop.html")
Change = Callable[[Path], None]


def replace(old: str, new: str, *names: str) -> Change:
    """Replace words in files; each must have them."""

    def change(site: Path) -> None:
        for name in names:
            text = (site / name).read_text("utf-8")
            assert old in text, (name, old)
            (site / name).write_text(text.replace(old, new), "utf-8")

    return change


def page(old: str, new: str) -> Change:
    """Replace a paragraph of the page's own text, whatever marks are in it."""

    def change(site: Path) -> None:
        from lxml import html

        path = site / "shop.html"
        tree = html.fromstring(path.read_bytes())
        article = tree.get_element_by_id("policy-text")
        [found] = [one for one in article.iter("p", "li") if old in one.text_content()]
        text = found.text_content().replace(old, new)
        for child in list(found):
            found.remove(child)
        found.text = text
        path.write_bytes(html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>"))

    return change


def remove(name: str) -> Change:
    return lambda site: (site / name).unlink()


def write(name: str, text: str) -> Change:
    def change(site: Path) -> None:
        (site / name).write_text(text, "utf-8")

    return change


def cut_first_line(name: str) -> Change:
    def change(site: Path) -> None:
        lines = (site / name).read_text("utf-8").splitlines(keepends=True)
        (site / name).write_text("".join(lines[1:]), "utf-8")

    return change


DRIFTS: dict[str, tuple[str, Change]] = {
    "a quoted sentence is worded anew": ("quote-gone", page("to send you", "to mail you")),
    "a sentence is deleted": ("statement-gone", page("We will never sell your data.", "")),
    "a sentence is new": (
        "statement-new", page("We will never", "We share your name with Stripe. We will never"),
    ),
    "may becomes do": ("statement-new", page("We may share", "We share")),
    "a period is longer": ("statement-new", page("6 months", "6 years")),
    "a denial is undone": ("statement-gone", page("We will never sell", "We will sell")),
    "words change that state nothing": ("text-changed", page("Last updated", "Last changed")),
    "the graph is of another text": (
        "wrong-hash", replace('"sha256:', '"sha256:00', *ALL_FORMS),
    ),
    "the Turtle is cut off": (
        "invalid-graph", write("shop.ttl", "@prefix a: <"),
    ),
    "the embedded graph is no JSON": ("invalid-graph", replace('"@context": {', "{", "shop.html")),
    "the page has another graph": (
        "embedded-differs", replace('"dpv:PrivacyNotice"', '"dpv:Notice"', "shop.jsonld"),
    ),
    "a form has a triple less": (
        "formats-differ", cut_first_line("shop.nq"),
    ),
    "a term is not in the release": (
        "unknown-term", replace("EmailAddress", "EmailAdress", *ALL_FORMS),
    ),
    "the graph is gone": ("missing-file", remove("shop.jsonld")),
    "the page is gone": ("missing-file", remove("shop.html")),
    "the text is gone": ("missing-file", remove("shop.text.json")),
    "a file is another": ("changed-file", replace("{", "{ ", "static/published.css")),
    "the notice has another name": (
        "wrong-notice",
        replace(f'privacy-policy" href="{BASE}shop"', f'privacy-policy" href="{BASE}old"',
                "shop.html"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    site = publish(tmp_path_factory.mktemp("fresh"), FIRST)
    return {str(p.relative_to(site)): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def copy(files: dict[str, bytes], site: Path) -> Path:
    for name, data in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
    return site


def kinds(found: list[Drift]) -> set[str]:
    return {one.kind for one in found}


@pytest.mark.parametrize("name", DRIFTS)
def test_each_drift_is_found(name: str, fresh: dict[str, bytes], tmp_path: Path) -> None:
    kind, change = DRIFTS[name]
    site = copy(fresh, tmp_path / "site")
    change(site)
    assert kind in kinds(verify(str(site)))


def test_a_graph_without_a_notice(fresh: dict[str, bytes], tmp_path: Path) -> None:
    site = copy(fresh, tmp_path / "site")
    (site / "shop.jsonld").write_text("{}")
    (site / "shop.ttl").write_text("")
    (site / "shop.nq").write_text("")
    replace('"type": "dpv:PrivacyNotice"', '"type": "dpv:Process"', "shop.html")(site)
    assert "no-notice" in kinds(verify(str(site)))


@pytest.mark.parametrize("policy", ["eu-shop.html", "us-app.md", "university.txt", "de/laden.md"])
def test_a_fresh_site_has_not_drifted(policy: str, tmp_path: Path) -> None:
    words = [f"p={ROOT / 'examples' / policy}"]
    publish_site(read_policies(words, BASE, lambda said: None), BASE, tmp_path / "site")
    assert verify(str(tmp_path / "site")) == []


def test_a_fresh_site_of_versions_has_not_drifted(tmp_path: Path) -> None:
    assert verify(str(publish(tmp_path, FIRST, SECOND))) == []


def test_exit_codes_and_json(command: Run, fresh: dict[str, bytes], tmp_path: Path) -> None:
    copy(fresh, tmp_path / "site")
    assert command("verify", "site").returncode == 0
    replace("{", "{ ", "static/published.css")(tmp_path / "site")
    done = command("verify", "site", "--format", "json")
    assert done.returncode == 1
    [drift] = json.loads(done.stdout)["drifts"]
    assert (drift["kind"], drift["where"]) == ("changed-file", "static/published.css")
    done = command("verify", "nothing")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# -- the same over HTTP


@contextmanager
def web(files: dict[str, bytes]) -> Iterator[str]:
    """Serve files at an address of this machine, with a few ill-behaved addresses beside."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.lstrip("/") or "index.html"
            if name == "loop":
                self.send_response(302)
                self.send_header("Location", "/loop")
                self.end_headers()
                return
            if name == "drip":
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.01)
                return
            data = files.get(name) or files.get(f"{name}.html")
            self.send_response(404 if data is None else 200)
            kind = "application/pdf" if name.endswith("pdf") else "text/html"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_site_on_the_web(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    with web(files) as address:
        path = tmp_path / "p.md"
        path.write_text(FIRST, "utf-8")
        site = tmp_path / "site"
        publish_site(read_policies([f"shop={path}"], address, lambda said: None), address, site)
        files |= {str(p.relative_to(site)): p.read_bytes() for p in site.rglob("*") if p.is_file()}
        assert verify(address) == []
        assert verify(f"{address}shop") == []
        page("We will never sell your data.", "")(site)
        files["shop.html"] = (site / "shop.html").read_bytes()
        assert {"statement-gone", "changed-file"} <= kinds(verify(address))
        assert "quote-gone" in kinds(verify(f"{address}shop"))


def test_a_firms_own_page_with_the_snippet(tmp_path: Path) -> None:
    body = "".join(f"<p>{line}</p>" for line in FIRST.splitlines()[4:12] if line)
    head = '<html lang="en"><head><title>Privacy</title>'
    files: dict[str, bytes] = {"own.html": f"{head}</head><body>{body}</body></html>".encode()}
    with web(files) as address:
        snippet = embed([f"shop={address}own"], BASE, lambda said: None)
        links = [line for line in snippet.splitlines() if 'rel="alternate"' in line]
        for link in links:
            snippet = snippet.replace(f"{link}\n", "")  # the graph is in the page alone
        files["own.html"] = f"{head}{snippet}</head><body>{body}</body></html>".encode()
        assert verify(f"{address}own") == []
        changed = body.replace("may share your IP address", "share your IP address")
        files["own.html"] = f"{head}{snippet}</head><body>{changed}</body></html>".encode()
        found = kinds(verify(f"{address}own"))
        assert {"wrong-hash", "quote-gone", "statement-gone", "statement-new"} <= found


@pytest.mark.parametrize(
    ("name", "data"),
    [("loop", b"x"), ("gone", None), ("a.pdf", b"%PDF-1.7"), ("plain", b""),
     ("none", b"<p>We use your name.</p>")],
)  # fmt: skip
def test_what_cannot_be_verified_is_said(name: str, data: bytes | None) -> None:
    with web({} if data is None else {name: data}) as address, pytest.raises(ReadError):
        verify(address + name)


@pytest.mark.parametrize("name", ["drip", "huge"])
def test_an_answer_without_end_is_left(name: str) -> None:
    with web({"huge": b"x" * 10_000}) as address, pytest.raises(ReadError):
        fetch_page(address + name, limit=5_000, timeout=0.2)


def test_a_record_that_leads_out_of_the_site(fresh: dict[str, bytes], tmp_path: Path) -> None:
    site = copy(fresh, tmp_path / "site")
    (tmp_path / "secret").write_text("x")
    record = json.loads((site / "site.json").read_bytes())
    record["files"]["../secret"] = hashlib.sha256(b"x").hexdigest()
    (site / "site.json").write_text(json.dumps(record))
    assert "missing-file" in kinds(verify(str(site)))
