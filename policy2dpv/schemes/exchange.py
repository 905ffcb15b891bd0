"""The formats of annotation tools, by name: who writes and who reads each.

`annotate --format NAME` writes a file, people correct it in the tool, `map --scheme NAME` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import msgspec

from policy2dpv.errors import WriteError
from policy2dpv.json_lines import format_lines, parse_lines
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.model import Annotation, Document
from policy2dpv.schemes.foreign import read_foreign
from policy2dpv.schemes.labels import WAS, label_set, to_spans
from policy2dpv.schemes.marks import MarkedPolicy
from policy2dpv.schemes.spans import Files, MarkedSpan, MarkedText, Marking, Reader, read_utf8

JSONL = "jsonl"
FORMATS = {
    JSONL: (".jsonl",),
    "web-annotation": (".jsonld",),
    "label-studio": (".json", ".config.xml"),
    "inception": (".xmi", ".json", "TypeSystem.xml"),
    "brat": (".ann", ".txt", "annotation.conf", "visual.conf"),
}  # the files of each, the annotations first
ALSO = {"webannotation": "web-annotation"}


def find_format(name: str) -> str | None:
    """The name of a tool's format, by any of its names; None for another scheme.

    >>> find_format("webannotation"), find_format("opp-115")
    ('web-annotation', None)
    """
    name = ALSO.get(name, name)
    return name if name in FORMATS else None


def find_reader(format: str) -> Reader:
    """The reader of a format, one of FORMATS.

    >>> find_reader("brat").__name__
    'read_brat'
    """
    if format == JSONL:
        return read_lines
    name = format.replace("-", "_")
    reader: Reader = getattr(import_module(f"policy2dpv.schemes.{name}"), f"read_{name}")
    return reader


def find_scheme_reader(format: str) -> partial[Iterator[MarkedPolicy]]:
    """The reader of a format whose labels a table maps."""
    return partial(read_foreign, find_reader(format))


def format_annotations(
    document: Document, annotations: Iterable[Annotation], lexicon: Lexicon, format: str = JSONL
) -> Files:
    r"""The files of a format, by ending or by whole name. WriteError: there is no such format.

    >>> from policy2dpv import convert, load_lexicon
    >>> made = convert(b"We share your name.")
    >>> files = format_annotations(made.document, made.annotations, load_lexicon("en"), "brat")
    >>> sorted(files), files[".ann"].splitlines()[0].split("\t")[:2]
    (['.ann', '.txt', 'annotation.conf', 'visual.conf'], ['T1', 'processing__dpv__Share 3 8'])
    """
    found = find_format(format)
    if found is None:
        known = ", ".join(FORMATS)
        raise WriteError("--format", f'there is no format "{format}"', f"use {known}")
    annotations = list(annotations)
    if found == JSONL:
        return {".jsonl": format_lines(annotations)}
    name = found.replace("-", "_")
    write = getattr(import_module(f"policy2dpv.schemes.{name}"), f"write_{name}")
    marking = Marking(
        document=document, spans=to_spans(annotations, document.text),
        labels=label_set(lexicon, annotations),
    )  # fmt: skip
    files: Files = write(marking)
    return files


def read_lines(path: Path, page: Path | None = None) -> Iterator[MarkedText]:
    """Yield the annotations of a file of JSON lines. ReadError: a line that is none."""
    spans: list[MarkedSpan] = []
    annotations = parse_lines(read_utf8(path), Annotation, where=path.name)
    for number, span in enumerate(to_spans(annotations, ""), 1):
        fields = {name: words for name, words in span.fields.items() if name != WAS and words}
        place = f"{path.name}: annotation {number}"
        spans.append(msgspec.structs.replace(span, fields=fields, place=place))
    yield MarkedText(name=path.stem, spans=spans)
