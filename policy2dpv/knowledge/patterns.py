"""The pattern tables that reading goes by, read once: page marks, heading words, languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import cast, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import TableError
from policy2dpv.knowledge.rows import Row, read_table
from policy2dpv.model import Landmark

DEFAULT_LANGUAGE = "en"
LONGEST_TOKEN = 100  # characters of an id or class that could mean something
LANDMARKS: tuple[str, ...] = get_args(Landmark)
READS = {"token": (*LANDMARKS, "hidden", "shown"), "line": LANDMARKS}


class PagePatterns(msgspec.Struct, frozen=True):
    """What ids, classes and whole lines of a page say about a part of it."""

    tokens: re.Pattern[str]
    reads: tuple[str, ...]
    lines: dict[str, Landmark]
    mounts: frozenset[str]
    noscript: tuple[str, ...]


class HeadingPatterns(msgspec.Struct, frozen=True):
    """The words of a language that tell headings from other short lines, and how lines go on."""

    number_words: re.Pattern[str]
    contents: frozenset[str]
    lead_in: frozenset[str]
    lead_in_first: frozenset[str]
    lead_in_last: frozenset[str]
    columns: re.Pattern[str]
    joiners: frozenset[str]


class LanguagePatterns(msgspec.Struct, frozen=True):
    """A language's English name, its function words, and the range of its own script."""

    code: str
    name: str
    words: frozenset[str]
    script: re.Pattern[str] | None


def _rows(name: str) -> list[Row]:
    return read_table(data_folder("mappings") / "patterns" / name)


def either(phrases: Iterable[str]) -> str:
    """A regular expression for one of these phrases, the longest first, with any space in them.

    >>> re.findall(either(["last update", "last updated"]), "last  updated")
    ['last  updated']
    """
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in ordered)


@lru_cache(maxsize=1)
def load_page_patterns() -> PagePatterns:
    """The marks of ``patterns/page.tsv``. Raises TableError when it cannot be read.

    >>> load_page_patterns().lines["back to top"]
    'nav'
    """
    parts: list[str] = []
    reads: list[str] = []
    lines: dict[str, Landmark] = {}
    sets: dict[str, list[str]] = defaultdict(list)
    for row in _rows("page.tsv"):
        if row["mark"] in ("token", "line") and row["reads"] not in READS[row["mark"]]:
            known = ", ".join(READS[row["mark"]])
            raise TableError(row.place, f"{row['reads']!r} is no part of a page", f"use {known}")
        if row["mark"] == "token":
            pattern = "".join(r"\S*" if c == "*" else re.escape(c) for c in row["value"])
            parts.append(f"({pattern})")
            reads.append(row["reads"])
        elif row["mark"] == "line":
            lines[row["value"]] = cast("Landmark", row["reads"])
        else:
            sets[row["mark"]].append(row["value"])
    tokens = re.compile(r"(?<!\S)(?:" + "|".join(parts) + r")(?!\S)")
    return PagePatterns(
        tokens, tuple(reads), lines, frozenset(sets["mount"]), tuple(sets["noscript"])
    )


@lru_cache(maxsize=8)
def load_heading_patterns(language: str = DEFAULT_LANGUAGE) -> HeadingPatterns:
    """The words of ``patterns/headings.<language>.tsv``, or English ones where there are none.

    >>> "following" in load_heading_patterns("en").lead_in
    True
    """
    found = f"headings.{language}.tsv"
    if not (data_folder("mappings") / "patterns" / found).is_file():
        found = f"headings.{DEFAULT_LANGUAGE}.tsv"
    sets: dict[str, list[str]] = defaultdict(list)
    for row in _rows(found):
        sets[row["kind"]].append(row["words"])
    return HeadingPatterns(
        re.compile(rf"(?:{either(sets['number_word'])})\s+", re.IGNORECASE),
        frozenset(sets["contents"]),
        frozenset(sets["lead_in"]),
        frozenset(sets["lead_in_first"]),
        frozenset(sets["lead_in_last"]),
        re.compile(rf"(?<!\w)(?:{either(sets['column'])})(?!\w)", re.IGNORECASE),
        frozenset(sets["joiner"]),
    )


@lru_cache(maxsize=1)
def load_languages() -> tuple[LanguagePatterns, ...]:
    """The languages that ``patterns/languages.tsv`` can tell apart.

    >>> load_languages()[0].name
    'English'
    """
    languages = []
    for row in _rows("languages.tsv"):
        try:
            script = re.compile(f"[{row['script']}]") if row["script"] else None
        except re.error as error:
            raise TableError(row.place, f"no range of characters: {error}") from error
        words = frozenset(row["words"].split())
        languages.append(LanguagePatterns(row["language"], row["name"], words, script))
    return tuple(languages)


@lru_cache(maxsize=8192)
def read_tokens(tokens: str) -> frozenset[str]:
    """The landmarks and states that an element's id and classes stand for.

    >>> sorted(read_tokens("footer my-class"))
    ['footer']
    """
    patterns = load_page_patterns()
    found = set()
    words = " ".join(word for word in tokens.lower().split() if len(word) <= LONGEST_TOKEN)
    for match in patterns.tokens.finditer(words):
        found.add(patterns.reads[(match.lastindex or 1) - 1])
    if "shown" in found:
        found -= {"hidden", "shown"}
    return frozenset(found)
