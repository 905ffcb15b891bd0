"""Every stage's records as JSON lines, and the JSON Schema of such a line."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import TypeVar

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.model import Annotation, Segment

Record = TypeVar("Record", bound=msgspec.Struct)


class SegmentLine(Segment, frozen=True, kw_only=True):
    """A segment with its words, for people who read the lines."""

    quote: str

    @classmethod
    def of(cls, segment: Segment, text: str) -> SegmentLine:
        """Return the line of a segment of the text."""
        return cls(**msgspec.structs.asdict(segment), quote=text[segment.start : segment.end])


def format_lines(records: Iterable[msgspec.Struct]) -> str:
    r"""Return a line of JSON for each record.

    >>> from policy2dpv.model import Link
    >>> format_lines([Link(0, 4, "https://acme.example/")])
    '{"start":0,"end":4,"href":"https://acme.example/"}\n'
    """
    return "".join(msgspec.json.encode(_line(r)).decode("utf-8") + "\n" for r in records)


def _line(record: msgspec.Struct) -> object:
    """A record as its line has it: without `by` where no annotator is named."""
    if not isinstance(record, Annotation) or record.by:
        return record
    fields = msgspec.structs.asdict(record)
    del fields["by"]
    return fields


def parse_lines(text: str, kind: type[Record], *, where: str = "input") -> list[Record]:
    """Return the records of JSON lines. ReadError: a line that is no such record.

    >>> from policy2dpv.model import Link
    >>> parse_lines('{"start":0,"end":4,"href":""}', Link)[0].end
    4
    """
    decoder = msgspec.json.Decoder(kind)
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            records += [decoder.decode(line)] if line.strip() else []
        except (msgspec.DecodeError, RecursionError) as error:
            advice = f"give one {kind.__name__} as JSON on each line"
            raise ReadError(f"{where}:{number}", str(error), advice) from error
    return records


def describe_lines(kind: type[msgspec.Struct]) -> str:
    """Return the JSON Schema of a line as indented JSON.

    >>> from policy2dpv.model import Link
    >>> '"href"' in describe_lines(Link)
    True
    """
    [described], components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of policy2dpv's {kind.__name__.lower()}s",
        **described,
        "$defs": components,
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode("utf-8") + "\n"
