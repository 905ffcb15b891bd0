"""The report command: what a notice says of what laws ask for; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from policy2dpv.checking.report import Report

FOUND = 1
SUFFIXES = {".html": "html", ".md": "markdown", ".json": "json", ".ttl": "rdf"}


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['report']
    """
    app.command()(report)


def report(
    graphs: Annotated[list[Path], typer.Argument(help="Graph files: .jsonld, .ttl, .nq ...")],
    notice: Annotated[
        str | None,
        typer.Option(
            help="gdpr-13, gdpr-14, uk-gdpr-13, uk-gdpr-14, ccpa, iso-29184; several with commas. "
            "Else those whose law the policy names."
        ),
    ] = None,
    format: Annotated[
        Literal["markdown", "html", "json", "rdf"] | None,
        typer.Option(help="Else the output file's suffix tells: .md, .html, .json, .ttl."),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="A file, or - for standard output.")
    ] = "-",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit code 1 where an item that is always asked for, or "
            "whose condition shows, is vague or not found.",
        ),
    ] = False,
) -> None:
    """Tell item by item what notices say of what laws ask for, with quotes; no judgement.

    Example: policy2dpv report out/policy.jsonld --notice gdpr-13 -o report.html
    """
    from policy2dpv.checking.notices import choose_notices
    from policy2dpv.checking.report import report_graph

    wanted = choose_notices(notice) if notice else ()
    reports = [one for path in graphs for one in report_graph(path, wanted)]
    form = format or SUFFIXES.get(Path(output).suffix.lower(), "markdown")
    _write(output, _format(reports, form))
    gaps = [
        answer for one in reports for section in one.sections for answer in section.answers
        if answer.applies in ("always", "seen") and answer.answer in ("vague", "not_found")
    ]  # fmt: skip
    if strict and gaps:
        raise typer.Exit(FOUND)


def _format(reports: list[Report], form: str) -> str:
    from policy2dpv.checking import report_formats
    from policy2dpv.checking.report_html import format_html

    writers = {
        "markdown": report_formats.format_markdown, "json": report_formats.format_json,
        "rdf": report_formats.format_rdf, "html": format_html,
    }  # fmt: skip
    return writers[form](reports)


def _write(output: str, content: str) -> None:
    from policy2dpv.data import replace_file
    from policy2dpv.errors import WriteError

    if output == "-":
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    try:
        replace_file(Path(output), content)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(output, found, "name another place with -o") from error
