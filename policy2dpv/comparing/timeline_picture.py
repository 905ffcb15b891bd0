"""A timeline as an SVG picture: worse above the line, better below, readable light and dark."""

from __future__ import annotations

from datetime import date
from html import escape

from policy2dpv.comparing.compare import Comparison, Version
from policy2dpv.comparing.timeline import Timeline

WIDTH, MARGIN, LEAST = 900, 70, 64  # of the picture, its sides, and between two versions
HIGH, BAR = 110, 26  # of the bars above and below the line, and how wide they are
STYLE = """
.ink{fill:#1c1f23}.soft{fill:#50565e}.line{stroke:#50565e}
.worse{fill:#a3161b}.better{fill:#17632f}.other{fill:#4a658a}
@media (prefers-color-scheme: dark){.ink{fill:#e8eaed}.soft{fill:#b3bac4}.line{stroke:#b3bac4}
.worse{fill:#ff9a94}.better{fill:#83d79b}.other{fill:#a5c3ea}}
"""


def draw_timeline(found: Timeline) -> str:
    """Return the picture. Bars are as long as the changes' weights together.

    >>> from policy2dpv.comparing.compare import Comparison, Version
    >>> one, two = Version("a", "", "2024-01-01"), Version("b", "", "2025-01-01")
    >>> draw_timeline(Timeline(one, (Comparison(one, two, ()),))).startswith("<svg")
    True
    """
    versions = [found.first, *(step.new for step in found.steps)]
    places = _places(versions)
    width = max(WIDTH, places[-1] + MARGIN)
    middle, height = 40 + HIGH, 2 * HIGH + 120
    most = max([1, *(_weight(step, side) for step in found.steps for side in ("up", "down"))])
    told = "; ".join(
        f"{step.new.date or step.new.name}: {_count(step)}" for step in found.steps
    )  # fmt: skip
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="timeline-title timeline-desc" '
        'font-family="system-ui, sans-serif" font-size="13">',
        f'<title id="timeline-title">Changes in meaning of {escape(found.title)}</title>',
        f'<desc id="timeline-desc">{escape(told)}</desc>',
        f"<style>{STYLE}</style>",
        f'<line class="line" x1="{MARGIN // 2}" y1="{middle}" x2="{width - MARGIN // 2}" '
        f'y2="{middle}" stroke-width="2"/>',
        _text(MARGIN // 2, 20, "worse", "worse", "start", bold=True),
        _text(MARGIN // 2, height - 64, "better", "better", "start", bold=True),
        _text(MARGIN // 2 + 60, 20, "other", "other", "start", bold=True),
    ]
    for version, place in zip(versions, places, strict=True):
        parts += [f'<circle class="ink" cx="{place}" cy="{middle}" r="5"/>']
        parts += [_text(place, height - 40, version.date or version.name[:12], "ink")]
    for step, place in zip(found.steps, places[1:], strict=True):
        parts += _bars(step, place, middle, most)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bars(step: Comparison, place: int, middle: int, most: int) -> list[str]:
    """The bars of a version: worse and other upwards, better downwards, each with its number."""
    parts = []
    edge = middle - 8
    for standing in ("worse", "other"):
        number, weight = _number(step, standing), _sum(step, standing)
        if number:
            high = max(2, weight * (HIGH - 20) // most)
            edge -= high
            parts.append(_bar(place, edge, high, standing))
    up = _number(step, "worse"), _number(step, "other")
    if any(up):
        parts.append(_text(place, edge - 6, f"{up[0]} + {up[1]}" if up[1] else str(up[0]), "ink"))
    if number := _number(step, "better"):
        high = max(2, _sum(step, "better") * (HIGH - 20) // most)
        parts.append(_bar(place, middle + 8, high, "better"))
        parts.append(_text(place, middle + high + 24, str(number), "ink"))
    return parts


def _bar(place: int, top: int, high: int, standing: str) -> str:
    return (
        f'<rect class="{standing}" x="{place - BAR // 2}" y="{top}" width="{BAR}" '
        f'height="{high}" rx="2"/>'
    )


def _text(x: int, y: int, words: str, style: str, anchor: str = "middle", *, bold: bool = False
          ) -> str:  # fmt: skip
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _places(versions: list[Version]) -> list[int]:
    """Where versions stand: as far apart as their dates, and never so near that words meet."""
    days = [_day(version.date) for version in versions]
    known = [day for day in days if day]
    first, last = (min(known), max(known)) if known else (0, 0)
    span = max(1, last - first)
    places: list[int] = []
    for index, day in enumerate(days):
        at = MARGIN + (WIDTH - 2 * MARGIN) * (day - first) // span if day else MARGIN
        least = places[-1] + LEAST + 26 if index else at
        places.append(max(at, least))
    return places


def _day(text: str) -> int:
    """A day's number; of a month or a year its first; 0 for what is no date."""
    parts = [int(part) for part in text.split("-") if part.isdecimal()]
    try:
        return date(*[*parts, 1, 1][:3]).toordinal() if parts else 0
    except ValueError:
        return 0


def _count(step: Comparison) -> str:
    from policy2dpv.comparing.compare_report import count_changes

    return count_changes(step)


def _number(step: Comparison, standing: str) -> int:
    return sum(change.standing == standing for change in step.changes)


def _sum(step: Comparison, standing: str) -> int:
    return sum(change.weight for change in step.changes if change.standing == standing)


def _weight(step: Comparison, side: str) -> int:
    names = ("worse", "other") if side == "up" else ("better",)
    return sum(_sum(step, name) for name in names)
