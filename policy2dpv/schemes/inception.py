"""INCEpTION's documents: a UIMA CAS as XMI with its type system, or as JSON (CAS JSON 0.4).

Our labels are a span layer of our own with string features; of other layers each annotation is a
label (the layer's name) with its features. UIMA counts UTF-16 code units, dkpro-cassis turns them
into characters. XMI cannot hold some control characters: a stand-in is written for each in the
text, and an escape (as in JSON) in the features.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from policy2dpv.errors import PolicyError, ReadError, WriteError
from policy2dpv.schemes.labels import FIELDS
from policy2dpv.schemes.placing import NOT_XML, xml_text
from policy2dpv.schemes.spans import (
    LIMIT,
    UNKNOWN,
    Files,
    MarkedSpan,
    MarkedText,
    Marking,
    format_json,
    read_bytes,
)

LAYER = "webanno.custom.DpvAnnotation"
LABEL = "label"
XMI_ID = "{http://www.omg.org/XMI}id"
TYPES = "TypeSystem.xml"
ANNOTATION, STRING = "uima.tcas.Annotation", "uima.cas.String"
# What INCEpTION and DKPro add to every document.
STRUCTURE = {"DocumentAnnotation", "DocumentMetaData", "TagsetDescription", "TagDescription",
             "Token", "Sentence", "Paragraph", "Heading", "Div", "CASMetadata",
             "LayerDescription", "FeatureDescription"}  # fmt: skip
ESCAPED = re.compile(r"\\(?:\\|u[0-9a-f]{4})")
ADVICE = "export it as UIMA CAS XMI or UIMA CAS JSON"


def write_inception(marking: Marking) -> Files:
    """Return the document as .xmi and as .json, and TypeSystem.xml, which describes the layer.

    WriteError: dkpro-cassis is not installed.
    """
    cassis = _cassis(WriteError)
    types = cassis.TypeSystem()
    layer = types.create_type(name=LAYER, supertypeName=ANNOTATION)
    for name in (LABEL, *FIELDS):
        types.create_feature(domainType=layer, name=name, rangeType=STRING)
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = xml_text(marking.document.text)
    cas.sofa_mime = "text/plain"
    cas.document_language = marking.document.language or "x-unspecified"
    cas.get_document_annotation().end = len(marking.document.text)
    for span in marking.spans:
        said = {name: _escape(words) for name, words in span.fields.items()}
        cas.add(layer(begin=span.start, end=span.end, **{LABEL: span.label}, **said))
    import json

    return {
        ".xmi": cas.to_xmi(), TYPES: types.to_xml(), ".json": format_json(json.loads(cas.to_json()))
    }  # fmt: skip


def read_inception(path: Path, page: Path | None = None) -> Iterator[MarkedText]:
    """Yield what the annotations of a CAS mark: .xmi with TypeSystem.xml beside, .json, or a .zip.

    ReadError: no XML or JSON, a DOCTYPE, no type system, no text (sofa), no layer to read, an
    offset that is none, or dkpro-cassis is not installed.
    """
    cassis = _cassis(ReadError)
    data, types = _open(path)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            cas = _load(cassis, data, types, path)
    except PolicyError:
        raise
    except Exception as error:  # cassis raises whatever a broken file leads it to
        found = f"no CAS that can be read: {type(error).__name__}: {str(error)[:200]}"
        raise ReadError(path, found, ADVICE) from error
    for one in told:
        if str(one.message).startswith("Not mapping"):
            raise ReadError(path, f"an offset beyond the text: {one.message}", ADVICE)
    if cas.sofa_string is None:
        raise ReadError(path, "the CAS has no text (sofa)", ADVICE)
    spans = list(_spans(cas, path))
    if not spans and not cas.typesystem.contains_type(LAYER):
        found = f"the CAS has no layer {LAYER} and no other to read"
        raise ReadError(path, found, "export the document with its layers")
    yield MarkedText(name=path.stem, text=cas.sofa_string, spans=spans)


def _cassis(error: type[PolicyError]) -> Any:
    """The library. `error`: it is not installed."""
    try:
        return import_module("cassis")
    except ImportError as missing:
        advice = "install policy2dpv[inception]"
        raise error("inception", "dkpro-cassis is not installed", advice) from missing


def _open(path: Path) -> tuple[bytes, bytes | None]:
    """The document and its type system, which is None for JSON."""
    data = read_bytes(path)
    if data.startswith(b"PK"):
        return _unzip(data, path)
    if data.lstrip()[:1] == b"{":
        return data, None
    beside = path.with_name(TYPES)
    if not beside.is_file():
        advice = f"put the export's {TYPES} beside it, or export it as UIMA CAS JSON"
        raise ReadError(path, f"there is no {TYPES}", advice)
    return data, read_bytes(beside)


def _unzip(data: bytes, path: Path) -> tuple[bytes, bytes | None]:
    """The one document of an export, and its type system."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = [n for n in parts.namelist() if n.endswith((".xmi", ".json"))]
            if len(names) != 1:
                found = f"{len(names)} documents in it"
                raise ReadError(path, found, "unpack it and give one .xmi or .json")
            types = [n for n in parts.namelist() if n.endswith(TYPES)][:1]
            document, *others = [_bounded(parts, n, path) for n in (names[0], *types)]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ReadError(path, f"no archive that can be read: {error}", ADVICE) from error
    if document.lstrip()[:1] == b"{":
        return document, None
    if not others:
        raise ReadError(path, f"there is no {TYPES} in it", ADVICE)
    return document, others[0]


def _bounded(parts: zipfile.ZipFile, name: str, path: Path) -> bytes:
    with parts.open(name) as part:
        data = part.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise ReadError(path, f"{name} is larger than {LIMIT:,} bytes", "split the export")
    return data


def _load(cassis: Any, data: bytes, types: bytes | None, path: Path) -> Any:
    """The CAS. ReadError: XML with a DOCTYPE or none at all; else whatever cassis raises."""
    if types is None:
        _refuse_twice((one["%ID"] for one in _structures(data)), path)
        return cassis.load_cas_from_json(data.decode("utf-8"))
    _check_xml(types, path)
    _refuse_twice((one.get(XMI_ID) for one in _check_xml(data, path)), path)
    return cassis.load_cas_from_xmi(
        io.BytesIO(data), typesystem=cassis.load_typesystem(io.BytesIO(types))
    )


def _structures(data: bytes) -> list[Any]:
    """The feature structures of CAS JSON that are listed; those in an object have keys."""
    import json

    found = json.loads(data).get("%FEATURE_STRUCTURES")
    return found if isinstance(found, list) else []


def _refuse_twice(names: Iterable[object], path: Path) -> None:
    """Raise ReadError for an id that stands twice: one of the two would be lost."""
    count = Counter(name for name in names if name is not None)
    for name, times in count.items():
        if times > 1:
            raise ReadError(path, f"the id {name} stands twice", "give each its own id")


def _check_xml(data: bytes, path: Path) -> Any:
    """The root of XML. ReadError: it is none, or declares entities; no other parser sees it."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ReadError(path, f"no XML: {error}", ADVICE) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise ReadError(path, "it has a DOCTYPE, as no CAS does", ADVICE)
    return root


def _spans(cas: Any, path: Path) -> Iterator[MarkedSpan]:
    """The annotations in the order in which they were made."""
    found = (one for one in cas.select_all_annotations() if one.type.name.rpartition(".")[2]
             not in STRUCTURE)  # fmt: skip
    for one in sorted(found, key=lambda fs: fs.xmiID or 0):
        fields = {}
        for feature in one.type.all_features:
            value = getattr(one, feature.name, None)
            if feature.name in ("begin", "end", "sofa") or value is None:
                continue
            if isinstance(value, str | int | float):
                fields[feature.name] = _unescape(str(value))
        label = one.type.name.rpartition(".")[2]
        if one.type.name == LAYER:
            label = fields.pop(LABEL, "")
        text = cas.sofa_string
        start, end = (UNKNOWN if at is None else at for at in (one.begin, one.end))
        quote = text[start:end] if 0 <= start < end <= len(text) else ""
        yield MarkedSpan(label=label, start=start, end=end, quote=quote, fields=fields,
                         place=f"{path.name}: annotation {one.xmiID}")  # fmt: skip


def _escape(words: str) -> str:
    """The words with what XML cannot hold, and the escape sign, escaped."""
    if "\\" not in words and not NOT_XML.search(words):
        return words
    words = words.replace("\\", "\\\\")
    return NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", words)


def _unescape(words: str) -> str:
    return ESCAPED.sub(
        lambda found: "\\" if found[0] == "\\\\" else chr(int(found[0][2:], 16)), words
    )
