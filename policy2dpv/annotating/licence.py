"""Whether a phrase counts where it stands: data that is handled, a purpose that is aimed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policy2dpv.annotating.context import Context
from policy2dpv.annotating.party_lists import LISTED, list_start
from policy2dpv.annotating.sentence import Clause
from policy2dpv.knowledge.phrases import Hit
from policy2dpv.knowledge.tokens import Word

WEAK, AMONG, FREE, DATA, USER = "weak", "listed", "free", "data", "user"
BESIDE = 5  # words within which two stand side by side
EXCEPTION = "exception"
NEAR, FAR = 12, 40  # tokens


class Scene:
    """One segment with all that was found in it: what a licence is decided from."""

    def __init__(
        self,
        words: Sequence[Word],
        first: int,
        last: int,
        hits: Mapping[str, list[Hit]],
        clauses: Sequence[Clause],
        context: Context,
        classes: Mapping[str, frozenset[str]],
        licences: Mapping[str, frozenset[str]],
        *,
        mute: bool,
        label: tuple[int, int] = (0, 0),
        unsaid: Sequence[tuple[int, int]] = (),
        told: bool = False,
        goes_on: bool = False,
    ) -> None:
        self.words, self.first, self.last = words, first, last
        self.label = label
        self.unsaid, self.told, self.goes_on = unsaid, told, goes_on
        self.hits, self.clauses, self.context = hits, clauses, context
        self.classes, self.licences, self.mute = classes, licences, mute
        self.possessives = {h.last for h in hits.get("cue:possessive", ())}
        self.data = hits.get("personal_data", [])
        self.data_ends = {h.last for h in self.data}
        self.data_starts = {h.first for h in self.data}
        self.listed = {
            i for h in self.data if h.phrase.requires == AMONG
            for i in range(h.first, h.last + 1)
        }  # fmt: skip
        generic = licences.get("generic", frozenset())
        sure = [
            h for h in self.data
            if h.phrase.term in generic or h.phrase.requires not in (WEAK, AMONG)
        ]  # fmt: skip
        self.whole = 0  # the token after a label, item or heading that is wholly data
        self.inside = {i for h in self.data for i in range(h.first, h.last + 1)}
        self.named = [*sure, *hits.get("defined", ())]

    def cue(self, name: str, low: int, high: int) -> bool:
        """Whether a cue stands within tokens `low` to `high` (inclusive)."""
        return any(low <= h.first and h.last <= high for h in self.hits.get(f"cue:{name}", ()))

    def after(self, at: int) -> str:
        """The lemma of the word behind a token; "" at the end."""
        return self.words[at + 1].lemma if at + 1 < self.last else ""

    def clause_at(self, at: int) -> tuple[int, Clause | None]:
        """The number of the clause that holds a token, and the clause; 0 and None without one."""
        for number, clause in enumerate(self.clauses):
            if clause.start <= at < clause.end:
                return number, clause
        return 0, None

    def opens(self, kind: str) -> bool:
        """Whether the list, column or heading above opens a kind."""
        return kind in self.context.open_kinds

    def lists_data(self, hit: Hit) -> bool:
        """Whether a phrase stands in an item of a list of data, before the item says what we do."""
        if not self.opens("personal_data"):
            return False
        return not any(
            clause.kind == "main" and clause.actor == "first_party" and clause.verbs
            and clause.chain < clause.verbs[0].first < hit.first
            for clause in self.clauses
        )  # fmt: skip


def strong(hit: Hit, scene: Scene) -> bool:
    """Whether an ambiguous phrase stands in a list, cell or under a heading of its kind."""
    return scene.opens("recipient" if hit.phrase.kind == "party" else hit.phrase.kind)


def is_object(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a phrase is the object of a verb of the firm's, whatever the verb."""
    if clause is None or clause.actor == "user" or scene.opens("purpose"):
        return False
    barrier = scene.classes["purpose_barrier"]
    return any(
        verb.first < hit.first <= verb.last
        or (
            verb.last < hit.first
            and not any(scene.words[i].lemma in barrier for i in range(verb.last + 1, hit.first))
        )
        for verb in clause.verbs
    )


def processing_counts(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether an operation is one on data, done by somebody other than the person."""
    requires = hit.phrase.requires
    if clause.actor == "user":
        return requires == USER and not clause.denied and _touches_data(hit, clause, scene)
    if requires == USER:
        return False
    if requires == DATA:
        return _touches_data(hit, clause, scene) or scene.context.inherits
    return True


def _touches_data(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether data is the object of a verb, or the subject of a passive."""
    if clause.passive and any(clause.start <= d.first < hit.first for d in scene.data):
        return True
    if any(hit.first < d.first <= hit.last for d in scene.data):
        return True
    after = hit.last + 1
    if any(d.first == after for d in scene.data):
        return True
    if after < scene.last and scene.words[after].lemma in scene.classes["data_pronoun"]:
        lone = scene.words[after].lemma not in scene.classes["determiner"]
        return any(d.last < hit.first for d in scene.data) or (lone and scene.told)  # "share it"
    stop = min([v.first for v in clause.verbs if v.first > hit.last + 3] + [clause.end])
    before = min(max(stop, hit.last + 4), clause.end)
    nearest = min((d.first for d in scene.data if hit.last < d.first < before), default=None)
    barrier = scene.classes["purpose_barrier"]
    return nearest is not None and not any(
        word.lemma in barrier for word in scene.words[after:nearest]
    )


def fills_label(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase is what a run-in heading says ("Newsletter dispatch: ...")."""
    first, last = scene.label
    return first <= hit.first and hit.last < last and 2 * hit.size >= last - first


def purpose_counts(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a purpose phrase is aimed at: introduced, listed, or the clause's own verb."""
    requires = hit.phrase.requires
    if requires == FREE:
        return True
    if scene.opens(hit.phrase.kind):
        return True
    if fills_label(hit, scene):
        return True
    if (
        clause is not None
        and clause.actor == "user"
        and not scene.context.inherits
        and (hit.last > clause.chain)
    ):
        return False
    if clause is not None and clause.unable:
        return False
    if scene.context.about("changes"):
        return False
    if _goes_with_basis(hit, scene) or _of_recipient(hit, scene):
        return True
    low = clause.start if clause is not None else scene.first
    if clause is not None and requires != WEAK and hit in clause.verbs:
        return clause.actor != "user"
    if requires == WEAK:
        return scene.cue("purpose_word", hit.last + 1, hit.last + 8) or (
            scene.cue("purpose_word", max(low, hit.first - 8), hit.first - 1)
        )
    starts = [
        h.last
        for h in scene.hits.get("cue:purpose_intro", ())
        if low <= h.last + 1 and h.last < hit.first
    ]
    return bool(starts) and hit.first - max(starts) <= FAR


def denied_beside(hit: Hit, scene: Scene) -> bool:
    """Whether a denial stands right before a phrase: "no automated decision-making"."""
    denials = {h.last for h in scene.hits.get("cue:denial", ())}
    at = hit.first - 1
    while (
        at > scene.first
        and at not in denials
        and (scene.words[at].lemma in scene.classes["determiner|adverb"])
    ):
        at -= 1
    return at in denials


def left_out(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase outside any clause is taken out of what a list names: "(excluding race)"."""
    return any(
        cue.last < hit.first
        and scene.words[cue.first - 1].lemma == "("
        and not any(scene.words[i].lemma == ")" for i in range(cue.last + 1, hit.first))
        for cue in scene.hits.get("cue:exclusion", ())
    )


def denied_alone(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase outside any clause is denied, in it or by the verb chain before it."""
    denials = {h.last for h in scene.hits.get("cue:denial", ())}
    if any(hit.first <= at <= hit.last for at in denials):
        return True
    if not scene.clauses and any(at < hit.first for at in denials):
        return True
    classes, words = scene.classes, scene.words
    chain = classes["aux|adverb|joiner|be"]
    ends = {h.last for h in scene.hits.get(hit.phrase.kind, ())}
    at = hit.first - 1
    while at >= scene.first and at not in denials and (words[at].lemma in chain or at in ends):
        at -= 1
    return at in denials


def _goes_with_basis(hit: Hit, scene: Scene) -> bool:
    """Whether a purpose stands with its basis: as the label of one, or as the interest pursued."""
    if hit.last < scene.label[1] and scene.opens("legal_basis"):
        return True
    words, link = scene.words, scene.classes["basis_link"]
    return any(
        basis.last < hit.first <= basis.last + 4
        and all(words[i].lemma in link for i in range(basis.last + 1, hit.first))
        for basis in scene.hits.get("legal_basis", ())
    )


def _of_recipient(hit: Hit, scene: Scene) -> bool:
    """Whether a purpose is what brackets say of somebody: "Acme (hosting)"."""
    at = hit.first - 1
    if at <= scene.first or scene.words[at].lemma not in scene.classes["parenthesis"]:
        return False
    return any(who.last == at - 1 for k in ("recipient", "party") for who in scene.hits.get(k, ()))


def limits_right(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a phrase only says when the person has a right: "where the law requires, you may"."""
    if clause is None or clause.actor != "user" or clause.condition is None:
        return False
    low, high = clause.condition
    if any(low < we.first < high for we in scene.hits.get("cue:first_party", ())):
        return False  # "where we rely on consent"
    return (
        low <= hit.first < high <= clause.chain + 1
        and any(
            clause.start <= right.first and high <= right.first + 1
            for right in scene.hits.get("right", ())
        )
        and not any(low <= data.first < high for data in scene.data)
    )


def basis_counts(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a legal basis is one of processing, not of the policy's own changes.

    "Without your consent" names one only as the exception to a denial.
    """
    if hit.phrase.requires == EXCEPTION:
        return clause is not None and clause.denied
    if hit.phrase.requires == WEAK and not strong(hit, scene):
        return False
    return not scene.context.about("changes")


def names_a_role(hit: Hit, scene: Scene) -> bool:
    """Whether a recipient is but the role of a firm named before it ("Acme, as our processor")."""
    return hit.phrase.kind == "recipient" and any(
        cue.first <= hit.first and hit.last <= cue.last
        and any(party.last < cue.first for party in scene.hits.get("party", ()))
        for cue in scene.hits.get("cue:as_processor", ())
    )  # fmt: skip


def runs_here(hit: Hit, scene: Scene) -> bool:
    """Whether a maker is named whose product the controller runs itself ("self-hosted Matomo")."""
    near = hit.first - BESIDE, hit.last + BESIDE
    return hit.phrase.kind == "party" and scene.cue("self_hosted", *near)


def recipient_counts(hit: Hit, clause: Clause | None, shares: bool, scene: Scene) -> bool:
    """Whether somebody receives data here, or acts on it.

    A firm that is an example of a category ("service providers such as Acme") counts where the
    category would.
    """
    if hit.phrase.requires == FREE:
        return True
    if _gives(hit, clause, scene) or (not shares and _is_source(hit, scene)):
        return False
    if clause is not None and not shares and _in_condition(hit, clause, scene):
        return False
    if scene.opens("recipient") or scene.cue("recipients_named", scene.first, hit.first - 1):
        return True
    if hit.phrase.requires == WEAK:
        before = range(max(scene.first, hit.first - 3), hit.first)
        return shares and any(scene.words[i].lemma in scene.classes["giving"] for i in before)
    start = list_start(hit, scene.hits.get(LISTED, ()))
    at = hit.first if start is None else start
    if clause is None:
        return scene.context.sharing or start is not None
    if shares or scene.context.sharing:
        return True
    if clause.agent is not None and clause.agent.first in (hit.first, at):
        return not clause.passive or any(v.phrase.kind == "processing" for v in clause.verbs)
    if scene.cue("sharing_with", clause.start, hit.first) and clause.actor != "user":
        return True
    return scene.cue("engaging", max(clause.start, at - 6), hit.first - 1) and (
        clause.actor == "first_party"
    )


def _in_condition(hit: Hit, clause: Clause, scene: Scene) -> bool:
    """Whether somebody stands in a condition only: "if you are an administrator, we receive it"."""
    low, high = clause.condition or (0, 0)
    return (
        low <= hit.first < high
        and not scene.context.sharing
        and not any(
            low <= verb.first < high and verb.phrase.term in scene.licences["recipient"]
            for verb in scene.hits.get("processing", ())
        )
    )


def shares(clause: Clause, operations: Sequence[Hit], scene: Scene) -> bool:
    """Whether a clause passes data on: by a verb that needs no data, or one of its operations."""
    return any(
        verb.phrase.term in scene.licences["recipient"]
        for verb in clause.verbs if verb.phrase.requires != DATA or verb in operations
    )  # fmt: skip


def _is_source(hit: Hit, scene: Scene) -> bool:
    """Whether a phrase about where data comes from holds somebody: "our resellers give us"."""
    return any(
        s.first <= hit.first and hit.last <= s.last and s.size > hit.size
        for s in scene.hits.get("data_source", ())
    )


def _gives(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether somebody is but where data comes from: "from our partners and resellers".

    Who asks receives what is asked for: "requests from authorities".
    """
    low = max(clause.start if clause is not None else scene.first, hit.first - FAR)
    verbs = {v.last for v in clause.verbs} if clause is not None else set()
    for at in range(hit.first - 1, low - 1, -1):
        lemma = scene.words[at].lemma
        if lemma in scene.classes["source_word"]:
            return at == scene.first or scene.words[at - 1].lemma not in scene.classes["asking"]
        if at in verbs or lemma in scene.classes["giving"] or lemma == ";":
            return False
    return False


def lists_recipients(scene: Scene) -> bool:
    """Whether a sentence that introduces a list ends on somebody who receives, not on data."""
    named = [h.last for kind in ("recipient", "party") for h in scene.hits.get(kind, ())]
    return (
        bool(named)
        and max(named) > max(scene.data_ends, default=-1)
        and (not scene.data or scene.cue("engaging", scene.first, max(named)))
    )


def right_counts(hit: Hit, clause: Clause | None, scene: Scene) -> bool:
    """Whether a right or choice is the person's: listed, under its heading, or said of "you"."""
    if clause is not None and clause.denied and not hit.first <= clause.denial <= hit.last:
        return False  # "you may not opt out"
    if hit.phrase.requires == FREE or scene.opens("right"):
        return True
    titled = scene.context.about("rights")
    if hit.phrase.requires == WEAK:
        intros = [h.last for h in scene.hits.get("cue:right_intro", ()) if h.last < hit.first]
        start = max(intros, default=scene.first - 1)
        return bool(titled or intros) and not _we_act(start, hit.first, scene)
    if titled or scene.cue("user_right", scene.first, hit.last):
        return True
    if scene.cue("right_intro", hit.first, hit.last):
        return True
    return clause is None or clause.actor == "user" or clause.passive


def _we_act(after: int, before: int, scene: Scene) -> bool:
    """Whether the firm itself is named as acting between two tokens."""
    return any(
        after < h.first < before and scene.words[h.first].lemma in scene.classes["pronoun"]
        for h in scene.hits.get("cue:first_party", ())
    )
