"""What a policy says and a register of processing activities does not, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from policy2dpv.bridges.register_model import Entry, Register, load_columns
from policy2dpv.bridges.register_terms import known_terms
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.knowledge.yardstick import load_yardstick, plain_words, stands_in

Side = Literal["policy", "register"]
# How the other side stands to a value: it lacks it, has something wider or narrower, or has it
# beside other purposes.
Relation = Literal["missing", "broader", "narrower", "elsewhere"]
PURPOSE, PERIOD, DATA = "purpose", "storage_duration", "personal_data"
PARTIES = ("recipient", "controller", "data_source")
FREE = ("controller", "contact", "dpo_contact")


class Gap(msgspec.Struct, frozen=True, order=True):
    """A value that one side has and the other has not, or not so.

    `side` is who says it. `others` are what the other side has that is broader or narrower.
    `purpose` is the one that the value stands beside, "" where the whole is compared; `denied`
    tells that the policy says it is not done. `places` are rows of the register, or its items.
    """

    side: Side
    kind: str
    relation: Relation
    label: str
    terms: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    purpose: str = ""
    denied: bool = False
    words: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class RegisterComparison(msgspec.Struct, frozen=True):
    """All gaps, sorted, the kinds that were compared and those that the register cannot hold."""

    gaps: tuple[Gap, ...]
    compared: tuple[str, ...]
    not_compared: tuple[str, ...]
    unread: tuple[str, ...] = ()


def compare_register(policy: Register, register: Register) -> RegisterComparison:
    """Return where a policy and a register part, both ways.

    Values are the same by term, name, period or words; where only a broader or narrower term
    stands on the other side, that is said. What says nothing ("personal data") is no gap.

    >>> mail = Entry("personal_data", "e-mail", ("pd:EmailAddress",))
    >>> sides = [Register((), (e,), kinds=frozenset([e.kind])) for e in (mail,
    ...     Entry("personal_data", "Contact", ("pd:Contact",)))]
    >>> [(gap.side, gap.relation) for gap in compare_register(*sides).gaps]
    [('policy', 'broader')]
    """
    order = [column.kind for column in load_columns() if column.kind]
    kinds = [k for k in order if k in register.kinds and k in policy.kinds]
    found = [gap for kind in kinds for gap in _overall(kind, policy, register)]
    missing = {(g.kind, g.label) for g in found}
    found += [gap for gap in _tied(policy, register) if (gap.kind, gap.label) not in missing]
    found.sort(key=lambda gap: (gap.side, order.index(gap.kind), gap))
    left = [k for k in order if k not in kinds and policy.entries(k)]
    return RegisterComparison(tuple(found), tuple(kinds), tuple(left), register.unread)


def related(one: Entry, other: Entry) -> Relation | Literal["same"]:
    """Return how `other` stands to `one`: the same, broader, narrower, or "missing".

    >>> related(Entry("purpose", "a", ("dpv:Marketing",)),
    ...         Entry("purpose", "b", ("dpv:DirectMarketing",)))
    'narrower'
    """
    if one.kind in FREE:
        return "same" if _same_words(one.label, other.label) else "missing"
    if one.kind == PERIOD:
        return "same" if _same_period(one, other) else "missing"
    if one.name and other.name:
        return "same" if _same_words(one.name, other.name) else "missing"
    mine, theirs = known_terms([one]), known_terms([other])
    alike = plain_words(one.name or one.label) == plain_words(other.name or other.label)
    if alike or (set(mine) & set(theirs) and bool(one.name) == bool(other.name)):
        return "same"
    known = load_vocabulary()
    if one.name or other.name:  # a party among parties of its sort
        if (
            set(mine) & set(theirs)
            or _any_under(known.is_under, mine, theirs)
            or _any_under(known.is_under, theirs, mine)
        ):
            return "broader" if one.name else "narrower"
        return "missing"
    if _any_under(known.is_under, mine, theirs):
        return "broader"
    return "narrower" if _any_under(known.is_under, theirs, mine) else "missing"


def _any_under(
    under: Callable[[str, str], bool], lower: Sequence[str], upper: Sequence[str]
) -> bool:
    return any(under(a, b) for a in lower for b in upper)


def _same_words(one: str, other: str) -> bool:
    return plain_words(one) == plain_words(other) or stands_in(one, other) or stands_in(other, one)


def _same_period(one: Entry, other: Entry) -> bool:
    stick = load_yardstick()
    mine, theirs = (stick.periods(e.code or e.label) for e in (one, other))
    if mine or theirs:
        return bool(mine & theirs)
    return plain_words(one.label) == plain_words(other.label)


def _telling(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that say something: no "personal data", "third parties"."""
    known = load_vocabulary()
    generic = load_yardstick().rows["generic"]

    def says(entry: Entry) -> bool:
        if entry.name or entry.code or not entry.terms or entry.kind in FREE:
            return True
        labels = {plain_words(known.label(t)) for t in entry.terms if t in generic}
        return bool(known_terms([entry])) or plain_words(entry.label) not in labels

    return [entry for entry in entries if says(entry)]


def _overall(kind: str, policy: Register, register: Register) -> Iterator[Gap]:
    """The gaps of one kind, whatever purpose the values stand beside."""
    mine, theirs = _telling(policy.entries(kind)), _telling(register.entries(kind))
    told: set[tuple[Entry, Entry]] = set()
    for entry in mine:
        relation, others = _nearest(entry, theirs)
        if relation != "same":
            told.update((other, entry) for other in others)
            labels = tuple(dict.fromkeys(o.name or o.label for o in others))
            yield Gap("policy", kind, relation, entry.name or entry.label, entry.terms,
                      labels, words=policy.quotes.get(entry, ())[:3])  # fmt: skip
    for entry in theirs:
        relation, others = _nearest(entry, mine)
        if relation == "same" or any((entry, other) in told for other in others):
            continue
        labels = tuple(dict.fromkeys(o.name or o.label for o in others))
        denied = any(related(entry, no) in ("same", "broader") for no in policy.denied
                     if no.kind == kind and known_terms([no]))  # fmt: skip
        yield Gap("register", kind, relation, entry.name or entry.label, entry.terms, labels,
                  denied=denied, places=_places(register, entry))  # fmt: skip


def _nearest(
    entry: Entry, others: Iterable[Entry]
) -> tuple[Relation | Literal["same"], list[Entry]]:
    """How the nearest of the others stand to an entry: the same, else broader, else narrower."""
    found: dict[str, list[Entry]] = {}
    for other in others:
        found.setdefault(related(entry, other), []).append(other)
    if "same" in found:
        return "same", found["same"]
    if "broader" in found:
        return "broader", found["broader"]
    return ("narrower", found["narrower"]) if "narrower" in found else ("missing", [])


def _tied(policy: Register, register: Register) -> Iterator[Gap]:
    """Values that both sides have, but beside a purpose of both only one."""
    kinds = policy.ties & register.ties - {PURPOSE}
    sides: tuple[tuple[Side, Register, Register], ...] = (
        ("policy", policy, register), ("register", register, policy),
    )  # fmt: skip
    for side, own, other in sides:
        for purpose in own.entries(PURPOSE):
            mine = _beside(own, purpose)
            theirs = _beside(other, purpose)
            for kind in sorted(kinds):
                there = [e for e in theirs if e.kind == kind]
                for entry in _telling(e for e in mine if e.kind == kind) if there else ():
                    if _nearest(entry, there)[0] == "missing":
                        yield Gap(side, kind, "elsewhere", entry.name or entry.label, entry.terms,
                                  purpose=purpose.label,
                                  places=_places(own, entry))  # fmt: skip


def _beside(register: Register, purpose: Entry) -> list[Entry]:
    found = [e for a in register.activities
             if a.purpose and related(purpose, a.purpose) == "same" for e in a.entries]  # fmt: skip
    return sorted(set(found))


def _places(register: Register, entry: Entry) -> tuple[str, ...]:
    found = (a.place for a in register.activities if entry in (a.purpose, *a.entries) and a.place)
    return tuple(dict.fromkeys(found))
