"""Inputs with a form, put together from a fuzzer's bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from policy2dpv.data import data_folder
from policy2dpv.knowledge.rows import read_table
from policy2dpv.reading.pdf_lines import Box
from policy2dpv.reading.pdf_words import LinkArea, Word
from policy2dpv.reading.read_pdf import PdfPage

MARKS = (" ", ", ", ". ", "; ", ": ", "\n", "\n\n", "\n- ", " (", ") ", " \u201c", "\u201d ", " | ",
         "\n1. ", "\n(a) ", "? ", "\u2019s ", " / ", " - ", "\t", "")  # fmt: skip
MOST = 40


@lru_cache(maxsize=2)
def phrases(language: str) -> tuple[str, ...]:
    """The words and phrases that a language's tables read, with the names of firms and places."""
    folder = data_folder("mappings")
    found: set[str] = set()
    for path in sorted((folder / "lexicon" / language).glob("*.sssom.tsv")):
        found.update(row["subject_label"] for row in read_table(path))
    cues = folder / "cues" / f"{language}.tsv"
    if cues.is_file():
        for row in read_table(cues):
            found.update(list(row.values())[:2])
    plain = {one.replace("~", " ").replace("&", " ").strip("<> ") for one in found}
    return tuple(sorted(word for word in plain if word))


def make_sentence(given: Any) -> tuple[str, str]:
    """A text of phrases and marks, and its language."""
    language = "de" if given.ConsumeBool() else "en"
    words = phrases(language)
    text = ""
    for _ in range(given.ConsumeIntInRange(1, MOST)):
        text += words[given.ConsumeIntInRange(0, len(words) - 1)]
        text += MARKS[given.ConsumeIntInRange(0, len(MARKS) - 1)]
        if given.ConsumeIntInRange(0, 9) == 0:
            text += given.ConsumeUnicodeNoSurrogates(given.ConsumeIntInRange(0, 12))
    return text, language


def make_pdf_answer(given: Any) -> list[PdfPage]:
    """Pages with words at any places, links and shapes."""
    return [
        PdfPage(
            width=600, height=800, tags=[], pictures=0,
            words=[_word(given) for _ in range(given.ConsumeIntInRange(0, MOST))],
            links=[LinkArea(*_place(given), "https://x.example/")
                   for _ in range(given.ConsumeIntInRange(0, 3))],
            shapes=[Box(*_place(given)) for _ in range(given.ConsumeIntInRange(0, 12))],
        )
        for _ in range(given.ConsumeIntInRange(1, 3))
    ]  # fmt: skip


def _place(given: Any) -> tuple[float, float, float, float]:
    left, top = given.ConsumeIntInRange(-50, 650), given.ConsumeIntInRange(-50, 850)
    return (left, top, left + given.ConsumeIntInRange(-5, 300) / 2,
            top + given.ConsumeIntInRange(-5, 60) / 2)  # fmt: skip


def _word(given: Any) -> Word:
    words = phrases("en")
    text = words[given.ConsumeIntInRange(0, len(words) - 1)].partition(" ")[0]
    if given.ConsumeIntInRange(0, 5) == 0:
        text = given.ConsumeUnicodeNoSurrogates(given.ConsumeIntInRange(1, 8)) or "x"
    return Word(
        text, *_place(given), given.ConsumeIntInRange(0, 40) / 2, bool(given.ConsumeBool()),
        bool(given.ConsumeBool()), -1, bool(given.ConsumeBool()), bool(given.ConsumeBool()),
    )  # fmt: skip
