"""The terms of a DPV release: is this a term, is one under another, what replaced it."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import VocabularyError

RELEASE = "2.3"
SUNSET = "sunset"  # the status of a term that the next release may drop
TERM_COLUMNS = (
    "term", "iri", "label", "broader", "types", "status", "module", "subproperty_of", "source",
)  # fmt: skip
REPLACED_COLUMNS = ("term", "successor", "gone")


class Term(msgspec.Struct, frozen=True):
    """What a release states about one term; terms are CURIEs, `source` is its law's address.

    `status` is the release's own word for the term's standing, such as accepted or sunset.
    """

    term: str
    iri: str
    label: str
    broader: tuple[str, ...]
    types: tuple[str, ...]
    status: str
    module: str
    subproperty_of: tuple[str, ...]
    source: tuple[str, ...]


class Prefix(msgspec.Struct, frozen=True):
    """A namespace's short name; `standing` is dpv, retired, own or other."""

    prefix: str
    namespace: str
    standing: str
    successor: str


class Replacement(msgspec.Struct, frozen=True):
    """A term that should not be used any more.

    `successor` is "" where there is none. `gone` is the release that dropped it, "sunset" for one
    that is about to go, "never" for a name that no release had, "" for a retired namespace.
    """

    term: str
    successor: str
    gone: str


class Vocabulary:
    """The terms of one release, frozen. Answers never depend on what was asked before.

    The core terms are read at once, a line each, and taken apart when asked for; the further
    ones (other modules, regions of most countries) are read when a term is not among the core.

    >>> vocabulary = load_vocabulary()
    >>> [found.label for found in vocabulary.search("email address")][:1]
    ['Email Address']
    """

    def __init__(self, folder: Path, prefixes: Mapping[str, Prefix]) -> None:
        self.release = folder.name.rpartition("-")[2]
        self._folder = folder
        self._prefixes = prefixes
        self._spaces = {p.namespace: p.prefix for p in prefixes.values()}
        self._core = _read_lines(folder / "terms.tsv", TERM_COLUMNS)
        self._terms: dict[str, Term | None] = {}
        self._above: dict[str, frozenset[str]] = {}

    def has(self, term: str) -> bool:
        """Whether the CURIE is a term of the release, be it core, further or sunset."""
        return term in self._core or (self._is_dpv(term) and term in self._further)

    def term(self, term: str) -> Term:
        """Return all that is known of a term.

        Raises VocabularyError for one that the release lacks; its advice names the successor or
        the nearest terms.
        """
        found = self._find(term)
        if found is None:
            raise VocabularyError(term, f"not a term of DPV {self.release}", self._advice(term))
        return found

    def iri(self, term: str) -> str:
        """Return the IRI of any CURIE whose prefix is known, a DPV term or not.

        Raises VocabularyError for an unknown prefix. Whether the term exists, `has` tells.
        """
        prefix, colon, local = term.partition(":")
        known = self._prefixes.get(prefix)
        if known is None or not colon:
            near = difflib.get_close_matches(prefix, self._prefixes, n=3)
            raise VocabularyError(
                term, "a prefix that prefixes.tsv does not have", _one_of(near, "add it there")
            )
        return known.namespace + local

    def curie(self, iri: str) -> str:
        """Return the CURIE of an IRI, or the IRI itself where its namespace has no prefix."""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._spaces.get(iri[:cut])
        return iri if prefix is None else f"{prefix}:{iri[cut:]}"

    def is_dpv(self, iri: str) -> bool:
        """Whether the IRI lies in a namespace of the DPV, a retired one included."""
        return self._is_dpv(self.curie(iri))

    def has_module(self, prefix: str) -> bool:
        """Whether the index holds any term of a module, such as pd."""
        return any(t.startswith(f"{prefix}:") for t in (*self._core, *self._further))

    def label(self, term: str) -> str:
        """Return the term's English label. Raises VocabularyError for an unknown term."""
        return self.term(term).label

    def status(self, term: str) -> str:
        """Return the standing that the release gives, such as accepted, modified or sunset.

        Raises VocabularyError for an unknown term.
        """
        return self.term(term).status

    def broader(self, term: str) -> tuple[str, ...]:
        """Return the direct parents. Raises VocabularyError for an unknown term."""
        return self.term(term).broader

    def ancestors(self, term: str) -> tuple[str, ...]:
        """Return all that is above by broader, nearest first, the term itself not among them.

        Raises VocabularyError for an unknown term.
        """
        return self._climb(self.term(term).broader, without=term)

    def children(self, term: str) -> tuple[str, ...]:
        """Return the terms directly below, core and further, sorted.

        Raises VocabularyError for an unknown term.
        """
        self.term(term)
        return self._narrower.get(term, ())

    def is_under(self, term: str, ancestor: str) -> bool:
        """Whether a term is `ancestor`, or under it by broader, or typed by something that is.

        False for terms that the release lacks. A property is also under what it is a
        subproperty of.
        """
        return term == ancestor or ancestor in self._all_above(term)

    def replacement(self, term: str) -> Replacement | None:
        """Return what is known of a term that left the release or is about to, else None."""
        if known := self._replaced.get(term):
            return known
        prefix, _, local = term.partition(":")
        space = self._prefixes.get(prefix)
        if space is None or space.standing != "retired":
            return None
        moved = f"{space.successor}:{local}"
        again = self._replaced.get(moved)
        successor = moved if self.has(moved) else again.successor if again else ""
        return Replacement(term, successor, "")

    def successor(self, term: str) -> str | None:
        """Return the term to use instead of a retired or sunset one, None where there is none."""
        known = self.replacement(term)
        return known.successor or None if known else None

    def nearest(self, term: str) -> tuple[str, ...]:
        """Return up to three terms that may be meant: the successor, then by spelling."""
        prefix, colon, local = term.rpartition(":")
        near = [s] if (s := self.successor(term)) else []
        if colon and prefix:
            near += difflib.get_close_matches(term, self._core, n=3, cutoff=0.8)
        near += sorted(t for t in self._core if t.partition(":")[2].lower() == local.lower())
        if len(near) < 3:
            names = {t.partition(":")[2]: t for t in reversed(self._core)}
            near += [names[n] for n in difflib.get_close_matches(local, names, n=3, cutoff=0.7)]
        if not near:
            near = [found.term for found in self.search(_spaced(f":{local}"))[:3]]
        return tuple(dict.fromkeys(near))[:3]

    def search(self, words: str) -> tuple[Term, ...]:
        """Return the terms in whose label or name all the words occur, best first.

        Whole labels come before whole words, those before parts of words, core before further.
        """
        wanted = words.casefold().split()
        if not wanted:
            return ()
        ranked = []
        for place, lines in enumerate((self._core, self._further)):
            for line in lines.values():
                found = _take_apart(line)
                spoken = f"{found.label} {_spaced(found.term)} {found.term}".casefold()
                if all(word in spoken for word in wanted):
                    whole = set(re.findall(r"[\w-]+", spoken)).issuperset(wanted)
                    same = " ".join(wanted) in (found.label.casefold(), _spaced(found.term))
                    ranked.append(((not same, not whole, place, len(spoken), found.term), found))
        return tuple(found for _, found in sorted(ranked, key=lambda pair: pair[0]))

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The namespaces by prefix, without the retired ones."""
        return {p.prefix: p.namespace for p in self._prefixes.values() if p.standing != "retired"}

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The core terms, sorted."""
        return tuple(self._core)

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """The core terms that are properties, sorted."""
        return tuple(t for t in self._core if "rdf:Property" in self.term(t).types)

    @cached_property
    def sha256(self) -> str:
        """The hash of terms.tsv, as `sha256sum` prints it."""
        return hashlib.sha256((self._folder / "terms.tsv").read_bytes()).hexdigest()

    def hierarchy_facts(self, beside: Iterable[str] = ()) -> Iterator[tuple[str, str, str]]:
        """Yield (subject, predicate, object) in N-Triples notation for loading beside data.

        Broader, subPropertyOf, prefLabel and status of all core terms and of the terms named
        `beside` with everything above them; unknown ones are passed over. No types, so that no
        term is taken for data.
        """
        extra = {t for term in beside for t in (term, *self._all_above(term)) if self._find(t)}
        names = ("skos:broader", "rdfs:subPropertyOf", "skos:prefLabel", "sw:term_status")
        broader, under, label, status = (f"<{self.iri(name)}>" for name in names)
        for term in (*self._core, *sorted(extra.difference(self._core))):
            found = self.term(term)
            subject = f"<{found.iri}>"
            yield from ((subject, broader, f"<{self.iri(t)}>") for t in found.broader)
            yield from ((subject, under, f"<{self.iri(t)}>") for t in found.subproperty_of)
            yield subject, label, _quoted(found.label)
            if found.status:
                yield subject, status, _quoted(found.status)

    # what is read or derived only when asked for; each depends on the files alone

    @cached_property
    def _further(self) -> Mapping[str, str]:
        path = self._folder / "further.tsv"
        return _read_lines(path, TERM_COLUMNS) if path.is_file() else {}

    @cached_property
    def _replaced(self) -> Mapping[str, Replacement]:
        path = self._folder / "replaced.tsv"
        lines = _read_lines(path, REPLACED_COLUMNS) if path.is_file() else {}
        return {term: Replacement(*line.split("\t")) for term, line in lines.items()}

    @cached_property
    def _narrower(self) -> Mapping[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for term in sorted((*self._core, *self._further)):
            for parent in self.term(term).broader:
                below.setdefault(parent, []).append(term)
        return {parent: tuple(terms) for parent, terms in below.items()}

    def _is_dpv(self, term: str) -> bool:
        space = self._prefixes.get(term.partition(":")[0])
        return space is not None and space.standing in ("dpv", "retired")

    def _find(self, term: str) -> Term | None:
        if term not in self._terms:
            line = self._core.get(term)
            if line is None and self._is_dpv(term):
                line = self._further.get(term)
            self._terms[term] = _take_apart(line) if line else None
        return self._terms[term]

    def _climb(self, parents: Iterable[str], *, without: str) -> tuple[str, ...]:
        above = dict.fromkeys(p for p in parents if p != without)
        queue = list(above)
        for parent in queue:
            found = self._find(parent)
            for higher in (*found.broader, *found.subproperty_of) if found else ():
                if higher != without and higher not in above:
                    above[higher] = None
                    queue.append(higher)
        return tuple(above)

    def _all_above(self, term: str) -> frozenset[str]:
        if term not in self._above:
            found = self._find(term)
            if found is None:
                return frozenset()
            parents = (*found.broader, *found.subproperty_of, *found.types)
            self._above[term] = frozenset(self._climb(parents, without=term))
        return self._above[term]

    def _advice(self, term: str) -> str:
        if known := self.replacement(term):
            past = {"": "its namespace is retired", "never": "it never was one"}
            when = past.get(known.gone, f"it went in release {known.gone}")
            return f"{when}, " + (f"use {known.successor}" if known.successor else "no successor")
        if self._is_dpv(term) and not self.has_module(term.partition(":")[0]):
            return "its module is not in the index: build the vocabulary with it"
        return _one_of(self.nearest(term), "look for one with `policy2dpv vocab search WORDS`")


@cache
def load_vocabulary(release: str = RELEASE) -> Vocabulary:
    """Return the vocabulary of a release, read once.

    Raises VocabularyError when there is no index of it or the index is damaged.

    >>> load_vocabulary() is load_vocabulary()
    True
    """
    return open_vocabulary(data_folder("vocab") / f"dpv-{release}")


def open_vocabulary(folder: Path) -> Vocabulary:
    """Return the vocabulary whose index lies in `folder`. Raises VocabularyError as above.

    >>> open_vocabulary(data_folder("vocab") / "dpv-2.3").release
    '2.3'
    """
    if not (folder / "terms.tsv").is_file():
        raise VocabularyError(
            folder.name,
            "there is no index of this release",
            "make it with `policy2dpv vocab build FOLDER --release RELEASE`",
        )
    return Vocabulary(folder, load_prefixes())


@cache
def load_prefixes() -> Mapping[str, Prefix]:
    """Return the rows of vocab/prefixes.tsv by prefix. Raises VocabularyError if it is damaged.

    >>> load_prefixes()["skos"].namespace
    'http://www.w3.org/2004/02/skos/core#'
    """
    columns = ("prefix", "namespace", "standing", "successor", "comment")
    lines = _read_lines(data_folder("vocab") / "prefixes.tsv", columns)
    return {prefix: Prefix(*line.split("\t")[:4]) for prefix, line in lines.items()}


def _read_lines(path: Path, columns: tuple[str, ...]) -> dict[str, str]:
    """The lines of a generated table by their first cell, not yet taken apart."""
    lines = [s for s in path.read_text("utf-8").split("\n") if s and s[0] != "#"]
    if not lines or lines[0] != "\t".join(columns):
        raise VocabularyError(
            path.name, "its header line is not " + " ".join(columns), "build the vocabulary again"
        )
    tabs = len(columns) - 1
    for number, line in enumerate(lines):
        if line.count("\t") != tabs:
            raise VocabularyError(
                f"{path.name}, row {number}",
                f"{line.count(chr(9)) + 1} cells instead of {tabs + 1}",
                "build the vocabulary again",
            )
    return {line[: line.index("\t")]: line for line in lines[1:]}


def _take_apart(line: str) -> Term:
    term, iri, label, broader, types, status, module, under, source = line.split("\t")
    return Term(
        term, iri, label, tuple(broader.split()), tuple(types.split()), status, module,
        tuple(under.split()), tuple(source.split()),
    )  # fmt: skip


def _spaced(term: str) -> str:
    """A CURIE's name as words: EmailAddress becomes "email address"."""
    name = term.partition(":")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).casefold()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@en'


def _one_of(near: Iterable[str], otherwise: str) -> str:
    return f"do you mean {' or '.join(names)}?" if (names := list(near)) else otherwise
