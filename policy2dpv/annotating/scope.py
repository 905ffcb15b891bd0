"""What bears on a clause: denial, modality, condition, exception.

The scopes follow the ConText algorithm (cue, direction, terminator; Harkema et al. 2009).
"""

from __future__ import annotations

from collections.abc import Sequence

from policy2dpv.annotating.sentence import Clause, Range, Sentence


def set_scope(clause: Clause, inner: Sequence[Clause], sentence: Sentence) -> None:
    """Fill a clause's denial, modality, condition and exception; `inner` clauses have their own."""
    first_verb = min(hit.first for hit in clause.verbs)
    inside = [(c.chain - 1, max(h.last for h in c.verbs)) for c in inner]
    low = min(clause.start, clause.chain)
    denials = [at for at in sentence.denials if _free(at, inside) and _denies(at, clause, sentence)]
    if denials:
        clause.denied, clause.denial = True, denials[0]
        anew = max([b for b in sentence.anew if b <= clause.chain], default=-1)
        clause.since = anew if anew <= min(sentence.denials) else -1
    apart = max([b for b in sentence.boundaries if b <= clause.chain], default=low)
    if any(max(low, apart) <= at <= first_verb and _free(at, inside) for at in sentence.modals):
        clause.modality = "permitted" if clause.actor == "user" else "possible"
    elif any(low <= at < first_verb and _free(at, inside) for at in sentence.duties):
        clause.modality = "obliged"
    clause.unable = clause.denied and any(
        low <= hit.first <= first_verb for hit in sentence.cues.get("inability", ())
    )
    _set_exceptions(clause, first_verb, sentence)
    for hit in sentence.cues.get("condition", ()):
        if clause.asserted and hit.first == sentence.first:
            continue
        if clause.start <= hit.first < clause.end and not (
            clause.exception and hit.first >= clause.exception[0]
        ):
            clause.condition = (hit.first, _condition_end(hit.first, clause, sentence))
            break


def _free(at: int, inside: Sequence[Range]) -> bool:
    """Whether a token stands in none of the clauses within a clause."""
    return not any(first <= at <= last for first, last in inside)


def _set_exceptions(clause: Clause, first_verb: int, sentence: Sentence) -> None:
    """What a denial spares ("except ...") and what an affirmation leaves out ("but not ...")."""
    for hit in sentence.cues.get("exception", ()):
        if clause.start <= hit.first < clause.end:
            fronted = hit.last < first_verb
            end = _condition_end(hit.first, clause, sentence) if fronted else clause.end
            clause.exception = (hit.first, end)
            if not fronted:
                break
    for hit in sentence.cues.get("reservation", ()):
        if first_verb < hit.first < clause.end and not clause.denied:
            closing = [i for i in range(hit.first, clause.end) if sentence.words[i].lemma in ");"]
            clause.reserved = (hit.first, min(closing, default=clause.end))
            break
    reserved = {hit.first for hit in sentence.cues.get("reservation", ())}
    for hit in sentence.exclusions:
        if hit.first in reserved:
            continue
        if clause.start <= hit.first < clause.end and not clause.denied:
            fronted = hit.first < first_verb
            end = _condition_end(hit.first, clause, sentence) if fronted else clause.end
            if sentence.words[hit.first - 1].lemma == "(":
                brackets = (i for i in range(hit.last, end) if sentence.words[i].lemma == ")")
                end = next(brackets, end)
            clause.excluded = (hit.first, end)
            if not fronted:
                break


def _denies(at: int, clause: Clause, sentence: Sentence) -> bool:
    """Whether a denial bears on a clause's verb: nothing but its chain stands between them.

    "No data is shared" and "we share no data" deny by a determiner instead. In languages whose
    verb frames its clause a denial may stand anywhere in it: the class `denying_anywhere`.
    """
    words, classes = sentence.words, sentence.classes
    if not clause.start <= at < clause.end:
        return False
    if words[at].lemma in classes["denying_anywhere"]:
        return True
    firsts = {hit.first for hit in clause.verbs}
    last = max(hit.last for hit in clause.verbs)
    if words[at].lemma in classes["denying"]:
        if at == last + 1:
            return True
        if clause.passive or clause.actor == "third_party":
            chained = words[clause.chain - 1].lemma in classes["joiner"] and clause.chain - 1 > at
            return at < min(firsts) and not chained  # "they hold no names and are deleted"
    skipped = classes["aux|adverb|joiner|pronoun"]
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
