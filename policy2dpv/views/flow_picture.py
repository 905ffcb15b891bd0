"""Where data goes: data, purpose, recipient and place of a policy's practices as a flow.

The picture is a Sankey diagram: the wider a band, the more practices state it. Each practice
counts as one, shared out evenly among the combinations of its values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import msgspec

from policy2dpv.views.policy_statements import StatementView, load_display

COLUMNS = ("data", "purpose", "recipient", "place")
LINKED = 2  # columns that a practice must fill to be a flow
SHOWN = 9  # nodes of a column; the rest stand together
WIDTH, HEIGHT, BAR, GAP, LEAST = 1120.0, 560.0, 10.0, 12.0, 3.0
MARGIN = 190.0  # room for the labels of the last column

Path = tuple[str, ...]


class FlowNode(msgspec.Struct, frozen=True):
    """A value in its column; `stated` is False for what the policy does not say.

    `x`, `y` and `height` are in the picture's units; `share` is the number of practices.
    """

    id: str
    column: str
    label: str
    share: float
    stated: bool
    x: float
    y: float
    height: float


class FlowBand(msgspec.Struct, frozen=True):
    """A band between two nodes: its outline as an SVG path, and the nodes' ids."""

    source: str
    target: str
    share: float
    path: str
    column: str
    stated: bool


class FlowPicture(msgspec.Struct, frozen=True):
    """The whole picture; `rows` are its flows in words, the widest first, for a table."""

    nodes: tuple[FlowNode, ...]
    bands: tuple[FlowBand, ...]
    rows: tuple[tuple[Path, float], ...]
    width: float = WIDTH
    height: float = HEIGHT


def draw_flow(said: Iterable[StatementView], unstated: Mapping[str, str]) -> FlowPicture:
    """Return the picture of the practices among the statements that tie two columns together.

    Denials are no flow.
    `unstated` says for each column what stands there where a practice names no value.

    >>> draw_flow([], dict.fromkeys(COLUMNS, "none")).nodes
    ()
    """
    flows = _flows(said, unstated)
    if not flows:
        return FlowPicture((), (), ())
    rows = sorted(flows.items(), key=lambda flow: (-flow[1], flow[0]))
    folded = _fold(flows, unstated)
    nodes = _place(folded, unstated)
    bands = tuple(_bands(folded, nodes))
    every = tuple(node for column in nodes for node in column.values())
    return FlowPicture(every, bands, tuple((path, round(share, 2)) for path, share in rows))


def _flows(said: Iterable[StatementView], unstated: Mapping[str, str]) -> Counter[Path]:
    groups = {kind: shown.group for kind, shown in load_display().items()}
    flows: Counter[Path] = Counter()
    for one in said:
        if one.form != "practice":
            continue
        values = {
            column: list(dict.fromkeys(
                v.label for v in one.values if groups.get(v.kind) == column
            )) for column in COLUMNS
        }  # fmt: skip
        if sum(bool(values[column]) for column in COLUMNS) < LINKED:
            continue
        paths = list(product(*(values[column] or [unstated[column]] for column in COLUMNS)))
        for path in paths:
            flows[path] += 1 / len(paths)  # type: ignore[assignment]  # shares are no integers
    return flows


def _fold(flows: Mapping[Path, float], unstated: Mapping[str, str]) -> dict[Path, float]:
    """The flows with the rarest values of each column put together."""
    kept: list[set[str]] = []
    names: list[str] = []
    for at, column in enumerate(COLUMNS):
        shares: Counter[str] = Counter()
        for path, share in flows.items():
            shares[path[at]] += share  # type: ignore[assignment]  # as above
        ranked = sorted(shares, key=lambda label: (-shares[label], label))
        ranked = [label for label in ranked if label != unstated[column]]
        kept.append({*ranked[:SHOWN], unstated[column]})
        rest = len(ranked) - SHOWN
        names.append(f"{rest} more" if rest > 0 else "")
    found: dict[Path, float] = {}
    for path, share in sorted(flows.items()):
        short = tuple(label if label in kept[at] else names[at] for at, label in enumerate(path))
        found[short] = found.get(short, 0.0) + share
    return found


def _place(flows: Mapping[Path, float], unstated: Mapping[str, str]) -> list[dict[str, FlowNode]]:
    """The nodes of each column, the largest on top, what is not stated at the foot."""
    total = sum(flows.values())
    most = max(len({path[at] for path in flows}) for at in range(len(COLUMNS)))
    scale = (HEIGHT - GAP * (most - 1) - LEAST * most) / total
    step = (WIDTH - MARGIN - BAR) / (len(COLUMNS) - 1)
    placed: list[dict[str, FlowNode]] = []
    for at, column in enumerate(COLUMNS):
        shares: dict[str, float] = {}
        for path, share in flows.items():
            shares[path[at]] = shares.get(path[at], 0.0) + share
        ranked = sorted(
            shares, key=lambda n: (n == unstated[column], n.endswith(" more"), -shares[n], n)
        )
        nodes: dict[str, FlowNode] = {}
        y = 0.0
        for number, label in enumerate(ranked):
            height = max(LEAST, shares[label] * scale)
            nodes[label] = FlowNode(
                f"{column}-{number}", column, label, round(shares[label], 2),
                label != unstated[column], round(at * step, 1), round(y, 1), round(height, 1),
            )  # fmt: skip
            y += height + GAP
        placed.append(nodes)
    return placed


def _bands(
    flows: Mapping[Path, float], nodes: Sequence[Mapping[str, FlowNode]]
) -> Iterable[FlowBand]:
    for at in range(len(COLUMNS) - 1):
        left, right = nodes[at], nodes[at + 1]
        shares: dict[tuple[str, str], float] = {}
        for path, share in flows.items():
            pair = path[at], path[at + 1]
            shares[pair] = shares.get(pair, 0.0) + share
        out = {label: node.y for label, node in left.items()}
        into = {label: node.y for label, node in right.items()}
        order = {label: place for place, label in enumerate(right)}
        begin = {label: place for place, label in enumerate(left)}
        for pair in sorted(shares, key=lambda p: (begin[p[0]], order[p[1]])):
            source, target = left[pair[0]], right[pair[1]]
            one = source.height * shares[pair] / _sum(shares, 0, pair[0])
            other = target.height * shares[pair] / _sum(shares, 1, pair[1])
            path_text = _outline(source.x + BAR, out[pair[0]], one, target.x, into[pair[1]], other)
            out[pair[0]] += one
            into[pair[1]] += other
            yield FlowBand(
                source.id, target.id, round(shares[pair], 2), path_text, source.column,
                source.stated and target.stated,
            )  # fmt: skip


def _sum(shares: Mapping[tuple[str, str], float], side: int, label: str) -> float:
    return sum(share for pair, share in shares.items() if pair[side] == label)


def _outline(x0: float, y0: float, h0: float, x1: float, y1: float, h1: float) -> str:
    middle = (x0 + x1) / 2
    points = (x0, y0, middle, y0, middle, y1, x1, y1,
              x1, y1 + h1, middle, y1 + h1, middle, y0 + h0, x0, y0 + h0)  # fmt: skip
    p = [f"{point:.1f}" for point in points]
    return (
        f"M{p[0]},{p[1]}C{p[2]},{p[3]} {p[4]},{p[5]} {p[6]},{p[7]}"
        f"L{p[8]},{p[9]}C{p[10]},{p[11]} {p[12]},{p[13]} {p[14]},{p[15]}Z"
    )
