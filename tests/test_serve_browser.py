"""The explorer in a real browser: found, opened, lit, asked, downloaded, and read by all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from conftest import ROOT  # noqa: E402  # needs the extra
from serving import serving  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
MODULES = Path(os.environ.get("NODE_MODULES", ROOT / "node_modules"))
AXE = MODULES / "axe-core" / "axe.min.js"
WIDTHS = (360, 768, 1280)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    names = ("us-app.md", "eu-shop.html", "university.txt")
    with serving(*(ROOT / "examples" / name for name in names)) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no chromium is there")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert not wrong


def open_policy(page: Any, address: str) -> None:
    page.goto(address)
    page.fill("#q", "paceleaf")
    page.press("#q", "Enter")
    assert page.locator(".policies li").count() == 1
    page.click(".policies a.policy")


def test_from_the_search_to_the_words(page: Any, address: str) -> None:
    open_policy(page, address)
    clause = page.locator(".clause", has_text="We do not collect precise location").first
    assert "denied" in clause.get_attribute("class")
    clause.click()
    lit = page.locator(".card.pinned")
    assert lit.count() == 1
    assert "Denied" in lit.inner_text()
    assert lit.is_visible()
    assert "Current Location" in lit.inner_text()
    lit.locator("summary", has_text="Why").click()
    assert "lexicon/en/" in lit.inner_text()
    lit.locator(".back").first.click()
    assert page.evaluate("document.activeElement.className").startswith("ref")


def test_a_statement_lights_its_clause(page: Any, address: str) -> None:
    open_policy(page, address)
    card = page.locator(".card", has_text="Research and Development").first
    card.hover()
    assert "de-identified data for research" in page.locator(".clause.lit").first.inner_text()
    page.mouse.move(1, 1)
    assert page.locator(".clause.lit").count() == 0


def test_may_and_denials_differ_without_colour(page: Any, address: str) -> None:
    open_policy(page, address)
    page.select_option("#show", "possible")
    shown = page.locator(".card:visible")
    assert shown.count() > 3
    assert all(text.lstrip().startswith("◌ May") for text in shown.all_inner_texts())
    page.select_option("#show", "denied")
    shown = page.locator(".card:visible")
    assert all("Denied" in text for text in shown.all_inner_texts())
    styles = shown.evaluate_all("cards => cards.map(c => getComputedStyle(c).borderLeftStyle)")
    assert set(styles) == {"double"}


def test_kinds_can_be_put_out(page: Any, address: str) -> None:
    open_policy(page, address)
    before = page.locator("#text mark.kind-data").count()
    text = page.locator("#text").inner_text()
    page.click(".legend [data-kind=data]")
    assert before > 20
    assert page.locator("#text mark.kind-data").count() == 0
    assert page.locator("#text").inner_text() == text
    page.click(".legend [data-kind=data]")
    assert page.locator("#text mark.kind-data").count() == before


def test_facets_narrow_the_list(page: Any, address: str) -> None:
    page.goto(address)
    page.click(".facet.kind-place a:has-text('Philippines')")
    assert page.locator(".policies li").count() == 1
    assert page.locator(".found .chip").count() == 1
    page.click(".found .chip")
    assert page.locator(".policies li").count() == 3


def test_a_named_query_is_asked_and_downloaded(page: Any, address: str) -> None:
    page.goto(address)
    page.click("text=Questions")
    page.click("nav.queries a[href*='=recipients']")
    rows = page.locator(".answer tbody tr").count()
    assert rows > 20
    with page.expect_download() as download:
        page.click("text=Download CSV")
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert len(lines) == rows + 1
    assert lines[0].startswith("recipient,")


def test_an_own_query_is_run(page: Any, address: str) -> None:
    page.goto(f"{address}/query")
    page.fill("#sparql", "SELECT (1 + 1 AS ?two) {}")
    page.press("#sparql", "Control+Enter")
    page.wait_for_selector(".answer")
    assert page.locator(".answer td").inner_text() == "2"
    page.fill("#sparql", "SELECT nonsense")
    page.click("text=Run")
    assert "wrong" in page.locator(".fault").inner_text()


def test_a_statement_is_copied_and_leads_to_the_live_page(browser: Any, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}/?q=lindenfaden")
    page.click(".policies a.policy")
    card = page.locator(".card").first
    assert "#:~:text=" in card.locator(".live").get_attribute("href")
    card.locator("summary").click()
    card.locator("button[data-copy$='.ttl']").click()
    page.wait_for_function("document.getElementById('said').textContent === 'Copied'")
    assert "dpv:Process" in page.evaluate("navigator.clipboard.readText()")
    context.close()


def test_it_is_read_by_keyboard_alone(page: Any, address: str) -> None:
    open_policy(page, address)
    page.wait_for_load_state()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.focus("#text .ref >> nth=5")
    target = page.evaluate("document.activeElement.getAttribute('href').slice(1)")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == target
    assert page.evaluate("getComputedStyle(document.activeElement).visibility") == "visible"


def test_it_works_without_scripts(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    open_policy(page, address)
    page.click("#text .ref >> nth=3")
    assert "#s-" in page.url
    assert page.locator(":target").is_visible()
    assert not page.locator(".scripted").first.is_visible()
    page.click("text=Data flow")
    assert page.locator("svg.flow").is_visible()
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(browser: Any, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in every_page(page, address):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_serious_fault(browser: Any, address: str, scheme: str, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: set NODE_MODULES to the folder that has it")
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True,
        reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    found = []
    for path in every_page(page, address):
        page.goto(path)
        page.add_script_tag(path=str(AXE))
        told = page.evaluate("axe.run({resultTypes: ['violations']})")
        for fault in told["violations"]:
            if fault["impact"] in ("serious", "critical"):
                places = [node["html"][:120] for node in fault["nodes"][:3]]
                found.append((path, fault["id"], len(fault["nodes"]), places))
    context.close()
    assert not found


def every_page(page: Any, address: str) -> list[str]:
    """The addresses of one page of each sort."""
    page.goto(address)
    policy = page.locator(".policies a.policy").first.get_attribute("href")
    return [
        f"{address}/", f"{address}/?purpose=dpv:Marketing&q=data", f"{address}{policy}",
        f"{address}{policy}/flow", f"{address}/query", f"{address}/query?name=recipients&run=1",
        f"{address}/query?run=1&sparql=nonsense", f"{address}/nothing",
    ]  # fmt: skip
