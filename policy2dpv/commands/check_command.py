"""The check command: whether graphs are what they should be; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

FOUND = 1


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['check']
    """
    app.command()(check)


def check(
    graphs: Annotated[list[Path], typer.Argument(help="Graph files: .jsonld, .ttl, .nq ...")],
    only: Annotated[
        Literal["structure", "vocabulary"] | None,
        typer.Option(help="One set of the rules: the shapes, or the release's terms."),
    ] = None,
    snippet: Annotated[
        bool,
        typer.Option("--snippet", help="Turtle without prefixes, as guides print it, is read."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="The findings as SARIF 2.1.0.")] = False,
    shacl: Annotated[
        Path | None, typer.Option(help="A Turtle file for the SHACL validation report besides.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes, no sum; notes never fail.")
    ] = False,
) -> None:
    """Check DPV graphs, ours or anybody's: structure by SHACL, terms by the release.

    Exit code 1 where an error or a warning is found. Example: policy2dpv check out/*.jsonld
    """
    from policy2dpv import __version__
    from policy2dpv.checking.check import check_graph
    from policy2dpv.checking.check_report import (
        format_counts,
        format_json,
        format_sarif,
        format_shacl,
        format_text,
    )
    from policy2dpv.checking.check_rules import SETS

    if json and sarif:
        raise typer.BadParameter("either --json or --sarif", param_hint="--sarif")
    sets = (only,) if only else SETS
    found = [one for path in graphs for one in check_graph(path, sets=sets, snippet=snippet)]
    if quiet:
        found = [one for one in found if one.fails]
    if shacl:
        _write(shacl, format_shacl(found))
    text = format_json(found) if json else format_text(found)
    text = format_sarif(found, __version__) if sarif else text
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()
    if not quiet:
        typer.echo(format_counts(found, len(graphs)), err=True)
    if any(one.fails for one in found):
        raise typer.Exit(FOUND)


def _write(path: Path, content: str) -> None:
    from policy2dpv.data import replace_file
    from policy2dpv.errors import WriteError

    try:
        replace_file(path, content)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(path, found, "name another place with --shacl") from error
