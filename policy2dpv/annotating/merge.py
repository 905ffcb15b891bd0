"""Several annotators on one text become one reading, by a stated rule; who said what is kept.

A passage is what annotators annotated side by side: clauses whose spans share more than half of
the longer one. Two annotations are equal if kind, term, polarity, value and name are the same
and their spans overlap within one passage; equality goes on from one to the next.

Before equal annotations become one, the clauses they stand in are aligned: clauses of different
annotators on one passage with the same category, if at least half of what the larger one says is
in the other (as OPP-115 was consolidated: Wilson et al., ACL 2016, section 3), the most alike
first. So nothing is tied together that no annotator tied together on his own or nearly so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from policy2dpv.annotating.merge_rules import ONE, check_rule
from policy2dpv.annotating.sentence import ASIDE
from policy2dpv.errors import AnnotatorError
from policy2dpv.model import Annotation, Span

Key = tuple[str, str, str, str, str, bool]
Said = tuple[tuple[str, ...], Annotation]  # by whom, and what
SCOPE = {"actor": "first_party", "modality": "", "condition": ""}  # and what says nothing
HALF = 0.5  # of the larger clause, for two to be aligned


class AnnotatedClause(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator says in one clause of a passage; after merging, several annotators.

    `id` names it, `passage` is its span and `category` the annotator's word for the practice.
    """

    id: str
    by: tuple[str, ...]
    passage: Span
    category: str = ""
    annotations: tuple[Annotation, ...] = ()

    def sayings(self) -> frozenset[Key]:
        """What it says, wherever in the passage."""
        return frozenset(map(_key, self.annotations))


def merge_clauses(clauses: Iterable[AnnotatedClause], rule: str) -> list[AnnotatedClause]:
    """Return the clauses of several annotators as one reading, in the order of the passages.

    - ``all``: as they are.
    - ``one:NAME``: those of one annotator.
    - ``union``: aligned clauses become one, and equal annotations in them one.
    - ``majority``: before that, annotations go that not more than half of those annotators said
      who annotated the passage, and after it clauses that say no more than another one.

    Equal annotations become the one whose span most of the annotators chose; of several such the
    shortest, then the first. `Annotation.by` names all who said it. Who acts, the modality and
    the condition are those of most of the aligned clauses; a tie goes to what is not left unsaid.
    The order in which the clauses are given decides nothing. AnnotatorError: no such rule, or
    nobody of that name.

    >>> def said(who, start, end):
    ...     one = Annotation(start=start, end=end, quote="", kind="purpose", term="ex:Sale",
    ...                      segment=who, source="", by=(who,))
    ...     return AnnotatedClause(id=who, by=(who,), passage=(0, 40), annotations=(one,))
    >>> [merged] = merge_clauses([said("a", 5, 9), said("b", 5, 30), said("c", 5, 9)], "majority")
    >>> [(one.start, one.end, one.by) for one in merged.annotations]
    [(5, 9, ('a', 'b', 'c'))]
    """
    if check_rule(rule) == "all":
        return list(clauses)
    given = sorted(clauses, key=_order)
    if rule.startswith(ONE):
        return _only(given, rule.removeprefix(ONE))
    found = []
    for passage in _passages(given):
        counted = _voted(passage) if rule == "majority" else passage
        merged = [_joined(cluster) for cluster in _aligned(counted)]
        found += _telling(merged) if rule == "majority" else merged
    return sorted(found, key=_order)


def _key(one: Annotation) -> Key:
    aside = one.clause >= ASIDE
    return one.kind, one.term, one.polarity, one.value or "", one.name or "", aside


def _said(clauses: Iterable[AnnotatedClause]) -> list[Said]:
    return [(clause.by, one) for clause in clauses for one in clause.annotations]


def _order(clause: AnnotatedClause) -> tuple[object, ...]:
    return clause.passage, clause.category, sorted(clause.sayings()), clause.by, clause.id


def _only(clauses: Sequence[AnnotatedClause], name: str) -> list[AnnotatedClause]:
    names = sorted({who for clause in clauses for who in clause.by if who})
    if clauses and name not in names:
        known = f"use one of {', '.join(names)}" if names else "the file names no annotators"
        raise AnnotatorError(name, "nobody of this name annotated it", known)
    return [clause for clause in clauses if name in clause.by]


def _passages(clauses: Sequence[AnnotatedClause]) -> list[list[AnnotatedClause]]:
    """The clauses by passage."""
    spans = sorted({clause.passage for clause in clauses})
    parts = _Parts(spans)
    for at, one in enumerate(spans):
        for other in spans[at + 1 :]:
            if other[0] >= one[1]:
                break
            shared = min(one[1], other[1]) - other[0]
            if 2 * shared > max(one[1] - one[0], other[1] - other[0]):
                parts.join(one, other)
    found = defaultdict(list)
    for clause in clauses:
        found[parts.of(clause.passage)].append(clause)
    return list(found.values())


def _voted(clauses: Sequence[AnnotatedClause]) -> list[AnnotatedClause]:
    """A passage's clauses with what more than half of its annotators said."""
    voters = {who for clause in clauses for who in clause.by}
    kept: set[tuple[Key, Span]] = set()
    for key, equal in _equal(_said(clauses)):
        if 2 * len({who for by, _ in equal for who in by}) > len(voters):
            kept.update((key, (one.start, one.end)) for _, one in equal)
    left = []
    for clause in clauses:
        said = [one for one in clause.annotations if (_key(one), (one.start, one.end)) in kept]
        if said:
            left.append(msgspec.structs.replace(clause, annotations=tuple(said)))
    return left


def _equal(said: Iterable[Said]) -> list[tuple[Key, list[Said]]]:
    """The equal annotations of one passage together, each group with its key."""
    by_key: dict[Key, list[Said]] = defaultdict(list)
    for by, one in said:
        by_key[_key(one)].append((by, one))
    found: list[tuple[Key, list[Said]]] = []
    for key, several in sorted(by_key.items()):
        reach = -1
        for by, one in sorted(several, key=lambda pair: (pair[1].start, pair[1].end)):
            if one.start >= reach:
                found.append((key, []))
            found[-1][1].append((by, one))
            reach = max(reach, one.end)
    return found


def _aligned(clauses: Sequence[AnnotatedClause]) -> list[list[AnnotatedClause]]:
    """A passage's clauses, those of different annotators together that say about the same."""
    order = sorted(clauses, key=_order)
    said = [clause.sayings() for clause in order]
    pairs = []
    for one, other in combinations(range(len(order)), 2):
        if order[one].category != order[other].category:
            continue
        larger = max(len(said[one]), len(said[other]))
        alike = len(said[one] & said[other]) / larger if larger else 1.0
        if alike >= HALF:
            pairs.append((-alike, one, other))
    parts = _Parts(range(len(order)))
    by: dict[Hashable, set[str]] = {at: set(clause.by) for at, clause in enumerate(order)}
    for _, one, other in sorted(pairs):
        first, second = parts.of(one), parts.of(other)
        if first != second and by[first].isdisjoint(by[second]):
            by[parts.join(first, second)] = by[first] | by[second]
    clusters = defaultdict(list)
    for at, clause in enumerate(order):
        clusters[parts.of(at)].append(clause)
    return list(clusters.values())


def _joined(cluster: Sequence[AnnotatedClause]) -> AnnotatedClause:
    """Aligned clauses as one."""
    if len(cluster) == 1:
        return cluster[0]
    name = min(clause.id for clause in cluster)
    scope = {field: _most_said(field, cluster) for field in SCOPE}
    scope["condition"] = scope["condition"] or None
    joined = [
        msgspec.structs.replace(_chosen(equal), segment=name, **scope)
        for _, equal in _equal(_said(cluster))
    ]
    return AnnotatedClause(
        id=name, by=tuple(sorted({who for clause in cluster for who in clause.by})),
        passage=_best_span((clause.passage, clause.by) for clause in cluster),
        category=cluster[0].category,
        annotations=tuple(sorted(joined, key=lambda a: (a.start, a.end, *_key(a)))),
    )  # fmt: skip


def _chosen(equal: Sequence[Said]) -> Annotation:
    """One for all of several equal annotations."""
    span = _best_span(((one.start, one.end), by) for by, one in equal)
    there = [one for _, one in equal if (one.start, one.end) == span]
    first = min(there, key=lambda one: (-one.confidence, _content(one)))
    by = tuple(sorted({who for _, one in equal for who in one.by}))
    return msgspec.structs.replace(first, by=by)


def _content(one: Annotation) -> bytes:
    """All that an annotation says, apart from who says it and where it is filed."""
    return msgspec.json.encode(msgspec.structs.replace(one, segment="", clause=0, by=()))


def _best_span(chosen: Iterable[tuple[Span, tuple[str, ...]]]) -> Span:
    """The span that most annotators chose, the shortest of several, then the first."""
    names: dict[Span, set[str]] = defaultdict(set)
    for span, by in chosen:
        names[span].update(by)
    return min(names, key=lambda span: (-len(names[span]), span[1] - span[0], span))


def _most_said(field: str, cluster: Sequence[AnnotatedClause]) -> str | None:
    """What most clauses of a cluster say of themselves."""
    votes: Counter[str] = Counter()
    for clause in cluster:
        said = Counter(getattr(one, field) or "" for one in clause.annotations)
        if said:
            votes[_winner(said, SCOPE[field])] += 1
    return _winner(votes, SCOPE[field]) if votes else SCOPE[field]


def _winner(votes: Mapping[str, int], unsaid: str) -> str:
    return min(votes, key=lambda value: (-votes[value], value == unsaid, value))


def _telling(clauses: Sequence[AnnotatedClause]) -> list[AnnotatedClause]:
    """The clauses of a passage without those that say no more than another of their category."""
    kept: list[AnnotatedClause] = []
    for clause in sorted(clauses, key=lambda one: (-len(one.sayings()), -len(one.by), _order(one))):
        said = clause.sayings()
        if not any(one.category == clause.category and said <= one.sayings() for one in kept):
            kept.append(clause)
    return kept


class _Parts:
    """Which of some items belong together: each part is named by one of its items."""

    def __init__(self, items: Iterable[Hashable]) -> None:
        self._above: dict[Hashable, Hashable] = {item: item for item in items}

    def of(self, item: Hashable) -> Hashable:
        """The name of an item's part."""
        while (above := self._above[item]) != item:
            self._above[item] = item = self._above[above]
        return item

    def join(self, one: Hashable, other: Hashable) -> Hashable:
        """Make one part of the parts of two items; its name."""
        self._above[self.of(other)] = self.of(one)
        return self.of(one)
