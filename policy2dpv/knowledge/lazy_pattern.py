"""Regular expressions that are compiled when they are first looked for."""

from __future__ import annotations

import re

PLAIN = re.compile(r"(?:[\w :/@|]|\\\.)*")  # a pattern that is but words side by side


class LazyPattern:
    """A regular expression of a table, most of which one policy never needs.

    >>> LazyPattern("[a-z]+").regex.findall("a bc")
    ['a', 'bc']
    """

    __slots__ = ("_compiled", "_flags", "_words")

    def __init__(self, words: str, flags: int = 0) -> None:
        self._words = words
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled. re.error: it is none."""
        if self._compiled is None:
            self._compiled = re.compile(self._words, self._flags)
        return self._compiled


class Trigger:
    """What must stand in a text for a shape to be tried: a pattern, or plain words, found quicker.

    >>> [Trigger(words).stands_in("for a day") for words in ("week|day", "days?", "weeks?", "")]
    [True, True, False, True]
    """

    __slots__ = ("_pattern", "_words")

    def __init__(self, words: str, flags: int = 0) -> None:
        plain = not flags and PLAIN.fullmatch(words) is not None
        self._words: tuple[str, ...] = tuple(words.replace("\\", "").split("|")) if plain else ()
        self._pattern = LazyPattern(words, flags)

    def stands_in(self, text: str) -> bool:
        """Whether a text holds it. re.error: it is no pattern."""
        for word in self._words:
            if word in text:
                return True
        return not self._words and self._pattern.regex.search(text) is not None
