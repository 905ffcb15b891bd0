"""What was found in a document: the hits, topics and contexts of its segments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from policy2dpv.annotating import licence
from policy2dpv.annotating.clauses import find_clauses
from policy2dpv.annotating.context import Context, column_of, label_of, opened, topics_of
from policy2dpv.annotating.definitions import defined_phrases, find_definitions
from policy2dpv.annotating.licence import Scene
from policy2dpv.annotating.names import find_names
from policy2dpv.annotating.openings import opening_of
from policy2dpv.annotating.overlaps import settle
from policy2dpv.annotating.party_lists import LISTED, PartyLists
from policy2dpv.annotating.sentence import Sentence
from policy2dpv.annotating.unsaid import ADVICE, find_unsaid
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.tokens import Tokens
from policy2dpv.knowledge.value_shapes import small_letters
from policy2dpv.model import Cell, Document, Segment, Span

Found = dict[str, list[Hit]]
RIGHTS_CUES = frozenset({"user", "user_right"})
PARTIES = ("recipient", "party", LISTED)
LABEL_WORDS = 7  # a longer beginning is no label
NOUNS = ("personal_data", "technology", "recipient", "party")


class Findings:
    """One document: its tokens and names, and what was found in each of its segments."""

    def __init__(self, document: Document, segments: Sequence[Segment], lexicon: Lexicon) -> None:
        self.document = document
        self.segments = segments
        self.lexicon = lexicon
        self.tables = lexicon.grammar
        self.tokens: Tokens = lexicon.tokenizer.cut(document.text)
        self.names = find_names(document, segments, lexicon, self.tokens)
        self.lists = PartyLists(document.text, self.tokens, lexicon)
        self.definitions = find_definitions(document, segments, lexicon)
        for name, phrase in defined_phrases(self.definitions):
            self.names.add(name, phrase, lexicon)
        self.by_span: dict[Span, int] = {(s.start, s.end): i for i, s in enumerate(segments)}
        self._found: dict[int, Found] = {}
        self._ranges = [self._range(s.start, s.end) for s in segments]
        self._topics: dict[int, tuple[str, ...]] = {}
        self._openings: dict[int, Context] = {}
        self._small = ""

    @property
    def small(self) -> str:
        """The text in small letters, made when it is first asked for."""
        if not self._small:
            self._small = small_letters(self.document.text)
        return self._small

    def _range(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self.tokens.starts, start), bisect_left(self.tokens.starts, end)

    def hits(self, index: int) -> list[Hit]:
        """All phrases and names in a segment, before it is settled which of them stand.

        No phrase reaches from one cell of a table row into the next.
        """
        first, last = self._ranges[index]
        cells = self.segments[index].cells
        if cells:
            runs = (self._range(cell.start, cell.end) for cell in cells)
            found = [
                hit.counted_from(first, low)
                for low, high in runs for hit in self.lexicon.find(self.tokens, low, high)
            ]  # fmt: skip
        else:
            found = self.lexicon.find(self.tokens, first, last)
        return found + self.names.hits(self.tokens, first, last)

    def found(self, index: int) -> Found:
        """The settled hits of a segment."""
        found = self._found.get(index)
        if found is None:
            first, last = self._ranges[index]
            hits = self.hits(index)
            rights = {
                h for h in hits
                if h.phrase.kind == "right" and h.phrase.requires != licence.FREE
            }  # fmt: skip
            if rights and self.speaks_of_rights(index, hits):
                rights = {
                    h for h in rights if not h.phrase.silent and self.ours(h, hits, first)
                }  # fmt: skip
            if rights:
                hits = [h for h in hits if h not in rights]
            found = settle(hits, self.tables.together)
            self.names.leave_others(found, self.tokens, first, last)
            self.lists.extend(found, first, last)
            self._found[index] = found
        return found

    def speaks_of_rights(self, index: int, hits: Sequence[Hit]) -> bool:
        """Whether what the person may do can be meant at all; else "delete your data" is ours."""
        segment = self.segments[index]
        if segment.lead_in or segment.kind == "row":
            return True
        cues = {h.phrase.term for h in hits if h.phrase.kind == "cue"}
        if cues & RIGHTS_CUES:
            return True
        above = [self.by_span[span] for span in segment.trail if span in self.by_span]
        return any("rights" in self.topics(i) for i in above)

    def no_right(self, right: Hit, index: int) -> bool:
        """Whether the words of a right tell none where they stand."""
        hits = self.hits(index)
        first = self._ranges[index][0]
        return not self.speaks_of_rights(index, hits) or self.ours(right, hits, first)

    def ours(self, right: Hit, hits: Sequence[Hit], first: int) -> bool:
        """Whether a right's words are what we or others do: "we erase your data when you leave"."""
        words, passed = self.tokens.words, self.tables.classes["aux|adverb"]
        at = right.first - 1
        while at > first and words[at].lemma in passed:
            at -= 1
        if any(h.last == at and h.phrase.kind in PARTIES and h.size > 1 for h in hits):
            return True  # "our service providers have access to your data"
        if at < first or words[at].lemma not in self.tables.classes["pronoun"]:
            return False
        cues = [h for h in hits if h.phrase.kind == "cue" and h.first <= at <= h.last]
        names = {h.phrase.term for h in cues}
        before = words[at - 1].lemma if at > first else ""
        asked = names & RIGHTS_CUES or (
            before in self.tables.classes["relative"]
            and not any(h.last == at - 1 and h.phrase.term == "aim" for h in hits)
        )
        return "first_party" in names and not asked

    def _title(self, index: int) -> list[Hit]:
        """What the words of a heading or header cell announce."""
        return self.lexicon.titles.find(self.tokens, *self._ranges[index])

    def topics(self, index: int) -> tuple[str, ...]:
        """The topics of a heading, the plainest first."""
        topics = self._topics.get(index)
        if topics is None:
            topics = self._topics[index] = topics_of(self._title(index))
        return topics

    # -- context ----------------------------------------------------------------------------
    def context(self, index: int) -> Context:
        """What headings, lead-in and columns open for a segment."""
        segment = self.segments[index]
        topics: tuple[str, ...] = ()
        for span in reversed(segment.trail):
            above = self.by_span.get(span)
            topics = self.topics(above) if above is not None else ()
            if topics:
                break
        opens: set[str] = set()
        inherits = sharing = False
        if segment.lead_in:
            for span in reversed(segment.lead_in):
                above = self.by_span.get(span)
                if above is None:
                    continue
                opening = self.opening(above)
                inherits, sharing = inherits or opening.inherits, sharing or opening.sharing
                if opening.open_kinds:
                    opens |= opening.open_kinds
                    break
        if not opens and segment.kind in ("list_item", "row"):
            opens |= opened([f"topic:{t}" for t in topics[:1]], self.tables.opens)
        if segment.label is not None and segment.kind == "list_item" and not opens:
            opens |= opened([f"topic:{t}" for t in topics[:1]], self.tables.opens)
        if self.lists.alone(self.found(index), *self._ranges[index]) and (
            "sharing" in topics or self._recipients_above(segment)
        ):
            opens.add("recipient")
        if segment.label is not None:
            opens |= opened([f"column:{self.column(index)}"], self.tables.opens)
        return Context(topics, frozenset(opens), inherits, sharing)

    def column(self, index: int) -> str | None:
        """The column of a table that a segment's label would head, if it says nothing else."""
        label = self.label(index)
        if label is None:
            return None
        first, after = self._range(*label)
        return label_of(self.lexicon.titles.find(self.tokens, first, after), after - first)

    def heads(self, cell: Cell) -> str | None:
        """The column that a cell stands in, by the headers that govern it."""
        column = None
        for header in cell.headers:
            above = self.by_span.get(header)
            if above is not None:
                column = column_of(self._title(above)) or column
        return column

    def says_no(self, cell: Cell) -> bool:
        """Whether a cell holds but a denial."""
        first, last = self._range(cell.start, cell.end)
        hits = self.lexicon.find(self.tokens, first, last)
        return last - first <= 2 and any(
            h.phrase.kind == "cue" and h.phrase.term == "denial" and h.first == first for h in hits
        )

    def label(self, index: int) -> Span | None:
        """The words before a segment's first colon, as its own label or as a short beginning."""
        segment = self.segments[index]
        if segment.label is not None or segment.kind not in ("sentence", "list_item"):
            return segment.label
        first, last = self._ranges[index]
        words, colon = self.tokens.words, self.tables.classes["colon"]
        for at in range(first + 1, min(first + LABEL_WORDS, last - 1)):
            if words[at].lemma in colon:
                return segment.start, self.tokens.end(at - 1)
        return None

    def _recipients_above(self, segment: Segment) -> bool:
        """Whether the paragraph that introduces a list speaks of somebody who receives data."""
        above = self.by_span.get(segment.lead_in[-1]) if segment.lead_in else None
        while above is not None and above >= 0:
            if self.segments[above].block != self.segments[above + 1].block and (
                self.segments[above].end != segment.lead_in[-1][1]
            ):
                return False
            if self.found(above).get("recipient"):
                return True
            above -= 1
        return False

    def opening(self, index: int) -> Context:
        """What a sentence opens for the list that it introduces."""
        known = self._openings.get(index)
        if known is not None:
            return known
        self._openings[index] = Context()
        context = self._openings[index] = opening_of(self.scene(index, self.found(index)))
        return context

    def scene(self, index: int, found: Found, context: Context | None = None) -> Scene:
        """Clauses and licences of a segment."""
        first, last = self._ranges[index]
        nouns = frozenset(h.last for kind in NOUNS for h in found.get(kind, ()))
        parties = {h.last: h for kind in PARTIES for h in found.get(kind, ())}
        sentence = Sentence(
            self.tokens.words, first, last,
            {name[4:]: hits for name, hits in found.items() if name.startswith("cue:")},
            self.tables.classes, found.get("processing", ()),
            [*found.get("purpose", ()), *found.get("cue:verb", ())], nouns, parties,
        )  # fmt: skip
        context = context or Context()
        muted = context.about("other_sites") or bool(found.get("cue:out_of_scope"))
        label = self.segments[index].label if index < len(self.segments) else None
        unsaid = find_unsaid(self.tokens.words, first, last, found, self.tables.classes)
        return Scene(self.tokens.words, first, last, found, find_clauses(sentence), context,
                     self.tables.classes, self.tables.licences, mute=muted or self.advised(index),
                     label=self._range(*label) if label else (0, 0), unsaid=unsaid,
                     told=self.told_before(index), goes_on=self.goes_on(index))  # fmt: skip

    def told_before(self, index: int) -> bool:
        """Whether the sentence before, of the same block, speaks of data: "it" may be that."""
        if not 0 < index < len(self.segments):
            return False
        same = self.segments[index - 1].block == self.segments[index].block
        return same and bool(self.found(index - 1).get("personal_data"))

    def goes_on(self, index: int) -> bool:
        """Whether the sentence before does something with data: "this" is part of it."""
        if not self.told_before(index):
            return False
        before = self.found(index - 1)
        return "processing" in before and "cue:denial" not in before

    def advised(self, index: int) -> bool:
        """Whether a list's item is but what the person is advised to do."""
        above = self.segments[index].lead_in[-1:] if index < len(self.segments) else ()
        return any(
            span in self.by_span and ADVICE in self.found(self.by_span[span]) for span in above
        )

    def token_at(self, start: int) -> int:
        """The index of the first token at or after an offset."""
        return bisect_left(self.tokens.starts, start)

    def words(self, tokens: tuple[int, int]) -> str:
        """The text of a range of tokens (end exclusive)."""
        first, last = tokens
        if last <= first:
            return ""
        return self.document.text[self.tokens.starts[first] : self.tokens.end(last - 1)]
