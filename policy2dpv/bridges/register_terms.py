"""Words of a register -> the terms they stand for: by label, else read as a policy is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from policy2dpv.bridges.register_model import CODE, Entry, columns_by_kind
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.knowledge.yardstick import load_yardstick, plain_words

SAFEGUARD = "transfer_safeguard"
PERIOD = "storage_duration"
FREE = ("controller", "contact", "dpo_contact")  # no terms stand for these
DURATION = re.compile(r"P(?=\d|T\d)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")
DATED = re.compile(r"(?:\d{4}-\d\d-\d\d(?:T[\d:.]*)?)?(P[\dYMWDTHS]+)")  # TILT: from a time on
LONGEST = 2_000  # characters of a value that is read as a policy is read


def read_value(kind: str, text: str) -> tuple[list[Entry], bool]:
    """Return the entries that a value's words stand for, and whether they were understood.

    >>> [e.terms for e in read_value("personal_data", "E-mail address, telephone number")[0]]
    [('pd:EmailAddress',), ('pd:TelephoneNumber',)]
    >>> read_value("purpose", "Advertising [dpv:Advertising]")[0][0].terms
    ('dpv:Advertising',)
    """
    if kind in FREE:
        return [Entry(kind, text, name=text if kind == "controller" else "")], True
    if kind == PERIOD and (plain := DATED.fullmatch(text)) and DURATION.fullmatch(plain[1]):
        return [Entry(kind, text, code=plain[1])], True
    found = CODE.fullmatch(text)
    if found and (own := _coded(kind, found[1].rstrip(), found[2])):
        return [own], True
    if terms := labelled(kind, text):
        return [Entry(kind, text, terms[:1])], True
    entries = _read(kind, text)
    return (list(entries), True) if entries else ([Entry(kind, text)], False)


def _coded(kind: str, label: str, code: str) -> Entry | None:
    """An entry whose terms or duration are written beside its words."""
    known = load_vocabulary()
    if kind == PERIOD and DURATION.fullmatch(code):
        return Entry(kind, label, code=code)
    terms = tuple(sorted(code.split()))
    if terms and all(known.has(term) for term in terms):
        return Entry(kind, label, terms)
    return None


def labelled(kind: str, text: str) -> tuple[str, ...]:
    """Return the terms of a kind that are called so, sorted.

    >>> labelled("personal_data", "Email address"), labelled("purpose", "Email address")
    (('pd:EmailAddress',), ())
    """
    return _labels().get((kind, plain_words(text)), ())


@cache
def _labels() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The core terms by kind and label."""
    known, slots, stick = load_vocabulary(), load_modelling().slots, load_yardstick()
    by_class = [(k, known.curie(slots[k].node_class)) for k in columns_by_kind() if k in slots]
    found: dict[tuple[str, str], list[str]] = {}
    for term in known.terms:
        words = plain_words(known.label(term))
        for kind, node_class in by_class:
            if known.is_under(term, node_class):
                kind = stick.kind_of(kind, term) if kind == "legal_basis" else kind
                found.setdefault((kind, words), []).append(term)
    return {key: tuple(sorted(set(terms))) for key, terms in found.items()}


@cache
def _read(kind: str, text: str) -> tuple[Entry, ...]:
    """The entries that our reader finds in words set into the column's sentence."""
    from policy2dpv.conversion import read_example

    frame = columns_by_kind()[kind].frame if kind in columns_by_kind() else ""
    if not frame or len(text) > LONGEST:
        return ()
    words = " ".join(text.split())
    found = read_example(frame.format(words), kind)
    start = frame.index("{")
    inside = [a for a in found if a.end > start and a.start < start + len(words)]
    alone = len({(a.term, a.name) for a in inside}) == 1  # then all the words are its own
    return tuple(dict.fromkeys(
        _entry(kind, a.term, words if alone else a.quote, a.name, a.value) for a in inside
    ))  # fmt: skip


def _entry(kind: str, term: str, quote: str, name: str | None, value: str | None) -> Entry:
    words = " ".join(quote.split())
    party = name or "" if kind == "recipient" else ""
    return Entry(kind, party or words, (term,), party, value or "" if kind == PERIOD else "")


def known_terms(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the terms of some entries that say something, sorted.

    >>> known_terms([Entry("purpose", "x", ("dpv:Purpose", "dpv:Marketing"))])
    ('dpv:Marketing',)
    """
    generic = load_yardstick().rows["generic"]
    return tuple(sorted({t for e in entries for t in e.terms if t not in generic}))
