"""What the shape of a line tells: its bullet or enumerator, and whether it reads as a heading."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE, HeadingPatterns, load_heading_patterns

Style = Literal["bullet", "decimal", "lower", "upper", "roman", "ROMAN"]

BULLET = re.compile(r"(?:[-–—*+>]+(?=\s)|o(?=\s)|[•·●○◦▪▫■□◆◇►▶▸‣\u2043∙➢➤✓✔→\uf0a7\uf0b7])\s*")
DECIMAL = re.compile(
    r"(?P<many>\d{1,2}(?:\.\d{1,3})+)(?:[.):]?\s+|[.)](?=[^\W\d_]))(?=\S)"
    r"|[(\[]?(?P<one>\d{1,2})(?:[.):]-?\s+|\)\s*|\.(?=[A-Z][a-z]))(?=\S)"
    r"|§\s*(?P<sign>\d+(?:\.\d+)*)[.:)]?\s+(?=\S)"
)
LETTER = re.compile(
    r"(?:\((?P<in>[a-z]|[ivx]{2,5}|[A-Z]|[IVX]{2,5})\)\s*"
    r"|(?P<out>[a-z]|[ivx]{2,5}|[A-Z]|[IVX]{2,5})[.)]\s+)(?=\S)"
)
NUMBER_AFTER_WORD = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5})\s*[-–—.:)]*\s*")
ROMAN = re.compile(r"[ivx]+|[IVX]+")
ADDRESS_MARK = re.compile(r"@|://|\bwww\.")
WORD_START = re.compile(r"[^\W_]")
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
THREE_LETTERS = re.compile(r"[^\W\d_]{3,}|[^\x00-\x7f]")
INNER_END = re.compile(r"(?<![.A-Z])[.!?]\s+\S")
PLAIN = re.compile(r"[^\w\s]|_")
REACH = 400  # how far into a line a marker and the first word behind it are looked for
STRONG_SHARE = 0.6
HEADING_WORDS, LONG_HEADING_WORDS = 12, 16
LONG_HEADING = 120  # characters


class Marker(NamedTuple):
    """A bullet or enumerator: where the words after it start, its number, its style and depth."""

    end: int
    number: str
    style: Style
    depth: int = 1
    bulleted: bool = False


def find_marker(line: str, language: str = DEFAULT_LANGUAGE) -> Marker | None:
    """The bullet or enumerator that a line starts with, or both ("- 1.2 ..."); None without words.

    >>> find_marker("(iv) your name").number, find_marker("3.1.1  By Visitors.").number
    ('iv', '3.1.1')
    >>> find_marker("2 years"), find_marker("1.2 million users")
    (None, None)
    """
    return _marker(line[:REACH], language)  # a whole text may be one line


@lru_cache(maxsize=4096)
def _marker(line: str, language: str) -> Marker | None:
    start = 0
    bullet = BULLET.match(line)
    if bullet:
        start = bullet.end()
    inner = _decimal(line, start) or _lettered(line, start) or _worded(line, start, language)
    if inner:
        style: Style = "bullet" if bullet and inner.depth == 1 else inner.style
        return inner._replace(style=style, bulleted=bullet is not None)
    if bullet and bullet.end() < len(line) and WORD_START.search(line, start):
        return Marker(start, "", "bullet", bulleted=True)
    return None


def _decimal(line: str, start: int) -> Marker | None:
    found = DECIMAL.match(line, start)
    if not found:
        return None
    number = found["many"] or found["one"] or found["sign"]
    if found["many"] and line[found.end()].islower():
        return None
    return Marker(found.end(), number, "decimal", number.count(".") + 1)


def _lettered(line: str, start: int) -> Marker | None:
    found = LETTER.match(line, start)
    if not found:
        return None
    number: str = found["in"] or found["out"]
    roman = bool(ROMAN.fullmatch(number))
    if number.islower():
        return Marker(found.end(), number, "roman" if roman else "lower")
    return Marker(found.end(), number, "ROMAN" if roman else "upper")


def _worded(line: str, start: int, language: str) -> Marker | None:
    word = load_heading_patterns(language).number_words.match(line, start)
    found = word and NUMBER_AFTER_WORD.match(line, word.end())
    if not found or found.end() == len(line):
        return None
    if line[found.end()].islower() or not line[found.end() - 1 : found.end()].strip(" .:)-–—0"):
        return None
    return Marker(found.end(), found["number"], "decimal", found["number"].count(".") + 1)


def is_strong_shape(words: str) -> bool:
    """Whether a line is written as titles are: most long words capitalised, or all in capitals.

    >>> is_strong_shape("Links to Other Sites"), is_strong_shape("Phone number")
    (True, False)
    """
    long_words = LONG_WORD.findall(words)
    if not long_words:
        return words.isupper()
    capitals = sum(1 for word in long_words if word[0].isupper())
    return capitals > STRONG_SHARE * len(long_words)


def could_be_heading(words: str, number: str = "", language: str = DEFAULT_LANGUAGE) -> bool:
    """Whether a line, read without its enumerator, has the shape of a heading.

    >>> [could_be_heading(words) for words in ("Your Consent", "We sell data.", "Contact Us:")]
    [True, False, True]
    """
    if not words or len(words) > LONG_HEADING:
        return False
    count = len(words.split())
    if count > LONG_HEADING_WORDS:
        return False
    first = WORD_START.search(words)
    if not first or first.start() > 2 or words[first.start()].islower():
        return False
    if ADDRESS_MARK.search(words) or INNER_END.search(words):
        return False
    end, patterns = words[-1], load_heading_patterns(language)
    if not THREE_LETTERS.search(words) or (not number and _is_entry(words, patterns)):
        return False
    if end == ":":
        return count <= HEADING_WORDS and not _introduces(words[:-1], patterns, number)
    if end in ",;":
        return False
    if end in ".!…":
        return bool(number) or words.endswith(("...", "…"))
    return count <= HEADING_WORDS or end == "?" or bool(number) or is_strong_shape(words)


def _is_entry(words: str, patterns: HeadingPatterns) -> bool:
    """Whether a line is a name and its value: "Country refers to: Malaysia", "Type: cookie"."""
    name, colon, value = words.partition(": ")
    if not colon or not value:
        return False
    last = PLAIN.sub(" ", name).casefold().split()[-1:]
    return bool(last and last[0] in patterns.lead_in_last) or not is_strong_shape(words)


def _introduces(words: str, patterns: HeadingPatterns, number: str) -> bool:
    """Whether a line that ends with a colon introduces a list rather than heads a section."""
    plain = PLAIN.sub(" ", words).casefold().split()
    if number and len(plain) <= 8:
        return False
    if not plain or not patterns.lead_in.isdisjoint(plain) or plain[-1] in patterns.lead_in_last:
        return True
    return len(plain) > 1 and plain[0] in patterns.lead_in_first and not is_strong_shape(words)


def plain_words(words: str) -> str:
    """A line's words alone, for comparing headings with a table of contents.

    >>> plain_words("What *do* we collect?")
    'what do we collect'
    """
    return " ".join(PLAIN.sub(" ", words).casefold().split())


def count_columns(words: str, language: str = DEFAULT_LANGUAGE) -> int:
    """How many column titles a line names.

    >>> count_columns("Cookie Name Duration Source Purpose")
    4
    """
    found = load_heading_patterns(language).columns.findall(words)
    return len({phrase.casefold() for phrase in found})
