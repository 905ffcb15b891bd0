"""The serve command: policies, graphs or a store on a local address, until it is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from policy2dpv.errors import PolicyError

if TYPE_CHECKING:
    from policy2dpv.serving.serve_limits import Limits
    from policy2dpv.serving.serve_site import Site


CLIENTS = 500  # connections at the same time


class ServeError(PolicyError):
    """A server that cannot be started."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line.

    >>> register(typer.Typer())
    """
    app.command("serve")(serve)


def serve(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="A store, or graph files and policies; beside a store, its texts."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    base: Annotated[
        str | None, typer.Option(help="The IRI under which the one policy is published.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="The time that a query may take.")] = 10,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Queries at the same time.")] = 2,
    result: Annotated[
        int, typer.Option(min=1000, help="The greatest size of an answer in bytes.")
    ] = 50_000_000,
    memory: Annotated[
        int, typer.Option(min=1 << 29, help="The memory that a query may use in bytes.")
    ] = 4 << 30,
    origin: Annotated[
        str, typer.Option(help="Whose web pages may ask from a browser: an origin, or * for all.")
    ] = "*",
    limit: Annotated[
        int, typer.Option(min=1000, help="The greatest size of a request in bytes.")
    ] = 5_000_000,
) -> None:
    """Serve policies: explorer, SPARQL endpoint, linked data and JSON API, for reading only.

    Example: policy2dpv serve policy.html
    """
    import signal
    import tempfile
    from pathlib import Path

    from policy2dpv.serving.serve_limits import Limits

    if not inputs:
        raise ServeError("serve", "nothing is named", "name a store, graph files or policies")
    try:
        import jinja2  # noqa: F401  # looked for before the policies are read
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        advice = "install it with `pip install 'policy2dpv[serve]'`"
        raise ServeError("serve", f"{error.name} is not installed", advice) from error
    from policy2dpv.serving.serve_site import open_site

    limits = Limits(seconds=seconds, workers=workers, result=result, body=limit,
                    memory=memory)  # fmt: skip
    signal.signal(signal.SIGTERM, _leave)
    try:
        with tempfile.TemporaryDirectory(prefix="policy2dpv-") as folder:
            site = open_site(inputs, Path(folder), base=base, say=_say)
            run_server(site, limits, host, port, origin=origin)
    except KeyboardInterrupt:
        _say("ended")


def run_server(site: Site, limits: Limits, host: str, port: int, *, origin: str = "*") -> None:
    """Serve a site until the process is interrupted. ServeError: the address is taken."""
    import socket

    import uvicorn

    from policy2dpv.serving.serve import create_app

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        plug = socket.create_server((host, port), family=family, reuse_port=False)
    except (OSError, UnicodeError) as error:
        found = f"the address cannot be had ({error})"
        raise ServeError(f"{host}:{port}", found, "name another --port or --host") from error
    shown = f"[{host}]" if ":" in host else host
    count = len(site.catalogue.entries)
    _say(f"{count} polic{'y' if count == 1 else 'ies'} at "
         f"http://{shown}:{plug.getsockname()[1]}/ (Ctrl+C ends)")  # fmt: skip
    app = create_app(site, limits, origin=origin)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False,
                            limit_concurrency=CLIENTS, timeout_graceful_shutdown=5)  # fmt: skip
    uvicorn.Server(config).run(sockets=[plug])


def _leave(*_: object) -> NoReturn:
    """End on a signal as on Ctrl+C, so that nothing temporary stays behind."""
    raise KeyboardInterrupt


def _say(message: str) -> None:
    typer.echo(message, err=True)
