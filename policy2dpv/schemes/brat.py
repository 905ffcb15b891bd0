"""brat's standoff files: the text, text-bound annotations, attributes and notes, and the set-up.

As https://brat.nlplab.org/standoff.html and configuration.html describe them. A type holds letters,
digits, ``_`` and ``-`` only, so ``personal_data pd:EmailAddress`` is written
``personal_data__pd__EmailAddress``; visual.conf shows the label itself. What is chosen from a few
values is an attribute, all else one note of JSON. A span may not reach over a line's end: it is
written as its lines, and read as one again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Span
from policy2dpv.schemes.anchor import squeeze
from policy2dpv.schemes.labels import CHOICES, field_choices, former_span
from policy2dpv.schemes.marks import Lost
from policy2dpv.schemes.spans import Files, MarkedSpan, MarkedText, Marking, read_utf8

TYPE = re.compile(r"[A-Za-z0-9_-]+")
JOIN = "__"
OTHER = "other"  # the type of a label that brat cannot write; the note has it
LABEL = "label"
NOTE = "AnnotatorNotes"
BREAKS = re.compile("[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\t]")


def write_brat(marking: Marking) -> Files:
    """Return .txt, .ann, annotation.conf and visual.conf of a marked document."""
    lines: list[str] = []
    attributes = 0
    for number, span in enumerate(marking.spans, 1):
        kind = _type(span.label)
        places = fragments(marking.document.text, (span.start, span.end))
        said = " ".join(marking.document.text[a:b] for a, b in places)
        where = ";".join(f"{a} {b}" for a, b in places)
        lines.append(f"T{number}\t{kind} {where}\t{BREAKS.sub(' ', said)}")
        for name in CHOICES:
            if value := span.fields.get(name):
                attributes += 1
                lines.append(f"A{attributes}\t{name} T{number} {value}")
        note = {} if kind != OTHER else {LABEL: span.label}
        note |= {name: words for name, words in span.fields.items() if name not in CHOICES}
        if note:
            lines.append(f"#{number}\t{NOTE} T{number}\t{_one_line(note)}")
    return {
        ".txt": marking.document.text, ".ann": "".join(line + "\n" for line in lines),
        "annotation.conf": _annotation_conf(marking), "visual.conf": _visual_conf(marking),
    }  # fmt: skip


def fragments(text: str, span: Span) -> list[Span]:
    r"""The lines of a span that hold words, as brat wants them; the span itself if none does.

    >>> fragments("we keep\n\n names", (3, 15))
    [(3, 7), (9, 15)]
    """
    found, start = [], span[0]
    for line in text[span[0] : span[1]].split("\n"):
        if line.strip():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found or [span]


def read_brat(path: Path, page: Path | None = None) -> Iterator[MarkedText]:
    """Yield what an .ann file marks in the .txt beside it.

    A discontinuous span is read as the whole from its first to its last word, and a note says so.
    Relations, events and normalizations are left aside and counted. ReadError: a line that is not
    brat's, an id that stands twice, neither .txt nor page.
    """
    path = path.with_suffix(".ann") if path.suffix == ".txt" else path
    reading = _Reading(path)
    beside = path.with_suffix(".txt")
    text = read_utf8(beside) if beside.exists() else None
    if text is None and page is None:
        advice = f"put {beside.name} beside it or give the page with --page"
        raise ReadError(path, f"there is no {beside.name}", advice)
    for number, line in enumerate(read_utf8(path).split("\n"), 1):
        if line.strip():
            reading.line(line.removesuffix("\r"), f"{path.name}:{number}")
    spans = list(reading.spans(text))
    yield MarkedText(name=path.stem, text=text, spans=spans, lost=reading.lost,
                     notes=reading.notes())  # fmt: skip


class _Reading:
    """The lines of one .ann file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks: dict[str, tuple[str, list[Span], str, str]] = {}
        self.fields: dict[str, dict[str, str]] = {}
        self.seen: set[str] = set()
        self.left: dict[str, int] = {}
        self.lost: list[Lost] = []
        self.apart = 0

    def line(self, line: str, place: str) -> None:
        """Take one line by the letter of its id."""
        name, *rest = line.split("\t", 2)
        if name[:1] not in "TAM#EREN*" or (name != "*" and not name[1:2].isdigit()) or not rest:
            raise ReadError(place, f"no line of brat's: {line[:60]!r}", "give brat's .ann file")
        if name in self.seen and name != "*":
            raise ReadError(place, f"the id {name} stands twice", "give each line its own id")
        self.seen.add(name)
        if name[0] == "T":
            self.mark(name, rest, place)
        elif name[0] in "AM":
            kind, target, value = (*rest[0].split(" ", 2), "", "", "")[:3]
            self.fields.setdefault(target, {})[kind] = value or "true"
        elif name[0] == "#" and rest[0].startswith(f"{NOTE} ") and len(rest) > 1:
            self.note(rest[0].partition(" ")[2], rest[1], place)
        else:
            self.left[name[0]] = self.left.get(name[0], 0) + 1

    def mark(self, name: str, rest: list[str], place: str) -> None:
        kind, _, where = rest[0].partition(" ")
        try:
            pairs = [tuple(map(int, pair.split())) for pair in where.split(";")]
            spans = [(start, end) for start, end in pairs]
        except ValueError as error:
            found = f"no offsets: {where!r}"
            raise ReadError(place, found, "write them as START END") from error
        self.marks[name] = kind, spans, rest[1] if len(rest) > 1 else "", place

    def note(self, target: str, words: str, place: str) -> None:
        """Our own note is an object of JSON; any other is a person's remark."""
        if not words.startswith("{"):
            self.left["remark"] = self.left.get("remark", 0) + 1
            return
        try:
            said = msgspec.json.decode(words, type=dict[str, str])
        except msgspec.DecodeError as error:
            found = f"the note is no longer JSON: {error}"
            raise ReadError(place, found, "restore it, or delete the note") from error
        self.fields.setdefault(target, {}).update(said)

    def spans(self, text: str | None) -> Iterator[MarkedSpan]:
        for name, (kind, places, quote, place) in self.marks.items():
            fields = dict(self.fields.pop(name, {}))
            if any(start < 0 or end <= start for start, end in places):
                found = f"marks nothing: it reaches from {places[0][0]} to {places[-1][1]}"
                self.lost.append(Lost(place, found, quote))
                continue
            label = fields.pop(LABEL, "") if kind == OTHER else _label(kind)
            span = MarkedSpan(label=label or kind, start=places[0][0], end=places[-1][1],
                              quote=quote, fields=fields, place=place)  # fmt: skip
            yield self.whole(span, places, text)
        for target in self.fields:
            self.lost.append(Lost(str(self.path), f"{target} is said more of, but not marked"))

    def whole(self, span: MarkedSpan, places: list[Span], text: str | None) -> MarkedSpan:
        """A span of several pieces as one: that which went out, else all from first to last."""
        before = former_span(span)
        if text is None or span.end > len(text):
            return span
        if before and before[1] <= len(text) and fragments(text, before) == places:
            start, end = before
            return msgspec.structs.replace(span, start=start, end=end, quote=text[start:end])
        if len(places) == 1:
            return span
        said = squeeze("".join(text[a:b] for a, b in places))
        self.apart += said != squeeze(text[span.start : span.end])
        if said == squeeze(span.quote):
            return msgspec.structs.replace(span, quote=text[span.start : span.end])
        return span

    def notes(self) -> list[str]:
        left = [f"{n} lines of the sort {sort} are not read" for sort, n in self.left.items()]
        if self.apart:
            left.append(f"{self.apart} discontinuous spans are read as one each, with the words "
                        "between their pieces")  # fmt: skip
        return left


def _type(label: str) -> str:
    kind = JOIN.join(part for half in label.split(" ", 1) for part in half.split(":", 1))
    return kind if TYPE.fullmatch(kind) and _label(kind) == label else OTHER


def _label(kind: str) -> str:
    """The label that a type stands for; a foreign type is its own label."""
    name, *term = kind.split(JOIN, 2)
    return f"{name} {':'.join(term)}" if len(term) == 2 else kind


def _one_line(note: Mapping[str, str]) -> str:
    """The note as JSON on one line, also for readers that know other line ends."""
    written = msgspec.json.encode(note).decode("utf-8")
    return BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _annotation_conf(marking: Marking) -> str:
    """The types, those of a kind below it, and the attributes with their values."""
    lines, above = ["[entities]"], ""
    for label in marking.labels:
        kind = label.partition(" ")[0]
        if kind != above:
            lines.append(f"!{kind}")
            above = kind
        if (name := _type(label)) not in (OTHER, kind):
            lines.append(f"\t{name}")
    lines += [OTHER, "", "[relations]", "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"]
    lines += ["", "[events]", "", "[attributes]"]
    for name in CHOICES:
        values = "|".join(value for value in field_choices()[name] if value)
        lines.append(f"{name}\tArg:<ENTITY>, Value:{values}")
    return "".join(line + "\n" for line in lines)


def _visual_conf(marking: Marking) -> str:
    """What the types are called on the screen."""
    lines = ["[labels]"]
    lines += [f"{_type(label)} | {label}" for label in marking.labels if _type(label) != OTHER]
    colours = "fgColor:black, bgColor:lightgreen, borderColor:darken"
    lines += ["", "[drawing]", f"SPAN_DEFAULT\t{colours}"]
    return "".join(line + "\n" for line in lines)
