"""Figures and findings of an evaluation as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from policy2dpv.evaluating.calibration import Calibration, Step
from policy2dpv.evaluating.evaluate import Evaluation, Trial
from policy2dpv.evaluating.gold_match import ALL, Figures, Result, span_of
from policy2dpv.model import overlaps

SHOWN = 160  # characters of a quote that a line of findings shows


class Source(msgspec.Struct, frozen=True):
    """What decided, how sure it is, and the words that it read."""

    source: str
    confidence: float
    quote: str
    said: str = ""


class Finding(msgspec.Struct, frozen=True):
    """A statement that is wrong, or a line of gold that is missed, strictly.

    `near` tells that a near term would make it right. `sources` decided a wrong one; for a missed
    one they are what was read in its clauses instead.
    """

    name: str
    what: str
    said: str
    near: bool
    quote: str
    sources: tuple[Source, ...]


def list_wrong(trial: Trial) -> list[Finding]:
    """Return the statements that no line of gold makes right, with the rows that decided."""
    one, text = trial.comparison, trial.conversion.document.text
    near = one.right(near=True)
    right = one.right(near=False)
    found = []
    for at, stated in enumerate(one.facts):
        if at in right:
            continue
        sources = tuple(
            Source(g.source, g.confidence, _words(text[g.start : g.end])) for g in stated.grounds
        )
        clause = next(iter(sorted(stated.quotes)), "")
        said = str(stated.fact)
        found.append(Finding(trial.gold.name, "wrong", said, at in near, _words(clause), sources))
    return found


def list_missed(trial: Trial) -> list[Finding]:
    """Return the lines of gold that are not read, with what is read in their clauses."""
    one, made = trial.comparison, trial.conversion
    found = []
    for line, strict, near in zip(one.lines, one.strict, one.near, strict=True):
        if not line.explicit or strict:
            continue
        span = span_of(line)
        here = {s.id for s in made.segments if span and overlaps(span, (s.start, s.end))}
        read = [a for a in made.annotations if a.segment in here]
        read.sort(key=lambda a: (a.kind != line.kind, a.start, a.end, a.kind, a.term))
        sources = tuple(
            Source(a.source, a.confidence, _words(a.quote), f"{a.kind} {a.term}") for a in read
        )
        parts = (line.kind, line.term, line.name, line.value, line.polarity)
        said = " ".join(part for part in parts if part)
        quote = _words(line.quote)
        found.append(Finding(trial.gold.name, "missed", said, bool(near), quote, sources))
    return found


def format_findings(findings: Sequence[Finding]) -> str:
    r"""Return findings as text, each with its quote and what decided.

    >>> format_findings([Finding("x", "wrong", "purpose ex:Sale", False, "We sell.", ())])
    'WRONG x: purpose ex:Sale\n    "We sell."\n'
    """
    lines = []
    for one in findings:
        lines.append(f"{one.what.upper()} {one.name}: {one.said}" + "  (near)" * one.near)
        lines.append(f'    "{one.quote}"')
        for source in one.sources:
            said = f"{source.said} " if source.said else ""
            lines.append(f'    {said}by {source.source} ({source.confidence:g}): "{source.quote}"')
        if one.what == "missed" and not one.sources:
            lines.append("    nothing is read there")
    return "".join(line + "\n" for line in lines)


def format_evaluation(one: Evaluation) -> str:
    """Return the figures of one evaluation as a table of text."""
    grounded = one.strict[ALL].grounded_recall
    actors, clauses = one.actors, one.clauses
    lines = [
        f"== {one.name}",
        *_figure_lines(Result(one.strict, one.near, one.ties)),
        f"grounded recall   strict {_share(grounded)}  "
        f"near {_share(one.near[ALL].grounded_recall)}",
        f"who acts          {_share(actors.share)}  ({actors.right} right, {actors.matched} found "
        f"of {actors.gold} practices)",
        f"clauses           {clauses.read} of {clauses.holding} that hold something are read; "
        f"{clauses.spoken} of {clauses.silent} without a quote are read too, "
        f"{clauses.false} with nothing right",
        *_calibration_lines(one.calibration),
        *_sweep_lines(one.sweep),
    ]
    if one.lost:
        lines.append(f"{len(one.lost)} quotes are not in the text, such as {one.lost[0]!r}")
    return "\n".join(lines) + "\n"


def format_agreement(names: Sequence[str], result: Result) -> str:
    """Return how far two annotators agree, per kind."""
    return format_result(f"{names[1]} against {names[0]}", result)


def format_result(heading: str, result: Result) -> str:
    """Return figures per kind as a table of text under a heading."""
    return "\n".join([f"== {heading}", *_figure_lines(result)]) + "\n"


def format_json(
    evaluations: Sequence[Evaluation], whole: Evaluation, findings: Sequence[Finding] | None
) -> str:
    """Return figures, and findings where they are asked for, as indented JSON."""
    content: dict[str, object] = {"sets": list(evaluations), "all": whole}
    if findings is not None:
        content["findings"] = list(findings)
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode("utf-8") + "\n"


def _figure_lines(result: Result) -> Iterator[str]:
    figures = f"{'P':>9}{'R':>7}{'F1':>7}"
    yield f"{'':20}{'strict':^23}{'near':^23}"
    yield f"{'':20}{figures}{figures}{'gold':>7}{'found':>7}"
    for kind in sorted(result.strict, key=lambda kind: (kind == ALL, kind)):
        strict = result.strict[kind]
        yield f"{kind:20}" + _row(strict) + _row(result.near[kind]) + _counts(strict)
    ties = "ties (near terms)"
    yield f"{ties:20}{'':23}" + _row(result.ties) + _counts(result.ties)


def _row(one: Figures) -> str:
    return f"{_share(one.precision):>9}{_share(one.recall):>7}{_share(one.f1):>7}"


def _counts(one: Figures) -> str:
    return f"{one.gold:7}{one.found:7}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _calibration_lines(one: Calibration) -> Iterator[str]:
    yield (
        f"calibration error strict {_share(one.error)}  near {_share(one.near_error)}  "
        f"({len(one.bins)} bins are in use)"
    )
    for part in one.bins:
        yield (
            f"  {part.low:.1f}-{part.high:.1f}  {part.count:5} statements, sure "
            f"{part.confidence:.3f}, right {part.strict:.3f}, near {part.near:.3f}"
        )


def _sweep_lines(steps: Sequence[Step]) -> Iterator[str]:
    yield "least confidence  strict P      R     F1   near P      R     F1   ties P      R     F1"
    for step in steps:
        yield f"{step.least:<17g}" + _row(step.strict) + _row(step.near) + _row(step.ties)


def _words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"
