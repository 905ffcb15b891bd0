"""A sentence and its clauses: what the walks over words work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.tokens import Word
from policy2dpv.model import Actor, Modality, Polarity

Range = tuple[int, int]

ASIDE = 100  # clause numbers from here on stand aside from the clause numbered so much less


class Clause:
    """One clause: token range, verbs, actor, polarity, modality, condition and exception."""

    __slots__ = (
        "actor", "agent", "chain", "condition", "denial", "denied", "end", "exception",
        "excluded", "kind", "modality", "passive", "start", "unable", "verbs",
    )  # fmt: skip

    def __init__(self, start: int, chain: int, kind: str, actor: Actor, agent: Hit | None) -> None:
        self.start = start
        self.end = start
        self.chain = chain
        self.kind = kind
        self.actor: Actor = actor
        self.agent = agent
        self.verbs: list[Hit] = []
        self.passive = False
        self.denied = False
        self.unable = False
        self.denial = -1
        self.excluded: Range | None = None
        self.modality: Modality = ""
        self.condition: Range | None = None
        self.exception: Range | None = None

    def polarity(self, at: int) -> tuple[Polarity, bool]:
        """Whether a token is denied, and whether it stands aside from the clause.

        Aside is what an exception to a denial leaves open, and what an exclusion takes out of an
        affirmation ("we collect your name but not your date of birth").
        """
        if self.denied:
            spared = self.exception is not None and self.exception[0] <= at < self.exception[1]
            return ("affirmed", True) if spared else ("denied", False)
        if self.excluded is not None and self.excluded[0] <= at < self.excluded[1]:
            return "denied", True
        return "affirmed", False


class Sentence:
    """The words of one segment with what was found on them, for the walks below.

    `cues` maps a cue's name to its hits, `subjects` a token to the subject that ends there.
    """

    def __init__(
        self,
        words: Sequence[Word],
        first: int,
        last: int,
        cues: Mapping[str, list[Hit]],
        classes: Mapping[str, frozenset[str]],
        verbs: Sequence[Hit],
        others: Sequence[Hit],
        nouns: frozenset[int],
        parties: Mapping[int, Hit],
    ) -> None:
        self.words = words
        self.first = first
        self.last = last
        self.cues = cues
        self.classes = classes
        self.verbs, self.nominals = _nominal(verbs, words, (first, last), classes, cues)
        self.others = others
        self.nouns = nouns
        silenced = {
            i for hit in cues.get("pseudo_denial", ()) for i in range(hit.first, hit.last + 1)
        }
        self.exclusions = [hit for hit in cues.get("exclusion", ()) if hit.last not in silenced]
        self.denials = sorted(
            hit.last for hit in cues.get("denial", ())
            if not any(
                other.size >= hit.size and (other.first <= hit.first <= other.last
                                            or other.first <= hit.last <= other.last)
                for other in cues.get("pseudo_denial", ())
            )
        )  # fmt: skip
        self.modals = [hit.first for hit in cues.get("possible", ())]
        self.duties = [hit.last for hit in cues.get("obliged", ())]
        self.condition_ends = {
            hit.last for name in ("condition", "exception") for hit in cues.get(name, ())
        }
        self.boundaries = sorted(hit.first for hit in cues.get("boundary", ()))
        self.subjects: dict[int, tuple[Actor, int, Hit | None]] = {}
        for end, hit in parties.items():
            self.subjects[end] = ("third_party", hit.first, hit)
        actors: tuple[Actor, ...] = ("third_party", "user", "first_party")
        for actor in actors:
            for hit in cues.get(actor, ()):
                if actor == "user" and _compound(hit, words, first, classes):
                    continue
                if hit.last not in self.subjects or actor != "third_party":
                    self.subjects[hit.last] = (actor, hit.first, None)


def _compound(
    hit: Hit, words: Sequence[Word], first: int, classes: Mapping[str, frozenset[str]]
) -> bool:
    """Whether a person's name is but the first half of a noun ("customer records")."""
    word = words[hit.last]
    if word.inflected or word.lemma in classes["pronoun"] or hit.first - 1 < first:
        return False
    return words[hit.first - 1].lemma not in classes["determiner"]


def _nominal(
    verbs: Sequence[Hit],
    words: Sequence[Word],
    within: Range,
    classes: Mapping[str, frozenset[str]],
    cues: Mapping[str, list[Hit]],
) -> tuple[list[Hit], list[Hit]]:
    """Verbs and nouns apart: "your use" is no act of ours, "the use of" one without a subject."""
    first, last = within
    theirs = {hit.last for hit in cues.get("possessive", ())}
    real: list[Hit] = []
    nouns: list[Hit] = []
    for hit in verbs:
        before = hit.first - 1
        if before in theirs and not words[hit.first].inflected:
            continue
        if hit.last + 1 < last and words[hit.last + 1].lemma in classes["be"]:
            continue  # "server logs are deleted": what is done stands behind
        noun = before >= first and words[before].lemma in classes["determiner"]
        (nouns if noun and not words[hit.first].inflected else real).append(hit)
    return real, nouns
