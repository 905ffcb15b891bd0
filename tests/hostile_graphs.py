"""Makers of hostile graphs and annotation files; as those of hostile_files.py.

A maker of several files gives them by ending or whole name.
"""

from __future__ import annotations

import json
from typing import Any

CLAUSE = "We collect your name and share it. "
DPV = "https://w3id.org/dpv#"


def ttl_prefixes(head: str, piece: str, tail: str, size: int) -> bytes:
    """Turtle that declares that many prefixes."""
    lines = (f"@prefix p{n}: <https://x.example/{n}#> .\n" for n in range(size))
    return ("".join(lines) + head).encode()


def ttl_used_prefixes(head: str, piece: str, tail: str, size: int) -> bytes:
    """Turtle that uses that many prefixes and declares none."""
    return "".join(f"p{n}:a p{n}:b p{n}:c .\n" for n in range(size)).encode()


def nested(head: str, piece: str, tail: str, size: int) -> bytes:
    """The piece `size` times in the head, closed as often by the tail's first character."""
    return (head + piece * size + tail[:1] * size + tail[1:]).encode()


def broader_chain(head: str, piece: str, tail: str, size: int) -> bytes:
    """Concepts in a chain, the last under the first."""
    lines = (
        f"<https://x.example/{n}> <http://www.w3.org/2004/02/skos/core#broader> "
        f"<https://x.example/{(n + 1) % size}> .\n"
        for n in range(size)
    )
    return "".join(lines).encode()


def process_cycle(head: str, piece: str, tail: str, size: int) -> bytes:
    """Processes that contain each other."""
    lines = (
        f"<https://x.example/{n}> a <{DPV}Process> {piece}; <{DPV}hasProcess> "
        f"<https://x.example/{(n + 1) % size}> .\n"
        for n in range(size)
    )
    return (head + "".join(lines)).encode()


def xml_laughs(head: str, piece: str, tail: str, size: int) -> bytes:
    """RDF/XML with a billion laughs."""
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(size + 1)]
    space = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="https://x.example/"'
    about = '<rdf:Description rdf:about="https://x.example/a">'
    return (f"<!DOCTYPE rdf:RDF [{''.join(lines)}]><rdf:RDF {space}>{about}<x:p>&l{size};</x:p>"
            "</rdf:Description></rdf:RDF>").encode()  # fmt: skip


def json_nested(head: str, piece: str, tail: str, size: int) -> bytes:
    """JSON of that depth around a node."""
    return (head + '{"a":' * size + '"x"' + "}" * size + tail).encode()


def regions(head: str, piece: str, tail: str, size: int) -> bytes:
    """Label Studio: `size` regions, with the offsets that the tail names (start,end)."""
    start, end = (json.loads(one) for one in tail.split(","))
    found = [
        {"id": f"r{n}", "type": "labels", "from_name": "label", "to_name": "text",
         "value": {"start": start, "end": end, "text": piece,
                   "labels": ["personal_data pd:Name"]}}
        for n in range(size)
    ]  # fmt: skip
    return _task(head or CLAUSE, found)


def regions_along(head: str, piece: str, tail: str, size: int) -> bytes:
    """Label Studio: a long text with a region on each clause, whose offsets are all wrong."""
    found = [
        {"id": f"r{n}", "type": "labels",
         "value": {"start": n * len(CLAUSE) + 3, "end": n * len(CLAUSE) + 9, "text": "your name",
                   "labels": ["personal_data pd:Name"]}}
        for n in range(size)
    ]  # fmt: skip
    return _task(CLAUSE * size, found)


def _task(text: str, found: list[dict[str, Any]]) -> bytes:
    task = {"id": 1, "data": {"text": text}, "annotations": [{"result": found}]}
    return json.dumps([task]).encode()


def standoff(head: str, piece: str, tail: str, size: int) -> dict[str, bytes]:
    """Brat: the piece once a line behind an id of its own; the text is the head."""
    lines = "".join(f"T{n}\t{piece}\n" for n in range(1, size + 1))
    return {".ann": lines.encode(), ".txt": (head or CLAUSE).encode()}


def cas(head: str, piece: str, tail: str, size: int) -> dict[str, bytes]:
    """INCEpTION: a CAS with `size` annotations from head to tail; the piece opens the document."""
    layer = "webanno.custom.DpvAnnotation"
    types = (
        '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types>'
        f"<typeDescription><name>{layer}</name><supertypeName>uima.tcas.Annotation</supertypeName>"
        "<features><featureDescription><name>label</name><rangeTypeName>uima.cas.String"
        "</rangeTypeName></featureDescription></features></typeDescription></types>"
        "</typeSystemDescription>"
    )
    marks = "".join(
        f'<custom:DpvAnnotation xmi:id="{n + 10}" sofa="1" begin="{head}" end="{tail}" '
        'label="personal_data pd:Name"/>'
        for n in range(size)
    )
    members = " ".join(str(n + 10) for n in range(size))
    xmi = (
        f'{piece}<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmi:version="2.0" xmlns:cas="http:///'
        'uima/cas.ecore" xmlns:custom="http:///webanno/custom.ecore">'
        f'<cas:NULL xmi:id="0"/>{marks}<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" '
        f'mimeType="text" sofaString="{CLAUSE}"/><cas:View sofa="1" members="{members}"/></xmi:XMI>'
    )
    return {".xmi": xmi.encode(), "TypeSystem.xml": types.encode()}


def rows(head: str, piece: str, tail: str, size: int) -> dict[str, bytes]:
    """OPP-115: rows of a CSV file beside their page."""
    page = "<p>We collect your name.</p>|||<p>We share it.</p>"
    return {"annotations/a.csv": (head + piece * size + tail).encode(),
            "sanitized_policies/a.html": page.encode()}  # fmt: skip


def tokens(head: str, piece: str, tail: str, size: int) -> dict[str, bytes]:
    """PolicyIE: the three files of a part, with one sentence of `size` tokens."""
    words = ["names"] * size
    tags = ([piece or "B-a"] + [tail or "I-a"] * size)[:size]
    slots = json.dumps({"tokens": words, "labels": tags}).encode()
    intent = json.dumps({"sentence": " ".join(words), "label": "data-collection-usage"}).encode()
    return {"intent_classification_a.jsonl": intent, "type_I_slot_filling_a.jsonl": slots,
            "type_II_slot_filling_a.jsonl": slots}  # fmt: skip


def passages(head: str, piece: str, tail: str, size: int) -> bytes:
    """GDPR-Transparency: a passage with that many annotations, or as deep a context."""
    value = piece or "your name"
    marks = [{"requirement": "Data Categories", "value": value, "performed": True}] * size
    context = [{"text": f"Part {n}", "type": tail or "h1"} for n in range(size)]
    one = {"type": "text", "context": context, "passage": CLAUSE + head, "annotations": marks}
    return json.dumps([one]).encode()


def web_annotations(head: str, piece: str, tail: str, size: int) -> bytes:
    """Web Annotations with the context that the head names; the tail is the position (JSON)."""
    target = {"source": "https://x.example/", "selector": [
        {"type": "TextPositionSelector", "start": json.loads(tail or "0"), "end": 9},
        {"type": "TextQuoteSelector", "exact": piece or "name"}]}  # fmt: skip
    found = [
        {"@context": json.loads(head), "type": "Annotation", "bodyValue": "personal_data pd:Name",
         "target": target}
    ] * size  # fmt: skip
    return json.dumps(found).encode()


def standoff_line(head: str, piece: str, tail: str, size: int) -> dict[str, bytes]:
    """Brat: one line."""
    return {".ann": (head + piece * size + tail).encode(), ".txt": CLAUSE.encode()}


def passage(head: str, piece: str, tail: str, size: int) -> bytes:
    """GDPR-Transparency: one annotation of these words."""
    value = head + piece * size + tail
    mark = {"requirement": "Data Categories", "value": value, "performed": True}
    one = {"type": "text", "context": [], "passage": CLAUSE, "annotations": [mark]}
    return json.dumps([one]).encode()
