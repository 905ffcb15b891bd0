"""The words that a fact rests on where a graph quotes its clauses and says no more about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.segment import find_segments
from policy2dpv.errors import LanguageError
from policy2dpv.graphs.graph_facts import Fact
from policy2dpv.knowledge.lexicon import Lexicon, load_lexicon
from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE
from policy2dpv.reading.read import read_document

JOINT = "|"  # between the classes of a party
TEXT = "text/plain"
LONGEST = 4000  # characters: what is longer is no clause
Phrase = tuple[str, str]  # a term and the words for it


class QuotedWords:
    """Finds the phrases of a language's tables in clauses that stand by themselves.

    A graph file says which terms its clauses stand for and not by which words. The tables know
    those: what a clause is read as alone, and where that is not the term (its heading or the
    head of its list is missing), its phrases of that term.

    >>> words = QuotedWords("en")
    >>> list(words.of(Fact("personal_data", "pd:EmailAddress"), ["We keep your email address."]))
    ['your email address']
    """

    def __init__(self, language: str) -> None:
        self.lexicon = _lexicon(language)
        self._read: dict[str, list[Phrase]] = {}
        self._held: dict[str, list[Phrase]] = {}

    def of(self, fact: Fact, quotes: Iterable[str]) -> Iterator[str]:
        """Yield the words for a fact in its clauses; none where the tables know none of them."""
        terms = set(fact.term.split(JOINT))
        for quote in sorted(quotes):
            if len(quote) > LONGEST or not quote.strip():
                continue
            told = fact.name or fact.value
            if told and told in quote:
                yield told
                continue
            found = [words for term, words in self._said(quote) if term in terms]
            yield from found or (words for term, words in self._phrases(quote) if term in terms)

    def _said(self, quote: str) -> list[Phrase]:
        """What the reader says of a clause alone."""
        if quote not in self._read:
            document = read_document(
                quote.encode(), media_type=TEXT, language=self.lexicon.language
            )
            said = annotate_segments(document, find_segments(document), self.lexicon)
            self._read[quote] = [(one.term, one.quote) for one in said]
        return self._read[quote]

    def _phrases(self, quote: str) -> list[Phrase]:
        """The phrases of a clause, licensed or not."""
        if quote not in self._held:
            tokens = self.lexicon.tokenizer.cut(quote)
            self._held[quote] = [
                (hit.phrase.term, quote[tokens.starts[hit.first] : tokens.end(hit.last)])
                for hit in self.lexicon.find(tokens)
                if not hit.phrase.silent
            ]
        return self._held[quote]


@lru_cache(maxsize=4)
def _lexicon(language: str) -> Lexicon:
    try:
        return load_lexicon(language)
    except LanguageError:
        return load_lexicon(DEFAULT_LANGUAGE)
