"""Words of a text with their places and the keys that phrases are matched by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

WORD = r"[^\W_]+(?:['’][^\W_]+)*"
ADDRESS = r"(?:https?://|www\.)[^\s<>()\"”]*[^\s<>()\"”.,;:]"
MOST_WORDS, MOST_SIZE = 100_000, 5_000_000  # words, characters remembered; then all are forgotten
LONGEST = 100  # characters of a word that a dictionary could have
# What makes a word a mail address; bounded, so that "a.a.a..." is not tried to its end from each a.
MAIL = r"(?:(?:_\w{1,64})?(?:[.+-]\w{1,64}){0,30}@[\w-]+(?:\.[\w-]+)+)?"


class Word:
    """One surface form with its lemma; `inflected` tells that they differ.

    A tokenizer makes one for each surface of a text, so its words are compared by identity.
    """

    __slots__ = ("inflected", "lemma", "surface")

    def __init__(self, surface: str, lemma: str, inflected: bool) -> None:
        self.surface = surface
        self.lemma = lemma
        self.inflected = inflected

    def __repr__(self) -> str:
        return f"Word({self.surface!r}, {self.lemma!r})"


class Tokens:
    """The tokens of a stretch of text: parallel lists of offsets and words."""

    __slots__ = ("ends", "starts", "words")

    def __init__(self, starts: list[int], ends: list[int], words: list[Word]) -> None:
        self.starts = starts
        self.ends = ends
        self.words = words

    def __len__(self) -> int:
        return len(self.starts)


def _by_first_letter(spellings: Iterable[str]) -> str:
    """A pattern of spellings; by their first letters most words fail at once."""
    groups: dict[str, list[str]] = {}
    for spelling in spellings:
        rest = re.escape(spelling[1:]).replace(r"\ ", r"\s")
        groups.setdefault(spelling[0].lower(), []).append(rest)
    firsts = {first: re.escape(first + first.upper()) for first in sorted(groups)}
    words = [f"[{both}](?:{'|'.join(groups[first])})" for first, both in firsts.items()]
    return f"(?=[{''.join(firsts.values())}])(?:{'|'.join(words)})"


class Tokenizer:
    """Cuts text into words; knows a language's joined spellings and lemmas from its tables.

    `joined` maps written forms to what they are read as, `endings` rewrites lemma endings
    (ending, read, longer_than) so that variants of spelling meet.

    >>> tokens = Tokenizer("en", {"e-mail": "email"}, ()).cut("Your e-mail, please")
    >>> [word.lemma for word in tokens.words]
    ['your', 'email', ',', 'please']
    """

    def __init__(
        self, language: str, joined: Mapping[str, str], endings: Iterable[tuple[str, str, int]]
    ) -> None:
        self._language = language
        self._joined = dict(joined)
        self._folded = {k.casefold(): v for k, v in joined.items()}
        self._endings = tuple(endings)
        several = sorted((k for k in joined if not re.fullmatch(WORD, k)), key=len, reverse=True)
        head = f"(?<!\\w)(?:{_by_first_letter(several)})(?!\\w)|" if several else ""
        token = f"{head}(?:{ADDRESS})|{WORD}{MAIL}|[^\\w\\s]|_"
        self._pattern = re.compile(f"\\s?({token})")  # with the space before it is found sooner
        self._words: dict[str, Word] = {}
        self._size = 0

    def word(self, surface: str) -> Word:
        """The word of a surface form, from the cache."""
        word = self._words.get(surface)
        if word is None:
            word = self._words[surface] = Word(surface, *self._lemma(surface))
            self._size += len(surface)
        return word

    def cut(self, text: str, start: int = 0, end: int | None = None) -> Tokens:
        """The tokens of `text[start:end]` with their offsets in `text`."""
        starts: list[int] = []
        ends: list[int] = []
        if len(self._words) > MOST_WORDS or self._size > MOST_SIZE:
            self._words, self._size = {}, 0
        known = self._words
        surfaces = self._pattern.findall(text, start, len(text) if end is None else end)
        at = start
        for surface in surfaces:  # nothing but white space stands between them
            at = text.index(surface, at)
            starts.append(at)
            at += len(surface)
            ends.append(at)
        words = [known.get(surface) or self.word(surface) for surface in surfaces]
        return Tokens(starts, ends, words)

    def _lemma(self, surface: str) -> tuple[str, bool]:
        plain = surface.replace("’", "'")
        low = plain.casefold()
        read = self._joined.get(plain) or self._folded.get(" ".join(low.split()))
        if read is not None:
            return read, low != read.casefold()
        if not low[0].isalnum():
            return low, False
        if low.endswith("'s"):
            low = low[:-2]
        low = low.rstrip("'")
        read = self._folded.get(low)
        if read is not None:
            return read.casefold(), low != read.casefold()
        lemma = self._dictionary(low)
        for ending, better, longer in self._endings:
            if len(lemma) > longer and lemma.endswith(ending):
                lemma = lemma[: -len(ending)] + better
                break
        return lemma, lemma != low

    def _dictionary(self, low: str) -> str:
        if not low.isalpha() or len(low) > LONGEST:
            return low
        import simplemma

        return str(simplemma.lemmatize(low, lang=self._language)).casefold()
