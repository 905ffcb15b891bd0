"""What a sentence holds but does not state as done: promises not made, advice, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from policy2dpv.annotating.sentence import Range
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.tokens import Word

SIGNS = frozenset({
    "cue:no_promise", "cue:advice", "cue:more_information", "cue:unidentified", "cue:call",
})  # fmt: skip
ADVICE = "cue:advice"  # what the person is told to do, in the sentence or in the list behind it


def find_unsaid(
    words: Sequence[Word],
    first: int,
    last: int,
    found: Mapping[str, list[Hit]],
    classes: Mapping[str, frozenset[str]],
) -> tuple[Range, ...]:
    """The token ranges (end exclusive) of a segment in which nothing is stated as a practice.

    "We cannot guarantee that it is never disclosed", "we recommend that you update your system",
    "to learn how we use it, see our page", "data that cannot identify you", and a condition whose
    sentence only asks for something: "if your child gave us data, please write to us".
    """
    if SIGNS.isdisjoint(found):
        return ()
    boundaries = [hit.first for hit in found.get("cue:boundary", ())]

    def ends(at: int) -> int:
        return min([b for b in boundaries if b > at], default=last)

    ranges = [
        (hit.first, ends(hit.last))
        for name in ("cue:no_promise", ADVICE) for hit in found.get(name, ())
    ]  # fmt: skip
    ranges += [
        (hit.first, ends(hit.last)) for hit in found.get("cue:more_information", ())
        if hit.first == first or hit.first in boundaries or hit.first - 1 in boundaries
    ]  # fmt: skip
    ranges += [(hit.first, hit.last + 1) for hit in found.get("cue:unidentified", ())]
    conditions = [
        hit for name in ("cue:condition", "cue:purpose_intro") for hit in found.get(name, ())
        if hit.first == first
    ]  # fmt: skip
    aims = [aim for aim in found.get("cue:aim", ()) if conditions]
    if conditions and not any(  # "please tell us so that we can delete it"
        aim.last < hit.first for aim in aims for hit in found.get("processing", ())
    ):
        calls = [
            hit.first for hit in found.get("cue:call", ())
            if words[hit.first - 1].lemma in classes["condition_end"]
        ]  # fmt: skip
        ranges += [(first, ends(at)) for at in calls[:1]]
    return tuple(ranges)


def is_unsaid(hit: Hit, ranges: Iterable[Range]) -> bool:
    """Whether a phrase begins in one of some token ranges.

    >>> from policy2dpv.knowledge.phrases import Phrase
    >>> is_unsaid(Hit(4, 5, 0, 2, True, Phrase("", "verb", "", "")), [(2, 9)])
    True
    """
    return any(low <= hit.first < high for low, high in ranges)
