"""Which of a clause's values belong together: "IP addresses for a week and names for a year"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from policy2dpv.model import Annotation

HEADS = ("data", "legal_bases")  # what begins a part
FOLLOWERS = ("durations", "purposes", "recipients")  # what is said of it
MOST_WORDS = 5  # between two parts
Group = Mapping[str, Sequence[Annotation]]


def distribute(
    group: Group, text: str, joiners: Collection[str]
) -> list[dict[str, list[Annotation]]]:
    """Return the parts of a clause that each say something of their own; mostly there is one.

    A part begins where, behind what is said of the first heads, another head follows a joiner
    (as mappings/patterns/joiners.LANGUAGE.tsv has them), and the same sort of thing is said of it.
    """
    whole = {field: list(found) for field, found in group.items()}
    if not any(whole.get(field) for field in FOLLOWERS):
        return [whole]
    for head in HEADS:
        cuts = _cuts(group, head, text, joiners)
        if not cuts:
            continue
        bounds = list(pairwise([0, *cuts, len(text) + 1]))
        shared = [f for f in FOLLOWERS if all(_within(group.get(f, ()), b) for b in bounds)]
        if shared:
            fields = [f for f in (head, *FOLLOWERS) if group.get(f)]
            return [
                whole | {field: _within(group[field], bound) for field in fields}
                for bound in bounds
            ]  # fmt: skip
    return [whole]


def _cuts(group: Group, head: str, text: str, joiners: Collection[str]) -> list[int]:
    """Where a head follows a joiner behind something that was said of the heads before it."""
    heads = group.get(head, ())
    if len(heads) < 2:
        return []
    heads = sorted(heads, key=lambda a: a.own)
    said = [a.own for field in FOLLOWERS for a in group.get(field, ())]
    cuts = []
    for one, other in pairwise(heads):
        between = [s for s in said if one.own[1] <= s[0] and s[1] <= other.own[0]]
        if between and _joined(text[max(end for _, end in between) : other.own[0]], joiners):
            cuts.append(other.own[0])
    return cuts


def _joined(gap: str, joiners: Collection[str]) -> bool:
    """Whether the words between two parts begin with a joiner and hold little else."""
    words = gap.replace(",", " , ").split()
    return bool(words) and words[0].casefold() in joiners and len(words) <= MOST_WORDS


def _within(found: Sequence[Annotation], bound: tuple[int, int]) -> list[Annotation]:
    return [a for a in found if bound[0] <= a.own[0] < bound[1]]
