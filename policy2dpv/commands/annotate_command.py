"""The annotate command: our annotations as JSON lines, or as an annotation tool's files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from policy2dpv.commands.annotator_options import Annotators, Merge
from policy2dpv.destinations import (
    DEFAULT_FOLDER,
    STANDARD_OUTPUT,
    make_folder,
    name_results,
    open_input,
)
from policy2dpv.errors import WriteError


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['annotate']
    """
    app.command()(annotate)


def annotate(
    input: Annotated[
        str, typer.Argument(help="A file, an http(s) address, or - for standard input.")
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o",
            help="A file, or - for standard output; of several files the first, or a folder. "
            "Else standard output for one file, out/NAME for several.",
        ),
    ] = None,
    format: Annotated[
        str, typer.Option(help="jsonl, webannotation, label-studio, inception or brat.")
    ] = "jsonl",
    language: Annotated[
        str | None,
        typer.Option(help="The policy's language, such as en; found in the text if absent."),
    ] = None,
    media_type: Annotated[
        str | None,
        typer.Option(help="The input's media type, such as text/html; found if absent."),
    ] = None,
    annotator: Annotators = None,
    merge: Merge = "union",
) -> None:  # fmt: skip
    """Print the annotations as JSON lines, or write them for an annotation tool.

    vocab/annotation.schema.json describes a line: position, quote, kind, term, deciding row. What
    people correct in the tool comes back by map. Example: policy2dpv annotate policy.html
    """
    from policy2dpv.commands.convert_files import refuse_overwriting
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.schemes.exchange import FORMATS, find_format, format_annotations

    endings = FORMATS.get(find_format(format) or "", ())
    places = _places(input, endings, output)
    refuse_overwriting([input], [places])
    made = convert(
        open_input(input), language=language, media_type=media_type, annotator=annotator,
        merge=merge,
    )  # fmt: skip
    lexicon = load_lexicon(language or made.document.language)
    _write(format_annotations(made.document, made.annotations, lexicon, format), places)


def _places(policy: str, endings: tuple[str, ...], output: str | None) -> Mapping[str, Path | None]:
    """Where each file goes, by its ending; None stands for standard output. WriteError: nowhere.

    A file of several is named with the ending of the first of them, or of any that stands alone.
    """
    several = len(endings) > 1
    if not endings or (output in (None, STANDARD_OUTPUT) and not several):
        return dict.fromkeys(endings)
    if output == STANDARD_OUTPUT:
        found = f"{len(endings)} files for one stream"
        raise WriteError("standard output", found, "name a folder with -o")
    target = Path(output or DEFAULT_FOLDER)
    ending = next((end for end in endings if end[0] == "." and target.name.endswith(end)), "")
    is_folder = target.is_dir() or (output or "").endswith("/")
    if is_folder or (several and not target.suffix):
        folder, name = target, name_results([policy])[0]
    elif several and not ending:
        known = " or ".join(end for end in endings if end[0] == ".")
        raise WriteError(target, "it does not end as the format's files", f"use {known}")
    else:
        folder, name = target.parent, target.name.removesuffix(ending)
    if not several and not is_folder:
        return {endings[0]: target}
    return {end: folder / (f"{name}{end}" if end[0] == "." else end) for end in endings}


def _write(files: Mapping[str, str], places: Mapping[str, Path | None]) -> None:
    """Write each file in one step. WriteError: a place that cannot be written."""
    from policy2dpv.data import replace_file

    for ending, content in files.items():
        path = places[ending]
        if path is None:
            sys.stdout.buffer.write(content.encode("utf-8"))
            sys.stdout.buffer.flush()
            continue
        make_folder(path)
        try:
            replace_file(path, content)
        except OSError as error:
            found = f"cannot be written ({error.strerror})"
            raise WriteError(path, found, "name another place with -o") from error
        if len(files) > 1:
            typer.echo(str(path), err=True)
