"""The diff command: what has changed in meaning; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from policy2dpv.comparing.meaning import Meaning
    from policy2dpv.comparing.version_sources import Source

CHANGED = 1


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.name for command in app.registered_commands]
    ['diff']
    """
    app.command("diff")(compare)


def compare(
    old: Annotated[
        str, typer.Argument(help="A policy or graph; or a folder, of which the last two count.")
    ],
    new: Annotated[str | None, typer.Argument(help="The later policy or graph.")] = None,
    since: Annotated[
        str | None, typer.Option(help="A git revision: the file then against the file now.")
    ] = None,
    format: Annotated[
        Literal["text", "markdown", "html", "json"], typer.Option(help="The form of the list.")
    ] = "text",
    least: Annotated[
        int, typer.Option(min=0, max=100, help="Leave out changes of less weight.")
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
    """Tell what has changed in meaning between two versions, ranked by what it is to the person.

    Exits with 0 if nothing has changed, 1 if something has, 2 if it cannot be told.

    Example: policy2dpv diff policy-2024.md policy-2026.md --format html -o changes.html
    """
    import msgspec

    from policy2dpv.comparing.compare import compare_meanings
    from policy2dpv.comparing.compare_report import FORMATS
    from policy2dpv.comparing.version_sources import Source
    from policy2dpv.output import write_output

    first, second = _sides(old, new, since, Source(language=language, notice=notice))
    found = compare_meanings(first, second)
    kept = tuple(change for change in found.changes if change.weight >= least)
    found = msgspec.structs.replace(found, changes=kept)
    write_output(output, FORMATS[format](found))
    if found.changes:
        raise typer.Exit(CHANGED)


def _sides(old: str, new: str | None, since: str | None, how: Source) -> tuple[Meaning, Meaning]:
    from policy2dpv.comparing.version_sources import read_folder, read_revision, read_version
    from policy2dpv.errors import ReadError

    if since is not None:
        if new is not None:
            raise ReadError("diff", "two files and a revision", "give one file with --since")
        return read_revision(old, since, how, _say), read_version(old, how, _say)
    if new is not None:
        return read_version(old, how, _say), read_version(new, how, _say)
    if not Path(old).is_dir():
        advice = "name the other version, a folder of versions, or a revision with --since"
        raise ReadError(old, "only one version", advice)
    first, second = read_folder(old, how, _say)[-2:]
    return first, second


def _say(message: str) -> None:
    print(message, file=sys.stderr)
