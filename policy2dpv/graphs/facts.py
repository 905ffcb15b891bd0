"""The triples of a graph in the making."""

from __future__ import annotations

from typing import Any

from policy2dpv.graphs.triples import Grounds, Object, Triple


class Facts:
    """Triples as they are found, each once, with all the grounds that were given for it."""

    def __init__(self) -> None:
        self.found: dict[Triple, Grounds] = {}

    def add(self, subject: str, term: str, value: Object, grounds: Grounds = ()) -> None:
        """Add a triple, or further grounds of one that is known."""
        triple: Any = (subject, term, value)  # so that a compiled wheel makes one tuple, not two
        known = self.found.setdefault(triple, grounds)
        if known is not grounds and known != grounds:
            self.found[triple] = known + grounds

    def subjects(self) -> tuple[str, ...]:
        """The subjects in the order in which they were first spoken of."""
        return tuple(dict.fromkeys(triple[0] for triple in self.found))
