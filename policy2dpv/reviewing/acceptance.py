"""Whether people accepted all that a conversion says, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policy2dpv.model import Annotation, Statement

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion


def open_points(conversion: Conversion) -> list[str]:
    """Return what of a conversion nobody has accepted: what stands between it and a firm's word.

    That is each reading that its statements hold and nobody accepted, replaced or added, and each
    decision whose clause was reworded since. What the page says of itself (title, dates, language)
    is not reviewed.

    >>> from policy2dpv import convert
    >>> open_points(convert(b"We share your name."))
    ["'share' as processing dpv:Share", "'your name' as personal_data pd:Name"]
    """
    review = conversion.review
    decided = review.decided if review else frozenset()
    stated = {(one.start, one.end, one.source): one for one in _stated(conversion.statements)}
    found = [
        f"{' '.join(stated[place].quote.split())!r} as {stated[place].kind} {stated[place].term}"
        for place in sorted(stated) if place not in decided
    ]  # fmt: skip
    return [*dict.fromkeys(found), *map(str, review.reworded if review else ())]


def is_accepted(conversion: Conversion) -> bool:
    """Whether a conversion was reviewed and people accepted all that its statements hold.

    >>> from policy2dpv import convert
    >>> is_accepted(convert(b"We share your name."))
    False
    """
    return conversion.review is not None and not open_points(conversion)


def _stated(statements: Iterable[Statement]) -> Iterator[Annotation]:
    """The annotations that statements hold."""
    for statement in statements:
        for field in statement.__struct_fields__:
            value = getattr(statement, field)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Annotation):
                    yield one
