"""The named queries of vocab/queries: what each asks, its parameters, and filling them in.

A query is a SPARQL file whose head says it all in comments: the title, the description, and a
line for each parameter. In the text a parameter is a SPARQL variable written with a dollar sign:

    # Who receives data
    #
    # One row for each recipient.
    #
    # $category term = ex:Purpose: only for purposes under this term
    # $policy iri: only in this policy

A parameter without default may be left out, and with it each line that names it, unless it is
``required`` (which stands in the place of the default).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, get_args

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import QueryError
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary
from policy2dpv.querying.query_words import TOKENS

ParameterType = Literal[
    "term", "terms", "iri", "graph", "string", "integer", "count", "decimal", "date"
]
Value = str | int | Sequence[str] | object
PARAMETER = re.compile(r"\$(\w+) (\w+)(?: = (.+?)| (required))?: +(.+)")
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f-\x9f]+")
CURIE = re.compile(r"([A-Za-z][\w-]*):([\w.%-]*)", re.ASCII)
NUMBERS = {
    "integer": r"[+-]?\d{1,18}",
    "count": r"\d{1,18}",
    "decimal": r"[+-]?\d{1,18}(\.\d{1,18})?",
}
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
IN_GRAPH = re.compile(r"\bGRAPH (?:\?\w+|<[^>]*>) (?=\{)")
LONGEST = 10_000  # characters of a value


class Parameter(msgspec.Struct, frozen=True):
    """What a query can be told: its name, type, default ("" for none) and meaning.

    Types: ``term`` (a CURIE, or an IRI), ``terms`` (several, by spaces or as a list), ``iri``,
    ``graph`` (an IRI that takes the place of the variable of that name, so that engines look into
    one graph only),
    ``string``, ``integer``, ``count`` (not negative), ``decimal``, ``date`` (ISO 8601).
    """

    name: str
    type: ParameterType
    default: str
    description: str
    required: bool = False


class NamedQuery(msgspec.Struct, frozen=True):
    """A query with its name (the file's), title, description, parameters and SPARQL text."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


@cache
def list_queries() -> tuple[NamedQuery, ...]:
    """Return the queries of vocab/queries, by name.

    Raises QueryError for a file that has no title or a wrong parameter.

    >>> "recipients" in [query.name for query in list_queries()]
    True
    """
    files = sorted((data_folder("vocab") / "queries").glob("*.rq"))
    return tuple(read_query(path.stem, path.read_text("utf-8")) for path in files)


def load_query(name: str) -> NamedQuery:
    """Return the query of a name. Raises QueryError, with the nearest names, if there is none.

    >>> load_query("recipients").title
    'Who receives data, and why'
    """
    known = {query.name: query for query in list_queries()}
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        advice = f"do you mean {' or '.join(near)}?" if near else "see `policy2dpv query --list`"
        raise QueryError("query", f"there is no query named {name!r}", advice)
    return known[name]


def read_query(name: str, text: str) -> NamedQuery:
    r"""Return a query from the text of its file. Raises QueryError as `list_queries` does.

    >>> read_query("all", "# All\n#\n# Every triple.\n# $most count = 9: rows\nSELECT *").title
    'All'
    """
    title, *lines = _head(text) or [""]
    if not title:
        raise QueryError(name, "the file has no title", "begin it with a comment line")
    said: list[str] = []
    parameters: list[Parameter] = []
    for line in lines:
        if line.startswith("$"):
            parameters.append(_parameter(name, line))
        else:
            said.append(line)
    return NamedQuery(name, title, " ".join(" ".join(said).split()), tuple(parameters), text)


def fill_query(
    query: NamedQuery,
    values: Mapping[str, Value] | None = None,
    *,
    named_graphs: bool = True,
) -> str:
    r"""Return the SPARQL of a query with its parameters filled in.

    Without `named_graphs` it asks one plain graph, such as an rdflib.Graph: GRAPH is left out.
    Values are checked and written by their type, so that none can change what is asked. Raises
    QueryError for an unknown parameter and a value that is not of its type; VocabularyError for
    a CURIE whose prefix or DPV term the vocabulary does not have.

    >>> query = read_query("q", "# Q\n# $of term: what of\nASK { ?s a ?t .\n?t ?p $of .\n}")
    >>> print(fill_query(query, {"of": "skos:Concept"}).splitlines()[-2])
    ?t ?p <http://www.w3.org/2004/02/skos/core#Concept> .
    >>> len(fill_query(query).splitlines())
    4
    """
    given = dict(values or {})
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in given:
        if name not in known:
            advice = f"it has {', '.join(known)}" if known else "it has none"
            raise QueryError(query.name, f"there is no parameter {name!r}", advice)
    written: dict[str, str] = {}
    for name, parameter in known.items():
        value = given.get(name)
        if value in (None, "", [], ()):
            value = parameter.default
        if not value and parameter.required:
            advice = f"give it with --set {name}=... ({parameter.type}: {parameter.description})"
            raise QueryError(query.name, f"it needs the parameter {name!r}", advice)
        written[name] = write_value(parameter, value) if value else ""
    text = query.text
    for name, parameter in known.items():
        if parameter.type == "graph" and written[name]:
            text = _in_graph(text, name, written[name])
    text = _replaced(text, written)
    return text if named_graphs else IN_GRAPH.sub("", text)


def write_value(parameter: Parameter, value: Value) -> str:
    r"""Return a value as SPARQL text. Raises QueryError and VocabularyError as `fill_query` does.

    >>> write_value(Parameter("who", "string", "", ""), 'Acme "A"')
    '"Acme \\"A\\""'
    """
    kind = parameter.type
    if kind == "terms":
        several = value.replace(",", " ").split() if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        return " ".join(_term(parameter, str(one)) for one in several)
    text = str(value)
    if len(text) > LONGEST:
        raise _wrong(parameter, f"{text[:40]}...", f"a value of up to {LONGEST:,} characters")
    if kind == "term":
        return _term(parameter, text)
    if kind in ("iri", "graph"):
        return _iri(parameter, text)
    if kind == "string":
        return _string(parameter, text)
    if kind == "date":
        return _date(parameter, text)
    if not re.fullmatch(NUMBERS[kind], text, re.ASCII):
        raise _wrong(parameter, text, {"count": "a whole number from 0"}.get(kind, f"an {kind}"))
    return text


def _head(text: str) -> list[str]:
    """The comment lines that a file begins with; further lines of a parameter are joined to it."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        said = line[1:].rstrip()
        if said.startswith("   ") and lines and lines[-1].startswith("$"):
            lines[-1] += f" {said.strip()}"
        else:
            lines.append(said.strip())
    return lines


def _parameter(query: str, line: str) -> Parameter:
    found = PARAMETER.fullmatch(line)
    if found is None or found[2] not in get_args(ParameterType):
        types = ", ".join(get_args(ParameterType))
        raise QueryError(
            query, f"no parameter: {line!r}", f"write $name type = default: meaning; types {types}"
        )
    kind: ParameterType = msgspec.convert(found[2], ParameterType)
    return Parameter(found[1], kind, found[3] or "", found[5], bool(found[4]))


def _replaced(text: str, written: Mapping[str, str]) -> str:
    """The text with its parameters replaced, and without the lines of those that have no value."""
    parts: list[str] = []
    dropped: set[int] = set()
    at = 0
    for token in TOKENS.finditer(text):
        name = token[0][1:]
        if token[0].startswith("$") and name in written:
            parts += [text[at : token.start()], written[name]]
            at = token.end()
            if not written[name]:
                dropped.add(text.count("\n", 0, token.start()))
    lines = ("".join(parts) + text[at:]).split("\n")  # no value holds a line break
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped)


def _in_graph(text: str, name: str, iri: str) -> str:
    """The text with a graph in the place of its variable, which is still among the columns."""
    variable = re.escape(f"?{name}")
    column = re.compile(rf"^(SELECT .*){variable}$", re.MULTILINE)
    text = column.sub(lambda found: f"{found[1]}({iri} AS ?{name})", text, count=1)
    text = text.replace(f"(DISTINCT ?{name})", f"(DISTINCT {iri})")
    return text.replace(f"GRAPH ?{name} ", f"GRAPH {iri} ")


def _term(parameter: Parameter, text: str) -> str:
    """A term as an IRI in brackets; a DPV CURIE must be in the release."""
    curie = CURIE.fullmatch(text)
    vocabulary: Vocabulary = load_vocabulary()
    if curie is None or curie[1] not in vocabulary.prefixes:
        bare = text[1:-1] if text[:1] == "<" and text[-1:] == ">" else text
        if "://" not in bare and not bare.startswith("urn:"):
            raise _wrong(parameter, text, "a term such as skos:Concept, or an IRI")
        return _iri(parameter, bare)
    iri = vocabulary.iri(text)
    if vocabulary.is_dpv(iri) and not vocabulary.has(text):
        vocabulary.term(text)  # raises, and names the nearest
    return _iri(parameter, iri)


def _iri(parameter: Parameter, text: str) -> str:
    if not IRI.fullmatch(text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise _wrong(parameter, text, "an absolute IRI")
    return f"<{text}>"


def _string(parameter: Parameter, text: str) -> str:
    if any((c < " " and c not in "\t\n\r") or "\ud800" <= c <= "\udfff" for c in text):
        raise _wrong(parameter, text, "text without control characters")
    return f'"{text.translate(ESCAPES)}"'


def _date(parameter: Parameter, text: str) -> str:
    import datetime

    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise _wrong(parameter, text, "a date such as 2025-05-25") from error
    return f'"{day.isoformat()}"^^<{load_vocabulary().iri("xsd:date")}>'


def _wrong(parameter: Parameter, text: str, wanted: str) -> QueryError:
    return QueryError(f"--set {parameter.name}", f"{text[:80]!r} is not {wanted}", "correct it")


def parse_settings(settings: Iterable[str]) -> dict[str, str]:
    """Return NAME=VALUE settings as a dict; a name given again adds its value to a list of terms.

    Raises QueryError for a setting without a name or an equals sign.

    >>> parse_settings(["category=skos:Concept"])
    {'category': 'skos:Concept'}
    """
    given: dict[str, str] = {}
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name.strip():
            raise QueryError("--set", f"{setting!r} sets nothing", "write --set NAME=VALUE")
        name = name.strip()
        given[name] = f"{given[name]} {value}" if name in given else value
    return given
