"""The convert command: each input's graph in its place, failures told one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from policy2dpv.destinations import (
    STANDARD_OUTPUT,
    describe_input,
    is_address,
    list_policies,
    make_folder,
    open_input,
    place_results,
)
from policy2dpv.errors import PolicyError, ReadError, TableError, WriteError

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion
    from policy2dpv.reviewing.review import Reviewed

Places = Mapping[str, Path | None]
Say = Callable[[str], None]
Item = TypeVar("Item")

DONE, FOUND, WRONG = 0, 1, 2
SHOWN = 20  # warnings of a review


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be converted, how, and where it goes; `formats` are names joined by commas."""

    inputs: tuple[str, ...]
    output: str | None = None
    formats: str | None = None
    base: str | None = None
    language: str | None = None
    media_type: str | None = None
    evidence: str | None = None
    quotes: Literal["full", "none"] = "full"
    time: str | None = None
    limit: int | None = None
    tables: Path | None = None
    min_confidence: float = 0.0
    annotator: tuple[str, ...] = ()
    merge: str = "union"
    as_one: bool = False
    review: Path | None = None
    only_reviewed: bool = False


def convert_files(order: Order, say: Say, *, quiet: bool = False) -> int:
    """Convert what is ordered and return the exit code: 0 done, 1 nothing found, 2 failed.

    A single input's error is raised; of many inputs each failure is said and the others go on.
    WriteError: an output that cannot hold the results. ReadError: a folder without policies.

    >>> convert_files(Order(inputs=("a.html", "b.html"), output="-"), print)
    Traceback (most recent call last):
    ...
    policy2dpv.errors.WriteError: standard output: more than one result ...
    """
    from policy2dpv.reading.media_types import ENDINGS

    if order.tables:
        _check_own_tables(order.tables)
    if order.time is not None:
        _check_time(order.time)
    policies = list_policies(order.inputs, ENDINGS)
    if order.evidence == STANDARD_OUTPUT:
        raise WriteError("--evidence", "the second graph needs a file", "name one")
    if order.as_one:
        return _convert_as_one(order, policies, say, quiet=quiet)
    check_ending(order, len(policies))
    places = place_results(policies, choose_formats(order), order.output)
    refuse_overwriting(policies, places)
    if order.evidence and len(policies) > 1:
        raise WriteError(order.evidence, "one file for many policies", "convert one at a time")
    if order.review and len(policies) > 1:
        raise ReadError(order.review, "one review for many policies", "convert one at a time")
    if len(policies) == 1:
        return _convert_file(order, policies[0], places[0], say, quiet=quiet)
    return _convert_many(order, dict(zip(policies, places, strict=True)), say, quiet=quiet)


def _check_time(time: str) -> None:
    """Raise GraphError for what is no time."""
    from policy2dpv.graphs.evidence import run_time

    run_time(time, {})


def check_ending(order: Order, policies: int) -> None:
    """Raise WriteError where an output's ending does not fit what goes there."""
    from policy2dpv.graphs.write import FORMATS

    endings = FORMATS.values()
    formats = len(choose_formats(order))
    for output in (order.output if order.formats is None else None, order.evidence):
        unknown = Path(output or "").suffix.lower() not in ("", *endings)
        folder = Path(output or "").is_dir() or (output is order.output and policies > 1)
        if output and unknown and not folder:
            known = ", ".join(endings)
            raise WriteError(output, "no format has this ending", f"use one of {known}")
    output = order.output or ""
    is_file = Path(output).suffix.lower() in endings and not Path(output).is_dir()
    if policies * formats > 1 and is_file:
        raise WriteError(output, "one file for more than one result", "name a folder with -o")


def choose_formats(order: Order) -> dict[str, str]:
    """Return the formats that are ordered, each with its suffix.

    WriteError: a format that does not exist.

    >>> choose_formats(Order(inputs=(), output="policy.ttl"))
    {'turtle': '.ttl'}
    """
    from policy2dpv.graphs.write import FORMATS

    known = dict(FORMATS)
    if order.formats is None:
        suffix = Path(order.output or "").suffix.lower()
        named = [name for name in known if known[name] == suffix] or ["jsonld"]
    else:
        named = [name.strip().lower() for name in order.formats.split(",")]
    for name in named:
        if name not in known:
            raise WriteError("--format", f'there is no format "{name}"', f"use {', '.join(known)}")
    return {name: known[name] for name in named}


def _convert_many(order: Order, places: Mapping[str, Places], say: Say, *, quiet: bool) -> int:
    codes = []
    for policy, place in _with_progress(places.items(), len(places)):
        try:
            codes.append(_convert_file(order, policy, place, say, quiet=True))
        except PolicyError as error:
            say(f"policy2dpv: {error}")
            codes.append(WRONG)
    if not quiet:
        empty, failed = codes.count(FOUND), codes.count(WRONG)
        notes = [f"{len(codes) - failed} of {len(codes)} policies converted"]
        notes += [f"{empty} without privacy content"] if empty else []
        notes += [f"{failed} failed"] if failed else []
        say(", ".join(notes))
    return max(codes, default=DONE)


def _convert_as_one(order: Order, policies: list[str], say: Say, *, quiet: bool) -> int:
    """All policies into one graph; nothing is written if one of them fails."""
    from policy2dpv.graphs.combine_files import combine_files
    from policy2dpv.graphs.write import write_graph

    check_ending(order, 1)
    suffixes = choose_formats(order)
    refuse_overwriting(policies, place_results(policies[:1], suffixes, order.output))
    conversions = [_convert(order, policy) for policy in policies]
    made, places = combine_files(
        conversions, suffixes, order.output, policies[0], order.base, say
    )  # fmt: skip
    if order.evidence:
        [format] = choose_formats(Order(inputs=(), output=order.evidence))
        make_folder(Path(order.evidence))
        write_graph(made.evidence(time=order.time), Path(order.evidence), format)
    if not quiet:
        names = ", ".join(describe_input(policy) for policy in policies)
        _tell(made, names, [str(path) for path in places.values() if path], say)
    return DONE if made.has_privacy_content else FOUND


def _convert_file(order: Order, policy: str, places: Places, say: Say, *, quiet: bool) -> int:
    conversion = _convert(order, policy)
    if conversion.review is not None:
        warn_of_review(conversion.review, say)
    write_results(conversion, places)
    if order.evidence:
        write_evidence(conversion, order.evidence, order.time)
    if not quiet:
        _tell(conversion, policy, [str(path) for path in places.values() if path], say)
        if order.min_confidence:
            say(f"{conversion.left_out} values less sure than {order.min_confidence} left out")
        if conversion.review is not None:
            say(conversion.review.summary())
    if conversion.has_privacy_content:
        return DONE
    name = describe_input(policy)
    say(f"policy2dpv: {name}: warning: nothing in it is about personal data; the notice is empty")
    return FOUND


def _convert(order: Order, policy: str) -> Conversion:
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.reading.read import LIMIT, read_document

    document = read_document(
        open_input(policy),
        media_type=order.media_type,
        language=order.language,
        limit=order.limit or LIMIT,
    )
    lexicon = load_lexicon(document.language, order.tables)
    return convert(
        document, base=order.base, lexicon=lexicon, quotes=order.quotes,
        min_confidence=order.min_confidence, annotator=order.annotator or None, merge=order.merge,
        review=order.review, only_reviewed=order.only_reviewed,
    )  # fmt: skip


def warn_of_review(review: Reviewed, say: Say) -> None:
    """Say which decisions no longer hold, or hold in a clause that was reworded.

    >>> from policy2dpv.reviewing.review import Reviewed
    >>> from policy2dpv.schemes.marks import Lost
    >>> gone = Lost("acme.review.csv:3", "stale: the words are gone", "your name")
    >>> warn_of_review(Reviewed(annotations=(), stale=(gone,)), print)
    policy2dpv: acme.review.csv:3: warning: stale: the words are gone: 'your name'
    """
    warnings = [*review.stale, *review.reworded]
    for one in warnings[:SHOWN]:
        say(f"policy2dpv: {one.place}: warning: {one.found}: {one.quote!r}")
    if len(warnings) > SHOWN:
        say(f"policy2dpv: warning: {len(warnings) - SHOWN} more decisions are stale or reworded")


def write_results(conversion: Conversion, places: Places) -> None:
    """Write a graph in each format to its place. WriteError: a place that cannot be written."""
    from policy2dpv.graphs.write import format_graph

    for format, path in places.items():
        if path is None:
            sys.stdout.buffer.write(format_graph(conversion.policy_graph, format).encode("utf-8"))
            sys.stdout.buffer.flush()
        else:
            make_folder(path)
            conversion.write(path, format)


def write_evidence(conversion: Conversion, output: str, time: str | None) -> None:
    """Write the second graph in the format of its ending. WriteError, GraphError: as convert."""
    from policy2dpv.graphs.evidence import build_evidence
    from policy2dpv.graphs.write import write_graph

    [format] = choose_formats(Order(inputs=(), output=output, formats=None))
    path = Path(output)
    make_folder(path)
    write_graph(build_evidence(conversion.policy_graph, time=time), path, format)


def _check_own_tables(folder: Path) -> None:
    """Raise TableError for the first fault of a firm's own tables."""
    from policy2dpv.checking.tables_check import check_tables

    faults = check_tables(folder)
    if faults:
        first = faults[0]
        raise TableError(first.place, first.found, first.advice)


def _tell(conversion: Conversion, policy: str, written: list[str], say: Say) -> None:
    """Say where the graph is and what it holds."""
    from policy2dpv.commands.summary import summarize_conversion
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    say(f"{describe_input(policy)} -> {', '.join(written) or 'standard output'}")
    say(summarize_conversion(conversion, load_vocabulary()))


def refuse_overwriting(policies: Iterable[str], places: Iterable[Places]) -> None:
    """Raise WriteError where a result would replace a policy."""
    files = {Path(p).resolve() for p in policies if p != STANDARD_OUTPUT and not is_address(p)}
    for path in (path for place in places for path in place.values()):
        if path and path.resolve() in files:
            raise WriteError(path, "the result would replace a policy", "name another file with -o")


def _with_progress(items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield the items, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, "Converting", total=total, console=Console(stderr=True), transient=True)
