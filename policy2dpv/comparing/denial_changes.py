"""What was denied and is no longer, or is now: prohibitions against prohibitions and processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy2dpv.comparing.align_practices import align_practices
from policy2dpv.comparing.changes import Change, Side, describe_practice, make_change, side_of
from policy2dpv.comparing.covering import Covering
from policy2dpv.comparing.meaning import Meaning, Practice
from policy2dpv.comparing.passages import Passages
from policy2dpv.graphs.graph_facts import Fact

TIES = ("processing", "personal_data", "purpose", "recipient")
DOING = ("processing", "purpose")  # a denial of neither denies nothing that is done


def find_denial_changes(
    old: Meaning, new: Meaning, before: Passages, after: Passages, cover: Covering
) -> Iterator[Change]:
    """Yield denials that were dropped, broken, added, or that reach less or more far.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> empty = Meaning("x", "", "", (), (), ())
    >>> asked = Passages(empty, load_covering().rules)
    >>> list(find_denial_changes(empty, empty, asked, asked, load_covering()))
    []
    """
    mine, theirs = (_denials(meaning) for meaning in (old, new))
    gone = [p for p in mine if not _told(p, theirs, cover)]
    come = [p for p in theirs if not _told(p, mine, cover)]
    for pair in align_practices(gone, come, cover.rules, cover):
        said = after.say(pair.old.place()) or before.say(pair.new.place())
        if pair.score >= cover.rules.limits["pair" if said else "same"]:
            gone.remove(pair.old)
            come.remove(pair.new)
    for practice in gone:
        less = [p for p in theirs if denies(practice, p, cover)]
        broken = _broken(practice, old, new, before, cover)
        if broken:
            yield from _tell("denial_reversed", practice, broken, cover)
        elif after.say(practice.place()):
            continue
        elif less:
            yield from _tell("denial_narrowed", practice, less[0], cover)
        else:
            yield from _tell("denial_dropped", practice, None, cover, after)
    for practice in come:
        if not before.say(practice.place()):
            less = [p for p in mine if denies(practice, p, cover)]
            name = "denial_widened" if less else "denial_added"
            yield from _tell(name, less[0] if less else None, practice, cover, before)


def denies(denial: Practice, other: Practice, cover: Covering) -> bool:
    """Whether all that another practice ties falls under a denial.

    What the denial leaves open, it denies for all: data, purposes, recipients.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> wide, narrow = (
    ...     Practice(True, 2, "", {"purpose": (Fact("purpose", f"dpv:{name}"),)})
    ...     for name in ("Marketing", "Advertising"))
    >>> denies(wide, narrow, load_covering()), denies(narrow, wide, load_covering())
    (True, False)
    """
    if denial.actor != other.actor or not any(denial.of(kind) for kind in DOING):
        return False
    return all(
        not denial.of(kind) or _all_within(other.of(kind), denial.of(kind), cover)
        for kind in TIES
    )  # fmt: skip


def _all_within(facts: Sequence[Fact], wider: Sequence[Fact], cover: Covering) -> bool:
    """Whether each fact falls under one of the wider ones; none does where nothing is said."""
    return bool(facts) and all(any(cover.within(f, top) for top in wider) for f in facts)


def _denials(meaning: Meaning) -> list[Practice]:
    return [p for p in meaning.practices if p.denied and any(p.of(kind) for kind in DOING)]


def _told(practice: Practice, others: Sequence[Practice], cover: Covering) -> bool:
    """Whether another version denies at least as much."""
    return any(denies(other, practice, cover) for other in others)


def _broken(
    denial: Practice, old: Meaning, new: Meaning, before: Passages, cover: Covering
) -> Practice | None:
    """A practice of the new version that does what was denied, and that the old one had not."""
    for practice in new.practices:
        if practice.denied or not denies(denial, practice, cover):
            continue
        known = any(
            not other.denied and denies(practice, other, cover) for other in old.practices
        )  # fmt: skip
        if not known and not before.hold(practice.quotes):
            return practice
    return None


def _tell(
    name: str, old: Practice | None, new: Practice | None, cover: Covering,
    text: Passages | None = None,
) -> Iterator[Change]:  # fmt: skip
    sides = [_side(p, cover) for p in (old, new)]
    quotes = sides[0].quotes + sides[1].quotes
    near = Side(quotes=text.nearest(quotes)) if text else Side()
    mine, theirs = (
        side if practice else near for side, practice in zip(sides, (old, new), strict=True)
    )
    grave = [f for p in (old, new) if p for kind in TIES for f in p.of(kind)]
    if change := make_change(name, mine, theirs, cover, grave):
        yield change


def _side(practice: Practice | None, cover: Covering) -> Side:
    if practice is None:
        return Side()
    facts = [fact for kind in TIES for fact in practice.of(kind)]
    side = side_of(facts, practice.quotes, cover)
    return Side((describe_practice(practice, TIES, cover),), side.terms, side.quotes)
