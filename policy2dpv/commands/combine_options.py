"""The option of convert that takes several documents as one."""

from __future__ import annotations

from typing import Annotated

import typer

AsOne = Annotated[
    bool,
    typer.Option("--as-one", help="Documents of one firm become one notice, named by the first."),
]
