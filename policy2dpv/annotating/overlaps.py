"""Which of several phrases found on the same words are meant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from policy2dpv.knowledge.phrases import CUE, Hit

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
    cues = kinds.pop(CUE, [])
    settled = {kind: within_kind(found) for kind, found in kinds.items()}
    outer = [
        hit for found in settled.values() for hit in found
        if hit.size > 1 and hit.whole and not hit.phrase.silent
    ]  # fmt: skip
    result: dict[str, list[Hit]] = {}
    for kind, found in settled.items():
        rivals = _rivals(outer, kind, together)
        words = _words(rivals)
        result[kind] = standing = [
            h for h in found if not h.phrase.silent
            and not (h.mask & words and any(_beaten(h, o) for o in rivals))
        ]  # fmt: skip
        if len(standing) > 1:
            standing.sort(key=_place)
    rivals = _rivals(outer, CUE, together)
    words = _words(rivals)
    for hit in cues:
        if not hit.mask & words or not any(_covers(o, hit) for o in rivals):
            result.setdefault(hit.phrase.found_as, []).append(hit)
    return result


def _rivals(outer: Iterable[Hit], kind: str, together: Mapping[str, frozenset[str]]) -> list[Hit]:
    """The contiguous phrases of other kinds that do not let one of this kind stand within them."""
    allowed = together.get(kind, frozenset())
    if ANY in allowed:
        return []
    return [o for o in outer if o.phrase.kind != kind and o.phrase.kind not in allowed]


def _words(hits: Iterable[Hit]) -> int:
    """The mask of all words that phrases use."""
    words = 0
    for hit in hits:
        words |= hit.mask
    return words


def within_kind(hits: Sequence[Hit]) -> list[Hit]:
    """The hits of one kind that stand, silent ones among them.

    Two terms for the same phrase both stand; of two contiguous phrases that overlap in part, the
    longer, then the left one.
    """
    if len(hits) == 1:
        return list(hits)
    kept: list[Hit] = []
    words = 0
    for hit in sorted(hits, key=_rank):
        mask = hit.mask
        if not mask & words or not any(mask & o.mask and _yields(hit, o) for o in kept):
            kept.append(hit)
            words |= mask
    if len({hit.phrase.term for hit in kept}) == len(kept):
        return kept  # no two say the same
    repeated = _repeated(kept)
    return [hit for hit in kept if id(hit) not in repeated]


def _repeated(hits: Iterable[Hit]) -> set[int]:
    """The ids of hits that say what a neighbour says; only those that share words are compared."""
    by_term: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_term[hit.phrase.term].append(hit)
    repeated: set[int] = set()
    for alike in by_term.values():
        alike.sort(key=_place)
        firsts = [hit.first for hit in alike]
        reach = max(hit.last - hit.first for hit in alike)
        for hit in alike:
            low, high = bisect_left(firsts, hit.first - reach), bisect_right(firsts, hit.last)
            if any(_repeats(hit, other) for other in alike[low:high]):
                repeated.add(id(hit))
    return repeated


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


def _beaten(hit: Hit, outer: Hit) -> bool:
    """Whether a contiguous phrase of another kind takes the words of a hit."""
    if _covers(outer, hit):
        return True
    if hit.whole or not outer.first <= hit.last <= outer.last:
        return False
    if hit.phrase.kind in OVERLAPPING and (outer.phrase.kind != HEADED or hit.last == outer.last):
        return False
    return (hit.mask & outer.mask).bit_count() < outer.size
