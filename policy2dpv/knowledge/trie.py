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
BITS = 30  # over which keys are spread: as many as one machine word holds


class Node:
    """A state of the trie: edges by key, gaps to further states, phrases that end here.

    `bits` has the bit of each key on its edges.
    """

    __slots__ = ("bits", "edges", "gaps", "phrases", "plain")

    def __init__(self) -> None:
        self.bits = 0
        self.edges: dict[str, list[Node]] = {}
        self.plain: dict[str, Node] = {}
        self.gaps: dict[str, Node] = {}
        self.phrases: list[Phrase] = []

    def behind(self, key: str, bit: int) -> Node:
        """The plain node behind a key, made if it is not there."""
        plain = self.plain.get(key)
        if plain is None:
            plain = self.plain[key] = Node()
            self.lead(key, bit, plain)
        return plain

    def lead(self, key: str, bit: int, node: Node) -> None:
        """Let a key, whose bit is given, lead to a node."""
        self.bits |= bit
        self.edges.setdefault(key, []).append(node)


class Symbol:
    """All words that the same phrases may have and that stop the same gaps, as one.

    `bits` has the bit of each key; `first` is the state behind it at the beginning of a phrase.
    """

    __slots__ = ("bits", "first", "keys", "stops")

    def __init__(self, keys: tuple[str, ...], stops: int, bits: int) -> None:
        self.keys = keys
        self.stops = stops
        self.bits = bits
        self.first: State | None = None


# Behind the last word of a run: it stops all gaps.
END: Final = Symbol((), JOINER | sum(STOPS.values()), 0)


class Gap:
    """A gap that may begin: how many words it may pass, the bits that stop it, what lies behind."""

    __slots__ = ("beyond", "reach", "stops")

    def __init__(self, reach: int, stops: int, beyond: State) -> None:
        self.reach = reach
        self.stops = stops
        self.beyond = beyond


class State:
    """All nodes that one run of words leads to, walked as one.

    `after` remembers the state behind each symbol that was asked for, NOWHERE where nothing is.
    Only a symbol that shares a bit with `bits` need be asked for: most words are told off by that.
    `bare` tells that no phrase ends here and no gap begins: only a next word can come of it.
    `gaps` are those that may begin here; `joined` are those before a joiner.
    """

    __slots__ = ("after", "bare", "bits", "gaps", "joined", "members", "phrases")

    def __init__(self, members: tuple[Node, ...]) -> None:
        self.members = members
        self.phrases = [phrase for node in members for phrase in node.phrases]
        self.bare = not self.phrases
        self.bits = 0
        for node in members:
            self.bits |= node.bits
        self.after: dict[Symbol, State] = {}
        self.gaps: list[Gap] = []
        self.joined: list[Gap] = []

    def open_gap(self, gap: str, beyond: State) -> None:
        """Let a gap begin here: a shared one before a joiner only, a wide one ignores joiners."""
        self.bare = False
        self.joined.append(Gap(GAPS[gap], STOPS[gap], beyond))
        if gap != SHARED:
            stops = STOPS[gap] if gap == WIDE else STOPS[gap] | JOINER
            self.gaps.append(Gap(GAPS[gap], stops, beyond))


NOWHERE: Final = State(())
