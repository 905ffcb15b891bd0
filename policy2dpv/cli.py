"""The command line: one command per public function; results to files, talk to standard error.

Exit codes: 0 done, 1 findings (a policy without privacy content, a faulty table), 2 wrong use or
unreadable input. Only this module imports the leaves, and every command imports what it needs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from policy2dpv.commands.annotate_command import register as register_annotate
from policy2dpv.commands.annotator_options import Annotators, Merge
from policy2dpv.commands.bridge_commands import register as register_bridges
from policy2dpv.commands.check_command import register as register_check
from policy2dpv.commands.combine_options import AsOne
from policy2dpv.commands.compare_annotations_command import register as register_compare_annotations
from policy2dpv.commands.comparison_commands import register as register_comparisons
from policy2dpv.commands.evaluate_command import register as register_evaluate
from policy2dpv.commands.explain_command import register as register_explain
from policy2dpv.commands.map_command import register as register_map
from policy2dpv.commands.publish_command import register as register_publish
from policy2dpv.commands.query_command import register as register_query
from policy2dpv.commands.report_command import register as register_report
from policy2dpv.commands.review_command import register as register_review
from policy2dpv.commands.serve_command import register as register_serve
from policy2dpv.commands.verify_command import register as register_verify
from policy2dpv.destinations import open_input
from policy2dpv.errors import PolicyError, WriteError

app = typer.Typer(
    help="Reads privacy policies and writes Data Privacy Vocabulary (DPV) graphs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
vocab = typer.Typer(help="Looks up terms of the vocabulary, and builds its index.")
tables = typer.Typer(help="Checks, tidies and extends the tables in mappings/.")
app.add_typer(vocab, name="vocab", no_args_is_help=True)
app.add_typer(tables, name="tables", no_args_is_help=True)

FOUND = 1
WRONG = 2

Input = Annotated[str, typer.Argument(help="A file, an http(s) address, or - for standard input.")]
Inputs = Annotated[
    list[str], typer.Argument(help="Files, folders, http(s) addresses, or - for standard input.")
]
Output = Annotated[str, typer.Option("--output", "-o", help="A file, or - for standard output.")]
Language = Annotated[
    str | None, typer.Option(help="The policy's language, such as en; found in the text if absent.")
]
MediaType = Annotated[
    str | None, typer.Option(help="The input's media type, such as text/html; found if absent.")
]

Folder = Annotated[Path | None, typer.Option(help="The tables' folder; else mappings/.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments (else those of the process) name; return the exit code.

    >>> main(["text", "no-such-policy.html"])
    2
    """
    try:
        app(args=arguments, prog_name="policy2dpv")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except PolicyError as error:
        _say(f"policy2dpv: {error}")
        return WRONG
    except BrokenPipeError:
        # The reader of our output has gone; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        from policy2dpv.versions import describe_versions

        typer.echo(describe_versions())
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Show the version, and the hashes of the vocabulary and the tables.",
        ),
    ] = False,
) -> None:
    """Options before the command."""


@app.command()
def convert(
    inputs: Inputs,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="A file, a folder, or - for standard output; else out/NAME."
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="jsonld, turtle, nquads, trig, ntriples, rdfxml or csv; several with commas. "
            "Else the output file's suffix tells, else it is jsonld."
        ),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The IRI under which the notice is published.")
    ] = None,
    language: Language = None,
    media_type: MediaType = None,
    evidence: Annotated[
        str | None,
        typer.Option(help="A file for the second graph: for each triple words, row, confidence."),
    ] = None,
    quotes: Annotated[
        Literal["full", "none"],
        typer.Option(help="none keeps the places of the policy's words, but not the words."),
    ] = "full",
    time: Annotated[
        str | None,
        typer.Option(
            help="The time of the run (ISO 8601) for the evidence graph; else SOURCE_DATE_EPOCH."
        ),
    ] = None,
    tables: Annotated[
        Path | None, typer.Option(help="A folder of your own tables, read after ours.")
    ] = None,
    min_confidence: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Leave out what is less sure than this (0 to 1)."),
    ] = 0.0,
    limit: Annotated[
        int | None, typer.Option(help="The greatest size of a policy in bytes; else 20000000.")
    ] = None,
    annotator: Annotators = None,
    merge: Merge = "union",
    as_one: AsOne = False,
    review: Annotated[
        Path | None, typer.Option(help="People's decisions on what was read; see review.")
    ] = None,
    only_reviewed: Annotated[
        bool, typer.Option("--only-reviewed", help="Leave out what nobody has decided.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary.")] = False,
) -> None:
    """Convert policies to DPV graphs.

    Example: policy2dpv convert policy.html --format jsonld,turtle
    """
    from policy2dpv.commands.convert_files import Order, convert_files

    order = Order(
        inputs=tuple(inputs),
        output=output,
        formats=format,
        base=base,
        language=language,
        media_type=media_type,
        evidence=evidence,
        quotes=quotes,
        time=time,
        limit=limit,
        tables=tables,
        min_confidence=min_confidence,
        annotator=tuple(annotator or ()),
        merge=merge,
        as_one=as_one,
        review=review,
        only_reviewed=only_reviewed,
    )
    raise typer.Exit(convert_files(order, _say, quiet=quiet))


@app.command()
def text(
    input: Input, output: Output = "-", language: Language = None, media_type: MediaType = None
) -> None:
    """Print the policy's canonical text, on which all positions count.

    Example: policy2dpv text policy.html
    """
    from policy2dpv.reading.read import read_document

    document = read_document(open_input(input), media_type=media_type, language=language)
    _write(output, [document.text])


@app.command()
def segments(
    input: Input, output: Output = "-", language: Language = None, media_type: MediaType = None
) -> None:
    """Print the clauses of a policy as JSON lines.

    Example: policy2dpv segments policy.html -o segments.jsonl
    """
    from policy2dpv.annotating.segment import find_segments
    from policy2dpv.json_lines import SegmentLine, format_lines
    from policy2dpv.reading.read import read_document

    document = read_document(open_input(input), media_type=media_type, language=language)
    clauses = find_segments(document)
    _write(output, [format_lines(SegmentLine.of(clause, document.text) for clause in clauses)])


register_annotate(app)


register_explain(app)
register_check(app)
register_report(app)
register_evaluate(app)
register_map(app)
register_compare_annotations(app)
register_comparisons(app)
register_query(app)
register_serve(app)
register_bridges(app, vocab)
register_review(app)
register_publish(app)
register_verify(app)


@vocab.command("build")
def vocab_build(
    directory: Annotated[Path, typer.Argument(help="The folder with the release's Turtle files.")],
    release: Annotated[str, typer.Option(help="The release's version.")] = "2.3",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder; else vocab/dpv-RELEASE.")
    ] = None,
    modules: Annotated[
        str | None, typer.Option(help="The files loaded at each start, with commas.")
    ] = None,
    changes: Annotated[
        Path | None, typer.Option(help="A table of retired terms and their successors.")
    ] = None,
) -> None:
    """Build the index of a release from its Turtle files.

    Example: policy2dpv vocab build ../dpv/2.3 --release 2.3
    """
    from policy2dpv.knowledge.vocabulary_build import build_vocabulary

    chosen = modules.split(",") if modules else None
    report = build_vocabulary(
        directory, release=release, output=output, modules=chosen, changes=changes
    )
    for fault in report.faults:
        _say(fault)
    _say(f"{report.folder}: {report.core} core terms, {report.further} further ones")


@vocab.command("search")
def vocab_search(
    words: Annotated[list[str], typer.Argument(help="Words of the term's label.")],
    limit: Annotated[int, typer.Option(help="At most so many terms.")] = 20,
) -> None:
    """Find terms by their label.

    Example: policy2dpv vocab search email address
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    known = load_vocabulary()
    found = known.search(" ".join(words))
    for term in found[:limit]:
        typer.echo(f"{term.term}\t{term.label}\t{' '.join(term.broader)}")
    if len(found) > limit:
        _say(f"{len(found) - limit} more; --limit shows them")
    if not found:
        _say(f"no term of DPV {known.release} has these words")
        raise typer.Exit(FOUND)


@vocab.command("show")
def vocab_show(
    term: Annotated[str, typer.Argument(help="A term as PREFIX:NAME, or its IRI.")],
) -> None:
    """Show a term's label, standing, parents and children.

    Example: policy2dpv vocab show https://w3id.org/dpv#Purpose
    """
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    known = load_vocabulary()
    facts = known.term(known.curie(term) if "://" in term else term)
    typer.echo(f"{facts.term}  {facts.label}  ({facts.status})")
    typer.echo(f"  {facts.iri}")
    for heading, terms in (
        ("types", facts.types),
        ("above", known.ancestors(facts.term)),
        ("below", known.children(facts.term)),
        ("successor", filter(None, [known.successor(facts.term)])),
    ):
        for other in terms:
            typer.echo(f"  {heading:<10}{other}")


@tables.command("check")
def tables_check(folder: Folder = None) -> None:
    """Check every row of the tables and run its example; of another folder the rows only.

    Example: policy2dpv tables check
    """
    from policy2dpv.checking.tables_check import check_tables
    from policy2dpv.conversion import read_example
    from policy2dpv.data import data_folder

    reader = read_example if folder is None else None  # examples are read by our own tables
    faults = check_tables(folder or data_folder("mappings"), reader=reader)
    for fault in faults:
        typer.echo(str(fault))
    count = f"{len(faults)} fault" + ("" if len(faults) == 1 else "s")
    _say(count if faults else "all tables are right")
    if faults:
        raise typer.Exit(FOUND)


@tables.command("format")
def tables_format(folder: Folder = None) -> None:
    """Bring the tables into their one form: constant columns, labels, order.

    Example: policy2dpv tables format
    """
    from policy2dpv.data import data_folder
    from policy2dpv.knowledge.tables import format_tables

    for name in format_tables(folder or data_folder("mappings")):
        _say(f"{name}: tidied")


@tables.command("add")
def tables_add(
    kind: Annotated[str, typer.Argument(help="The lexicon's kind, such as purpose.")],
    phrase: Annotated[str, typer.Argument(help="The phrase, in the language of the tables.")],
    term: Annotated[str, typer.Argument(help="The term that it means, as PREFIX:NAME.")],
    example: Annotated[str, typer.Option(help="A sentence in which it must be read so.")],
    counter_example: Annotated[str, typer.Option(help="One in which it must not.")] = "",
    match: Annotated[
        Literal["exact", "close", "broad", "narrow"], typer.Option(help="How it means the term.")
    ] = "exact",
    requires: Annotated[str, typer.Option(help="What the clause must give besides.")] = "",
    comment: Annotated[str, typer.Option(help="Why, where it is not plain.")] = "",
    language: Annotated[str, typer.Option(help="The lexicon's language.")] = "en",
    folder: Folder = None,
) -> None:
    """Add a phrase to a lexicon.

    Example: policy2dpv tables add purpose "fight spam" TERM --example "We use it to fight spam."
    """
    from policy2dpv.data import data_folder
    from policy2dpv.knowledge.tables import add_row

    path = (folder or data_folder("mappings")) / "lexicon" / language / f"{kind}.sssom.tsv"
    cells = {"subject_label": phrase, "object_id": term, "predicate_id": f"skos:{match}Match"}
    cells |= {"requires": requires, "example": example, "comment": comment}
    row = add_row(path, cells | {"counter_example": counter_example})
    _say(f"{row.place}: added; `policy2dpv tables check` runs its example")


def _write(output: str, parts: Iterable[str]) -> None:
    """Write the text to a file in one step, or to standard output as UTF-8."""
    from policy2dpv.data import replace_file

    content = "".join(parts)
    if output == "-":
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    try:
        replace_file(Path(output), content)
    except OSError as error:
        advice = "name another place with -o"
        raise WriteError(output, f"cannot be written ({error.strerror})", advice) from error


def _say(message: str) -> None:
    typer.echo(message, err=True)
