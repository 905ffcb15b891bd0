"""The text forms of rows and verdicts: a table, and the W3C's CSV, TSV, JSON and XML results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from policy2dpv.querying.answers import Answer, iterate_short, plain_text, read_term

XSD_STRING = "XMLSchema#string"
NAMESPACE = "http://www.w3.org/2005/sparql-results#"
# What XML 1.0 can not say in any way.
UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def format_table(answer: Answer) -> str:
    """Return columns padded with spaces, terms as CURIEs; for a verdict true or false.

    >>> print(format_table(Answer(columns=("who",), cells=(('"Acme"',),))))
    who
    ----
    Acme
    <BLANKLINE>
    """
    if answer.verdict is not None:
        return _verdict(answer)
    columns = list(answer.columns)
    shown = list(iterate_short(answer))
    widths = [max(len(line[at]) for line in [columns, *shown]) for at in range(len(columns))]
    lines = [columns, ["-" * width for width in widths], *shown]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "".join(f"{line}\n" for line in padded)


def format_csv(answer: Answer) -> str:
    r"""Return SPARQL 1.1 Query Results CSV.

    >>> format_csv(Answer(columns=("who",), cells=(("<http://x.example/a>",),)))
    'who\r\nhttp://x.example/a\r\n'
    """
    import csv
    import io

    if answer.verdict is not None:
        return _verdict(answer)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(answer.columns)
    writer.writerows([plain_text(cell) for cell in row] for row in answer.cells)
    return stream.getvalue()


def format_tsv(answer: Answer) -> str:
    r"""Return SPARQL 1.1 Query Results TSV.

    >>> format_tsv(Answer(columns=("who",), cells=(('"Acme"@en',),)))
    '?who\n"Acme"@en\n'
    """
    if answer.verdict is not None:
        return _verdict(answer)
    head = "\t".join(f"?{column}" for column in answer.columns)
    rows = ("\t".join(row).replace("\r", "\\r") for row in answer.cells)
    return "".join(f"{line}\n" for line in [head, *rows])


def format_json(answer: Answer) -> str:
    """Return SPARQL 1.1 Query Results JSON.

    >>> format_json(Answer(verdict=True)).split()
    ['{', '"head":', '{},', '"boolean":', 'true', '}']
    """
    result: dict[str, Any] = {"head": {}}
    if answer.verdict is not None:
        result["boolean"] = answer.verdict
    else:
        result["head"]["vars"] = list(answer.columns)
        bindings = [
            {c: _binding(cell) for c, cell in zip(answer.columns, row, strict=True) if cell}
            for row in answer.cells
        ]
        result["results"] = {"bindings": bindings}
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def format_xml(answer: Answer) -> str:
    """Return SPARQL 1.1 Query Results XML; what XML cannot say becomes U+FFFD.

    >>> "<boolean>true</boolean>" in format_xml(Answer(verdict=True))
    True
    """
    from xml.etree import ElementTree as Xml

    root = Xml.Element("sparql", xmlns=NAMESPACE)
    head = Xml.SubElement(root, "head")
    if answer.verdict is not None:
        Xml.SubElement(root, "boolean").text = str(answer.verdict).lower()
    else:
        for column in answer.columns:
            Xml.SubElement(head, "variable", name=column)
        results = Xml.SubElement(root, "results")
        for row in answer.cells:
            result = Xml.SubElement(results, "result")
            for column, cell in zip(answer.columns, row, strict=True):
                if cell:
                    _bind(Xml.SubElement(result, "binding", name=column), _binding(cell))
    Xml.indent(root)
    text = Xml.tostring(root, "unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _bind(element: Any, binding: Mapping[str, str]) -> None:
    from xml.etree import ElementTree as Xml

    kept = {k: v for k, v in binding.items() if k in ("xml:lang", "datatype")}
    Xml.SubElement(element, binding["type"], kept).text = UNSAYABLE.sub("\ufffd", binding["value"])


def _binding(cell: str) -> dict[str, str]:
    if cell.startswith("<"):
        return {"type": "uri", "value": plain_text(cell)}
    if cell.startswith("_:"):
        return {"type": "bnode", "value": cell[2:]}
    term = read_term(cell)
    described = {"type": "literal", "value": str(term.value)}
    if term.language:
        described["xml:lang"] = term.language
    elif not term.datatype.value.endswith(XSD_STRING):
        described["datatype"] = term.datatype.value
    return described


def _verdict(answer: Answer) -> str:
    return f"{str(answer.verdict).lower()}\n"


FORMATTERS: Mapping[str, Callable[[Answer], str]] = {
    "table": format_table, "csv": format_csv, "tsv": format_tsv, "json": format_json,
    "xml": format_xml,
}  # fmt: skip
