"""The triples of a graph in the making."""

from __future__ import annotations

from policy2dpv.graphs.triples import Grounds, Object, Triple


class Facts:
    """Triples as they are found, each once, with all the grounds that were given for it."""

    def __init__(self) -> None:
        self.found: dict[Triple, Grounds] = {}

    def add(self, subject: str, term: str, value: Object, grounds: Grounds = ()) -> None:
        """Add a triple, or further grounds of one that is known."""
        triple = (subject, term, value)
        known = self.found.get(triple)
        if not known:
            self.found[triple] = grounds
        elif known != grounds:
            self.found[triple] = known + grounds

    def subjects(self) -> tuple[str, ...]:
        """The subjects in the order in which they were first spoken of."""
        return tuple(dict.fromkeys(triple[0] for triple in self.found))
