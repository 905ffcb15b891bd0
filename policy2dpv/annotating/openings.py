"""What a sentence opens for the list that it introduces."""

from __future__ import annotations

from policy2dpv.annotating import licence
from policy2dpv.annotating.context import Context
from policy2dpv.annotating.licence import Scene

# What a lead-in without a verb on data is followed by, by what it names; the first that holds.
BY_NAMES = (
    ("recipient", "recipient"),
    ("party", "recipient"),
    ("security_measure", "security_measure"),
    ("cue:retention", "storage_duration"),
    ("technology", "technology"),
)


def opening_of(scene: Scene) -> Context:
    """The kinds that the items of a list are read as after this sentence, and what they inherit.

    "We use your data to:" opens purposes, "we share it with:" recipients, "you may:" rights.
    """
    verbs = [v for c in scene.clauses for v in c.verbs if v.phrase.kind == "processing"]
    shares = any(v.phrase.term in scene.licences["recipient"] for v in verbs)
    user = bool(scene.clauses) and scene.clauses[-1].actor == "user"
    kinds = _kinds(scene, user=user, handles=bool(verbs), shares=shares)
    return Context((), kinds, bool(verbs) and not user, shares)


def _kinds(scene: Scene, *, user: bool, handles: bool, shares: bool) -> frozenset[str]:
    found = scene.hits
    lists_data = bool(found.get("cue:list_intro")) and bool(found.get("personal_data"))
    if not handles and _begins_with_aim(scene):
        return frozenset({"purpose"})
    if found.get("cue:user_right") and (user or not handles):
        return frozenset({"right"})
    if found.get("legal_basis") and not handles:
        return frozenset({"legal_basis"})
    aims = _aims(scene)
    if found.get("cue:basis_word"):
        return frozenset({"legal_basis", "purpose"} if aims else {"legal_basis"})
    if shares:
        if lists_data and not aims:
            named = found.get("recipient") or found.get("party")
            return frozenset({"personal_data"} if named else {"personal_data", "recipient"})
        return frozenset({"recipient", "purpose"} if aims else {"recipient"})
    if aims:
        return frozenset({"purpose"})
    if licence.lists_recipients(scene):
        return frozenset({"recipient"})
    if _uses(scene):
        return frozenset({"purpose"})
    if handles or lists_data:
        return frozenset({"personal_data"})
    return frozenset(next(({kind} for name, kind in BY_NAMES if found.get(name)), ()))


def _begins_with_aim(scene: Scene) -> bool:
    """Whether the sentence is but an aim: "To provide our services, such as:"."""
    starts = {h.last + 1 for h in scene.hits.get("cue:purpose_intro", ()) if h.first == scene.first}
    return any(
        h.first in starts and h.phrase.requires != licence.WEAK
        for h in scene.hits.get("purpose", ())
    )


def _uses(scene: Scene) -> bool:
    """Whether data just named is used: what follows are the uses, not the data."""
    verbs = (
        [v for v in scene.clauses[-1].verbs if v.phrase.kind == "processing"]
        if (scene.clauses)
        else []
    )
    if not scene.data or not verbs or scene.clauses[-1].actor != "first_party":
        return False
    if any(v.phrase.term not in scene.licences["purpose"] for v in verbs):
        return False
    return not any(
        0 <= data.first - intro.last <= 3 or 0 <= intro.first - data.last <= 2
        for intro in scene.hits.get("cue:list_intro", ())
        for data in scene.data
    )


def _aims(scene: Scene) -> bool:
    """Whether the sentence speaks of purposes or ends so that one must follow ("... to:")."""
    last = scene.last
    while last > scene.first and not scene.words[last - 1].lemma.isalnum():
        last -= 1
    ending = scene.words[last - 1].lemma if last > scene.first else ""
    if ending in scene.classes["purpose_ending"]:
        return True
    return scene.cue("purpose_word", scene.first, scene.last)
