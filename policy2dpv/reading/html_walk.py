"""The walk over a page's tree that gathers its words into blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from policy2dpv.reading.draft import Draft
from policy2dpv.reading.page_elements import (
    BOLD,
    EMPHASIS,
    INLINE,
    NOT_SHOWN,
    SKIPPED,
    Elements,
    Given,
)
from policy2dpv.reading.page_state import State

if TYPE_CHECKING:
    from lxml.etree import _Element


class Walk:
    """The walk itself: a stack of states, the words of the block at hand, the drafts so far."""

    def __init__(self, root: _Element) -> None:
        self.elements = Elements(root)
        self.drafts: list[Draft] = []
        self.pieces: list[str] = []
        self.length = 0
        self.space = False
        self.breaks = 0
        self.state = State()
        self.bold: list[tuple[int, int]] = []
        self.emphasis: list[tuple[int, int]] = []
        self.links: list[tuple[int, int, str]] = []
        self.deepest = 0

    def run(self, events: Any) -> None:
        """Walk through lxml's events. An element's tail belongs to its parent's state."""
        stack = [State()]
        for event, element in events:
            if event == "start":
                tag = element.tag
                if tag in SKIPPED:
                    stack.append(stack[-1])
                    events.skip_subtree()
                    continue
                state = self.enter(element, tag, stack[-1])
                stack.append(state)
                if len(stack) > self.deepest:
                    self.deepest = len(stack)
                if element.text:
                    self.add(element.text, state)
            else:
                stack.pop()
                if element.tag not in INLINE and element.tag not in SKIPPED:
                    self.leave(element, stack[-1])
                if element.tail:
                    self.add(element.tail, stack[-1])
        self.flush()

    def leave(self, element: _Element, outer: State) -> None:
        """End the block at hand where an element that is no part of a line ends."""
        if element.tag == "br":
            self.breaks += 1
        elif not (element.tag == "button" and outer.flowing):
            self.flush()
        else:
            self.space = True

    def enter(self, element: _Element, tag: str, outer: State) -> State:
        """The state for an element's own words; ends the block at hand when it starts a new one."""
        if tag in INLINE:
            given = cast("Given", dict(element.items()))
            if not given and tag not in BOLD and tag not in EMPHASIS:
                return outer
            return self.elements.enter_inline(tag, given, outer)
        if tag == "br":
            return outer
        if tag == "button" and outer.flowing:
            self.space = True
            return outer
        self.flush()
        return self.elements.enter_block(element, tag, outer)

    def add(self, text: str, state: State) -> None:
        """Add words to the block at hand, with white space collapsed as a browser does."""
        if state.verbatim and "\n" in text:
            for number, line in enumerate(text.expandtabs().split("\n")):
                if number:
                    self.breaks += 1
                self.add_words(line, state)
            return
        self.add_words(text, state)

    def add_words(self, text: str, state: State) -> None:
        """Add words that stand in one line."""
        if not text.isascii():
            text = NOT_SHOWN.sub("", text)
        words = " ".join(text.split())
        if not words:
            self.space = self.space or bool(text)
            return
        if self.breaks and self.pieces:
            if self.breaks > 1:
                self.flush()
            else:
                self.pieces.append("\n")
                self.length += 1
        elif self.pieces and (self.space or text[0].isspace()):
            self.pieces.append(" ")
            self.length += 1
        if not self.pieces:
            self.state = state
        self.breaks, self.space = 0, text[-1].isspace()
        start, self.length = self.length, self.length + len(words)
        self.pieces.append(words)
        if state.bold:
            self.bold.append((start, self.length))
        if state.emphasis or state.bold:
            self.emphasis.append((start, self.length))
        if state.href:
            self.links.append((start, self.length, state.href))

    def flush(self) -> None:
        """End the block at hand."""
        self.space, self.breaks = False, 0
        if not self.pieces:
            return
        state = self.state
        self.drafts.append(
            Draft(
                "".join(self.pieces), state.kind, state.level, state.sub, state.landmark,
                state.hidden, state.inside, state.number, 0, state.item, -1, state.cell, (),
                self.bold, self.emphasis, self.links, state.toggles,
            )
        )  # fmt: skip
        self.pieces, self.length = [], 0
        self.bold, self.emphasis, self.links = [], [], []
