"""What a notice says of what laws ask it to say: four answers an item, each with its quotes.

A report tells what stands in a text as it was read. It never judges whether a firm keeps the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from policy2dpv.checking.notices import UNKNOWN, Item, Notice, load_notices, load_patterns
from policy2dpv.checking.report_queries import load_questions
from policy2dpv.errors import GraphError
from policy2dpv.graphs.graph_source import read_quads
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary
from policy2dpv.querying.query import VOCABULARY_GRAPH

if TYPE_CHECKING:
    import pyoxigraph

    from policy2dpv.graphs.triples import PolicyGraph

AnswerKind = Literal["stated", "not_applicable", "vague", "not_found"]
Applies = Literal["always", "seen", "no_sign", "unknown"]


class Quote(msgspec.Struct, frozen=True, order=True):
    """Words of the policy: start and end in characters of its text, -1 where unknown."""

    start: int
    end: int
    words: str


class Answer(msgspec.Struct, frozen=True):
    """What the text says of one item.

    `applies` tells whether the item's condition shows in the text. `values` are what is said, in
    labels; `nodes` the IRIs that say it; `looked_for` what was looked for, in words.
    """

    item: Item
    answer: AnswerKind
    applies: Applies
    values: tuple[str, ...]
    quotes: tuple[Quote, ...]
    nodes: tuple[str, ...]
    looked_for: tuple[str, ...]


class Section(msgspec.Struct, frozen=True):
    """The answers for one kind of notice; `in_play` tells whether the policy names its law."""

    notice: Notice
    in_play: bool
    answers: tuple[Answer, ...]


class Report(msgspec.Struct, frozen=True):
    """One policy's notice against the notices that were asked for."""

    file: str
    notice: str
    title: str
    page: str
    sections: tuple[Section, ...]


def report_graph(path: str | Path, notices: Sequence[Notice] = ()) -> list[Report]:
    """Return a report for each privacy notice in a graph file, sorted by the notice's IRI.

    Without `notices` those are taken whose law the policy names; all, where it names none.
    GraphError: no graph, or none with a privacy notice in it.

    >>> import tempfile
    >>> from policy2dpv.conversion import convert
    >>> made = convert(b"We are Acme Ltd. We use your email address to send you our newsletter.")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made.write(Path(folder, "graph.nq"), "nquads")
    ...     [report] = report_graph(Path(folder, "graph.nq"), [load_notices()["gdpr-13"]])
    >>> [a.answer for a in report.sections[0].answers if a.item.item in ("purposes", "storage")]
    ['stated', 'not_found']
    """
    return _reports(read_quads(Path(path)), str(path), notices)


def report_policy(policy: PolicyGraph) -> list[Report]:
    """Return the reports of a graph that was just made, as `report_graph` does of a file's.

    >>> from policy2dpv.conversion import convert
    >>> [report] = report_policy(convert(b"Acme Ltd keeps your name.").policy_graph)
    >>> len(report.sections) > 3
    True
    """
    import pyoxigraph

    from policy2dpv.graphs.write import format_graph

    lines = format_graph(policy, "nquads").encode("utf-8")
    return _reports(pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_QUADS), policy.notice, ())


def _reports(
    quads: Iterable[pyoxigraph.Quad], file: str, notices: Sequence[Notice]
) -> list[Report]:
    graph = NoticeGraph(quads, load_vocabulary())
    found = graph.notices()
    if not found:
        raise GraphError(
            file, "no privacy notice is in the graph", "convert a policy, or type its node"
        )
    return [_report(graph, node, file, notices) for node in found]


def _report(graph: NoticeGraph, node: Any, file: str, notices: Sequence[Notice]) -> Report:
    known = list(load_notices().values())
    in_play = {one.name for one in known if one.in_play and graph.find(one.in_play, node)}
    wanted = notices or [one for one in known if one.name in in_play or not one.in_play]
    if not notices and not in_play:
        wanted = known
    sections = [
        Section(
            one, one.name in in_play or not one.in_play,
            tuple(_answer(graph, node, item) for item in one.items),
        )
        for one in wanted
    ]  # fmt: skip
    title, page = (graph.text(name, node) for name in ("title", "page"))
    return Report(file, str(node.value), title, page, tuple(sections))


def _answer(graph: NoticeGraph, notice: Any, item: Item) -> Answer:
    """The first of the answers that something in the graph carries."""
    columns: tuple[tuple[AnswerKind, str], ...] = (
        ("stated", item.stated), ("vague", item.vague), ("not_applicable", item.not_applicable),
    )  # fmt: skip
    applies: Applies = "always"
    if item.when == UNKNOWN:
        applies = "unknown"
    elif item.when:
        applies = "seen" if graph.find(item.when, notice) else "no_sign"
    patterns = load_patterns()
    looked = tuple(dict.fromkeys(patterns[name].looks_for for _, name in columns if name))
    for kind, name in columns:
        if kind == "not_applicable" and applies == "seen":
            continue  # what is denied in general takes place after all
        found = graph.find(name, notice) if name else []
        if found:
            values = tuple(sorted({graph.label(v) for _, v in found if v is not None}))
            nodes = sorted({str(node.value) for node, _ in found})
            quotes = graph.quotes(node for node, _ in found)
            return Answer(item, kind, applies, values, quotes, tuple(nodes), looked)
    return Answer(item, "not_found", applies, (), (), (), looked)


class NoticeGraph:
    """A graph file's quads with the vocabulary's hierarchy beside them, asked for patterns."""

    def __init__(self, quads: Iterable[pyoxigraph.Quad], vocabulary: Vocabulary) -> None:
        import pyoxigraph

        self.vocabulary = vocabulary
        self.store = pyoxigraph.Store()
        self.store.extend(quads)
        named = {q.object.value for q in self.store if isinstance(q.object, pyoxigraph.NamedNode)}
        terms = sorted({vocabulary.curie(iri) for iri in named if vocabulary.is_dpv(iri)})
        lines = "".join(f"{s} {p} {o} .\n" for s, p, o in vocabulary.hierarchy_facts(terms))
        beside = pyoxigraph.NamedNode(VOCABULARY_GRAPH.format(release=vocabulary.release))
        self.store.bulk_load(
            lines.encode("utf-8"), format=pyoxigraph.RdfFormat.N_TRIPLES, to_graph=beside
        )
        self._found: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
        self._labels: dict[str, str] = {}

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The namespaces that patterns may use without declaring them."""
        return dict(self.vocabulary.prefixes)

    def ask(self, sparql: str, **given: Any) -> list[Any]:
        """Return the rows of a query in which some variables are given."""
        import pyoxigraph

        bound = {pyoxigraph.Variable(name): node for name, node in given.items()}
        rows: Any = self.store.query(
            sparql, prefixes=self.prefixes, use_default_graph_as_union=True, substitutions=bound
        )
        return list(rows)

    def notices(self) -> list[Any]:
        """The nodes that are privacy notices, sorted."""
        return sorted((row["notice"] for row in self.ask(load_questions()["notices"])), key=str)

    def find(self, pattern: str, notice: Any) -> list[tuple[Any, Any]]:
        """The nodes and values that a pattern finds for a notice."""
        key = pattern, str(notice)
        if key not in self._found:
            rows = self.ask(load_patterns()[pattern].sparql, notice=notice)
            self._found[key] = [(row["node"] or notice, row["value"]) for row in rows]
        return self._found[key]

    def quotes(self, nodes: Iterable[Any]) -> tuple[Quote, ...]:
        """The words that stand behind nodes, in the order of the text, each once."""
        found = set()
        for node in sorted(set(nodes), key=str):
            for row in self.ask(load_questions()["quotes"], node=node):
                start, end = (int(row[n].value) if row[n] else -1 for n in ("start", "end"))
                found.add(Quote(start, end, row["words"].value if row["words"] else ""))
        return tuple(sorted(found))

    def label(self, value: Any) -> str:
        """What a value is called: its literal, its label or name, the release's label."""
        import pyoxigraph

        if isinstance(value, pyoxigraph.Literal):
            return str(value.value)
        key = str(value)
        if key not in self._labels:
            rows = self.ask(load_questions()["labels"], node=value)
            told = sorted(row["label"].value for row in rows)
            term = self.vocabulary.curie(value.value)
            known = self.vocabulary.label(term) if self.vocabulary.has(term) else ""
            self._labels[key] = (told or [known or str(value.value)])[0]
        return self._labels[key]

    def text(self, question: str, node: Any) -> str:
        """The first answer to a question about a node, "" where there is none."""
        rows = self.ask(load_questions()[question], node=node)
        return min((str(row["text"].value) for row in rows), default="")
