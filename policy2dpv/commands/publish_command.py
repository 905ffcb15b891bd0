"""The publish command: policies become a folder for a web server, or a snippet for a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policy2dpv.errors import GraphError


def register(app: typer.Typer) -> None:
    """Add the command to the command line.

    >>> register(typer.Typer())
    """
    app.command("publish")(publish)


def publish(
    policies: Annotated[
        list[str],
        typer.Argument(help="Files, folders, addresses; NAME=POLICY names one or its versions."),
    ],
    base: Annotated[
        str, typer.Option(help="The address of the folder on the web, with a slash at its end.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The site's folder.")] = Path(
        "site"
    ),
    embed: Annotated[
        bool, typer.Option("--embed", help="Only print a snippet for one policy's own page.")
    ] = False,
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Publish what nobody has reviewed, marked as such.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="The policies' language, such as en; found if absent.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="The greatest size of a policy in bytes; else 20000000.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Write policies as a site: pages, graphs, evidence, catalogue, and how to serve them.

    Earlier versions that the folder holds are kept; the folder is replaced in one step.

    Example: policy2dpv publish policy.html --base https://example.org/privacy/ --unreviewed
    """
    import signal

    from policy2dpv.publishing.publish import dropped_policies, publish_site, read_policies
    from policy2dpv.publishing.publish import embed as make_snippet
    from policy2dpv.reading.read import LIMIT

    if not unreviewed:
        raise GraphError(
            "publish", "nobody has reviewed what was read",
            "review it, or give --unreviewed to publish it marked as read by a machine",
        )  # fmt: skip

    def say(message: str) -> None:
        if not quiet:
            typer.echo(message, err=True)

    # Ended from outside it still clears away what it has begun.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(143)))
    size = limit or LIMIT
    if embed:
        typer.echo(make_snippet(policies, base, say, language=language, limit=size), nl=False)
        return
    versions = read_policies(policies, base, say, language=language, limit=size)
    dropped = dropped_policies(versions, output)
    site = publish_site(versions, base, output)
    say(f"{output}: {len(site.latest())} policies, {len(site.versions)} versions, "
        f"{len(site.files)} files; how to serve them: {output / 'server'}")  # fmt: skip
    if dropped:
        _warn(f"no longer in the site: {', '.join(dropped)}")
    made = [one for found in versions.values() for one in found]
    if empty := sum(not one.conversion.has_privacy_content for one in made):
        _warn(f"{empty} of {len(made)} policies say nothing about personal data")
        raise typer.Exit(1)


def _warn(message: str) -> None:
    typer.echo(f"policy2dpv: warning: {message}", err=True)
