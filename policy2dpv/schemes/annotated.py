"""What somebody annotated, from any source: a scheme's file, JSON lines, or our own reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from policy2dpv.destinations import describe_input, open_input
from policy2dpv.errors import ReadError
from policy2dpv.evaluating.agreement import Pair
from policy2dpv.model import Annotation, Document
from policy2dpv.reading.read import LIMIT

LINES = (".jsonl", ".ndjson")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where annotations come from: a scheme's file, JSON lines by their ending, else a policy.

    `by` chooses one annotator of a file, `page` is the annotated page of a scheme's file and
    `mapping` another table of its labels than ours.
    """

    path: str
    scheme: str | None = None
    by: str | None = None
    page: Path | None = None
    mapping: Path | None = None
    language: str | None = None


class Annotated(msgspec.Struct, frozen=True, kw_only=True):
    """One text's annotations; `document` is None where only the quotes are known."""

    name: str
    annotations: Sequence[Annotation]
    document: Document | None = None


class Anchored(msgspec.Struct, frozen=True, kw_only=True):
    """Two people's annotations on one text, how many were moved to it, and the quotes lost."""

    pair: Pair
    moved: int = 0
    lost: Sequence[str] = ()


def read_annotated(source: Source) -> list[Annotated]:
    """Return what a source holds, policy by policy.

    ReadError: it cannot be read, or nobody of the name annotated it. AnnotatorError: the same of
    a scheme's file. LanguageError, TableError: as `convert` and `map_policy`.
    """
    if source.scheme is not None:
        return _marked(source, source.scheme)
    if source.path.lower().endswith(LINES):
        return [_lines(source)]
    if source.by is not None:
        advice = "give its annotations as a scheme's file or as JSON lines"
        raise ReadError(source.path, "a policy, in which nobody annotated anything", advice)
    from policy2dpv.conversion import convert

    made = convert(open_input(source.path), language=source.language)
    name = describe_input(source.path)
    return [Annotated(name=name, annotations=made.annotations, document=made.document)]


def pair_up(a: Sequence[Annotated], b: Sequence[Annotated]) -> list[tuple[Annotated, Annotated]]:
    """Return the texts of two sides side by side: one and one, or those of the same name.

    ReadError: a text of one side that the other has not.

    >>> [one], [other] = ([Annotated(name=name, annotations=[])] for name in "xy")
    >>> len(pair_up([one], [other]))
    1
    """
    if len(a) == len(b) == 1:
        return [(a[0], b[0])]
    named = {one.name: one for one in b}
    if alone := sorted({one.name for one in a} ^ named.keys()):
        raise ReadError(alone[0], "only one side has this policy", "compare the same policies")
    return [(one, named[one.name]) for one in a]


def anchor_pair(a: Annotated, b: Annotated, policy: Document | None = None) -> Anchored:
    """Return two people's annotations on one text: `policy`, else A's, else B's, if any.

    Quotes that do not stand where they should are looked for as Web Annotation does, nearest to
    the place given. ReadError: less than half of the quotes of one side are in the text, or two
    texts that are not known differ.
    """
    document = policy or a.document or b.document
    if document is None:
        _compare_quotes(a, b)
        return Anchored(pair=Pair(name=a.name, a=a.annotations, b=b.annotations))
    first, second = (_on(one, document) for one in (a, b))
    return Anchored(
        pair=Pair(name=a.name, a=first.pair.a, b=second.pair.a, length=len(document.text)),
        moved=first.moved + second.moved, lost=[*first.lost, *second.lost],
    )  # fmt: skip


def _on(one: Annotated, document: Document) -> Anchored:
    """A side's annotations (as A) on a text."""
    from policy2dpv.schemes.anchor import Anchor

    anchor = Anchor(document.text)
    found, lost, moved = [], [], 0
    for annotation in one.annotations:
        start, end = annotation.start, annotation.end
        if 0 <= start < end and document.text[start:end] == annotation.quote:
            found.append(annotation)
        elif span := anchor.find(annotation.quote, max(start, 0)):
            moved += 1
            found.append(msgspec.structs.replace(annotation, start=span[0], end=span[1]))
        else:
            lost.append(annotation.quote)
    if 2 * len(lost) > len(one.annotations):
        many = f"{len(lost)} of {len(one.annotations)} quotes are not in the text"
        advice = f"compare annotations of one text; {lost[0][:40]!r} is not in it"
        raise ReadError(one.name, many, advice)
    return Anchored(pair=Pair(name=one.name, a=found, b=()), moved=moved, lost=lost)


def _compare_quotes(a: Annotated, b: Annotated) -> None:
    """Raise ReadError where equal places are quoted differently."""
    quotes = {(one.start, one.end): one.quote for one in a.annotations}
    for one in b.annotations:
        quote = quotes.get((one.start, one.end), one.quote)
        if quote != one.quote:
            found = f"{one.start} to {one.end} is {one.quote!r}, and {quote!r} in {a.name}"
            raise ReadError(b.name, f"the texts differ: {found}", "give the text with --policy")


def _marked(source: Source, scheme: str) -> list[Annotated]:
    """The policies of a scheme's file, by the scheme's table; a tool's with our labels as is."""
    from policy2dpv.annotating.merge_rules import ONE
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.schemes.apply import map_policy
    from policy2dpv.schemes.exchange import find_format
    from policy2dpv.schemes.mapping import load_scheme
    from policy2dpv.schemes.registry import find_reader

    if (tool := find_format(scheme)) and source.mapping is None:
        return _restored(source, tool)
    read, table = find_reader(scheme), load_scheme(scheme, source.mapping)
    rule = "all" if source.by is None else f"{ONE}{source.by}"
    found = []
    for policy in read(Path(source.path), source.page):
        lexicon = load_lexicon(source.language or policy.document.language)
        made = map_policy(policy, table, lexicon, merge=rule).conversion
        found.append(
            Annotated(name=policy.name, annotations=made.annotations, document=policy.document)
        )
    return found


def _restored(source: Source, tool: str) -> list[Annotated]:
    """The texts of a tool's file with our own labels, whose names end with the annotator's."""
    from policy2dpv.schemes.exchange import find_reader
    from policy2dpv.schemes.own import map_own

    found = [
        Annotated(name=name, annotations=made.conversion.annotations,
                  document=made.conversion.document)
        for name, made in map_own(
            find_reader(tool), Path(source.path), source.page, by=f"tool:{tool}",
            language=source.language,
        )
    ]  # fmt: skip
    if source.by is None:
        return found
    ending = f"-{source.by}"
    chosen = [one for one in found if one.name.endswith(ending)]
    if not chosen:
        advice = f"there are {', '.join(one.name for one in found)}; name what follows the hyphen"
        raise ReadError(source.path, f"no text of an annotator {source.by!r}", advice)
    return [msgspec.structs.replace(one, name=one.name.removesuffix(ending)) for one in chosen]


def _lines(source: Source) -> Annotated:
    """Annotations as `policy2dpv annotate` writes them."""
    from policy2dpv.json_lines import parse_lines

    path = Path(source.path)
    try:
        if path.stat().st_size > LIMIT:
            raise ReadError(path, f"more than {LIMIT} bytes", "compare one policy at a time")
        text = path.read_text("utf-8")
    except OSError as error:
        raise ReadError(path, f"cannot be read: {error.strerror}", "give the file") from error
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", "give JSON lines in UTF-8") from error
    found = parse_lines(text, Annotation, where=path.name)
    if source.by is not None:
        names = sorted({who for one in found for who in one.by})
        if source.by not in names:
            advice = f"use one of {', '.join(names)}" if names else "its lines name nobody in `by`"
            raise ReadError(path, f"nobody called {source.by!r} annotated it", advice)
        found = [one for one in found if source.by in one.by]
    return Annotated(name=path.name, annotations=found)
