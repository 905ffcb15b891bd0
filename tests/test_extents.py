"""How far phrases reach: the words around those of a row that belong to what it names."""

from __future__ import annotations

import pytest

from policy2dpv import load_lexicon
from policy2dpv.annotating.trial import sentence_reader

REACHES = [
    ("personal_data", "We collect the configuration of the app.", "the configuration of the app"),
    ("personal_data", "We log your IP address and the time.", "your IP address"),
    ("purpose", "We use it to evaluate or conduct a merger, sale, or other transfer of our assets.",
     "evaluate or conduct a merger, sale, or other transfer of our assets"),
    ("purpose", "We use it to improve our site if you agree.", "improve our site"),
    ("recipient", "We share it with our suppliers who help us to run the shop.",
     "our suppliers who help us to run the shop"),
    ("right", "You may ask us to delete any personal data that we hold about you at any time.",
     "delete any personal data that we hold about you"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sentence", "quote"), REACHES)
def test_a_phrase_reaches_to_the_ends_of_its_own_words(
    kind: str, sentence: str, quote: str
) -> None:
    found = sentence_reader(load_lexicon("en"))(sentence, kind)
    assert any(one.quote.endswith(quote) for one in found), [one.quote for one in found]
    assert all(sentence[one.start : one.end] == one.quote for one in found)
    assert all(sentence[slice(*one.own)] == one.label for one in found)


def test_what_is_named_keeps_the_words_of_its_row() -> None:
    found = sentence_reader(load_lexicon("en"))("We share it with our suppliers.", "recipient")
    assert [(one.quote, one.label) for one in found] == [("our suppliers", "suppliers")]


def test_a_language_without_the_classes_keeps_to_its_rows() -> None:
    assert "personal_data" not in load_lexicon("de").grammar.extents
