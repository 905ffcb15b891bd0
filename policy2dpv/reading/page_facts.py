"""What a policy says about itself: its language, its title, its dates."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, cast

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.knowledge.lazy_pattern import Trigger
from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE, LanguagePatterns, either, load_languages
from policy2dpv.knowledge.rows import read_table
from policy2dpv.model import StatedDate
from policy2dpv.reading.draft import Draft

SAMPLE = 4000
SCRIPT_SHARE = 0.15
SURE_WORDS = 8
SURE_LEAD = 1.6
LEAST_DISTINCT = 4
FEW_DISTINCT, FEW_SHARE = 3, 0.25
CLEAR_DISTINCT, CLEAR_SHARE, CLEAR_LENGTH = 2, 0.4, 3
UNKNOWN_LANGUAGE = "und"  # as ISO 639 has it
CUED_BLOCK = 40
EDGE = 8
DIGIT, TWO_DIGITS = re.compile(r"\d"), re.compile(r"\d\d")  # no version, no date is without them
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
DateKind = Literal["modified", "valid", "issued", "version"]


class DatePatterns(msgspec.Struct, frozen=True):
    """The regular expressions that a language's date table stands for.

    `cues` and `cues_after` are words in small letters without which the first two find nothing.
    """

    stated: re.Pattern[str]
    cues: Trigger
    told_after: re.Pattern[str]
    cues_after: Trigger
    kinds: dict[str, DateKind]
    months: dict[str, str]
    date: re.Pattern[str]


@lru_cache(maxsize=8)
def load_date_patterns(language: str = DEFAULT_LANGUAGE) -> DatePatterns:
    """The patterns of ``patterns/dates.<language>.tsv``, or English ones where there are none.

    >>> load_date_patterns().months["sept"]
    '09'
    """
    folder = data_folder("mappings") / "patterns"
    path = folder / f"dates.{language}.tsv"
    rows = read_table(path if path.is_file() else folder / f"dates.{DEFAULT_LANGUAGE}.tsv")
    words = {kind: [row["words"] for row in rows if row["kind"] == kind]
             for kind in {row["kind"] for row in rows}}  # fmt: skip
    months = {name.casefold(): row["value"] for row in rows if row["kind"] == "month"
              for name in row["words"].split("|")}  # fmt: skip
    month = rf"(?P<month>{either(months)})\.?"
    ordinal = rf"(?:{either(words.get('ordinal', ['th']))})?"
    joiner = rf"(?:\s+(?:{either(words.get('joiner', ['of']))}))?"
    day = rf"(?P<%s>\d{{1,2}}){ordinal}"
    date = (
        r"(?P<iso>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?!\d)"
        r"|(?P<numeric>\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)"
        rf"|{month}(?:\s+{day % 'day'})?,?\s+(?P<year>\d{{4}})(?!\d)"
        rf"|{day % 'day2'}\.?{joiner}[\s-]+{month.replace('month', 'month2')}"
        r",?[\s-]+(?P<year2>\d{4})(?!\d)"
        rf"|{day % 'day3'}\s*/\s*(?P<year3>(?:19|20)\d\d)(?!\d)"
        r"|(?P<only>(?:19|20)\d\d)(?!\d)"
    )
    kinds: dict[str, DateKind] = {
        re.sub(r"\s+", " ", row["words"]): cast("DateKind", row["kind"])
        for row in rows
        if row["kind"] in ("modified", "valid", "issued", "version")
    }
    gap = r"\s*+(?:[:–—-]\s*+)?"  # no space of it is ever tried again
    connectors = rf"(?:{gap}(?:{either(words['connector'])})(?!\w)){{0,6}}"
    stated = (
        rf"(?<!\w)(?P<cue>{either(k for k, v in kinds.items() if v != 'version')})"
        rf"{connectors}{gap}(?P<date>{date})"
        rf"|(?<!\w)(?P<version>{either(k for k, v in kinds.items() if v == 'version')})"
        r"\s*+(?:[:#]\s*+)?(?:v\.?\s?)?(?P<edition>\d+(?:\.\d+){0,3})(?![\w/-]|\.\d)"
    )
    behind = words.get("modified_after", ["updated"])
    after = rf"(?P<date>{date}),?\s+(?:{either(behind)})(?!\w)"
    flags = re.IGNORECASE
    return DatePatterns(re.compile(stated, flags), _longest_words(kinds), re.compile(after, flags),
                        _longest_words(behind), kinds, months, re.compile(date, flags))  # fmt: skip


def _longest_words(cues: Iterable[str]) -> Trigger:
    """One word of each cue: the longest, which few texts hold."""
    longest = {max(cue.lower().split(), key=len) for cue in cues}
    return Trigger("|".join(re.escape(word) for word in sorted(longest)))


def is_date_line(line: str, language: str = DEFAULT_LANGUAGE) -> bool:
    """Whether a short line states a date and so heads nothing.

    >>> is_date_line("Last Updated May 17, 2018"), is_date_line("Your rights")
    (True, False)
    """
    if len(line) > 100 or not DIGIT.search(line):
        return False
    patterns = load_date_patterns(language)
    if patterns.stated.search(line):
        return True
    found = patterns.date.search(line) if TWO_DIGITS.search(line) else None
    return found is not None and not found["only"]


def find_dates(drafts: Sequence[Draft], language: str = DEFAULT_LANGUAGE) -> tuple[StatedDate, ...]:
    """The dates that a policy states about itself, each kind once, where it says so first.

    Only short blocks and the first and last ones are read: "effective January 1, 2023" amid the
    text dates a law.

    >>> find_dates([Draft("Latest Update Date: November 2022", start=0)])
    (StatedDate(start=0, end=33, kind='modified', value='2022-11'),)
    """
    found: dict[DateKind, StatedDate] = {}
    last = len(drafts)
    for index, draft in enumerate(drafts):
        text = draft.text
        if draft.cell or not DIGIT.search(text, 0, 400):
            continue
        edge = index < EDGE or index >= last - EDGE
        if not edge and len(text.split()) > CUED_BLOCK:
            continue
        for date in _dates_in(text, draft.start, language):
            if date.kind not in found and (edge or date.kind != "version"):
                found[date.kind] = date
    return tuple(sorted(found.values(), key=lambda date: (date.start, date.kind)))


def _dates_in(text: str, start: int, language: str) -> Iterator[StatedDate]:
    patterns, small = load_date_patterns(language), text.lower()
    for match in patterns.stated.finditer(text) if patterns.cues.stands_in(small) else ():
        span = (start + match.start(), start + match.end())
        if match["edition"]:
            yield StatedDate(*span, "version", match["edition"])
            continue
        kind = patterns.kinds[re.sub(r"\s+", " ", match["cue"]).lower()]
        value = _iso_date(match, patterns.months)
        if value:
            yield StatedDate(*span, kind, value)
    after = patterns.cues_after.stands_in(small) and TWO_DIGITS.search(text)
    for match in patterns.told_after.finditer(text) if after else ():
        value = _iso_date(match, patterns.months)
        if value:
            yield StatedDate(start + match.start(), start + match.end(), "modified", value)


def _iso_date(match: re.Match[str], months: dict[str, str]) -> str:
    """The ISO 8601 form of a date, as precise as its words are clear; "" if there is none."""
    if match["iso"]:
        year, month, day = re.split(r"[-/.]", match["iso"])
        return _checked(year, int(month), int(day))
    if match["numeric"]:
        one, two, year = re.split(r"[-/.]", match["numeric"])
        first, second = int(one), int(two)
        if "." in match["numeric"] or first > 12:
            return _checked(year, second, first)
        if second > 12 or first == second:
            return _checked(year, first, second)
        return year
    if match["only"]:
        return match["only"]
    if match["day3"]:
        return _checked(match["year3"], int(match["day3"]), 0)
    month = months[(match["month"] or match["month2"]).casefold()]
    return _checked(match["year"] or match["year2"], int(month),
                    int(match["day"] or match["day2"] or 0))  # fmt: skip


def _checked(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return ""
    return f"{year}-{month:02d}" + (f"-{day:02d}" if day else "")


def find_title(drafts: Sequence[Draft], page_title: str = "") -> str:
    """The title of a policy: its first main heading, else what the page is called.

    >>> find_title([Draft("Privacy Policy", kind="heading", level=1)], "Acme | Legal")
    'Privacy Policy'
    """
    headings = [d for d in drafts if d.kind == "heading" and d.landmark in ("main", "header")]
    first = [d for d in headings if d.level == 1 and not d.hidden]
    first.sort(key=lambda d: d.landmark != "main")
    if first:
        return " ".join(first[0].words.split())
    if page_title:
        return page_title
    start = [d for d in drafts if d.landmark == "main"][:2]
    return next((" ".join(d.words.split()) for d in start if d.kind == "heading"), "")


def find_language(text: str, declared: str = "") -> str:
    """The code of the language a text is in: by its function words, else as declared, else English.

    A short text whose words do not tell is read as English, but not one in another script; a script
    that no language of the table has gives "und".

    >>> find_language("Wir verarbeiten Ihre Daten und die der Kunden, um den Dienst zu erbringen,"
    ...     " und geben sie nicht an eine andere Stelle weiter.", "en")
    'de'
    """
    declared = declared.replace("_", "-").split("-")[0].strip().lower()
    sample = text[:SAMPLE]
    if not sample.isascii() and _mostly_other_script(sample):
        return _language_of_script(sample, declared)
    words = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    letters = sum(len(word) * count for word, count in words.items())
    scores: list[tuple[float, str]] = []
    for language in load_languages():
        hits = [words[word] for word in language.words if word in words]
        score: float = sum(hits) if len(hits) >= LEAST_DISTINCT else 0
        if language.script and not language.words and not sample.isascii() and letters:
            share = len(language.script.findall(sample)) / letters
            score = letters / 3 if share > SCRIPT_SHARE else 0
        scores.append((score, language.code))
    ranked = sorted(scores, key=lambda score: (-score[0], score[1] != declared, score[1]))
    best, second = ranked[0], ranked[1]
    if best[0] >= SURE_WORDS and best[0] >= SURE_LEAD * second[0]:
        return best[1]
    told = next((score for score, code in scores if code == declared), None)
    if declared and (told is None or told >= best[0] / SURE_LEAD):
        return declared
    return best[1] if best[0] >= SURE_WORDS else _language_of_few(words)


def _mostly_other_script(text: str) -> bool:
    """Whether more than half of the letters are not Latin ones."""
    plain = unicodedata.normalize("NFKC", text)
    letters = filter(str.isalpha, NOT_ASCII.findall(plain))
    others = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return others > 0 and 2 * others > sum(map(str.isalpha, plain))


def _language_of_script(text: str, declared: str) -> str:
    """The language whose script and words a text has most of; of equal ones the declared one."""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    scores = []
    for language in load_languages():
        share = len(language.script.findall(text)) / len(text) if language.script else 0
        if share > SCRIPT_SHARE:
            scores.append((-len(words & language.words), language.code != declared, language.code))
    return min(scores)[2] if scores else UNKNOWN_LANGUAGE


def _language_of_few(words: Counter[str]) -> str:
    """The language of a short text: English, unless only words of another one are in it."""
    english = next(one for one in load_languages() if one.code == DEFAULT_LANGUAGE)
    scores = [
        (-sum(words[word] for word in language.words), language.code)
        for language in load_languages()
        if language is not english and _is_clearly(language, english, words)
    ]
    return min(scores)[1] if scores else DEFAULT_LANGUAGE


def _is_clearly(language: LanguagePatterns, english: LanguagePatterns, words: Counter[str]) -> bool:
    if any(word in words for word in english.words - language.words):
        return False
    hits = [word for word in language.words if word in words and len(word) > 1]
    share = sum(words[word] for word in hits) / max(words.total(), 1)
    long = [word for word in hits if len(word) >= CLEAR_LENGTH]
    return (len(hits) >= FEW_DISTINCT and share >= FEW_SHARE) or (
        len(long) >= CLEAR_DISTINCT and share >= CLEAR_SHARE
    )
