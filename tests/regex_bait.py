"""Bait for regular expressions: for each repetition in one, a text on which it may turn slow.

A pattern is walked as Python parses it. Where something is repeated, the bait is what leads there,
then what is repeated many times over, then a character that lets the match fail: a pattern that can
cut the repeated part in several ways tries them all, and one that begins anew at each place of it
is quadratic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LOOKS = (code.ASSERT, code.ASSERT_NOT)
MANY = 20  # a repetition that is bounded below this cannot cost much
SAMPLES = "a1 _-.A\n<>|\"'(),;:/é\t*#\\"  # tried in this order for a class of characters
ENDS = ("\x00", "!", " ", "\nb", "@", "")


def baits(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Yield texts of about `size` characters that may make a pattern slow, each once.

    >>> next(baits(re.compile("x(ab)*y"), 6))
    'xababab\\x00'
    """
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    seen = set()
    for before, body in pumps(parser.parse(source, pattern.flags & ~re.UNICODE), ""):
        for pumped in {body, f"{before}{body}"}:
            for end in ENDS:
                text = before + pumped * max(size // max(len(pumped), 1), 1) + end
                if pumped and text not in seen:
                    seen.add(text)
                    yield text


def pumps(parsed: Any, before: str) -> Iterator[tuple[str, str]]:
    """Yield what leads to each repetition of a parsed pattern, and what is repeated."""
    for kind, told in parsed:
        if kind in REPEATS:
            _, most, body = told
            if most > MANY:
                yield from ((before, one) for one in variants(body))
            yield from pumps(body, before)
        elif kind is code.SUBPATTERN:
            yield from pumps(told[3], before)
        elif kind is code.BRANCH:
            for branch in told[1]:
                yield from pumps(branch, before)
        elif kind in LOOKS:
            yield from pumps(told[1], before)
        before += sample([(kind, told)])


def variants(body: Any) -> set[str]:
    """A few texts that a repeated part matches: of each of its first branches, or letters."""
    if len(body) == 1 and body[0][0] is code.SUBPATTERN:
        return variants(body[0][1][3])
    if len(body) == 1 and body[0][0] is code.BRANCH:
        return {one for branch in body[0][1][1][:20] for one in variants(branch)}
    if len(body) == 1 and body[0][0] in (code.IN, code.ANY, code.NOT_LITERAL, code.CATEGORY):
        fitting = [c for c in SAMPLES if fits(body[0], c)]
        return set(fitting) or {sample(body)}
    return {sample(body)} | {sample(body, pick) for pick in range(1, 4)}


def fits(item: tuple[Any, Any], character: str) -> bool:
    """Whether one item of a parsed pattern matches a character."""
    kind, told = item
    if kind is code.LITERAL:
        return chr(told) == character
    if kind is code.NOT_LITERAL:
        return chr(told) != character
    if kind is code.RANGE:
        return told[0] <= ord(character) <= told[1]
    if kind is code.CATEGORY:
        name = str(told)
        found = (
            character.isdigit() if "DIGIT" in name
            else character.isspace() if "SPACE" in name
            else character.isalnum() or character == "_"
        )  # fmt: skip
        return found != ("NOT" in name)
    if kind is code.IN:
        negated = told[0][0] is code.NEGATE
        return any(fits(one, character) for one in told[negated:]) != negated
    return kind is code.ANY


def sample(parsed: Any, pick: int = 0) -> str:
    """A text that a parsed pattern matches, as far as that is plain; `pick` chooses another."""
    words = ""
    for kind, told in parsed:
        if kind is code.LITERAL:
            words += chr(told)
        elif kind in (code.IN, code.ANY, code.NOT_LITERAL):
            fitting = [c for c in SAMPLES if fits((kind, told), c)]
            literal = [chr(t) for k, t in told if k is code.LITERAL] if kind is code.IN else []
            found = fitting or literal or ["x"]
            words += found[pick % len(found)]
        elif kind in REPEATS:
            least = max(told[0], 1 if pick != 3 else told[0])
            words += sample(told[2], pick) * least
        elif kind is code.SUBPATTERN:
            words += sample(told[3], pick)
        elif kind is code.ATOMIC_GROUP:
            words += sample(told, pick)
        elif kind is code.BRANCH:
            words += sample(told[1][pick % len(told[1])], pick)
    return words
