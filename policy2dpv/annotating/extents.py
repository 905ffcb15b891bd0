"""How far a phrase reaches beyond the words that a row knows: "your browsing history"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from policy2dpv.annotating.licence import Scene
from policy2dpv.knowledge.grammar import Extent
from policy2dpv.knowledge.phrases import Hit

CONDITIONS = ("cue:condition", "cue:exception", "cue:boundary", "cue:list_intro")
VERBS = ("purpose", "processing", "cue:verb")
COMMA = ","


class Extents:
    """The phrases of one scene: the tokens that each reaches from and to.

    A phrase grows to a side as mappings/extents.tsv lets its kind: as far as the words go that
    belong to it, to a word of the classes that open it there. It ends before punctuation, a
    condition, a clause, a word of the classes that stop it, and another phrase of its kind; and
    before "and" or "or" where a verb or purpose follows. A comma is passed where "and" or "or"
    closes the list that it begins.

    >>> from policy2dpv.conversion import read_example
    >>> [a.quote for a in read_example("We use it to improve our site for you, always.", "purpose")]
    ['improve our site for you']
    """

    def __init__(self, table: Mapping[str, Sequence[Extent]], scene: Scene) -> None:
        self.table, self.scene = table, scene
        self._stops: frozenset[int] | None = None
        self._verbs: frozenset[int] | None = None
        self._around: dict[str, tuple[frozenset[int], frozenset[int]]] = {}

    def reach(self, hit: Hit) -> tuple[int, int]:
        """The first and the last token of the phrase that a hit belongs to."""
        first, last = hit.first, hit.last
        for extent in self.table.get(hit.phrase.kind, ()):
            if extent.side == "left":
                first = self._left(hit, extent)
            else:
                last = self._right(hit, extent)
        return first, last

    def _left(self, hit: Hit, extent: Extent) -> int:
        """The first token: the farthest word that opens such a phrase."""
        words, start = self.scene.words, hit.first
        for at in range(hit.first - 1, max(self.scene.first, hit.first - extent.reach) - 1, -1):
            lemma = words[at].lemma
            if lemma in extent.stops or not lemma[0].isalnum():
                break
            if at in self._others(hit.phrase.kind)[0]:
                break
            if lemma in extent.opens:
                start = at
        return start

    def _right(self, hit: Hit, extent: Extent) -> int:
        """The last token: before what stops the phrase, less the words that end no phrase."""
        words, after = self.scene.words, hit.last + 1
        limit = min(self.scene.last, after + extent.reach)
        if after >= limit or (extent.opens and words[after].lemma not in extent.opens):
            return hit.last
        stops, others = self.stops, self._others(hit.phrase.kind)[1]
        joiner, end, listed = self.scene.classes["joiner"], hit.last, -1
        for at in range(after, limit):
            lemma = words[at].lemma
            if at in stops or at in others or lemma in extent.stops:
                break
            if lemma == COMMA and extent.lists and self._goes_on(at + 1, limit):
                listed = end if listed < 0 else listed
            elif lemma in joiner and lemma.isalpha():
                if not self._goes_on(at + 1, limit) or words[at + 1].lemma in joiner:
                    break
                listed = -1  # the list is closed: all of it belongs to the phrase
            elif not lemma[0].isalnum() or (listed >= 0 and at in self.verbs):
                break
            else:
                end = at
        end = end if listed < 0 else listed
        while end > hit.last and words[end].lemma in extent.trims:
            end -= 1
        return end

    def _goes_on(self, at: int, limit: int) -> bool:
        """Whether a joiner before a token joins nouns: nothing else begins there."""
        return at < limit and at not in self.stops and at not in self.verbs

    def _others(self, kind: str) -> tuple[frozenset[int], frozenset[int]]:
        """Where phrases of a kind and verbs end, and where phrases of the kind begin."""
        around = self._around.get(kind)
        if around is None:
            hits = self.scene.hits
            around = self._around[kind] = _ends(hits, (kind, *VERBS)), _starts(hits, (kind,))
        return around

    @property
    def stops(self) -> frozenset[int]:
        """Where a condition begins, or a clause that is not relative ("data that we hold")."""
        if self._stops is None:
            words, relative = self.scene.words, self.scene.classes["relative"]
            starts = (clause.start for clause in self.scene.clauses)
            clauses = (at for at in starts if not at or words[at - 1].lemma not in relative)
            self._stops = _starts(self.scene.hits, CONDITIONS) | frozenset(clauses)
        return self._stops

    @property
    def verbs(self) -> frozenset[int]:
        """Where a purpose or a verb begins."""
        if self._verbs is None:
            self._verbs = _starts(self.scene.hits, VERBS)
        return self._verbs


def _starts(hits: Mapping[str, list[Hit]], kinds: Iterable[str]) -> frozenset[int]:
    return frozenset(hit.first for kind in kinds for hit in hits.get(kind, ()))


def _ends(hits: Mapping[str, list[Hit]], kinds: Iterable[str]) -> frozenset[int]:
    return frozenset(hit.last for kind in kinds for hit in hits.get(kind, ()))
