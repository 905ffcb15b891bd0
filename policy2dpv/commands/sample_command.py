"""The sample and estimate commands: what people look at, and how common a practice is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from policy2dpv.errors import EstimateError

if TYPE_CHECKING:
    from policy2dpv.estimating.judgements import Judgements
    from policy2dpv.estimating.practice import Practice
    from policy2dpv.estimating.prevalence import Prevalence

COUNTS = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
SHOWN = 5  # policies that a message names
Folder = Annotated[Path, typer.Argument(help="The folder that batch or convert wrote to.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="A parameter of it: NAME=VALUE.")]


Rows = Annotated[
    bool, typer.Option("--rows", help="Ask the rows of batch's Parquet files: much quicker.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['sample', 'estimate']
    """
    app.command()(sample)
    app.command()(estimate)


def sample(
    folder: Folder,
    for_review: Annotated[int, typer.Option(min=2, help="How many policies people look at.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder for the sample.")],
    name: Annotated[
        str | None, typer.Option(help="The named query that asks for the practice.")
    ] = None,
    settings: Settings = None,
    rows: Rows = False,
    policies: Annotated[
        list[str] | None,
        typer.Option(help="Where the policies are; else where the batch found them."),
    ] = None,
    seed: Annotated[str, typer.Option(help="Any words; other words draw another sample.")] = "",
) -> None:
    """Draw policies for people to look at, so that `estimate` can correct what the reader says.

    Example: policy2dpv sample out/corpus --for-review 100 --name recipients -o out/sample
    """
    from policy2dpv.batch.sources import Inputs
    from policy2dpv.errors import ReadError
    from policy2dpv.estimating.corpus import read_corpus
    from policy2dpv.estimating.originals import describe_missing, find_originals
    from policy2dpv.estimating.sample_folder import write_sample
    from policy2dpv.estimating.sampling import draw_sample

    practice = _practice(name, settings)
    corpus = read_corpus(folder, practice, rows=rows)
    drawn = draw_sample(corpus, for_review, practice, seed=seed)
    if policies:
        inputs = Inputs(names=tuple(policies))
    elif corpus.manifest is not None:
        inputs = corpus.manifest.order.inputs
    else:
        raise ReadError(folder, "the graphs do not say where the policies are", "use --policies")
    wanted = [one.policy for one in drawn.drawn]
    documents, missing = find_originals(wanted, inputs, language=drawn.language)
    if missing:
        told = "; ".join(list(describe_missing(missing))[:SHOWN])
        advice = "name where they are with --policies, or run `batch` again"
        raise ReadError(folder, f"{len(missing)} policies are missing: {told}", advice)
    write_sample(drawn, documents, output)
    for one in drawn.strata:
        said = {True: "with a yes of the reader's", False: "others", None: "policies"}[one.said]
        _say(f"{one.drawn} of {one.policies:,} {said}")
    _say(f"fill in {output / 'answers.csv'}, then: policy2dpv estimate {folder} --sample {output}")


def estimate(
    folder: Folder,
    sample: Annotated[
        Path | None, typer.Option(help="The sample's folder, in which people have answered.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The named query; else the one that was sampled for.")
    ] = None,
    settings: Settings = None,
    rows: Rows = False,
    sensitivity: Annotated[
        str | None,
        typer.Option(help="Without a sample, counts: 90/100 of those with it got a yes."),
    ] = None,
    specificity: Annotated[
        str | None,
        typer.Option(help="Without a sample, counts: 95/100 of those without it got a no."),
    ] = None,
    level: Annotated[float, typer.Option(help="How often the interval is to hold.")] = 0.95,
    wider: Annotated[
        bool,
        typer.Option("--wider", help="The policies are themselves a sample, as of --sample N."),
    ] = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="The form.")] = "text",
) -> None:
    """Tell how common a practice is among policies, corrected for the reader's mistakes.

    Example: policy2dpv estimate out/corpus --sample out/sample
    """
    from policy2dpv.estimating.corpus import read_corpus
    from policy2dpv.estimating.judgements import collect_judgements
    from policy2dpv.estimating.prevalence import estimate_prevalence, rogan_gladen
    from policy2dpv.estimating.sample_folder import read_sample

    drawn = read_sample(sample) if sample else None
    practice = _practice(name, settings) or (drawn.practice if drawn else None)
    if practice is None:
        raise EstimateError("estimate", "no practice is named", "name a query with --name")
    if (drawn is None) == (sensitivity is None or specificity is None):
        advice = "give --sample, or both --sensitivity and --specificity"
        raise EstimateError("estimate", "it is not told how right the reader is", advice)
    corpus = read_corpus(folder, practice, rows=rows)
    said, many = len(corpus.holding), len(corpus.policies)
    if drawn is None or sample is None:
        share = rogan_gladen(
            said, many, _counts(sensitivity, "--sensitivity"),
            _counts(specificity, "--specificity"), level=level,
        )  # fmt: skip
        lines = [f"as read    {_share(said, many)}", f"corrected  {share}"]
        result: dict[str, object] = {"policies": many, "said": said, "share": share}
    else:
        _check_graphs([one.policy.graph for one in drawn.drawn], set(corpus.policies))
        found = collect_judgements(sample, drawn, practice, corpus.holding)
        _warn(found)
        prevalence = estimate_prevalence(said, many, found.judged, level=level, wider=wider)
        lines = _described(prevalence)
        result = {"prevalence": prevalence, "undecided": found.undecided, "open": found.open}
    _print(practice, many, lines, {"practice": practice, "level": level, **result}, format)


def _practice(name: str | None, settings: list[str] | None) -> Practice | None:
    """The practice that is named. QueryError: settings of no query."""
    from policy2dpv.errors import QueryError
    from policy2dpv.estimating.practice import Practice
    from policy2dpv.querying.named_queries import parse_settings

    given = parse_settings(settings or ())
    if name is None and given:
        raise QueryError("--set", "only a named query has parameters", "use it with --name")
    return Practice(name, dict(sorted(given.items()))) if name else None


def _counts(words: str | None, option: str) -> tuple[int, int]:
    """Counts such as 90/100."""
    found = COUNTS.fullmatch(words or "")
    if found is None:
        raise EstimateError(option, f"{words!r} are no counts", "write them as 90/100")
    return int(found[1]), int(found[2])


def _check_graphs(drawn: list[str], known: set[str]) -> None:
    strange = [graph for graph in drawn if graph not in known]
    if strange:
        found = f"{len(strange)} of its policies are not in the folder, such as {strange[0]}"
        raise EstimateError("--sample", found, "give the folder that the sample was drawn from")


def _warn(found: Judgements) -> None:
    for numbers, what in (
        (found.open, "drawn policies are not signed and do not count"),
        (found.undecided, "signed policies are left open by their reviews and do not count"),
        (found.changed, "drawn policies are answered otherwise by the reader now"),
    ):
        if numbers:
            named = ", ".join(map(str, numbers[:SHOWN])) + (" ..." if len(numbers) > SHOWN else "")
            _say(f"policy2dpv: warning: {len(numbers)} {what}: {named}")


def _described(found: Prevalence) -> list[str]:
    """The figures in words, a line each."""
    lines = [f"as read    {_share(found.said, found.policies)}", f"corrected  {found.share}"]
    if found.precision is not None:
        lines.append(f"precision  {found.precision}, of {found.judged_said} judged")
    if found.recall is not None:
        lines.append(f"recall     {found.recall}, with {found.judged_others} of the others judged")
    return lines


def _share(said: int, policies: int) -> str:
    return f"{said / policies:.1%} ({said:,} of {policies:,} policies)"


def _print(
    practice: Practice, policies: int, lines: list[str], result: dict[str, object], format: str
) -> None:
    import msgspec

    if format == "json":
        text = msgspec.json.format(msgspec.json.encode(result), indent=1).decode() + "\n"
    else:
        text = "\n".join([str(practice), *(f"  {line}" for line in lines)]) + "\n"
    sys.stdout.write(text)


def _say(message: str) -> None:
    typer.echo(message, err=True)
