"""A review in a published site: which one is applied, what of it is public, what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv.conversion import Conversion
from policy2dpv.destinations import STANDARD_INPUT, is_address
from policy2dpv.errors import GraphError, ReadError
from policy2dpv.reviewing.acceptance import is_accepted, open_points
from policy2dpv.reviewing.decisions import Decision
from policy2dpv.reviewing.review_files import LINES, format_review, read_lines, review_beside

SHOWN = 5  # open points in a message
PRIVATE: Mapping[str, object] = {"label": "", "confidence": None, "note": "", "place": ""}


def find_reviews(policies: Sequence[str], review: Path | None) -> dict[str, Path]:
    """Return the review of each policy that has one: as given, else the file beside the policy.

    ReadError: one review for several policies.

    >>> find_reviews(["no-such-policy.md"], None)
    {}
    """
    if review is not None:
        if len(policies) != 1:
            advice = "leave it out, and put NAME.review.jsonl beside each policy"
            raise ReadError(review, f"one review for {len(policies)} policies", advice)
        return {policies[0]: review}
    files = (name for name in policies if name != STANDARD_INPUT and not is_address(name))
    return {name: path for name in files if (path := review_beside(name)).is_file()}


def format_public(rows: Iterable[Decision]) -> str:
    r"""Return the text of a published review: who decided what of which words, and when.

    Notes stay with those who wrote them; labels and confidences are in the graphs.

    >>> row = Decision(decision="accept", quote="name", kind="k", term="t", note="ask Bob")
    >>> format_public([row])
    '{"decision":"accept","quote":"name","kind":"k","term":"t"}\n'
    """
    return format_review([msgspec.structs.replace(row, **PRIVATE) for row in rows], LINES)


def read_public(data: bytes, where: str) -> list[Decision]:
    """Return the rows of a published review. ReadError: it is not what `publish` writes.

    >>> read_public(b"", "shop.review.jsonl")
    []
    """
    from policy2dpv.reviewing.decisions import check_decisions, check_signed

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReadError(where, "not UTF-8 text", "publish again") from error
    rows = check_decisions(read_lines(text, where))
    check_signed(rows)
    return rows


def refuse_unaccepted(made: Iterable[tuple[str, Conversion]]) -> None:
    """Raise GraphError for the first policy, given with its name, that people have not accepted.

    >>> from policy2dpv import convert
    >>> refuse_unaccepted([("shop", convert(b"We share your name."))])
    Traceback (most recent call last):
    ...
    policy2dpv.errors.GraphError: shop: nobody has reviewed what was read, ...
    """
    for name, conversion in made:
        if is_accepted(conversion):
            continue
        left = open_points(conversion)
        some = "; ".join(left[:SHOWN]) + (" ..." if len(left) > SHOWN else "")
        found = f"{len(left)} of what was read is not accepted: {some}"
        if conversion.review is None or not conversion.review.rows:
            found = f"nobody has reviewed what was read, and it holds {len(left)} readings"
        raise GraphError(
            name, found,
            "review it (`policy2dpv serve --review POLICY`, `policy2dpv review`), or give "
            "--unreviewed to publish it marked as read by a machine",
        )  # fmt: skip
