"""Our own labels in annotation tools: an Annotation as a label with fields, and back.

The label that people see is kind and term, ``personal_data pd:EmailAddress``. The fields carry all
else that is not as by default, and `was`: what stood there when it went out. By it a correction is
told from what nobody touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import ReadError
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.tables import ENDING, read_table
from policy2dpv.model import Annotation, Span
from policy2dpv.schemes.spans import CONTEXT, MarkedSpan

WAS = "was"
SCOPE = ("polarity", "modality", "actor", "condition")  # what is said of the whole clause
CARRIED = (*SCOPE, "name", "value", "match", "phrase", "definition", "clause", "segment",
           "source", "confidence")  # fmt: skip
FIELDS = (*CARRIED, WAS)
CHOICES = ("polarity", "modality", "actor", "match")
TERMLESS = ("party", "literal")  # forms of slots in which a name or value is enough


def label_of(kind: str, term: str) -> str:
    """The label that people see.

    >>> label_of("personal_data", "pd:EmailAddress")
    'personal_data pd:EmailAddress'
    """
    return f"{kind} {term}".rstrip()


@lru_cache(maxsize=1)
def field_choices() -> dict[str, tuple[str, ...]]:
    """The values that a field may have, by field, the one by default first.

    >>> field_choices()["polarity"]
    ('affirmed', 'denied')
    """
    found = {}
    for field in msgspec.inspect.type_info(Annotation).fields:  # type: ignore[attr-defined]
        if isinstance(field.type, msgspec.inspect.LiteralType):
            others = (str(v) for v in field.type.values if v != field.default)
            found[field.name] = (str(field.default), *sorted(others))
    return found


def to_spans(annotations: Iterable[Annotation], text: str) -> list[MarkedSpan]:
    """The annotations as labels with fields.

    >>> one = Annotation(start=3, end=7, quote="name", kind="personal_data", term="pd:Name",
    ...     segment="5f", source="names.tsv:2", polarity="denied")
    >>> [span] = to_spans([one], "no name here")
    >>> span.label, span.fields["polarity"], span.fields["was"].split()[:2]
    ('personal_data pd:Name', 'denied', ['3-7', 'personal_data'])
    """
    return [
        MarkedSpan(
            label=label_of(one.kind, one.term), start=one.start, end=one.end, quote=one.quote,
            fields=_fields(one) | {WAS: _stamp(one)}, prefix=text[max(one.start - CONTEXT, 0):
            one.start], suffix=text[one.end : one.end + CONTEXT],
        )
        for one in annotations
    ]  # fmt: skip


def from_span(span: MarkedSpan, by: str) -> Annotation | None:
    """The annotation that a labelled span is; None where the label is none of ours.

    `by` names the tool: it becomes the source of what a person added or corrected, and such an
    annotation is sure. ReadError: a field that holds what it cannot.

    >>> span = MarkedSpan(label="right dpv:Right", start=0, end=4, quote="Stop")
    >>> from_span(span, "tool:x").source
    'tool:x'
    """
    kind, _, term = span.label.strip().partition(" ")
    if not is_label(kind, term.strip()):
        return None
    fields = _parse(span)
    by = f"{by}:{span.annotator}" if span.annotator else by
    one = Annotation(start=span.start, end=span.end, quote=span.quote, kind=kind,
                     term=term.strip(), **({"segment": "", "source": by} | fields))  # fmt: skip
    was = span.fields.get(WAS)
    if was is None or was == _stamp(one):
        return one
    _, _, label = was.rpartition(" ")[0].partition(" ")
    changes: dict[str, Any] = {"source": by, "confidence": 1.0}
    if one.phrase is not None and one.phrase not in one.quote:
        changes["phrase"] = None
    if label != label_of(kind, one.term):
        changes |= {"match": "exact", "phrase": None}
    return msgspec.structs.replace(one, **changes)


def is_moved(span: MarkedSpan) -> bool:
    """Whether somebody moved a span since it went out.

    >>> is_moved(MarkedSpan(label="", start=3, end=8, fields={"was": "3-7 right dpv:Right 00"}))
    True
    """
    return former_span(span) not in (None, (span.start, span.end))


def former_span(span: MarkedSpan) -> Span | None:
    """Where a span stood when it went out.

    >>> former_span(MarkedSpan(label="", fields={"was": "3-7 right dpv:Right 00"}))
    (3, 7)
    """
    start, _, end = span.fields.get(WAS, "").partition(" ")[0].partition("-")
    return (int(start), int(end)) if start.isdecimal() and end.isdecimal() else None


@lru_cache(maxsize=1)
def known_kinds() -> Collection[str]:
    """The kinds that annotations may have, from the tables.

    >>> {"personal_data", "any_data", "tracking_signal"} <= known_kinds()
    True
    """
    folder = data_folder("mappings")
    found = {row["kind"] for row in read_table(folder / "slots.tsv")} | {"area"}
    found |= {row["read_as"] for row in read_table(folder / "kinds.tsv")}
    return found | {path.name.removesuffix(ENDING) for path in folder.rglob(f"lexicon/*/*{ENDING}")}


def is_label(kind: str, term: str) -> bool:
    """Whether kind and term can be a label of ours; a party needs no term.

    >>> is_label("personal_data", "pd:EmailAddress"), is_label("personal_data", "")
    (True, False)
    """
    from policy2dpv.knowledge.slots import load_modelling
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    if kind not in known_kinds():
        return False
    slot = load_modelling().slots.get(kind)
    return load_vocabulary().has(term) if term else slot is None or slot.form in TERMLESS


def label_set(lexicon: Lexicon, annotations: Iterable[Annotation] = ()) -> list[str]:
    """All labels that a person may choose: what the tables of a language say, and what is given.

    >>> from policy2dpv import load_lexicon
    >>> "personal_data pd:EmailAddress" in label_set(load_lexicon("en"))
    True
    """
    pairs = {(one.kind, one.term) for one in annotations}
    slots = read_table(data_folder("mappings") / "slots.tsv")
    pairs |= {(row["kind"], row["node_class"] or row["property"]) for row in slots}
    for folder in lexicon.folders:
        for path in (folder / "lexicon" / lexicon.language).glob(f"*{ENDING}"):
            kind = path.name.removesuffix(ENDING)
            terms = {row["object_id"] for row in read_table(path)}
            pairs |= {(lexicon.grammar.kinds.get((kind, term), kind), term) for term in terms}
    return sorted({label_of(kind, term) for kind, term in pairs if is_label(kind, term)})


def _fields(one: Annotation) -> dict[str, str]:
    """What is not as by default, as words."""
    said: dict[str, str] = {}
    defaults = {field.name: field.default for field in msgspec.structs.fields(Annotation)}
    for name in CARRIED:
        value = getattr(one, name)
        if value == defaults[name]:
            continue
        said[name] = f"{value[0]}-{value[1]}" if name == "definition" else str(value)
    return said


def _stamp(one: Annotation) -> str:
    """What went out: the span, the label, and a digest of all else."""
    plain = msgspec.structs.replace(one, quote="")
    digest = hashlib.sha256(msgspec.json.encode(plain)).hexdigest()[:12]
    return f"{one.start}-{one.end} {label_of(one.kind, one.term)} {digest}"


def _parse(span: MarkedSpan) -> dict[str, Any]:
    """The fields as an Annotation has them. ReadError: one that holds what it cannot."""
    fields: dict[str, Any] = {}
    for name, words in span.fields.items():
        if name not in CARRIED:
            continue
        choices = field_choices().get(name)
        if choices and words not in choices:
            known = ", ".join(filter(None, choices))
            raise ReadError(span.place, f"{name} is {words!r}", f"use one of {known}")
        fields[name] = words
        if name in ("clause", "confidence", "definition"):
            fields[name] = _number(name, words, span.place)
    return fields


def _number(name: str, words: str, place: str) -> int | float | Span:
    try:
        if name == "clause":
            return int(words)
        if name == "definition":
            start, end = (int(part) for part in words.split("-"))
            return start, end
        if 0 <= float(words) <= 1:
            return float(words)
    except ValueError:
        pass
    advice = {"clause": "give a whole number", "definition": "give the offsets as START-END",
              "confidence": "give a number from 0 to 1"}[name]  # fmt: skip
    raise ReadError(place, f"{name} is {words!r}", advice)


def clause_of(one: Annotation, others: Sequence[Annotation], given: Collection[str]) -> Annotation:
    """An annotation with the clause of the nearest of others, and with what is said of it.

    `given` are the fields that a person set, which stay.
    """
    if not others:
        return msgspec.structs.replace(one, clause=0)
    near = min(others, key=lambda o: (max(o.start - one.end, one.start - o.end, 0), o.clause))
    scope = {name: getattr(near, name) for name in SCOPE if name not in given}
    return msgspec.structs.replace(one, clause=near.clause, **scope)
