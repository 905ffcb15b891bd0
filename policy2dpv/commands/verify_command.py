"""The verify command: where a published policy and what it claims have parted."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line.

    >>> register(typer.Typer())
    """
    app.command("verify")(verify)


def verify(
    target: Annotated[str, typer.Argument(help="A site's folder, or the address of site or page.")],
    format: Annotated[
        Literal["text", "json"], typer.Option(help="How the drifts are written.")
    ] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Read a published policy again and say where its text and its graph have parted.

    Exit codes: 0 nothing has parted, 1 something has, 2 it cannot be read.

    Example: policy2dpv verify site
    """
    import msgspec

    from policy2dpv.publishing.verify import verify as find_drifts

    found = find_drifts(target)
    if format == "json":
        text = msgspec.json.format(msgspec.json.encode({"target": target, "drifts": found}))
        typer.echo(text.decode("utf-8"))
    else:
        for one in found:
            quote = f'\n  "{one.quote}"' if one.quote else ""
            typer.echo(f"{one.where}: {one.kind}: {one.found}{quote}")
    if not quiet:
        typer.echo(f"{target}: {len(found) or 'no'} drift" + ("" if len(found) == 1 else "s"),
                   err=True)  # fmt: skip
    if found:
        raise typer.Exit(1)
