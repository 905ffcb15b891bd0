"""The compare-annotations command: two annotators of one text; `register` adds it to an app."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

Show = Literal["both", "a", "b"]
SHOWN = 5  # of the quotes that are not in the text

Input = Annotated[
    str,
    typer.Argument(help="JSON lines (.jsonl), a scheme's file, or a policy, which we then read."),
]


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['compare_annotations']
    """
    app.command("compare-annotations")(compare_annotations)


def compare_annotations(
    a: Input,
    b: Input,
    scheme: Annotated[
        str | None, typer.Option(help="The scheme of both files, such as opp-115.")
    ] = None,
    scheme_a: Annotated[str | None, typer.Option(help="The scheme of A alone.")] = None,
    scheme_b: Annotated[str | None, typer.Option(help="The scheme of B alone.")] = None,
    by_a: Annotated[str | None, typer.Option(help="The annotator of A, if it has several.")] = None,
    by_b: Annotated[str | None, typer.Option(help="The annotator of B, if it has several.")] = None,
    page: Annotated[
        Path | None, typer.Option(help="The annotated page of the schemes' files.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Your own table of the schemes' labels; else ours.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="The text that both annotated, where neither file has it.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The policy's language; found in the text if absent.")
    ] = None,
    show: Annotated[
        Show | None, typer.Option(help="List what both have, or only A, or only B, with quotes.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Measure how far B's annotations agree with A's: per label precision, recall, F1; kappa.

    Example: policy2dpv compare-annotations policy.html people.jsonl --show b
    """
    from policy2dpv.destinations import open_input
    from policy2dpv.evaluating.agreement import measure_agreement
    from policy2dpv.evaluating.agreement_report import format_agreement, format_agreement_json
    from policy2dpv.reading.read import read_document
    from policy2dpv.schemes.annotated import Source, anchor_pair, pair_up, read_annotated

    sides = [
        read_annotated(
            Source(path=path, scheme=own or scheme, by=by, page=page, mapping=mapping,
                   language=language)
        )
        for path, own, by in ((a, scheme_a, by_a), (b, scheme_b, by_b))
    ]  # fmt: skip
    text = read_document(open_input(policy), language=language) if policy else None
    anchored = [anchor_pair(one, other, text) for one, other in pair_up(*sides)]
    lost = [quote for one in anchored for quote in one.lost]
    if moved := sum(one.moved for one in anchored):
        _say(f"{moved} quotes stand elsewhere in the text and were found by their words")
    for quote in lost[:SHOWN]:
        _say(f"warning: not in the text: {quote!r}")
    if len(lost) > SHOWN:
        _say(f"warning: and {len(lost) - SHOWN} more like it")
    made = measure_agreement(one.pair for one in anchored)
    if any(one.pair.length is None for one in anchored):
        _say("no kappa without the text: give it with --policy")
    told = format_agreement_json(made, show) if json else format_agreement(made, show)
    sys.stdout.buffer.write(told.encode("utf-8"))
    sys.stdout.buffer.flush()


def _say(message: str) -> None:
    print(f"policy2dpv: {message}", file=sys.stderr)
