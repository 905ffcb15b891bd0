"""The catalogue of a published site: a DCAT-AP 3 description of its policies and their versions.

Source: SEMIC, "DCAT-AP 3.0.0"; the properties stand in vocab/catalogue.tsv, the EU's authority
tables for languages, countries and file types in vocab/authorities.tsv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from policy2dpv.data import data_folder
from policy2dpv.graphs.facts import Facts
from policy2dpv.graphs.graph import plain_document
from policy2dpv.graphs.storage import date_literal
from policy2dpv.graphs.triples import Literal, Object, PolicyGraph, sort_facts
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.slots import load_modelling
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.publishing.published_version import VersionRecord
from policy2dpv.publishing.site_files import NEGOTIATED, PLAIN

DATASET = "#dataset"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
DATE = re.compile(r"\d{4}(-\d\d){0,2}")


class Authorities(NamedTuple):
    """The IRIs of the EU's authority tables by sort and code, and those of every policy."""

    known: Mapping[tuple[str, str], str]

    def find(self, sort: str, code: str) -> str:
        """The IRI of a code, "" where the table has none."""
        return self.known.get((sort, code), "")


@cache
def load_authorities() -> Authorities:
    """Return the table of authorities. TableError: it is damaged.

    >>> load_authorities().find("language", "en")
    'http://publications.europa.eu/resource/authority/language/ENG'
    """
    rows = read_table(data_folder("vocab") / "authorities.tsv")
    return Authorities({(row["sort"], row["code"]): row["iri"] for row in rows})


def build_catalogue(base: str, versions: Sequence[VersionRecord], title: str) -> PolicyGraph:
    """Return the catalogue as a graph; `versions` are those of each policy in their order.

    >>> len(build_catalogue("https://a.example/", [], "Policies").triples)
    7
    """
    made = _Catalogue(base)
    made.describe(title, versions)
    for name in sorted({version.name for version in versions}):
        made.policy([version for version in versions if version.name == name])
    return made.graph()


class _Catalogue:
    """The catalogue in the making."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.vocabulary = load_vocabulary()
        rows = read_table(data_folder("vocab") / "catalogue.tsv")
        self.terms = {row["name"]: self.vocabulary.iri(row["term"]) for row in rows}
        self.order = {self.terms[row["name"]]: at for at, row in enumerate(rows)}
        self.known = load_authorities()
        self.facts = Facts()

    def add(self, subject: str, name: str, value: Object) -> None:
        if value:
            self.facts.add(subject, self.terms[name], value)

    def describe(self, title: str, versions: Sequence[VersionRecord]) -> None:
        """What the catalogue says of itself."""
        self.add(self.base, "type", self.terms["catalogue"])
        self.add(self.base, "title", Literal(title, language="en"))
        self.add(self.base, "description", Literal(
            "Privacy policies, and what they state in the Data Privacy Vocabulary", language="en"
        ))  # fmt: skip
        self.add(self.base, "page", self.base)
        self.add(self.base, "publisher", self.party(versions[0] if versions else None))
        for language in sorted({version.language for version in versions}):
            self.add(self.base, "language", self.known.find("language", language))

    def party(self, version: VersionRecord | None) -> str:
        """The node of who publishes: the controller that a policy names, else of the site."""
        name = version.controller if version else ""
        node = f"{self.base}#{quote(name, safe='') or 'publisher'}"
        if node not in {subject for subject, _, _ in self.facts.found}:
            self.add(node, "type", self.terms["party"])
            self.add(node, "party_name", Literal(name or self.base))
        return node

    def policy(self, versions: Sequence[VersionRecord]) -> None:
        """A policy with its versions."""
        last = versions[-1]
        notice = self.base + last.name
        node = notice + DATASET
        self.add(self.base, "entry", node)
        self.resource(node, last, notice)
        for version in versions:
            own = f"{notice}/{version.id}"
            self.add(node, "has_version", own + DATASET)
            self.resource(own + DATASET, version, own)
            self.add(own + DATASET, "version", Literal(version.version or version.id))
            self.add(own + DATASET, "version_of", node)
            if version.previous:
                self.add(own + DATASET, "previous", f"{notice}/{version.previous}{DATASET}")
        self.add(node, "current", f"{notice}/{last.id}{DATASET}")

    def resource(self, node: str, version: VersionRecord, iri: str) -> None:
        """What holds of a policy as of each version."""
        said = f"What this policy states: {version.statements} statements with its own words"
        said += ", read by a machine and reviewed by nobody" if version.unreviewed else ""
        self.add(node, "type", self.terms["dataset"])
        self.add(node, "title", Literal(version.title, language=version.language))
        self.add(node, "description", Literal(said, language="en"))
        self.add(node, "publisher", self.party(version))
        self.add(node, "language", self.known.find("language", version.language))
        for place in version.places:
            self.add(node, "spatial", self.known.find("country", place))
        for name in ("theme", "access"):
            self.add(node, name, self.known.find("whole", name))
        self.add(node, "conforms", self.vocabulary.prefixes["dpv"])
        self.add(node, "subject", self.base + version.name)
        self.add(node, "landing", iri)
        if DATE.fullmatch(version.date):
            self.add(node, "modified", date_literal(version.date, load_modelling()))
        for form in (*NEGOTIATED, PLAIN):
            file = iri + form.ending
            self.add(node, "distribution", file)
            self.add(file, "type", self.terms["file"])
            self.add(file, "access_url", iri)
            self.add(file, "download", file)
            self.add(file, "media_type", MEDIA_TYPES + form.type)
            self.add(file, "format", self.known.find("file_type", form.ending[1:]))

    def graph(self) -> PolicyGraph:
        """The catalogue, ready to be written."""
        lines, triples, grounds = sort_facts(self.facts.found)
        return PolicyGraph(
            notice=self.base, name=self.base, language="en", prefixes=self.vocabulary.prefixes,
            triples=tuple(triples), lines=tuple(lines), grounds=tuple(grounds),
            subjects=self.facts.subjects(), order=self.order, values={},
            document=plain_document(""), segments=(), statements=(),
        )  # fmt: skip
