"""Segments -> Annotations: what each phrase means where it stands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from policy2dpv import licence
from policy2dpv.clauses import Clause, Sentence, find_clauses
from policy2dpv.context import Context, column_of, opened, topics_of
from policy2dpv.definitions import defined_phrases, expand_definitions, find_definitions
from policy2dpv.lexicon import Lexicon
from policy2dpv.licence import Scene
from policy2dpv.model import Annotation, Document, Segment, Span
from policy2dpv.names import find_names
from policy2dpv.overlaps import settle
from policy2dpv.phrases import Hit
from policy2dpv.references import resolve_references
from policy2dpv.tokens import Tokens
from policy2dpv.values import find_values

Found = dict[str, list[Hit]]
RIGHTS_CUES = frozenset({"user", "user_right"})
NOUNS = ("personal_data", "technology", "recipient", "party")
UNREAD = ("nav", "dialog", "form", "header", "aside")
FREE_KINDS = ("technology", "legal_basis", "right", "security_measure", "transfer_safeguard",
              "automated_decision", "necessity", "data_source", "data_subject", "law")  # fmt: skip


def annotate_segments(
    document: Document, segments: Sequence[Segment], lexicon: Lexicon
) -> list[Annotation]:
    """The annotations of a document, in the order of their places.

    Each quotes the text exactly and names the table row that read it. Menus, dialogs and forms
    are not read.

    >>> from policy2dpv import find_segments, load_lexicon, read_document
    >>> document = read_document("We share your e-mail address with advertisers.")
    >>> found = annotate_segments(document, find_segments(document), load_lexicon("en"))
    >>> sorted({a.term for a in found if a.kind == "personal_data"})
    ['pd:EmailAddress']
    """
    return Reading(document, segments, lexicon).annotations()


class Reading:
    """One document being read: its tokens, and what was found in each segment."""

    def __init__(self, document: Document, segments: Sequence[Segment], lexicon: Lexicon) -> None:
        self.document = document
        self.segments = segments
        self.lexicon = lexicon
        self.tables = lexicon.grammar
        self.tokens: Tokens = lexicon.tokenizer.cut(document.text)
        self.names = find_names(document, segments, lexicon, self.tokens)
        self.definitions = find_definitions(document, segments, lexicon)
        for name, phrase in defined_phrases(self.definitions):
            self.names.add(name, phrase, lexicon)
        self.by_span: dict[Span, int] = {(s.start, s.end): i for i, s in enumerate(segments)}
        self._found: dict[int, Found] = {}
        self._ranges = [self._range(s.start, s.end) for s in segments]
        self._topics: dict[int, tuple[str, ...]] = {}
        self._openings: dict[int, Context] = {}

    def _range(self, start: int, end: int) -> tuple[int, int]:
        return bisect_left(self.tokens.starts, start), bisect_left(self.tokens.starts, end)

    def found(self, index: int) -> Found:
        """The settled hits of a segment."""
        found = self._found.get(index)
        if found is None:
            first, last = self._ranges[index]
            hits = self.lexicon.find(self.tokens, first, last)
            hits += self.names.hits(self.tokens, first, last)
            if not self._speaks_of_rights(index, hits):
                hits = [h for h in hits if h.phrase.kind != "right"]
            found = settle(hits, self.tables.together)
            if "party" in found:
                found["party"] = [h for h in found["party"] if not self.names.is_own(h.phrase.name)]
            self._found[index] = found
        return found

    def _speaks_of_rights(self, index: int, hits: Sequence[Hit]) -> bool:
        """Whether what the person may do can be meant at all; else "delete your data" is ours."""
        segment = self.segments[index]
        if segment.lead_in or segment.kind == "row":
            return True
        cues = {h.phrase.term for h in hits if h.phrase.kind == "cue"}
        if cues & RIGHTS_CUES:
            return True
        above = [self.by_span[span] for span in segment.trail if span in self.by_span]
        return any("rights" in self.topics(i) for i in above)

    def annotations(self) -> list[Annotation]:
        """All annotations of the document."""
        result: list[Annotation] = list(self.names.annotations)
        for index, segment in enumerate(self.segments):
            if segment.landmark in UNREAD:
                continue
            result.extend(self.read(index))
        generic = self.tables.licences.get("generic", frozenset())
        result = expand_definitions(self.definitions, result, generic)
        result += resolve_references(self, result)
        result.sort(key=lambda a: (a.start, a.end, a.kind, a.term, a.clause, a.source))
        return list(dict.fromkeys(result))

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
        return Context(topics, frozenset(opens), inherits, sharing)

    def opening(self, index: int) -> Context:
        """What a sentence opens for the list that it introduces."""
        known = self._openings.get(index)
        if known is not None:
            return known
        self._openings[index] = Context()
        segment = self.segments[index]
        found, (first, last) = self.found(index), self._ranges[index]
        scene = self.scene(index, found)
        words = self.tokens.words
        while last > first and not words[last - 1].lemma.isalnum():
            last -= 1
        ending = words[last - 1].lemma if last > first else ""
        text = self.document.text[segment.start : segment.end]
        is_open = text.endswith((":", "-", "–", "—")) or not text.endswith((".", "!", "?", ";"))
        is_open = is_open or bool(found.get("cue:list_intro"))
        main = scene.clauses[-1] if scene.clauses else None
        verbs = [v for c in scene.clauses for v in c.verbs if v.phrase.kind == "processing"]
        shares = any(v.phrase.term in self.tables.licences["recipient"] for v in verbs)
        kinds: set[str] = set()
        user = main is not None and main.actor == "user"
        aims = scene.cue("purpose_word", first, last)
        aims = aims or ending in self.tables.classes.get("purpose_ending", ())
        if found.get("cue:user_right") and (user or not verbs):
            kinds.add("right")
        elif found.get("legal_basis") and not verbs:
            kinds.add("legal_basis")
        elif shares:
            kinds |= {"recipient", "purpose"} if aims else {"recipient"}
        elif aims:
            kinds.add("purpose")
        elif verbs or (found.get("personal_data") and found.get("cue:list_intro")):
            kinds.add("personal_data")
        elif found.get("recipient") or found.get("party"):
            kinds.add("recipient")
        elif found.get("security_measure"):
            kinds.add("security_measure")
        elif found.get("cue:retention"):
            kinds.add("storage_duration")
        elif found.get("technology"):
            kinds.add("technology")
        if not is_open and not kinds & {"right"}:
            kinds = set()
        context = Context(
            (), frozenset(kinds), bool(verbs) and is_open and not user, shares and is_open
        )
        self._openings[index] = context
        return context

    # -- reading ----------------------------------------------------------------------------
    def scene(self, index: int, found: Found, context: Context | None = None) -> Scene:
        """Clauses and licences of a segment."""
        first, last = self._ranges[index]
        nouns = frozenset(h.last for kind in NOUNS for h in found.get(kind, ()))
        parties = {h.last: h for kind in ("recipient", "party") for h in found.get(kind, ())}
        sentence = Sentence(
            self.tokens.words, first, last,
            {name[4:]: hits for name, hits in found.items() if name.startswith("cue:")},
            self.tables.classes, found.get("processing", ()),
            [*found.get("purpose", ()), *found.get("cue:verb", ())], nouns, parties,
        )  # fmt: skip
        context = context or Context()
        muted = context.about("other_sites") or bool(found.get("cue:out_of_scope"))
        return Scene(self.tokens.words, first, last, found, find_clauses(sentence), context,
                     self.tables.classes, self.tables.licences, mute=muted)  # fmt: skip

    def read(self, index: int) -> Iterator[Annotation]:
        """The annotations of one segment."""
        segment = self.segments[index]
        if segment.kind == "heading":
            return
        if segment.kind == "row":
            yield from self.read_row(index)
            return
        context = self.context(index)
        scene = self.scene(index, self.found(index), context)
        yield from self._emit(segment, scene)
        yield from find_values(self.document, segment, scene, context, self)

    def read_row(self, index: int) -> Iterator[Annotation]:
        """A table row: each cell is read as its column says."""
        segment = self.segments[index]
        base = self.context(index)
        everything = self.found(index)
        for cell in segment.cells:
            column = None
            for header in cell.headers:
                above = self.by_span.get(header)
                if above is not None:
                    column = column_of(self._title(above)) or column
            first, last = self._range(cell.start, cell.end)
            found = {
                k: [h for h in v if first <= h.first and h.last < last]
                for k, v in everything.items()
            }
            kinds = opened([f"column:{column}"], self.tables.opens) if column else base.open_kinds
            context = Context(base.topics, kinds, bool(kinds), "recipient" in kinds)
            part = Segment(
                id=segment.id, start=cell.start, end=cell.end, kind="row", block=segment.block,
                trail=segment.trail, landmark=segment.landmark,
            )  # fmt: skip
            self._ranges.append((first, last))
            scene = self.scene(len(self._ranges) - 1, found, context)
            yield from self._emit(part, scene)
            yield from find_values(self.document, part, scene, context, self)

    def _emit(self, segment: Segment, scene: Scene) -> Iterator[Annotation]:
        if scene.mute:
            for kind in ("law", "right"):
                for hit in scene.hits.get(kind, ()):
                    yield self.annotation(segment, hit, kind, None, 0)
            return
        numbered = list(enumerate(scene.clauses))
        inherited = scene.context.inherits and scene.opens("personal_data")
        handled: dict[int, bool] = {}
        shares: dict[int, bool] = {}
        for number, clause in numbered:
            operations = [
                v for v in clause.verbs
                if v.phrase.kind == "processing" and licence.processing_counts(v, clause, scene)
            ]  # fmt: skip
            handled[number] = bool(operations) or inherited
            terms = {v.phrase.term for v in clause.verbs}
            shares[number] = bool(terms & scene.licences["recipient"])
            for hit in operations:
                if hit is not clause.verbs[0] and self._aimed(hit, clause, scene):
                    continue
                if hit.phrase.requires == licence.USER:
                    clause.actor = "first_party"  # what the person gives, the firm collects
                yield self.annotation(segment, hit, "processing", clause, number)
        for kind, hits in scene.hits.items():
            if kind.startswith("cue:") or kind in ("processing", "place"):
                continue
            for hit in hits:
                found = next(((n, c) for n, c in numbered if c.start <= hit.first < c.end), None)
                number, owner = found if found is not None else (0, None)
                if self._counts(
                    kind,
                    hit,
                    owner,
                    handled.get(number, inherited),
                    shares.get(number, False),
                    scene,
                ):
                    yield self.annotation(
                        segment, hit, "recipient" if kind == "party" else kind, owner, number
                    )

    def _aimed(self, hit: Hit, clause: Clause, scene: Scene) -> bool:
        """Whether an operation is but the verb of a purpose ("to process payments")."""
        return any(
            hit.mask & purpose.mask == hit.mask and licence.purpose_counts(purpose, clause, scene)
            for purpose in scene.hits.get("purpose", ())
        )

    def _counts(
        self, kind: str, hit: Hit, clause: Clause | None, handled: bool, shares: bool, scene: Scene
    ) -> bool:
        if kind in ("personal_data", "defined"):
            technology = bool(scene.hits.get("technology")) and clause is not None
            handled = handled or technology or licence.is_object(hit, clause, scene)
            return licence.data_counts(hit, clause, handled, scene)
        if kind == "purpose":
            return licence.purpose_counts(hit, clause, scene)
        if kind in ("recipient", "party"):
            return licence.recipient_counts(hit, clause, shares, scene)
        if kind == "right":
            return licence.right_counts(hit, clause, scene)
        if hit.phrase.requires == licence.WEAK and not licence.strong(hit, scene):
            return False
        return kind in FREE_KINDS

    def annotation(
        self, segment: Segment, hit: Hit, kind: str, clause: Clause | None, number: int
    ) -> Annotation:
        """A hit as an annotation with the scope of its clause."""
        start, end = self.tokens.starts[hit.first], self.tokens.ends[hit.last]
        text = self.document.text
        denied = (
            clause is not None
            and clause.denied
            and not (
                clause.exception is not None
                and clause.exception[0] <= hit.first < clause.exception[1]
            )
        )
        excepted = clause is not None and clause.denied and not denied
        phrase = hit.phrase
        condition = clause.condition or clause.exception if clause is not None else None
        return Annotation(
            start=start, end=end, quote=text[start:end], term=phrase.term,
            kind=self.tables.kinds.get((kind, phrase.term), kind), segment=segment.id,
            source=phrase.source, match=phrase.match, name=phrase.name or None,
            polarity="denied" if denied else "affirmed",
            modality=clause.modality if clause is not None else "",
            condition=self.words(condition) if condition else None,
            clause=number + (100 if excepted else 0),
            actor=clause.actor if clause is not None else "first_party",
            confidence=phrase.confidence,
        )  # fmt: skip

    def token_at(self, start: int) -> int:
        """The index of the first token at or after an offset."""
        return bisect_left(self.tokens.starts, start)

    def words(self, tokens: tuple[int, int]) -> str:
        """The text of a range of tokens (end exclusive)."""
        first, last = tokens
        if last <= first:
            return ""
        return self.document.text[self.tokens.starts[first] : self.tokens.ends[last - 1]]
