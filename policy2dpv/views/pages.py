"""Self-contained HTML pages: one style, light and dark, nothing fetched."""

from __future__ import annotations

from functools import cache
from html import escape
from string import Template

from policy2dpv.data import PACKAGE

FOLDER = PACKAGE / "templates"


@cache
def _template(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def make_page(title: str, body: str, *, language: str = "en") -> str:
    """Return a page with a title (plain text) and a body (HTML).

    >>> "<title>A &amp; B</title>" in make_page("A & B", "<p>C</p>")
    True
    """
    return Template(_template("page.html")).substitute(
        title=escape(title), body=body, language=escape(language),
        style=_template("comparison.css"),
    )  # fmt: skip


def element(tag: str, text: str, **attributes: str) -> str:
    """Return an element with plain text in it; an attribute ``class_`` is called class.

    >>> element("p", "1 < 2", class_="note")
    '<p class="note">1 &lt; 2</p>'
    """
    given = "".join(f' {name.rstrip("_")}="{escape(v)}"' for name, v in attributes.items())
    return f"<{tag}{given}>{escape(text)}</{tag}>"
