"""The query and load commands: named queries and SPARQL over files, stores and endpoints."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from policy2dpv.errors import GraphError, QueryError

if TYPE_CHECKING:
    from policy2dpv.querying.answers import Answer

Format = Literal["table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld"]
Output = Annotated[str, typer.Option("--output", "-o", help="A file, or - for standard output.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['query', 'load']
    """
    app.command()(query)
    app.command()(load)


def query(
    graphs: Annotated[
        list[Path] | None, typer.Argument(help="Graph files: .jsonld, .ttl, .nq ...")
    ] = None,
    sparql: Annotated[str | None, typer.Option(help="The query itself.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file that holds the query.")] = None,
    name: Annotated[str | None, typer.Option(help="A named query, see --list.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter of it: NAME=VALUE.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the named queries; with --name, its parameters.")
    ] = False,
    store: Annotated[Path | None, typer.Option(help="A store, see the load command.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="The address of a SPARQL endpoint.")] = None,
    endpoint_graphs: Annotated[
        list[str] | None,
        typer.Option("--endpoint-graph", help="A graph to ask there; name the vocabulary's too."),
    ] = None,
    plain: Annotated[
        bool, typer.Option(help="The endpoint's data stand in no named graphs.")
    ] = False,
    format: Annotated[
        Format, typer.Option(help="The form of the answer; RDF is for CONSTRUCT and DESCRIBE.")
    ] = "table",
    output: Output = "-",
) -> None:
    """Ask graphs, a store or an endpoint a query, with the vocabulary's hierarchy beside them.

    Example: policy2dpv query out/*.jsonld --name recipients --set category=dpv:Marketing
    """
    from policy2dpv.querying.named_queries import parse_settings

    given = parse_settings(settings or ())
    if listed:
        write_output(output, _describe(name))
        return
    asked = _asked(sparql, file, name, given, plain=plain)
    if sum((bool(graphs), store is not None, endpoint is not None)) != 1:
        raise QueryError("query", "give what to ask once", "graph files, --store or --endpoint")
    if endpoint is not None:
        from policy2dpv.querying.endpoint import ask_endpoint

        answer = ask_endpoint(endpoint, asked, default_graphs=endpoint_graphs or ())
    else:
        from policy2dpv.querying.query import run_query

        answer = run_query(graphs or (), asked, store=store)
    shown = answer.without_constant("graph") if name and format == "table" else answer
    write_output(output, shown.format(format))
    if name is not None:
        _warn_of_limit(name, given, answer)


def load(
    store: Annotated[Path, typer.Argument(help="The store's folder; made if there is none.")],
    graphs: Annotated[
        list[Path] | None, typer.Argument(help="Graph files: .jsonld, .ttl, .nq ...")
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(help="Take a policy out: its notice (all versions) or one graph."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the policies of the store.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Load graph files into a store on disk, each policy in a graph of its own.

    A policy that is there already is replaced. Example: policy2dpv load store out/*.jsonld
    """
    from policy2dpv.querying.store import list_policies, load_graphs, open_store, remove_policies

    if not (graphs or remove or listed):
        raise GraphError("load", "there is nothing to do", "give graph files, --remove or --list")
    opened = open_store(store, read_only=not (graphs or remove))
    gone = remove_policies(opened, remove or ())
    done = load_graphs(opened, graphs or ())
    if not quiet and gone:
        _say([f"{len(gone)} graphs removed"])
    if not quiet and done:
        triples, again = sum(one.triples for one in done), sum(len(one.replaced) for one in done)
        count = sum(len(one.graphs) for one in done)
        _say([f"{triples:,} triples in {count:,} graphs loaded, {again:,} of them replaced"])
    if listed:
        shown = "".join(
            f"{r.graph}\t{r.title}\t{r.controller}\t{r.language}\t{r.date}\t{r.processes}\n"
            for r in list_policies(opened)
        )
        write_output("-", "graph\ttitle\tcontroller\tlanguage\tdate\tprocesses\n" + shown)


def write_output(output: str, text: str) -> None:
    """Write text to a file in one step, or to standard output for ``-``. Raises WriteError."""
    from policy2dpv.data import replace_file
    from policy2dpv.errors import WriteError

    if output == "-":
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    try:
        replace_file(Path(output), text)
    except OSError as error:
        raise WriteError(output, f"cannot be written: {error.strerror}", "name another") from error


def _asked(
    sparql: str | None, file: Path | None, name: str | None, given: dict[str, str], *, plain: bool
) -> str:
    """The SPARQL text, wherever it was given."""
    from policy2dpv.querying.named_queries import fill_query, load_query

    if sum(one is not None for one in (sparql, file, name)) != 1:
        raise QueryError("query", "give the query once", "use one of --name, --sparql and --file")
    if name is not None:
        return fill_query(load_query(name), given, named_graphs=not plain)
    if given:
        raise QueryError("--set", "only a named query has parameters", "use it with --name")
    if file is None:
        return sparql or ""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(str(file), f"cannot be read ({error})", "name a text file") from error


def _describe(name: str | None) -> str:
    """The named queries with their titles, or one with its parameters."""
    from policy2dpv.querying.named_queries import list_queries, load_query

    if name is None:
        width = max(len(query.name) for query in list_queries())
        return "".join(f"{query.name:{width}}  {query.title}\n" for query in list_queries())
    found = load_query(name)
    lines = [found.title, "", found.description, ""]
    for parameter in found.parameters:
        default = f" = {parameter.default}" if parameter.default else ""
        need = " (required)" if parameter.required else ""
        lines.append(
            f"--set {parameter.name}  {parameter.type}{default}{need}: {parameter.description}"
        )
    return "\n".join(lines).rstrip() + "\n"


def _warn_of_limit(name: str, given: dict[str, str], answer: Answer) -> None:
    """Say so where an answer ends at its limit: there may be more."""
    from policy2dpv.querying.named_queries import load_query

    limits = [p.default for p in load_query(name).parameters if p.name == "limit"]
    limit = given.get("limit") or (limits[0] if limits else "")
    if limit and int(limit) == max(len(answer.cells), len(answer.triples or ())):
        _say([f"policy2dpv: warning: the answer ends at {limit} rows; ask for more by --set limit"])


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
