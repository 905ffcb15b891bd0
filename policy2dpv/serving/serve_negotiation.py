"""Which of the forms on offer a client would like best (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
RANGE = re.compile(rf"({TOKEN})/({TOKEN})")
WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
LONGEST = 4_000  # characters of a header that are looked at


class _Wish(NamedTuple):
    """A range of an Accept header: how narrow it is, its two halves and its weight."""

    narrow: int
    type: str
    subtype: str
    weight: float


def choose_form(accept: str, offered: Sequence[str]) -> str | None:
    """Return the media type on offer that the header likes best, None if it takes none.

    Among equally liked ones the first on offer wins; an empty header takes the first.

    >>> choose_form("text/csv;q=0.5, text/*", ["text/csv", "text/html"])
    'text/html'
    >>> choose_form("image/png", ["text/csv"]) is None
    True
    """
    if not accept.strip():
        return offered[0]
    wishes = sorted(_wishes(accept[:LONGEST]), reverse=True)
    weights = [(_weight(form, wishes), -place) for place, form in enumerate(offered)]
    best, place = max(weights)
    return offered[-place] if best > 0 else None


def _wishes(accept: str) -> Iterable[_Wish]:
    """The ranges of a header; what is no range is left out."""
    for part in accept.split(","):
        range, *parameters = (word.strip() for word in part.split(";"))
        found = RANGE.fullmatch(range)
        if found is None or (found[1] == "*" and found[2] != "*"):
            continue
        weights = [WEIGHT.fullmatch(word) for word in parameters if word[:2].lower() == "q="]
        if not all(weights):
            continue
        weight = float(weights[0][1]) if weights and weights[0] else 1.0
        narrow = (found[1] != "*") + (found[2] != "*")
        yield _Wish(narrow, found[1].lower(), found[2].lower(), weight)


def _weight(form: str, wishes: Iterable[_Wish]) -> float:
    """The weight of the narrowest range that holds a media type."""
    kind, _, subtype = form.partition("/")
    for wish in wishes:
        if wish.type in ("*", kind) and wish.subtype in ("*", subtype):
            return wish.weight
    return 0.0
