"""Several documents of one firm -> one notice and one controller; each clause keeps its document.

The documents are read one by one. Their graphs are then put together under one notice: what is
named by what it says (parties, rights, concepts) becomes one, what is said in a document
(clauses, practices) stays apart, and each document's title and dates stand on its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from policy2dpv.conversion import Conversion
from policy2dpv.errors import GraphError
from policy2dpv.graphs.evidence import build_evidence
from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.identity import Names, normal_phrase, notice_iri
from policy2dpv.graphs.triples import Grounds, Literal, Object, PolicyGraph, Triple, sort_facts
from policy2dpv.knowledge.slots import Modelling, load_modelling

# Names in structure.tsv of nodes that belong to a document, not to what they say.
APART = ("process", "prohibition", "clause", "position_selector", "quote_selector")
APART_IN_EVIDENCE = ("annotation", "target", "target_position", "target_quote")
OF_DOCUMENT = ("title", "modified", "valid", "issued", "version")  # properties
CONTROLLER = "controller"
Stated = tuple[Triple, Grounds]


@dataclass(frozen=True)
class Combination(Conversion):
    """Several conversions as one: a conversion whose graph is theirs, put together.

    `parts` are the documents' own graphs with the combined graph's IRIs; `warnings` tell of
    controllers that seem to be other firms.
    """

    parts: tuple[PolicyGraph, ...] = ()
    warnings: tuple[str, ...] = ()

    @cached_property
    def policy_graph(self) -> PolicyGraph:
        """The triples of all documents under one notice."""
        return _union(self.parts, [_stated(part) for part in self.parts])

    def evidence(self, *, time: str | None = None) -> PolicyGraph:
        """Return the evidence graphs of all documents as one. GraphError: as build_evidence."""
        letters = _letters(load_modelling(), APART_IN_EVIDENCE)
        found = [build_evidence(part, time=time) for part in self.parts]
        return _union(found, _told_apart([_stated(one) for one in found], letters))


def combine_conversions(
    conversions: Sequence[Conversion], *, base: str | None = None
) -> Combination:
    """Return the documents of one firm as one notice; the first one names it.

    `base` is the notice's IRI, else it follows from all texts. GraphError: no document, the same
    text twice, or a base that is no absolute IRI.

    >>> from policy2dpv import convert
    >>> made = combine_conversions([convert(b"We collect your name."), convert(b"We use cookies.")])
    >>> len(made.parts), made.policy_graph.notice.startswith("urn:uuid:")
    (2, True)
    """
    if not conversions:
        raise GraphError("as one", "no document", "name the firm's documents")
    hashes = [made.document.sha256 for made in conversions]
    if len(set(hashes)) < len(hashes):
        twice = next(m.document.uri for m in conversions if hashes.count(m.document.sha256) > 1)
        raise GraphError(twice, "the same text stands in two documents", "name each text once")
    notice = base or notice_iri(hashlib.sha256("".join(hashes).encode()).hexdigest())
    tables = load_modelling()
    built = [
        build_graph(m.document, m.segments, m.statements, base=notice, quotes=m.quotes)
        for m in conversions
    ]  # fmt: skip
    stated, warnings = _one_controller(built, tables)
    stated = _told_apart(stated, _letters(tables, APART))
    stated = [
        _own_titles(part, one, tables, first=part is built[0])
        for part, one in zip(built, stated, strict=True)
    ]
    parts = tuple(_with(part, one) for part, one in zip(built, stated, strict=True))
    first = conversions[0]
    return Combination(
        document=first.document,
        segments=[segment for made in conversions for segment in made.segments],
        annotations=[one for made in conversions for one in made.annotations],
        statements=[said for made in conversions for said in made.statements],
        base=base, quotes=first.quotes, left_out=sum(made.left_out for made in conversions),
        parts=parts, warnings=tuple(warnings),
    )  # fmt: skip


def _stated(graph: PolicyGraph) -> list[Stated]:
    return list(zip(graph.triples, graph.grounds, strict=True))


def _letters(tables: Modelling, names: Iterable[str]) -> frozenset[str]:
    return frozenset(tables.letters[name] for name in names)


def _with(graph: PolicyGraph, stated: Iterable[Stated]) -> PolicyGraph:
    """The graph with other triples; its subjects in the order in which they are spoken of."""
    facts = Facts()
    for triple, grounds in stated:
        facts.add(*triple, grounds)
    lines, triples, grounds_of = sort_facts(facts.found)
    known = {triple[0] for triple in triples}
    order = [one for one in graph.subjects if one in known]
    subjects = dict.fromkeys((*order, *sorted(known.difference(order))))
    return msgspec.structs.replace(
        graph, lines=tuple(lines), triples=tuple(triples), grounds=tuple(grounds_of),
        subjects=tuple(subjects),
    )  # fmt: skip


def _union(graphs: Sequence[PolicyGraph], stated: Sequence[Sequence[Stated]]) -> PolicyGraph:
    """One graph with the triples of all, named by all their texts."""
    first = graphs[0]
    digest = hashlib.sha256("".join(g.document.sha256 for g in graphs).encode()).hexdigest()
    letter = first.name.partition("#")[2][:1]
    subjects = tuple(dict.fromkeys(node for graph in graphs for node in graph.subjects))
    named = msgspec.structs.replace(
        first, name=Names(first.notice).entity(letter, digest), subjects=subjects,
        segments=tuple(segment for graph in graphs for segment in graph.segments),
        statements=tuple(said for graph in graphs for said in graph.statements),
    )  # fmt: skip
    return _with(named, (one for part in stated for one in part))


def _renamed(stated: Iterable[Stated], names: Mapping[str, str]) -> list[Stated]:
    def other(value: Object) -> Object:
        return names.get(value, value) if isinstance(value, str) else value

    return [((names.get(s, s), p, other(o)), grounds) for (s, p, o), grounds in stated]


def _told_apart(parts: Sequence[list[Stated]], letters: frozenset[str]) -> list[list[Stated]]:
    """The parts, with a new IRI for each node of a document that an earlier one has too.

    The n-th equal node ends in ``-n``, as in one document; nodes with one tail keep one tail.
    """
    taken: set[str] = set()
    done = []
    for stated in parts:
        own = {s for (s, _, _), _ in stated if _letter(s) in letters}
        tails = sorted({_tail(node) for node in own})
        new: dict[str, str] = {}
        used = set(taken) | set(tails)
        for tail in tails:
            if tail in taken:
                count = 2
                while f"{tail}-{count}" in used:
                    count += 1
                new[tail] = f"{tail}-{count}"
                used.add(new[tail])
        names = {
            node: node[: -len(_tail(node))] + new[_tail(node)]
            for node in own if _tail(node) in new
        }  # fmt: skip
        taken |= {new.get(tail, tail) for tail in tails}
        done.append(_renamed(stated, names))
    return done


def _letter(node: str) -> str:
    return node.partition("#")[2][:1]


def _tail(node: str) -> str:
    return node.partition("#")[2][1:]


def _own_titles(
    graph: PolicyGraph, stated: Sequence[Stated], tables: Modelling, *, first: bool
) -> list[Stated]:
    """Title and dates of the document on its text; on the notice those of the first alone."""
    moved = {tables.terms[name] for name in OF_DOCUMENT}
    text = Names(graph.notice).entity(tables.letters["text"], graph.document.sha256)
    own = [
        ((text, p, o), grounds)
        for (s, p, o), grounds in stated if s == graph.notice and p in moved
    ]  # fmt: skip
    kept = [
        one for one in stated if first or one[0][0] != graph.notice or one[0][1] not in moved
    ]  # fmt: skip
    return [*kept, *own]


def _one_controller(
    graphs: Sequence[PolicyGraph], tables: Modelling
) -> tuple[list[list[Stated]], list[str]]:
    """The graphs' triples with one controller, and what speaks against its being one.

    The first document that names the controller says who it is. A document without a name, or
    with a name of the same first word, means the same; another name stays and is told.
    """
    slot = tables.slots[CONTROLLER]
    found = [_controllers(graph, slot.property, tables.terms["name"]) for graph in graphs]
    named = next((names for names in found if any(names.values())), {})
    main = next((iri for iri, name in named.items() if name), "")
    heads = {_head(name): iri for iri, name in reversed(named.items()) if name}
    done, warnings = [], []
    for graph, names in zip(graphs, found, strict=True):
        same = {}
        for iri, name in names.items():
            other = heads.get(_head(name)) if name else main
            if other and iri not in named:
                same[iri] = other
            elif name and iri not in named:
                where = graph.document.uri or graph.document.title
                warnings.append(f"{where}: names another controller than the first: {name}")
        name_of = tables.terms["name"]
        kept = [one for one in _stated(graph) if one[0][0] not in same or one[0][1] != name_of]
        done.append(_renamed(kept, same))
    return done, warnings


def _controllers(graph: PolicyGraph, prop: str, name_of: str) -> dict[str, str]:
    """The controllers of a notice, each with its first name or ""."""
    names: dict[str, str] = {}
    for s, p, o in graph.triples:
        if p == name_of and isinstance(o, Literal):
            names.setdefault(s, o.text)
    return {
        o: names.get(o, "")
        for s, p, o in graph.triples if s == graph.notice and p == prop and isinstance(o, str)
    }  # fmt: skip


def _head(name: str) -> str:
    return normal_phrase(name).partition(" ")[0]
