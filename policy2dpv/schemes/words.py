"""What marked words tell beside their label: a narrower term, a name, a period."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from policy2dpv.lexicon import Lexicon
from policy2dpv.model import Document, Match, Span
from policy2dpv.overlaps import within_kind
from policy2dpv.tokens import Tokens
from policy2dpv.values import CONTACT, DPO_CONTACT, load_value_shapes, typed_value
from policy2dpv.vocabulary import Vocabulary

# Kinds of which the lexicon knows names, and where it keeps them.
NAMED = {
    "recipient": "party", "data_source": "party", "storage_location": "place",
    "transfer_destination": "place",
}  # fmt: skip


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of some of the marked words, and the row that reads them so."""

    span: Span
    term: str
    source: str
    match: Match = "exact"
    name: str | None = None
    value: str | None = None


class WordReader:
    """Reads the words of marks on one document with the lexicon of its language."""

    def __init__(self, document: Document, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self._document = document
        self._lexicon = lexicon
        self._vocabulary = vocabulary
        self._tokens: Tokens = lexicon.tokenizer.cut(document.text)

    def narrower(
        self, span: Span, kind: str, term: str, *, any_term: bool = False
    ) -> Iterator[Told]:
        """The terms under a label's that the marked words name, or `any_term` of the kind."""
        starts = self._tokens.starts
        first, last = bisect_left(starts, span[0]), bisect_left(starts, span[1])
        hits = self._lexicon.find(self._tokens, first, last)
        for sort in (kind, NAMED.get(kind, kind)):
            for hit in within_kind([hit for hit in hits if hit.phrase.kind == sort]):
                phrase = hit.phrase
                if phrase.silent or phrase.term == term:
                    continue
                if phrase.name or any_term or self._vocabulary.is_under(phrase.term, term):
                    where = starts[hit.first], self._tokens.ends[hit.last]
                    yield Told(
                        span=where, term=phrase.term if not phrase.name else phrase.term or term,
                        source=phrase.source, match=phrase.match, name=phrase.name or None,
                    )  # fmt: skip
            if kind not in NAMED:
                return

    def values(self, span: Span, kind: str) -> Iterator[Told]:
        """The periods, contacts and other typed values that the marked words hold."""
        shapes = load_value_shapes(self._lexicon.language, self._lexicon.folders)
        shape = CONTACT if kind == DPO_CONTACT else kind
        for row in shapes.rows:
            if row.kind != shape:
                continue
            for match in row.pattern.finditer(self._document.text, *span):
                value = typed_value(row, match, shapes, of_phone=True)
                if value is not None:
                    yield Told(span=match.span(), term=row.term, source=row.source, value=value)
