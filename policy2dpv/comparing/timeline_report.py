"""A timeline as text, Markdown, JSON, a picture, and a page with picture, table and changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from policy2dpv.comparing.compare import Comparison, Version
from policy2dpv.comparing.compare_report import change_item, count_changes, escape_markdown
from policy2dpv.comparing.timeline import Timeline
from policy2dpv.comparing.timeline_picture import draw_timeline
from policy2dpv.views.pages import element, make_page

CAPTION = "Changes in meaning, version by version"
COLUMNS = ("Version", "Worse", "Better", "Other", "Weightiest change")


def format_timeline(found: Timeline) -> str:
    """Return the timeline as text: a line for each version, and its weightiest changes."""
    lines = [found.title, "", f"{_name(found.first)}  the first version"]
    for step in found.steps:
        lines += [f"{_name(step.new)}  {count_changes(step)}"]
        lines += [f"    {c.weight:>3} {c.standing:<6} {c.heading}" for c in step.changes]
    return "\n".join(lines) + "\n"


def format_timeline_markdown(found: Timeline) -> str:
    """Return the timeline as Markdown: a table, then the changes of each version."""
    lines = [f"# {escape_markdown(found.title)}", ""]
    lines += [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    for cells in _rows(found):
        lines.append(f"| {' | '.join(map(escape_markdown, cells))} |")
    for step in found.steps:
        lines += ["", f"## {escape_markdown(_name(step.new))}", ""]
        lines += [
            f"- {c.weight}, {c.standing}: {escape_markdown(c.heading)}" for c in step.changes
        ] or [count_changes(step)]
    return "\n".join(lines) + "\n"


def format_timeline_json(found: Timeline) -> str:
    """Return the timeline as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode("utf-8") + "\n"


def format_timeline_html(found: Timeline) -> str:
    """Return the timeline as one page: picture, table, and each version's changes."""
    picture = f'<figure tabindex="0">{draw_timeline(found)}</figure>'
    body = [element("h1", found.title), picture]
    body += ['<div class="wide" tabindex="0">', "<table>", element("caption", CAPTION)]
    head = "".join(element("th", name, scope="col") for name in COLUMNS)
    body += [f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for first, *cells in _rows(found):
        data = "".join(element("td", cell) for cell in cells)
        body.append(f"<tr>{element('th', first, scope='row')}{data}</tr>")
    body += ["</tbody>", "</table>", "</div>"]
    for step in found.steps:
        body += [element("h2", f"{_name(step.new)}: {count_changes(step)}")]
        if step.changes:
            items = [change_item(change, heading="h3") for change in step.changes]
            body += ['<ol class="changes">', *items, "</ol>"]
    return make_page(found.title, "\n".join(body))


FORMATS: Mapping[str, Callable[[Timeline], str]] = {
    "text": format_timeline, "markdown": format_timeline_markdown, "json": format_timeline_json,
    "svg": draw_timeline, "html": format_timeline_html,
}  # fmt: skip


def _rows(found: Timeline) -> list[tuple[str, ...]]:
    return [(_name(found.first), "", "", "", "the first version"), *map(_row, found.steps)]


def _row(step: Comparison) -> tuple[str, ...]:
    numbers = (
        str(sum(change.standing == name for change in step.changes))
        for name in ("worse", "better", "other")
    )
    first = step.changes[0].heading if step.changes else count_changes(step)
    return (_name(step.new), *numbers, first)


def _name(version: Version) -> str:
    return f"{version.date} {version.name}".strip()
