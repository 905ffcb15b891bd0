"""What the whole policy tells now and did not before, or no longer: facts against facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy2dpv.comparing.changes import Change, Group, Side, group_facts, make_change, side_of
from policy2dpv.comparing.covering import Covering, stems
from policy2dpv.comparing.meaning import Meaning
from policy2dpv.comparing.passages import Passages
from policy2dpv.graphs.graph_facts import Fact

PARTY, CONTROLLER = "party", "controller"
BY_LABEL = frozenset({"recipient"})  # kinds whose words tell nobodies in particular apart


def find_fact_changes(
    old: Meaning, new: Meaning, before: Passages, after: Passages, cover: Covering
) -> Iterator[Change]:
    """Yield what came, went, became wider or narrower, over the whole policy.

    A fact is told in both versions where a fact of the same term or name is; it is none where a
    clause that says it stands word for word in the other version, or its words stand in that
    clause reworded.

    >>> from policy2dpv.comparing.covering import load_covering
    >>> empty = Meaning("x", "", "", (), (), ())
    >>> asked = Passages(empty, load_covering().rules)
    >>> list(find_fact_changes(empty, empty, asked, asked, load_covering()))
    []
    """
    for kind in cover.rules.compared:
        yield from _Kind(kind, old, new, (before, after), cover).changes()


class _Kind:
    """The facts of one kind in both versions."""

    def __init__(
        self, kind: str, old: Meaning, new: Meaning, texts: tuple[Passages, Passages],
        cover: Covering,
    ) -> None:  # fmt: skip
        self.kind, self.cover = kind, cover
        self.how = cover.rules.compared[kind]
        self.before, self.after = texts
        mine, theirs = (group_facts(side.said, kind, cover) for side in (old, new))
        keys = [{self._key(group) for group in side} for side in (mine, theirs)]
        self.old, self.new = mine, theirs
        self.sides = (new, old)
        self.gone = [g for g in mine if self._key(g) not in keys[1] and self._counts(g)]
        self.come = [g for g in theirs if self._key(g) not in keys[0] and self._counts(g)]

    def changes(self) -> Iterator[Change]:
        gone = self._sharpest([g for g in self.gone if not _said_in(g, self.after)])
        come = self._sharpest([g for g in self.come if not _said_in(g, self.before)])
        if self.how in ("contact", PARTY) and self.kind != "recipient" and gone and come:
            yield from self._tell("changed", gone, come)
            return
        if self.how in ("set", PARTY):
            for suffix, wide, narrow in (("widened", come, gone), ("narrowed", gone, come)):
                for group in list(wide):
                    parts = [g for g in narrow if self._within(g, group)]
                    if parts:
                        sides = ([*parts], [group]) if suffix == "widened" else ([group], parts)
                        yield from self._tell(suffix, *sides)
                        wide.remove(group)
                        for part in parts:
                            narrow.remove(part)
        for group in come:
            told = any(self._within(group, wider) for wider in self.old)
            yield from self._tell("named" if told else "added", [], [group])
        for group in gone:
            if not any(self._within(group, wider) for wider in self.new):
                yield from self._tell("removed", [group], [])
        if self.kind in BY_LABEL:
            for suffix, group in self._labels(*self.sides, self.before, "added"):
                yield from self._tell(suffix, [], [group])
            for suffix, group in self._labels(*self.sides[::-1], self.after, "removed"):
                if suffix != "named":
                    yield from self._tell(suffix, [group], [])

    def _labels(
        self, here: Meaning, there: Meaning, text: Passages, name: str
    ) -> Iterator[tuple[str, Group]]:
        """Parties whose class says little, by words that the other version never uses."""
        told = {self.cover.key(one.fact) for one in there.said}
        for one in here.said:
            fact = one.fact
            vague = self.cover.is_vague(fact)
            if fact.kind != self.kind or fact.name or not fact.value:
                continue
            if not vague and self.cover.key(fact) not in told:
                continue  # its class has come or gone: that is told
            alone = Group((one,))
            if self._is_fresh(fact, text, vague=vague) and not _said_in(alone, text):
                yield name if vague else "named", alone

    def _is_fresh(self, fact: Fact, text: Passages, *, vague: bool) -> bool:
        """Whether the words tell more than the class does and are new."""
        own = stems(fact.value) - self.cover.rules.nobodies
        known = self.cover.vocabulary
        labels = (known.label(t) for t in self.cover.classes(fact) if known.has(t))
        own -= stems(" ".join(labels))
        if not own or not (vague or " " in fact.value):
            return False
        return not text.mention(fact.value)

    def _key(self, group: Group) -> tuple[str, ...]:
        return self.cover.key(group.facts[0])

    def _counts(self, group: Group) -> bool:
        terms = self.cover.classes(group.facts[0])
        return self.how != "operation" or bool(terms & self.cover.rules.operations)

    def _within(self, group: Group, wider: Group) -> bool:
        return self.cover.within(group.facts[0], wider.facts[0])

    def _sharpest(self, groups: Sequence[Group]) -> list[Group]:
        """Groups without those that only say more widely what another one of their place says."""
        return [
            wide for wide in groups
            if not any(
                narrow is not wide and self._within(narrow, wide)
                and not set(wide.quotes).isdisjoint(narrow.quotes)
                for narrow in groups
            )
        ]  # fmt: skip

    def _tell(self, suffix: str, old: Sequence[Group], new: Sequence[Group]) -> Iterator[Change]:
        mine, theirs = (self._side(groups) for groups in (old, new))
        if not old:
            mine = Side(quotes=self.before.nearest(theirs.quotes))
        if not new:
            theirs = Side(quotes=self.after.nearest(mine.quotes))
        grave = [fact for group in (*new, *old) for fact in group.facts]
        change = make_change(f"{self.kind}_{suffix}", mine, theirs, self.cover, grave)
        if change:
            yield change

    def _side(self, groups: Sequence[Group]) -> Side:
        facts = [group.facts[0] for group in groups]
        return side_of(facts, (q for group in groups for q in group.quotes), self.cover)


def _said_in(group: Group, text: Passages) -> bool:
    return any(text.say(place) for place in group.places)
