"""What a trie is made of: nodes as rows are added, and the states that a walk over words passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policy2dpv.knowledge.phrases import Phrase

NARROW, WIDE, SHARED = "~", "~~", "&"
GAPS = {NARROW: 7, WIDE: 9, SHARED: 8}  # how far the next word may stand behind the last
BARRIERS = {NARROW: "gap_barrier", WIDE: "wide_gap_barrier", SHARED: "shared_gap_barrier"}
JOINER: Final = 1  # the bit of a word that joins; the others tell which gaps a word stops
STOPS = {NARROW: 2, WIDE: 4, SHARED: 8}


class Node:
    """A state of the trie: edges by key, gaps to further states, phrases that end here."""

    __slots__ = ("edges", "gaps", "phrases", "plain")

    def __init__(self) -> None:
        self.edges: dict[str, list[Node]] = {}
        self.plain: dict[str, Node] = {}
        self.gaps: dict[str, Node] = {}
        self.phrases: list[Phrase] = []

    def behind(self, key: str) -> Node:
        """The plain node behind a key, made if it is not there."""
        plain = self.plain.get(key)
        if plain is None:
            plain = self.plain[key] = Node()
            self.edges.setdefault(key, []).append(plain)
        return plain

    def alphabet(self) -> frozenset[str]:
        """All keys on the edges of the trie that begins here."""
        keys: set[str] = set()
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            keys.update(node.edges)
            waiting.extend(n for nodes in node.edges.values() for n in nodes)
            waiting.extend(node.gaps.values())
        return frozenset(keys)


class Symbol:
    """All words that the same phrases may have and that stop the same gaps, as one."""

    __slots__ = ("keys", "stops")

    def __init__(self, keys: tuple[str, ...], stops: int) -> None:
        self.keys = keys
        self.stops = stops


# Behind the last word of a run: it stops all gaps.
END: Final = Symbol((), JOINER | sum(STOPS.values()))


class State:
    """All nodes that one run of words leads to, walked as one.

    `after` remembers the state behind each symbol that was asked for, NOWHERE where nothing is.
    `bare` tells that no phrase ends here and no gap begins: only a next word can come of it.
    `gaps` are those that may begin here, each with the words that it may pass, the bits that
    stop it and what lies behind; `joined` are those before a joiner.
    """

    __slots__ = ("after", "bare", "gaps", "joined", "members", "phrases")

    def __init__(self, members: tuple[Node, ...]) -> None:
        self.members = members
        self.phrases = [phrase for node in members for phrase in node.phrases]
        self.bare = not self.phrases
        self.after: dict[Symbol, State] = {}
        self.gaps: list[tuple[int, int, State]] = []
        self.joined: list[tuple[int, int, State]] = []

    def open_gap(self, gap: str, beyond: State) -> None:
        """Let a gap begin here: a shared one before a joiner only, a wide one ignores joiners."""
        self.bare = False
        self.joined.append((GAPS[gap], STOPS[gap], beyond))
        if gap != SHARED:
            stops = STOPS[gap] if gap == WIDE else STOPS[gap] | JOINER
            self.gaps.append((GAPS[gap], stops, beyond))


NOWHERE: Final = State(())
