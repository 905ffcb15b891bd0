"""What holds for the words at one place of a page."""

from __future__ import annotations

import msgspec

from policy2dpv.model import BlockKind, Landmark
from policy2dpv.reading.draft import CellPlace


class State(msgspec.Struct, frozen=True, gc=False):
    """What holds for the words at the walk's place; each element hands its own to its children."""

    kind: BlockKind = "paragraph"
    level: int = 0
    sub: int = 1
    landmark: Landmark = "main"
    hidden: bool = False
    inside: bool = False
    sectioned: bool = False
    bold: bool = False
    emphasis: bool = False
    href: str = ""
    depth: int = 0
    folds: int = 0
    veiled: bool = False
    item: int = 0
    number: str = ""
    flowing: bool = False
    verbatim: bool = False
    toggles: bool = False
    table: int = -1
    cell: CellPlace | None = None
