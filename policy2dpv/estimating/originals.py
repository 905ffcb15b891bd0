"""The texts of policies that were converted before, read again from where they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from policy2dpv.batch.found import Found, told_type
from policy2dpv.batch.sources import Inputs, Sources
from policy2dpv.batch.streams import read_within
from policy2dpv.errors import PolicyError, ReadError
from policy2dpv.estimating.corpus import Policy
from policy2dpv.graphs.graph_files import graph_name
from policy2dpv.model import Document
from policy2dpv.reading.addresses import Fetched
from policy2dpv.reading.fetch import fetch_page
from policy2dpv.reading.read import read_document

Missing = tuple[Policy, str]  # a policy with why its text is not there


def find_originals(
    policies: Iterable[Policy], inputs: Inputs, *, language: str | None = None
) -> tuple[dict[str, Document], list[Missing]]:
    """Return the documents of policies by their graphs, and what is missing with the reasons.

    The inputs are gone through once. One that was named as the policy is, or whose file's name
    without its ending is the policy's, is read; it counts if its text is what was converted.
    ReadError: an input that is not there.

    >>> find_originals([Policy(graph="urn:a#G1", name="acme")], Inputs())
    ({}, [(Policy(graph='urn:a#G1', name='acme', ...), 'not among the inputs')])
    """
    wanted: dict[str, list[Policy]] = {}
    for policy in policies:
        wanted.setdefault(policy.name, []).append(policy)
    found: dict[str, Document] = {}
    why: dict[str, str] = {}
    for one in Sources(inputs):
        if one is None:
            continue
        for name in dict.fromkeys((one.name, Path(one.name).stem)):
            for policy in wanted.get(name, ()):
                if policy.graph not in found:
                    _take(one, policy, inputs.limit, language, found, why)
    missing = [
        (policy, why.get(policy.graph, "not among the inputs"))
        for several in wanted.values() for policy in several if policy.graph not in found
    ]  # fmt: skip
    return found, missing


def _take(
    one: Found,
    policy: Policy,
    limit: int,
    language: str | None,
    found: dict[str, Document],
    why: dict[str, str],
) -> None:
    """Read an input for a policy: its document, or why it is none."""
    try:
        document = read_document(_open(one, limit), language=language, limit=limit)
    except PolicyError as error:
        why[policy.graph] = str(error)
        return
    notice = policy.graph.partition("#")[0]
    same = document.sha256 == policy.sha256 if policy.sha256 else (
        graph_name(notice, document.sha256) == policy.graph
    )  # fmt: skip
    if same:
        found[policy.graph] = document
    else:
        why[policy.graph] = "its text has changed since"


def _open(one: Found, limit: int) -> Fetched:
    """The bytes of an input with what is said of them. ReadError: there are none."""
    if one.fault:
        raise ReadError(one.name, one.fault, "mend the input")
    if one.address:
        return fetch_page(one.address, limit=limit)
    if one.take is not None:
        data = one.take()
    else:
        try:
            with Path(one.path).open("rb") as file:
                data = read_within(file, limit, one.name)
        except OSError as error:
            found = f"cannot be read: {error.strerror}"
            raise ReadError(one.path, found, "check the path and its rights") from error
    return Fetched(data, one.uri, one.media_type or told_type(one.uri), one.charset)


def describe_missing(missing: Iterable[Missing]) -> Iterator[str]:
    """Yield a line for each policy that is missing.

    >>> list(describe_missing([(Policy(graph="urn:a#G1", name="acme"), "changed")]))
    ['acme: changed']
    """
    for policy, reason in missing:
        yield f"{policy.name}: {reason}"
