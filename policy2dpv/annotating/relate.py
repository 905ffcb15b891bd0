"""Annotations -> Statements: what each clause ties together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import msgspec

from policy2dpv.annotating.distribution import distribute
from policy2dpv.data import data_folder
from policy2dpv.knowledge.tables import read_table
from policy2dpv.model import Annotation, Document, Modality, Segment, Span, Statement

EXCEPTED = 100  # clause numbers from here on stand aside from the clause numbered so much less
BESIDE_DENIALS = ("measures", "necessity", "risks")
NOTICE = ("controllers", "contacts", "dpo_contacts", "laws", "rights", "areas")
INHERITED = (
    "processing",
    "data",
    "purposes",
    "recipients",
    "legal_bases",
    "subjects",
    "technologies",
)
REASONS = ("purposes", "legal_bases")
ALTERNATIVE = ("recipients", "legal_bases")  # of which only one may apply
TRANSFER = ("destinations", "safeguards")
Group = dict[str, list[Annotation]]
Kind = Literal["practice", "transfer", "notice"]


@lru_cache(maxsize=1)
def load_fields() -> Mapping[str, str]:
    """The statement field of each kind of annotation, from mappings/slots.tsv."""
    rows = read_table(data_folder("mappings") / "slots.tsv")
    return {row["kind"]: row["field"] for row in rows} | {"area": "areas"}


@lru_cache(maxsize=8)
def load_words(name: str, language: str) -> frozenset[str]:
    """The words of mappings/patterns/NAME.LANGUAGE.tsv: alternatives or joiners."""
    path = data_folder("mappings") / "patterns" / f"{name}.{language}.tsv"
    return frozenset(row["words"] for row in (read_table(path) if path.is_file() else ()))


@lru_cache(maxsize=1)
def load_kinds() -> Mapping[str, str]:
    """The slot's kind of each finer kind of annotation, from mappings/kinds.tsv."""
    rows = read_table(data_folder("mappings") / "kinds.tsv")
    return {row["read_as"]: row["kind"] for row in rows}


@lru_cache(maxsize=1)
def load_silent() -> frozenset[tuple[str, str]]:
    """The kinds and terms that say no more than their slot, from mappings/kinds.tsv."""
    rows = read_table(data_folder("mappings") / "kinds.tsv")
    return frozenset((row["kind"], row["term"]) for row in rows)


@lru_cache(maxsize=1)
def load_transfer_terms() -> frozenset[str]:
    """The operations that make a transfer, from mappings/licences.tsv."""
    rows = read_table(data_folder("mappings") / "licences.tsv")
    return frozenset(row["term"] for row in rows if row["kind"] == "transfer")


def relate_annotations(
    document: Document, segments: Sequence[Segment], annotations: Sequence[Annotation]
) -> list[Statement]:
    """The statements of a document in reading order, one per clause and tie.

    What a list's lead-in says holds for its items. A transfer is a statement of its own, and so
    is what an exception to a denial leaves open. Facts of the whole policy (controller, contacts,
    rights, laws) are statements of kind notice.

    >>> from policy2dpv import annotate_segments, find_segments, load_lexicon, read_document
    >>> document = read_document(b"We share your e-mail address with advertisers.")
    >>> segments = find_segments(document)
    >>> found = annotate_segments(document, segments, load_lexicon("en"))
    >>> [s.data[0].term for s in relate_annotations(document, segments, found) if s.data]
    ['pd:EmailAddress']
    """
    return list(_Relation(document, segments, annotations).statements())


class _Relation:
    """One document's annotations, grouped by clause."""

    def __init__(
        self, document: Document, segments: Sequence[Segment], annotations: Sequence[Annotation]
    ) -> None:
        self.document = document
        self.segments = segments
        self.by_span: dict[Span, Segment] = {(s.start, s.end): s for s in segments}
        self.fields = load_fields()
        self.groups: dict[str, dict[int, Group]] = defaultdict(dict)
        kinds = load_kinds()
        for one in annotations:
            if one.kind in kinds:
                one = msgspec.structs.replace(one, kind=kinds[one.kind])
            field = self.fields.get(one.kind)
            if field:
                group = self.groups[one.segment].setdefault(one.clause, defaultdict(list))
                group[field].append(one)

    def statements(self) -> Iterator[Statement]:
        for segment in self.segments:
            clauses = self.groups.get(segment.id)
            if not clauses:
                continue
            for number in sorted(clauses):
                group = dict(clauses[number])
                if number < EXCEPTED:
                    yield from self._clause(segment, number, group, clauses)
                    continue
                for reason in self._excepted(group, clauses.get(number - EXCEPTED, {})):
                    yield from self._clause(segment, number, reason, clauses)

    def _clause(
        self, segment: Segment, number: int, group: Group, clauses: Mapping[int, Group]
    ) -> Iterator[Statement]:
        evidence = [(segment.start, segment.end), *self._elsewhere(segment, group)]
        notice = {field: group.pop(field) for field in NOTICE if group.get(field)}
        if notice:
            yield self._statement(segment, "notice", notice, evidence)
        if not any(group.values()):
            return
        group, above = self._inherit(segment, group)
        evidence += above
        evidence += sorted(
            {a.definition for found in group.values() for a in found if a.definition}
        )
        excepted = clauses.get(number + EXCEPTED)
        yield from self._split(segment, group, evidence, excepted)

    def _elsewhere(self, segment: Segment, group: Group) -> list[Span]:
        """The other segments that hold what is told here: the further fields of a record."""
        low, high = segment.start, segment.end
        starts = {
            a.start for found in group.values() for a in found if not low <= a.start < high
        }  # fmt: skip
        if not starts:
            return []
        return [
            (one.start, one.end) for one in self.segments
            if any(one.start <= start < one.end for start in starts)
        ]  # fmt: skip

    def _excepted(self, group: Group, denied: Mapping[str, list[Annotation]]) -> Iterator[Group]:
        """What an exception leaves open: the denied practice, once for each reason it gives."""
        polarity = next((a.polarity for found in group.values() for a in found), "affirmed")
        shared = {f: v for f, v in group.items() if f not in REASONS}
        for field in ("processing", "data", "recipients"):
            if not shared.get(field) and denied.get(field):
                shared[field] = [
                    msgspec.structs.replace(a, polarity=polarity) for a in denied[field]
                ]
        if polarity == "denied":
            yield shared
            return
        if all(a.polarity == "affirmed" for found in denied.values() for a in found):
            shared.pop("processing", None)  # what is reserved is not what is done
            yield {**group, **shared}
            return
        for reason in group.get("purposes", ()):
            yield {**shared, "purposes": [reason]}
        aims = [msgspec.structs.replace(a, polarity=polarity) for a in denied.get("purposes", ())]
        for reason in group.get("legal_bases", ()):
            yield {**shared, "purposes": aims, "legal_bases": [reason]}

    # -- what stands above ------------------------------------------------------------------
    def _inherit(self, segment: Segment, group: Group) -> tuple[Group, list[Span]]:
        """Fill what a list item does not say itself from the sentences that introduce it."""
        own = group.get("processing")
        if not segment.lead_in or (own and (group.get("data") or own[0].polarity == "denied")):
            return group, []
        wanted = ("data",) if own else INHERITED
        denied = all(a.polarity == "denied" for found in group.values() for a in found)
        taken: list[Span] = []
        merged = dict(group)
        for span in reversed(segment.lead_in):
            above = self.by_span.get(span)
            if above is None or above.id not in self.groups:
                continue
            clauses = {n: g for n, g in self.groups[above.id].items() if n < EXCEPTED}
            number = next(
                (n for n in sorted(clauses, reverse=True) if clauses[n].get("processing")), None
            )
            if number is None:
                continue
            for field in wanted:
                if not merged.get(field) and clauses[number].get(field):
                    above_it = clauses[number][field]
                    merged[field] = [_denied(a) for a in above_it] if denied else above_it
            taken.append(span)
            if merged.get("processing") and merged.get("data"):
                break
        return merged, taken

    # -- making statements ------------------------------------------------------------------
    def _split(
        self, segment: Segment, group: Group, evidence: list[Span], excepted: Group | None
    ) -> Iterator[Statement]:
        """Practice and transfer apart, denied and affirmed apart."""
        group, stated = _stated_beside(_needed(group))
        if stated:
            yield self._statement(segment, "practice", stated, evidence)
        transfers = [a for a in group.get("processing", ()) if a.term in load_transfer_terms()]
        places = [a for field in TRANSFER for a in group.get(field, ())]
        if transfers or places:
            moved = {f: group[f] for f in TRANSFER if group.get(f)}
            moved["processing"] = transfers or list(group.get("processing", ()))
            for field in ("data", "recipients", "subjects", "purposes", "legal_bases"):
                if group.get(field):
                    moved[field] = group[field]
            yield self._statement(segment, "transfer", moved, evidence, excepted)
            rest = [a for a in group.get("processing", ()) if a not in transfers]
            group = {f: v for f, v in group.items() if f not in TRANSFER and f != "processing"}
            if rest and transfers:
                group["processing"] = rest
            elif set(group) <= set(moved):
                return
        if any(group.values()):
            joiners = load_words("joiners", self.document.language)
            for part in distribute(group, self.document.text, joiners):
                for one in self._alternatives(part):
                    yield self._statement(segment, "practice", one, evidence, excepted)

    def _alternatives(self, group: Group) -> Iterator[Group]:
        """A practice once for each recipient or ground that the text joins by "or"."""
        for field in ALTERNATIVE:
            found = sorted(group.get(field, ()), key=lambda a: a.start)
            first = self._joined_by_or(found)
            if first < len(found) and found[0].polarity != "denied":
                for one in found[first:]:
                    yield {**group, field: [*found[:first], one]}
                return
        yield group

    def _joined_by_or(self, found: Sequence[Annotation]) -> int:
        """Where the list begins that has an "or" before its last, which stands last of all."""
        text, words = self.document.text, load_words("alternatives", self.document.language)
        gaps = [
            text[one.end : other.start].strip(" ,").casefold() for one, other in pairwise(found)
        ]
        if not gaps or gaps[-1] not in words:
            return len(found)
        first = len(gaps)
        while first and (not gaps[first - 1] or gaps[first - 1] in words):
            first -= 1
        return first

    def _statement(
        self,
        segment: Segment,
        kind: Kind,
        group: Mapping[str, Sequence[Annotation]],
        evidence: Sequence[Span],
        excepted: Group | None = None,
    ) -> Statement:
        members = [a for found in group.values() for a in found]
        leading = list(group.get("processing") or group.get("purposes") or members)
        denied = leading[0].polarity == "denied"
        actor = leading[0].actor
        words = next((a.condition for a in leading if a.condition), None)
        condition = self._find(words, segment, evidence) if words else None
        party = None
        if actor == "third_party":
            party = next(iter(group.get("recipients", ())), None)
        values: dict[str, Any] = {
            field: tuple(dict.fromkeys(found) if len(found) > 1 else found)
            for field, found in group.items()
            if found and not (denied and field == "legal_bases")
        }  # fmt: skip
        return Statement(
            segment=segment.id, kind=kind, actor=actor,
            polarity="denied" if denied else "affirmed",
            modality=leading[0].modality or _likelihood(group), evidence=tuple(evidence),
            condition=None if excepted and denied else condition,
            exception=condition if denied and excepted else None,
            party=party, confidence=round(min(a.confidence for a in leading), 3), **values,
        )  # fmt: skip

    def _find(self, words: str, segment: Segment, evidence: Sequence[Span]) -> Span | None:
        for start, end in ((segment.start, segment.end), *evidence):
            at = self.document.text.find(words, start, end)
            if at >= 0:
                return at, at + len(words)
        return None


def _likelihood(group: Mapping[str, Sequence[Annotation]]) -> Modality:
    """How sure an aim is whose own words say it: "disclosing it may be a sale"."""
    return next((one.modality for one in group.get("purposes", ()) if one.modality), "")


def _needed(group: Group) -> Group:
    """What the person must give: "we cannot deliver without your address" denies no practice."""
    if not any(one.polarity == "affirmed" for one in group.get("necessity", ())):
        return group
    kept = {
        field: [msgspec.structs.replace(a, polarity="affirmed") if field == "data" else a
                for a in found if field == "data" or a.polarity != "denied"]
        for field, found in group.items()
    }  # fmt: skip
    return {field: found for field, found in kept.items() if found}


def _stated_beside(group: Group) -> tuple[Group, Group]:
    """A denied practice, and what is stated beside it: "it is encrypted, so we cannot read it"."""
    leading = list(group.get("processing") or group.get("purposes") or group.get("data") or ())
    if not leading or leading[0].polarity != "denied":
        return group, {}
    stated = {
        field: found for field in BESIDE_DENIALS
        if (found := [a for a in group.get(field, ()) if a.polarity == "affirmed"])
    }  # fmt: skip
    kept = {field: [a for a in found if a not in stated.get(field, ())]
            for field, found in group.items()}  # fmt: skip
    return {field: found for field, found in kept.items() if found}, stated


def _denied(one: Annotation) -> Annotation:
    """What a list's lead-in says, under an item that denies it."""
    return msgspec.structs.replace(one, polarity="denied", modality="", condition=None)
