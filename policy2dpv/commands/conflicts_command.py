"""The conflicts command: what a firm's documents say against each other; `register` adds it."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

FOUND = 1


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['conflicts']
    """
    app.command()(conflicts)


def conflicts(
    inputs: Annotated[
        list[str], typer.Argument(metavar="GRAPH...", help="Graphs or policies of one firm.")
    ],
    format: Annotated[
        Literal["text", "markdown", "html", "json"], typer.Option(help="The form of the list.")
    ] = "text",
    least: Annotated[
        int, typer.Option(min=0, max=100, help="Leave out candidates of less weight.")
    ] = 0,
    notice: Annotated[
        str | None, typer.Option(help="The notice's IRI, for graphs that hold several.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The policies' language; found in the text if absent.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="A file, or - for standard output.")
    ] = "-",
) -> None:
    """List candidates of contradictions and gaps within and across documents, ranked, with why.

    Exits with 0 if there is none, 1 if there are some, 2 if it cannot be told.

    Example: policy2dpv conflicts policy.jsonld cookies.jsonld --least 30
    """
    from policy2dpv.comparing.conflicts import find_conflicts
    from policy2dpv.comparing.conflicts_report import FORMATS
    from policy2dpv.comparing.version_sources import Source, read_version
    from policy2dpv.output import write_output

    how = Source(language=language, notice=notice)
    meanings = [read_version(name, how, _say) for name in dict.fromkeys(inputs)]
    found = [one for one in find_conflicts(meanings) if one.weight >= least]
    write_output(output, FORMATS[format](found))
    if found:
        raise typer.Exit(FOUND)


def _say(message: str) -> None:
    print(message, file=sys.stderr)
