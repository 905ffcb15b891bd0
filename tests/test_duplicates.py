"""Near-duplicates: what is a copy, what is not, and that only the order of the inputs decides."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import PACKAGE_PATH, ROOT
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.errors import PluginError
from policy2dpv.reading.read import read_document

pytest.importorskip("rensa", reason="rensa is not installed: the extra batch")

from policy2dpv.batch.duplicates import Collapser, Duplicate, sign_text

POLICIES = {
    name: read_document(ROOT / "examples" / name).text
    for name in ("eu-shop.html", "us-app.md", "university.txt", "de/laden.md")
}
SHOP = POLICIES["eu-shop.html"]
VERSIONS = ROOT.parent / "shared" / "policies" / "versions"


def every(words: list[str], step: int) -> str:
    """The words with every so many-th one replaced."""
    return " ".join("other" if at % step == step // 2 else word for at, word in enumerate(words))


def without_a_line(text: str) -> str:
    """The text without its shortest line of five words or more."""
    lines = text.split("\n")
    lines.remove(min((one for one in lines if len(one.split()) > 4), key=len))
    return "\n".join(lines)


COPIES = {
    "the same": lambda text: text,
    "in capitals": str.upper,
    "with other white space": lambda text: "\r\n\r\n".join(text.split("\n")).replace(" ", "  "),
    "with other marks": lambda text: text.replace(",", " –").replace("'", "’"),
    "with a menu and a footer": lambda text: f"Home Shop About\n{text}\nImprint Terms Jobs",
    "with a date": lambda text: f"{text}\nLast updated on 3 May 2024",
    "with one word in 1,000 changed": lambda text: every(text.split(), 1000),
    "without one line": without_a_line,
}
OTHERS = {
    "the first half": lambda text: text[: len(text) // 2],
    "with one word in 30 changed": lambda text: every(text.split(), 30),
    "with another address": lambda text: text.replace("@", "@mail."),
    "backwards": lambda text: " ".join(reversed(text.split())),
    "nothing": lambda text: "",
}


def compared(one: str, other: str) -> Duplicate | None:
    found = Collapser()
    assert found.add(3, sign_text(one)) is None
    return found.add(8, sign_text(other))


@pytest.mark.parametrize("change", COPIES)
@pytest.mark.parametrize("name", POLICIES)
def test_a_copy_names_what_it_copies(name: str, change: str) -> None:
    found = compared(POLICIES[name], COPIES[change](POLICIES[name]))
    assert found is not None
    assert found.of == 3
    assert found.similarity >= 0.95


@pytest.mark.parametrize("change", OTHERS)
def test_what_says_something_else_is_no_copy(change: str) -> None:
    assert compared(SHOP, OTHERS[change](SHOP)) is None


def test_policies_of_different_firms_are_no_copies() -> None:
    found = Collapser()
    assert [found.add(n, sign_text(text)) for n, text in enumerate(POLICIES.values())] == [None] * 4


def test_a_template_that_firms_fill_in_is_no_copy() -> None:
    filled = "\n".join(f"We store your name and street, item {n}, to send it." for n in range(300))
    ours, theirs = f"{filled}\nWrite to a@acme.example.", f"{filled}\nWrite to b@bolt.example."
    assert compared(ours, theirs) is None
    assert compared(ours, ours.replace("item 7,", "items,")) is not None


@pytest.mark.skipif(not VERSIONS.is_dir(), reason="the versions are not beside the checkout")
def test_versions_that_differ_in_what_they_say_are_kept() -> None:
    found = Collapser()
    texts = [read_document(path).text for path in sorted(VERSIONS.iterdir())]
    assert len(texts) == 3
    assert [found.add(n, sign_text(text)) for n, text in enumerate(texts)] == [None] * 3


def test_the_most_alike_stands_for_a_copy_else_the_first() -> None:
    words = SHOP.split()
    near, nearer = every(words, 120), every(words, 1000)
    found = Collapser(0.9)
    assert [found.add(n, sign_text(t)) for n, t in ((0, near), (1, near))][1] == Duplicate(0, 1.0)
    found = Collapser(0.97)
    assert found.add(0, sign_text(near)) is None
    assert found.add(1, sign_text(nearer)) is None
    copy = found.add(2, sign_text(SHOP))
    assert copy is not None
    assert copy.of == 1


TEXTS = [
    sign_text(change(text)) for text in POLICIES.values()
    for change in (*COPIES.values(), *OTHERS.values())
]  # fmt: skip


@given(st.permutations(range(len(TEXTS))), st.integers(0, len(TEXTS)))
def test_going_on_after_a_stop_gives_the_same(order: list[int], stop: int) -> None:
    whole = Collapser()
    expected = [whole.add(n, TEXTS[at]) for n, at in enumerate(order)]
    again = Collapser()
    for n, at in enumerate(order[:stop]):
        assert again.add(n, TEXTS[at]) == expected[n]
    gone_on = [again.add(n, TEXTS[at]) for n, at in enumerate(order[stop:], stop)]
    assert gone_on == expected[stop:]
    kept = {n for n, one in enumerate(expected) if one is None}
    assert all(one.of in kept for one in expected if one), "what stands for others is no copy"


def test_signatures_are_the_same_in_another_process() -> None:
    code = (
        "import sys; from policy2dpv.batch.duplicates import sign_text;"
        "sys.stdout.buffer.write(sign_text(sys.stdin.buffer.read().decode()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=SHOP.encode(), capture_output=True, check=True,
        env={"PYTHONPATH": PACKAGE_PATH, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.stdout == sign_text(SHOP)


@pytest.mark.parametrize("signature", [b"", b"12345678", b"12345678 of another library"])
def test_a_strange_signature_is_told(signature: bytes) -> None:
    with pytest.raises(PluginError, match="a signature cannot be read"):
        Collapser().add(0, signature)


@pytest.mark.parametrize("threshold", [0.0, 0.4, 1.1, float("nan")])
def test_a_threshold_must_be_a_share(threshold: float) -> None:
    with pytest.raises(PluginError, match="the threshold is"):
        Collapser(threshold)
