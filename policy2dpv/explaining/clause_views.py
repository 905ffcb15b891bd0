"""The clauses that the reader found in a segment, and the cues that decided what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from policy2dpv.annotating.sentence import Clause, Range
from policy2dpv.explaining.what_if import Seen, WhatIf
from policy2dpv.knowledge.phrases import Hit

OF_CUE = "cue:"
AGENTS = ("recipient", "party")
ACTOR, DENIED, WHOLE = "actor", "denied", "clause"
# What a cue can decide about a clause.
DECIDED = (ACTOR, DENIED, "modality", "unable")
SPANS = ("condition", "exception", "excluded")  # of these only whether there is one


class Verb(msgspec.Struct, frozen=True):
    """A verb of a clause and the row that knows it, "" for none."""

    quote: str
    row: str


class Decision(msgspec.Struct, frozen=True):
    """What a cue decided: without it the clause would be otherwise in this, or would not be."""

    what: str
    cue: str
    quote: str
    row: str


class ClauseView(msgspec.Struct, frozen=True, kw_only=True):
    """One clause: its words, who acts by which verbs, and its scope."""

    start: int
    end: int
    quote: str
    actor: str
    agent: str
    verbs: tuple[Verb, ...]
    passive: bool
    denied: bool
    unable: bool
    modality: str
    condition: str
    exception: str
    excluded: str
    decisions: tuple[Decision, ...]


def view_clauses(reading: WhatIf, seen: Seen) -> list[ClauseView]:
    r"""The clauses of a scene, each with the cues without which it would be otherwise.

    >>> from policy2dpv import find_segments, load_lexicon, read_document
    >>> document = read_document("We never share your e-mail address.\nIt is yours.")
    >>> reading = WhatIf(document, find_segments(document), load_lexicon("en"))
    >>> [clause] = view_clauses(reading, reading.ask(0)[1][0])
    >>> clause.denied, [(d.what, d.quote) for d in clause.decisions]
    (True, [('denied', 'never')])
    """
    scene = reading.again(seen)
    decisions = _decisions(reading, seen, scene.clauses)
    return [_view(reading, clause, decisions[at]) for at, clause in enumerate(scene.clauses)]


def _view(reading: WhatIf, clause: Clause, decisions: list[Decision]) -> ClauseView:
    tokens = reading.tokens
    last = max(clause.start, clause.end - 1)

    def words(range: Range | None) -> str:
        return reading.words(range) if range else ""

    return ClauseView(
        start=tokens.starts[clause.start], end=tokens.end(last),
        quote=words((clause.start, last + 1)), actor=clause.actor,
        agent=_quote(reading, clause.agent) if clause.agent else "",
        verbs=tuple(Verb(_quote(reading, hit), hit.phrase.source) for hit in clause.verbs),
        passive=clause.passive, denied=clause.denied, unable=clause.unable,
        modality=clause.modality, condition=words(clause.condition),
        exception=words(clause.exception), excluded=words(clause.excluded),
        decisions=tuple(dict.fromkeys(decisions)),
    )  # fmt: skip


def _quote(reading: WhatIf, hit: Hit) -> str:
    return reading.words((hit.first, hit.last + 1))


def _decisions(reading: WhatIf, seen: Seen, clauses: Sequence[Clause]) -> list[list[Decision]]:
    """For each clause what changes when a cue is taken away, one after the other."""
    found: list[list[Decision]] = [[] for _ in clauses]
    for name, hit in _cues(seen):
        others = {c.verbs[0].first: c for c in reading.again(seen, without=hit).clauses}
        for at, clause in enumerate(clauses):
            other = others.get(clause.verbs[0].first)
            changed = [WHOLE] if other is None else _differences(clause, other)
            found[at] += [
                Decision(what, name, _quote(reading, hit), hit.phrase.source) for what in changed
            ]
    for at, clause in enumerate(clauses):
        if clause.denied and not any(d.what == DENIED for d in found[at]):
            found[at] += _several(reading, seen, clause)
    return found


def _cues(seen: Seen) -> Iterator[tuple[str, Hit]]:
    for name, hits in seen.found.items():
        if name.startswith(OF_CUE) or name in AGENTS:
            for hit in hits:
                yield name.removeprefix(OF_CUE), hit


def _differences(clause: Clause, other: Clause) -> list[str]:
    changed = [name for name in DECIDED if getattr(clause, name) != getattr(other, name)]
    lost = [name for name in SPANS if getattr(clause, name) and not getattr(other, name)]
    return changed + lost


def _several(reading: WhatIf, seen: Seen, clause: Clause) -> Iterator[Decision]:
    """The denials of a clause that has more than one, each of them enough."""
    for hit in seen.found.get(f"{OF_CUE}denial", ()):
        if clause.start <= hit.first < clause.end:
            yield Decision(DENIED, "denial", _quote(reading, hit), hit.phrase.source)
