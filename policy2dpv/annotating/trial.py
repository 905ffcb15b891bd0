"""One sentence read on its own: how a row's example is tried."""

from __future__ import annotations

from collections.abc import Callable

from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.segment import find_segments
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.model import Annotation, Block, Document


def sentence_reader(lexicon: Lexicon) -> Callable[[str, str], list[Annotation]]:
    """A function that reads a sentence and gives its annotations of a kind.

    >>> from policy2dpv import load_lexicon
    >>> read = sentence_reader(load_lexicon("en"))
    >>> [a.term for a in read("We collect your e-mail address.", "personal_data")]
    ['pd:EmailAddress']
    """

    def read(sentence: str, kind: str) -> list[Annotation]:
        document = Document(
            uri="", text=sentence, title="", language=lexicon.language, sha256="", source_sha256="",
            media_type="text/plain", blocks=(Block(kind="paragraph", start=0, end=len(sentence)),),
        )  # fmt: skip
        found = annotate_segments(document, find_segments(document), lexicon)
        finer = lexicon.grammar.kinds
        return [one for one in found if one.kind in (kind, finer.get((kind, one.term)))]

    return read
