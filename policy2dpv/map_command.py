"""The map command: annotated clause segments become DPV graphs; `register` adds it to an app."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from policy2dpv.convert_files import Order
    from policy2dpv.schemes.apply import Mapped
    from policy2dpv.schemes.mapping import SchemeTable
    from policy2dpv.schemes.marks import MarkedPolicy

    Found = tuple[Path, MarkedPolicy, Mapped]

DONE, FOUND = 0, 1
MOST_LISTED = 20  # of one sort of warnings; the rest is counted


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """Whose labels are mapped: its name, the annotated page, a table, and how annotators merge."""

    name: str
    page: Path | None = None
    mapping: Path | None = None
    merge: str = "all"


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

    Example: policy2dpv map annotations/acme.csv --scheme opp-115
    """
    if not annotations and (compare or not report):
        raise typer.BadParameter("name files of annotations", param_hint="ANNOTATIONS")
    from policy2dpv.convert_files import Order

    order = Order(
        inputs=tuple(map(str, annotations or ())), output=output, formats=format, base=base,
        language=language, evidence=evidence,
    )  # fmt: skip
    chosen = Scheme(name=scheme, page=page, mapping=mapping, merge=merge)
    if report or compare:
        raise typer.Exit(_tell_figures(order, chosen, report=report, compare=compare, json=json))
    raise typer.Exit(_map_files(order, chosen, quiet=quiet))


def _map_files(order: Order, scheme: Scheme, *, quiet: bool) -> int:
    """Map what is ordered; the exit code is 1 where a label or a span was left over."""
    from policy2dpv.convert_files import (
        choose_formats,
        refuse_overwriting,
        write_evidence,
        write_results,
    )
    from policy2dpv.destinations import place_results

    _, found = _mapped(order, scheme)
    places = place_results(_named_files(found), choose_formats(order), order.output)
    refuse_overwriting(order.inputs, places)
    for (_, policy, mapped), place in zip(found, places, strict=True):
        write_results(mapped.conversion, place)
        if order.evidence:
            write_evidence(mapped.conversion, order.evidence, order.time)
        if not quiet:
            _tell(policy.name, mapped, [str(path) for path in place.values() if path])
    warned = [_warn(policy.name, mapped) for _, policy, mapped in found]
    return FOUND if any(warned) else DONE


def _named_files(found: Iterable[Found]) -> list[str]:
    """A file for each policy, beside its annotations, so that equal names differ by folder."""
    return [str(path.parent / f"{policy.name}{path.suffix}") for path, policy, _ in found]


def _tell_figures(order: Order, scheme: Scheme, *, report: bool, compare: bool, json: bool) -> int:
    """Print the report, the comparison or both; the exit code is that of mapping."""
    import msgspec

    from policy2dpv.conversion import convert
    from policy2dpv.schemes.reading import compare_readings, format_comparison
    from policy2dpv.schemes.report import defined_labels, format_report, report_scheme

    table, found = _mapped(order, scheme)
    parts: dict[str, object] = {}
    texts = []
    if report:
        used = [(policy, mapped) for _, policy, mapped in found]
        parts["report"] = of_scheme = report_scheme(
            table, defined_labels(table, scheme.mapping), used
        )
        texts.append(format_report(of_scheme))
    if compare:
        pairs = [(one.conversion, convert(policy.document)) for _, policy, one in found]
        kinds = {row.kind for row in table.rows}
        parts["comparison"] = result = compare_readings(pairs, kinds)
        texts.append(format_comparison([policy.name for _, policy, _ in found], result))
    text = msgspec.json.format(msgspec.json.encode(parts)).decode() + "\n" if json else None
    sys.stdout.buffer.write((text or "\n".join(texts)).encode("utf-8"))
    sys.stdout.buffer.flush()
    warned = [_warn(policy.name, mapped) for _, policy, mapped in found]
    return FOUND if any(warned) else DONE


def _mapped(order: Order, scheme: Scheme) -> tuple[SchemeTable, list[Found]]:
    """The scheme's table and the policies of all annotation files, each with its file."""
    from policy2dpv.lexicon import load_lexicon
    from policy2dpv.merge_rules import check_rule
    from policy2dpv.schemes.apply import map_policy
    from policy2dpv.schemes.mapping import load_scheme
    from policy2dpv.schemes.registry import find_reader

    readers = [find_reader(scheme.name)] if order.inputs else []  # a report alone needs none
    table = load_scheme(scheme.name, scheme.mapping)
    rule = check_rule(scheme.merge)
    found = []
    for read, path in product(readers, map(Path, order.inputs)):
        for policy in read(path, scheme.page):
            lexicon = load_lexicon(order.language or policy.document.language)
            mapped = map_policy(policy, table, lexicon, base=order.base, merge=rule)
            found.append((path, policy, mapped))
    return table, found


def _tell(name: str, mapped: Mapped, written: list[str]) -> None:
    """Say where a graph is and what it holds."""
    from policy2dpv.summary import summarize_conversion
    from policy2dpv.vocabulary import load_vocabulary

    _say([f"{name} -> {', '.join(written) or 'standard output'}"])
    _say([summarize_conversion(mapped.conversion, load_vocabulary())])


def _warn(name: str, mapped: Mapped) -> bool:
    """List what was marked and is not in the graph; whether there is any."""
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
