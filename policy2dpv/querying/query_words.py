"""The words of a SPARQL text: what it asks of other servers, its prefixes, its columns' order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from policy2dpv.errors import QueryError

# The words of a query: what hides other words (escapes, IRIs, strings, comments, numbers) first.
TOKENS = re.compile(
    r"""\\.|<[^<>"{}|^`\\\s]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*
    |[?$]\w+|@[\w-]+|(?P<prefix>[^\W\d][\w.-]{0,100})?:(?:[\w.:%-]|\\.)*
    |\d[\d.]*(?:[eE][+-]?\d+)?|(?P<word>[^\W\d]\w*)""",
    re.VERBOSE | re.DOTALL,
)
NESTING, MOST_NESTED = "([{!+*|&", 5_000  # the parser's stack ends the process beyond some depth
ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def refuse_service(sparql: str) -> None:
    """Raise QueryError if a query would ask another server; strings and names may say "service".

    >>> refuse_service('SELECT * { ?s a dpv:Service ; skos:prefLabel "service" }')
    """
    if sum(map(sparql.count, NESTING)) > MOST_NESTED:
        found = f"more than {MOST_NESTED:,} brackets and operators"
        raise QueryError("query", found, "ask it in several queries")
    plain = ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16) % 0x110000), sparql)
    for text in (sparql, plain):
        for token in TOKENS.finditer(text):
            if "service" in {(token["word"] or "").lower(), (token["prefix"] or "").lower()}:
                raise QueryError(
                    "query",
                    "SERVICE asks another server, and queries here use no network",
                    "fetch that data to a file first and give the file as a further graph",
                )


def names_graphs(sparql: str) -> bool:
    """Whether a query says itself which graphs it asks (FROM, FROM NAMED).

    >>> names_graphs("ASK FROM <urn:x> { ?s ?p ?o }"), names_graphs('ASK { ?from ?p "from" }')
    (True, False)
    """
    return any((token["word"] or "").lower() == "from" for token in TOKENS.finditer(sparql))


def is_ordered(sparql: str) -> bool:
    """Whether a query orders its rows itself.

    >>> is_ordered("SELECT * { ?s ?p ?o } ORDER BY ?s"), is_ordered('ASK { ?s ?p "order" }')
    (True, False)
    """
    return any((token["word"] or "").lower() == "order" for token in TOKENS.finditer(sparql))


def order_columns(names: Sequence[str], sparql: str) -> tuple[str, ...]:
    """Return the variables in the order in which the query first names them.

    >>> order_columns(["b", "a"], "SELECT ?a ?b {}")
    ('a', 'b')
    """
    first: dict[str, int] = {}
    for token in TOKENS.finditer(sparql):
        if token[0][0] in "?$":
            first.setdefault(token[0][1:], token.start())
    return tuple(sorted(names, key=lambda name: (first.get(name, len(sparql)), name)))


def write_prefixes(sparql: str, prefixes: Mapping[str, str]) -> str:
    r"""Return a query with the prefixes that it uses and does not declare written in.

    >>> write_prefixes("ASK { ?s a ex:B }", {"ex": "http://x.example/", "no": "http://no.example/"})
    'PREFIX ex: <http://x.example/>\nASK { ?s a ex:B }'
    """
    used: set[str] = set()
    declared: set[str] = set()
    before = ""
    for token in TOKENS.finditer(sparql):
        prefix = token["prefix"]
        if prefix is not None:
            (declared if before == "prefix" else used).add(prefix)
        before = (token["word"] or "").lower()
    wanted = sorted(p for p in used - declared if p in prefixes)
    return "".join(f"PREFIX {p}: <{prefixes[p]}>\n" for p in wanted) + sparql
