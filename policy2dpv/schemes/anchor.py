"""Finds marked words again: a quote and about where it stood become a span of another text.

The quote decides and the place chooses between equal quotes, as the W3C Web Annotation model has
it (TextQuoteSelector and TextPositionSelector). White space never decides: tools add and drop it.
"""

from __future__ import annotations

from bisect import bisect_left

from policy2dpv.model import Span


def squeeze(text: str) -> str:
    r"""The text without its white space.

    >>> squeeze("we  share\n it")
    'weshareit'
    """
    return "".join(text.split())


class Anchor:
    r"""One text in which quotes are found, whatever white space they come with.

    >>> anchor = Anchor("We share data.  Partners\nshare data.")
    >>> anchor.find("share data"), anchor.find("share  data", near=20)
    ((3, 13), (25, 35))
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = [i for i, character in enumerate(text) if not character.isspace()]
        self._squeezed = "".join(text[i] for i in self._at)

    def find(self, quote: str, near: int = 0, within: Span | None = None) -> Span | None:
        """The span that reads as the quote and begins nearest to an offset; None if there is none.

        `within` bounds where it may stand. An offset between two equal quotes takes the first.
        """
        wanted = squeeze(quote)
        if not wanted:
            return None
        low, high = within or (0, len(self.text))
        first, last = bisect_left(self._at, low), bisect_left(self._at, high)
        target = bisect_left(self._at, near)
        before = self._squeezed.rfind(wanted, first, min(target + len(wanted), last))
        after = self._squeezed.find(wanted, max(target, first), last)
        found = [at for at in (before, after) if at >= 0]
        if not found:
            return None
        return self._span(min(found, key=lambda at: (abs(at - target), at)), len(wanted))

    def place(self, squeezed: int) -> int:
        """The offset in the text of a character counted without white space."""
        if squeezed < len(self._at):
            return self._at[squeezed]
        return len(self.text)

    def further(self, offset: int, squeezed: int) -> int:
        """The offset that lies a number of characters behind another, white space not counted.

        >>> Anchor("we  share it").further(4, 5)
        10
        """
        return self.place(bisect_left(self._at, offset) + squeezed)

    def _span(self, first: int, length: int) -> Span:
        return self._at[first], self._at[first + length - 1] + 1
