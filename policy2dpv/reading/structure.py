"""Drafts of a page -> drafts with structure: lists in lines, headings by look, contents, landmarks.

Every step is a function from drafts to drafts; their order is that of `infer_structure`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policy2dpv.knowledge.patterns import load_heading_patterns, load_page_patterns
from policy2dpv.model import Landmark
from policy2dpv.reading.draft import Draft
from policy2dpv.reading.line_shapes import (
    Marker,
    could_be_heading,
    find_marker,
    is_strong_shape,
    plain_words,
)
from policy2dpv.reading.page_facts import is_date_line
from policy2dpv.reading.page_tables import settle_tables

LONG_LINE = 60
HEADING_LIMIT = 30
ENDS = frozenset('.!?;)”"')
CONTENTS_RUN = 3
MAIN_SHARE, MAIN_LEAST = 0.2, 1000


def infer_structure(drafts: Sequence[Draft], language: str) -> list[Draft]:
    r"""The drafts of a page with what only its looks tell made plain.

    >>> drafts = infer_structure([Draft("We collect:\n- your name\n- your age")], "en")
    >>> [(draft.kind, draft.words) for draft in drafts]
    [('paragraph', 'We collect:'), ('list_item', 'your name'), ('list_item', 'your age')]
    """
    found = [line for draft in drafts for line in split_lines(draft, language)]
    freed = [draft.cell is not None for draft in found]
    settle_tables(found)
    found = [
        line
        for draft, was_cell in zip(found, freed, strict=True)
        for line in (split_lines(draft, language) if was_cell and not draft.cell else [draft])
    ]
    for draft in found:
        read_marker(draft, language)
    read_bold_headings(found, language)
    read_plain_headings(found, language)
    settle_levels(found)
    mark_contents(found, language)
    settle_landmarks(found)
    return found


def split_lines(draft: Draft, language: str) -> list[Draft]:
    """One draft for each line that is an item, a run-in heading or a paragraph of its own."""
    if "\n" not in draft.text:
        return [draft]
    spans, position = [], 0
    for line in draft.text.split("\n"):
        spans.append((position, position + len(line)))
        position += len(line) + 1
    lines = [draft.text[a:b] for a, b in spans]
    marked = [find_marker(line, language) is not None for line in lines]
    lead_in = any(m and lines[i - 1].endswith(":") for i, m in enumerate(marked) if i)
    listed = sum(marked) > 1 or lead_in
    parts = [[spans[0][0], spans[0][1]]]
    for index in range(1, len(lines)):
        before, first = lines[index - 1], index == 1
        apart = (
            (listed and (marked[index] or marked[index - 1]))
            or (len(before) > LONG_LINE and before[-1:] in ".!?:;")
            or (first and len(lines[0]) <= LONG_LINE and draft.cut(*spans[0]).covered_by_bold())
            or (first and draft.cell is None and _heads_line(before, lines[index], language))
        )
        if apart:
            parts.append(list(spans[index]))
        else:
            parts[-1][1] = spans[index][1]
    return [draft.cut(a, b) for a, b in parts]


def _heads_line(line: str, after: str, language: str) -> bool:
    return (
        could_be_heading(line, "", language)
        and is_strong_shape(line)
        and len(after) > LONG_LINE
        and not is_date_line(line, language)
    )


def read_marker(draft: Draft, language: str) -> None:
    """Note the bullet or enumerator in a draft's words; a marked paragraph is a list item."""
    if draft.kind not in ("paragraph", "heading", "list_item", "cell"):
        return
    marker = find_marker(draft.text, language)
    if marker is None or (draft.kind != "heading" and _is_sentence_start(draft, marker)):
        return
    if draft.kind == "cell" and marker.style != "bullet":
        return
    draft.marker = marker.end
    draft.number = marker.number or draft.number
    if draft.kind in ("paragraph", "cell") and not _is_numbered_clause(draft, marker):
        draft.kind = "list_item"
        draft.level = max(draft.level, 1)
        if marker.style == "bullet" and marker.number:
            draft.level = max(draft.level, marker.number.count(".") + 1)


def _is_sentence_start(draft: Draft, marker: Marker) -> bool:
    """Whether a long paragraph merely starts with an initial ("A. Smith")."""
    return (
        marker.style in ("upper", "ROMAN")
        and "." in draft.text[: marker.end]
        and len(draft.text) > 200
    )


def _is_numbered_clause(draft: Draft, marker: Marker) -> bool:
    """Whether a numbered paragraph is a clause of the text ("4.2 We may ..."), not of a list."""
    return marker.style == "decimal" and marker.depth > 1 and not marker.bulleted


def read_bold_headings(drafts: Sequence[Draft], language: str) -> None:
    """Make headings of what only looks like them, and paragraphs of headings that hold prose."""
    for index, draft in enumerate(drafts):
        after = drafts[index + 1] if index + 1 < len(drafts) else None
        if draft.kind == "heading":
            if len(draft.words.split()) > HEADING_LIMIT and draft.text[-1] in ".!:;":
                draft.kind, draft.level = "paragraph", 0
            continue
        if draft.kind not in ("paragraph", "list_item") or draft.cell or after is None:
            continue
        if draft.kind == "list_item" and not _leads_own_item(draft, after):
            continue
        if _looks_like_heading(draft, after, language):
            draft.kind, draft.level = "heading", 0
            draft.sub = 1 if draft.covered_by_bold() else 2


def _leads_own_item(draft: Draft, after: Draft) -> bool:
    """Whether an item's first words head what follows in it, or a one-item list heads a section."""
    same = bool(draft.item) and after.item == draft.item
    return (same and after.level <= draft.level) or after.kind == "paragraph"


def _looks_like_heading(draft: Draft, after: Draft, language: str) -> bool:
    if not could_be_heading(draft.words, draft.number, language):
        return False
    if is_date_line(draft.text, language) or (after.kind == "heading" and after.level == 1):
        return False
    if draft.toggles and not draft.links:
        return True
    if draft.covered_by_bold():
        return True
    return (
        draft.kind == "paragraph"
        and draft.covered_by(draft.emphasis)
        and len(draft.words.split()) <= 8
        and draft.text[-1].isalnum()
        and len(after.text) > LONG_LINE
    )


def read_plain_headings(drafts: Sequence[Draft], language: str) -> None:
    """Find headings among the plain short paragraphs: what stands alone above prose or a list."""
    main = [draft for draft in drafts if draft.landmark == "main"]
    bare = sum(draft.kind == "heading" for draft in main) < 2
    for index, draft in enumerate(main[:-1]):
        if draft.kind != "paragraph" or draft.cell:
            continue
        if not could_be_heading(draft.words, draft.number, language):
            continue
        if not bare and (draft.text[-1] == ":" or len(draft.text) > LONG_LINE * 1.5):
            continue
        linked = draft.links and draft.covered_by([(a, b) for a, b, _ in draft.links])
        if linked or is_date_line(draft.text, language):
            continue
        before, after = main[index - 1] if index else None, main[index + 1]
        if _closes(before, bare) and _is_headed(after, bare, language):
            draft.kind, draft.level, draft.sub = "heading", 0, 1


def _closes(before: Draft | None, bare: bool) -> bool:
    """Whether a heading can follow a block: it ends a sentence, or is a heading or item itself."""
    if before is None:
        return bare
    return before.text[-1] in ENDS or before.cell is not None or before.kind != "paragraph"


def _is_headed(after: Draft, bare: bool, language: str) -> bool:
    if after.cell or after.kind == "list_item":
        return True
    if after.kind == "paragraph" and len(after.text) > LONG_LINE:
        return True
    return bare and could_be_heading(after.words, after.number, language)


def settle_levels(drafts: Sequence[Draft]) -> None:
    """Give each heading found by its looks the level below the marked heading above it."""
    above, base = 1, -1
    first = True
    for draft in drafts:
        if draft.kind != "heading":
            continue
        if draft.level:
            above, base = draft.level, -1
        elif draft.number and draft.number[0].isdigit():
            depth = draft.number.count(".")
            base = above + 1 if base < 0 else base
            draft.level = min(base + depth, 6)
        else:
            level = above + draft.sub + (0 if not first else -1)
            draft.level = min(max(level, 1), 6)
        first = False


def mark_contents(drafts: Sequence[Draft], language: str) -> None:
    """Put tables of contents under "nav": runs of lines that recur as headings or link to them."""
    last: dict[str, int] = {}
    for index, draft in enumerate(drafts):
        if draft.kind == "heading":
            last[plain_words(draft.words)] = index
    contents = load_heading_patterns(language).contents
    run: list[int] = []
    for index, draft in enumerate([*drafts, Draft("", kind="heading")]):
        if _may_be_contents(draft):
            run.append(index)
            continue
        for part in _parts_pointing_on(run, drafts, last):
            above = part[0] - 1
            if above >= 0 and plain_words(drafts[above].text) in contents:
                part = [above, *part]
            for position in part:
                drafts[position].landmark = "nav"
        run = []


def _may_be_contents(draft: Draft) -> bool:
    return (
        draft.kind not in ("heading", "cell", "header_cell")
        and 0 < len(draft.text) < 150
        and draft.landmark == "main"
        and draft.text[-1] not in ";:,"
    )


def _parts_pointing_on(
    run: Sequence[int], drafts: Sequence[Draft], last: dict[str, int]
) -> Iterator[list[int]]:
    """The parts of a run of short lines that are a table of contents.

    A numbered line belongs to it too where it stands amid lines that recur as headings.
    """
    points = [_points_on(drafts[index], index, last) for index in run]
    kept: list[int] = []
    pointing = 0
    for position, index in enumerate([*run, -1]):
        beside = any(points[max(position - 1, 0) : position + 2]) if index >= 0 else False
        numbered = index >= 0 and drafts[index].number[:1].isdigit()
        if index >= 0 and (points[position] or (beside and numbered)):
            kept.append(index)
            pointing += points[position]
            continue
        if pointing >= CONTENTS_RUN:
            yield kept
        kept, pointing = [], 0


def _points_on(draft: Draft, index: int, last: dict[str, int]) -> bool:
    """Whether a line recurs as a heading below, or is all link to a place on the page."""
    if last.get(plain_words(draft.words), -1) > index:
        return True
    inner = [(a, b) for a, b, href in draft.links if href.startswith("#") and len(href) > 1]
    return bool(inner) and draft.covered_by(inner) and not draft.toggles


def settle_landmarks(drafts: Sequence[Draft]) -> None:
    """Settle what is main: the page's main part, or the part that holds the prose."""
    lines = load_page_patterns().lines
    for draft in drafts:
        reads = lines.get(plain_words(draft.text)) if len(draft.text) < 40 else None
        if reads and draft.kind != "heading":
            draft.landmark = reads
    prose = [draft for draft in drafts if len(draft.text) > LONG_LINE and draft.text[-1] in ENDS]
    sizes: Counter[Landmark] = Counter()
    inside = 0
    for draft in prose:
        sizes[draft.landmark] += len(draft.text)
        inside += len(draft.text) if draft.inside and draft.landmark == "main" else 0
    if inside and inside > sizes["main"] / 2:
        for draft in drafts:
            if draft.landmark == "main" and not draft.inside:
                draft.landmark = "aside"
    main: Landmark = "main"
    largest = max(sizes, key=lambda name: (sizes[name], name), default=main)
    if sizes["main"] < MAIN_SHARE * sizes[largest] and sizes[largest] > MAIN_LEAST:
        for draft in drafts:
            if draft.landmark == largest:
                draft.landmark = "main"
