"""The phrase language: compiled into a trie over lemmas that finds all phrases in one walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policy2dpv.errors import TableError
from policy2dpv.knowledge.tokens import MOST_WORDS, Tokenizer, Tokens, Word
from policy2dpv.knowledge.trie import (
    BARRIERS,
    BITS,
    END,
    GAPS,
    JOINER,
    NOWHERE,
    SHARED,
    STOPS,
    Node,
    State,
    Symbol,
)
from policy2dpv.model import Match

CUE = "cue"
MOST_STEPS = 500_000  # from one state to the next, that are remembered: some 50 MB


class Phrase:
    """One row, compiled: what it means and where it stands. Compared by identity.

    `found_as` is the name under which its hits stand: its kind, or ``cue:NAME``.
    """

    __slots__ = (
        "confidence", "found_as", "kind", "literal", "match", "name", "phrase", "requires",
        "silent", "source", "term",
    )  # fmt: skip

    def __init__(
        self,
        phrase: str,
        kind: str,
        term: str,
        source: str,
        *,
        match: Match = "exact",
        silent: bool = False,
        requires: str = "",
        confidence: float = 0.9,
        name: str = "",
        literal: int = 0,
    ) -> None:
        self.phrase = phrase
        self.kind = kind
        self.found_as = f"{CUE}:{term}" if kind == CUE else kind
        self.term = term
        self.source = source
        self.match = match
        self.silent = silent
        self.requires = requires
        self.confidence = confidence
        self.name = name
        self.literal = literal

    def changed(self, *, term: str | None = None, requires: str | None = None) -> Phrase:
        """The same row with another term, or with another licence."""
        return Phrase(
            self.phrase, self.kind, self.term if term is None else term, self.source,
            match=self.match, silent=self.silent,
            requires=self.requires if requires is None else requires,
            confidence=self.confidence, name=self.name, literal=self.literal,
        )  # fmt: skip


class Hit:
    """A phrase found: tokens `first` to `last` inclusive. Compared by identity.

    `mask` has a bit for each token that the phrase really uses, counted from the first token of
    the run searched; `size` is their number, `whole` tells that none between is left out.
    """

    __slots__ = ("first", "last", "mask", "phrase", "size", "whole")

    def __init__(
        self, first: int, last: int, mask: int, size: int, whole: bool, phrase: Phrase
    ) -> None:
        self.first = first
        self.last = last
        self.mask = mask
        self.size = size
        self.whole = whole
        self.phrase = phrase

    def counted_from(self, first: int, was: int) -> Hit:
        """The hit with its mask counted from an earlier token."""
        mask = self.mask << (was - first)
        return Hit(self.first, self.last, mask, self.size, self.whole, self.phrase)

    def read_as(self, phrase: Phrase) -> Hit:
        """The same words as another phrase."""
        return Hit(self.first, self.last, self.mask, self.size, self.whole, phrase)


class PhraseTrie:
    """All phrases of one language over their lemmas; `find` gives every hit in a run of tokens.

    Word classes, barriers and joiners come from `classes`; nothing here knows a language.
    """

    def __init__(self, tokenizer: Tokenizer, classes: Mapping[str, list[str]]) -> None:
        self.tokenizer = tokenizer
        self.root = Node()
        self._exact: set[str] = set()
        self._singles: dict[str, list[str]] = {}
        self._several: dict[str, list[tuple[str, ...]]] = {}
        self._known_paths: dict[str, tuple[tuple[str, ...], ...]] = {}
        self._alphabet: dict[str, int] = {}  # the bit of each key on the edges of the trie
        self._states: dict[frozenset[int], State] = {}
        self._start = NOWHERE
        self._steps = 0
        self._symbols: dict[Word, Symbol] = {}
        self._alike: dict[tuple[tuple[str, ...], int], Symbol] = {}
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

    def lemmas(self, words: str) -> tuple[str, ...]:
        """The lemmas of a run of words."""
        if words.isalpha():  # one word
            return (self.tokenizer.word(words).lemma,)
        return tuple(word.lemma for word in self.tokenizer.cut(words).words)

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
                        node = node.behind(key, self._bit(key))
                    node.lead(path[-1], self._bit(path[-1]), target)
            after.append(target)
        return after

    def _bit(self, key: str) -> int:
        """The bit of a key, which it may share with others."""
        return self._alphabet.setdefault(key, 1 << len(self._alphabet) % BITS)

    def _paths(self, element: str, phrase: Phrase) -> tuple[tuple[str, ...], ...]:
        """The key sequences that an element stands for."""
        paths = self._known_paths.get(element)
        if paths is None:
            choices = element.split("|") if element != "|" else [element]
            if len(choices) == 1:
                found = self._choice(element, phrase)
            else:
                found = [path for choice in choices for path in self._paths(choice, phrase)]
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
            return [(choice,), *self._several.get(name, ())]
        lemmas = self.lemmas(choice)
        if not lemmas:
            raise TableError(
                phrase.source, f"phrase {phrase.phrase!r} has an empty alternative", "remove it"
            )
        return [lemmas]

    # -- finding ----------------------------------------------------------------------------
    def keys(self, word: Word) -> tuple[str, ...]:
        """What a word can be matched by: lemma, exact spelling, word classes."""
        found = [word.lemma, *self._singles.get(word.lemma, ())]
        if word.surface in self._exact:
            found.append("=" + word.surface)
        if word.lemma in self._exact and word.lemma != word.lemma.casefold():
            found.append("=" + word.lemma)
        return tuple(found)

    def _symbol(self, word: Word) -> Symbol:
        """The symbol of a word."""
        keys = tuple(key for key in self.keys(word) if key in self._alphabet)
        stops = sum(bit for gap, bit in STOPS.items() if word.lemma in self._stops[gap])
        if word.lemma in self._joiners:
            stops |= JOINER
        symbol = self._alike.get((keys, stops))
        if symbol is None:
            bits = 0
            for key in keys:
                bits |= self._alphabet[key]
            symbol = self._alike[keys, stops] = Symbol(keys, stops, bits)
        self._symbols[word] = symbol
        return symbol

    def _state(self, nodes: Iterable[Node]) -> State:
        """The one state that stands for several nodes; NOWHERE for none."""
        members = tuple({id(node): node for node in nodes}.values())
        if not members:
            return NOWHERE
        key = frozenset(map(id, members))
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = State(members)
            for gap in GAPS:
                beyond = self._state([n.gaps[gap] for n in members if gap in n.gaps])
                if beyond is not NOWHERE:
                    state.open_gap(gap, beyond)
        return state

    def _next(self, state: State, symbol: Symbol) -> State:
        """The state behind a state for a symbol that nobody has asked for yet."""
        self._steps += 1
        behind = [
            node
            for member in state.members
            for key in symbol.keys
            for node in member.edges.get(key, ())
        ]
        following = state.after[symbol] = self._state(behind)
        return following

    def _forget(self) -> None:
        """Drop what was remembered, so that texts without end take no memory without end."""
        self._symbols = {}
        if self._steps > MOST_STEPS:
            self._alike, self._states, self._start, self._steps = {}, {}, NOWHERE, 0

    def find(self, tokens: Tokens, first: int = 0, last: int | None = None) -> list[Hit]:
        """Every hit within tokens `first` to `last` (exclusive), in order of their first token."""
        stop = len(tokens) if last is None else last
        if len(self._symbols) > MOST_WORDS or self._steps > MOST_STEPS:
            self._forget()
        if self._start is NOWHERE:
            self._start = self._state([self.root])
        start, symbols = self._start, self._symbols
        run = [symbols.get(word) or self._symbol(word) for word in tokens.words[first:stop]]
        run.append(END)
        hits: list[Hit] = []
        for i, symbol in enumerate(run):
            if not symbol.bits:
                continue
            state = symbol.first
            if state is None:
                state = symbol.first = self._next(start, symbol)
            if state is not NOWHERE and (not state.bare or self._goes_on(state, run[i + 1])):
                self._walk(state, run, i, 1 << i, first + i, first, hits)
        return hits

    def _goes_on(self, state: State, symbol: Symbol) -> bool:
        """Whether a bare state has the next word that it needs."""
        if not state.bits & symbol.bits:
            return False
        return (state.after.get(symbol) or self._next(state, symbol)) is not NOWHERE

    def _walk(
        self,
        state: State,
        run: list[Symbol],
        at: int,
        mask: int,
        start: int,
        base: int,
        hits: list[Hit],
    ) -> None:
        """Add what ends in a state that the word at `at` led to, and all that goes on from it."""
        for phrase in state.phrases:
            last, size = base + at, mask.bit_count()
            hits.append(Hit(start, last, mask, size, last - start + 1 == size, phrase))
        after = at + 1
        symbol = run[after]
        if state.bits & symbol.bits:
            next_ = state.after.get(symbol) or self._next(state, symbol)
            if next_ is not NOWHERE and (not next_.bare or self._goes_on(next_, run[after + 1])):
                self._walk(next_, run, after, mask | 1 << after, start, base, hits)
        for gap in state.joined if symbol.stops & JOINER else state.gaps:
            beyond = gap.beyond
            bits, stops = beyond.bits, gap.stops
            near: list[Hit] = []
            for to in range(after, min(after + gap.reach, len(run))):
                other = run[to]
                if other.bits & bits:
                    far = beyond.after.get(other) or self._next(beyond, other)
                    if far is not NOWHERE and (not far.bare or self._goes_on(far, run[to + 1])):
                        self._land(far, run, to, mask, start, base, near)
                if other.stops & stops:
                    break
            if near:
                hits += near

    def _land(
        self,
        state: State,
        run: list[Symbol],
        at: int,
        mask: int,
        start: int,
        base: int,
        near: list[Hit],
    ) -> None:
        """Go on behind a gap: to what was found `near`er, only further phrases are added."""
        if not near:
            self._walk(state, run, at, mask | 1 << at, start, base, near)
            return
        seen = {hit.phrase for hit in near}
        found: list[Hit] = []
        self._walk(state, run, at, mask | 1 << at, start, base, found)
        near += [hit for hit in found if hit.phrase not in seen]
