"""Which of several phrases found on the same words are meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from policy2dpv.phrases import Hit

CUE = "cue"
ANY = "*"
PROCESSING = "processing"
HEADED = "recipient"  # "provide ... service" is not said by "service providers"
# "provide and improve our services" holds two that share words
OVERLAPPING = ("purpose", "right", "processing")


def settle(hits: Iterable[Hit], together: Mapping[str, frozenset[str]]) -> dict[str, list[Hit]]:
    """The hits that stand, by kind and in order; cues by their own name under ``cue:NAME``.

    Within a kind the longer phrase wins; a hit that uses only words of another is dropped, and a
    silent row (`Not`) drops what lies inside it. Between kinds a phrase that lies inside a longer
    contiguous one is dropped, unless `together` (inner kind -> outer kinds) lets both stand.
    """
    kinds: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        kinds[hit.phrase.kind].append(hit)
    settled = {kind: within_kind(found) for kind, found in kinds.items() if kind != CUE}
    outer = [
        hit for found in settled.values() for hit in found
        if hit.size > 1 and hit.whole and not hit.phrase.silent
    ]  # fmt: skip
    union = 0
    for hit in outer:
        union |= hit.mask
    result: dict[str, list[Hit]] = {}
    for kind, found in settled.items():
        allowed = together.get(kind, frozenset())
        result[kind] = sorted(
            (
                h for h in found if not h.phrase.silent
                and not (h.mask & union and any(_beaten(h, o, allowed) for o in outer))
            ),
            key=_place,
        )  # fmt: skip
    allowed = together.get(CUE, frozenset())
    for hit in kinds.get(CUE, ()):
        if not hit.mask & union or not any(
            _covers(o, hit) and o.phrase.kind not in allowed for o in outer
        ):
            result.setdefault(f"cue:{hit.phrase.term}", []).append(hit)
    return result


def within_kind(hits: Sequence[Hit]) -> list[Hit]:
    """The hits of one kind that stand, silent ones among them.

    Two terms for the same phrase both stand; of two contiguous phrases that overlap in part, the
    longer, then the left one.
    """
    if len(hits) == 1:
        return list(hits)
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        if not any(hit.mask & other.mask and _yields(hit, other) for other in kept):
            kept.append(hit)
    if len(kept) == 1:
        return kept
    return [hit for hit in kept if not any(_repeats(hit, other) for other in kept)]


def _rank(hit: Hit) -> tuple[int, int, int, float, str]:
    phrase = hit.phrase
    return -hit.size, -phrase.literal, hit.last - hit.first, -phrase.confidence, phrase.source


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.first, hit.last, hit.phrase.term


def _yields(hit: Hit, other: Hit) -> bool:
    """Whether a hit gives way to one of its kind that was kept before it and shares words."""
    if hit.mask == other.mask:
        if hit.phrase.kind == PROCESSING and hit.phrase.requires != other.phrase.requires:
            return False  # who acts decides between them
        return hit.phrase.phrase != other.phrase.phrase or hit.phrase.term == other.phrase.term
    if other.phrase.silent and other.first <= hit.first and hit.last <= other.last:
        return True
    if hit.mask & other.mask == hit.mask:
        return True
    return hit.phrase.kind not in OVERLAPPING and hit.whole and other.whole


def _repeats(hit: Hit, other: Hit) -> bool:
    """Whether a hit says on fewer or looser words what another says in the same place.

    A tighter phrase that needs a licence which the other does not need stands back all the same.
    """
    if hit.phrase.term != other.phrase.term or hit is other:
        return False
    if other.first <= hit.first and hit.last <= other.last:
        tighter = hit.whole and not other.whole and hit.size >= other.size
        tighter = tighter and hit.phrase.requires in ("", other.phrase.requires)
        return (hit.first, hit.last) != (other.first, other.last) and not tighter
    looser = other.whole and not hit.whole and other.size >= hit.size
    looser = looser and other.phrase.requires in ("", hit.phrase.requires)
    return looser and hit.first <= other.first and other.last <= hit.last


def _covers(outer: Hit, inner: Hit) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last and outer.size > inner.size


def _beaten(hit: Hit, outer: Hit, allowed: frozenset[str]) -> bool:
    """Whether a contiguous phrase of another kind takes the words of a hit."""
    kind = outer.phrase.kind
    if kind == hit.phrase.kind or kind in allowed or ANY in allowed:
        return False
    if _covers(outer, hit):
        return True
    if hit.whole or not outer.first <= hit.last <= outer.last:
        return False
    if hit.phrase.kind in OVERLAPPING and (kind != HEADED or hit.last == outer.last):
        return False
    return (hit.mask & outer.mask).bit_count() < outer.size
