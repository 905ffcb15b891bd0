"""Markdown -> HTML, so that both share one reading of structure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from policy2dpv.errors import ReadError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


# Beyond this depth markdown-it drops what it finds; each level costs it stack.
DEEPEST = 200
# A title that an export has torn from its underline.
LOOSE_TITLE = re.compile(r"^(\S.*)\n(?:[ \t]*\n)+(={3,})[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST}).enable(
        ["table", "strikethrough"]
    )


def markdown_to_html(text: str, *, where: object = "page") -> str:
    r"""The HTML that a Markdown text stands for: CommonMark with tables and raw HTML.

    ReadError: lists or quotations are nested so deeply that the parser would lose words.

    >>> markdown_to_html("1\\. Your *data*")
    '<p>1. Your <em>data</em></p>\n'
    """
    parser = _parser()
    try:
        tokens = parser.parse(LOOSE_TITLE.sub(r"\1\n\2", text))
        if max((token.level for token in tokens), default=0) < DEEPEST - 2:
            rendered: str = parser.renderer.render(tokens, parser.options, {})
            return rendered
    except RecursionError:
        pass
    raise ReadError(
        where,
        "lists or quotations are nested so deeply that text is out of reach",
        "save the page as text or simplify its markup",
    )
