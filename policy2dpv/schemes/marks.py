"""What readers of foreign annotations give: marks on clauses on the canonical text of a policy."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from policy2dpv.model import Document, Span

SEPARATOR = " > "  # between a category, an attribute and a value


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an annotator marked in a clause.

    `attribute` and `value` are the scheme's own words; schemes with labels only leave `attribute`
    empty. `span` is None where the annotator marked no words: what is meant is the whole clause.
    """

    attribute: str
    value: str
    span: Span | None = None


class MarkedClause(msgspec.Struct, frozen=True, kw_only=True):
    """Marks that belong together: one practice on one passage of the policy.

    `span` is the passage, `category` the scheme's word for the practice ("" if it has none), `id`
    the scheme's own name for the annotation, `annotator` who made it ("" if nobody is named).
    """

    id: str
    category: str
    span: Span
    marks: tuple[Mark, ...] = ()
    annotator: str = ""

    def path(self, mark: Mark | None = None) -> str:
        """The label as tables write it.

        >>> clause = MarkedClause(id="7", category="Data Retention", span=(0, 9))
        >>> clause.path(), clause.path(Mark(attribute="Retention Period", value="Limited"))
        ('Data Retention', 'Data Retention > Retention Period > Limited')
        """
        parts = (self.category, mark.attribute, mark.value) if mark else (self.category,)
        return SEPARATOR.join(part for part in parts if part)


class Lost(msgspec.Struct, frozen=True):
    """A marked span that could not be found in the text: where it is written, and its words."""

    place: str
    found: str
    quote: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.found}" + (f": {self.quote!r}" if self.quote else "")


class MarkedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy with what annotators marked in it, and what of that could not be anchored.

    `notes` say what of the file was left aside or read in a special way.
    """

    name: str
    document: Document
    clauses: Sequence[MarkedClause]
    lost: Sequence[Lost] = ()
    notes: Sequence[str] = ()
