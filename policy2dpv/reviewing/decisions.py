"""The rows of a review: what people decided of each reading, and whether that can be used.

What the tool read is a proposal, what a firm publishes is its word. A row names words of the
policy and what they were read as, never a position: so it survives another run and an edited page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import msgspec

from policy2dpv.annotating.annotation_check import Fault, known_kinds, term_faults
from policy2dpv.errors import ReadError
from policy2dpv.schemes.anchor import squeeze
from policy2dpv.schemes.labels import field_choices

ACCEPT, REJECT, REPLACE, ADD = CHOICES = ("accept", "reject", "replace", "add")
PLAIN = "plain"  # the word for a modality that is none
VALUES = ("name", "value")  # what the words themselves tell
SAID = ("polarity", "modality", "actor", *VALUES)
SHOWN = 60  # characters of words in a message
Key = tuple[str | int, ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
               omit_defaults=True):  # fmt: skip
    """What somebody decided of some words: accept, reject, replace, add, or "" (not yet).

    `quote` are the words, `clause` all of the clause that they stand in, `nth` which of several
    equal quotes of it is meant (from 1), `section` the headings and list leads above. `kind` and
    `term` are what they were read as; `new_term` replaces the term. What the clause says of them
    is `polarity`, `modality` ("plain" for none) and `actor`; `name` and `value` as in Annotation.
    An empty cell of these states nothing and fits all. `who` decided `when` (an ISO date or
    time), `note` says why. `label` and `confidence` are for people only, `place` is file and row.
    """

    decision: str
    new_term: str = ""
    quote: str
    kind: str
    term: str
    label: str = ""
    clause: str = ""
    section: str = ""
    polarity: str = ""
    modality: str = ""
    actor: str = ""
    name: str = ""
    value: str = ""
    nth: int = 0
    confidence: float | None = None
    who: str = ""
    when: str = ""
    note: str = ""
    place: str = ""


def check_decisions(rows: Iterable[Decision]) -> list[Decision]:
    """Return the rows with their decisions in one spelling, each once, once all are usable.

    What nobody decided is not looked at. ReadError names file and row: an unknown decision, kind
    or word of a clause, a term that the release does not have or that the kind cannot have, a
    time that is none, two rows that decide one thing differently.

    >>> row = Decision(decision="perhaps", quote="name", kind="k", term="t", place="a.csv:2")
    >>> check_decisions([row])
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: a.csv:2: the decision is 'perhaps'; use accept, reject, ...
    """
    found: dict[Key, Decision] = {}
    for number, given in enumerate(rows, start=1):
        decision = given.decision.strip().lower()
        place = given.place or f"review, row {number}"
        row = msgspec.structs.replace(given, decision=decision, place=place)
        for what, advice in _faults(row):
            raise ReadError(row.place, what, advice)
        key = key_of(row)
        before = found.get(key)
        if before is None or not before.decision:
            found[key] = row
        elif row.decision and not _alike(row, before):
            what = f"{row.decision} {row.quote[:SHOWN]!r}, but {before.place} says "
            said = f"{before.decision} {before.new_term}".rstrip()
            raise ReadError(row.place, what + said, "keep one of the two rows")
    return list(found.values())


def check_signed(rows: Iterable[Decision]) -> None:
    """Raise ReadError for a decision that nobody has signed with who and when.

    >>> check_signed([Decision(decision="accept", quote="name", kind="k", term="t", place="a:2")])
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: a:2: a decision without who and when; fill it in, or let ...
    """
    for row in rows:
        missing = [name for name in ("who", "when") if not getattr(row, name)]
        if row.decision and missing:
            advice = "fill it in, or let `policy2dpv review POLICY --review FILE --who NAME` sign"
            raise ReadError(row.place, f"a decision without {' and '.join(missing)}", advice)


def key_of(row: Decision) -> Key:
    """What tells one row from another, white space left aside.

    >>> one = Decision(decision="", quote="your name", kind="k", term="t")
    >>> key_of(one) == key_of(msgspec.structs.replace(one, quote="your  name", who="Ann"))
    True
    """
    words = (squeeze(part) for part in (row.quote, row.clause, row.section))
    return (*words, row.nth, row.kind, row.term, *(getattr(row, name) for name in SAID))


def choices_of(field: str) -> Sequence[str]:
    """The words that a row may have for what its clause says, by field of an Annotation.

    >>> choices_of("polarity"), "plain" in choices_of("modality")
    (('affirmed', 'denied'), True)
    """
    return tuple(choice or PLAIN for choice in field_choices().get(field, ()))


def _alike(one: Decision, other: Decision) -> bool:
    if {one.decision, other.decision} == {ACCEPT, ADD}:
        return True
    return (one.decision, one.new_term) == (other.decision, other.new_term)


def _faults(row: Decision) -> Iterator[Fault]:
    """What is wrong with a row, the first thing first."""
    if not row.decision:
        return
    if row.decision not in CHOICES:
        yield f"the decision is {row.decision[:SHOWN]!r}", f"use {', '.join(CHOICES)}, or nothing"
    if not squeeze(row.quote):
        yield "a decision without words", "quote the policy's words"
    if row.kind not in known_kinds():
        known = ", ".join(sorted(known_kinds()))
        yield f"there is no kind {row.kind!r}", f"use one of {known}"
    for field in SAID:
        choices = choices_of(field)
        if choices and getattr(row, field) not in ("", *choices):
            found = f"{field} is {getattr(row, field)[:SHOWN]!r}"
            yield found, f"use {', '.join(choices)}, or nothing"
    if row.decision == ADD:
        yield from term_faults(row.kind, row.term)
    if row.decision == REPLACE:
        if not row.new_term:
            yield "replace without a new_term", "give the term that is meant"
        yield from term_faults(row.kind, row.new_term)
    elif row.new_term:
        found = f"{row.decision} with the new_term {row.new_term!r}"
        yield found, f"decide {REPLACE}, or leave new_term empty"
    if row.nth < 0:
        yield f"nth is {row.nth}", "count from 1"
    if row.when and not is_when(row.when):
        yield f"when is {row.when[:SHOWN]!r}", "write 2026-03-01 or 2026-03-01T10:00:00Z"


def is_when(words: str) -> bool:
    """Whether words are an ISO 8601 date or xsd:dateTime, as `when` is written.

    >>> [is_when(words) for words in ("2026-03-01", "2026-03-01T10:00:00Z", "1.3.2026")]
    [True, True, False]
    """
    from policy2dpv.graphs.evidence import TIME

    try:
        if "T" in words:
            return bool(TIME.fullmatch(words) and datetime.fromisoformat(words))
        return len(words) == len("2026-03-01") and bool(date.fromisoformat(words))
    except ValueError:
        return False
