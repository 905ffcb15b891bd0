"""Plain text -> units: the lines, or the wrapped lines that make one paragraph or address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from policy2dpv.reading.line_shapes import Marker, find_marker
from policy2dpv.reading.page_facts import is_date_line

WRAP_LIMIT, WRAP_LEAST = 110, 40
SHORT_LINE = 12
ABBREVIATED = re.compile(r"\b[^\W\d_]{1,5}\.,?$|,$")
ENDS = frozenset(".!?;")
CLOSERS = "”\"')’"


@dataclass(slots=True)
class Unit:
    """A line, or the wrapped lines of one paragraph, with what its shape tells."""

    start: int
    end: int
    words: str
    indent: int
    after_blank: bool
    marker: Marker | None = None
    role: str = ""
    counted: tuple[str, int] = ("", 0)

    @property
    def count(self) -> int:
        """How many words it has."""
        if self.counted[0] != self.words:
            self.counted = self.words, len(self.words.split())
        return self.counted[1]

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends as a sentence or clause does."""
        return self.words.rstrip(CLOSERS)[-1:] in ENDS

    @property
    def introduces(self) -> bool:
        """Whether it ends with a colon and is no heading."""
        return self.words.endswith(":") and self.role != "heading"

    @property
    def is_short(self) -> bool:
        """Whether it is an unmarked line that no sentence mark ends."""
        return (
            not self.marker
            and self.count <= SHORT_LINE
            and self.words[-1] not in ".!;,"
            and not self.role
        )


def find_lines(text: str) -> list[Unit]:
    r"""The lines of a text that hold words.

    >>> [(unit.words, unit.after_blank) for unit in find_lines("Cookies\n\n  We set some.")]
    [('Cookies', True), ('We set some.', True)]
    """
    units, position, blank = [], 0, True
    for line in text.split("\n"):
        words = line.strip()
        if any(map(str.isalnum, words)):
            lead = len(line) - len(line.lstrip())
            indent = len(line[:lead].expandtabs(4))
            start = position + lead
            units.append(Unit(start, start + len(words), words, indent, blank))
            blank = False
        else:
            blank = True
        position += len(line) + 1
    return units


def is_wrapped(lines: Sequence[Unit]) -> bool:
    """Whether paragraphs are broken into lines of about equal length.

    >>> is_wrapped(find_lines("One line alone is not wrapped."))
    False
    """
    if len(lines) < 6:
        return False
    longest = max(unit.end - unit.start + unit.indent for unit in lines)
    if longest > WRAP_LIMIT or longest < WRAP_LEAST:
        return False
    broken = [
        unit
        for unit, after in pairwise(lines)
        if not after.after_blank and unit.words[-1] not in ".:;!?"
    ]
    flowing = [unit for unit in broken if unit.end - unit.start > longest * 0.6]
    return len(flowing) >= 3 and len(flowing) > len(lines) * 0.25


def join_wrapped(lines: Sequence[Unit], language: str) -> list[Unit]:
    r"""One unit for each wrapped paragraph or item.

    >>> lines = find_lines("We collect your name and\n  your address.")
    >>> [unit.words for unit in join_wrapped(lines, "en")]
    ['We collect your name and your address.']
    """
    longest = max(unit.end - unit.start + unit.indent for unit in lines)
    joined: list[Unit] = []
    width = 0
    for unit in lines:
        above = joined[-1] if joined else None
        next_word = len(unit.words.split()[0]) + 1
        full = above is not None and width + next_word > longest * 0.8
        ended = above is not None and above.words[-1] in ".:;!?"
        new = (
            above is None
            or unit.after_blank
            or find_marker(unit.words, language) is not None
            or (not full and (ended or not unit.words[0].islower()))
        )
        width = unit.end - unit.start + unit.indent
        if new or above is None:
            joined.append(unit)
        else:
            above.end = unit.end
            above.words = f"{above.words} {unit.words}"
    return joined


def _is_address(group: Sequence[Unit], language: str) -> bool:
    return (
        all(unit.count <= 8 and not unit.marker and not unit.role for unit in group)
        and all(unit.words[-1].isalnum() or ABBREVIATED.search(unit.words) for unit in group)
        and any(character.isdigit() for unit in group for character in unit.words)
        and not any(is_date_line(unit.words, language) for unit in group)
    )


def join_addresses(lines: Sequence[Unit], language: str) -> list[Unit]:
    r"""The units with the lines of a postal address joined, where blank lines part paragraphs.

    >>> lines = find_lines("Write to us:\n\nAcme Inc.\n12 High Street\nDublin")
    >>> [unit.words for unit in join_addresses(lines, "en")]
    ['Write to us:', 'Acme Inc. 12 High Street Dublin']
    """
    if sum(unit.after_blank for unit in lines) <= 0.25 * len(lines):
        return list(lines)
    joined: list[Unit] = []
    index = 0
    while index < len(lines):
        end = index + 1
        while end < len(lines) and not lines[end].after_blank:
            end += 1
        group = lines[index:end]
        if 2 <= len(group) <= 8 and _is_address(group, language):
            words = " ".join(unit.words for unit in group)
            joined.append(Unit(group[0].start, group[-1].end, words, group[0].indent,
                               group[0].after_blank, None, "paragraph"))  # fmt: skip
        else:
            joined.extend(group)
        index = end
    return joined
