"""The difference in meaning between two graphs, ranked by what it is to the person."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from policy2dpv.comparing.align_practices import align_practices
from policy2dpv.comparing.changes import Change
from policy2dpv.comparing.covering import load_covering
from policy2dpv.comparing.denial_changes import find_denial_changes
from policy2dpv.comparing.fact_changes import find_fact_changes
from policy2dpv.comparing.meaning import Meaning
from policy2dpv.comparing.passages import Passages, find_synonyms
from policy2dpv.comparing.practice_changes import find_practice_changes


class Version(msgspec.Struct, frozen=True):
    """What heads one side of a comparison."""

    name: str
    title: str
    date: str


class Comparison(msgspec.Struct, frozen=True):
    """Two versions and what has changed from one to the other, the weightiest first."""

    old: Version
    new: Version
    changes: tuple[Change, ...]


def compare_meanings(old: Meaning, new: Meaning) -> Comparison:
    """Return what has changed in meaning, ranked. TableError: a damaged table.

    Rewording is no change: facts are compared over the whole policy by term, hierarchy and name;
    practices are put side by side by what they tie; and what stands word for word in both
    versions is never told, even where it was read differently.

    >>> from policy2dpv import convert
    >>> from policy2dpv.comparing.meaning import meaning_of
    >>> texts = (b"We use your email address to send you receipts.",
    ...          b"We use your email address to send you receipts and to show you ads.")
    >>> old, new = (meaning_of(convert(text), "x") for text in texts)
    >>> [change.kind for change in compare_meanings(old, new).changes]
    ['purpose_added']
    """
    cover = load_covering()
    synonyms = find_synonyms(old, new)
    before, after = (Passages(side, cover.rules, synonyms) for side in (old, new))
    pairs = align_practices(old.practices, new.practices, cover.rules, cover)
    found = [
        *find_fact_changes(old, new, before, after, cover),
        *find_denial_changes(old, new, before, after, cover),
        *find_practice_changes(old, new, pairs, before, after, cover),
    ]
    return Comparison(_head(old), _head(new), tuple(rank_changes(found)))


def rank_changes(changes: Iterable[Change]) -> list[Change]:
    """Return changes by weight, then by kind and words, each once."""
    once = {(one.kind, one.heading): one for one in reversed(list(changes))}
    return sorted(once.values(), key=lambda one: (-one.weight, one.kind, one.heading))


def _head(meaning: Meaning) -> Version:
    return Version(meaning.name, meaning.title, meaning.date)
