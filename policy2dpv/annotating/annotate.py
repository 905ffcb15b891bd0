"""Segments -> Annotations: what each phrase means where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec

from policy2dpv.annotating import data_licence, licence
from policy2dpv.annotating.confidence import load_factors, weigh_annotations
from policy2dpv.annotating.context import Context, opened
from policy2dpv.annotating.definitions import expand_definitions
from policy2dpv.annotating.extents import Extents
from policy2dpv.annotating.findings import Findings
from policy2dpv.annotating.licence import Scene
from policy2dpv.annotating.records import join_records
from policy2dpv.annotating.references import resolve_references
from policy2dpv.annotating.sentence import ASIDE, Clause
from policy2dpv.annotating.unsaid import is_unsaid
from policy2dpv.annotating.values import CONTACT, DPO_CONTACT, find_values
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.model import Actor, Annotation, Cell, Document, Segment

TECHNOLOGY = "technology"
ALWAYS_OURS = ("purpose", "legal_basis")  # even where the person acts
DENIED_BESIDE = ("automated_decision", "technology")
AFFIRMED_KINDS = ("right", "law", "risk")  # "the right not to be subject to" denies no right
GIVERS = ("party", "recipient")
DONE, RECIPIENT, PURPOSE = "done", "recipient", "purpose"  # columns
NECESSITY = "necessity"  # its phrases may say "not" themselves: "you need not give"
NAME_WORDS = 5  # of a tool's own name, as it is cut into words
PARTY_WORDS = 4  # how far before a technology its provider's name may begin
UNREAD = ("nav", "dialog", "form", "header", "aside")
PLACE = attrgetter("start", "end", "kind", "term", "clause", "source")
CONTACTS = frozenset({CONTACT, DPO_CONTACT})
NEVER_UNSAID = ("law", "right", "policy_change")  # stand even where no practice is stated
STANDING = (*NEVER_UNSAID, "transfer_safeguard", "risk")
FREE_KINDS = ("technology", "legal_basis", "right", "security_measure", "transfer_safeguard",
              "automated_decision", "necessity", "risk", "data_source", "data_subject",
              "law")  # fmt: skip


def annotate_segments(
    document: Document, segments: Sequence[Segment], lexicon: Lexicon
) -> list[Annotation]:
    """The annotations of a document, in the order of their places.

    Each quotes the text exactly and names the table row that read it. Menus, dialogs and forms
    are not read.

    >>> from policy2dpv import find_segments, load_lexicon, read_document
    >>> document = read_document(b"We share your e-mail address with advertisers.")
    >>> found = annotate_segments(document, find_segments(document), load_lexicon("en"))
    >>> sorted({a.term for a in found if a.kind == "personal_data"})
    ['pd:EmailAddress']
    """
    return Reading(document, segments, lexicon).annotations()


class Reading(Findings):
    """One document being read: the annotations of each segment."""

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
        result = join_records(self, result)
        result.sort(key=PLACE)
        factors = load_factors(self.lexicon.folders)
        return weigh_annotations(list(dict.fromkeys(result)), self.lexicon.requires, factors)

    def read(self, index: int) -> Iterator[Annotation]:
        """The annotations of one segment."""
        segment = self.segments[index]
        if segment.kind == "heading":
            yield from self.read_title(index)
            return
        if segment.kind == "row":
            yield from self.read_row(index)
            return
        context = self.context(index)
        if segment.kind == "list_item" and "recipient" in context.open_kinds:
            self.lists.name_alone(self.found(index), *self._ranges[index])
        scene = self.scene(index, self.found(index), context)
        scene.whole = data_licence.all_data(scene, scene.last)
        if not scene.whole and context.about("collection"):
            scene.whole = data_licence.all_data(scene, scene.label[1])
        yield from self._emit(segment, scene)
        yield from find_values(self.document, segment, scene, context, self)

    def read_title(self, index: int) -> Iterator[Annotation]:
        """Rights that a heading names in full, lines of an address, or the data it is all of."""
        found = self.found(index)
        segment, scene = self.segments[index], self.scene(index, found)
        values = find_values(self.document, segment, scene, scene.context, self)
        yield from (value for value in values if value.kind in CONTACTS)
        cues = [*found.get("cue:right_intro", ()), *found.get("cue:user_right", ())]
        for hit in found.get("right", ()):
            if any(hit.first <= cue.first and cue.last <= hit.last for cue in cues):
                yield self.annotation(segment, hit, "right", None, 0)
        context = self.context(index)
        if not context.about("collection"):
            return
        scene = self.scene(index, found, context)
        scene.whole = data_licence.all_data(scene, scene.last)
        for hit in scene.data:
            if data_licence.names_data(hit, scene):
                yield self.annotation(self.segments[index], hit, "personal_data", None, 0)

    def read_row(self, index: int) -> Iterator[Annotation]:
        """A table row: each cell is read as its column says; "Collected: no" denies the row."""
        segment = self.segments[index]
        columns = [self.heads(cell) for cell in segment.cells]
        denied = any(
            column == DONE and self.says_no(cell)
            for column, cell in zip(columns, segment.cells, strict=True)
        )
        base = self.context(index)
        beside = RECIPIENT in columns
        for column, cell in zip(columns, segment.cells, strict=True):
            for one in self._read_cell(index, cell, column, base, beside=beside):
                if denied and one.kind not in NEVER_UNSAID:
                    one = msgspec.structs.replace(one, polarity="denied")
                yield one

    def _read_cell(
        self,
        index: int,
        cell: Cell,
        column: str | None,
        base: Context,
        *,
        beside: bool,
    ) -> Iterator[Annotation]:
        """What one cell of a row says; `beside` a recipient, an unknown column is what it does."""
        segment = self.segments[index]
        first, last = self._range(cell.start, cell.end)
        found = {
            k: [h for h in v if first <= h.first and h.last < last]
            for k, v in self.found(index).items()
        }
        kinds = opened([f"column:{column}"], self.tables.opens) if column else base.open_kinds
        if not column and beside:
            kinds |= opened([f"column:{PURPOSE}"], self.tables.opens)
        context = Context(base.topics, kinds, bool(kinds), RECIPIENT in kinds)
        if RECIPIENT in kinds:
            self.lists.name_alone(found, first, last)
        part = Segment(
            id=segment.id, start=cell.start, end=cell.end, kind="row", block=segment.block,
            trail=segment.trail, landmark=segment.landmark,
        )  # fmt: skip
        self._ranges.append((first, last))
        scene = self.scene(len(self._ranges) - 1, found, context)
        if column == TECHNOLOGY and base.about("cookies") and last - first <= NAME_WORDS:
            yield from self._named_tool(part, scene)
        yield from self._emit(part, scene)
        yield from find_values(self.document, part, scene, context, self)

    def _named_tool(self, part: Segment, scene: Scene) -> Iterator[Annotation]:
        """A cookie that a cell names by nothing but its own name, as "_ga"."""
        if scene.hits.get(TECHNOLOGY) or scene.hits.get("party") or scene.first >= scene.last:
            return
        yield Annotation(
            start=part.start, end=part.end, quote=self.document.text[part.start : part.end],
            kind=TECHNOLOGY, term=min(self.tables.licences["named_tool"]), segment=part.id,
            source="licences.tsv", match="broad", confidence=0.8,
        )  # fmt: skip

    def _emit(self, segment: Segment, scene: Scene) -> Iterator[Annotation]:
        if scene.mute:
            for kind in NEVER_UNSAID:
                for hit in scene.hits.get(kind, ()):
                    yield self.annotation(segment, hit, kind, None, 0)
            return
        inherited = scene.context.inherits and scene.opens("personal_data")
        handled: dict[int, bool] = {}
        shares: dict[int, bool] = {}
        for number, clause in enumerate(scene.clauses):
            operations = [
                v for v in clause.verbs
                if v.phrase.kind == "processing" and licence.processing_counts(v, clause, scene)
            ]  # fmt: skip
            handled[number] = bool(operations) or inherited
            shares[number] = licence.shares(clause, operations, scene)
            yield from self._operations(segment, operations, clause, number, scene)
        extents = Extents(self.tables.extents, scene)
        for kind, hits in scene.hits.items():
            if kind.startswith("cue:") or kind in ("processing", "place"):
                continue
            for hit in hits:
                if kind not in STANDING and is_unsaid(hit, scene.unsaid):
                    continue
                number, owner = scene.clause_at(hit.first)
                if owner is None and licence.left_out(hit, scene):
                    continue
                acted = handled.get(number, inherited), shares.get(number, False)
                if kind in GIVERS and data_licence.is_origin(hit, owner, scene):
                    yield self._origin(segment, hit, owner, number)
                elif self._counts(kind, hit, owner, *acted, scene):
                    said = "recipient" if kind == "party" else kind
                    one = self.annotation(segment, hit, said, owner, number, extents.reach(hit))
                    if owner is None and self._denied_alone(kind, hit, scene):
                        one = msgspec.structs.replace(one, polarity="denied")
                    if kind == PURPOSE and scene.cue("possible", hit.first, hit.first):
                        one = msgspec.structs.replace(one, modality="possible")
                    yield self._more(kind, one, hit, scene)

    def _operations(
        self, segment: Segment, operations: Sequence[Hit], clause: Clause, number: int, scene: Scene
    ) -> Iterator[Annotation]:
        """The operations of a clause that are not but the verbs of its purposes."""
        for hit in operations:
            if is_unsaid(hit, scene.unsaid):
                continue
            infinitive = scene.words[hit.first - 1].lemma in scene.classes["infinitive"]
            first = hit is clause.verbs[0] and not infinitive and not scene.opens(PURPOSE)
            if not first and self._aimed(hit, clause, scene):
                continue
            if hit.phrase.requires == licence.USER:
                clause.actor = "first_party"  # what the person gives, the firm collects
            yield self.annotation(segment, hit, "processing", clause, number)

    def _denied_alone(self, kind: str, hit: Hit, scene: Scene) -> bool:
        """Whether what stands outside any clause is denied all the same: "no profiling"."""
        if kind == "purpose":
            return licence.denied_alone(hit, scene)
        return kind in DENIED_BESIDE and licence.denied_beside(hit, scene)

    def _more(self, kind: str, one: Annotation, hit: Hit, scene: Scene) -> Annotation:
        """An annotation with what words beside it tell: a technology's firm, a firm's role."""
        if kind == TECHNOLOGY:
            return self._provided(one, hit)
        roles = self.tables.licences
        unknown = kind == "party" and one.term in roles["unknown_party"]
        if unknown and scene.cue("as_processor", hit.last, scene.last):
            return msgspec.structs.replace(one, term=min(roles["acting_party"]))
        return one

    def _provided(self, one: Annotation, hit: Hit) -> Annotation:
        """A technology with the firm that its words begin with ("Google Analytics cookies")."""
        low = max(hit.first - PARTY_WORDS, 0)
        firms = [
            found for found in self.lexicon.find(self.tokens, low, hit.last + 1)
            if found.phrase.kind == "party" and hit.first - 1 <= found.last <= hit.last
        ]  # fmt: skip
        if not firms:
            return one
        longest = max(firms, key=lambda found: found.size)
        return msgspec.structs.replace(one, name=longest.phrase.name)

    def _origin(self, segment: Segment, hit: Hit, clause: Clause | None, number: int) -> Annotation:
        """A firm or a sort of firms as where data comes from."""
        one = self.annotation(segment, hit, "data_source", clause, number)
        return msgspec.structs.replace(one, term=min(self.tables.licences["origin_party"]))

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
            handled = handled or licence.is_object(hit, clause, scene)
            handled = handled or data_licence.behind_technology(hit, clause, scene)
            return data_licence.data_counts(hit, clause, handled, scene)
        if kind in ALWAYS_OURS and licence.limits_right(hit, clause, scene):
            return False
        if kind == "purpose":
            return licence.purpose_counts(hit, clause, scene)
        if kind in ("recipient", "party"):
            if licence.names_a_role(hit, scene) or licence.runs_here(hit, scene):
                return False
            return licence.recipient_counts(hit, clause, shares, scene)
        if kind == "right":
            return licence.right_counts(hit, clause, scene)
        if kind == "data_source":
            if (kind, hit.phrase.term) in self.tables.kinds:  # from the person
                return clause is None or clause.polarity(hit.first)[0] == "affirmed"
            return data_licence.source_counts(hit, clause, scene)
        if kind == "legal_basis":
            return licence.basis_counts(hit, clause, scene)
        if kind == "data_subject" and scene.cue("not_meant", scene.first, hit.first):
            return False
        if hit.phrase.requires == licence.WEAK and not licence.strong(hit, scene):
            return False
        return kind in FREE_KINDS or kind in self.tables.unwritten

    def annotation(
        self,
        segment: Segment,
        hit: Hit,
        kind: str,
        clause: Clause | None,
        number: int,
        reach: tuple[int, int] | None = None,
    ) -> Annotation:
        """A hit as an annotation with the scope of its clause, with all words of its `reach`."""
        first, last = reach or (hit.first, hit.last)
        longer = last - first > hit.last - hit.first
        polarity, aside = clause.polarity(hit.first) if clause else ("affirmed", False)
        own = kind == NECESSITY and clause and hit.first <= clause.denial <= hit.last
        if own or kind in AFFIRMED_KINDS or (
            kind == TECHNOLOGY and clause and clause.actor == "user"
        ):  # fmt: skip
            polarity, aside = "affirmed", False
        phrase = hit.phrase
        condition = clause.condition or clause.exception if clause is not None else None
        return Annotation(
            start=self.tokens.starts[first], end=self.tokens.end(last), term=phrase.term,
            kind=self.tables.kinds.get((kind, phrase.term), kind), segment=segment.id,
            source=phrase.source, match=phrase.match, name=phrase.name or None,
            quote=self.words((first, last + 1)), polarity=polarity,
            phrase=self.words((hit.first, hit.last + 1)) if longer else None,
            modality=clause.modality if clause is not None else "",
            condition=self.words(condition) if condition else None,
            clause=number + (ASIDE if aside else 0),
            actor=_actor(kind, clause),
            confidence=phrase.confidence,
        )  # fmt: skip


def _actor(kind: str, clause: Clause | None) -> Actor:
    """Who acts: whose aim or ground it is where the person speaks or consents is the firm's."""
    if clause is None or (clause.actor == "user" and kind in ALWAYS_OURS):
        return "first_party"
    return clause.actor
