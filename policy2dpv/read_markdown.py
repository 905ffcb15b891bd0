"""Markdown -> HTML, so that both share one reading of structure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


# A title that an export has torn from its underline.
LOOSE_TITLE = re.compile(r"^(\S.*)\n(?:[ \t]*\n)+(={3,})[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True, "maxNesting": 100}).enable(
        ["table", "strikethrough"]
    )


def markdown_to_html(text: str) -> str:
    r"""The HTML that a Markdown text stands for: CommonMark with tables and raw HTML.

    >>> markdown_to_html("1\\. Your *data*")
    '<p>1. Your <em>data</em></p>\n'
    """
    rendered: str = _parser().render(LOOSE_TITLE.sub(r"\1\n\2", text))
    return rendered
