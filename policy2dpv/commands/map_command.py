"""The map command: annotated clause segments become DPV graphs; `register` adds it to an app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['map_']
    """
    app.command("map")(map_)


def map_(
    scheme: Annotated[str, typer.Option(help="Whose labels they are, such as opp-115.")],
    annotations: Annotated[
        list[Path] | None, typer.Argument(help="Files of annotations; --report needs none.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="The annotated page or text, where the file has it not.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Your own table of the labels (SSSOM); else ours.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The policy's language; found in the text if absent.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="A file, a folder, or - for standard output; else out/NAME."
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="The graph's formats, as for convert; else jsonld.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The IRI under which the notice is published.")
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option(help="A file for the second graph: words and row of each triple."),
    ] = None,
    report: Annotated[
        bool,
        typer.Option("--report", help="Instead of graphs: how the labels are mapped and used."),
    ] = False,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Instead of graphs: how far our reading finds the same."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Report and comparison as JSON.")] = False,
    init: Annotated[
        Path | None,
        typer.Option(help="Instead of graphs: write a table of the labels here, to be filled in."),
    ] = None,
    merge: Annotated[
        str,
        typer.Option(
            metavar="all|union|majority|one:NAME",
            help="Several annotators: all as they are, equal ones once, what most of them say, "
            "or one alone.",
        ),
    ] = "all",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Turn annotated clause segments of another scheme into DPV graphs, by tables alone.

    What annotate wrote for a tool comes back by the tool's name as the scheme, without a table.
    Example: policy2dpv map annotations/acme.csv --scheme opp-115
    """
    if not annotations and (compare or init or not report):
        raise typer.BadParameter("name files of annotations", param_hint="ANNOTATIONS")
    from policy2dpv.commands.convert_files import Order
    from policy2dpv.commands.map_files import Scheme, map_files, tell_figures, write_template

    order = Order(
        inputs=tuple(dict.fromkeys(map(str, annotations or ()))), output=output,
        formats=format, base=base, language=language, evidence=evidence,
    )  # fmt: skip
    chosen = Scheme(name=scheme, page=page, mapping=mapping, merge=merge)
    if init is not None:
        write_template(order, chosen, init)
    elif report or compare:
        raise typer.Exit(tell_figures(order, chosen, report=report, compare=compare, json=json))
    else:
        raise typer.Exit(map_files(order, chosen, quiet=quiet))
