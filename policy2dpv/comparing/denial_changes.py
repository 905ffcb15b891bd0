"""What was denied and is no longer, or is now: prohibitions against prohibitions and processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy2dpv.comparing.align_practices import align_practices
from policy2dpv.comparing.changes import Change, Side, describe_practice, make_change, side_of
from policy2dpv.comparing.covering import Covering, stems
from policy2dpv.comparing.meaning import Meaning, Practice
from policy2dpv.comparing.passages import Passages
from policy2dpv.graphs.graph_facts import Fact

RECIPIENT = "recipient"
TIES = ("processing", "personal_data", "purpose", RECIPIENT, "automation")
DOING = ("processing", "purpose", "automation")  # a denial of none denies nothing that is done


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
    mine, theirs = (_denials(meaning, cover) for meaning in (old, new))
    gone = [p for p in mine if not _told(p, theirs, cover) and not _kept(p, new, cover)]
    come = [p for p in theirs if not _told(p, mine, cover) and not _kept(p, old, cover)]
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

    What the denial leaves open or tells in general words, it denies for all: data, purposes,
    recipients.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> wide, narrow = (
    ...     Practice(True, 2, "", {"purpose": (Fact("purpose", f"dpv:{name}"),)})
    ...     for name in ("Marketing", "Advertising"))
    >>> denies(wide, narrow, load_covering()), denies(narrow, wide, load_covering())
    (True, False)
    """
    if denial.actor != other.actor or not _does(denial, cover):
        return False
    told = (
        (kind, [f for f in denial.of(kind) if kind == RECIPIENT or not cover.is_vague(f)])
        for kind in TIES
    )
    return all(not wider or _all_within(other.of(kind), wider, cover) for kind, wider in told)


def _all_within(facts: Sequence[Fact], wider: Sequence[Fact], cover: Covering) -> bool:
    """Whether each fact falls under one of the wider ones; none does where nothing is said."""
    return bool(facts) and all(any(cover.within(f, top) for top in wider) for f in facts)


def _denials(meaning: Meaning, cover: Covering) -> list[Practice]:
    return [p for p in meaning.practices if p.denied and _does(p, cover)]


def _does(practice: Practice, cover: Covering) -> bool:
    """Whether anything is done in a practice."""
    return any(not cover.is_vague(fact) for kind in DOING for fact in practice.of(kind))


def _told(practice: Practice, others: Sequence[Practice], cover: Covering) -> bool:
    """Whether another version denies at least as much."""
    return any(denies(other, practice, cover) for other in others)


def _kept(denial: Practice, other: Meaning, cover: Covering) -> bool:
    """Whether a denial with an exception is what another version does and says to be all."""
    return bool(denial.conditions) and any(
        not practice.denied and denies(denial, practice, cover)
        and cover.rules.only & stems(" ".join(practice.quotes))
        for practice in other.practices
    )  # fmt: skip


def _broken(
    denial: Practice, old: Meaning, new: Meaning, before: Passages, cover: Covering
) -> Practice | None:
    """A practice of the new version that does what was denied, and that the old one had not.

    A denial with an exception is broken by none, since that may be what was excepted; nor is one
    that the old version did not keep itself: it reaches less far than its words.
    """
    done = (p for p in old.practices if not p.denied and not denial.of(RECIPIENT))
    if denial.conditions or any(denies(denial, practice, cover) for practice in done):
        return None
    return next(
        (
            practice for practice in new.practices
            if not practice.denied and denies(denial, practice, cover)
            and not before.hold(practice.quotes)
            and not any(not p.denied and denies(practice, p, cover) for p in old.practices)
        ),
        None,
    )  # fmt: skip


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
    facts = [f for kind in TIES for f in practice.of(kind) if f.term not in cover.rules.silent]
    side = side_of(facts, practice.quotes, cover)
    return Side((describe_practice(practice, TIES, cover),), side.terms, side.quotes)
