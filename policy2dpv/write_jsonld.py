"""JSON-LD 1.1: nested from the notice down, its context inlined, so that nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from policy2dpv.layout import Properties, Shortener, lay_out, nest
from policy2dpv.slots import Modelling, load_modelling
from policy2dpv.triples import Object, PolicyGraph
from policy2dpv.vocabulary import Vocabulary, load_vocabulary

# The context's own address; the number rises when a term changes its meaning.
CONTEXT = "https://w3id.org/policy2dpv/context/1"
WIDTH = 100
VERSION_TERM = "contextVersion"
KEYWORDS = {"id": "@id", "type": "@type", "graph": "@graph"}
Json = dict[str, Any]


def build_context(vocabulary: Vocabulary, tables: Modelling) -> Json:
    """The whole context: prefixes, and a term for each property of the release and of the graph.

    Properties of DPV's core and of the graph's structure have their bare names, those of the
    other modules their CURIEs. There is no default vocabulary, so that a typing error is lost and
    does not become a term.

    >>> context = build_context(load_vocabulary(), load_modelling())
    >>> context["hasPurpose"]["@type"], context["exact"]["@language"]
    ('@id', None)
    """
    prefixes = vocabulary.prefixes
    context: Json = {"@version": 1.1, "@protected": True, VERSION_TERM: CONTEXT, **KEYWORDS}
    context |= {prefix: prefixes[prefix] for prefix in sorted(prefixes)}
    names = term_names(vocabulary, tables)
    context |= {
        name: _definition(vocabulary.curie(iri), tables.values.get(iri, "iri"))
        for iri, name in sorted(names.items(), key=lambda pair: pair[1])
    }
    return context


def term_names(vocabulary: Vocabulary, tables: Modelling) -> dict[str, str]:
    """The context's name of each property, by IRI.

    >>> names = term_names(load_vocabulary(), load_modelling())
    >>> len(set(names.values())) == len(names)
    True
    """
    own = list(tables.order)[1:]  # the first is the type, which has a keyword
    core = tables.terms["notice"]
    space = core[: core.rfind("#") + 1]
    release = [vocabulary.iri(term) for term in vocabulary.properties]
    bare = [*own, *(iri for iri in release if iri.startswith(space))]
    names: dict[str, str] = {}
    taken = set(KEYWORDS) | {VERSION_TERM} | set(vocabulary.prefixes)
    for iri in dict.fromkeys([*bare, *release]):
        curie = vocabulary.curie(iri)
        local = curie.partition(":")[2]
        foreign = vocabulary.is_dpv(iri) and not iri.startswith(space)
        names[iri] = curie if foreign or local in taken else local
        taken.add(names[iri])
    return names


def _definition(curie: str, value: str) -> Json:
    if value == "iri":
        return {"@id": curie, "@type": "@id", "@container": "@set"}
    if value == "text":
        return {"@id": curie}
    if value in ("string", "any"):
        return {"@id": curie, "@language": None}
    return {"@id": curie, "@type": value}


def format_context(vocabulary: Vocabulary, tables: Modelling) -> str:
    """The text of vocab/context.jsonld.

    >>> format_context(load_vocabulary(), load_modelling()).startswith('{')
    True
    """
    lines = _context_lines(build_context(vocabulary, tables))
    return f'{{\n  "@context": {{\n{lines}\n  }}\n}}\n'


def _context_lines(context: Mapping[str, Any]) -> str:
    return ",\n".join(
        f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in context.items()
    )


def write_jsonld(graph: PolicyGraph) -> str:
    """The graph as JSON-LD. Only the part of the context that it uses is inlined.

    >>> from policy2dpv.graph import build_graph, plain_document
    >>> text = write_jsonld(build_graph(plain_document("Our policy."), [], []))
    >>> json.loads(text)["type"]
    'dpv:PrivacyNotice'
    """
    writer = _Writer(graph)
    roots = writer.roots()
    body: Json = roots[0] if len(roots) == 1 else {"graph": roots}
    text = _pretty(body, "")
    return f'{{\n  "@context": {{\n{_context_lines(writer.context())}\n  }},{text[1:]}\n'


@cache
def _context_and_names() -> tuple[Json, dict[str, str]]:
    vocabulary, tables = load_vocabulary(), load_modelling()
    return build_context(vocabulary, tables), term_names(vocabulary, tables)


def _pretty(value: Any, indent: str) -> str:
    """JSON with each pair on a line of its own, and plain lists and small things on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (
        len(flat) + len(indent) < WIDTH and not _deep(value) and indent
    ):
        return flat
    within = indent + "  "
    if isinstance(value, list):
        parts = [f"{within}{_pretty(one, within)}" for one in value]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]"
    parts = [f"{within}{json.dumps(key)}: {_pretty(one, within)}" for key, one in value.items()]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"


def _deep(value: Json | list[Any]) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    return any(isinstance(one, dict) or (isinstance(one, list) and _deep(one)) for one in inner)


class _Writer:
    """Nests each node where it is nearest to the notice, and names it elsewhere."""

    def __init__(self, graph: PolicyGraph) -> None:
        self.graph = graph
        self.short = Shortener(graph.prefixes)
        self.laid = lay_out(graph)
        self.whole, self.names = _context_and_names()
        self.type_property = next(iter(graph.order))
        self.used: set[str] = set()
        self.nested = nest(self.laid, self.type_property)

    def roots(self) -> list[Json]:
        return [self.node(subject) for subject in self.nested[""]]

    def node(self, subject: str) -> Json:
        """A node with what is nested in it."""
        inside = set(self.nested.get(subject, ()))
        found: Json = {"id": self.iri(subject)}
        properties: Properties = self.laid[subject]
        for term, values in properties.items():
            if term == self.type_property:
                types = [self.iri(value) for value in values if isinstance(value, str)]
                found["type"] = types[0] if len(types) == 1 else types
                continue
            name = self.names[term]
            self.used.add(name)
            kind = self.graph.values.get(term, "iri")
            written = []
            for value in values:
                if isinstance(value, str) and value in inside:
                    inside.discard(value)
                    written.append(self.node(value))
                else:
                    written.append(self.value(value, kind))
            found[name] = written if kind == "iri" or len(written) > 1 else written[0]
        return found

    def value(self, value: Object, kind: str) -> Any:
        if isinstance(value, str):
            return self.iri(value) if kind == "iri" else {"id": self.iri(value)}
        if kind == "text" and value.language == self.graph.language and not value.datatype:
            return value.text
        if value.datatype:
            curie = self.iri(value.datatype)
            if curie != kind:
                return {"type": curie, "@value": value.text}
            return int(value.text) if value.text.isdigit() else value.text
        if value.language:
            return {"@language": value.language, "@value": value.text}
        return value.text if kind != "text" else {"@value": value.text}

    def iri(self, iri: str) -> str:
        return self.short.curie(iri) or iri

    def context(self) -> Json:
        """The part of the context that was used, with this graph's own prefixes and language."""
        for name in self.used:
            definition = self.whole[name]
            self.short.used.add(definition["@id"].partition(":")[0])
            kind = definition.get("@type", "@id")
            if kind != "@id":
                self.short.used.add(kind.partition(":")[0])
        context: Json = {"@version": 1.1, "@protected": True}
        if self.graph.language:
            context["@language"] = self.graph.language
        context[VERSION_TERM] = self.whole[VERSION_TERM]
        context |= KEYWORDS
        context |= {prefix: self.graph.prefixes[prefix] for prefix in sorted(self.short.used)}
        context |= {name: self.whole[name] for name in sorted(self.used)}
        return context
