"""The files of one firm as one notice: what ``convert --as-one`` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from policy2dpv.conversion import Conversion
from policy2dpv.destinations import make_folder, place_results
from policy2dpv.graphs.combine import Combination, combine_conversions
from policy2dpv.output import write_output

CSV = "csv"
Say = Callable[[str], None]


def combine_files(
    conversions: Sequence[Conversion], suffixes: dict[str, str], output: str | None,
    name: str, base: str | None, say: Say,
) -> tuple[Combination, dict[str, Path | None]]:  # fmt: skip
    """Write the documents as one graph in each format, named by the first, and return both.

    `suffixes` are the formats with their suffixes, `name` the first document's. GraphError: the
    same text twice. WriteError: an output that cannot be written.
    """
    made = combine_conversions(conversions, base=base)
    for warning in made.warnings:
        say(f"policy2dpv: warning: {warning}")
    [places] = place_results([name], suffixes, output)
    for format, path in places.items():
        if path:
            make_folder(path)
        write_output(str(path) if path else "-", format_combination(made, format))
    return made, places


def format_combination(made: Combination, format: str) -> str:
    """Return the combined graph in a format; as CSV the documents' rows under one header.

    >>> from policy2dpv import convert
    >>> made = combine_conversions([convert(b"We collect your name."), convert(b"We use cookies.")])
    >>> format_combination(made, "csv").count("policy,actor")
    1
    """
    from policy2dpv.graphs.write import format_graph

    if format != CSV:
        return format_graph(made.policy_graph, format)
    tables = [format_graph(part, CSV).partition("\n") for part in made.parts]
    header, newline, _ = tables[0]
    return header + newline + "".join(rows for _, _, rows in tables)
