"""A review in a real browser: by mouse, by keyboard, without scripts, on a phone, for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
from conftest import ROOT  # noqa: E402  # needs the extra
from serving import serving  # noqa: E402
from test_serve_browser import AXE, CHROMIUM  # noqa: E402

from policy2dpv.reviewing.decisions import Decision  # noqa: E402
from policy2dpv.reviewing.review_files import read_review  # noqa: E402

POLICY = """# Privacy policy

Acme Ltd is the controller of your personal data.

We collect your email address to send you our newsletter.

We share your name with our partners for analytics. We keep old invoices for ten years.

We do not sell your IP address. We keep the key of our safe.
"""
DAY = {"SOURCE_DATE_EPOCH": "1772323200"}  # 2026-03-01


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no chromium is there")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.md").write_text(POLICY, "utf-8")
    with serving("--review", folder / "shop.md", "--who", "Ann Lee", **DAY) as at:
        yield at, folder / "shop.review.jsonl"


@pytest.fixture
def review(served: tuple[str, Path]) -> Path:
    served[1].unlink(missing_ok=True)
    return served[1]


@pytest.fixture
def address(served: tuple[str, Path], review: Path) -> str:
    return served[0]


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.goto(address)
    opened.click(".policies a:has-text('Review')")
    opened.wait_for_url("**/review/*", wait_until="load")
    yield opened
    context.close()
    assert not wrong


def decided(review: Path) -> list[Decision]:
    return [row for row in read_review(review) if row.decision] if review.exists() else []


def heard(page: Any, words: str) -> None:
    """Wait until the page has told what was done, to screen readers too."""
    page.locator("#said", has_text=words).wait_for(state="attached")


def test_words_are_clicked_and_decided(page: Any, review: Path) -> None:
    page.click(".mark:text-is('your name')")
    lit = page.locator(".reading.lit")
    assert "Name" in lit.first.inner_text()
    lit.first.get_by_role("button", name="Accept").click()
    heard(page, "Accepted. ")
    assert page.locator(".mark:text-is('your name')").get_attribute("data-state") == "accept"
    assert "✓" in page.locator(".reading.lit, .reading[data-state=accept]").first.inner_text()
    [row] = decided(review)
    assert (row.quote, row.term, row.decision, row.who) == (
        "your name", "pd:Name", "accept", "Ann Lee"
    )  # fmt: skip
    assert page.evaluate("document.activeElement.textContent") == "Accept"
    page.locator(".reading[data-state=accept]").get_by_role("button", name="Undo").click()
    heard(page, "Taken back. ")
    assert not decided(review)


def test_a_statement_is_accepted_at_once(page: Any, review: Path) -> None:
    card = page.locator(".card.denied")
    card.get_by_role("button", name="Accept the statement").click()
    heard(page, "Accepted. ")
    rows = decided(review)
    assert len(rows) > 1
    assert "your IP address" in {row.quote for row in rows}
    assert card.locator("[data-state=open]").count() == 0
    assert not card.get_by_role("button", name="Accept the statement").count()


def test_a_reading_is_replaced_by_a_term_of_the_list(page: Any, review: Path) -> None:
    page.click(".mark:text-is('your name')")
    reading = page.locator(".reading.lit").first
    reading.locator("summary").click()
    field = reading.locator("[name=new_term]")
    field.focus()
    page.wait_for_selector("#terms-personal_data option[value='pd:OfficialID']", state="attached")
    field.fill("pd:OfficialID")
    field.press("Enter")
    heard(page, "Replaced. ")
    [row] = decided(review)
    assert (row.decision, row.term, row.new_term) == ("replace", "pd:Name", "pd:OfficialID")
    assert "Replaced by" in page.locator(".reading[data-state=replace]").inner_text()


def test_what_cannot_be_is_told_where_it_was_tried(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.click(".policies a:has-text('Review')")
    page.click(".mark:text-is('your name')")
    reading = page.locator(".reading.lit").first
    reading.locator("summary").click()
    reading.locator("[name=new_term]").fill("Marketing")
    reading.locator("[name=new_term]").press("Enter")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "no term for personal_data is called" in alert.inner_text()
    assert reading.locator("[name=new_term]").input_value() == "Marketing"
    context.close()


def click_words(page: Any, sentence: str, first: str, last: str = "") -> None:
    """Click on a word of the text, or drag from it to another, as people do."""
    box = """([sentence, word]) => {
      const parts = [...document.querySelectorAll(".words")];
      const part = parts.find((e) => e.textContent.includes(sentence));
      const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const at = walk.currentNode.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(walk.currentNode, at + 1);
        range.setEnd(walk.currentNode, at + word.length - 1);
        part.scrollIntoView({ block: "center" });
        const { x, y, width, height } = range.getBoundingClientRect();
        return [x, y + height / 2, x + width];
      }
    }"""
    left, middle, right = page.evaluate(box, [sentence, first])
    if not last:
        page.mouse.click((left + right) / 2, middle)
        return
    _, end, far = page.evaluate(box, [sentence, last])
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(far, end, steps=4)
    page.mouse.up()


@pytest.mark.parametrize(
    ("first", "last", "quote"), [("invoices", "", "invoices"), ("old", "invoices", "old invoices")]
)
def test_other_words_are_added(page: Any, review: Path, first: str, last: str, quote: str) -> None:
    click_words(page, "We keep old", first, last)
    form = page.locator("#add form")
    form.locator("[name=term]").wait_for()
    assert form.locator("[name=quote]").input_value() == quote
    assert "We keep old invoices" in page.locator("#clause-shown").inner_text()
    assert page.evaluate("document.activeElement.name") == "term"
    page.keyboard.type("pd:Transactional")
    page.keyboard.press("Enter")
    heard(page, "Added. ")
    [row] = decided(review)
    assert (row.decision, row.quote, row.term) == ("add", quote, "pd:Transactional")
    assert row.clause == "We keep old invoices for ten years."
    assert page.locator(f".mark:text-is('{quote}')").get_attribute("data-state") == "add"
    page.get_by_role("button", name="Take away").click()
    heard(page, "Taken back. ")
    assert not decided(review)


def test_by_keyboard_alone(page: Any, review: Path) -> None:
    page.focus(".mark >> nth=0")
    page.keyboard.press("Enter")
    assert "reading" in page.evaluate("document.activeElement.className")
    first = page.evaluate("document.activeElement.id")
    page.keyboard.press("a")
    heard(page, "Accepted. ")
    page.focus(".reading[data-state=accept] .to-text")
    page.keyboard.press("Enter")
    assert "mark" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    second = page.evaluate("document.activeElement.id")
    assert second not in ("", first)
    page.keyboard.press("r")
    heard(page, "Rejected. ")
    assert sorted(row.decision for row in decided(review)) == ["accept", "reject"]
    page.focus("#add summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("old invoices a")  # letters are letters in a field
    assert page.locator("#add [name=quote]").input_value() == "old invoices a"


def test_without_scripts(browser: Any, address: str, review: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(address)
    page.click(".policies a:has-text('Review')")
    page.click(".mark:text-is('your name')")
    assert page.locator(".reading:target").is_visible()
    page.locator(".reading:target").get_by_role("button", name="Accept").click()
    assert page.locator(".reading:target .state").inner_text().startswith("✓ Accepted")
    page.click("#add summary")
    page.fill("#add [name=quote]", "old invoices")
    page.fill("#add [name=term]", "transactional")
    page.locator("#add form > button").click()
    assert page.locator(".reading:target").get_attribute("data-state") == "add"
    assert sorted(row.decision for row in decided(review)) == ["accept", "add"]
    page.click("text=Show what is open")
    assert page.locator(".reading[data-state=accept]").count() == 0
    context.close()


def test_another_site_cannot_decide(browser: Any, address: str, review: Path) -> None:
    """A page of another origin posts the form of a review, as it would if it knew the token."""
    context = browser.new_context()
    own = context.new_page()
    own.goto(address)
    own.click(".policies a:has-text('Review')")
    place = own.url
    fields = own.evaluate(
        "Object.fromEntries(new FormData(document.querySelector('.reading .decide')))"
    )
    evil = context.new_page()
    evil.goto("data:text/html,<title>evil</title>")
    evil.evaluate(
        """([place, fields]) => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = place;
          for (const [name, value] of Object.entries({ ...fields, decision: "accept" })) {
            form.append(Object.assign(document.createElement("input"), { name, value }));
          }
          document.body.append(form);
          form.submit();
        }""",
        [place, fields],
    )
    evil.wait_for_load_state()
    evil.locator("text=on a page of this server alone").wait_for()
    assert not review.exists()
    context.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("large")
    shutil.copy(ROOT / "examples" / "university.txt", folder)
    with serving("--review", folder) as at:
        yield at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_serious_fault(browser: Any, large: str, scheme: str, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: set NODE_MODULES to the folder that has it")
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True,
        reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    found = []
    page.goto(large)
    page.click(".policies a:has-text('Review')")
    page.wait_for_url("**/review/*", wait_until="load")
    for step in range(3):
        if step == 1:
            page.fill("#who", "Ann Lee")
            page.click(".signer button")
            heard(page, "Your name is noted")
            for key in ("a", "r"):
                page.locator(".reading[data-state=open]").nth(3).focus()
                page.keyboard.press(key)
                heard(page, {"a": "Accepted", "r": "Rejected"}[key])
        if step == 2:
            page.locator(".mark >> nth=4").click()
            page.click("#add summary")
            page.locator(".reading.lit summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.add_script_tag(path=str(AXE))
        told = page.evaluate("axe.run({resultTypes: ['violations']})")
        for fault in told["violations"]:
            if fault["impact"] in ("serious", "critical"):
                places = [node["html"][:160] for node in fault["nodes"][:3]]
                found.append((step, fault["id"], len(fault["nodes"]), places))
    context.close()
    assert not found
