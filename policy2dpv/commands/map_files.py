"""The map command's work: files of annotations become graphs, figures or a table to fill in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from policy2dpv.commands.convert_files import Order
    from policy2dpv.schemes.apply import Mapped
    from policy2dpv.schemes.mapping import SchemeTable
    from policy2dpv.schemes.marks import MarkedPolicy

DONE, FOUND = 0, 1
MOST_LISTED = 20  # of one sort of warnings; the rest is counted


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """Whose labels are mapped: its name, the annotated page, a table, and how annotators merge."""

    name: str
    page: Path | None = None
    mapping: Path | None = None
    merge: str = "all"


def map_files(order: Order, scheme: Scheme, *, quiet: bool) -> int:
    """Map what is ordered; the exit code is 1 where a label or a span was left over.

    Raises what readers, tables and places raise: ReadError, TableError, WriteError, PluginError.
    """
    from policy2dpv.commands.convert_files import (
        choose_formats,
        refuse_overwriting,
        write_evidence,
        write_results,
    )
    from policy2dpv.destinations import place_results

    found = list(_found(order, scheme))
    # A file for each policy, beside its annotations, so that equal names differ by folder.
    files = [str(path.parent / f"{name}{path.suffix}") for path, name, _ in found]
    places = place_results(files, choose_formats(order), order.output)
    refuse_overwriting(order.inputs, places)
    for (_, name, mapped), place in zip(found, places, strict=True):
        write_results(mapped.conversion, place)
        if order.evidence:
            write_evidence(mapped.conversion, order.evidence, order.time)
        if not quiet:
            _tell(name, mapped, [str(path) for path in place.values() if path])
    warned = [_warn(name, mapped) for _, name, mapped in found]
    return FOUND if any(warned) else DONE


def tell_figures(order: Order, scheme: Scheme, *, report: bool, compare: bool, json: bool) -> int:
    """Print the report, the comparison or both; the exit code is that of mapping."""
    from policy2dpv.conversion import convert
    from policy2dpv.schemes.reading import compare_readings, format_comparison
    from policy2dpv.schemes.report import defined_labels, format_report, report_scheme

    table = _table(order, scheme)
    found = [(policy, mapped) for _, policy, mapped in _mapped(order, scheme, table)]
    parts: dict[str, object] = {}
    texts = []
    if report:
        labels = defined_labels(table, scheme.mapping)
        parts["report"] = of_scheme = report_scheme(table, labels, found)
        texts.append(format_report(of_scheme))
    if compare:
        pairs = [(one.conversion, convert(policy.document)) for policy, one in found]
        kinds = {row.kind for row in table.rows}
        parts["comparison"] = result = compare_readings(pairs, kinds)
        texts.append(format_comparison([policy.name for policy, _ in found], result))
    text = msgspec.json.format(msgspec.json.encode(parts)).decode() + "\n" if json else None
    sys.stdout.buffer.write((text or "\n".join(texts)).encode("utf-8"))
    sys.stdout.buffer.flush()
    warned = [_warn(policy.name, mapped) for policy, mapped in found]
    return FOUND if any(warned) else DONE


def write_template(order: Order, scheme: Scheme, target: Path) -> None:
    """Write a table to fill in. WriteError: a file stands there, or it cannot be written."""
    from policy2dpv.data import replace_file
    from policy2dpv.destinations import make_folder
    from policy2dpv.errors import WriteError
    from policy2dpv.schemes.registry import find_reader
    from policy2dpv.schemes.template import count_labels, format_template

    if target.exists():
        raise WriteError(target, "a file stands there already", "name another one with --init")
    read = find_reader(scheme.name)
    files = map(Path, order.inputs)
    labels = count_labels(policy for path in files for policy in read(path, scheme.page))
    make_folder(target)
    try:
        replace_file(target, format_template(labels))
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(target, found, "name another one with --init") from error
    _say([f"{target}: {len(labels)} labels; fill in object_id and kind, then give it by --mapping"])


def _found(order: Order, scheme: Scheme) -> Iterator[tuple[Path, str, Mapped]]:
    """The policies of all files, each with its file and name: by a table, or as our own labels."""
    from policy2dpv.errors import AnnotatorError
    from policy2dpv.schemes import exchange
    from policy2dpv.schemes.own import map_own

    tool = exchange.find_format(scheme.name)
    if tool is None or scheme.mapping is not None:
        for path, policy, mapped in _mapped(order, scheme, _table(order, scheme)):
            yield path, policy.name, mapped
        return
    if scheme.merge != "all":
        found = "our own labels are not merged: each annotator's text becomes its own graph"
        raise AnnotatorError(
            f"--merge {scheme.merge}", found, "leave it out, or give a table with --mapping"
        )
    read = exchange.find_reader(tool)
    for path in map(Path, order.inputs):
        restored = map_own(
            read, path, scheme.page, by=f"tool:{tool}", language=order.language, base=order.base
        )
        for name, mapped in restored:
            yield path, name, mapped


def _table(order: Order, scheme: Scheme) -> SchemeTable:
    """The scheme's table; ReadError, rather than TableError, for a scheme that nobody reads."""
    from policy2dpv.schemes.mapping import load_scheme
    from policy2dpv.schemes.registry import find_reader

    if order.inputs:
        find_reader(scheme.name)
    return load_scheme(scheme.name, scheme.mapping)


def _mapped(
    order: Order, scheme: Scheme, table: SchemeTable
) -> Iterator[tuple[Path, MarkedPolicy, Mapped]]:
    """The policies of all annotation files, each with its file."""
    from policy2dpv.annotating.merge_rules import check_rule
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.schemes.apply import map_policy
    from policy2dpv.schemes.registry import find_reader

    rule = check_rule(scheme.merge)
    known: set[tuple[object, ...]] = set()  # files of one folder may tell the same policy
    for path in map(Path, order.inputs):
        for policy in find_reader(scheme.name)(path, scheme.page):
            same = path.parent, policy.name, policy.document.sha256, *policy.clauses
            if same in known:
                continue
            known.add(same)
            lexicon = load_lexicon(order.language or policy.document.language)
            yield path, policy, map_policy(policy, table, lexicon, base=order.base, merge=rule)


def _tell(name: str, mapped: Mapped, written: list[str]) -> None:
    """Say where a graph is and what it holds."""
    from policy2dpv.commands.summary import summarize_conversion
    from policy2dpv.knowledge.vocabulary import load_vocabulary

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
