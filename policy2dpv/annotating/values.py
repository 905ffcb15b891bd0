"""Spans with a typed value: periods of storage, places, e-mail addresses, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from policy2dpv.annotating.context import Context
from policy2dpv.annotating.extents import Extents
from policy2dpv.annotating.licence import FREE, Scene
from policy2dpv.annotating.sentence import Clause
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.value_shapes import DURATION, ValueRow, ValueShapes, load_value_shapes
from policy2dpv.model import Annotation, Document, Segment

if TYPE_CHECKING:
    from policy2dpv.annotating.annotate import Reading

CONTACT, DPO_CONTACT = "contact", "dpo_contact"
STORED, TRANSFERRED = "storage_location", "transfer_destination"
AREA = "area"
DIGITS = re.compile(r"\d")
CONTACT_SIGNS = re.compile(r"[@\d]")  # no shape of a contact is without one
ENOUGH_DIGITS, FEW_DIGITS = 9, 7
TRIMMED = " ,.·|\n"  # around a value
BESIDE = 3  # "with Acme in the United States"
BEHIND = 40  # a word behind a place tells less than any before it


def find_values(
    document: Document, segment: Segment, scene: Scene, context: Context, reading: Reading
) -> Iterator[Annotation]:
    """Periods, contacts and places of a segment, where its words or headings license them."""
    kinds = set()
    kept = bool(scene.hits.get("cue:retention"))
    answered = kept and bool(scene.hits.get("cue:response")) and not context.about("retention")
    if scene.opens(DURATION) or (kept and not answered):
        kinds.add(DURATION)
    if CONTACT_SIGNS.search(document.text, segment.start, segment.end):
        kinds.add(CONTACT)
    if kinds:
        yield from _shaped(document, segment, scene, context, reading, kinds)
    if segment.landmark == "main":
        yield from _places(segment, scene, reading)


def _shaped(
    document: Document,
    segment: Segment,
    scene: Scene,
    context: Context,
    reading: Reading,
    kinds: Collection[str],
) -> Iterator[Annotation]:
    """What the shapes of some kinds find in a segment."""
    shapes = load_value_shapes(reading.lexicon.language, reading.lexicon.folders)
    texts = {kind: reading.small if kind == DURATION else document.text for kind in kinds}
    clauses = {kind: text[segment.start : segment.end] for kind, text in texts.items()}
    taken: list[tuple[int, int]] = []
    for row in shapes.rows:
        if row.kind not in kinds or not row.trigger.stands_in(clauses[row.kind]):
            continue
        for match in row.pattern.regex.finditer(texts[row.kind], segment.start, segment.end):
            start, end = match.span()
            while end > start and document.text[end - 1] in TRIMMED:
                end -= 1
            while start < end and document.text[start] in TRIMMED:
                start += 1
            end = min([end, *(a for a, _ in taken if start < a < end)])
            if any(a < end and start < b for a, b in taken):
                continue
            if row.kind == CONTACT and _of_others(reading.token_at(start), scene):
                continue
            of_phone = bool(scene.hits.get("cue:phone"))
            value = typed_value(row, match, document.text, shapes, of_phone=of_phone)
            if value is None:
                continue
            taken.append((start, end))
            yield _annotation(row, start, end, value, segment, scene, reading)


def _of_others(at: int, scene: Scene) -> bool:
    """Whether a contact is the authority's that one may complain to."""
    return any(cue.last < at for cue in scene.hits.get("cue:complaint_to", ()))


def typed_value(
    row: ValueRow, match: re.Match[str], text: str, shapes: ValueShapes, *, of_phone: bool = False
) -> str | None:
    """The typed value of a match in a text or its small letters; None where it is none after all.

    `of_phone` tells that words beside it speak of a telephone: fewer digits are one then.
    """
    words = text[match.start() : match.end()]
    if row.sort == "period":
        return shapes.duration(match["count"], match["unit"])
    if row.sort == "email":
        return "mailto:" + words.rstrip(".")
    if row.sort == "phone":
        digits = "".join(DIGITS.findall(words))
        enough = FEW_DIGITS if of_phone else ENOUGH_DIGITS
        named = words.startswith("+") or enough == FEW_DIGITS
        if not named or not enough <= len(digits) <= 15:
            return None
        return "tel:" + ("+" if words.startswith("+") else "") + digits
    return " ".join(words.split())


def _annotation(
    row: ValueRow,
    start: int,
    end: int,
    value: str,
    segment: Segment,
    scene: Scene,
    reading: Reading,
) -> Annotation:
    kind = row.kind
    if kind == CONTACT and scene.hits.get("cue:dpo"):
        kind = DPO_CONTACT
    number, clause = scene.clause_at(reading.token_at(start))
    if clause is None and scene.clauses:
        clause = scene.clauses[0]
    quote = reading.document.text[start:end]
    return Annotation(
        start=start, end=end, quote=quote, kind=kind, term=row.term, segment=segment.id,
        source=row.source, value=value, clause=number, confidence=0.9,
        modality=clause.modality if clause is not None and kind == DURATION else "",
    )  # fmt: skip


def _places(segment: Segment, scene: Scene, reading: Reading) -> Iterator[Annotation]:
    """Where data is kept or sent: named places, and countries of which no name is told."""
    named = scene.hits.get("place", [])
    if not named and TRANSFERRED not in scene.hits:
        return
    away = {h.last for h in scene.hits.get("cue:away", ())}
    ends = {h.last: h.first for h in (*named, *scene.hits.get(TRANSFERRED, ()))}
    extents = Extents(reading.tables.extents, scene)
    last: tuple[int, str | None] = (-1, None)  # where the place before ends, and what it is
    for hit in (*named, *scene.hits.get(TRANSFERRED, ())):
        number, clause = scene.clause_at(hit.first)
        if hit.phrase.kind == TRANSFERRED:
            kind = TRANSFERRED if _moves(hit, clause, scene) else None
        else:
            listed = _continues(last[0], hit.first, scene)
            kind = (last[1] if listed else None) or _nearest(hit, clause, scene)
            within = any(s.mask & hit.mask for s in scene.hits.get("transfer_safeguard", ()))
            area = within and hit.phrase.term in scene.licences[AREA]
            area = area or scene.after(hit.last) in scene.classes["of_a_place"]
            if area or _in_condition(hit, clause) or _is_away(hit.first, away, ends, scene):
                kind = None
        last = hit.last, kind
        stray = kind is None or (clause is not None and not _concerns_us(clause, hit, scene))
        if kind is None or stray or (
            clause is None and not scene.opens(kind) and not scene.context.inherits
            and not scene.cue("kept_at", scene.first, hit.first)
        ):  # fmt: skip
            if hit.phrase.term not in scene.licences[AREA]:
                continue
            kind = AREA  # no place of data, but a sign of the law that holds there
        yield reading.annotation(segment, hit, kind, clause, number, extents.reach(hit))
        if kind == STORED and _sent_to_store(hit, clause, scene):
            reach = extents.reach(hit)
            yield reading.annotation(segment, hit, TRANSFERRED, clause, number, reach)


def _continues(last: int, first: int, scene: Scene) -> bool:
    """Whether a list goes on from one place to the next: "in India, Japan and the Philippines"."""
    skipped = scene.classes["determiner|joiner"]
    return 0 <= last < first - 1 and all(
        scene.words[at].lemma in skipped for at in range(last + 1, first)
    )


def _sent_to_store(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a place of storage is where data goes: "transferred to a server in the USA"."""
    giving = scene.classes["giving"]
    return clause is not None and any(
        clause.start <= cue.first < store.first <= hit.first
        and any(scene.words[i].lemma in giving for i in range(cue.last + 1, store.first))
        for cue in scene.hits.get("cue:transferring", ())
        for store in scene.hits.get("cue:storing", ())
    )


def _concerns_us(clause: Clause, hit: Hit, scene: Scene) -> bool:
    """Whether a clause tells where we keep data: not what the person does, save consent to it."""
    return clause.actor != "user" or any(
        clause.start <= basis.first < hit.first for basis in scene.hits.get("legal_basis", ())
    )


def _nearest(hit: Hit, clause: Clause | None, scene: Scene) -> str | None:
    """Whether data is stored or sent where a named place stands: the nearest word says.

    A country behind a firm's name and a comma is but its seat.
    """
    if scene.opens(TRANSFERRED):
        return TRANSFERRED
    near = [
        (hit.first - cue.first if cue.first < hit.first else BEHIND + cue.first - hit.first, kind)
        for kind, name in ((STORED, "cue:storing"), (TRANSFERRED, "cue:transferring"))
        for cue in scene.hits.get(name, ())
    ]
    if not near and clause is not None and _at_work(hit, clause, scene):
        return STORED if clause.actor == "first_party" else TRANSFERRED
    who = (*scene.hits.get("recipient", ()), *scene.hits.get("party", ()))
    seat = scene.words[hit.first - 1].lemma in scene.classes["joiner"] and any(
        one.last == hit.first - 2 for one in who
    )
    if near:
        kind = min(near)[1]
        return None if seat and kind == TRANSFERRED else kind
    shares = clause is not None and any(
        verb.phrase.term in scene.licences["recipient"] for verb in clause.verbs
    )
    beside = not seat and any(0 < hit.first - one.last <= BESIDE for one in who)
    return TRANSFERRED if shares and beside else None


def _at_work(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether data is worked on in a named place: "we process your data in Canada".

    Behind people it says where they are: "we process the data of users in Canada".
    """
    at = hit.first - 1
    while at > scene.first and scene.words[at].lemma in scene.classes["determiner"]:
        at -= 1
    worked = scene.licences["at_work"]
    return (
        scene.words[at].lemma in scene.classes["inside"]
        and at - 1 in scene.data_ends
        and scene.words[at - 1].lemma not in scene.classes["person"]
        and any(verb.last < at and verb.phrase.term in worked for verb in clause.verbs)
    )


def _in_condition(hit: Hit, clause: Clause | None) -> bool:
    """Whether a place only says whom a clause concerns: "if you are in the EU, we transfer it"."""
    if clause is None or clause.condition is None:
        return False
    low, high = clause.condition
    return low <= hit.first < high and not any(low <= v.first < high for v in clause.verbs)


def _moves(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether data goes to a country told without its name: something else speaks of moving it."""
    if hit.phrase.requires == FREE:
        return True
    if _in_condition(hit, clause):
        return False
    cues = (*scene.hits.get("cue:storing", ()), *scene.hits.get("cue:transferring", ()))
    return (
        scene.context.about("transfer")
        or any(cue.last < hit.first or cue.first > hit.last for cue in cues)
        or any(v.phrase.kind == "processing" for v in (clause.verbs if clause is not None else ()))
    )


def _is_away(at: int, away: set[int], ends: Mapping[int, int], scene: Scene) -> bool:
    """Whether a place is what data leaves, or what is said to lie elsewhere."""
    skipped = scene.classes["determiner|joiner|opening"]
    at -= 1
    while at >= scene.first and at not in away:
        if at in ends:
            if any(ends[at] <= other <= at for other in away):
                return True
            at = ends[at] - 1
        elif scene.words[at].lemma in skipped:
            at -= 1
        else:
            return False
    return at in away
