"""Who acts: the walk from a verb back to its subject, and what keeps a noun from being one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from policy2dpv.annotating.sentence import Sentence
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.model import Actor

REACH = 14  # tokens that a subject may stand before its verb
AGENT_REACH = 6  # tokens that an agent may stand behind a passive
Subject = tuple[Actor, int, Hit | None]  # who acts, where it begins, the party if one is named


class Found(NamedTuple):
    """What a walk back from a verb met.

    Either a subject or a verb coordinated with this one; `chain` is where the words that belong
    to the verb begin, `passive` tells that a form of "be" is among them.
    """

    subject: Subject | None
    coordinated: Hit | None
    passive: bool
    chain: int


def find_subject(first: int, sentence: Sentence, verb_ends: Mapping[int, Hit]) -> Found:
    """The subject of the verb at a token, over auxiliaries, adverbs and coordinated verbs."""
    words, classes = sentence.words, sentence.classes
    passed = classes["aux|adverb|relative"]
    passive = False
    at = first - 1
    while at >= sentence.first and first - at < REACH:
        lemma = words[at].lemma
        if at in sentence.subjects:
            if _acts(at, first, sentence, passive=passive):
                return Found(sentence.subjects[at], None, passive, at)
            break
        if lemma in classes["joiner"]:
            subject, verb = _joined(at, first, sentence, verb_ends)
            if subject is not None or verb is not None:
                return Found(subject, verb, passive, at)
            if at - 1 in sentence.denials and at + 1 < first:
                at -= 1  # "we do not and will never sell"
                continue
            break
        if lemma in classes["be"]:
            passive = True
        if lemma not in passed and at not in sentence.denials:
            break
        at -= 1
    behind = first + 1  # where some languages put the subject of a sentence that begins otherwise
    if behind in sentence.subjects and words[behind].lemma in classes["inverted"]:
        return Found(sentence.subjects[behind], None, passive, at + 1)
    return Found(None, None, passive, at + 1)


def _joined(
    at: int, first: int, sentence: Sentence, verb_ends: Mapping[int, Hit]
) -> tuple[Subject | None, Hit | None]:
    """The verb, or the subject in apposition, that stands before a comma or "and"."""
    words, classes = sentence.words, sentence.classes
    before = at - 1
    while before >= sentence.first and (
        words[before].lemma in classes["joiner"] or words[before].lemma in classes["adverb"]
    ):
        before -= 1
    if before in verb_ends and verb_ends[before].first < first:
        return None, verb_ends[before]
    if before in sentence.subjects and words[at].lemma == ",":
        return sentence.subjects[before], None
    return None, None


def opening_party(sentence: Sentence) -> Subject | None:
    """A third party that begins the sentence or stands behind its label: it acts."""
    for actor, start, agent in sentence.subjects.values():
        if actor == "third_party" and agent is not None:
            before = start - 1
            while before >= sentence.first and (
                sentence.words[before].lemma in sentence.classes["determiner"]
            ):
                before -= 1
            if before < sentence.first or sentence.words[before].lemma == ":":
                return actor, start, agent
    return None


def _acts(end: int, verb: int, sentence: Sentence, *, passive: bool) -> bool:
    """Whether who stands before a verb does it.

    Nobody does in "information about you to provide"; a third party does not in "with them to
    send" and "they are shown".
    """
    actor, start, _ = sentence.subjects[end]
    words, classes = sentence.words, sentence.classes
    infinitive = any(words[i].lemma in classes["infinitive"] for i in range(end + 1, verb))
    before = start - 1
    while before > sentence.first and words[before].lemma in classes["determiner"]:
        before -= 1
    behind = words[before].lemma if before >= sentence.first else ""
    if infinitive and behind in classes["preposition"]:
        return False
    if actor != "third_party":
        return True
    if passive and words[verb].inflected:
        return False
    if behind in classes["oblique"]:
        return False  # a language whose verb may follow "to the partner"
    return not (infinitive and behind in classes["giving"])


def find_agent(last: int, sentence: Sentence) -> tuple[Actor, Hit | None]:
    """Who acts in a passive that ends at a token: "collected by our partners"."""
    by = sentence.classes["by"]
    for actor, start, agent in sentence.subjects.values():
        if (
            last < start <= last + AGENT_REACH
            and actor != "first_party"
            and any(sentence.words[i].lemma in by for i in range(last + 1, start))
        ):
            return actor, agent
    return "first_party", None
