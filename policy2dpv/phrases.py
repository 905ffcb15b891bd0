"""The phrase language: compiled into a trie over lemmas that finds all phrases in one walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from policy2dpv.errors import TableError
from policy2dpv.model import Match
from policy2dpv.tokens import Tokenizer, Tokens, Word

NARROW, WIDE, SHARED = "~", "~~", "&"
GAPS = {NARROW: 7, WIDE: 9, SHARED: 8}  # how far the next word may stand behind the last
BARRIERS = {NARROW: "gap_barrier", WIDE: "wide_gap_barrier", SHARED: "shared_gap_barrier"}


class Phrase(msgspec.Struct, frozen=True, gc=False, eq=False):
    """One row, compiled: what it means and where it stands."""

    phrase: str
    kind: str
    term: str
    source: str
    match: Match = "exact"
    silent: bool = False
    requires: str = ""
    confidence: float = 0.9
    name: str = ""
    value: str = ""
    literal: int = 0


class Hit(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A phrase found: tokens `first` to `last` inclusive.

    `mask` has a bit for each token that the phrase really uses, counted from the first token of
    the run searched; `size` is their number, `whole` tells that none between is left out.
    """

    first: int
    last: int
    mask: int
    size: int
    whole: bool
    phrase: Phrase

    def counted_from(self, first: int, was: int) -> Hit:
        """The hit with its mask counted from an earlier token."""
        if first == was:
            return self
        return Hit(self.first, self.last, self.mask << (was - first), self.size, self.whole,
                   self.phrase)  # fmt: skip


class Node:
    """A state of the trie: edges by key, gaps to further states, phrases that end here."""

    __slots__ = ("edges", "gaps", "phrases", "plain")

    def __init__(self) -> None:
        self.edges: dict[str, list[Node]] = {}
        self.plain: dict[str, Node] = {}
        self.gaps: dict[str, Node] = {}
        self.phrases: list[Phrase] = []


class State:
    """All nodes that one run of words leads to, walked as one; what follows is remembered.

    `bare` tells that no phrase ends here and no gap begins: only a next word can come of it;
    `dead` are the symbols behind which nothing is.
    """

    __slots__ = ("bare", "dead", "gaps", "known", "members", "phrases")

    def __init__(self, members: tuple[Node, ...]) -> None:
        self.members = members
        self.bare = False
        self.phrases = [phrase for node in members for phrase in node.phrases]
        self.known: dict[int, State | None] = {}
        self.dead: set[int] = set()
        self.gaps: list[tuple[str, State]] = []


UNKNOWN = State(())  # behind this symbol nobody has looked yet


class PhraseTrie:
    """All phrases of one language over their lemmas; `find` gives every hit in a run of tokens.

    Word classes, barriers and joiners come from `classes`; nothing here knows a language.
    """

    def __init__(self, tokenizer: Tokenizer, classes: Mapping[str, list[str]]) -> None:
        self.tokenizer = tokenizer
        self.root = Node()
        self._exact: set[str] = set()
        self._singles: dict[str, list[str]] = {}
        self._several: dict[str, list[list[str]]] = {}
        self._known_paths: dict[str, tuple[tuple[str, ...], ...]] = {}
        self._alphabet: frozenset[str] = frozenset()
        self._states: dict[frozenset[int], State] = {}
        self._start: State | None = None
        self._symbols: dict[Word, int] = {}
        self._symbol_keys: list[tuple[str, ...]] = [()]
        self._marks: dict[object, int] = {}
        self._joins: list[bool] = [False]
        self._barred: dict[str, list[bool]] = {gap: [False] for gap in GAPS}
        single: dict[str, set[str]] = {name: set() for name in classes}
        for name, members in classes.items():
            for member in members:
                lemmas = self.lemmas(member)
                if len(lemmas) == 1:
                    self._singles.setdefault(lemmas[0], []).append(f"<{name}>")
                    single[name].add(lemmas[0])
                elif lemmas:
                    self._several.setdefault(name, []).append(lemmas)
        self.classes = {name: frozenset(members) for name, members in single.items()}
        self._stops = {gap: self.classes.get(name, frozenset()) for gap, name in BARRIERS.items()}
        self._joiners = self.classes.get("joiner", frozenset())

    def lemmas(self, words: str) -> list[str]:
        """The lemmas of a run of words."""
        return [word.lemma for word in self.tokenizer.cut(words).words]

    # -- building ---------------------------------------------------------------------------
    def add(self, phrase: Phrase) -> None:
        """Add one phrase; raises TableError where its form is wrong."""
        states = [self.root]
        elements = phrase.phrase.split()
        if not elements or elements[0] in GAPS or elements[-1] in GAPS:
            raise TableError(
                phrase.source,
                f"phrase {phrase.phrase!r} is empty or begins or ends with a gap",
                "put a word there",
            )
        for element in elements:
            states = self._step(states, element, phrase)
        for state in states:
            if state is self.root:
                raise TableError(
                    phrase.source,
                    f"phrase {phrase.phrase!r} may be empty",
                    "make one word required",
                )
            state.phrases.append(phrase)

    def _step(self, states: list[Node], element: str, phrase: Phrase) -> list[Node]:
        """The states behind one element; alternatives and class members meet in one state."""
        if element in GAPS:
            beyond = [state.gaps.setdefault(element, Node()) for state in states]
            return [*states, *beyond] if element == SHARED else beyond
        optional = len(element) > 1 and element.endswith("?")
        if optional:
            element = element[:-1]
        after: list[Node] = list(states) if optional else []
        for state in states:
            target = state.plain.get(element)
            if target is None:
                target = state.plain[element] = Node()
                for path in self._paths(element, phrase):
                    node = state
                    for key in path[:-1]:
                        node = _edge(node, key)
                    node.edges.setdefault(path[-1], []).append(target)
            after.append(target)
        return after

    def _paths(self, element: str, phrase: Phrase) -> tuple[tuple[str, ...], ...]:
        """The key sequences that an element stands for."""
        paths = self._known_paths.get(element)
        if paths is None:
            choices = element.split("|") if element != "|" else [element]
            found = [path for choice in choices for path in self._choice(choice, phrase)]
            paths = self._known_paths[element] = tuple(dict.fromkeys(found))
        return paths

    def _choice(self, choice: str, phrase: Phrase) -> list[tuple[str, ...]]:
        if choice.startswith("=") and len(choice) > 1:
            surfaces = [word.surface for word in self.tokenizer.cut(choice[1:]).words]
            self._exact.update(surfaces)
            return [tuple("=" + surface for surface in surfaces)]
        if choice.startswith("<") and choice.endswith(">"):
            name = choice[1:-1]
            if name not in self.classes:
                raise TableError(
                    phrase.source,
                    f"word class {choice} is not in classes.tsv",
                    "add its members there",
                )
            return [(choice,), *(tuple(member) for member in self._several.get(name, ()))]
        lemmas = self.lemmas(choice)
        if not lemmas:
            raise TableError(
                phrase.source, f"phrase {phrase.phrase!r} has an empty alternative", "remove it"
            )
        return [tuple(lemmas)]

    # -- finding ----------------------------------------------------------------------------
    def keys(self, word: Word) -> tuple[str, ...]:
        """What a word can be matched by: lemma, exact spelling, word classes."""
        found = [word.lemma, *self._singles.get(word.lemma, ())]
        if word.surface in self._exact:
            found.append("=" + word.surface)
        if word.lemma in self._exact and word.lemma != word.lemma.casefold():
            found.append("=" + word.lemma)
        return tuple(found)

    def _symbol(self, word: Word) -> int:
        """A number shared by all words with the same keys; 0 for words that no phrase has."""
        keys = tuple(key for key in self.keys(word) if key in self._alphabet)
        stops = tuple(word.lemma in self._stops[gap] for gap in (NARROW, WIDE, SHARED))
        mark = (keys, word.lemma in self._joiners, *stops)
        symbol = self._marks.get(mark)
        if symbol is None:
            symbol = self._marks[mark] = len(self._symbol_keys)
            self._symbol_keys.append(keys)
            self._joins.append(word.lemma in self._joiners)
            for gap, stop in zip((NARROW, WIDE, SHARED), stops, strict=True):
                self._barred[gap].append(stop)
        self._symbols[word] = symbol
        return symbol

    def _state(self, nodes: Iterable[Node]) -> State | None:
        """The one state that stands for several nodes; None for none."""
        members = tuple({id(node): node for node in nodes}.values())
        if not members:
            return None
        key = frozenset(map(id, members))
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = State(members)
            for gap in GAPS:
                beyond = self._state(n.gaps[gap] for n in members if gap in n.gaps)
                if beyond is not None:
                    state.gaps.append((gap, beyond))
            state.bare = not state.phrases and not state.gaps
        return state

    def _next(self, state: State, symbol: int) -> State | None:
        """The state behind a state for a symbol, remembered."""
        keys = self._symbol_keys[symbol]
        following = self._state(
            node for member in state.members for key in keys for node in member.edges.get(key, ())
        )
        state.known[symbol] = following
        if following is None:
            state.dead.add(symbol)
        return following

    def find(self, tokens: Tokens, first: int = 0, last: int | None = None) -> list[Hit]:
        """Every hit within tokens `first` to `last` (exclusive), in order of their first token."""
        stop = len(tokens) if last is None else last
        if self._start is None:
            self._alphabet = _alphabet(self.root)
            self._start = self._state([self.root])
        start = self._start
        assert start is not None  # the root always is a state
        symbols, known = self._symbols, start.known
        run = [symbols.get(word) or self._symbol(word) for word in tokens.words[first:stop]]
        hits: list[Hit] = []
        end = len(run) - 1
        for i, symbol in enumerate(run):
            state = known.get(symbol, UNKNOWN)
            if state is UNKNOWN:
                state = self._next(start, symbol)
            if state is None:
                continue
            if state.bare and (i == end or state.known.get(run[i + 1], UNKNOWN) is None):
                continue  # the usual case, without a call
            self._walk(state, run, i, 1 << i, first + i, first, hits)
        return hits

    def _walk(
        self,
        state: State,
        run: list[int],
        at: int,
        mask: int,
        start: int,
        base: int,
        hits: list[Hit],
    ) -> None:
        if state.phrases:
            last = base + at
            size = mask.bit_count()
            whole = last - start + 1 == size
            hits += [Hit(start, last, mask, size, whole, phrase) for phrase in state.phrases]
        after = at + 1
        if after >= len(run):
            return
        symbol = run[after]
        following = state.known.get(symbol, UNKNOWN)
        if following is UNKNOWN:
            following = self._next(state, symbol)
        if following is not None:
            self._walk(following, run, after, mask | 1 << after, start, base, hits)
        for gap, beyond in state.gaps:
            if gap != SHARED or self._joins[symbol]:
                self._leap(gap, beyond, run, at, mask, start, base, hits)

    def _leap(
        self,
        gap: str,
        beyond: State,
        run: list[int],
        at: int,
        mask: int,
        start: int,
        base: int,
        hits: list[Hit],
    ) -> None:
        """Follow a gap: the nearest hit of each phrase behind it counts."""
        if beyond.dead.issuperset(run[at + 1 : at + 1 + GAPS[gap]]):
            return  # the usual case: nothing there goes on
        barred, joins, known = self._barred[gap], self._joins, beyond.known
        joined = gap == WIDE or joins[run[at + 1]]
        seen: set[Phrase] | None = None
        for following in range(at + 1, min(len(run), at + 1 + GAPS[gap])):
            symbol = run[following]
            state = known.get(symbol, UNKNOWN)
            if state is UNKNOWN:
                state = self._next(beyond, symbol)
            if state is not None:
                found: list[Hit] = []
                self._walk(state, run, following, mask | 1 << following, start, base, found)
                if seen is None:
                    seen = {hit.phrase for hit in found}
                    hits += found
                else:
                    hits += [hit for hit in found if hit.phrase not in seen]
                    seen.update(hit.phrase for hit in found)
            if barred[symbol] or (joins[symbol] and not joined):
                return


def _alphabet(root: Node) -> frozenset[str]:
    """All keys on the edges of a trie."""
    keys: set[str] = set()
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        keys.update(node.edges)
        waiting.extend(n for nodes in node.edges.values() for n in nodes)
        waiting.extend(node.gaps.values())
    return frozenset(keys)


def _edge(node: Node, key: str) -> Node:
    """The plain node behind an edge, made if it is not there."""
    plain = node.plain.get(key)
    if plain is None:
        plain = node.plain[key] = Node()
        node.edges.setdefault(key, []).append(plain)
    return plain
