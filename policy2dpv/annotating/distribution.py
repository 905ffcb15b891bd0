"""Which of a clause's values belong together: "IP addresses for a week and names for a year"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from policy2dpv.model import Annotation

HEADS = ("data", "legal_bases")  # what begins a part
FOLLOWERS = ("durations", "purposes", "recipients")  # what is said of it
MOST_WORDS = 5  # between two parts
RECIPIENTS, SAID_OF_THEM = "recipients", ("purposes", "data")
OPENS, CLOSES, LEAST = "(", ")", 2
Group = Mapping[str, Sequence[Annotation]]


def distribute(
    group: Group, text: str, joiners: Collection[str]
) -> list[dict[str, list[Annotation]]]:
    """Return the parts of a clause that each say something of their own; mostly there is one.

    A part begins where, behind what is said of the first heads, another head follows a joiner
    (as mappings/patterns/joiners.LANGUAGE.tsv has them), and the same sort of thing is said of it.
    """
    whole = {field: list(found) for field, found in group.items()}
    bracketed = _bracketed(whole, text)
    if bracketed:
        return bracketed
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


def _bracketed(whole: dict[str, list[Annotation]], text: str) -> list[dict[str, list[Annotation]]]:
    """A part for each recipient with brackets of its own: "Acme (hosting) and Beta (support)"."""
    owned = []
    for one in whole.get(RECIPIENTS, ()):
        opening = text.find(OPENS, one.end, one.end + len(OPENS) + 1)
        closing = text.find(CLOSES, opening) if opening >= 0 else -1
        if closing < 0:
            continue
        own = {f: _within(whole.get(f, ()), (opening, closing)) for f in SAID_OF_THEM}
        if own[SAID_OF_THEM[0]]:
            owned.append((one, own))
    if len(owned) < LEAST:
        return []
    taken = {id(a) for one, own in owned for said in ([one], *own.values()) for a in said}
    free = {
        field: [a for a in whole.get(field, ()) if id(a) not in taken]
        for field in (RECIPIENTS, *SAID_OF_THEM)
    }
    parts = [
        whole | {RECIPIENTS: [one]} | {field: said + free[field] for field, said in own.items()}
        for one, own in owned
    ]
    return [*parts, whole | free] if free[RECIPIENTS] else parts


def _cuts(group: Group, head: str, text: str, joiners: Collection[str]) -> list[int]:
    """Where a head follows a joiner behind something that was said of the heads before it."""
    heads = group.get(head, ())
    if len(heads) < 2:
        return []
    said = [a.own for field in FOLLOWERS for a in group.get(field, ())]
    heads = sorted(heads, key=lambda a: a.own)
    cuts = []
    for one, other in pairwise(heads):
        between = [s for s in said if one.own[1] <= s[0] and s[1] <= other.own[0]]
        start, end = other.own
        if any(a <= start and end <= b for a, b in said):
            continue  # "assess creditworthiness" names data, of which nothing more is said
        if between and _joined(text[max(end for _, end in between) : other.own[0]], joiners):
            cuts.append(other.own[0])
    return cuts


def _joined(gap: str, joiners: Collection[str]) -> bool:
    """Whether the words between two parts begin with a joiner and hold little else."""
    words = gap.replace(",", " , ").split()
    return bool(words) and words[0].casefold() in joiners and len(words) <= MOST_WORDS


def _within(found: Sequence[Annotation], bound: tuple[int, int]) -> list[Annotation]:
    return [a for a in found if bound[0] <= a.own[0] < bound[1]]
