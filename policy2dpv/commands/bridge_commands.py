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
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['export', 'compare_register']
    """
    app.command()(export)
    app.command("compare-register")(compare_register)
    vocab.command("upgrade")(upgrade)


def export(
    graph: Annotated[Path, typer.Argument(help="A DPV graph: .jsonld, .ttl, .nq ...")],
    to: Annotated[
        Literal["tilt", "register"],
        typer.Option(help="TILT JSON, or a register of processing activities (GDPR Art. 30)."),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="A file (.xlsx: Excel), or - for standard output."),
    ] = "-",
    time: Annotated[
        str | None,
        typer.Option(help="For TILT: the date (ISO 8601) where the policy states none."),
    ] = None,
) -> None:
    """Write a graph as TILT JSON or as a register of processing activities, CSV or Excel.

    Example: policy2dpv export policy.jsonld --to register -o register.csv
    """
    from policy2dpv.bridges.bridge_files import export_register, export_tilt

    if to == "tilt":
        export_tilt(graph, output, time=time)
    else:
        export_register(graph, output)


def compare_register(
    graph: Annotated[Path, typer.Argument(help="A DPV graph: .jsonld, .ttl, .nq ...")],
    register: Annotated[
        Path, typer.Argument(help="A register: .csv, .xlsx, or a TILT document (.json).")
    ],
    sheet: Annotated[str | None, typer.Option(help="The sheet of an Excel file.")] = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="The form.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="A file, or - for standard output.")
    ] = "-",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
) -> None:
    """Show what a policy says and a register does not, and the other way round.

    Exits with 1 where they part. Example: policy2dpv compare-register policy.ttl register.csv
    """
    from policy2dpv.bridges.compare_register import compare_register as compare
    from policy2dpv.bridges.compare_register_report import format_comparison, format_comparison_json
    from policy2dpv.bridges.register_graph import build_register, read_notice
    from policy2dpv.bridges.register_read import read_register
    from policy2dpv.commands.query_command import write_output

    found = compare(build_register(read_notice(graph)), read_register(register, sheet=sheet))
    if not quiet:
        for one in found.unread:
            typer.echo(f"policy2dpv: warning: {register}, {one}: not understood", err=True)
        if found.unread:
            typer.echo(f"policy2dpv: {len(found.unread)} warnings", err=True)
    formatted = format_comparison_json(found) if format == "json" else format_comparison(found)
    write_output(output, formatted)
    if found.gaps:
        raise typer.Exit(FOUND)


def upgrade(
    source: Annotated[Path, typer.Argument(help="A graph, a table, or a folder of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The new file or folder.")],
    to: Annotated[str, typer.Option(help="The release to move to; it must have an index.")] = "2.3",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only what is left.")] = False,
) -> None:
    """Move the terms of older DPV graphs and tables to a release, into a new file or folder.

    Exits with 1 where a term has no successor. Example: policy2dpv vocab upgrade old.ttl -o new.ttl
    """
    from policy2dpv.bridges.upgrade import summary_of
    from policy2dpv.bridges.upgrade_files import upgrade_files

    moves = upgrade_files(source, output, to)
    for move in moves:
        if not quiet or not move.new:
            typer.echo(str(move), err=True)
    if not quiet:
        typer.echo(f"{output}: {summary_of(moves)}", err=True)
    if any(not move.new for move in moves):
        raise typer.Exit(FOUND)
