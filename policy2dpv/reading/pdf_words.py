"""The words of a PDF, with their places -> running text: lines joined, hyphenation undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import pairwise

import msgspec

from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE, load_heading_patterns

SOFT_HYPHEN = "\u00ad"
LAST_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]+-$")
FIRST_WORD = re.compile(r"[^\W\d_]+")
PLAIN_END = re.compile(r"(?<!\W)\W+$")
COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:-[^\W\d_]+)+")
CLOSED, OPENED = re.compile(r"\w\(\w{1,4}\)$"), re.compile(r"\(\w{1,4}\)")
COLUMN_GAP = 1.6  # of the type size: wider than any space between words
ROOM = 0.15
LONELY = 2


class Word(msgspec.Struct, array_like=True, gc=False):
    """A word of one look: where it stands (points from the upper left), how, and which mark.

    `mark` is the number of its marked content in the page's tags, else -1. `spaced` tells whether
    white space stands before it, `apart` whether it begins what the file draws in one go; `edge`
    is where the lines of its column end, 0 if that is not known.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    italic: bool = False
    mark: int = -1
    spaced: bool = True
    apart: bool = False
    href: str = ""
    edge: float = 0.0

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2


class LinkArea(msgspec.Struct, array_like=True, frozen=True):
    """A rectangle of a page that is linked."""

    left: float
    top: float
    right: float
    bottom: float
    href: str


class Rows:
    """Words by the height at which they stand, in steps, so that few need be looked at."""

    STEP = 16.0

    def __init__(self, words: Iterable[Word]) -> None:
        self.steps: dict[int, list[Word]] = {}
        for word in words:
            self.steps.setdefault(int(word.middle // self.STEP), []).append(word)

    def between(self, top: float, bottom: float) -> list[Word]:
        """The words whose middles may lie between two heights.

        >>> rows = Rows([Word("We", 0, 0, 9, 10, 10), Word("sell", 0, 90, 9, 100, 10)])
        >>> [word.text for word in rows.between(80, 99)]
        ['sell']
        """
        first, last = int(top // self.STEP), int(bottom // self.STEP)
        steps = (step for step in self.steps if first <= step <= last)
        return [word for step in steps for word in self.steps[step]]


def link_words(words: Sequence[Word], areas: Iterable[LinkArea]) -> None:
    """Note on each word the address that it is linked to."""
    rows = Rows(words)
    for area in areas:
        for word in rows.between(area.top, area.bottom):
            middle = (word.left + word.right) / 2
            inside = area.left <= middle <= area.right and area.top <= word.middle <= area.bottom
            if inside and not word.href:
                word.href = area.href


def follows_on_line(before: Word, word: Word) -> bool:
    """Whether a word stands to the right of another on the same line.

    >>> one, two = Word("We", 0, 0, 20, 10, 10), Word("sell", 25, 0, 45, 10, 10)
    >>> follows_on_line(one, two), follows_on_line(two, one)
    (True, False)
    """
    height = max(min(before.bottom - before.top, word.bottom - word.top), 1)
    shared = min(before.bottom, word.bottom) - max(before.top, word.top)
    return shared > 0.4 * height and word.left > before.left


def split_lines(words: Sequence[Word]) -> list[list[Word]]:
    """The lines that words in reading order fill."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and follows_on_line(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def find_edges(words: Sequence[Word]) -> None:
    """Note on each word of a page where the lines of its column end.

    >>> words = [Word("We", 50, 0, 90, 10, 10), Word("keep everything.", 50, 12, 300, 22, 10)]
    >>> find_edges(words)
    >>> words[0].edge
    300
    """
    lines: list[list[Word]] = []
    for line in split_lines(words):
        lines.append([line[0]])
        for before, word in pairwise(line):
            if word.left - before.right > COLUMN_GAP * word.size:
                lines.append([])
            lines[-1].append(word)
    edges: dict[int, float] = {}
    for line in lines:
        for place in _places(line[0].left):
            edges[place] = max(edges.get(place, 0.0), line[-1].right)
    for line in lines:
        for word in line:
            word.edge = edges[_places(line[0].left)[1]]


def _places(left: float) -> tuple[int, int, int]:
    """The left end of a line, coarse enough for lines that begin at the same place."""
    at = round(left / 4)
    return at - 1, at, at + 1


def was_broken_off(line: Sequence[Word], after: Word) -> bool:
    """Whether a line ends long before its column does though the next word had room in it.

    >>> line = [Word("Acme", 50, 0, 90, 10, 10, edge=400)]
    >>> was_broken_off(line, Word("Dublin", 50, 12, 100, 22, 10))
    True
    """
    last = line[-1]
    if last.text.endswith(("-", SOFT_HYPHEN)):
        return False
    slack = ROOM * (last.edge - line[0].left)
    return last.right + (after.right - after.left) + slack < last.edge


class Speller:
    """Knows from the whole document which words are written with a hyphen and which without."""

    def __init__(self, words: Iterable[Word], language: str = "") -> None:
        self.language = language or DEFAULT_LANGUAGE
        self.plain: set[str] = set()
        self.hyphened: set[str] = set()
        for word in words:
            self.plain.update(found.lower() for found in FIRST_WORD.findall(word.text))
            self.hyphened.update(found.lower() for found in COMPOUND.findall(word.text))

    def keeps_hyphen(self, line: str, after: str) -> bool:
        """Whether the hyphen that ends a line belongs to its word, as in "opt-out".

        >>> speller = Speller([Word("information", 0, 0, 1, 1, 10), Word("opt-out", 0, 0, 1, 1, 1)])
        >>> speller.keeps_hyphen("infor-", "mation"), speller.keeps_hyphen("opt-", "out")
        (False, True)
        """
        head, tail = LAST_WORD.search(line), FIRST_WORD.match(after)
        if not head or not tail or not tail[0].islower():
            return True
        first, second = head[0][:-1].lower(), tail[0].lower()
        if len(first) < LONELY or f"{first}-{second}" in self.hyphened:
            return True
        if first + second in self.plain or self.is_known(first + second):
            return False
        return all(len(part) > LONELY and self.is_known(part) for part in (first, second))

    def join(self, line: str, after: str) -> tuple[str, str]:
        """A line's last word, without the hyphen that broke it, and what stands before the next.

        >>> Speller([]).join("infor-", "mation"), Speller([]).join("your", "data")
        (('infor', ''), ('your', ' '))
        """
        if line.endswith(SOFT_HYPHEN):
            return line[:-1], ""
        if LAST_WORD.search(line) and after[:1].islower():
            if PLAIN_END.sub("", after) in load_heading_patterns(self.language).joiners:
                return line, " "
            return (line if self.keeps_hyphen(line, after) else line[:-1]), ""
        return line, "" if _is_one_name(line, after) else " "

    def is_known(self, word: str) -> bool:
        """Whether the dictionary of the language has a word."""
        return _is_known(word, self.language)


def _is_one_name(line: str, after: str) -> bool:
    """Whether a line's end broke what has no space: an address, "6(1)(f)", a hyphened name."""
    if line.endswith(("/", "-")) and after[:1].isalnum():
        return True
    return bool(CLOSED.search(line) and OPENED.match(after))


@lru_cache(maxsize=4096)
def _is_known(word: str, language: str) -> bool:
    import simplemma

    try:
        return bool(simplemma.is_known(word, lang=language))
    except ValueError:
        return False


def write_words(words: Sequence[Word], speller: Speller, *, breaks: bool = False) -> str:
    """The words as one run of HTML: lines joined, bold, emphasis and links marked.

    `breaks` keeps the ends of lines that were broken on purpose, as in an address.

    >>> words = [Word("infor-", 50, 0, 60, 9, 10), Word("mation", 0, 12, 30, 21, 10)]
    >>> write_words([*words, Word("&", 33, 12, 40, 21, 10, bold=True)], Speller([]))
    'information <b>&amp;</b>'
    """
    texts: list[str] = []
    above: list[Word] = []
    for line in split_lines(words):
        if above and breaks and was_broken_off(above, line[0]):
            texts.append("\n")
        elif above:
            texts[-1:] = speller.join(texts[-1], line[0].text)
        for index, word in enumerate(line):
            if index:
                texts.append(" " if word.spaced else "")
            texts.append(word.text)
        above = line
    return _mark_up(words, texts)


def _mark_up(words: Sequence[Word], texts: Sequence[str]) -> str:
    """Texts alternate: word, what stands between, word. Equal looks share their elements."""
    parts: list[str] = []
    open_look: tuple[bool, bool, str] = (False, False, "")
    for index, word in enumerate(words):
        look = (word.bold, word.italic, word.href)
        between = texts[2 * index - 1] if index else ""
        between = "<br>" if between == "\n" else between
        if look != open_look:
            parts += [_tags(open_look, closing=True), between, _tags(look)]
            open_look = look
        else:
            parts.append(between)
        parts.append(escape(texts[2 * index], quote=False))
    return "".join([*parts, _tags(open_look, closing=True)])


def _tags(look: tuple[bool, bool, str], *, closing: bool = False) -> str:
    bold, italic, href = look
    if closing:
        return "</i>" * italic + "</b>" * bold + "</a>" * bool(href)
    link = f'<a href="{escape(href)}">' if href else ""
    return link + "<b>" * bold + "<i>" * italic
