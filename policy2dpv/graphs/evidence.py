"""The second graph: why each triple of the first is there, and which run put it there."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from policy2dpv import __version__
from policy2dpv.errors import GraphError
from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.identity import Names
from policy2dpv.graphs.selectors import describe_target
from policy2dpv.graphs.triples import (
    Assessment,
    Grounds,
    Literal,
    Object,
    Place,
    PolicyGraph,
    Triple,
    sort_facts,
)
from policy2dpv.knowledge.slots import Modelling, load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.versions import hash_tables

TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"
)  # as xsd:dateTime allows it
EPOCH = "SOURCE_DATE_EPOCH"


def build_evidence(graph: PolicyGraph, *, time: str | None = None) -> PolicyGraph:
    """The evidence for a policy's graph, as a graph with a name of its own.

    For each triple that the policy's words give there is one oa:Annotation: its body is the
    triple as an rdf:Statement, its targets are the words; it says what decided and how sure that
    is. What a person decided (`PolicyGraph.assessments`) is an oa:Annotation of its own with
    oa:assessing, whose target is the annotation of the triple, or of what was rejected the words.
    The run names the version, the tables and the vocabulary. `time` is the run's end
    (xsd:dateTime), else SOURCE_DATE_EPOCH of the environment, else none is given. Raises
    GraphError for a time that is no xsd:dateTime.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> graph = build_graph(plain_document("Our policy."), [], [])
    >>> evidence = build_evidence(graph)
    >>> evidence.name != graph.name, evidence.notice == graph.notice
    (True, True)
    """
    build = _Evidence(graph, load_modelling())
    build.run(run_time(time, os.environ))
    lines, triples, grounds = sort_facts(build.facts.found)
    return PolicyGraph(
        notice=graph.notice,
        name=build.name,
        language=graph.language,
        prefixes=graph.prefixes,
        triples=tuple(triples),
        lines=tuple(lines),
        grounds=tuple(grounds),
        subjects=build.facts.subjects(),
        order=graph.order,
        values=graph.values,
        document=graph.document,
        segments=graph.segments,
        statements=(),
        quotes=graph.quotes,
    )


def run_time(time: str | None, environment: Mapping[str, str]) -> str | None:
    """The time that a run states: as given, or of SOURCE_DATE_EPOCH, or none.

    Raises GraphError for a time that is no xsd:dateTime or an epoch that is no number.

    >>> run_time(None, {"SOURCE_DATE_EPOCH": "0"}), run_time(None, {})
    ('1970-01-01T00:00:00Z', None)
    """
    if time is not None:
        if not TIME.fullmatch(time) or not _is_time(time):
            raise GraphError("time", f"not a time: {time!r}", "write 2026-03-01T10:00:00Z")
        return time
    epoch = environment.get(EPOCH)
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise GraphError(EPOCH, f"not a number of seconds: {epoch!r}", "unset it") from error


def _is_time(time: str) -> bool:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True


class _Evidence:
    """One evidence graph in the making."""

    def __init__(self, graph: PolicyGraph, tables: Modelling) -> None:
        self.graph = graph
        self.terms = tables.terms
        self.tables = tables
        self.letters = tables.letters
        self.names = Names(graph.notice)
        self.facts = Facts()
        digest = graph.document.sha256
        self.name = self.names.entity(self.letters["evidence_graph"], digest)
        self.text = self.names.entity(self.letters["text"], digest)
        self.run_node = self.names.entity(
            self.letters["run"], digest, __version__, hash_tables(), load_vocabulary().sha256
        )
        self.segments = sorted(graph.segments, key=lambda segment: segment.start)
        self.starts = [segment.start for segment in self.segments]
        self.grounded = {
            (ground.start, ground.end, ground.source)
            for grounds in graph.grounds for ground in grounds
        }  # fmt: skip
        self.targets: dict[tuple[int, int], str] = {}
        self.assessments: dict[Place, list[Assessment]] = defaultdict(list)
        for assessment in graph.assessments:
            self.assessments[assessment.of].append(assessment)

    def run(self, time: str | None) -> None:
        self.describe_run(time)
        for triple, line, grounds in zip(
            self.graph.triples, self.graph.lines, self.graph.grounds, strict=True
        ):
            if grounds:
                self.annotate(triple, line, grounds)
        for assessment in self.graph.assessments:
            if assessment.of not in self.grounded:
                self.assess(assessment, self.target(assessment.of[:2]), "")

    def add(self, subject: str, name: str, value: Object) -> None:
        self.facts.add(subject, self.terms[name], value)

    def describe_run(self, time: str | None) -> None:
        """What ran, on what, with which tables and vocabulary."""
        vocabulary = load_vocabulary()
        agent = self.names.entity(self.letters["agent"], __version__)
        self.add(self.run_node, "type", self.terms["run"])
        self.add(self.run_node, "used", self.text)
        self.add(self.run_node, "associated_with", agent)
        if time:
            self.add(self.run_node, "ended", Literal(time, self.terms["as_time"]))
        self.add(agent, "type", self.terms["agent"])
        self.add(agent, "agent_label", Literal(f"policy2dpv {__version__}"))
        parts = {
            f"mappings of policy2dpv {__version__}": hash_tables(),
            f"vocabulary index of release {vocabulary.release}": vocabulary.sha256,
        }
        for label, digest in parts.items():
            part = self.names.entity(self.letters["part"], digest)
            self.add(self.run_node, "used", part)
            self.add(part, "type", self.terms["text_entity"])
            self.add(part, "agent_label", Literal(label))
            self.add(part, "identifier", Literal(f"sha256:{digest}"))
        self.add(self.text, "type", self.terms["text_entity"])
        self.add(self.text, "identifier", Literal(f"sha256:{self.graph.document.sha256}"))

    def annotate(self, triple: Triple, line: str, grounds: Grounds) -> None:
        """The annotation of one triple: the triple, the words, what decided, how sure it is."""
        note = self.names.entity(self.letters["annotation"], line)
        body = self.names.entity(self.letters["triple"], line)
        subject, term, value = triple
        self.add(note, "type", self.terms["annotation"])
        self.add(note, "motivated_by", self.terms["classifying"])
        self.add(note, "has_body", body)
        self.add(body, "type", self.terms["triple"])
        self.add(body, "triple_subject", subject)
        self.add(body, "triple_predicate", term)
        self.add(body, "triple_object", value)
        for ground in dict.fromkeys(grounds):
            self.add(note, "has_target", self.target((ground.start, ground.end)))
            self.add(note, "decided_by", Literal(ground.source))
            for name in ground.by:
                self.add(note, "creator", self.annotator(name))
            for assessment in self.assessments.get((ground.start, ground.end, ground.source), ()):
                self.assess(assessment, note, line)
        sure = max(ground.confidence for ground in grounds)
        self.add(note, "confidence", Literal(_decimal(sure), self.terms["as_decimal"]))
        self.add(note, "generated_by", self.run_node)

    def assess(self, assessment: Assessment, target: str, line: str) -> None:
        """What a person decided of the words that a triple rests on, or of words alone."""
        start, end, source = assessment.of
        said = (assessment.verdict, assessment.term, assessment.who, assessment.when)
        place = self.place((start, end))
        node = self.names.entity(self.letters["assessment"], line, *place, source, *said)
        self.add(node, "type", self.terms["assessment"])
        self.add(node, "motivated_by", self.terms["assessing"])
        self.add(node, "has_body", self.terms[assessment.verdict])
        self.add(node, "has_target", target)
        self.add(node, "source", self.target((start, end)))
        for term in assessment.term.split():
            self.add(node, "subject", load_vocabulary().iri(term))
        self.add(node, "creator", self.annotator(assessment.who))
        as_when = self.terms["as_time" if "T" in assessment.when else "as_date"]
        self.add(node, "created", Literal(assessment.when, as_when))

    def annotator(self, name: str) -> str:
        """The node of somebody, or of a program, who said what a triple says."""
        iri = self.names.entity(self.letters["annotator"], name)
        self.add(iri, "type", self.terms["annotator"])
        self.add(iri, "agent_label", Literal(name))
        return iri

    def target(self, span: tuple[int, int]) -> str:
        """The node of some words; of the text as a whole where the span is all of it."""
        if span == (0, len(self.graph.document.text)):
            return self.text
        if span not in self.targets:
            key = self.place(span)
            nodes = [
                self.names.entity(self.letters[name], *key)
                for name in ("target", "target_position", "target_quote")
            ]
            describe_target(
                self.facts, self.tables, self.graph.document, span, self.graph.quotes,
                (nodes[0], self.text, nodes[1], nodes[2]),
            )  # fmt: skip
            self.targets[span] = nodes[0]
        return self.targets[span]

    def place(self, span: tuple[int, int]) -> tuple[str, str, str]:
        """Where words stand in their segment, so that an edit elsewhere moves nothing."""
        index = bisect_right(self.starts, span[0]) - 1
        segment = self.segments[index] if index >= 0 else None
        name, start = (segment.id, segment.start) if segment else ("", 0)
        return name, str(span[0] - start), str(span[1] - start)


def _decimal(number: float) -> str:
    """A number from 0 to 1 as xsd:decimal in its canonical form."""
    text = f"{number:.4f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
