"""The commands that compare: diff, timeline, conflicts; `register` adds them to an app."""

from __future__ import annotations

import typer

from policy2dpv.commands import compare_command, conflicts_command, timeline_command


def register(app: typer.Typer) -> None:
    """Add the three commands to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> len(app.registered_commands)
    3
    """
    for command in (compare_command, timeline_command, conflicts_command):
        command.register(app)
