"""Is an input a privacy policy that the tables can read? What stands before and after reading.

Evidence is summed: words of the opening, headings, words of the text, and what the reader found
in it, each with a weight of ``patterns/gates.<language>.tsv``. No single row decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from policy2dpv.batch.gate_table import GateTable, Mark, join_words, load_gates, plain_words
from policy2dpv.errors import EmptyError, LanguageError, PolicyError
from policy2dpv.knowledge.patterns import load_languages
from policy2dpv.model import Document, Statement

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion

Kind = Literal["ok", "empty", "not-a-policy", "other-language"]
PER = 1000  # words
SHOWN = 3  # rows that a reason names
LEAST = 3  # function words, each counted once, that tell a language, but of a short text
FEW = 10  # words of a text for each of them
LONG = 30  # characters that a word of the opening may have on average


class Verdict(msgspec.Struct, frozen=True):
    """What an input is, why, and its language (a code; "" where nothing tells)."""

    kind: Kind
    reason: str = ""
    language: str = ""


class Found(msgspec.Struct, frozen=True):
    """What one row of the table found in a text, and what that weighs in the end."""

    mark: Mark
    count: float
    weight: float


def judge(document: Document, conversion: Conversion | None = None) -> Verdict:
    """Return what a document is; it is read where `conversion`, its reading, is not given.

    TableError: a wrong row of a table.

    >>> from policy2dpv.reading.read import read_document
    >>> judge(read_document(b"Page not found. Go back to our start page or try again.")).kind
    'not-a-policy'
    >>> judge(read_document(
    ...     b"Privacy Policy. We use your email address to send you our newsletter and share it"
    ...     b" with our mail provider. You may ask us to delete your data.")).kind
    'ok'
    """
    before = judge_text(document)
    if before.kind != "ok":
        return before
    if conversion is None:
        from policy2dpv.conversion import convert

        conversion = convert(document)
    table = load_gates(document.language)
    found = weigh_evidence(document, conversion.statements, table)
    total = table.settings["start"] + sum(one.weight for one in found)
    if total >= 0:
        return before
    return Verdict("not-a-policy", _reason(total, found), document.language)


def judge_text(document: Document) -> Verdict:
    """Return whether a document is empty or in another language: what its words alone tell.

    A text of no known language was read as if in English, so its function words are counted.

    >>> from policy2dpv.reading.read import read_document
    >>> judge_text(read_document(b"Ta'n reddit shoh ry-akin er yn eddyr-voggyl as jeh shen.")).kind
    'other-language'
    """
    from policy2dpv.knowledge.lexicon import languages

    table = load_gates(document.language)
    words = plain_words(document.text)
    if len(words) < table.settings["least_words"]:
        return Verdict("empty", f"{len(words)} words of text", document.language)
    spoken = next((one for one in load_languages() if one.code == document.language), None)
    if document.language not in languages() or spoken is None:
        return Verdict("other-language", f"no tables for {document.language!r}", document.language)
    hits = [word for word in words if word in spoken.words]
    share = len(hits) / len(words)
    if share < table.settings["function_words"] or len(set(hits)) < min(LEAST, len(words) // FEW):
        reason = f"{share:.0%} of its words are function words of {spoken.name}"
        return Verdict("other-language", reason)
    return Verdict("ok", language=document.language)


def judge_error(error: PolicyError) -> Verdict | None:
    """Return the verdict that an error of `read_document` is, or None for a failure.

    >>> judge_error(EmptyError("a.html", "the file is empty")).kind
    'empty'
    >>> judge_error(PolicyError("a.pdf", "damaged")) is None
    True
    """
    if isinstance(error, LanguageError):
        return Verdict("other-language", error.found, error.language)
    if isinstance(error, EmptyError):
        return Verdict("empty", error.found)
    return None


def weigh_evidence(
    document: Document, statements: Sequence[Statement], table: GateTable
) -> list[Found]:
    """Return what each row of the table finds in a document and its statements.

    A positive weight speaks for a policy, a negative one against; with the table's ``start`` they
    sum to the evidence, and from 0 on it is a policy.

    >>> from policy2dpv import convert
    >>> made = convert(b"We store your name.")
    >>> found = weigh_evidence(made.document, made.statements, load_gates("en"))
    >>> [(one.count, one.weight) for one in found if one.mark.value == "controllers"]
    [(0, 0.0)]
    """
    words = plain_words(document.text)
    often, whole = Counter(words), join_words(words)
    opening, headings = _parts(document, int(table.settings["opening_words"]))
    length = len(words) + table.settings["few_words"]
    counts: list[float] = []
    for mark in table.marks:
        if mark.sort == "opening":
            counts.append(any(one in opening for one in mark.phrases))
        elif mark.sort == "heading":
            counts.append(sum(any(one in head for one in mark.phrases) for head in headings))
        elif mark.sort == "word":
            counts.append(sum(_times(one, often, whole) for one in mark.phrases) * PER / length)
        elif mark.sort == "said":
            said = {one.segment for one in statements if getattr(one, mark.value)}
            counts.append(len(said) * PER / length)
        else:
            counts.append(len({hit.term for one in statements for hit in getattr(one, mark.value)}))
    return [
        Found(mark, count, mark.weight * min(count / mark.full, 1.0))
        for mark, count in zip(table.marks, counts, strict=True)
    ]


def _times(phrase: str, often: Mapping[str, int], whole: str) -> int:
    """How often a phrase stands among words."""
    word = phrase.strip()
    return whole.count(phrase) if " " in word else often.get(word, 0)


def _parts(document: Document, opening_words: int) -> tuple[str, list[str]]:
    """The title with the text's first words, and the headings."""
    text = document.text
    heads = [text[one.start : one.end] for one in document.blocks if one.kind == "heading"]
    main = next((one.start for one in document.blocks if one.landmark == "main"), 0)
    first = plain_words(text[main : main + LONG * opening_words])[:opening_words]
    opening = [*plain_words(document.title), "", *first]
    return join_words(opening), [join_words(plain_words(one)) for one in heads]


def _reason(total: float, found: Sequence[Found]) -> str:
    """The evidence, and the rows that speak against the most, else what is missing the most."""
    against = sorted((one for one in found if one.weight < 0), key=lambda one: one.weight)
    missing = sorted(
        (one for one in found if one.mark.weight > 0),
        key=lambda one: one.weight - one.mark.weight,
    )
    said = [f"{one.mark.sort} {one.mark.value.split('|')[0]!r}" for one in against[:SHOWN]]
    if not said:
        said = [f"little of {one.mark.sort} {one.mark.value.split('|')[0]!r}" for one in missing]
    return f"evidence {total:.1f}: " + ", ".join(said[:SHOWN])
