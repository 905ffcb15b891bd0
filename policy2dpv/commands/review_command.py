"""The review command: what was read, one row each, for people to decide on and sign."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policy2dpv.commands.annotator_options import Annotators, Merge
from policy2dpv.destinations import STANDARD_OUTPUT, make_folder, open_input
from policy2dpv.errors import ReadError, WriteError

if TYPE_CHECKING:
    from policy2dpv.reviewing.decisions import Decision

LINES = ".jsonl"
ENDINGS = (LINES, ".csv")


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['review']
    """
    app.command()(review)


def review(
    input: Annotated[
        str, typer.Argument(help="A file, an http(s) address, or - for standard input.")
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="A file (.jsonl or .csv), or - for standard output."),
    ] = STANDARD_OUTPUT,
    review: Annotated[
        Path | None, typer.Option(help="Earlier decisions (.jsonl or .csv), which are kept.")
    ] = None,
    who: Annotated[
        str, typer.Option(help="Sign the decisions of --review that nobody has signed.")
    ] = "",
    time: Annotated[
        str | None,
        typer.Option(help="When they were decided (ISO 8601); else SOURCE_DATE_EPOCH, else now."),
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
    annotator: Annotators = None,
    merge: Merge = "union",
) -> None:
    """List what was read, a row each, for people to accept, reject, replace or add to.

    A .csv opens in a spreadsheet; `convert --review` applies what was decided.
    Example: policy2dpv review policy.html -o policy.review.csv
    """
    from policy2dpv.commands.convert_files import refuse_overwriting, warn_of_review
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.reading.read import read_document
    from policy2dpv.reviewing.review import propose_rows
    from policy2dpv.reviewing.review_files import format_review, read_review

    ending = check_place(output, review)
    refuse_overwriting([input], [{LINES: None if output == STANDARD_OUTPUT else Path(output)}])
    earlier = read_review(review) if review else []
    earlier = sign_rows(earlier, who, _when(time)) if who else earlier
    document = read_document(open_input(input), media_type=media_type, language=language)
    lexicon = load_lexicon(document.language, tables)
    made = convert(document, lexicon=lexicon, annotator=annotator, merge=merge)
    rows, outcome = propose_rows(made.document, made.segments, made.annotations, earlier)
    _write(output, format_review(rows, ending))
    warn_of_review(outcome, _say)
    _say(outcome.summary())


def check_place(output: str, review: Path | None) -> str:
    """Return the ending of the file to write. WriteError: an unknown one, or decisions would go.

    >>> check_place("acme.review.csv", None)
    '.csv'
    """
    if output == STANDARD_OUTPUT:
        return LINES
    path = Path(output)
    if path.suffix.lower() not in ENDINGS:
        raise WriteError(output, "no review has this ending", f"use {' or '.join(ENDINGS)}")
    if path.is_file() and not (review and review.is_file() and path.samefile(review)):
        _refuse_decided(path)
    return path.suffix.lower()


def _refuse_decided(path: Path) -> None:
    """Raise WriteError for a file that holds decisions, or is no review."""
    from policy2dpv.reviewing.review_files import read_review

    try:
        decided = sum(bool(row.decision) for row in read_review(path))
    except ReadError as error:
        found = f"it holds what is no review ({error})"
        raise WriteError(path, found, "name another file with -o") from error
    if decided:
        found = f"it holds {decided} decision" + ("s" if decided > 1 else "")
        raise WriteError(path, found, f"keep them with --review {path}, or name another file")


def sign_rows(rows: Sequence[Decision], who: str, when: str) -> list[Decision]:
    """Return the rows, the decided ones among them signed where they were not.

    >>> from policy2dpv.reviewing.decisions import Decision
    >>> row = Decision(decision="accept", quote="name", kind="k", term="t")
    >>> [signed] = sign_rows([row], "Ann", "2026-03-01")
    >>> signed.who, signed.when
    ('Ann', '2026-03-01')
    """
    import msgspec

    return [
        msgspec.structs.replace(row, who=row.who or who, when=row.when or when)
        if row.decision else row
        for row in rows
    ]  # fmt: skip


def _when(time: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The time of a decision: as given, of SOURCE_DATE_EPOCH, or now. ReadError: no time."""
    from policy2dpv.graphs.evidence import run_time
    from policy2dpv.reviewing.decisions import is_when

    if time is not None:
        if not is_when(time):
            advice = "write 2026-03-01 or 2026-03-01T10:00:00Z"
            raise ReadError("--time", f"not a time: {time!r}", advice)
        return time
    return run_time(None, environment) or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(output: str, content: str) -> None:
    """Write the review in one step. WriteError: a place that cannot be written."""
    from policy2dpv.data import replace_file

    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    make_folder(Path(output))
    try:
        replace_file(Path(output), content)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(output, found, "name another place with -o") from error


def _say(message: str) -> None:
    typer.echo(message, err=True)
