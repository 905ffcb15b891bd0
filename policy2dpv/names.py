"""Whose policy it is, and the firms that it names: by the shapes in patterns/names.<lang>.tsv."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from policy2dpv.lexicon import Hit, Lexicon, Phrase
from policy2dpv.model import Annotation, Document, Segment, Span
from policy2dpv.tables import read_table
from policy2dpv.tokens import Tokens

UNREAD = ("nav", "dialog", "form")
CONTROLLER, PARTY = "controller", "party"


class NameRow(NamedTuple):
    """One shape, compiled, and the row it stands in."""

    pattern: re.Pattern[str]
    source: str
    rank: int


class NameShapes(NamedTuple):
    """The shapes of a language: of controllers by rank, of other firms, of what is no name."""

    controller: tuple[NameRow, ...]
    party: tuple[NameRow, ...]
    not_name: re.Pattern[str]
    suffix: re.Pattern[str]


@lru_cache(maxsize=8)
def load_name_shapes(language: str, folders: tuple[Path, ...]) -> NameShapes:
    """The compiled rows of ``patterns/names.<language>.tsv``. TableError: a broken row."""
    shapes: dict[str, str] = {}
    rows: dict[str, list[NameRow]] = {CONTROLLER: [], PARTY: []}
    banned: list[str] = []
    for folder in folders:
        path = folder / "patterns" / f"names.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            if row["sort"] == "shape":
                shapes[row["name"]] = _fill(row["pattern"], shapes)
            elif row["sort"] == "not_name":
                banned.append(row["pattern"])
            else:
                named = shapes | {"name": f"(?P<name>{shapes['name']})"}
                body = _fill(row["pattern"], named)
                if "(?P<name>" not in body:
                    body = f"(?P<name>{body})"
                found = NameRow(re.compile(rf"(?<![\w]){body}"), row.place, int(row["name"]))
                rows[row["sort"]].append(found)
    return NameShapes(
        tuple(rows[CONTROLLER]), tuple(rows[PARTY]),
        re.compile(rf"(?:{'|'.join(banned) or '(?!)'})(?:[ ,.]|$)"),
        re.compile(rf",? ?\b{shapes.get('suffix', '(?!)')}\b\.?$"),
    )  # fmt: skip


def _fill(pattern: str, shapes: dict[str, str]) -> str:
    for name, shape in shapes.items():
        pattern = pattern.replace("{" + name + "}", shape)
    return pattern.replace("{{", "{").replace("}}", "}")


class Names:
    """The names of one policy: the controller's, read as "we", and other firms'."""

    def __init__(self) -> None:
        self.annotations: list[Annotation] = []
        self._sequences: dict[str, list[tuple[tuple[str, ...], Phrase]]] = {}

    def add(self, name: str, phrase: Phrase, lexicon: Lexicon) -> None:
        """Let a name be found as a phrase."""
        surfaces = tuple(word.surface for word in lexicon.tokenizer.cut(name).words)
        if surfaces:
            self._sequences.setdefault(surfaces[0], []).append((surfaces, phrase))

    def hits(self, tokens: Tokens, first: int, last: int) -> list[Hit]:
        """Where the names stand within tokens `first` to `last` (exclusive)."""
        found: list[Hit] = []
        if not self._sequences:
            return found
        words = tokens.words
        for at in range(first, last):
            for surfaces, phrase in self._sequences.get(words[at].surface, ()):
                end = at + len(surfaces)
                if end <= last and all(words[at + i].surface == s for i, s in enumerate(surfaces)):
                    found.append(Hit(at, end - 1, tuple(range(at, end)), phrase))
        return found


def find_names(document: Document, segments: Sequence[Segment], lexicon: Lexicon) -> Names:
    """Controller and other named firms of a document.

    The controller is the name that the best-ranked shape finds; its short forms, and the names
    that other shapes find for "us", are read as the first party.
    """
    shapes = load_name_shapes(lexicon.language, lexicon.folders)
    names = Names()
    found = sorted(_matches(document, segments, shapes.controller, shapes), key=lambda f: (f[0].rank, f[2]))
    if found:
        row, name, start, segment = found[0]
        names.annotations.append(_controller(document, segment, (start, start + len(name)), row))
        chosen = {_short(name, shapes), name}
        common = _short(name, shapes).split()[0]
        chosen |= {n for _, n, _, _ in found if n.split()[0] == common}
        chosen |= {_short(n, shapes) for n in chosen}
        if len(common) > 2:
            chosen.add(common)
        for alias in sorted(chosen):
            names.add(alias, Phrase(alias, "cue", "first_party", row.source, literal=9), lexicon)
    seen: set[str] = set()
    for row, name, _, _ in _matches(document, segments, shapes.party, shapes):
        if name in seen:
            continue
        seen.add(name)
        if not found or name.split()[0] != found[0][1].split()[0]:
            phrase = Phrase(name, PARTY, _party_term(lexicon), row.source, name=name, literal=1)
            names.add(name, phrase, lexicon)
    return names


def _party_term(lexicon: Lexicon) -> str:
    """The class of a firm of which only the name is known."""
    return next(iter(sorted(lexicon.grammar.licences.get("unknown_party", ()))), "")


Found = tuple[NameRow, str, int, Segment]


def _readable(segments: Sequence[Segment]) -> dict[int, Segment]:
    """The segments that are read, by where they start."""
    return {s.start: s for s in segments if s.landmark not in UNREAD}


def _matches(
    document: Document, segments: Sequence[Segment], rows: Sequence[NameRow], shapes: NameShapes
) -> Iterator[Found]:
    """All names that the rows find within one segment each."""
    readable = _readable(segments)
    starts = sorted(readable)
    for row in rows:
        for match in row.pattern.finditer(document.text):
            at = bisect_right(starts, match.start("name")) - 1
            if at >= 0 and match.end("name") <= readable[starts[at]].end:
                yield from _named(row, match, readable[starts[at]], shapes)


def _named(row: NameRow, match: re.Match[str], segment: Segment, shapes: NameShapes) -> Iterator[Found]:
    """The name of a match, without words at its head that are none."""
    name, start = match["name"], match.start("name")
    while name:
        banned = shapes.not_name.match(name + " ")
        if not banned:
            break
        cut = len(banned[0])
        start, name = start + cut, name[cut:]
        lead = len(name) - len(name.lstrip(" ,."))
        start, name = start + lead, name[lead:]
    name = name.rstrip(" ,")
    if len(name) > 1 and not name.isdigit():
        yield row, name, start, segment


def _short(name: str, shapes: NameShapes) -> str:
    return shapes.suffix.sub("", name).strip(" ,") or name


def _controller(document: Document, segment: Segment, span: Span, row: NameRow) -> Annotation:
    start, end = span
    quote = document.text[start:end]
    return Annotation(
        start=start, end=end, quote=quote, kind=CONTROLLER, term=load_controller_term(),
        segment=segment.id, source=row.source, name=" ".join(quote.split()), confidence=0.9,
    )  # fmt: skip


@lru_cache(maxsize=1)
def load_controller_term() -> str:
    """The class of a controller, from mappings/slots.tsv."""
    from policy2dpv.data import data_folder

    rows = read_table(data_folder("mappings") / "slots.tsv")
    return next(row["node_class"] for row in rows if row["kind"] == CONTROLLER)
