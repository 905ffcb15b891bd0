"""One Turtle file of a DPV release -> its terms, its version, and the faults met on the way."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.errors import VocabularyError
from policy2dpv.knowledge.vocabulary import Prefix, Term, load_prefixes


class ReleaseFile(msgspec.Struct, frozen=True):
    """What one file holds; `version`, `date` and `licence` are what it states about itself."""

    path: Path
    sha256: str
    terms: dict[str, Term]
    version: str
    date: str
    licence: str
    faults: tuple[str, ...]


def some_names(names: Sequence[str]) -> str:
    """Up to four names, and how many more there are.

    >>> some_names(["c", "b", "a"]), some_names(list("edcba"))
    ('a, b, c', 'a, b, c, d and 1 more')
    """
    shown = ", ".join(sorted(names)[:4])
    return shown if len(names) < 5 else f"{shown} and {len(names) - 4} more"


class Names:
    """The predicates that carry facts, and CURIEs for the IRIs of a file."""

    def __init__(self) -> None:
        self.prefixes = load_prefixes()
        self._spaces: dict[str, Prefix] = {p.namespace: p for p in self.prefixes.values()}
        self.type = self.iri("rdf", "type")
        self.label = self.iri("skos", "prefLabel")
        self.broader = self.iri("skos", "broader")
        self.under = self.iri("rdfs", "subPropertyOf")
        self.status = self.iri("sw", "term_status")
        self.source = self.iri("dct", "source")
        self.address = self.iri("schema", "url")
        self.version = self.iri("owl", "versionInfo")
        self.date = self.iri("dct", "modified")
        self.licence = self.iri("dct", "license")
        self.concept = self.iri("skos", "Concept")
        self.structure = {self.iri("rdfs", "Class"), self.iri("rdf", "Property")}
        self.wanted = {
            self.type, self.label, self.broader, self.under, self.status, self.source,
            self.address, self.version, self.date, self.licence,
        }  # fmt: skip

    def iri(self, prefix: str, local: str) -> str:
        """The IRI of a name in a known namespace."""
        return self.prefixes[prefix].namespace + local

    def split(self, iri: str) -> tuple[Prefix | None, str]:
        """The prefix of an IRI's namespace, if it has one, and its CURIE (else the IRI)."""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._spaces.get(iri[:cut])
        return prefix, f"{prefix.prefix}:{iri[cut:]}" if prefix else iri


Facts = dict[str, dict[str, list[str]]]


def read_release_file(path: Path, names: Names) -> ReleaseFile:
    """Return the terms of one Turtle file; a file that is not quite Turtle is read leniently.

    Raises VocabularyError when it cannot be read at all.
    """
    data = path.read_bytes()
    faults: list[str] = []
    facts = _collect(_triples(path, data, faults), names, path.name, faults)
    terms: dict[str, Term] = {}
    foreign: list[str] = []
    for iri, found in facts.items():
        prefix, curie = names.split(iri)
        if names.concept not in found.get(names.type, ()):
            continue
        if prefix is None or prefix.standing != "dpv":
            foreign.append(curie)
            continue
        terms[curie] = _term(iri, curie, prefix.prefix, found, facts, names)
    if foreign:
        what = f"describes {some_names(foreign)}"
        faults.append(f"{path.name}: {what}, in no namespace of the DPV: left out")
    if not terms:
        raise VocabularyError(path, "it has no terms of the DPV", "give a release's Turtle file")
    about: dict[str, list[str]] = next((f for f in facts.values() if names.version in f), {})
    version, date, licence = (
        next(iter(about.get(name, ())), "") for name in (names.version, names.date, names.licence)
    )
    digest = hashlib.sha256(data).hexdigest()
    return ReleaseFile(path, digest, terms, version, date, licence, tuple(faults))


def _triples(path: Path, data: bytes, faults: list[str]) -> Iterator[Any]:
    """The file's triples; if strict reading fails, once more from the start, leniently."""
    import pyoxigraph

    turtle = pyoxigraph.RdfFormat.TURTLE
    try:
        yield from list(pyoxigraph.parse(data, turtle))
    except SyntaxError as error:
        faults.append(f"{path.name}, line {error.lineno}: {_one_line(error.msg)}; read leniently")
        try:
            yield from list(pyoxigraph.parse(data, turtle, lenient=True))
        except SyntaxError as again:
            place, found = f"{path}:{again.lineno}", f"not Turtle: {_one_line(again.msg)}"
            raise VocabularyError(place, found, "download the file again") from again


def _collect(triples: Iterable[Any], names: Names, file: str, faults: list[str]) -> Facts:
    """The wanted facts by subject and predicate; white space inside IRIs is taken out."""
    import pyoxigraph

    facts: Facts = defaultdict(lambda: defaultdict(list))
    mended: set[str] = set()
    for triple in triples:
        predicate = triple.predicate.value
        if predicate not in names.wanted:
            continue
        ends = []
        for node in (triple.subject, triple.object):
            value = node.value
            if isinstance(node, pyoxigraph.NamedNode) and len(value.split()) > 1:
                value = "".join(value.split())
                mended.add(names.split(value)[1])
            ends.append(value)
        facts[ends[0]][predicate].append(ends[1])
    for name in sorted(mended):
        faults.append(f"{file}: white space inside the IRI of {name}: taken out")
    return facts


def _term(
    iri: str, curie: str, module: str, found: dict[str, list[str]], facts: Facts, names: Names
) -> Term:
    """One term's record; only types and parents within the DPV are kept, and class or property."""

    def within(predicate: str, besides: Iterable[str] = ()) -> tuple[str, ...]:
        pairs = [(names.split(value), value) for value in found.get(predicate, ())]
        return tuple(
            sorted(
                name
                for (prefix, name), value in pairs
                if value != iri and (value in besides or (prefix and prefix.standing == "dpv"))
            )
        )

    addresses = {
        address
        for node in found.get(names.source, ())
        for address in facts.get(node, {}).get(names.address, ())
        if not set(address) & set(" \t\n")
    }
    known = [v for v in found.get(names.under, ()) if (p := names.split(v)[0]) and p.standing]
    label = " ".join(next(iter(sorted(found.get(names.label, ()))), "").split())
    return Term(
        curie,
        iri,
        label,
        within(names.broader),
        within(names.type, names.structure),
        next(iter(sorted(found.get(names.status, ()))), ""),
        module,
        within(names.under, known),
        tuple(sorted(addresses)),
    )


def _one_line(message: str) -> str:
    return " ".join(message.split())
