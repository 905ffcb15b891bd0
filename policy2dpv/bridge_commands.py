"""The export, compare-register and vocab upgrade commands; `register` adds them to an app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

FOUND = 1


def register(app: typer.Typer, vocab: typer.Typer) -> None:
    """Add the commands to a command line and to its group of vocabulary commands.

    >>> app, vocab = typer.Typer(), typer.Typer()
    >>> register(app, vocab)
    >>> [command.callback.__name__ for command in (*app.registered_commands)]
    ['export', 'compare_register']
    """
    app.command()(export)
    app.command("compare-register")(compare_register)
    vocab.command("upgrade")(upgrade)


def upgrade(
    source: Annotated[Path, typer.Argument(help="A graph, a table, or a folder of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The new file or folder.")],
    to: Annotated[str, typer.Option(help="The release to move to; it must have an index.")] = "2.3",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what is left.")] = False,
) -> None:
    """Move the terms of older DPV graphs and tables to a release, into a new file or folder.

    Exits with 1 where a term has no successor. Example: policy2dpv vocab upgrade old.ttl -o new.ttl
    """
    from policy2dpv.upgrade import summary_of
    from policy2dpv.upgrade_files import upgrade_files

    moves = upgrade_files(source, output, to)
    for move in moves:
        if not quiet or not move.new:
            typer.echo(str(move), err=True)
    if not quiet:
        typer.echo(f"{output}: {summary_of(moves)}", err=True)
    if any(not move.new for move in moves):
        raise typer.Exit(FOUND)
