"""Candidates of conflicts as text, Markdown, JSON and as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import shorten, wrap

import msgspec

from policy2dpv.comparing.compare_report import escape_markdown
from policy2dpv.comparing.conflicts import Conflict, Party
from policy2dpv.views.pages import element, make_page

SHOWN, MOST, WIDTH = 300, 2, 96
NOTHING = "no candidate of a conflict"
Found = Sequence[Conflict]


def format_conflicts(found: Found) -> str:
    r"""Return the candidates as text, the weightiest first.

    >>> format_conflicts([])
    'no candidate of a conflict\n'
    """
    lines = [count_conflicts(found)]
    for one in found:
        mark = f" ({one.relation})" if one.relation else ""
        lines += ["", f"{one.weight:>3} {one.heading}{mark}", f"    why: {'; '.join(one.why)}"]
        for side in one.sides:
            for quote in _quotes(side):
                text = f"{side.document}: {quote}"
                lines += wrap(text, WIDTH, initial_indent="    - ", subsequent_indent="      ")
    return "\n".join(lines) + "\n"


def format_conflicts_markdown(found: Found) -> str:
    r"""Return the candidates as Markdown.

    >>> format_conflicts_markdown([])
    '# Conflicts\n\nno candidate of a conflict\n'
    """
    lines = ["# Conflicts", "", count_conflicts(found)]
    for one in found:
        mark = f", {one.relation}" if one.relation else ""
        lines += ["", f"## {escape_markdown(one.heading)}", "", f"Weight {one.weight}{mark}."]
        lines += [f"{escape_markdown('; '.join(one.why))}."]
        for side in one.sides:
            for quote in _quotes(side):
                lines += ["", f"> **{escape_markdown(side.document)}:** {escape_markdown(quote)}"]
    return "\n".join(lines) + "\n"


def format_conflicts_json(found: Found) -> str:
    r"""Return the candidates as indented JSON.

    >>> format_conflicts_json([])
    '[]\n'
    """
    return msgspec.json.format(msgspec.json.encode(list(found)), indent=2).decode("utf-8") + "\n"


def format_conflicts_html(found: Found) -> str:
    """Return the candidates as one page.

    >>> "no candidate" in format_conflicts_html([])
    True
    """
    body = [element("h1", "Conflicts"), element("p", count_conflicts(found))]
    body += ['<ol class="changes">', *map(_item, found), "</ol>"] if found else []
    return make_page("Conflicts", "\n".join(body))


FORMATS: Mapping[str, Callable[[Found], str]] = {
    "text": format_conflicts, "markdown": format_conflicts_markdown,
    "json": format_conflicts_json, "html": format_conflicts_html,
}  # fmt: skip


def count_conflicts(found: Found) -> str:
    """Return how many candidates there are.

    >>> count_conflicts([])
    'no candidate of a conflict'
    """
    number = len(found)
    return f"{number} candidate{'s' if number > 1 else ''} of conflicts" if found else NOTHING


def _item(one: Conflict) -> str:
    mark = f"{one.relation}. " if one.relation else ""
    note = f"Weight {one.weight} of 100. {mark}{'; '.join(one.why)}."
    parts = ["<li>", element("h2", one.heading), element("p", note, class_="note")]
    parts += ['<div class="sides">']
    for side in one.sides:
        parts += ["<section>", element("h3", side.document)]
        parts += [f"<blockquote>{element('p', quote)}</blockquote>" for quote in _quotes(side)]
        parts += ["</section>"]
    return "\n".join([*parts, "</div>", "</li>"])


def _quotes(side: Party) -> list[str]:
    shown = [shorten(" ".join(q.split()), SHOWN, placeholder=" ...") for q in side.quotes]
    return list(dict.fromkeys(shown))[:MOST] or [side.says]
