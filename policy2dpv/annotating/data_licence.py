"""Whether a data phrase counts where it stands, and where data is said to come from."""

from __future__ import annotations

from policy2dpv.annotating.licence import AMONG, FREE, USER, WEAK, Scene, is_object, purpose_counts
from policy2dpv.annotating.sentence import Clause
from policy2dpv.knowledge.phrases import Hit

NEAR = 2  # words from "this" to "includes", or from a label's word to its colon
LABEL = 6  # words of a label before such a word
FAR = 10  # words from "provide" to "us"


def all_data(scene: Scene, end: int) -> int:
    """`end` if the words of a scene up to it are all data, a numbering before them aside; or 0."""
    words, skipped = scene.words, scene.classes["joiner|determiner"]
    at = scene.first
    while at < end and at not in scene.inside and len(words[at].lemma) == 1:
        at += 1  # "A." or a dash
    rest = range(at, end)
    plain = all(
        i in scene.inside or words[i].lemma in skipped or not words[i].lemma.isalnum() for i in rest
    )  # fmt: skip
    return end if plain and any(i in scene.inside for i in rest) else 0


def strong_data(hit: Hit, scene: Scene) -> bool:
    """Whether an ambiguous data word stands in strong company: a list of data, or after "your"."""
    if scene.lists_data(hit) or in_list_of_data(hit, scene):
        return True
    words, classes = scene.words, scene.classes
    at = hit.first - 1
    while at >= scene.first and hit.first - at <= 4:
        if at in scene.possessives:
            return True
        if words[at].lemma in classes["joiner"] or words[at].lemma in classes["gap_barrier"]:
            break
        at -= 1
    before, after = hit.first - 1, hit.last + 1
    while before > scene.first and words[before].lemma in classes["determiner"]:
        before -= 1
    joined_before = before > scene.first and words[before].lemma in classes["joiner"]
    joined_after = after < scene.last - 1 and words[after].lemma in classes["joiner"]
    if joined_before:
        back = before - 1
        while back > scene.first and words[back].lemma in classes["joiner"]:
            back -= 1
        if back in scene.data_ends:
            return True
    if joined_after:
        ahead = after + 1
        while ahead < scene.last - 1 and (
            words[ahead].lemma in classes["joiner"] or words[ahead].lemma in classes["determiner"]
        ):
            ahead += 1
        if ahead in scene.data_starts:
            return True
    return False


def listed_data(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a word that is mostly no data stands as some: in a list, or "we store your ..."."""
    if scene.lists_data(hit) or in_list_of_data(hit, scene):
        return True
    words, classes = scene.words, scene.classes
    if hit.last + 1 < scene.last and words[hit.last + 1].lemma == "-":
        return False
    for step, ends in ((1, scene.data_starts), (-1, scene.data_ends)):
        at, joined = (hit.last if step > 0 else hit.first) + step, False
        while scene.first <= at < scene.last:
            joined = joined or words[at].lemma in classes["joiner"]
            if joined and at in ends and at not in scene.listed:
                return True
            if at in scene.listed:
                joined = False
            elif words[at].lemma not in classes["joiner|determiner"]:
                break
            at += step
    if words[at].lemma in classes["about"] and at - 1 in scene.data_ends:
        return True
    own = words[at + 1].lemma not in classes["determiner"] or at + 1 in scene.possessives
    own = own and words[at].lemma not in classes["gap_barrier"]
    return (
        own
        and clause is not None
        and any(v.last == at and v.phrase.kind == "processing" for v in clause.verbs)
    )


def data_counts(hit: Hit, clause: Clause | None, handled: bool, scene: Scene) -> bool:
    """Whether a data phrase is said to be handled here."""
    requires = hit.phrase.requires
    if requires == FREE or names_data(hit, scene):
        return True
    if requires == WEAK and not strong_data(hit, scene):
        return False
    if requires == AMONG and not listed_data(hit, clause, scene):
        return False
    if scene.lists_data(hit) or in_list_of_data(hit, scene):
        return True
    if taken_up(hit, scene):
        return True
    return handled and not behind_purpose(hit, clause, scene)


def taken_up(hit: Hit, scene: Scene) -> bool:
    """Whether a relative clause says what we do with a phrase: "your number, which we store"."""
    words, classes = scene.words, scene.classes
    skipped = classes["joiner|determiner|relative"]
    return any(
        words[clause.start - 1].lemma in classes["relative"]
        and clause.actor == "first_party"
        and hit.last < clause.start - 1
        and any(verb.phrase.kind == "processing" for verb in clause.verbs)
        and all(
            i in scene.inside or words[i].lemma in skipped
            for i in range(hit.last + 1, clause.start)
        )
        for clause in scene.clauses
    )


def names_data(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase is (a part of) an item, cell, heading or label that is all data."""
    whole = scene.first <= hit.first and hit.last < scene.whole
    return whole and (hit.phrase.requires not in (WEAK, AMONG) or scene.context.about("collection"))


def behind_purpose(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a phrase only says what is aimed at: "to learn how you use our site"."""
    if clause is None or (clause.passive and any(v.first > hit.last for v in clause.verbs)):
        return False
    words, condition = scene.words, clause.condition or (0, 0)
    if _begins_anew(hit, scene):
        return False
    for purpose in scene.hits.get("purpose", ()):
        first = purpose.first
        if not clause.start <= first <= hit.first or condition[0] <= first < condition[1]:
            continue
        if any(words[i].lemma in scene.classes["restart"] for i in range(first, hit.first)):
            continue
        if _lists_on(purpose, hit, scene) or not purpose_counts(purpose, clause, scene):
            continue
        if not any(
            first < verb.first < hit.first and not verb.mask & purpose.mask
            and (verb.phrase.kind == "processing" or verb is clause.verbs[0])
            for verb in clause.verbs
        ):  # fmt: skip
            return True
    return _in_aim(hit, clause, scene)


def _in_aim(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether a phrase is but in the aim of data told before: "we use it to find your size"."""
    told = scene.hits.get("cue:refers_data")
    if not told:
        return False
    words, classes = scene.words, scene.classes
    done = [v for v in clause.verbs if v.phrase.kind == "processing"]
    for intro in scene.hits.get("cue:purpose_intro", ()):
        verb = intro.last + 1
        if words[intro.last].lemma not in classes["infinitive"] or verb >= hit.first:
            continue
        used = any(v.last < t.first and t.last < intro.first for v in done for t in told)
        if (
            used
            and clause.start <= intro.first
            and not any(verb <= v.first < hit.first for v in done)
        ):
            return True
    return False


def _begins_anew(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase has an aim of its own: "your name for billing and your city for maps"."""
    words, classes = scene.words, scene.classes
    before = hit.first - 1
    while before > scene.first and words[before].lemma in classes["determiner"]:
        before -= 1
    return (
        scene.first < before < hit.first - 1
        and words[before].lemma in classes["joiner"]
        and any(intro.first == hit.last + 1 for intro in scene.hits.get("cue:purpose_intro", ()))
    )


def _lists_on(purpose: Hit, hit: Hit, scene: Scene) -> bool:
    """Whether a purpose names data ("verify your e-mail address") that a phrase is or goes on."""
    if hit.mask & purpose.mask == hit.mask:
        return True
    skipped = scene.classes["joiner|determiner"]
    between = range(purpose.last + 1, hit.first)
    return any(d.mask & purpose.mask for d in scene.data) and all(
        scene.words[i].lemma in skipped or i in scene.inside for i in between
    )


def in_list_of_data(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase is an example of data just named: "Usage Data includes your address"."""
    barrier, colon = scene.classes["purpose_barrier"] - {";"}, scene.classes["colon"]
    for intro in scene.hits.get("cue:list_intro", ()):
        if intro.last < hit.first and (
            any(d.first < intro.first for d in scene.named) or _goes_on(intro, scene)
        ):
            at = hit.first - 1
            while (
                at > intro.last
                and scene.words[at].lemma not in colon
                and (at in scene.inside or scene.words[at].lemma not in barrier)
            ):
                at -= 1
            if at == intro.last or scene.words[at].lemma in colon:
                return True
    return False


def _goes_on(intro: Hit, scene: Scene) -> bool:
    """Whether a list tells more of the data of the sentence before: "This includes your name"."""
    begins = scene.words[scene.first].lemma in scene.classes["data_pronoun"]
    return scene.goes_on and begins and intro.first - scene.first <= NEAR


def source_counts(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether data is said to come from somewhere: by what is collected, or right behind data.

    Only for phrases such as "from partners": what is a source by itself counts as it is.
    """
    words, origin = scene.words, scene.classes["origin"]
    if clause is not None and clause.unable:
        return False
    if words[hit.first].lemma not in origin or hit.phrase.requires == FREE:
        return not _receives(hit, scene)
    if scene.opens("data_source") or any(
        i in scene.data_ends for i in range(max(scene.first, hit.first - 3), hit.first)
    ):
        return True
    if clause is None or clause.actor == "user":
        return clause is None and scene.context.about("collection", "source")
    if any(v.phrase.term in scene.licences["source"] and v.first < hit.last for v in clause.verbs):
        return True
    return is_object(hit, clause, scene) and bool(scene.data)


def _receives(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase for a source names who data is given to ("we sell it to data brokers")."""
    before = scene.words[hit.first - 1].lemma if hit.first > scene.first else ""
    return (
        before in scene.classes["giving"]
        and before not in scene.classes["origin"]
        and any(
            r.first <= hit.last and hit.first <= r.last for r in scene.hits.get("recipient", ())
        )
    )


def is_origin(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether somebody is whom data comes from: "we receive it from Acme and from our partners".

    In a column of sources all are.
    """
    if (clause is None and scene.opens("data_source")) or _labels_source(hit, scene):
        return True
    if clause is None or clause.denied:
        return False
    if clause.actor != "first_party":
        return _gives_us(hit, clause, scene)
    words, classes = scene.words, scene.classes
    told = scene.hits.get("data_source", ())
    if hit.phrase.kind == "recipient" and any(s.mask & hit.mask for s in told):
        return False
    others = [*scene.hits.get("party", ()), *scene.hits.get("recipient", ()), *told,
              *scene.hits.get("cue:list_intro", ())]  # fmt: skip
    at = hit.first - 1
    while at > scene.first and words[at].lemma not in classes["from"] and (
        words[at].lemma in classes["determiner"] or words[at].lemma in classes["joiner"]
        or any(p.first <= at <= p.last for p in others)
    ):  # fmt: skip
        at -= 1
    taking = scene.licences["source"]
    return words[at].lemma in classes["from"] and any(
        v.phrase.term in taking and v.last < at for v in clause.verbs
    )


def _gives_us(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether somebody is who gives: "advertisers provide information about you to us"."""
    sharing = scene.licences["recipient"]
    return clause.actor == "third_party" and any(
        hit.last < verb.first
        and any(verb.first < d.last < clause.end for d in scene.data)
        and scene.cue("to_us", verb.first, min(verb.last + FAR, clause.end))
        for verb in clause.verbs
        if verb.phrase.requires == USER or verb.phrase.term in sharing
    )


def _labels_source(hit: Hit, scene: Scene) -> bool:
    """Whether somebody labels what is received: "Partners: We receive data about you from them"."""
    behind = range(hit.last + 1, min(hit.last + NEAR + 1, scene.last))
    labelled = hit.last < scene.label[1] or (
        hit.first - scene.first <= LABEL
        and any(scene.words[at].lemma in scene.classes["colon"] for at in behind)
    )
    ours = [c for c in scene.clauses if c.actor == "first_party" and not c.denied]
    terms = {v.phrase.term for c in ours for v in c.verbs if v.phrase.kind == "processing"}
    return labelled and bool(terms) and terms <= scene.licences["source"]


def behind_technology(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a phrase says what a technology holds: "cookies remember your language"."""
    return clause is not None and any(
        clause.start <= tool.first and tool.last < hit.first
        for tool in scene.hits.get("technology", ())
    )
