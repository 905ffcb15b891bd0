"""The map command: annotated clause segments become DPV graphs; `register` adds it to an app."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from policy2dpv.convert_files import Order
    from policy2dpv.schemes.apply import Mapped

DONE, FOUND = 0, 1
MOST_LISTED = 20  # of one sort of warnings; the rest is counted


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['map_']
    """
    app.command("map")(map_)


def map_(
    annotations: Annotated[list[Path], typer.Argument(help="Files of annotations.")],
    scheme: Annotated[str, typer.Option(help="Whose labels they are, such as opp-115.")],
    page: Annotated[
        Path | None, typer.Option(help="The annotated page or text, where the file has it not.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Your own table of the labels (SSSOM); else ours.")
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(help="Write such a table to fill in, a row for each label, and no graph."),
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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Turn annotated clause segments of another scheme into DPV graphs, by tables alone.

    What annotate wrote for a tool comes back by the tool's name as the scheme, without a table.
    Example: policy2dpv map annotations/acme.csv --scheme opp-115
    """
    from policy2dpv.convert_files import Order

    if init is not None:
        _write_template(annotations, scheme, page, init)
        return
    order = Order(
        inputs=tuple(map(str, annotations)), output=output, formats=format, base=base,
        language=language, evidence=evidence,
    )  # fmt: skip
    raise typer.Exit(_map_files(order, scheme, page, mapping, quiet=quiet))


def _map_files(
    order: Order, scheme: str, page: Path | None, mapping: Path | None, *, quiet: bool
) -> int:
    """Map what is ordered; the exit code is 1 where a label or a span was left over."""
    from policy2dpv.convert_files import (
        choose_formats,
        refuse_overwriting,
        write_evidence,
        write_results,
    )
    from policy2dpv.destinations import place_results

    found = list(_mapped(order, scheme, page, mapping))
    places = place_results([name for name, _ in found], choose_formats(order), order.output)
    refuse_overwriting(order.inputs, places)
    for (name, mapped), place in zip(found, places, strict=True):
        write_results(mapped.conversion, place)
        if order.evidence:
            write_evidence(mapped.conversion, order.evidence, order.time)
        if not quiet:
            _tell(name, mapped, [str(path) for path in place.values() if path])
    warned = [_warn(name, mapped) for name, mapped in found]
    return FOUND if any(warned) else DONE


def _mapped(
    order: Order, scheme: str, page: Path | None, mapping: Path | None
) -> Iterator[tuple[str, Mapped]]:
    """The policies of all annotation files, each with its name."""
    from policy2dpv.lexicon import load_lexicon
    from policy2dpv.schemes.apply import map_policy
    from policy2dpv.schemes.exchange import find_format
    from policy2dpv.schemes.mapping import load_scheme
    from policy2dpv.schemes.registry import find_reader

    tool = find_format(scheme)
    if tool is not None and mapping is None:
        yield from _restored(order, tool, page)
        return
    read = find_reader(scheme)
    table = load_scheme(scheme, mapping)
    for path in order.inputs:
        for policy in read(Path(path), page):
            lexicon = load_lexicon(order.language or policy.document.language)
            yield policy.name, map_policy(policy, table, lexicon, base=order.base)


def _restored(order: Order, tool: str, page: Path | None) -> Iterator[tuple[str, Mapped]]:
    """The policies of all files that hold our own labels, each with its name."""
    from policy2dpv.schemes import exchange
    from policy2dpv.schemes.own import map_own

    read = exchange.find_reader(tool)
    for path in order.inputs:
        yield from map_own(
            read, Path(path), page, by=f"tool:{tool}", language=order.language, base=order.base
        )


def _write_template(annotations: list[Path], scheme: str, page: Path | None, target: Path) -> None:
    """Write a table to fill in. WriteError: a file stands there, or it cannot be written."""
    from policy2dpv.data import replace_file
    from policy2dpv.destinations import make_folder
    from policy2dpv.errors import WriteError
    from policy2dpv.schemes.registry import find_reader
    from policy2dpv.schemes.template import count_labels, format_template

    if target.exists():
        raise WriteError(target, "a file stands there already", "name another one with --init")
    read = find_reader(scheme)
    labels = count_labels(policy for path in annotations for policy in read(path, page))
    make_folder(target)
    try:
        replace_file(target, format_template(labels))
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(target, found, "name another one with --init") from error
    _say([f"{target}: {len(labels)} labels; fill in object_id and kind, then give it by --mapping"])


def _tell(name: str, mapped: Mapped, written: list[str]) -> None:
    """Say where a graph is and what it holds."""
    from policy2dpv.summary import summarize_conversion
    from policy2dpv.vocabulary import load_vocabulary

    _say([f"{name} -> {', '.join(written) or 'standard output'}"])
    _say([summarize_conversion(mapped.conversion, load_vocabulary())])


def _warn(name: str, mapped: Mapped) -> bool:
    """List what was marked and is not in the graph, and tell whether there is any."""
    _say(f"policy2dpv: {name}: note: {note}" for note in mapped.notes)
    lost = [str(one) for one in mapped.lost]
    labels = [f"no row maps {label!r} ({n} times)" for label, n in mapped.unmapped.items()]
    for warnings in (lost, labels):
        _say(f"policy2dpv: {name}: warning: {one}" for one in warnings[:MOST_LISTED])
        if len(warnings) > MOST_LISTED:
            _say([f"policy2dpv: {name}: warning: and {len(warnings) - MOST_LISTED} more like it"])
    return bool(lost or labels)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
