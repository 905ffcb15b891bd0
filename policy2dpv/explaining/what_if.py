"""The reader, asked what it would read in a segment if something in it were otherwise.

So the reasons for what it leaves out come from the reading code itself and cannot part from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from policy2dpv.annotating.annotate import Reading
from policy2dpv.annotating.context import Context
from policy2dpv.annotating.findings import Found
from policy2dpv.annotating.licence import Scene
from policy2dpv.annotating.sentence import Clause
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Hit, Phrase
from policy2dpv.model import Actor, Annotation, Document, Segment

OPERATION = "processing"
FIRM: Actor = "first_party"
PERSON: Actor = "user"


class Change(NamedTuple):
    """One thing that is otherwise for a phrase: what is done, and with what."""

    sort: str
    value: str = ""


class Seen(NamedTuple):
    """A scene that was read, with what it was made from."""

    place: int
    found: Found
    context: Context
    scene: Scene


def mark(hit: Hit) -> tuple[int, int, int, str]:
    """What tells a hit from others, however often it is found: its words and its row."""
    return hit.first, hit.last, hit.mask, hit.phrase.source


class WhatIf(Reading):
    """A reading of one document that can be repeated, segment by segment, under changes."""

    def __init__(self, document: Document, segments: Sequence[Segment], lexicon: Lexicon) -> None:
        super().__init__(document, segments, lexicon)
        self._asked: int | None = None
        self._hit: Hit | None = None
        self._changes: tuple[Change, ...] = ()
        self._seen: list[Seen] = []

    def ask(
        self, index: int, hit: Hit | None = None, changes: Sequence[Change] = ()
    ) -> tuple[list[Annotation], list[Seen]]:
        """What the reader says of a segment, and its scenes, if the changes held for a phrase."""
        self._asked, self._hit, self._changes, self._seen = index, hit, tuple(changes), []
        try:
            return list(self.read(index)), self._seen
        finally:
            self._asked = None

    def title(self, index: int) -> list[Hit]:
        """What the words of a heading announce."""
        return self._title(index)

    def scene(self, index: int, found: Found, context: Context | None = None) -> Scene:
        """Clauses and licences of a segment, changed where it is the one asked for."""
        context = context or Context()
        if self._asked is None or (index != self._asked and index < len(self.segments)):
            return super().scene(index, found, context)
        found = {kind: list(hits) for kind, hits in found.items()}
        for change in self._changes:
            if self._hit is not None and change.sort in BEFORE:
                found, context = BEFORE[change.sort](found, context, self._hit, change.value)
        scene = super().scene(index, found, context)
        self._seen.append(Seen(index, found, context, scene))
        for change in self._changes:
            if self._hit is not None and change.sort in AFTER:
                AFTER[change.sort](scene, self._hit, change.value)
        return scene

    def again(self, seen: Seen, without: Hit | None = None) -> Scene:
        """A scene as it was before it was read, or as it would be without one of its hits."""
        found = {k: [h for h in hits if h is not without] for k, hits in seen.found.items()}
        return super().scene(seen.place, found, seen.context)


# -- changes of what a scene is made from ---------------------------------------------------------
def _relieved(found: Found, context: Context, hit: Hit, value: str) -> tuple[Found, Context]:
    """The phrase's row requires nothing (of the kind `value`, if given)."""
    if not hit.phrase.requires or value not in ("", hit.phrase.requires):
        return found, context
    plain = hit.read_as(hit.phrase.changed(requires=""))
    own = mark(hit)
    made = {k: [plain if mark(h) == own else h for h in hits] for k, hits in found.items()}
    return made, context


def _opened(found: Found, context: Context, hit: Hit, value: str) -> tuple[Found, Context]:
    """A list, column or heading above opens a kind."""
    kinds = context.open_kinds | {value or hit.phrase.kind}
    return found, Context(context.topics, kinds, context.inherits, context.sharing)


def _untitled(found: Found, context: Context, hit: Hit, value: str) -> tuple[Found, Context]:
    """No heading above is about the topic `value`."""
    topics = tuple(topic for topic in context.topics if topic != value)
    return found, Context(topics, context.open_kinds, context.inherits, context.sharing)


def _cued(found: Found, context: Context, hit: Hit, value: str) -> tuple[Found, Context]:
    """A cue stands right before the phrase."""
    name = f"cue:{value}"
    cue = _beside(hit, Phrase("", "cue", value, ""))
    return {**found, name: [*found.get(name, ()), cue]}, context


def _without(found: Found, context: Context, hit: Hit, value: str) -> tuple[Found, Context]:
    """No other phrase of a kind stands in the segment."""
    kept = [h for h in found.get(value, ()) if mark(h) == mark(hit)]
    return found | {value: kept}, context


# -- changes of the scene itself ------------------------------------------------------------------
def _speaking(scene: Scene, hit: Hit, value: str) -> None:
    """The segment is not muted."""
    scene.mute = False


def _acting(scene: Scene, hit: Hit, value: str) -> None:
    """The firm acts in the phrase's clause, not the person."""
    for clause in scene.clauses:
        if _holds(clause, hit) and clause.actor == PERSON:
            clause.actor = FIRM


def _able(scene: Scene, hit: Hit, value: str) -> None:
    """The clause does not say what somebody is unable to do."""
    for clause in scene.clauses:
        if _holds(clause, hit):
            clause.unable = False


def _handled(scene: Scene, hit: Hit, value: str) -> None:
    """A verb on data (one that licenses a kind, if `value` names it) governs the phrase."""
    terms = scene.licences.get(value, frozenset())
    verb = _beside(hit, Phrase("", OPERATION, min(terms, default=""), ""))
    for clause in scene.clauses:
        if _holds(clause, hit):
            clause.verbs.append(verb)
            return
    clause = Clause(scene.first, scene.first, "main", FIRM, None)
    clause.end = scene.last
    clause.verbs.append(verb)
    scene.clauses = [clause]


def _heading(scene: Scene, hit: Hit, value: str) -> None:
    """The phrase itself is a verb of its clause."""
    for clause in scene.clauses:
        if _holds(clause, hit) and mark(hit) not in map(mark, clause.verbs):
            clause.verbs.append(hit)


def _holds(clause: Clause, hit: Hit) -> bool:
    return clause.start <= hit.first < clause.end


def _beside(hit: Hit, phrase: Phrase) -> Hit:
    at = max(0, hit.first - 1)
    return Hit(at, at, 0, 1, True, phrase)


BEFORE: Mapping[str, Callable[[Found, Context, Hit, str], tuple[Found, Context]]] = {
    "relieved": _relieved,
    "opened": _opened,
    "untitled": _untitled,
    "cued": _cued,
    "without": _without,
}
AFTER: Mapping[str, Callable[[Scene, Hit, str], None]] = {
    "speaking": _speaking,
    "acting": _acting,
    "able": _able,
    "handled": _handled,
    "heading": _heading,
}
