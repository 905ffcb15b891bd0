"""JSON-LD 1.1: nested from the notice down, its context inlined, so that nothing is fetched."""

from __future__ import annotations

import json
from typing import Any

from policy2dpv.errors import WriteError
from policy2dpv.graphs.jsonld_context import (
    KEYWORDS,
    VERSION_TERM,
    Json,
    context_lines,
    load_context,
)
from policy2dpv.graphs.layout import Properties, Shortener, lay_out, nest
from policy2dpv.graphs.triples import Object, PolicyGraph

WIDTH = 100


def write_jsonld(graph: PolicyGraph) -> str:
    """The graph as JSON-LD. Only the part of the context that it uses is inlined.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> text = write_jsonld(build_graph(plain_document("Our policy."), [], []))
    >>> json.loads(text)["type"]
    'dpv:PrivacyNotice'
    """
    writer = _Writer(graph)
    roots = writer.roots()
    body: Json = roots[0] if len(roots) == 1 else {"graph": roots}
    text = _pretty(body, "")
    return f'{{\n  "@context": {{\n{context_lines(writer.context())}\n  }},{text[1:]}\n'


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
        self.whole, self.names = load_context()
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
            name = self.name(term)
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

    def name(self, term: str) -> str:
        """The context's name of a property."""
        if term not in self.names:
            raise WriteError(
                term, "vocab/context.jsonld has no name for it", "build the context again"
            )
        return self.names[term]

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
