"""Who reads the words: this package, a model or a service of another one, or several together.

An annotator is a function of a document and its segments that gives annotations. Packages offer
one by an entry point of the group ``policy2dpv.annotators`` (docs/plugins.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import isclass
from typing import cast

import msgspec

from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.annotation_check import check_annotations
from policy2dpv.annotating.merge import AnnotatedClause, merge_clauses
from policy2dpv.annotating.sentence import ASIDE
from policy2dpv.errors import AnnotatorError, PolicyError
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.model import Annotation, Document, Segment
from policy2dpv.plugins import ANNOTATORS, failure, load_plugin, plugin_names

OURS = "ours"
OUR_NAME = "policy2dpv"  # what evidence calls us, where others said it too
Annotator = Callable[[Document, Sequence[Segment]], Iterable[Annotation]]
Chosen = Annotator | str | Sequence[Annotator | str]


def annotate_by(
    chosen: Chosen,
    document: Document,
    segments: Sequence[Segment],
    lexicon: Lexicon,
    *,
    merge: str = "union",
) -> list[Annotation]:
    """Return what the chosen annotators say, checked, in the order of the places.

    `chosen` is a function, a name, names joined by ``+``, or several of these; ``ours`` is this
    package's own reading with `lexicon`, ``NAME:SETTING`` hands a setting to a packaged
    annotator. Several become one by the rule `merge` (see `merge_clauses`), clause by clause.
    Each annotation names its annotator in `by`, unless ours alone was chosen. AnnotatorError: an
    annotator that is not known, fails or gives what cannot be used. PluginError: its package
    cannot be loaded.

    >>> from policy2dpv import find_segments, load_lexicon, read_document
    >>> document = read_document(b"We share your e-mail address.")
    >>> def model(document, segments):
    ...     yield Annotation(start=3, end=8, quote="share", kind="processing", term="dpv:Disclose",
    ...                      segment=segments[0].id, source="model:acme")
    >>> found = annotate_by(["ours", model], document, find_segments(document), load_lexicon("en"))
    >>> [one.by for one in found if one.kind == "processing"]
    [('model',), ('policy2dpv',)]
    """
    annotators = find_annotators(chosen, lexicon)
    if list(annotators) == [OUR_NAME]:
        return annotate_segments(document, segments, lexicon)
    read = {
        name: run_annotator(name, annotator, document, segments)
        for name, annotator in annotators.items()
    }
    [first, *others] = read.values()
    found = _merged(read, segments, merge) if others else first
    return sorted(found, key=lambda a: (a.start, a.end, a.kind, a.term, a.clause, a.source, a.by))


def find_annotators(chosen: Chosen, lexicon: Lexicon) -> dict[str, Annotator]:
    """Return the chosen annotators by name. AnnotatorError, PluginError: as `annotate_by`.

    >>> from policy2dpv import load_lexicon
    >>> list(find_annotators("ours", load_lexicon("en")))
    ['policy2dpv']
    """
    found: dict[str, Annotator] = {}
    for one in [chosen] if isinstance(chosen, str) or callable(chosen) else chosen:
        for name, annotator in _named(one, lexicon):
            if name in found:
                raise AnnotatorError(f"annotator {name}", "named twice", "name each one once")
            found[name] = annotator
    if not found:
        raise AnnotatorError("annotator", "none is named", f"use one of {_known()}")
    return found


def run_annotator(
    name: str, annotator: Annotator, document: Document, segments: Sequence[Segment]
) -> list[Annotation]:
    """Return what one annotator says of a document, checked and signed with its name.

    AnnotatorError: it fails, or gives what cannot be used (see `check_annotations`).
    """
    try:
        given = iter(annotator(document, tuple(segments)))
        checked = check_annotations(document, segments, given, by=name)
    except PolicyError:
        raise
    except Exception as error:  # whatever foreign code raises
        advice = "repair it, or choose another annotator"
        raise AnnotatorError(f"annotator {name}", f"failed: {failure(error)}", advice) from error
    return [one if one.by else msgspec.structs.replace(one, by=(name,)) for one in checked]


def _named(one: Annotator | str, lexicon: Lexicon) -> Iterable[tuple[str, Annotator]]:
    if not isinstance(one, str):
        yield _name_of(one), one
        return
    names, colon, setting = one.partition(":")
    parts = [name.strip() for name in names.split("+")]
    for at, name in enumerate(parts):
        last = at == len(parts) - 1
        if name == OURS and not (last and colon):
            yield OUR_NAME, cast(Annotator, partial(annotate_segments, lexicon=lexicon))
        else:
            yield name, _packaged(name, setting if last and colon else None)


def _name_of(annotator: Annotator) -> str:
    """How a function is called: by its own name, else its class's."""
    named = getattr(annotator, "name", None) or getattr(annotator, "__name__", None)
    return named if isinstance(named, str) else type(annotator).__name__


def _packaged(name: str, setting: str | None) -> Annotator:
    """The annotator of an installed package: a function, or an object of its class."""
    where = f"annotator {name}"
    found = load_plugin(ANNOTATORS, name)
    if found is None:
        raise AnnotatorError(where, "no installed package offers it", f"use one of {_known()}")
    if isclass(found):
        try:
            make = cast(Callable[..., object], found)
            found = make() if setting is None else make(setting)
        except PolicyError:
            raise
        except Exception as error:  # whatever foreign code raises
            what = f"cannot be set up: {failure(error)}"
            raise AnnotatorError(where, what, "see its package's description") from error
    elif setting is not None:
        raise AnnotatorError(where, "it takes no setting", f"leave out {':' + setting!r}")
    if not callable(found):
        what = f"its entry point is {type(found).__name__}, no function"
        raise AnnotatorError(where, what, "repair the package")
    return cast(Annotator, found)


def _known() -> str:
    return ", ".join([OURS, *plugin_names(ANNOTATORS)])


def _merged(
    read: Mapping[str, Sequence[Annotation]], segments: Sequence[Segment], rule: str
) -> list[Annotation]:
    """The readings of several annotators as one, each clause with a number of its own."""
    spans = {segment.id: (segment.start, segment.end) for segment in segments}
    clauses: dict[tuple[str, int, str], list[Annotation]] = defaultdict(list)
    for name, said in read.items():
        for one in said:
            clauses[one.segment, one.clause % ASIDE, name].append(one)
    ids = {f"{key[1]:02} {key[2]} {key[0]}": key for key in clauses}
    merged = merge_clauses(
        (
            AnnotatedClause(
                id=id, by=(name,), passage=spans[segment], category=segment,
                annotations=tuple(clauses[segment, number, name]),
            )
            for id, (segment, number, name) in ids.items()
        ),
        rule,
    )  # fmt: skip
    taken: dict[str, set[int]] = defaultdict(set)
    found = []
    for clause in sorted(merged, key=lambda one: one.id):
        segment, number, _ = ids[clause.id]
        free = (n for n in (number, *range(ASIDE)) if n not in taken[segment])
        number = next(free, ASIDE - 1)
        taken[segment].add(number)
        for one in clause.annotations:
            at = number + ASIDE if one.clause >= ASIDE else number
            found.append(msgspec.structs.replace(one, segment=segment, clause=at))
    return found
