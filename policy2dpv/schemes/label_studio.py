"""Label Studio's tasks: the text, regions with a label, choices and words, and the set-up.

Tasks as https://labelstud.io/guide/task_format describes them; JSON-MIN exports are read too. What
we read goes out as a prediction, which a person accepts and corrects. Offsets count characters, as
Label Studio has counted since release 1.4; those of older exports (UTF-16) are told by their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.schemes.labels import CHOICES, FIELDS, field_choices
from policy2dpv.schemes.marks import Lost
from policy2dpv.schemes.spans import (
    UNKNOWN,
    Files,
    MarkedSpan,
    MarkedText,
    Marking,
    format_json,
    read_json,
)

LABEL, TEXT = "label", "text"  # the names of the control and the object tag
ADVICE = "give a JSON export of Label Studio"
Task = dict[str, Any]


def write_label_studio(marking: Marking) -> Files:
    """Return the task with its prediction (.json) and the labeling interface (.config.xml)."""
    from policy2dpv import __version__

    result = [
        part
        for number, span in enumerate(marking.spans, 1)
        for part in _region(span, f"r{number}", marking.document.text)
    ]
    document = marking.document
    task = {
        "data": {TEXT: document.text, "uri": document.uri, "title": document.title,
                 "language": document.language, "sha256": document.sha256},
        "predictions": [{"model_version": f"policy2dpv {__version__}", "result": result}],
    }  # fmt: skip
    return {".json": format_json([task]), ".config.xml": labeling_config(marking.labels)}


def labeling_config(labels: Sequence[str]) -> str:
    """The labeling interface as XML: the labels with a filter, choices and words for a region.

    >>> '<Label value="right dpv:Right"/>' in labeling_config(["right dpv:Right"])
    True
    """
    region = 'perRegion="true"'
    lines = ["<View>", f'  <Filter name="filter" toName="{LABEL}"/>',
             f'  <Labels name="{LABEL}" toName="{TEXT}">']  # fmt: skip
    lines += [f"    <Label value={quoteattr(label)}/>" for label in labels]
    lines += ["  </Labels>", f'  <Text name="{TEXT}" value="${TEXT}"/>']
    for name in CHOICES:
        lines.append(f'  <Header value="{name}" size="6"/>')
        lines.append(f'  <Choices name="{name}" toName="{TEXT}" {region} choice="single">')
        lines += [f'    <Choice value="{one}"/>' for one in field_choices()[name] if one]
        lines.append("  </Choices>")
    for name in FIELDS:
        if name not in CHOICES:
            lines.append(f'  <TextArea name="{name}" toName="{TEXT}" {region} maxSubmissions="1" '
                         f'editable="true" placeholder="{name}"/>')  # fmt: skip
    return "\n".join([*lines, "</View>", ""])


def read_label_studio(path: Path, page: Path | None = None) -> Iterator[MarkedText]:
    """Yield what each annotation of each task marks, else what each prediction does.

    A task that several people annotated gives one text for each. ReadError: another shape.
    """
    tasks = read_json(path)
    tasks = [tasks] if isinstance(tasks, dict) else tasks
    if not isinstance(tasks, list) or not tasks or not all(isinstance(t, dict) for t in tasks):
        raise ReadError(path, "no list of tasks", ADVICE)
    for number, task in enumerate(tasks, 1):
        place = f"{path.name}: task {task.get('id', number)}"
        name = path.stem if len(tasks) == 1 else f"{path.stem}-{task.get('id', number)}"
        text = _text(task, place)
        sets = list(_sets(task, text, place))
        for turn, (annotator, result) in enumerate(sets, 1):
            own = name if len(sets) == 1 else f"{name}-{annotator or turn}"
            marked = _Regions(text, place, annotator).marked(own, result)
            yield msgspec.structs.replace(marked, annotator=annotator or str(turn), task=name)


def _sets(task: Task, text: str, place: str) -> Iterator[tuple[str, list[Task]]]:
    """The results of a task, each with who made it."""
    if "data" not in task:  # JSON-MIN
        yield _name(task.get("annotator")), _flat(task)
        return
    done = [one for one in _list(task, "annotations", place) if not one.get("was_cancelled")]
    for one in done or _list(task, "predictions", place) or [{"result": []}]:
        result = one.get("result")
        if not isinstance(result, list) or not all(isinstance(part, dict) for part in result):
            raise ReadError(place, "an annotation without a list of results", ADVICE)
        yield _name(one.get("completed_by")), result


def _list(task: Task, name: str, place: str) -> list[Task]:
    found = task.get(name) or []
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    raise ReadError(place, f"{name} are no list", ADVICE)


def _flat(task: Task) -> list[Task]:
    """The results of a JSON-MIN task in the long form."""
    return [
        {"id": f"{name}{number}", "from_name": name, "type": "labels", "value": value}
        for name, values in task.items() if isinstance(values, list)
        for number, value in enumerate(values) if isinstance(value, dict)
    ]  # fmt: skip


def _name(person: object) -> str:
    if isinstance(person, dict):
        person = person.get("email") or person.get("id")
    return "" if person is None else str(person)


def _text(task: Task, place: str) -> str:
    data = task.get("data", task)
    if isinstance(data, dict):
        words = [value for value in data.values() if isinstance(value, str)]
        text = data.get(TEXT, max(words, key=len, default=None))
        if isinstance(text, str):
            return text
    raise ReadError(place, "there is no text in its data", ADVICE)


def _region(span: MarkedSpan, name: str, text: str) -> Iterator[Task]:
    """The parts of one region: its label, then a part for each field."""
    place = {"start": span.start, "end": span.end}
    common = {"id": name, "to_name": TEXT}
    yield common | {"from_name": LABEL, "type": "labels", "value": place | {
        "text": text[span.start : span.end], "labels": [span.label]}}  # fmt: skip
    for field, words in span.fields.items():
        sort = "choices" if field in CHOICES else "textarea"
        key = sort if field in CHOICES else "text"
        yield common | {"from_name": field, "type": sort, "value": place | {key: [words]}}


class _Regions:
    """The regions of one set of results."""

    def __init__(self, text: str, place: str, annotator: str) -> None:
        self.text = text
        self.place = place
        self.annotator = annotator
        self.units = text.encode("utf-16-le", "surrogatepass")
        self.lost: list[Lost] = []
        self.left: dict[str, int] = {}

    def marked(self, name: str, result: Sequence[Task]) -> MarkedText:
        regions: dict[str, list[Task]] = {}
        for number, part in enumerate(result):
            value = part.get("value")
            if isinstance(value, dict) and "start" in value:
                regions.setdefault(str(part.get("id", f" {number}")), []).append(part)
            else:
                sort = str(part.get("type", "unknown"))
                self.left[sort] = self.left.get(sort, 0) + 1
        spans = [span for key, parts in regions.items() for span in self.spans(key, parts)]
        notes = [f"{n} results of the type {sort} mark no words and are not read"
                 for sort, n in self.left.items()]  # fmt: skip
        return MarkedText(name=name, text=self.text, spans=spans, lost=self.lost, notes=notes)

    def spans(self, key: str, parts: Sequence[Task]) -> Iterator[MarkedSpan]:
        """A span for each label of a region."""
        place = f"{self.place}, region {key}"
        fields: dict[str, str] = {}
        labels: list[str] = []
        quote, offsets = "", (UNKNOWN, UNKNOWN)
        for part in parts:
            value, sort = part["value"], str(part.get("type", ""))
            said = value.get(sort, value.get("text") if sort == "textarea" else None)
            words = said if isinstance(said, list) else [] if said is None else [said]
            if sort.endswith("labels"):
                if labels:
                    raise ReadError(place, "the id stands twice", "give each region its own id")
                labels = [str(word) for word in words]
                quote = value["text"] if isinstance(value.get("text"), str) else ""
                offsets = self.offsets(value, quote, place)
            elif words:
                fields[str(part.get("from_name", sort))] = "; ".join(map(str, words))
        if not labels:
            self.lost.append(Lost(place, "it has no label", quote))
        for label in labels:
            yield MarkedSpan(label=label, start=offsets[0], end=offsets[1], quote=quote,
                             fields=fields, place=place, annotator=self.annotator)  # fmt: skip

    def offsets(self, value: Task, quote: str, place: str) -> tuple[int, int]:
        """The region's offsets in characters; of HTML those in the whole text."""
        counted = value.get("globalOffsets", value)
        start, end = counted.get("start"), counted.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            if quote:
                return UNKNOWN, UNKNOWN
            raise ReadError(place, f"no offsets: {start!r} to {end!r}", ADVICE)
        if quote and 0 <= start < end and self.text[start:end] != quote:
            here = self.units[2 * start : 2 * end].decode("utf-16-le", "replace")
            if here == quote:
                before = self.units[: 2 * start].decode("utf-16-le", "replace")
                return len(before), len(before) + len(quote)
        return start, end
