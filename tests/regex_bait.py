"""Bait for regular expressions: for each repetition in one, a text on which it may turn slow.

    python tests/regex_bait.py        names the package's patterns that cost more than linear time

A pattern is walked as Python parses it. Where something is repeated, the bait is what leads there,
then what is repeated many times over, then a character that lets the match fail: a pattern that can
cut the repeated part in several ways tries them all, and one that begins anew at each place of it
is quadratic. Costs are measured beside those of one pattern that is known to be quadratic, so that
nothing hangs on the speed of a machine. Patterns that only ever see short texts stand in
tests/hostile/bounded.tsv with the reason.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

BOUNDED = Path(__file__).parent / "hostile" / "bounded.tsv"
SMALL, LARGE = 4_000, 16_000  # characters
QUADRATIC = re.compile(r"\w*\x01")  # on letters: looks through the rest from each of them
NOTICED = 0.05  # of what the quadratic one costs on as many letters
GROWTH = 9  # between 4 (linear) and 16 (quadratic)
TRIES = 3

REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
LOOKS = (code.ASSERT, code.ASSERT_NOT)
MANY = 20  # a repetition that is bounded below this cannot cost much
SAMPLES = "a1 _-.A\n<>|\"'(),;:/é\t*#\\"  # tried in this order for a class of characters
ENDS = ("\x00", " x")


class Bait(NamedTuple):
    """What leads to a repetition, what is repeated, and how it ends."""

    before: str
    piece: str
    end: str

    def text(self, size: int) -> str:
        """The bait at a length of about `size` characters."""
        return self.before + self.piece * (size // len(self.piece)) + self.end


def baits(pattern: re.Pattern[Any]) -> Iterator[Bait]:
    """Yield what may make a pattern slow, each once.

    >>> next(baits(re.compile("x(ab)*y"))).text(6)
    'xababab\\x00'
    """
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    seen = set()
    for before, body in pumps(parser.parse(source, pattern.flags & ~re.UNICODE), ""):
        for piece in sorted({body, f"{before}{body}"}, key=len):
            for end in ENDS:
                bait = Bait(before, piece, end)
                if piece and bait not in seen:
                    seen.add(bait)
                    yield bait


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


class TooLongError(Exception):
    """A pattern took longer than any linear one."""


def patterns() -> Mapping[tuple[str, str], re.Pattern[Any]]:
    """The patterns that the package compiles, by file and text: its own and those of its tables."""
    found: dict[tuple[str, str], re.Pattern[Any]] = {}
    compiled = re._compile  # type: ignore[attr-defined]

    def compile_noting(pattern: Any, flags: int) -> Any:
        made = compiled(pattern, flags)
        frame = sys._getframe(1)
        while frame.f_back and "policy2dpv" not in frame.f_code.co_filename:
            if not frame.f_code.co_filename.endswith("re/__init__.py"):
                return made
            frame = frame.f_back
        text = pattern if isinstance(pattern, str) else made.pattern
        name = Path(frame.f_code.co_filename).name
        found.setdefault((name, text if isinstance(text, str) else text.decode()), made)
        return made

    re._compile = compile_noting  # type: ignore[attr-defined]
    import policy2dpv

    for module in pkgutil.walk_packages(policy2dpv.__path__, "policy2dpv."):
        if not module.name.endswith(("__main__", "_child")):
            importlib.import_module(module.name)
    for language in ("en", "de"):
        text = "Last updated: 3 May 2021. Acme Ltd shares your data for 3 days with partners.\n" * 9
        policy2dpv.convert(text.encode(), language=language).to_nquads()
    re._compile = compiled  # type: ignore[attr-defined]
    return found


def cost(pattern: re.Pattern[Any], text: str) -> float:
    """The processor seconds that it takes to look for a pattern all over a text, at most one."""
    given: Any = text if isinstance(pattern.pattern, str) else text.encode()
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, 1)
    try:
        for _ in pattern.finditer(given):
            pass
    except TooLongError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - start


def least_cost(pattern: re.Pattern[Any], text: str) -> float:
    """The processor seconds of the quickest of a few searches."""
    return min(cost(pattern, text) for _ in range(TRIES))


def slow_baits(pattern: re.Pattern[Any], noticed: float) -> Iterator[Bait]:
    """Yield the baits that cost more than `noticed` seconds and grow faster than they get long."""
    for bait in baits(pattern):
        large = bait.text(LARGE)
        if cost(pattern, large) < noticed:
            continue
        slow = least_cost(pattern, large)
        if slow > noticed and slow > GROWTH * least_cost(pattern, bait.text(SMALL)):
            yield bait


def _stop(*_: object) -> None:
    raise TooLongError


def main() -> int:
    """Print each pattern that is slow on some bait and stands not among the bounded ones."""
    from policy2dpv.knowledge.rows import read_table

    signal.signal(signal.SIGVTALRM, _stop)
    noticed = NOTICED * least_cost(QUADRATIC, "a" * LARGE)
    known = [(row["file"], row["begins"]) for row in read_table(BOUNDED)]
    failed = 0
    for (file, text), pattern in sorted(patterns().items()):
        if any(file == one and text.startswith(begins) for one, begins in known):
            continue
        for bait in slow_baits(pattern, noticed):
            failed += 1
            print(f"{file}: /{text[:80]}/ is slow on {bait}"[:300], flush=True)
            break
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
