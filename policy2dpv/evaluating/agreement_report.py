"""How far two annotators agree, in words: a table, a list of quotes, JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from policy2dpv.evaluating.agreement import Agreement, Difference, LabelAgreement

WIDTH = 34
SHOWN = 90  # characters of a quote


def format_agreement(made: Agreement, show: str | None = None) -> str:
    """Return the figures of B against A as a table, and the quotes of a side where asked for.

    >>> from policy2dpv.evaluating.agreement import measure_agreement
    >>> format_agreement(measure_agreement([])).split()[2:7]
    ['both', 'only', 'A', 'only', 'B']
    """
    lines = [_line(one) for one in _chosen(made, show)]
    if not show:
        lines = list(_table(made))
    return "".join(line + "\n" for line in lines)


def format_agreement_json(made: Agreement, show: str | None = None) -> str:
    """Return the figures, and the quotes of a side where asked for, as indented JSON.

    >>> from policy2dpv.evaluating.agreement import measure_agreement
    >>> '"labels"' in format_agreement_json(measure_agreement([]))
    True
    """
    content: dict[str, object] = {"labels": list(made.labels)}
    if show:
        content["shown"] = list(_chosen(made, show))
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode("utf-8") + "\n"


def _chosen(made: Agreement, show: str | None) -> Sequence[Difference]:
    return {"both": made.both, "a": made.only_a, "b": made.only_b}.get(show or "", ())


def _table(made: Agreement) -> Iterator[str]:
    figures = f"{'P':>7}{'R':>7}{'F1':>7}"
    yield f"{'':{WIDTH}}{'':21}{'strict':^21}{'near':^21}"
    yield f"{'':{WIDTH}}{'both':>7}{'only A':>7}{'only B':>7}{figures}{figures}{'kappa':>8}"
    for one in made.labels:
        name = f"  {one.term}" if one.term else one.kind
        counts = f"{one.both:7}{one.only_a:7}{one.only_b:7}"
        yield f"{name:{WIDTH}}{counts}{_figures(one)}{_share(one.kappa):>8}".rstrip()


def _figures(one: LabelAgreement) -> str:
    shares = [
        share for made in (one.strict, one.near) for share in (made.precision, made.recall, made.f1)
    ]
    return "".join(f"{_share(share) or '-':>7}" for share in shares)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _line(one: Difference) -> str:
    words = " ".join(one.quote.split())
    words = words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"
    return f"{one.policy}:{one.start}-{one.end}\t{one.kind}\t{one.term}\t{words}"
