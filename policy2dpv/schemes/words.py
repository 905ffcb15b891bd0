"""What marked words tell beside their label: a narrower term, a name, a period."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from policy2dpv.annotating.overlaps import within_kind
from policy2dpv.annotating.values import CONTACT, DPO_CONTACT, typed_value
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.tokens import Tokens
from policy2dpv.knowledge.value_shapes import DURATION, load_value_shapes, small_letters
from policy2dpv.knowledge.vocabulary import Vocabulary
from policy2dpv.model import Document, Match, Span

# Kinds of which the lexicon knows names, and where it keeps them.
NAMED = {
    "recipient": "party", "data_source": "party", "storage_location": "place",
    "transfer_destination": "place",
}  # fmt: skip
WORD = re.compile(r"\w+")
SHORT = 3  # "Bank of America"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of some of the marked words, and the row that reads them so.

    `phrase` names what is meant where the words do not.
    """

    span: Span
    term: str
    source: str
    match: Match = "exact"
    name: str | None = None
    value: str | None = None
    phrase: str | None = None


class WordReader:
    """Reads the words of marks on one document with the lexicon of its language."""

    def __init__(self, document: Document, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self._document = document
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._tokens: Tokens = lexicon.tokenizer.cut(document.text)
        self._found: dict[Span, Sequence[Hit]] = {}  # several rows and annotators read one span

    def narrower(self, span: Span, kind: str, term: str, *, itself: bool = False) -> Iterator[Told]:
        """The terms under a label's, and with `itself` that one too, that the words name."""
        for hit in self._hits(span, kind):
            phrase = hit.phrase
            wanted = itself or phrase.term != term
            if wanted and self._vocabulary.is_under(phrase.term, term):
                yield self._told(hit, phrase.term)

    def terms(self, span: Span, kind: str, term: str) -> Iterator[Told]:
        """All terms of a kind but one, and all names, that the words hold."""
        for hit in self._hits(span, kind):
            if hit.phrase.term != term:
                yield self._told(hit, hit.phrase.term)
        yield from self.known_names(span, kind, term)

    def known_names(self, span: Span, kind: str, term: str) -> Iterator[Told]:
        """The parties that the lexicon knows by name, under a term where none is known of them."""
        for hit in self._hits(span, NAMED[kind]) if kind in NAMED else ():
            yield self._told(hit, hit.phrase.term or term)

    def is_name(self, span: Span) -> bool:
        """Whether words are written as a name: all but the shortest begin with a capital."""
        words = WORD.findall(self._document.text, *span)
        return any(words) and all(w[0].isupper() for w in words if len(w) > SHORT)

    def values(self, span: Span, kind: str) -> Iterator[Told]:
        """The periods, contacts and other typed values in the words; of overlapping ones the first.

        Where two begin together, the row that stands first in the table of shapes reads them.
        """
        shapes = load_value_shapes(self._lexicon.language, self._lexicon.folders)
        shape = CONTACT if kind == DPO_CONTACT else kind
        text = self._document.text
        searched = small_letters(text) if kind == DURATION else text
        found = [
            Told(span=match.span(), term=row.term, source=row.source, value=value)
            for row in shapes.rows if row.kind == shape
            for match in row.pattern.regex.finditer(searched, *span)
            if (value := typed_value(row, match, text, shapes, of_phone=True)) is not None
        ]  # fmt: skip
        last = -1
        for told in sorted(found, key=lambda told: told.span[0]):
            if told.span[0] >= last:
                last = told.span[1]
                yield told

    def _hits(self, span: Span, kind: str) -> Sequence[Hit]:
        """What the lexicon finds of a kind in the words, without what is silenced."""
        if span not in self._found:
            starts = self._tokens.starts
            first, last = bisect_left(starts, span[0]), bisect_left(starts, span[1])
            self._found[span] = self._lexicon.find(self._tokens, first, last)
        found = within_kind([hit for hit in self._found[span] if hit.phrase.kind == kind])
        return [hit for hit in found if not hit.phrase.silent]

    def _told(self, hit: Hit, term: str) -> Told:
        span = self._tokens.starts[hit.first], self._tokens.end(hit.last)
        phrase = hit.phrase
        return Told(span=span, term=term, source=phrase.source, match=phrase.match,
                    name=phrase.name or None)  # fmt: skip
