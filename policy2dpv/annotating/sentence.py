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
        "actor", "agent", "asserted", "chain", "condition", "denial", "denied", "end", "exception",
        "excluded", "inner", "kind", "modality", "passive", "reserved", "since", "start", "unable",
        "verbs",
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
        self.asserted = False  # what a "when" before it says is done too
        self.inner = False  # a clause within another, which stands for the whole
        self.denial = -1
        self.since = -1  # where the denied part begins, if another one stands before it
        self.excluded: Range | None = None
        self.reserved: Range | None = None
        self.modality: Modality = ""
        self.condition: Range | None = None
        self.exception: Range | None = None

    def polarity(self, at: int) -> tuple[Polarity, bool]:
        """Whether a token is denied, and whether it stands aside from the clause.

        Aside is what an exception to a denial leaves open, what an exclusion takes out of an
        affirmation ("we collect your name but not your date of birth"), and why it may not hold
        ("we delete it unless the law requires that we keep it").
        """
        if self.denied and at >= self.since and not (self.inner and at < self.chain):
            spared = self.exception is not None and self.exception[0] <= at < self.exception[1]
            return ("affirmed", True) if spared else ("denied", False)
        if self.excluded is not None and self.excluded[0] <= at < self.excluded[1]:
            return "denied", True
        if self.reserved is not None and self.reserved[0] <= at < self.reserved[1]:
            return "affirmed", True
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
        self.denials += [hit.last for hit in cues.get("denied_aim", ())]
        months = {i for h in cues.get("month", ()) for i in range(h.first, h.last + 1)}
        self.modals = [h.first for h in cues.get("possible", ()) if h.first not in months]
        self.duties = [hit.last for hit in cues.get("obliged", ())]
        self.condition_ends = {
            hit.last for name in ("condition", "exception") for hit in cues.get(name, ())
        }
        self.boundaries = sorted(
            [hit.first for hit in cues.get("boundary", ())] + self._concessions()
        )
        self.anew = [h.first for h in cues.get("boundary", ()) if h.last > h.first]
        self.subjects = self._find_subjects(parties)
        self._join_us()

    def _find_subjects(
        self, parties: Mapping[int, Hit]
    ) -> dict[int, tuple[Actor, int, Hit | None]]:
        """Who may act, by the token that each ends at."""
        found: dict[int, tuple[Actor, int, Hit | None]] = {}
        for end, hit in parties.items():
            found[end] = ("third_party", hit.first, hit)
        actors: tuple[Actor, ...] = ("third_party", "user", "first_party")
        for actor in actors:
            for hit in self.cues.get(actor, ()):
                if actor == "user" and _compound(hit, self.words, self.first, self.classes):
                    continue
                if hit.last not in found or actor != "third_party":
                    found[hit.last] = (actor, hit.first, None)
        return found

    def _join_us(self) -> None:
        """Where others act together with us, we act: "we and our partners collect"."""
        words, classes = self.words, self.classes
        for end, (actor, start, agent) in list(self.subjects.items()):
            at = start - 1
            while at > self.first and words[at].lemma in classes["determiner"]:
                at -= 1
            if (
                actor != "third_party"
                or at <= self.first
                or words[at].lemma not in (classes["joiner"])
            ):
                continue
            while at > self.first and not words[at].lemma.isalpha():
                at -= 1
            while at > self.first and words[at].lemma in classes["joiner"]:
                at -= 1
            if at in self.subjects and self.subjects[at][0] == "first_party":
                self.subjects[end] = ("first_party", self.subjects[at][1], agent)

    def _concessions(self) -> list[int]:
        """Where what is conceded ends: "although we never sell it, sharing it may be a sale"."""
        words, classes = self.words, self.classes
        if not any(hit.first == self.first for hit in self.cues.get("concession", ())):
            return []
        acts = {hit.first for hit in (*self.verbs, *self.nominals) if words[hit.first].inflected}
        found = []
        for at in range(self.first + 1, self.last - 1):
            if words[at].lemma in classes["condition_end"]:
                behind = at + 1
                while behind < self.last and words[behind].lemma in classes["determiner"]:
                    behind += 1
                if behind in acts:
                    found.append(at)
        return found[:1]


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
