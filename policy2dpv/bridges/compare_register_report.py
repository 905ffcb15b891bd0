"""The comparison of a policy with a register, as text and as JSON."""

from __future__ import annotations

import msgspec

from policy2dpv.bridges.compare_register import Gap, RegisterComparison
from policy2dpv.bridges.register_model import columns_by_kind

HEADS = {
    "policy": "The policy says, and the register does not:",
    "register": "The register says, and the policy does not:",
}
SAID = {
    "missing": "",
    "broader": "the other side says it more broadly: ",
    "narrower": "the other side says it more narrowly: ",
    "elsewhere": "not beside this purpose: ",
}


def format_comparison(comparison: RegisterComparison) -> str:
    """Return a comparison as text, by side and kind.

    >>> print(format_comparison(RegisterComparison((), ("purpose",), ())), end="")
    no gaps; compared: Purpose of processing
    """
    columns = columns_by_kind()
    lines: list[str] = []
    for side, head in HEADS.items():
        own = [gap for gap in comparison.gaps if gap.side == side]
        lines += ["", f"{head} {len(own)}"] if own else []
        kind = ""
        for gap in own:
            if gap.kind != kind:
                kind = gap.kind
                lines.append(f"  {columns[kind].heading}")
            lines.append(f"    {_line(gap)}")
    count = len(comparison.gaps)
    total = f"{count} gap{'' if count == 1 else 's'}" if count else "no gaps"
    names = ", ".join(columns[kind].heading for kind in comparison.compared)
    lines = [f"{total}; compared: {names}", *lines]
    if comparison.not_compared:
        left = ", ".join(columns[kind].heading for kind in comparison.not_compared)
        lines += ["", f"The register cannot hold, so not compared: {left}"]
    return "\n".join(lines) + "\n"


def format_comparison_json(comparison: RegisterComparison) -> str:
    """Return a comparison as JSON.

    >>> format_comparison_json(RegisterComparison((), (), ())).splitlines()[1].strip()
    '"gaps": [],'
    """
    text = msgspec.json.format(msgspec.json.encode(comparison), indent=2).decode()
    return text + "\n"


def _line(gap: Gap) -> str:
    terms = f" [{' '.join(gap.terms)}]" if gap.terms else ""
    parts = [f"{gap.label}{terms}"]
    if gap.relation == "elsewhere":
        parts.append(SAID["elsewhere"] + gap.purpose)
    elif gap.others:
        more = " ..." if len(gap.others) > 5 else ""
        parts.append(SAID[gap.relation] + ", ".join(gap.others[:5]) + more)
    if gap.denied:
        parts.append("the policy denies it")
    if gap.places:
        parts.append(", ".join(gap.places[:5]) + (" ..." if len(gap.places) > 5 else ""))
    if gap.words:
        words = gap.words[0]
        parts.append(f'"{words[:160]}…"' if len(words) > 160 else f'"{words}"')
    return "; ".join(parts)
