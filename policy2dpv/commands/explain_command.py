"""The explain command: why the graph says this and not that; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

FOUND = 1


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['explain']
    """
    app.command()(explain)


def explain(
    input: Annotated[
        str, typer.Argument(help="A file, an http(s) address, or - for standard input.")
    ],
    asked: Annotated[
        str,
        typer.Argument(
            metavar="WORDS|IRI|TERM|ROW",
            help="Words of the policy, a node's IRI (or its part from # on), a term as "
            "PREFIX:NAME, or a row of a table such as purpose.sssom.tsv:12.",
        ),
    ],
    whole: Annotated[
        bool, typer.Option("--all", help="All phrases of the clauses, not those asked for only.")
    ] = False,
    limit: Annotated[int, typer.Option(help="At most so many clauses.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="The explanation as JSON.")] = False,
    base: Annotated[
        str | None, typer.Option(help="The notice's IRI that the graph was made with.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The policy's language; found in the text if absent.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option(help="The input's media type; found if absent.")
    ] = None,
    tables: Annotated[
        Path | None, typer.Option(help="A folder of your own tables, read after ours.")
    ] = None,
) -> None:
    """Tell why words of a policy are read as they are: clauses, cues, rows, what was left out.

    Example: policy2dpv explain policy.html "share your e-mail address"
    """
    from policy2dpv.conversion import convert
    from policy2dpv.destinations import open_input
    from policy2dpv.explaining.explain import explain_policy
    from policy2dpv.explaining.explain_report import format_explanation, format_explanation_json
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.reading.read import read_document

    document = read_document(open_input(input), media_type=media_type, language=language)
    lexicon = load_lexicon(document.language, tables)
    made = convert(document, base=base, lexicon=lexicon)
    told = explain_policy(made, lexicon, asked, whole=whole)
    text = format_explanation_json(told) if json else format_explanation(told, limit=limit)
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()
    if not told.segments:
        raise typer.Exit(FOUND)
