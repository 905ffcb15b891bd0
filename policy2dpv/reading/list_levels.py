"""How deep a list item or heading of a plain text stands, from its marker and indentation."""

from __future__ import annotations

from policy2dpv.reading.line_shapes import Marker

DEEPEST_HEADING = 6
INDENT_STEP = 2


class LevelStack:
    """What was seen above: the styles of the open lists, the headings so far.

    >>> levels = LevelStack()
    >>> levels.heading(None, "PRIVACY POLICY", False, first=True)
    1
    >>> levels.heading(Marker(4, "2.1", "decimal", 2), "Cookies", False)
    3
    >>> levels.item(Marker(4, "a", "lower"), 0, "(a) ")
    1
    >>> levels.item(Marker(2, "", "bullet"), 2, "- ")
    2
    """

    def __init__(self) -> None:
        self.open: list[tuple[str, int, str]] = []
        self.numbered = 0
        self.capitals = False
        self.unnumbered = 0

    def end_list(self) -> None:
        """Close all lists: prose follows."""
        self.open = []

    def heading(
        self, marker: Marker | None, words: str, after_heading: bool, *, first: bool = False
    ) -> int:
        """The level of a heading; it also closes all lists."""
        self.end_list()
        if marker:
            self.numbered = marker.depth + 1
            self.unnumbered, self.capitals = 0, False
            return min(self.numbered, DEEPEST_HEADING)
        if first:
            return 1
        base = self.numbered + 1 if self.numbered else 2
        if words.isupper():
            self.capitals = True
            level = base
        else:
            level = base + self.capitals
            below = after_heading and self.unnumbered and not self.capitals
            level = max(level, self.unnumbered + 1) if below else level
        if words.endswith(":") and not after_heading and self.unnumbered == level:
            level += 1
        else:
            self.unnumbered = level
        return min(level, DEEPEST_HEADING)

    def item(self, marker: Marker | None, indent: int, mark: str) -> int:
        """The nesting depth of a list item, from 1."""
        if marker and marker.style == "bullet" and marker.depth > 1:
            return marker.depth
        style, number = (marker.style, marker.number) if marker else ("none", "")
        if style == "bullet":
            style = mark.strip()[:1] if not number else "bullet-number"
        if marker and marker.depth > 1:
            style = f"decimal{marker.depth}"
        style = self._letter_style(style, number)
        for depth, (known, known_indent, _) in enumerate(self.open):
            if known == style and abs(known_indent - indent) < INDENT_STEP:
                self.open[depth:] = [(style, indent, number)]
                return depth + 1
        while self.open and self.open[-1][1] >= indent + INDENT_STEP:
            self.open.pop()
        if self.open and self.open[-1][0] == style and indent <= self.open[-1][1]:
            self.open.pop()
        self.open.append((style, indent, number))
        return len(self.open)

    def _letter_style(self, style: str, number: str) -> str:
        """A letter after a letter ("(i)" after "(h)"), else a Roman number."""
        if style not in ("roman", "ROMAN") or len(number) != 1:
            return style
        letters = "lower" if style == "roman" else "upper"
        for known, _, above in reversed(self.open):
            if known == letters and len(above) == 1 and ord(above) + 1 == ord(number):
                return letters
        return style
