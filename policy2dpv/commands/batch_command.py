"""The batch command: a corpus of policies in one run, which may be cut off and gone on with."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from policy2dpv.batch.manifest import Manifest
    from policy2dpv.batch.records import Settings
    from policy2dpv.batch.sources import Inputs

FOUND = 1
MIB = 1 << 20


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['batch']
    """
    app.command()(batch)


def batch(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the results; made if needed.")
    ],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, globs, addresses; zip, tar(.gz .bz2 .xz .zst), WARC(.gz .zst), "
            "JSON lines(.gz .zst) and Parquet files."
        ),
    ] = None,
    urls: Annotated[
        list[Path] | None, typer.Option(help="A file with an address a line, which are fetched.")
    ] = None,
    git: Annotated[
        list[Path] | None, typer.Option(help="A file or folder of which git keeps the versions.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The column of texts or pages; else html, text or content.")
    ] = None,
    name_column: Annotated[str | None, typer.Option(help="The column that names a row.")] = None,
    address_column: Annotated[
        str | None, typer.Option(help="The column with a row's web address.")
    ] = None,
    format: Annotated[
        str, typer.Option(help="nquads, parquet (a row a statement), or both with a comma.")
    ] = "nquads",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many, the same ones each time.")
    ] = None,
    duplicates: Annotated[
        Literal["exact", "near"], typer.Option(help="Which copies are left out and named.")
    ] = "exact",
    gates: Annotated[
        bool, typer.Option("--gates/--no-gates", help="Whether what is no policy is left out.")
    ] = True,
    language: Annotated[
        str | None, typer.Option(help="The policies' language; found in each text if absent.")
    ] = None,
    tables: Annotated[
        Path | None, typer.Option(help="A folder of your own tables, read after ours.")
    ] = None,
    quotes: Annotated[
        Literal["full", "none"], typer.Option(help="none keeps the places of the words only.")
    ] = "full",
    min_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Leave out what is less sure than this.")
    ] = 0.0,
    limit: Annotated[
        int, typer.Option(min=1, help="The greatest size of an input in bytes.")
    ] = 20_000_000,
    seconds: Annotated[
        float, typer.Option(min=1, help="What an input may take before it counts as failed.")
    ] = 120.0,
    memory: Annotated[
        int, typer.Option(min=256, help="What an input may take in MiB before it fails.")
    ] = 2048,
    shard: Annotated[int, typer.Option(min=1, help="How many inputs share a file.")] = 100,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many work at once; else one a processor.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="A Dask scheduler (tcp://HOST:PORT), or local to try one here."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")] = False,
) -> None:
    """Convert many policies; cut off at any moment, the same command goes on where it was.

    Exits with 0 if all inputs were dealt with, 1 if some failed (the ledger says why), 2 if it
    could not go on.

    Example: policy2dpv batch crawl.warc.gz policies/ -o out/corpus --format nquads,parquet
    """
    from policy2dpv.batch.folder import Folder, locked
    from policy2dpv.batch.manifest import make_order
    from policy2dpv.batch.pipeline import run_batch
    from policy2dpv.batch.progress import Progress
    from policy2dpv.batch.records import Settings
    from policy2dpv.batch.sources import Inputs
    from policy2dpv.batch.text_rows import Columns

    wanted = Inputs(
        names=tuple(inputs or ()), lists=tuple(map(str, urls or ())),
        histories=tuple(map(str, git or ())), limit=limit,
        columns=Columns(text=column, name=name_column, address=address_column),
    )  # fmt: skip
    settings = Settings(
        formats=choose_formats(format), language=language,
        tables=str(tables.resolve()) if tables else None, quotes=quotes,
        min_confidence=min_confidence, duplicates=duplicates, gates=gates, limit=limit,
        seconds=seconds, memory=memory * MIB, shard=shard,
    )  # fmt: skip
    check_order(wanted, settings)
    order = make_order(wanted, settings, sample)
    folder, progress = Folder(output), Progress(quiet=quiet)
    with locked(folder), _engine(scheduler, workers) as (executor, width):
        try:
            manifest = run_batch(folder, order, executor, width, _say, progress)
        finally:
            progress.end()
    if not quiet:
        _say(describe_manifest(manifest, str(output)))
    if manifest.counts["failed"]:
        raise typer.Exit(FOUND)


def choose_formats(named: str) -> tuple[str, ...]:
    """Return the formats that are named with commas. WriteError: there is no such format.

    >>> choose_formats("parquet,nquads")
    ('nquads', 'parquet')
    """
    from policy2dpv.batch.records import FORMATS
    from policy2dpv.errors import WriteError

    wanted = [name.strip().lower() for name in named.split(",")]
    for name in wanted:
        if name not in FORMATS:
            found = f'there is no format "{name}"'
            raise WriteError("--format", found, f"use {' or '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in wanted)


def describe_manifest(manifest: Manifest, output: str) -> str:
    """Return the summary: what became of how many inputs, and where it is."""
    told = [f"{count:,} {status}" for status, count in manifest.counts.items() if count]
    lines = [f"{manifest.inputs:,} inputs: {', '.join(told) or 'none'}"]
    parts = f"{len(manifest.parts):,} part" + ("" if len(manifest.parts) == 1 else "s")
    made = f"{manifest.statements:,} statements, {manifest.triples:,} triples"
    lines.append(f"{made} in {parts} -> {output}")
    if manifest.counts["failed"]:
        lines.append(f"why some failed stands in {Path(output) / 'ledger'}")
    return "\n".join(lines)


def check_order(inputs: Inputs, settings: Settings) -> None:
    """Refuse an order that cannot be done, before anything is written.

    BatchError: no inputs, or a library that is not installed. ReadError: an input that is not
    there. TableError: a fault in a firm's own tables.
    """
    from importlib.util import find_spec

    from policy2dpv.batch.sources import Sources
    from policy2dpv.batch.streams import missing
    from policy2dpv.errors import BatchError, TableError

    if not (inputs.names or inputs.lists or inputs.histories):
        raise BatchError("batch", "there is nothing to read", "name inputs, --urls or --git")
    Sources(inputs)
    if "parquet" in settings.formats and find_spec("pyarrow") is None:
        raise missing("--format", "pyarrow")
    if settings.duplicates == "near" and find_spec("rensa") is None:
        raise missing("--duplicates", "rensa")
    if settings.tables:
        from policy2dpv.checking.tables_check import check_tables

        for fault in check_tables(Path(settings.tables)):
            raise TableError(fault.place, fault.found, fault.advice)


@contextmanager
def _engine(scheduler: str | None, workers: int | None) -> Iterator[tuple[Executor, int]]:
    """The executor and the number of its workers."""
    width = workers or os.cpu_count() or 1
    if scheduler is None:
        from policy2dpv.batch.engine_processes import open_processes

        with open_processes(width) as executor:
            yield executor, width
    else:
        from policy2dpv.batch.engine_dask import open_dask

        with open_dask(scheduler, width) as (executor, width):
            yield executor, width


def _say(message: str) -> None:
    print(message, file=sys.stderr)
