"""What a policy leaves open: unfilled places of a template, undefined terms, dead-end rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy2dpv.comparing.changes import name_fact
from policy2dpv.comparing.conflict_rules import ConflictRules, load_conflicts
from policy2dpv.comparing.covering import Covering, load_covering
from policy2dpv.comparing.meaning import Meaning

OFTEN = 2  # a term of one's own is used more than once
AROUND = 80  # characters of the text around a finding
RIGHT, CONTACT = "right", "contact"
Gap = tuple[str, str, str, tuple[str, ...]]  # kind, document, what it is about, quotes


def find_gaps(meanings: Sequence[Meaning]) -> Iterator[Gap]:
    """Yield what each policy leaves open. Terms may be defined in another one of them.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> meaning = meaning_of(convert(b"We share your name with [insert names here]."), "x")
    >>> [about for kind, _, about, _ in find_gaps([meaning]) if kind == "slot_unfilled"]
    ['[insert names here]']
    """
    rules, cover = load_conflicts(), load_covering()
    defined = {
        match["name"].strip(" ,.") for meaning in meanings
        for text in _texts(meaning) for shape in rules.shapes("defines", meaning.language)
        for match in shape.finditer(text)
    }  # fmt: skip
    for meaning in meanings:
        yield from _slots(meaning, rules)
        yield from _terms(meaning, rules, {name.casefold() for name in defined})
        yield from _rights(meaning, cover)


def _texts(meaning: Meaning) -> tuple[str, ...]:
    """The whole text where it is known, else the clauses that the graph quotes."""
    if meaning.text:
        return (meaning.text,)
    quotes = {quote for practice in meaning.practices for quote in practice.quotes}
    quotes.update(q for said in meaning.said for place in said.places for q in place.quotes)
    return tuple(sorted(quotes))


def _slots(meaning: Meaning, rules: ConflictRules) -> Iterator[Gap]:
    for text in _texts(meaning):
        ends: set[int] = set()
        for shape in rules.shapes("slot", meaning.language):
            for match in shape.finditer(text):
                if match.end() not in ends:
                    ends.add(match.end())
                    yield "slot_unfilled", meaning.name, match[0], (_around(text, match.start()),)


def _terms(meaning: Meaning, rules: ConflictRules, defined: set[str]) -> Iterator[Gap]:
    read = {
        words.casefold() for said in meaning.said for place in said.places for words in place.words
    } | {said.fact.name.casefold() for said in meaning.said}
    parties = {said.fact.name.casefold() for said in meaning.said if said.fact.name}
    known = rules.shapes("known", meaning.language)
    used: dict[str, list[str]] = {}
    for text in _texts(meaning):
        for shape in rules.shapes("uses", meaning.language):
            for match in shape.finditer(text):
                used.setdefault(match["name"], []).append(_around(text, match.start("name")))
    for name in sorted(used):
        low = name.casefold()
        told = low in defined or low.removesuffix("s") in defined or f"{low}s" in defined
        if told or len(used[name]) < OFTEN or any(shape.search(name) for shape in known):
            continue
        if low not in read and not any(words.endswith(f" {low}") for words in parties):
            yield "term_undefined", meaning.name, name, tuple(used[name][:OFTEN])


def _rights(meaning: Meaning, cover: Covering) -> Iterator[Gap]:
    dead = [
        said for said in meaning.said
        if said.fact.kind == RIGHT and said.fact.term not in meaning.channelled
        and not cover.is_vague(said.fact)
    ]  # fmt: skip
    if not dead:
        return
    reachable = any(said.fact.kind == CONTACT for said in meaning.said)
    kind = "right_without_channel" if reachable else "right_unreachable"
    quotes = dict.fromkeys(q for said in dead for place in said.places for q in place.quotes)
    about = ", ".join(dict.fromkeys(name_fact(said.fact, cover) for said in dead))
    yield kind, meaning.name, about, tuple(quotes)


def _around(text: str, start: int) -> str:
    low = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    end = text.find("\n", start)
    return text[low : min(start + AROUND, len(text) if end < 0 else end)].strip()
