"""Whether a DPV graph is what it should be: SHACL shapes of structure, and the release's terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from policy2dpv.checking.check_rules import (
    RANKS,
    SETS,
    SHACL,
    Rule,
    Severity,
    load_rules,
    load_shapes,
)
from policy2dpv.checking.check_vocabulary import find_term_faults
from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_source import read_quads, to_rdflib
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib

TERM_COMPONENT = "https://w3id.org/policy2dpv/shapes#TermConstraintComponent"
FAILING: tuple[Severity, ...] = ("error", "warning")
BROADER, IN_SCHEME = (f"http://www.w3.org/2004/02/skos/core#{n}" for n in ("broader", "inScheme"))


class Finding(msgspec.Struct, frozen=True):
    """One breach of a rule: where, what was found, what to do.

    `node` is the IRI (or ``_:label``) that breaks it, `path` the property and `value` the value
    concerned, "" where the rule is about the node itself. `component` is the IRI of the kind of
    constraint (SHACL, 3.6.2.5), `literal` tells that the value is a literal. `places` counts
    equal breaches that are told once: a faulty term is, however often it stands in the graph.
    """

    file: str
    rule: str
    severity: Severity
    node: str
    path: str
    value: str
    message: str
    advice: str
    component: str
    literal: bool = False
    places: int = 1

    @property
    def fails(self) -> bool:
        """Whether it makes the graph fail; a note does not."""
        return self.severity in FAILING


def check_graph(
    path: str | Path, *, sets: Sequence[str] = SETS, snippet: bool = False
) -> list[Finding]:
    """Return what breaks the rules in a graph file, the gravest first, then by rule and node.

    `sets` are those of the rules: structure, vocabulary. A `snippet` is Turtle that leaves the
    prefixes out. GraphError: no graph in the file, or the extra with pyshacl is not installed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "graph.ttl")
    ...     _ = path.write_text("ex:p a dpv:Proces .")
    ...     [found] = check_graph(path, sets=["vocabulary"], snippet=True)
    >>> found.rule, found.severity, found.message
    ('unknown-term', 'error', 'dpv:Proces is no term of DPV 2.3')
    """
    vocabulary = load_vocabulary()
    path = Path(path)
    quads = read_quads(path, prefixes=vocabulary.prefixes if snippet else None)
    found: list[Finding] = []
    if "structure" in sets:
        found += _break_structure(quads, vocabulary, str(path))
    if "vocabulary" in sets:
        found += _break_vocabulary(quads, vocabulary, str(path))
    return sorted(found, key=lambda f: (RANKS[f.severity], f.rule, f.node, f.path, f.value))


def _break_vocabulary(
    quads: Sequence[pyoxigraph.Quad], vocabulary: Vocabulary, file: str
) -> Iterator[Finding]:
    rules = {rule.name: rule for rule in load_rules().values()}
    for fault in find_term_faults(quads, vocabulary):
        rule = rules[fault.rule]
        words = {"term": fault.term, "release": vocabulary.release, "advice": fault.advice}
        yield Finding(
            file, rule.name, rule.severity, fault.subject, fault.predicate, fault.value,
            rule.message.format_map(words), rule.advice.format_map(words), TERM_COMPONENT,
            fault.literal, fault.places,
        )  # fmt: skip


def _break_structure(
    quads: Sequence[pyoxigraph.Quad], vocabulary: Vocabulary, file: str
) -> Iterator[Finding]:
    import rdflib

    data = to_rdflib(quads)
    results = _validate(data, vocabulary)
    rules = load_rules()
    sh = rdflib.Namespace(SHACL)
    inner = set(results.objects(None, sh.detail))
    seen = set()
    for result in results.subjects(rdflib.RDF.type, sh.ValidationResult):
        rule = rules.get(str(results.value(result, sh.sourceShape)))
        if rule is None or result in inner:
            continue
        said = (results.value(result, sh[name]) for name in ("focusNode", "value"))
        component = str(results.value(result, sh.sourceConstraintComponent))
        found = _finding(data, rule, *said, file=file, component=component)
        key = rule.name, found.node, found.path, found.value
        if key not in seen and not (vocabulary.is_dpv(found.node) and _known(found, data)):
            seen.add(key)
            yield found


def _known(found: Finding, data: rdflib.Graph) -> bool:
    """Whether the node is a term that the data does not describe: no fault of the graph."""
    import rdflib

    described = (rdflib.URIRef(found.node), None, None) in data
    used = (None, rdflib.URIRef(found.node), None) in data
    return not described and (used or found.value != "")


def _finding(
    data: rdflib.Graph, rule: Rule, focus: object, value: object, *, file: str, component: str
) -> Finding:
    """A result of the validator in our terms, with the property that leads to the value."""
    import rdflib

    constant = isinstance(focus, rdflib.URIRef) and (focus, None, None) not in data
    if constant and value is not None and value != focus:
        focus, value = value, None  # a rule on the whole graph: the value is the culprit
    path = ""
    if value is not None and value != focus:
        paths = sorted(str(p) for p in data.predicates(focus, value))  # type: ignore[arg-type]
        path = paths[0] if paths else ""
    shown = "" if value is None or value == focus else _shown(value)
    return Finding(
        file, rule.name, rule.severity, _shown(focus), path, shown, rule.message, rule.advice,
        component, isinstance(value, rdflib.Literal),
    )  # fmt: skip


def _shown(node: object) -> str:
    import rdflib

    return f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _validate(data: rdflib.Graph, vocabulary: Vocabulary) -> rdflib.Graph:
    """The validator's report on the data with the hierarchy beside it."""
    try:
        from pyshacl import validate
    except ImportError as error:
        raise GraphError(
            "check", "pyshacl is not installed", "install policy2dpv[check], or use --only"
        ) from error
    shapes, beside = load_shapes("structure"), _hierarchy(data, vocabulary)
    try:
        _, report, text = validate(
            data + beside, shacl_graph=shapes, inference="none", inplace=True,
            advanced=False, js=False, meta_shacl=False, do_owl_imports=False, allow_warnings=False,
        )  # fmt: skip
    except RecursionError as error:
        found = "a chain of parents or of processes in processes is too deep to follow"
        raise GraphError("graph", found, "hang parents and processes higher up") from error
    if isinstance(report, Exception):
        raise GraphError("shapes", str(text), "restore vocab/shapes") from report
    return cast("rdflib.Graph", report)


def _hierarchy(data: rdflib.Graph, vocabulary: Vocabulary) -> rdflib.Graph:
    """What stands above the terms of the data: types and parents alike as skos:broader."""
    import rdflib

    above, scheme = rdflib.URIRef(BROADER), rdflib.URIRef(IN_SCHEME)
    graph = rdflib.Graph(bind_namespaces="none")
    waiting = sorted(
        {vocabulary.curie(str(n)) for s, p, o in data for n in (s, o)
         if isinstance(n, rdflib.URIRef) and vocabulary.is_dpv(str(n))}
    )  # fmt: skip
    seen = set(waiting)
    for term in waiting:
        if not vocabulary.has(term):
            continue
        known = vocabulary.term(term)
        iri = rdflib.URIRef(known.iri)
        graph.add((iri, scheme, rdflib.URIRef(vocabulary.iri(term).partition("#")[0])))
        for parent in (*known.broader, *known.types):
            if parent == term or not vocabulary.has(parent):
                continue
            graph.add((iri, above, rdflib.URIRef(vocabulary.iri(parent))))
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return graph


def count_severities(findings: Sequence[Finding]) -> Mapping[str, int]:
    """Return how many findings there are of each severity, the gravest first.

    >>> dict(count_severities([]))
    {'error': 0, 'warning': 0, 'note': 0}
    """
    return {name: sum(f.severity == name for f in findings) for name in RANKS}
