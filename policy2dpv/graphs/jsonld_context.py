"""The JSON-LD context: built from the release and the tables, read from vocab/context.jsonld."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from policy2dpv.data import data_folder
from policy2dpv.knowledge.slots import Modelling
from policy2dpv.knowledge.vocabulary import Vocabulary

# The context's own address; the number rises when a term changes its meaning.
CONTEXT = "https://w3id.org/policy2dpv/context/1"
VERSION_TERM = "contextVersion"
KEYWORDS = {"id": "@id", "type": "@type", "graph": "@graph"}
Json = dict[str, Any]


@cache
def load_context() -> tuple[Json, dict[str, str]]:
    """The published context and its name of each property, by IRI; neither may be changed.

    >>> context, names = load_context()
    >>> context[VERSION_TERM] == CONTEXT, names["http://www.w3.org/ns/oa#exact"]
    (True, 'exact')
    """
    text = data_folder("vocab").joinpath("context.jsonld").read_text("utf-8")
    context: Json = json.loads(text)["@context"]
    names = {}
    for name, definition in context.items():
        if isinstance(definition, dict):
            prefix, _, local = definition["@id"].partition(":")
            names[context[prefix] + local] = name
    return context, names


def build_context(vocabulary: Vocabulary, tables: Modelling) -> Json:
    """The whole context: prefixes, and a term for each property of the release and of the graph.

    Properties of DPV's core and of the graph's structure have their bare names, those of the
    other modules their CURIEs. There is no default vocabulary, so that a typing error is lost and
    does not become a term.

    >>> from policy2dpv.knowledge.slots import load_modelling
    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
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

    >>> from policy2dpv.knowledge.slots import load_modelling
    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
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

    >>> from policy2dpv.knowledge.slots import load_modelling
    >>> from policy2dpv.knowledge.vocabulary import load_vocabulary
    >>> format_context(load_vocabulary(), load_modelling()).startswith('{')
    True
    """
    lines = context_lines(build_context(vocabulary, tables))
    return f'{{\n  "@context": {{\n{lines}\n  }}\n}}\n'


def context_lines(context: Mapping[str, Any]) -> str:
    """The entries of a context, one to a line.

    >>> context_lines({"id": "@id"})
    '    "id": "@id"'
    """
    return ",\n".join(
        f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in context.items()
    )
