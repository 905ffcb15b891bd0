"""W3C Web Annotations in JSON-LD, and the rows that Hypothesis' API exports.

The Web Annotation Data Model, https://www.w3.org/TR/annotation-model/: a label is a tag, a term
of DPV a second body, and the words are told by position and by quotation on the canonical text,
which has the IRI that our graphs give it. Contexts are resolved from mappings/ alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import ReadError
from policy2dpv.graphs.identity import Names, notice_iri
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

ANNO = "http://www.w3.org/ns/anno.jsonld"
ADVICE = "give an AnnotationCollection, an AnnotationPage or a list of Annotations"
Json = dict[str, Any]


@cache
def load_contexts() -> Mapping[str, Json]:
    """What we resolve contexts by: `anno` are terms of the W3C's, `ours` those that we add.

    >>> load_contexts()["anno"]["exact"]
    {'@id': 'oa:exact'}
    """
    path = data_folder("mappings") / "web-annotation.context.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Json])


def write_web_annotation(marking: Marking) -> Files:
    """Return an AnnotationCollection with one page (.jsonld)."""
    from policy2dpv.knowledge.slots import load_modelling

    document = marking.document
    names = Names(notice_iri(document.sha256))
    source = names.entity(load_modelling().letters["text"], document.sha256)
    items = [_annotation(span, names, source) for span in marking.spans]
    collection, page = names.entity("collection-"), names.entity("page-")
    return {".jsonld": format_json({
        "@context": [ANNO, load_contexts()["ours"]], "id": collection,
        "type": "AnnotationCollection", "label": document.title or document.uri or "policy",
        "total": len(items),
        "first": {"id": page, "type": "AnnotationPage", "partOf": collection, "startIndex": 0,
                  "items": items},
    })}  # fmt: skip


def _annotation(span: MarkedSpan, names: Names, source: str) -> Json:
    from policy2dpv.knowledge.vocabulary import load_vocabulary

    bodies: list[Json] = [{"type": "TextualBody", "value": span.label, "format": "text/plain",
                           "purpose": "tagging"}]  # fmt: skip
    term = span.label.partition(" ")[2]
    if term and load_vocabulary().has(term):
        bodies.append({"type": "SpecificResource", "source": load_vocabulary().iri(term),
                       "purpose": "classifying"})  # fmt: skip
    selectors = [
        {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        {"type": "TextQuoteSelector", "exact": span.quote, "prefix": span.prefix,
         "suffix": span.suffix},
    ]  # fmt: skip
    name = names.next("annotation-", str(span.start), str(span.end), span.label)
    return {
        "id": name, "type": "Annotation", "motivation": "classifying", "body": bodies,
        "target": {"type": "SpecificResource", "source": source, "selector": selectors},
        **{f"reading:{field}": words for field, words in span.fields.items()},
    }  # fmt: skip


def read_web_annotation(path: Path, page: Path | None = None) -> Iterator[MarkedText]:
    """Yield what the annotations of a file mark; the text itself is never in it.

    ReadError: another shape, a context that would have to be fetched, an id that stands twice,
    annotations of several pages.
    """
    reading = _Reading(path)
    for number, node in enumerate(reading.annotations(_expand(_w3c(read_json(path), path), path))):
        reading.take(node, number + 1)
    if len(reading.sources) > 1:
        found = f"annotations of {len(reading.sources)} pages: {', '.join(sorted(reading.sources))}"
        raise ReadError(path, found[:300], "give those of one page")
    notes = [f"{n} {what}" for what, n in reading.left.items()]
    yield MarkedText(name=path.stem, spans=reading.spans, lost=reading.lost, notes=notes)


def _w3c(value: object, path: Path) -> list[Json]:
    """The file's annotations in the W3C's form: Hypothesis' rows are brought into it."""
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        value = value["rows"]
    items: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise ReadError(path, "no annotations", ADVICE)
    found = []
    for item in items:
        if "uri" in item and "@context" not in item:
            item = _row(item)
        found.append(item if "@context" in item else {"@context": ANNO, **item})
    return found


def _row(row: Json) -> Json:
    """A row of Hypothesis' API as an Annotation."""
    tags, text = row.get("tags") or [], row.get("text")
    bodies = [{"type": "TextualBody", "value": tag, "purpose": "tagging"} for tag in tags]
    if text:
        bodies.append({"type": "TextualBody", "value": text, "purpose": "commenting"})
    targets = row.get("target") or []
    return {
        "id": f"urn:hypothesis:{row.get('id', '')}", "type": "Annotation", "body": bodies,
        "creator": {"name": str(row.get("user", "")).removeprefix("acct:")},
        "target": [{"type": "SpecificResource", "source": row["uri"], "selector":
                    target.get("selector") or []}
                   for target in targets if isinstance(target, dict)] or row["uri"],
    }  # fmt: skip


def _expand(items: Sequence[Json], path: Path) -> list[Any]:
    """The annotations with full IRIs. ReadError: no JSON-LD, or a context that is not here."""
    from pyld import jsonld

    def load(address: str, _options: object) -> Json:
        if address.replace("https:", "http:", 1) != ANNO:
            found = f"it names the remote context {address}"
            raise ReadError(path, found, f"inline it, or name {ANNO} only; nothing is fetched")
        context = {"@context": load_contexts()["anno"]}
        return {"contextUrl": None, "documentUrl": address, "document": context}

    try:
        expanded: list[Any] = jsonld.expand(list(items), {"documentLoader": load, "base": ""})
    except (jsonld.JsonLdError, RecursionError, TypeError, AttributeError, ValueError) as error:
        cause: object = error
        while cause is not None and not isinstance(cause, ReadError):
            cause = getattr(cause, "cause", None) or getattr(cause, "__cause__", None)
        if isinstance(cause, ReadError):
            raise cause from None
        raise ReadError(path, f"no JSON-LD: {str(error)[:200]}", ADVICE) from error
    return expanded


class _Reading:
    """The expanded annotations of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        context = load_contexts()
        self.spaces = {**context["anno"], **context["ours"]}
        self.spans: list[MarkedSpan] = []
        self.lost: list[Lost] = []
        self.left: dict[str, int] = {}
        self.sources: set[str] = set()
        self.seen: set[str] = set()

    def iri(self, name: str) -> str:
        """The IRI of a CURIE such as ``oa:exact``."""
        prefix, _, local = name.partition(":")
        return f"{self.spaces[prefix]}{local}"

    def annotations(self, value: Any) -> Iterator[Json]:
        """The annotations in a list, a page or a collection, in order."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting.extend(reversed(one))
            elif isinstance(one, dict):
                if self.iri("oa:Annotation") in one.get("@type", ()):
                    yield one
                    continue
                inside = ("as:first", "as:items", "as:next")
                parts = [one.get(key, []) for key in ("@graph", "@list", *map(self.iri, inside))]
                if not any(parts):
                    self.leave("things are no annotations, or pages of another file")
                waiting.extend(reversed(parts))

    def take(self, node: Json, number: int) -> None:
        """Take the targets of one annotation, each with all of its labels."""
        name = node.get("@id", "")
        if name in self.seen:
            raise ReadError(self.path, f"the id {name} stands twice", "give each its own id")
        self.seen |= {name} - {""}
        place = f"{self.path.name}: {name or f'annotation {number}'}"
        labels = self.labels(node)
        space = self.iri("reading:")
        said = {key.removeprefix(space): _value(values) for key, values in node.items()
                if key.startswith(space)}  # fmt: skip
        fields = {field: str(words) for field, words in said.items() if words is not None}
        targets = node.get(self.iri("oa:hasTarget"), [])
        if not targets:
            raise ReadError(place, "an annotation without a target", ADVICE)
        for target in targets:
            span = self.target(target, place)
            if span is None:
                continue
            for label in labels:
                self.spans.append(msgspec.structs.replace(
                    span, label=label, fields=fields, annotator=self.creator(node)))  # fmt: skip
            if not labels:
                self.lost.append(Lost(place, "it has no label", span.quote))

    def labels(self, node: Json) -> list[str]:
        """The labels of an annotation: its tags, else what its bodies name."""
        tags, others = [], []
        for body in node.get(self.iri("oa:hasBody"), []):
            purposes = {one.get("@id") for one in body.get(self.iri("oa:hasPurpose"), [])}
            value = _value(body.get(self.iri("rdf:value"), []))
            if value is not None:
                if purposes & {self.iri("oa:commenting"), self.iri("oa:replying")}:
                    self.leave("remarks are not read")
                else:
                    tags.append(str(value))
            else:
                sources = body.get(self.iri("oa:hasSource"), [body])
                others += [source["@id"] for source in sources if source.get("@id")]
        plain = _value(node.get(self.iri("oa:bodyValue"), []))
        tags += [str(plain)] if plain is not None else []
        return tags or others

    def target(self, target: Json, place: str) -> MarkedSpan | None:
        """Where a target is: by position and by quotation; None for a whole page."""
        sources = target.get(self.iri("oa:hasSource"), [])
        self.sources |= {one["@id"] for one in sources if "@id" in one}
        selectors = target.get(self.iri("oa:hasSelector"), [])
        if not selectors:
            self.leave("annotations are on the whole page and are not read")
            return None
        found: dict[str, Any] = {}
        for selector in selectors:
            for key in ("start", "end", "exact", "prefix", "suffix"):
                value = _value(selector.get(self.iri(f"oa:{key}"), []))
                if value is not None:
                    found.setdefault(key, value)
        start, end = found.get("start", UNKNOWN), found.get("end", UNKNOWN)
        if type(start) is not int or type(end) is not int:
            found_here = f"offsets that are no numbers: {start!r} to {end!r}"
            raise ReadError(place, found_here, "give start and end as whole numbers")
        quote = str(found.get("exact", ""))
        if not quote:
            self.lost.append(Lost(place, "no TextQuoteSelector says which words are meant"))
            return None
        before, after = (str(found.get(key, "")) for key in ("prefix", "suffix"))
        return MarkedSpan(label="", start=start, end=end, quote=quote, prefix=before,
                          suffix=after, place=place)  # fmt: skip

    def creator(self, node: Json) -> str:
        """Who made an annotation: a name, else an IRI."""
        for person in node.get(self.iri("dcterms:creator"), []):
            name = _value(person.get(self.iri("foaf:name"), [])) or person.get("@id", "")
            if name:
                return str(name)
        return ""

    def leave(self, what: str) -> None:
        self.left[what] = self.left.get(what, 0) + 1


def _value(values: Any) -> Any:
    """The first literal of an expanded property."""
    for one in values:
        if isinstance(one, dict) and "@value" in one:
            return one["@value"]
    return None
