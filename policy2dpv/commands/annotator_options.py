"""The options of commands that let others read: which annotators, and how they become one."""

from __future__ import annotations

from typing import Annotated

import typer

from policy2dpv.annotating.merge_rules import Rule

Annotators = Annotated[
    list[str] | None,
    typer.Option(
        "--annotator",
        metavar="NAME[:SETTING]",
        help="Who reads instead of us: an installed annotator; several with +, such as ours+NAME.",
    ),
]
Merge = Annotated[Rule, typer.Option(help="How several annotators become one.")]
