"""The whole line in one call: a policy's bytes become a DPV graph that points to its words."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from policy2dpv.annotating.annotators import OURS, Chosen, annotate_by
from policy2dpv.annotating.confidence import keep_sure
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.annotating.trial import sentence_reader
from policy2dpv.garbage import uncollected
from policy2dpv.graphs.graph import build_graph, to_rdflib
from policy2dpv.graphs.triples import PolicyGraph
from policy2dpv.graphs.write import format_graph, write_graph
from policy2dpv.knowledge.lexicon import Lexicon, load_lexicon
from policy2dpv.knowledge.patterns import DEFAULT_LANGUAGE
from policy2dpv.model import Annotation, Document, Segment, Statement
from policy2dpv.reading.read import LIMIT, check_count, read_document

if TYPE_CHECKING:
    import rdflib

    from policy2dpv.graphs.triples import Place
    from policy2dpv.reviewing.decisions import Decision
    from policy2dpv.reviewing.review import Reviewed

Quotes = Literal["full", "none"]


@dataclass(frozen=True)
class Conversion:
    """All that one policy became, stage by stage; the graphs are built on first use.

    `left_out` is the number of values that were less sure than asked for. `review` tells what
    people decided, where they did; `annotations` are then as they decided.
    """

    document: Document
    segments: Sequence[Segment]
    annotations: Sequence[Annotation]
    statements: Sequence[Statement]
    base: str | None = None
    quotes: Quotes = "full"
    left_out: int = 0
    review: Reviewed | None = None

    @cached_property
    def policy_graph(self) -> PolicyGraph:
        """The triples as plain values, as `build_graph` gives them."""
        with uncollected():
            graph = build_graph(
                self.document, self.segments, self.statements, base=self.base, quotes=self.quotes
            )
        if self.review is None:
            return graph
        return msgspec.structs.replace(graph, assessments=self.review.assessments)

    @cached_property
    def graph(self) -> rdflib.Graph:
        """The triples as an rdflib graph."""
        return to_rdflib(self.policy_graph)

    @property
    def has_privacy_content(self) -> bool:
        """Whether the text says anything about personal data, be it what is never done."""
        return any(
            said.data
            or said.rights
            or said.purposes
            or said.legal_bases
            or said.recipients
            or (said.polarity == "denied" and said.processing)
            for said in self.statements
        )

    def to_jsonld(self) -> str:
        """Return the graph as JSON-LD 1.1, nested and with its context inlined."""
        return format_graph(self.policy_graph, "jsonld")

    def to_turtle(self) -> str:
        """Return the graph as Turtle, prefixed and grouped."""
        return format_graph(self.policy_graph, "turtle")

    def to_nquads(self) -> str:
        """Return the graph as sorted N-Quads."""
        return format_graph(self.policy_graph, "nquads")

    def write(self, path: str | Path, format: str = "jsonld") -> None:
        """Write the graph to a file in one step. WriteError: a place that cannot be written."""
        write_graph(self.policy_graph, path, format)


def convert(
    source: str | Path | bytes | Document,
    *,
    base: str | None = None,
    language: str | None = None,
    lexicon: Lexicon | None = None,
    media_type: str | None = None,
    quotes: Quotes = "full",
    limit: int = LIMIT,
    min_confidence: float = 0.0,
    annotator: Chosen | None = None,
    merge: str = "union",
    review: str | Path | Sequence[Decision] | None = None,
    only_reviewed: bool = False,
) -> Conversion:
    """Return a policy's graph and all stages that led to it.

    `source` is a path, an http(s) address, bytes, a text with a line break, or a document that
    was read before; `limit` is its greatest size in bytes. `base` is the IRI under which the notice
    is published, else one that follows from the text. `language` is found in the text if not
    given, `lexicon` loaded for it. `quotes="none"` keeps the places of the policy's words, but
    not the words. What is less sure than `min_confidence` (0 to 1) is left out of the statements.
    `annotator` reads the clauses instead of this package: a function of the document and its
    segments, the name of an installed one, or several (``"ours+NAME"``), which `merge` makes one;
    see `annotators.annotate_by`. `review` is a file of people's decisions on what was read, or its
    rows (see `review_files.read_review`); with `only_reviewed` what nobody decided is left out.

    ReadError: the source or the review cannot be read. LanguageError: no tables for its language.
    TableError: a wrong row of a table. AnnotatorError: an annotator that is not known, or gives
    what cannot be used.

    >>> conversion = convert(b"We use your email address to send you our newsletter.")
    >>> [hit.quote for hit in conversion.annotations if hit.kind == "personal_data"]
    ['your email address']
    """
    with uncollected():
        document = read_document(source, media_type=media_type, language=language, limit=limit)
        lexicon = lexicon or load_lexicon(language or document.language)
        segments = find_segments(document)
        check_count(len(segments), "clauses", document.uri or "the policy", limit)
        annotations = annotate_by(annotator or OURS, document, segments, lexicon, merge=merge)
        reviewed = _review(document, segments, annotations, review, only_reviewed=only_reviewed)
        decided: Container[Place] = ()
        if reviewed is not None:
            annotations, decided = list(reviewed.annotations), reviewed.decided
        statements = relate_annotations(document, segments, annotations)
    left_out = 0
    if min_confidence > 0:
        statements, left_out = keep_sure(statements, min_confidence, decided)
    return Conversion(
        document, segments, annotations, statements, base=base, quotes=quotes, left_out=left_out,
        review=reviewed,
    )  # fmt: skip


def _review(
    document: Document,
    segments: Sequence[Segment],
    annotations: Sequence[Annotation],
    review: str | Path | Sequence[Decision] | None,
    *,
    only_reviewed: bool,
) -> Reviewed | None:
    """What people decided of the annotations, if anybody did."""
    if review is None and not only_reviewed:
        return None
    from policy2dpv.reviewing.review import apply_review
    from policy2dpv.reviewing.review_files import read_review

    rows = read_review(review) if isinstance(review, str | Path) else review or ()
    return apply_review(document, segments, annotations, rows, only_reviewed=only_reviewed)


def read_example(sentence: str, kind: str, language: str = DEFAULT_LANGUAGE) -> list[Annotation]:
    """Return the annotations of a kind in a sentence: how a table's examples are run.

    LanguageError: no tables for the language.

    >>> [a.quote for a in read_example("We collect your email address.", "personal_data")]
    ['your email address']
    """
    return sentence_reader(load_lexicon(language))(sentence, kind)
