"""The clauses of a sentence: who acts by which verbs, denied or not, how sure, on what condition.

A light reading over verb frames: from each verb the walk goes back over auxiliaries, adverbs and
coordinated verbs until it meets a subject. The scopes of denials follow the ConText algorithm
(cue, direction, terminator; Harkema et al. 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policy2dpv.model import Actor, Modality, Polarity
from policy2dpv.phrases import Hit, Phrase
from policy2dpv.tokens import Word

Range = tuple[int, int]
ANY_VERB = Phrase("", "verb", "", "")  # a verb that no row knows
ASIDE = 100  # clause numbers from here on stand aside from the clause numbered so much less
REACH = 14  # tokens that a subject may stand before its verb


class Clause:
    """One clause: token range, verbs, actor, polarity, modality, condition and exception."""

    __slots__ = (
        "actor", "agent", "chain", "condition", "denial", "denied", "end", "exception", "excluded", "kind",
        "modality", "passive", "start", "unable", "verbs",
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
        self.verbs, self.nominals = _nominal(verbs, words, first, classes, cues)
        self.others = others
        self.nouns = nouns
        silenced = {
            i for hit in cues.get("pseudo_denial", ()) for i in range(hit.first, hit.last + 1)
        }
        self.exclusions = [hit for hit in cues.get("exclusion", ()) if hit.last not in silenced]
        self.denials = sorted(
            hit.last for hit in cues.get("denial", ())
            if hit.first not in silenced and hit.last not in silenced
        )  # fmt: skip
        self.modals = sorted(hit.first for hit in cues.get("possible", ()))
        self.duties = sorted(hit.last for hit in cues.get("obliged", ()))
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
    first: int,
    classes: Mapping[str, frozenset[str]],
    cues: Mapping[str, list[Hit]],
) -> tuple[list[Hit], list[Hit]]:
    """Verbs and nouns apart: "your use" is no act of ours, "the use of" one without a subject."""
    theirs = {hit.last for hit in cues.get("possessive", ())}
    real: list[Hit] = []
    nouns: list[Hit] = []
    for hit in verbs:
        before = hit.first - 1
        if before in theirs and not words[hit.first].inflected:
            continue
        noun = before >= first and words[before].lemma in classes["determiner"]
        (nouns if noun and not words[hit.first].inflected else real).append(hit)
    return real, nouns


def find_clauses(sentence: Sentence) -> list[Clause]:
    """The main clauses in order; together they cover the sentence. Empty if nothing acts in it."""
    found: list[Clause] = []
    owner: dict[int, Clause] = {}
    others = [*sentence.others, *_unknown_verbs(sentence)]
    verb_ends = {hit.last: hit for hit in (*sentence.verbs, *others)}
    marked = [(hit, True) for hit in sentence.verbs] + [(hit, False) for hit in others]
    marked.sort(key=lambda pair: (pair[0].first, -pair[0].last))
    for hit, certain in marked:
        if hit.first in owner:
            if certain and any(v.mask == hit.mask for v in owner[hit.first].verbs):
                owner[hit.first].verbs.append(hit)  # two senses: who acts decides
            continue
        _place(hit, certain, sentence, found, owner, verb_ends)
    if not found:
        for hit in sentence.nominals[:1]:
            clause = Clause(sentence.first, hit.first, "main", "first_party", None)
            clause.verbs.append(hit)
            found.append(clause)
    mains = [clause for clause in found if clause.kind == "main"]
    if not mains and found:
        promoted = next((c for c in found if c.actor != "user"), found[0])
        promoted.kind = "main"
        mains = [promoted]
    _partition(mains, sentence)
    for hit in sentence.nominals:
        owners = [c for c in mains if c.start <= hit.first < c.end and hit not in c.verbs]
        if owners and owners[0].actor != "user":
            owners[0].verbs.append(hit)
    for clause in mains:
        inner = [c for c in found if c not in mains]
        _scope(clause, inner, sentence)
    return mains


def _unknown_verbs(sentence: Sentence) -> list[Hit]:
    """What follows a pronoun subject is its verb, whether a row knows it or not."""
    words, classes = sentence.words, sentence.classes
    skipped = classes["aux"] | classes["adverb"]
    no_verb = classes["no_verb"] | classes["determiner"]
    known = {i for hit in sentence.verbs for i in range(hit.first, hit.last + 1)}
    known |= {hit.first for hit in sentence.others}
    objects = {
        i for hit in (*sentence.verbs, *sentence.others) for i in range(hit.first + 1, hit.last + 1)
    } | {hit.last + 1 for hit in sentence.verbs}
    found: list[Hit] = []
    for end, (_, start, agent) in sentence.subjects.items():
        if agent is not None or words[end].lemma not in classes["pronoun"] or start != end:
            continue
        if end in objects:
            continue  # "we send you offers"
        at = end + 1
        while at < sentence.last and (words[at].lemma in skipped or at in sentence.denials):
            at += 1
        word = words[at].lemma if at < sentence.last else ""
        if word.isalpha() and at not in known and at - end <= 6 and word not in no_verb:
            found.append(Hit(at, at, 0, 1, True, ANY_VERB))
    return found


def _place(
    hit: Hit,
    certain: bool,
    sentence: Sentence,
    found: list[Clause],
    owner: dict[int, Clause],
    verb_ends: Mapping[int, Hit],
) -> None:
    """Give a verb to the clause it belongs to, a new one if need be."""
    subject, coordinated, passive, chain = _subject(hit.first, sentence, verb_ends)
    denied_anew = any(chain <= at < hit.first for at in sentence.denials)
    if coordinated is not None and coordinated.first in owner and not denied_anew:
        clause = owner[coordinated.first]
        clause.verbs.append(hit)
        owner[hit.first] = clause
        return
    done = passive and sentence.words[hit.first].inflected and hit.phrase.kind == "purpose"
    if not certain and not done and (
        subject is None or (subject[0] == "third_party" and hit.phrase.kind == "purpose")
    ):
        return
    inflected = sentence.words[hit.first].inflected
    if passive and certain and inflected and subject is not None and subject[0] == "user":
        subject = None  # "information about you may be shared": done to the person, not by it
    if subject is None and certain and not found and not passive:
        subject = _opening_party(sentence)
    if subject is not None:
        actor, start, agent = subject
        while start - 1 in sentence.denials or (
            start > sentence.first
            and start - 2 in sentence.denials
            and sentence.words[start - 1].lemma in sentence.classes["aux"]
        ):
            start -= 1  # "nor do we sell"
        kind = _kind(start, hit.first, sentence)
        clause = Clause(start, chain, kind, actor, agent)
    else:
        relative = sentence.classes["relative"]
        if any(sentence.words[i].lemma in relative for i in range(chain, hit.first)):
            return  # "countries that may not provide": no act of anybody here
        previous = found[-1] if found else None
        broken = previous is None or any(
            previous.verbs[-1].last < b < hit.first for b in sentence.boundaries
        )  # fmt: skip
        passive = passive and sentence.words[hit.first].inflected
        if not passive and sentence.words[hit.first].inflected and hit.first - 1 in sentence.nouns:
            return  # "the information collected": says whose, not what is done
        if previous is not None and not broken and denied_anew:
            passive = False  # "they have access and are obliged not to disclose it"
            clause = Clause(chain, chain, previous.kind, previous.actor, previous.agent)
            clause.verbs.append(hit)
            owner[hit.first] = clause
            found.append(clause)
            return
        if previous is not None and not broken and not passive:
            previous.verbs.append(hit)
            owner[hit.first] = previous
            return
        start = sentence.first
        if previous is not None:
            between = [b for b in sentence.boundaries if previous.verbs[-1].last < b < hit.first]
            start = (
                between[-1] if between else _comma_before(chain, previous.verbs[-1].last, sentence)
            )
        actor, agent = _agent(hit.last, sentence) if passive else ("first_party", None)
        clause = Clause(start, chain, _kind_passive(start, chain, sentence), actor, agent)
    clause.passive = passive
    clause.verbs.append(hit)
    owner[hit.first] = clause
    found.append(clause)


def _subject(
    first: int, sentence: Sentence, verb_ends: Mapping[int, Hit]
) -> tuple[tuple[Actor, int, Hit | None] | None, Hit | None, bool, int]:
    """Walk back from a verb: (subject, coordinated verb, passive, where the verb chain begins)."""
    words, classes = sentence.words, sentence.classes
    aux, adverb, be = classes["aux"], classes["adverb"], classes["be"]
    joiner, relative = classes["joiner"], classes["relative"]
    passive = False
    at = first - 1
    while at >= sentence.first and first - at < REACH:
        lemma = words[at].lemma
        if at in sentence.subjects:
            if _acts(at, first, sentence, passive=passive):
                return sentence.subjects[at], None, passive, at
            break
        if lemma in joiner:
            before = at - 1
            while before >= sentence.first and (
                words[before].lemma in joiner or words[before].lemma in adverb
            ):
                before -= 1
            if before in verb_ends and verb_ends[before].first < first:
                return None, verb_ends[before], passive, at
            if at in sentence.subjects:
                return sentence.subjects[at], None, passive, at
            if before in sentence.subjects and lemma == ",":
                return sentence.subjects[before], None, passive, at
            if before in sentence.denials and at + 1 < first:
                at = before  # "we do not and will never sell"
                continue
            break
        if lemma in be:
            passive = True
        if not (lemma in aux or lemma in adverb or lemma in relative or at in sentence.denials):
            break
        at -= 1
    return None, None, passive, at + 1


def _opening_party(sentence: Sentence) -> tuple[Actor, int, Hit | None] | None:
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
    """Whether a third party before a verb does it: not in "with them to send", "they are shown"."""
    actor, start, _ = sentence.subjects[end]
    if actor != "third_party":
        return True
    words, classes = sentence.words, sentence.classes
    if passive and words[verb].inflected:
        return False
    infinitive = any(words[i].lemma in classes["infinitive"] for i in range(end + 1, verb))
    before = start - 1
    while before > sentence.first and words[before].lemma in classes["determiner"]:
        before -= 1
    return not (
        infinitive and before >= sentence.first and words[before].lemma in classes["giving"]
    )


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


def _agent(last: int, sentence: Sentence) -> tuple[Actor, Hit | None]:
    """Who acts in a passive: "collected by our partners"."""
    for end, (actor, start, agent) in sentence.subjects.items():
        if last < start <= last + 6 and actor != "first_party" and any(
            sentence.words[i].lemma in sentence.classes["by"] for i in range(last + 1, start)
        ):  # fmt: skip
            return actor, agent
        if end < 0:
            break
    return "first_party", None


def _partition(mains: list[Clause], sentence: Sentence) -> None:
    mains.sort(key=lambda clause: clause.start)
    for number, clause in enumerate(mains):
        if number == 0:
            clause.start = sentence.first
        else:
            clause.start = max(clause.start, mains[number - 1].start + 1)
            mains[number - 1].end = clause.start
        clause.end = sentence.last


def _scope(clause: Clause, inner: Sequence[Clause], sentence: Sentence) -> None:
    """Denial, modality, condition and exception of a clause."""
    first_verb = min(hit.first for hit in clause.verbs)
    inside = [(c.chain - 1, max(h.last for h in c.verbs)) for c in inner]

    def free(at: int) -> bool:
        return not any(a <= at <= b for a, b in inside)

    low = min(clause.start, clause.chain)
    denials = [at for at in sentence.denials if free(at) and _denies(at, clause, sentence)]
    if denials:
        clause.denied, clause.denial = True, denials[0]
    if any(low <= at <= first_verb and free(at) for at in sentence.modals):
        clause.modality = "permitted" if clause.actor == "user" else "possible"
    elif any(low <= at < first_verb and free(at) for at in sentence.duties):
        clause.modality = "obliged"
    for hit in sentence.cues.get("exception", ()):
        if clause.start <= hit.first < clause.end:
            fronted = hit.last < first_verb
            clause.exception = (
                hit.first,
                _condition_end(hit.first, clause, sentence) if fronted else clause.end,
            )
            if not fronted:
                break
    clause.unable = clause.denied and any(
        low <= hit.first <= first_verb for hit in sentence.cues.get("inability", ())
    )
    for hit in sentence.exclusions:
        if first_verb < hit.first < clause.end and not clause.denied:
            clause.excluded = (hit.first, clause.end)
            break
    for hit in sentence.cues.get("condition", ()):
        if clause.start <= hit.first < clause.end and not (
            clause.exception and hit.first >= clause.exception[0]
        ):
            clause.condition = (hit.first, _condition_end(hit.first, clause, sentence))
            break


def _denies(at: int, clause: Clause, sentence: Sentence) -> bool:
    """Whether a denial bears on a clause's verb: nothing but its chain stands between them.

    "No data is shared" and "we share no data" deny by a determiner instead.
    """
    words, classes = sentence.words, sentence.classes
    if not clause.start <= at < clause.end:
        return False
    firsts = {hit.first for hit in clause.verbs}
    last = max(hit.last for hit in clause.verbs)
    if words[at].lemma in classes["denying"]:
        if at == last + 1:
            return True
        if clause.passive or clause.actor == "third_party":
            return at < min(firsts)
    skipped = classes["aux"] | classes["adverb"] | classes["joiner"] | classes["pronoun"]
    following = at + 1
    while following < clause.end and following not in firsts:
        if words[following].lemma not in skipped and following not in sentence.denials:
            return False
        following += 1
    return following in firsts


def _condition_end(first: int, clause: Clause, sentence: Sentence) -> int:
    """A condition runs to the comma before the main verb, or to the clause's end."""
    if first < clause.chain:
        for at in range(min(clause.chain, sentence.last) - 1, first, -1):
            if sentence.words[at].lemma == ",":
                return at
    for at in range(first + 1, clause.end):
        if sentence.words[at].lemma in (";", ".", ":"):
            return at
    return clause.end
