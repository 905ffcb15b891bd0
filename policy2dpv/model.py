"""The five types that flow through the pipeline, frozen, and nothing else but span helpers.

    bytes --read--> Document --segment--> [Segment] --annotate--> [Annotation]
          --relate--> [Statement] --graph--> triples

Offsets count Unicode characters of `Document.text`, start inclusive and end exclusive, so that
`text[start:end]` is always the quote. DPV terms are CURIEs such as ``pd:EmailAddress``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Span = tuple[int, int]

BlockKind = Literal[
    "heading", "paragraph", "list_item", "cell", "header_cell", "term", "definition", "caption"
]
Landmark = Literal["main", "nav", "header", "footer", "aside", "dialog", "form"]
SegmentKind = Literal["heading", "sentence", "list_item", "row"]
Polarity = Literal["affirmed", "denied"]
Modality = Literal["", "possible", "permitted", "obliged"]
Match = Literal["exact", "close", "broad", "narrow"]
Actor = Literal["first_party", "third_party", "user"]


class Link(msgspec.Struct, frozen=True, gc=False):
    """A hyperlink on the text: the characters that carry it and where it leads."""

    start: int
    end: int
    href: str


class StatedDate(msgspec.Struct, frozen=True, gc=False):
    """A date that the policy states about itself, as precise as it states it.

    `kind` is modified, valid, issued or version; `value` is an ISO 8601 date (2018-05-17),
    month (2022-11) or year (2022); for a version it is the version's own words.
    """

    start: int
    end: int
    kind: Literal["modified", "valid", "issued", "version"]
    value: str


class Block(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One paragraph, heading, list item or table cell of the text.

    `level` is 1 to 6 for headings and the nesting depth (from 1) for list items. `marker` is the
    span of a bullet or enumerator that stands in the text before the words (plain text only; the
    words then start at `marker[1]`); `number` is the enumerator ("3.1.1", "a", "iv"), bullets
    give "". Cells carry their table's index, row and column (from 0) and the spans of the header
    cells that govern them. `hidden` tells collapsed parts, which a reader must still read.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    landmark: Landmark = "main"
    hidden: bool = False
    marker: Span | None = None
    number: str = ""
    table: int | None = None
    row: int | None = None
    column: int | None = None
    headers: tuple[Span, ...] = ()

    @property
    def words_start(self) -> int:
        """The offset of the first character after a bullet or enumerator."""
        return self.marker[1] if self.marker else self.start


class Document(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The policy's canonical text and where it came from.

    `sha256` is of the canonical text in UTF-8, `source_sha256` of the bytes as read. `page` is
    the address that the page itself gives (canonical link), else "".
    """

    uri: str
    text: str
    blocks: tuple[Block, ...]
    title: str
    language: str
    sha256: str
    source_sha256: str
    media_type: str
    page: str = ""
    dates: tuple[StatedDate, ...] = ()
    links: tuple[Link, ...] = ()


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell of a table row: its span and the spans of the header cells that govern it."""

    start: int
    end: int
    headers: tuple[Span, ...] = ()


class Segment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One clause-bearing unit: a heading, a sentence, a sentence of a list item, a table row.

    `trail` holds the spans of the headings above, outermost first; `lead_in` the spans of the
    sentences that introduce the list this item stands in, outermost first. `label` is the span
    of a run-in heading ("Marketing: We may use ..."). `block` indexes `Document.blocks`.
    """

    id: str
    start: int
    end: int
    kind: SegmentKind
    block: int
    trail: tuple[Span, ...] = ()
    lead_in: tuple[Span, ...] = ()
    label: Span | None = None
    cells: tuple[Cell, ...] = ()
    landmark: Landmark = "main"


class Annotation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A span with a meaning. `quote` is always the document's `text[start:end]`.

    `phrase` is what the row itself knows of it, where the quote reaches beyond that.
    `source` names what decided: ``lexicon/en/personal_data.sssom.tsv:118``, ``scheme:opp-115``,
    ``model:NAME``. `match` is how the phrase maps to the term (SKOS). `value` is a typed literal:
    an xsd:duration, an ISO date, ``mailto:`` or ``tel:`` address. `name` is the proper name of a
    party. `definition` is the span of the policy's own definition that an expanded term
    ("Contact Information") was resolved by. `clause` numbers the clauses of a segment: annotations
    of one clause apply together, and `actor` is who acts in it. `confidence` is from 0 to 1.
    `by` are the annotators who said it, sorted; empty where nobody but this reader did.
    """

    start: int
    end: int
    quote: str
    kind: str
    term: str
    segment: str
    source: str
    phrase: str | None = None
    match: Match = "exact"
    value: str | None = None
    name: str | None = None
    polarity: Polarity = "affirmed"
    modality: Modality = ""
    condition: str | None = None
    definition: Span | None = None
    clause: int = 0
    actor: Actor = "first_party"
    confidence: float = 1.0
    by: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The words that name what is meant: the row's own, or all that is quoted."""
        return self.phrase or self.quote

    @property
    def own(self) -> Span:
        """Where those words stand."""
        start = self.start + self.quote.find(self.label)
        return start, start + len(self.label)


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one clause ties together: values that all apply together.

    `kind` is practice, transfer (a process of its own), or notice (a fact of the whole policy:
    controller, contact, right, law, area of a law). `party` is the annotation of the acting party
    where it is not the controller. `condition` and `exception` are spans; their words become the
    context of the node. `evidence` are the spans that say it, the clause's own first.
    """

    segment: str
    kind: Literal["practice", "transfer", "notice"]
    actor: Actor = "first_party"
    polarity: Polarity = "affirmed"
    modality: Modality = ""
    evidence: tuple[Span, ...] = ()
    condition: Span | None = None
    exception: Span | None = None
    party: Annotation | None = None
    processing: tuple[Annotation, ...] = ()
    data: tuple[Annotation, ...] = ()
    purposes: tuple[Annotation, ...] = ()
    legal_bases: tuple[Annotation, ...] = ()
    recipients: tuple[Annotation, ...] = ()
    locations: tuple[Annotation, ...] = ()
    destinations: tuple[Annotation, ...] = ()
    safeguards: tuple[Annotation, ...] = ()
    durations: tuple[Annotation, ...] = ()
    rights: tuple[Annotation, ...] = ()
    measures: tuple[Annotation, ...] = ()
    subjects: tuple[Annotation, ...] = ()
    sources: tuple[Annotation, ...] = ()
    technologies: tuple[Annotation, ...] = ()
    automation: tuple[Annotation, ...] = ()
    necessity: tuple[Annotation, ...] = ()
    risks: tuple[Annotation, ...] = ()
    controllers: tuple[Annotation, ...] = ()
    contacts: tuple[Annotation, ...] = ()
    dpo_contacts: tuple[Annotation, ...] = ()
    laws: tuple[Annotation, ...] = ()
    areas: tuple[Annotation, ...] = ()
    confidence: float = 1.0


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a character.

    >>> overlaps((0, 5), (4, 9)), overlaps((0, 5), (5, 9))
    (True, False)
    """
    return one[0] < other[1] and other[0] < one[1]
