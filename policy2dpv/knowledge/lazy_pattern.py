"""Regular expressions that are compiled when they are first looked for."""

from __future__ import annotations

import re


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
