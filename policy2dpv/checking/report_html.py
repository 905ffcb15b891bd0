"""Reports of notices as one page that needs nothing else: readable, printable, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import quote as percent

from policy2dpv.checking.report import Answer, Quote, Report, Section
from policy2dpv.checking.report_formats import (
    REMARK,
    answer_names,
    count_answers,
    describe_condition,
    quote_words,
)
from policy2dpv.data import PACKAGE

STYLE = PACKAGE / "templates" / "report.css"
OPEN = 2  # quotes that are shown without being asked for
FRAGMENT_WORDS = 6  # words from both ends of a quote that a link to it holds
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="remark">{remark}</p>
"""


def format_html(reports: Sequence[Report]) -> str:
    """Return the reports as one self-contained HTML page.

    Quotes lead to their place in the policy's page by a text fragment, where the page is known.

    >>> format_html([]).startswith("<!doctype html>")
    True
    """
    named = [report.title for report in reports if report.title]
    title = escape(f"What the notice says: {named[0]}" if named else "What the notice says")
    head = HEAD.format(title=title, style=STYLE.read_text("utf-8"), remark=escape(REMARK))
    parts = [head, *(part for report in reports for part in _report(report))]
    return "".join([*parts, "</main>\n</body>\n</html>\n"])


def _report(report: Report) -> Iterator[str]:
    name = escape(report.title or report.notice)
    page = f' (<a href="{escape(report.page)}">its page</a>)' if _is_web(report.page) else ""
    yield f"<h2>{name}</h2>\n<p>Notice <code>{escape(report.notice)}</code>{page}</p>\n"
    for section in report.sections:
        yield from _section(section, report)


def _section(section: Section, report: Report) -> Iterator[str]:
    names, notice = answer_names(), section.notice
    counts = ", ".join(f"{n} {names[a].label}" for a, n in count_answers(section).items())
    label = escape(f"{notice.title}, {report.notice}")
    yield f'<h3><a href="{escape(notice.link)}">{escape(notice.title)}</a></h3>\n'
    if not section.in_play:
        yield '<p class="note">The text does not name this law.</p>\n'
    yield (
        f'<section class="scroll" tabindex="0" aria-label="{label}">\n'
        f"<table>\n<caption>{escape(counts)}</caption>\n<thead><tr>"
        '<th scope="col">Item</th><th scope="col">Answer</th>'
        '<th scope="col">What is said</th></tr></thead>\n<tbody>\n'
    )
    yield from (_row(one, report.page) for one in section.answers)
    yield "</tbody>\n</table>\n</section>\n"


def _row(one: Answer, page: str) -> str:
    item = one.item
    condition = describe_condition(item, one.applies)
    under = f'<p class="condition">{escape(condition)}</p>' if condition else ""
    return (
        f'<tr><th scope="row">{escape(item.name)}'
        f'<p><a class="article" href="{escape(item.link)}">{escape(item.article)}</a></p>'
        f'{under}</th><td class="answer {one.answer}">'
        f"{escape(answer_names()[one.answer].label)}</td>"
        f"<td>{''.join(_said(one, page))}</td></tr>\n"
    )


def _said(one: Answer, page: str) -> Iterator[str]:
    if one.values:
        yield f"<p>{escape('; '.join(one.values))}</p>"
    if one.answer == "not_found":
        yield f"<p>Looked for: {escape('; '.join(one.looked_for))}.</p>"
    if one.item.comment:
        yield f'<p class="note">{escape(one.item.comment)}.</p>'
    quotes = [_quote(quote, page) for quote in one.quotes]
    yield from quotes[:OPEN]
    if more := quotes[OPEN:]:
        count = f"{len(more)} more quote" + ("" if len(more) == 1 else "s")
        yield f"<details><summary>{count}</summary>{''.join(more)}</details>"


def _quote(quote: Quote, page: str) -> str:
    words = escape(quote_words(quote))
    if _is_web(page) and quote.words.strip():
        place = page.partition("#")[0] + text_fragment(quote.words)
        words = f'<a href="{escape(place)}">{words}</a>'
    return f"<blockquote>{words}</blockquote>"


def text_fragment(words: str) -> str:
    """Return the text fragment that leads to a quote (WICG, URL Fragment Text Directives).

    Long quotes are named by their first and last words, so that a line break inside does no harm.

    >>> text_fragment("We use it, always.")
    '#:~:text=We%20use%20it%2C%20always.'
    """
    found = words.split()
    ends = [found]
    if len(found) > 2 * FRAGMENT_WORDS:
        ends = [found[:FRAGMENT_WORDS], found[-FRAGMENT_WORDS:]]
    coded = [percent(" ".join(end), safe="").replace("-", "%2D") for end in ends]
    return "#:~:text=" + ",".join(coded)


def _is_web(page: str) -> bool:
    return page.startswith(("http://", "https://"))
