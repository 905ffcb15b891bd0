"""A comparison as text, Markdown, JSON, and as a page with both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from textwrap import shorten, wrap

import msgspec

from policy2dpv.comparing.changes import Change, Side
from policy2dpv.comparing.compare import Comparison, Version
from policy2dpv.views.pages import element, make_page

SHOWN = 400  # characters of a quote
MOST = 3  # quotes of one side
WIDTH = 96
HOW = (
    "Ranked by what each change is to the person whose data it is. Rewording that changes "
    "nothing is not listed."
)
NOTHING = "no change in meaning"


def format_comparison(found: Comparison) -> str:
    r"""Return the changes as text, the weightiest first.

    >>> format_comparison(Comparison(Version("a", "", ""), Version("b", "", ""), ()))
    'a -> b\nno change in meaning\n'
    """
    lines = [f"{_name(found.old)} -> {_name(found.new)}", count_changes(found)]
    for change in found.changes:
        lines += ["", f"{change.weight:>3} {change.standing:<6} {change.heading}"]
        lines += [f"    why: {change.reason}"] if change.reason else []
        for sign, side in (("-", change.old), ("+", change.new)):
            for quote in quotes_of(side):
                lines += wrap(quote, WIDTH, initial_indent=f"    {sign} ",
                              subsequent_indent="      ")  # fmt: skip
    return "\n".join(lines) + "\n"


def format_comparison_markdown(found: Comparison) -> str:
    """Return the changes as Markdown.

    >>> found = Comparison(Version("a", "", ""), Version("b", "", ""), ())
    >>> format_comparison_markdown(found).splitlines()[0]
    '# a -> b'
    """
    lines = [f"# {escape_markdown(_name(found.old))} -> {escape_markdown(_name(found.new))}", ""]
    lines += [count_changes(found)]
    for change in found.changes:
        lines += ["", f"## {escape_markdown(change.heading)}", ""]
        lines += [f"Weight {change.weight}, {change.standing}." + (
            f" {escape_markdown(change.reason)}" if change.reason else "")]  # fmt: skip
        for title, side in (("Old", change.old), ("New", change.new)):
            for quote in quotes_of(side):
                lines += ["", f"> **{title}:** {escape_markdown(quote)}"]
    return "\n".join(lines) + "\n"


def format_comparison_json(found: Comparison) -> str:
    """Return the whole comparison as indented JSON.

    >>> found = Comparison(Version("a", "", ""), Version("b", "", ""), ())
    >>> '"changes": []' in format_comparison_json(found)
    True
    """
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode("utf-8") + "\n"


def format_comparison_html(found: Comparison) -> str:
    """Return the comparison as one page, both sides beside each other.

    >>> found = Comparison(Version("a", "", ""), Version("b", "", ""), ())
    >>> "no change in meaning" in format_comparison_html(found)
    True
    """
    title = f"{_name(found.old)} \N{RIGHTWARDS ARROW} {_name(found.new)}"
    body = [element("h1", title), element("p", count_changes(found))]
    if found.changes:
        body += [element("p", HOW, class_="note")]
        body += ['<ol class="changes">', *map(change_item, found.changes), "</ol>"]
    return make_page(title, "\n".join(body))


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": format_comparison, "markdown": format_comparison_markdown,
    "json": format_comparison_json, "html": format_comparison_html,
}  # fmt: skip


def count_changes(found: Comparison) -> str:
    """Return how many changes there are, by how they leave the person.

    >>> count_changes(Comparison(Version("a", "", ""), Version("b", "", ""), ()))
    'no change in meaning'
    """
    if not found.changes:
        return NOTHING
    count = Counter(change.standing for change in found.changes)
    parts = [f"{count[name]} {name}" for name in ("worse", "better", "other") if count[name]]
    number = len(found.changes)
    return f"{number} change{'s' if number > 1 else ''} in meaning: {', '.join(parts)}"


def quotes_of(side: Side) -> list[str]:
    """Return the quotes of a side that a reader sees, each on one line and not too long.

    >>> quotes_of(Side(quotes=("We share  it.",)))
    ['We share it.']
    """
    shown = [shorten(" ".join(q.split()), SHOWN, placeholder=" ...") for q in side.quotes]
    return list(dict.fromkeys(shown))[:MOST]


def change_item(change: Change, *, heading: str = "h2") -> str:
    """Return a change as an item of a list, with both sides; `heading` is its heading's tag.

    >>> from policy2dpv.comparing.changes import make_change
    >>> from policy2dpv.comparing.covering import load_covering
    >>> change = make_change("purpose_added", Side(), Side(("Marketing",)), load_covering(), ())
    >>> "<h3>Purpose added: Marketing</h3>" in change_item(change, heading="h3")
    True
    """
    below = f"h{int(heading[1:]) + 1}"
    parts = [f'<li class="{change.standing}">', element(heading, change.heading)]
    said = f"Weight {change.weight} of 100." + (f" {change.reason}." if change.reason else "")
    standing = element("span", change.standing.capitalize(), class_="standing")
    parts += [f"<p>{standing} {element('span', said, class_='note')}</p>", '<div class="sides">']
    for title, side in (("Old", change.old), ("New", change.new)):
        parts += ["<section>", element(below, title), *_quotes(side), "</section>"]
    return "\n".join([*parts, "</div>", "</li>"])


def _quotes(side: Side) -> Iterator[str]:
    found = quotes_of(side)
    for quote in found:
        yield f"<blockquote>{element('p', quote)}</blockquote>"
    if not found:
        yield element("p", "nothing like it", class_="note")


def _name(version: Version) -> str:
    parts = [version.title or version.name, version.date and f"({version.date})"]
    return " ".join(filter(None, parts))


def escape_markdown(text: str) -> str:
    r"""Return words as Markdown takes them for words.

    >>> print(escape_markdown("a_b*c"))
    a\_b\*c
    """
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in text)
