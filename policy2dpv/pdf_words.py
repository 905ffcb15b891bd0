"""The words of a PDF, with their places -> running text: lines joined, hyphenation undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape

import msgspec

SOFT_HYPHEN = "\u00ad"
LAST_WORD = re.compile(r"[^\W\d_]+-$")
FIRST_WORD = re.compile(r"[^\W\d_]+")
COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
LONELY = 2


class Word(msgspec.Struct, array_like=True, gc=False):
    """A word of one look: where it stands (points from the upper left), how, and which mark.

    `mark` is the number of its marked content in the page's tags, else -1. `spaced` tells whether
    white space stands before it, `apart` whether it begins what the file draws in one go.
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


def link_words(words: Sequence[Word], areas: Iterable[LinkArea]) -> None:
    """Note on each word the address that it is linked to."""
    for area in areas:
        for word in words:
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


class Speller:
    """Knows from the whole document which words are written with a hyphen and which without."""

    def __init__(self, words: Iterable[Word], language: str = "") -> None:
        self.language = language
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
        if f"{first}-{second}" in self.hyphened:
            return True
        if first + second in self.plain or self.is_known(first + second):
            return False
        both = all(len(part) > LONELY and self.is_known(part) for part in (first, second))
        return both or len(first) < LONELY

    def is_known(self, word: str) -> bool:
        """Whether the dictionary of the language has a word."""
        return _is_known(word, self.language or "en")


@lru_cache(maxsize=4096)
def _is_known(word: str, language: str) -> bool:
    import simplemma

    try:
        return bool(simplemma.is_known(word, lang=language))
    except ValueError:
        return False


def write_words(words: Sequence[Word], speller: Speller) -> str:
    """The words as one run of HTML: lines joined, bold, emphasis and links marked.

    >>> words = [Word("infor-", 50, 0, 60, 9, 10), Word("mation", 0, 12, 30, 21, 10)]
    >>> write_words([*words, Word("&", 33, 12, 40, 21, 10, bold=True)], Speller([]))
    'information <b>&amp;</b>'
    """
    texts: list[str] = []
    for index, word in enumerate(words):
        text = word.text
        if index:
            before = words[index - 1]
            if follows_on_line(before, word):
                texts.append(" " if word.spaced else "")
            elif texts[-1].endswith(SOFT_HYPHEN):
                texts.append("")
            elif LAST_WORD.search(texts[-1]) and text[:1].islower():
                if not speller.keeps_hyphen(texts[-1], text):
                    texts[-1] = texts[-1][:-1]
                texts.append("")
            else:
                texts.append("" if texts[-1].endswith(("/", "-")) and text[:1].isalnum() else " ")
        texts.append(text)
    return _mark_up(words, texts)


def _mark_up(words: Sequence[Word], texts: Sequence[str]) -> str:
    """Texts alternate: word, what stands between, word. Equal looks share their elements."""
    parts: list[str] = []
    open_look: tuple[bool, bool, str] = (False, False, "")
    for index, word in enumerate(words):
        look = (word.bold, word.italic, word.href)
        between = texts[2 * index - 1] if index else ""
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
