"""Findings of `check` as text, JSON, SARIF and as a SHACL validation report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from policy2dpv.checking.check import Finding, count_severities
from policy2dpv.checking.check_rules import SHACL, Rule, Severity, load_rules
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
CLASSES: Mapping[Severity, str] = {"error": "Violation", "warning": "Warning", "note": "Info"}
SHOWN = 80  # characters of a value that a line of text shows


def format_text(findings: Sequence[Finding]) -> str:
    """Return one line a finding: file, severity, rule, place, what is wrong, what to do.

    >>> format_text([])
    ''
    """
    known = load_vocabulary()
    return "".join(f"{_line(found, known)}\n" for found in findings)


def format_counts(findings: Sequence[Finding], files: int) -> str:
    """Return the sum in words.

    >>> format_counts([], 2)
    '2 graphs: no finding'
    """
    counts = [
        f"{count} {name}" + ("" if count == 1 else "s")
        for name, count in count_severities(findings).items()
        if count
    ]
    return f"{files} graph{'' if files == 1 else 's'}: " + (", ".join(counts) or "no finding")


def format_json(findings: Sequence[Finding]) -> str:
    """Return the findings as JSON, with their number by severity.

    >>> print(format_json([]).split()[0])
    {
    """
    told = {"counts": count_severities(findings), "findings": list(findings)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def format_sarif(findings: Sequence[Finding], version: str) -> str:
    """Return the findings as SARIF 2.1.0, which code hosts show beside a change.

    A node's IRI is a logical location (SARIF 2.1.0, 3.33), the file the physical one.

    >>> "2.1.0" in format_sarif([], "1.0")
    True
    """
    rules = list(load_rules().values())
    places = {rule.name: number for number, rule in enumerate(rules)}
    driver = {
        "name": "policy2dpv", "version": version, "rules": [_sarif_rule(rule) for rule in rules],
    }  # fmt: skip
    results = [_sarif_result(found, places[found.rule]) for found in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SARIF, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def format_shacl(findings: Sequence[Finding]) -> str:
    """Return the findings as a SHACL validation report in Turtle (SHACL, section 3.6).

    It conforms where there is no result at all, be it a note.

    >>> "sh:conforms true" in format_shacl([])
    True
    """
    import pyoxigraph

    prefixes = {**load_vocabulary().prefixes, "rule": _rule_space()}
    written = pyoxigraph.serialize(
        _shacl(findings), format=pyoxigraph.RdfFormat.TURTLE, prefixes=prefixes
    )
    lines = written.decode("utf-8").splitlines(keepends=True) if written else []
    head = sorted(line for line in lines if line.startswith("@prefix "))
    body = "".join(line for line in lines if not line.startswith("@prefix "))
    return "".join(line for line in head if line.split()[1] in body) + body


def _line(found: Finding, known: Vocabulary) -> str:
    place = " ".join(_short(part, known) for part in (found.node, found.path, found.value) if part)
    more = f" (in {found.places} places)" if found.places > 1 else ""
    return (
        f"{found.file}: {found.severity}: {found.rule}: {place}{more}: "
        f"{found.message}; {found.advice}"
    )


def _short(part: str, known: Vocabulary) -> str:
    short = known.curie(part) if "://" in part else part
    words = " ".join(short.split())
    return words if len(words) <= SHOWN else words[: SHOWN - 3] + "..."


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name, "helpUri": rule.iri,
        "shortDescription": {"text": rule.message}, "help": {"text": rule.advice},
        "defaultConfiguration": {"level": rule.severity}, "properties": {"tags": [rule.of]},
    }  # fmt: skip


def _sarif_result(found: Finding, rule: int) -> dict[str, Any]:
    location = {
        "physicalLocation": {"artifactLocation": {"uri": quote(found.file.replace("\\", "/"))}},
        "logicalLocations": [{"fullyQualifiedName": found.node, "kind": "resource"}],
    }
    stated = {"path": found.path, "value": found.value, "places": found.places}
    return {
        "ruleId": found.rule, "ruleIndex": rule, "level": found.severity,
        "message": {"text": f"{found.message}; {found.advice}"},
        "locations": [location], "properties": stated,
    }  # fmt: skip


def _rule_space() -> str:
    return next(iter(load_rules())).rpartition("#")[0] + "#"


def _shacl(findings: Sequence[Finding]) -> Iterable[pyoxigraph.Triple]:
    import pyoxigraph

    def iri(name: str) -> pyoxigraph.NamedNode:
        return pyoxigraph.NamedNode(name if "://" in name else SHACL + name)

    rules = {rule.name: rule for rule in load_rules().values()}
    report = pyoxigraph.BlankNode("report")
    conforms = pyoxigraph.Literal("false" if findings else "true", datatype=iri(BOOLEAN))
    yield pyoxigraph.Triple(report, iri(TYPE), iri("ValidationReport"))
    yield pyoxigraph.Triple(report, iri("conforms"), conforms)
    results = [pyoxigraph.BlankNode(f"r{n}") for n, _ in enumerate(findings, 1)]
    yield from (pyoxigraph.Triple(report, iri("result"), result) for result in results)
    for result, found in zip(results, findings, strict=True):
        rule = rules[found.rule]
        facts: list[tuple[str, Any]] = [
            (TYPE, iri("ValidationResult")),
            ("resultSeverity", iri(CLASSES[rule.severity])),
            ("sourceShape", iri(rule.iri)),
            ("sourceConstraintComponent", iri(found.component)),
            ("resultMessage", pyoxigraph.Literal(f"{found.message}; {found.advice}")),
            ("focusNode", _node(found.node)),
        ]
        facts += [("resultPath", iri(found.path))] if "://" in found.path else []
        facts += [("value", _value(found))] if found.value else []
        yield from (pyoxigraph.Triple(result, iri(name), value) for name, value in facts)


def _value(found: Finding) -> Any:
    import pyoxigraph

    return pyoxigraph.Literal(found.value) if found.literal else _node(found.value)


def _node(text: str) -> Any:
    """The node that a text stands for: a blank node's label, or an IRI."""
    import pyoxigraph

    if text.startswith("_:"):
        return pyoxigraph.BlankNode(text[2:])
    return pyoxigraph.NamedNode(text)
