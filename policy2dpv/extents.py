"""How far a phrase reaches beyond the words that a row knows: "improve our site" and "for you"."""

from __future__ import annotations

from collections.abc import Mapping

from policy2dpv.licence import Scene
from policy2dpv.phrases import Hit

REACH = 12  # words that a phrase may go on behind those of its row
CONDITIONS = ("cue:condition", "cue:exception", "cue:boundary", "cue:list_intro")


def last_word(hit: Hit, scene: Scene) -> int:
    """The token that ends the phrase that a purpose's words begin: its objects and their places.

    The phrase ends before punctuation, before a condition, before words of the class
    `purpose_stop`, and before "and" or "or" where another purpose, verb or clause follows. What
    the graph keeps as an own concept (a broad match) stays as the row has it, for its name.

    >>> from policy2dpv.conversion import read_example
    >>> [a.quote for a in read_example("We use it to improve our site for you, always.", "purpose")]
    ['improve our site for you']
    """
    if hit.phrase.match == "broad":
        return hit.last
    stops = _stops(scene)
    words, joiner = scene.words, scene.classes["joiner"]
    end = at = hit.last
    while at + 1 < min(scene.last, hit.last + 1 + REACH) and at + 1 not in stops:
        at += 1
        lemma = words[at].lemma
        if lemma in scene.classes["purpose_stop"] or not _is_word(lemma, joiner):
            break
        if lemma in joiner:
            if at + 1 >= scene.last or at + 1 in stops or at + 1 in _verbs(scene):
                break
            if words[at + 1].lemma in joiner:
                break
            continue
        end = at
    while end > hit.last and words[end].lemma in scene.classes["purpose_tail"]:
        end -= 1
    return end


def _is_word(lemma: str, joiner: frozenset[str]) -> bool:
    return lemma.isalnum() or "'" in lemma or "-" in lemma or (lemma in joiner and lemma.isalpha())


def _stops(scene: Scene) -> frozenset[int]:
    """Where something else begins: a condition, a clause, a purpose with an introduction."""
    firsts = {h.first for name in CONDITIONS for h in scene.hits.get(name, ())}
    return frozenset(firsts | {c.start for c in scene.clauses})


def _verbs(scene: Scene) -> frozenset[int]:
    """Where a purpose or a verb begins."""
    kinds: Mapping[str, list[Hit]] = scene.hits
    return frozenset(
        h.first for kind in ("purpose", "processing", "cue:verb") for h in kinds.get(kind, ())
    )
