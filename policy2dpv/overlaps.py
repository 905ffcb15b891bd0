"""Which of several phrases found on the same words are meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from policy2dpv.lexicon import Hit

CUE = "cue"
ANY = "*"


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
        if len(hit.core) > 1 and hit.last - hit.first + 1 == len(hit.core)
    ]  # fmt: skip
    result: dict[str, list[Hit]] = {}
    for kind, found in settled.items():
        allowed = together.get(kind, frozenset())
        kept = [h for h in found if not any(_beaten(h, o, allowed) for o in outer)]
        result[kind] = sorted((h for h in kept if not h.phrase.silent), key=_place)
    allowed = together.get(CUE, frozenset())
    for hit in kinds.get(CUE, ()):
        if not any(_covers(o, hit) and o.phrase.kind not in allowed for o in outer):
            result.setdefault(f"cue:{hit.phrase.term}", []).append(hit)
    return result


def within_kind(hits: Iterable[Hit]) -> list[Hit]:
    """The hits of one kind that stand, silent ones among them.

    Two terms for the same phrase both stand; of two contiguous phrases that overlap in part, the
    longer, then the left one.
    """
    ordered = sorted(
        hits,
        key=lambda h: (-len(h.core), -h.phrase.literal, h.last - h.first, -h.phrase.confidence, h.phrase.source),
    )
    kept: list[Hit] = []
    for hit in ordered:
        if not any(_yields(hit, other) for other in kept):
            kept.append(hit)
    return [hit for hit in kept if not any(_repeats(hit, other) for other in kept)]


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.first, hit.last, hit.phrase.term


def _yields(hit: Hit, other: Hit) -> bool:
    """Whether a hit gives way to one of its kind that was kept before it."""
    if hit.core == other.core:
        return hit.phrase.phrase != other.phrase.phrase or hit.phrase.term == other.phrase.term
    if other.phrase.silent and other.first <= hit.first and hit.last <= other.last:
        return True
    core = set(hit.core)
    if core.issubset(other.core):
        return True
    if hit.phrase.kind == "purpose":
        return False
    return _contiguous(hit) and _contiguous(other) and not core.isdisjoint(other.core)


def _repeats(hit: Hit, other: Hit) -> bool:
    """Whether a hit says on fewer words what another says on words around them."""
    return (
        hit.phrase.term == other.phrase.term
        and other.first <= hit.first
        and hit.last <= other.last
        and (hit.first, hit.last) != (other.first, other.last)
    )


def _contiguous(hit: Hit) -> bool:
    return hit.last - hit.first + 1 == len(hit.core)


def _covers(outer: Hit, inner: Hit) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last and len(outer.core) > len(inner.core)


def _beaten(hit: Hit, outer: Hit, allowed: frozenset[str]) -> bool:
    """Whether a contiguous phrase of another kind takes the words of a hit."""
    kind = outer.phrase.kind
    if kind == hit.phrase.kind or kind in allowed or ANY in allowed or outer.phrase.silent:
        return False
    if _covers(outer, hit):
        return True
    if _contiguous(hit):
        return False
    shared = [i for i in hit.core if outer.first <= i <= outer.last]
    return bool(shared) and len(shared) < len(outer.core) and hit.core[-1] in shared
