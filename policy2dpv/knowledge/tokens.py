"""Words of a text with their places and the keys that phrases are matched by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from policy2dpv.knowledge.lemmas import load_lemmatizer

WORD = r"[^\W_]+(?:['’][^\W_]+)*"
ADDRESS = r"(?:https?://|www\.)[^\s<>()\"”]*[^\s<>()\"”.,;:]"
MOST_WORDS = 30_000  # and runs of characters, that are remembered; then all are forgotten
LONGEST = 100  # characters of a word or run that is remembered, or that a dictionary could have
NONE = "(?!)"  # a pattern that is found nowhere
BETWEEN = " \n"  # runs of characters
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
    """The tokens of a stretch of text: parallel lists of the offsets they begin at and words."""

    __slots__ = ("starts", "words")

    def __init__(self, starts: list[int], words: list[Word]) -> None:
        self.starts = starts
        self.words = words

    def __len__(self) -> int:
        return len(self.starts)

    def end(self, at: int) -> int:
        """The offset behind a token."""
        return self.starts[at] + len(self.words[at].surface)


class Chunk:
    """The tokens of a run of characters between spaces, with their offsets in it.

    `opener` tells that a spelling with spaces, such as "opt out", may begin at its end.
    """

    __slots__ = ("opener", "starts", "words")

    def __init__(self, starts: list[int], words: list[Word], *, opener: bool) -> None:
        self.starts = starts
        self.words = words
        self.opener = opener


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
        self._lemmatize: Callable[[str], str] | None = None
        self._joined = dict(joined)
        self._folded = {k.casefold(): v for k, v in joined.items()}
        self._endings = tuple(endings)
        several = sorted((k for k in joined if not re.fullmatch(WORD, k)), key=len, reverse=True)
        head = f"(?<!\\w)(?:{_by_first_letter(several)})(?!\\w)|" if several else ""
        self._pattern = re.compile(f"{head}(?:{ADDRESS})|{WORD}{MAIL}|[^\\w\\s]|_")
        spaced = [spelling for spelling in several if " " in spelling]
        firsts = sorted({spelling.partition(" ")[0] for spelling in spaced})
        self._spaced = re.compile(_by_first_letter(spaced) if spaced else NONE)
        opener = f"(?<!\\w){_by_first_letter(firsts)}\\Z" if spaced else NONE
        self._opener = re.compile(opener)
        self._words: dict[str, Word] = {}
        self._chunks: dict[str, Chunk] = {}

    def word(self, surface: str) -> Word:
        """The word of a surface form, from the cache."""
        word = self._words.get(surface)
        if word is None:
            word = Word(surface, *self._lemma(surface))
            if len(surface) <= LONGEST:
                self._words[surface] = word
        return word

    def cut(self, text: str) -> Tokens:
        """The tokens of a text with their offsets.

        Nearly all stand within one run of characters between spaces, and texts repeat those runs:
        what each consists of is remembered.
        """
        starts: list[int] = []
        words: list[Word] = []
        if len(self._words) > MOST_WORDS or len(self._chunks) > MOST_WORDS:
            self._words, self._chunks = {}, {}
        known = self._chunks
        at = done = 0
        for line in text.split("\n"):
            for run in line.split(" "):
                after = at + len(run)
                if run and at >= done:
                    chunk = known.get(run) or self._remember(run)
                    if chunk.opener:
                        done = self._reach(text, at, after)
                        chunk = chunk if done == after else self._chunk(text[at:done])
                    if len(chunk.words) == 1:
                        starts.append(at + chunk.starts[0])
                        words.append(chunk.words[0])
                    else:
                        starts += [at + start for start in chunk.starts]
                        words += chunk.words
                at = after + 1
        return Tokens(starts, words)

    def _remember(self, run: str) -> Chunk:
        """The tokens of a run of characters, found for the first time."""
        chunk = self._chunk(run)
        if len(run) <= LONGEST:
            self._chunks[run] = chunk
        return chunk

    def _chunk(self, run: str) -> Chunk:
        """The tokens of a stretch of text that begins and ends beside white space."""
        found = list(self._pattern.finditer(run))
        return Chunk(
            [match.start() for match in found],
            [self.word(match[0]) for match in found],
            opener=self._opener.search(run) is not None,
        )

    def _reach(self, text: str, start: int, end: int) -> int:
        """Where the runs end over which spellings with spaces reach from `text[start:end]`."""
        while opener := self._opener.search(text[start:end]):
            spelling = self._spaced.match(text, start + opener.start())
            if spelling is None:
                break
            end = spelling.end()
            while end < len(text) and text[end] not in BETWEEN:
                end += 1
        return end

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
        if self._lemmatize is None:
            self._lemmatize = load_lemmatizer(self._language)
        return self._lemmatize(low).casefold()
