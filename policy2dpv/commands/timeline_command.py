"""The timeline command: a policy over its versions; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

CHANGED = 1


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['timeline']
    """
    app.command()(timeline)


def timeline(
    versions: Annotated[
        list[str], typer.Argument(help="Policies or graphs, a folder of them, or a file of git.")
    ],
    git: Annotated[
        bool, typer.Option("--git", help="All versions of the one file that git keeps.")
    ] = False,
    format: Annotated[
        Literal["text", "markdown", "html", "svg", "json"], typer.Option(help="The form.")
    ] = "text",
    language: Annotated[
        str | None, typer.Option(help="The policies' language; found in the text if absent.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="A file, or - for standard output.")
    ] = "-",
) -> None:
    """Tell what each version of a policy has changed, by the policies' own dates.

    Exits with 0 if nothing has changed, 1 if something has, 2 if it cannot be told.

    Example: policy2dpv timeline versions/ --format html -o timeline.html
    """
    from policy2dpv.comparing.timeline import build_timeline
    from policy2dpv.comparing.timeline_report import FORMATS
    from policy2dpv.comparing.version_sources import Source, read_files, read_folder, read_history
    from policy2dpv.errors import ReadError
    from policy2dpv.output import write_output

    how = Source(language=language)
    if git and len(versions) > 1:
        raise ReadError("timeline", "more than one file for --git", "name one file")
    if git:
        found = read_history(versions[0], how, _say)
    elif len(versions) == 1 and Path(versions[0]).is_dir():
        found = read_folder(versions[0], how, _say)
    else:
        found = read_files(versions, how, _say)
    told = build_timeline(found)
    write_output(output, FORMATS[format](told))
    if any(step.changes for step in told.steps):
        raise typer.Exit(CHANGED)


def _say(message: str) -> None:
    print(message, file=sys.stderr)
