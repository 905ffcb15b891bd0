"""The clauses of a sentence: who acts by which verbs, denied or not, how sure, on what condition.

A light reading over verb frames: from each verb the walk goes back over auxiliaries, adverbs and
coordinated verbs until it meets a subject (`subjects`); what bears on the clause is found after
that (`scope`).
"""

from __future__ import annotations

from collections.abc import Sequence

from policy2dpv.annotating.scope import set_scope
from policy2dpv.annotating.sentence import Clause, Sentence
from policy2dpv.annotating.subjects import Found, Subject, find_agent, find_subject, opening_party
from policy2dpv.knowledge.phrases import Hit, Phrase
from policy2dpv.model import Actor

ANY_VERB = Phrase("", "verb", "", "")  # a verb that no row knows
PURPOSE, OPERATION = "purpose", "processing"


def find_clauses(sentence: Sentence) -> list[Clause]:
    """The main clauses in order; together they cover the sentence. Empty if nothing acts in it."""
    found = _Placing(sentence).clauses()
    if not found:
        for hit in sentence.nominals[:1]:
            found = [Clause(sentence.first, hit.first, "main", "first_party", None)]
            found[0].verbs.append(hit)
    mains = [clause for clause in found if clause.kind == "main"]
    if not mains and found:
        promoted = next((c for c in found if c.actor != "user"), found[0])
        promoted.kind, promoted.inner = "main", promoted.kind != "main"
        mains = [promoted]
    _partition(mains, sentence)
    for hit in sentence.nominals:
        owners = [c for c in mains if c.start <= hit.first < c.end and hit not in c.verbs]
        if owners and (owners[0].actor != "user" or _consents(hit, owners[0], sentence)):
            owners[0].verbs.append(hit)
    for clause in mains:
        if clause.actor == "user" and any(_consents(v, clause, sentence) for v in clause.verbs):
            clause.actor = "first_party"
    inner = [c for c in found if c not in mains]
    _assert_conditions(mains, inner, sentence)
    for clause in mains:
        set_scope(clause, inner, sentence)
    return _with_fronted_aim(mains, sentence)


def _assert_conditions(
    mains: Sequence[Clause], inner: Sequence[Clause], sentence: Sentence
) -> None:
    """What we do when we do it is done: "when we transfer your data, we use these clauses"."""
    words, asserts = sentence.words, sentence.classes["asserting"]
    if (
        not mains
        or mains[0].actor != "first_party"
        or any(verb.phrase.kind == OPERATION for verb in mains[0].verbs)
    ):
        return
    for clause in inner:
        first = clause.start == sentence.first + 1 and words[sentence.first].lemma in asserts
        if clause.kind == "conditional" and clause.actor == "first_party" and first:
            mains[0].verbs[:0] = clause.verbs
            mains[0].chain, mains[0].asserted = clause.chain, True


def _consents(hit: Hit, clause: Clause, sentence: Sentence) -> bool:
    """Whether the person consents to what a noun says, which is then ours to do."""
    named = sentence.classes["determiner"]
    return any(
        clause.start <= cue.first
        and cue.last + 1 < hit.first
        and sentence.words[cue.last + 1].lemma in named
        for cue in sentence.cues.get("consents", ())
    ) and not any(clause.start <= at < hit.first for at in sentence.denials)


def _with_fronted_aim(mains: list[Clause], sentence: Sentence) -> list[Clause]:
    """The clauses without one that is but the aim of the next: "to deliver it, we share ...".

    What is denied, and what the person does, has no such aim.
    """
    if len(mains) < 2 or not _is_aim(mains[0], sentence):
        return mains
    aim, next_one, *rest = mains
    if next_one.denied or next_one.actor == "user":
        return mains
    next_one.start = aim.start
    return [next_one, *rest]


def _is_aim(clause: Clause, sentence: Sentence) -> bool:
    """Whether a clause is an infinitive that opens its sentence and has no subject."""
    words = sentence.words
    return any(
        intro.last < clause.verbs[0].first
        and (intro.first == sentence.first or words[intro.first - 1].lemma == ":")
        and words[intro.last].lemma in sentence.classes["infinitive"]
        and all(
            words[i].lemma in sentence.classes["adverb"]
            for i in range(intro.last + 1, clause.verbs[0].first)
        )
        for intro in sentence.cues.get("purpose_intro", ())
    )


class _Placing:
    """Gives each verb to the clause it belongs to, from left to right."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.found: list[Clause] = []
        self.owner: dict[int, Clause] = {}
        self.others = [*sentence.others, *_unknown_verbs(sentence)]
        self.verb_ends = {hit.last: hit for hit in (*sentence.verbs, *self.others)}

    def clauses(self) -> list[Clause]:
        """All clauses, main and subordinate, in the order in which they were opened."""
        marked = [(hit, True) for hit in self.sentence.verbs]
        marked += [(hit, False) for hit in self.others]
        marked.sort(key=lambda pair: (pair[0].first, -pair[0].last))
        for hit, certain in marked:
            owner = self.owner.get(hit.first)
            if owner is None:
                self._place(hit, certain)
            elif certain and any(verb.mask == hit.mask for verb in owner.verbs):
                owner.verbs.append(hit)  # two senses: who acts decides
        return self.found

    def _place(self, hit: Hit, certain: bool) -> None:
        """Find a verb its subject or its clause; an uncertain one needs a subject."""
        walk = find_subject(hit.first, self.sentence, self.verb_ends)
        denied_anew = any(walk.chain <= at < hit.first for at in self.sentence.denials)
        if walk.coordinated and walk.coordinated.first in self.owner and not denied_anew:
            self._append(hit, self.owner[walk.coordinated.first])
            return
        subject, purpose = walk.subject, hit.phrase.kind == PURPOSE
        done = walk.passive and self._is_participle(hit)
        theirs = subject is not None and subject[0] == "third_party" and purpose
        by_others = done and find_agent(hit.last, self.sentence)[1] is not None
        aimed = (done and purpose) or (denied_anew and purpose) or by_others
        if not certain and not aimed and (subject is None or theirs):
            return
        if done and certain and subject is not None and subject[0] == "user":
            subject = None  # "information about you may be shared": done to the person, not by it
        if subject is None and certain and not self.found and not walk.passive:
            subject = opening_party(self.sentence)
        if subject is not None:
            self._open_with(subject, hit, walk)
        else:
            self._open_without(hit, walk, denied_anew=denied_anew)

    def _is_participle(self, hit: Hit) -> bool:
        """Whether a verb is inflected or stands right behind "be" ("cookies are set")."""
        words, before = self.sentence.words, hit.first - 1
        be = self.sentence.classes["be"]
        return words[hit.first].inflected or (
            before >= self.sentence.first and words[before].lemma in be
        )

    def _open_with(self, subject: Subject, hit: Hit, walk: Found) -> None:
        """A new clause for a verb that has a subject."""
        sentence = self.sentence
        actor, start, agent = subject
        ours = (
            bool(self.found)
            and self.found[-1].actor == "first_party"
            and (agent is None or actor == "third_party")
        )
        if ours and any(
            intro.first < start <= intro.last + 1 for intro in sentence.cues.get("aim", ())
        ):
            if actor != "user":
                self._append(hit, self.found[-1])  # "so that we can deliver it"
            return  # "so that you can log in" is but our aim
        while start - 1 in sentence.denials or (
            start > sentence.first
            and start - 2 in sentence.denials
            and sentence.words[start - 1].lemma in sentence.classes["aux"]
        ):
            start -= 1  # "nor do we sell"
        kind = _kind(start, hit.first, sentence)
        if actor == "user" and sentence.words[start - 1].lemma in sentence.classes["reason"]:
            kind = "conditional"  # "because you have given your consent"
        start = min(start, walk.chain)  # a subject may stand behind its verb
        self._append(hit, Clause(start, walk.chain, kind, actor, agent), passive=walk.passive)

    def _open_without(self, hit: Hit, walk: Found, *, denied_anew: bool) -> None:
        """A verb without a subject goes on with the clause before it, if there is one."""
        sentence, chain = self.sentence, walk.chain
        relative = sentence.classes["relative"]
        if any(sentence.words[i].lemma in relative for i in range(chain, hit.first)):
            return  # "countries that may not provide": no act of anybody here
        inflected = self._is_participle(hit)
        passive = walk.passive and inflected
        if not passive and inflected and hit.first - 1 in sentence.nouns:
            return  # "the information collected": says whose, not what is done
        previous = self.found[-1] if self.found else None
        start = sentence.first
        if previous is not None:
            after = previous.verbs[-1].last
            between = [b for b in sentence.boundaries if after < b < hit.first]
            if not between and denied_anew:  # "they have access and are obliged not to disclose it"
                self._append(
                    hit, Clause(chain, chain, previous.kind, previous.actor, previous.agent)
                )
                return
            if not between and not passive:
                self._append(hit, previous, passive=previous.passive)
                return
            start = between[-1] if between else _comma_before(chain, after, sentence)
        actor: Actor = "first_party"
        agent = None
        if passive:
            actor, agent = find_agent(hit.last, sentence)
        kind = _kind_passive(start, chain, sentence)
        self._append(hit, Clause(start, chain, kind, actor, agent), passive=passive)

    def _append(self, hit: Hit, clause: Clause, *, passive: bool | None = None) -> None:
        """Give a verb to a clause, which may be new."""
        if not clause.verbs:
            self.found.append(clause)
        if passive is not None:
            clause.passive = passive
        clause.verbs.append(hit)
        self.owner[hit.first] = clause


def _unknown_verbs(sentence: Sentence) -> list[Hit]:
    """What follows a pronoun subject is its verb, whether a row knows it or not."""
    words, classes = sentence.words, sentence.classes
    alone = [
        end for end, (_, start, agent) in sentence.subjects.items()
        if agent is None and start == end and words[end].lemma in classes["pronoun"]
    ]  # fmt: skip
    if not alone:
        return []
    skipped = classes["aux|adverb"]
    no_verb = classes["no_verb|determiner"]
    known = {i for hit in sentence.verbs for i in range(hit.first, hit.last + 1)}
    known |= {hit.first for hit in sentence.others}
    objects = {
        i for hit in (*sentence.verbs, *sentence.others) for i in range(hit.first + 1, hit.last + 1)
    } | {hit.last + 1 for hit in sentence.verbs}
    before = {hit.last + 1 for hit in sentence.others}
    found: list[Hit] = []
    for end in alone:
        if end in objects or (end in before and words[end].lemma in classes["inverted"]):
            continue  # "we send you offers"
        at = end + 1
        while at < sentence.last and (words[at].lemma in skipped or at in sentence.denials):
            at += 1
        word = words[at].lemma if at < sentence.last else ""
        if word.isalpha() and at not in known and at - end <= 6 and word not in no_verb:
            found.append(Hit(at, at, 0, 1, True, ANY_VERB))
    return found


def _kind(start: int, verb: int, sentence: Sentence) -> str:
    """Main, relative ("information you provide") or conditional ("if you provide")."""
    words, relative = sentence.words, sentence.classes["relative"]
    between = any(
        words[i].lemma in relative for i in range(start, verb) if i not in sentence.subjects
    )
    if between:
        return "relative"
    before = start - 1
    while before >= sentence.first and words[before].lemma in sentence.classes["adverb"]:
        before -= 1
    if before < sentence.first:
        return "main"
    if words[before].lemma in relative:
        if before - 1 in sentence.nouns:
            return "relative"
        return "conditional" if _in_condition(start, sentence) else "main"
    if before in sentence.nouns:
        return "relative"
    if before in sentence.condition_ends or _in_condition(start, sentence):
        return "conditional"
    return "main"


def _in_condition(start: int, sentence: Sentence) -> bool:
    """Whether a condition begun before is still open: no comma or boundary has ended it."""
    begun = [end for end in sentence.condition_ends if end < start]
    if not begun or start in sentence.boundaries or start - 1 in sentence.boundaries:
        return False
    return not any(
        sentence.words[i].lemma in sentence.classes["condition_end"]
        for i in range(max(begun) + 1, start)
    )


def _kind_passive(start: int, chain: int, sentence: Sentence) -> str:
    if any(
        sentence.words[i].lemma in sentence.classes["relative"]
        for i in range(max(chain, sentence.first), min(chain + 2, sentence.last))
    ):
        return "relative"
    return "conditional" if start in sentence.condition_ends else "main"


def _comma_before(chain: int, previous: int, sentence: Sentence) -> int:
    for at in range(chain - 1, previous, -1):
        if sentence.words[at].lemma in (",", ";", ":"):
            return at + 1
    return chain


def _partition(mains: list[Clause], sentence: Sentence) -> None:
    mains.sort(key=lambda clause: clause.start)
    for number, clause in enumerate(mains):
        if number == 0:
            clause.start = sentence.first
        else:
            clause.start = max(clause.start, mains[number - 1].start + 1)
            mains[number - 1].end = clause.start
        clause.end = sentence.last
