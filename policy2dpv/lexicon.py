"""The tables of a language, compiled: a trie over lemmas that finds every phrase in one walk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.data import data_folder
from policy2dpv.errors import LanguageError, TableError
from policy2dpv.grammar import Grammar, load_grammar
from policy2dpv.tables import read_table
from policy2dpv.tokens import Tokenizer, Tokens, Word

NARROW, WIDE, SHARED = "~", "~~", "&"
GAPS = {NARROW: 7, WIDE: 9, SHARED: 8}  # how far the next word may stand behind the last
MATCHES = {"exact": "exact", "close": "close", "broad": "broad", "narrow": "narrow"}


class Phrase(msgspec.Struct, frozen=True, gc=False):
    """One row, compiled: what it means and where it stands."""

    phrase: str
    kind: str
    term: str
    source: str
    match: str = "exact"
    silent: bool = False
    requires: str = ""
    confidence: float = 0.9
    name: str = ""
    value: str = ""
    literal: int = 0


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A phrase found: tokens `first` to `last` inclusive, and the ones it really uses."""

    first: int
    last: int
    core: tuple[int, ...]
    phrase: Phrase


class Node:
    """A state of the trie: edges by key, gaps to further states, phrases that end here."""

    __slots__ = ("edges", "gaps", "phrases", "plain")

    def __init__(self) -> None:
        self.edges: dict[str, list[Node]] = {}
        self.plain: dict[str, Node] = {}
        self.gaps: dict[str, Node] = {}
        self.phrases: list[Phrase] = []


class Lexicon:
    """All phrases of one language; `find` gives every hit in a run of tokens.

    Word classes, barriers and joiners come from `classes.tsv`; nothing here knows a language.
    """

    def __init__(self, language: str, tokenizer: Tokenizer, classes: Mapping[str, list[str]]) -> None:
        self.language = language
        self.tokenizer = tokenizer
        self.root = Node()
        self.sha256 = ""
        self.tables: dict[str, list[Any]] = {}
        self._exact: set[str] = set()
        self._singles: dict[str, list[str]] = {}
        self._several: dict[str, list[list[str]]] = {}
        self._keys: dict[Word, tuple[str, ...]] = {}
        self._starts: dict[Word, tuple[Node, ...]] = {}
        for name, members in classes.items():
            for member in members:
                lemmas = self.lemmas(member)
                if len(lemmas) == 1:
                    self._singles.setdefault(lemmas[0], []).append(f"<{name}>")
                elif lemmas:
                    self._several.setdefault(name, []).append(lemmas)
        self.classes = {
            name: frozenset(one for m in members for one in [self.lemmas(m)] for one in one[:1] if len(self.lemmas(m)) == 1)
            for name, members in classes.items()
        }
        self.grammar = Grammar(together={}, opens={}, licences={}, classes=self.classes)
        self.folders: tuple[Path, ...] = ()
        self._stops = {
            NARROW: self.classes.get("gap_barrier", frozenset()),
            WIDE: self.classes.get("wide_gap_barrier", frozenset()),
            SHARED: self.classes.get("shared_gap_barrier", frozenset()),
        }
        self._joiners = self.classes.get("joiner", frozenset())

    def lemmas(self, words: str) -> list[str]:
        """The lemmas of a run of words."""
        return [word.lemma for word in self.tokenizer.cut(words).words]

    # -- building ---------------------------------------------------------------------------
    def add(self, phrase: Phrase) -> None:
        """Add one phrase; raises TableError where its form is wrong."""
        states = [self.root]
        elements = phrase.phrase.split()
        if not elements or elements[0] in GAPS or elements[-1] in GAPS:
            raise TableError(phrase.source, f"phrase {phrase.phrase!r} is empty or begins or ends with a gap", "put a word there")
        for element in elements:
            states = self._step(states, element, phrase)
        for state in states:
            if state is self.root:
                raise TableError(phrase.source, f"phrase {phrase.phrase!r} may be empty", "make one word required")
            state.phrases.append(phrase)

    def _step(self, states: list[Node], element: str, phrase: Phrase) -> list[Node]:
        if element in GAPS:
            return [state.gaps.setdefault(element, Node()) for state in states]
        optional = len(element) > 1 and element.endswith("?")
        if optional:
            element = element[:-1]
        after: list[Node] = list(states) if optional else []
        for choice in element.split("|") if element != "|" else [element]:
            for state in states:
                for node in self._choice(state, choice, phrase):
                    if node not in after:
                        after.append(node)
        return after

    def _choice(self, state: Node, choice: str, phrase: Phrase) -> list[Node]:
        if choice.startswith("=") and len(choice) > 1:
            node = state
            for word in self.tokenizer.cut(choice[1:]).words:
                self._exact.add(word.surface)
                node = _edge(node, "=" + word.surface)
            return [node]
        if choice.startswith("<") and choice.endswith(">"):
            name = choice[1:-1]
            if name not in self.classes:
                raise TableError(phrase.source, f"word class {choice} is not in classes.tsv", "add its members there")
            target = _edge(state, choice)
            for member in self._several.get(name, ()):
                node = state
                for lemma in member[:-1]:
                    node = _edge(node, lemma)
                ends = node.edges.setdefault(member[-1], [])
                if target not in ends:
                    ends.append(target)
            return [target]
        node = state
        for lemma in self.lemmas(choice):
            node = _edge(node, lemma)
        return [node]

    # -- finding ----------------------------------------------------------------------------
    def keys(self, word: Word) -> tuple[str, ...]:
        """What a word can be matched by: lemma, exact spelling, word classes."""
        keys = self._keys.get(word)
        if keys is None:
            found = [word.lemma, *self._singles.get(word.lemma, ())]
            if word.surface in self._exact:
                found.append("=" + word.surface)
            if word.lemma in self._exact and word.lemma != word.lemma.casefold():
                found.append("=" + word.lemma)
            keys = self._keys[word] = tuple(found)
        return keys

    def _first(self, word: Word) -> tuple[Node, ...]:
        nodes = self._starts.get(word)
        if nodes is None:
            edges = self.root.edges
            nodes = self._starts[word] = tuple(n for k in self.keys(word) for n in edges.get(k, ()))
        return nodes

    def find(self, tokens: Tokens, first: int = 0, last: int | None = None) -> list[Hit]:
        """Every hit within tokens `first` to `last` (exclusive), in order of their first token."""
        words = tokens.words
        stop = len(words) if last is None else last
        hits: list[Hit] = []
        starts = self._starts
        for i in range(first, stop):
            nodes = starts.get(words[i])
            if nodes is None:
                nodes = self._first(words[i])
            for node in nodes:
                self._walk(node, words, i, (i,), stop, hits)
        return hits

    def _walk(
        self, node: Node, words: list[Word], at: int, core: tuple[int, ...], stop: int, hits: list[Hit]
    ) -> None:
        for phrase in node.phrases:
            hits.append(Hit(core[0], at, core, phrase))
        after = at + 1
        if after >= stop:
            return
        if node.edges:
            for key in self.keys(words[after]):
                for following in node.edges.get(key, ()):
                    self._walk(following, words, after, (*core, after), stop, hits)
        for gap, beyond in node.gaps.items():
            self._leap(gap, beyond, words, at, core, stop, hits)

    def _leap(
        self, gap: str, beyond: Node, words: list[Word], at: int, core: tuple[int, ...], stop: int, hits: list[Hit]
    ) -> None:
        """Follow a gap: the nearest hit of each phrase behind it counts."""
        barrier = self._stops[gap]
        if gap == SHARED and (at + 1 >= stop or words[at + 1].lemma not in self._joiners):
            return
        seen: set[Phrase] = set()
        for following in range(at + 1, min(stop, at + 1 + GAPS[gap])):
            word = words[following]
            for key in self.keys(word):
                for node in beyond.edges.get(key, ()):
                    found: list[Hit] = []
                    self._walk(node, words, following, (*core, following), stop, found)
                    for hit in found:
                        if hit.phrase not in seen:
                            seen.add(hit.phrase)
                            hits.append(hit)
            if word.lemma in barrier:
                return


def _edge(node: Node, key: str) -> Node:
    """The plain node behind an edge, made if it is not there."""
    plain = node.plain.get(key)
    if plain is None:
        plain = node.plain[key] = Node()
        node.edges.setdefault(key, []).append(plain)
    return plain


# -- loading --------------------------------------------------------------------------------


def languages() -> list[str]:
    """The languages that have tables, sorted.

    >>> "en" in languages()
    True
    """
    folder = data_folder("mappings") / "lexicon"
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


@lru_cache(maxsize=8)
def load_lexicon(language: str = "en", tables: Path | None = None) -> Lexicon:
    """The compiled tables of a language, built once; `tables` is a folder of a firm's own rows.

    Raises LanguageError where the language has no tables, TableError for a broken row.

    >>> lexicon = load_lexicon("en")
    >>> tokens = lexicon.tokenizer.cut("your e-mail address")
    >>> sorted({hit.phrase.term for hit in lexicon.find(tokens) if hit.phrase.kind == "personal_data"})
    ['pd:EmailAddress']
    """
    if language not in languages():
        raise LanguageError(language, f"no tables for the language {language!r}", f"use one of {', '.join(languages())}, or add mappings/lexicon/{language}")
    folders = [data_folder("mappings"), *([tables] if tables else [])]
    digest = hashlib.sha256()
    files = {folder: sorted(folder.rglob("*.tsv")) for folder in folders}
    for paths in files.values():
        for path in paths:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    lexicon = _empty(language, folders)
    for folder in folders:
        for path in sorted((folder / "lexicon" / language).glob("*.sssom.tsv")):
            kind = path.name.split(".")[0]
            for row in read_table(path):
                lexicon.add(_phrase(row, kind))
        for row in _rows(folder, f"cues/{language}.tsv"):
            lexicon.add(Phrase(row["phrase"], "cue", row["cue"], row.place))
        for name in ("parties", "places"):
            for row in _rows(folder, f"{name}.tsv"):
                _add_names(lexicon, row, name)
    lexicon.grammar = load_grammar(folders, lexicon.classes)
    lexicon.folders = tuple(folders)
    lexicon.sha256 = digest.hexdigest()
    return lexicon


def _rows(folder: Path, name: str) -> list[Any]:
    path = folder / name
    return list(read_table(path)) if path.is_file() else []


def _empty(language: str, folders: Iterable[Path]) -> Lexicon:
    words: dict[str, str] = {}
    endings: list[tuple[str, str, int]] = []
    classes: dict[str, list[str]] = {}
    for folder in folders:
        words |= {r["written"]: r["read"] for r in _rows(folder, f"cues/{language}.words.tsv")}
        endings += [(r["ending"], r["read"], int(r["longer_than"])) for r in _rows(folder, f"cues/{language}.spelling.tsv")]
        for row in _rows(folder, f"lexicon/{language}/classes.tsv"):
            classes.setdefault(row["class"], []).append(row["member"])
    return Lexicon(language, Tokenizer(language, words, endings), classes)


def _phrase(row: Any, kind: str) -> Phrase:
    """One lexicon row as a phrase."""
    phrase = row["subject_label"]
    return Phrase(
        phrase, kind, row["object_id"], row.place,
        match=(row["predicate_id"] or "skos:exactMatch").removeprefix("skos:").removesuffix("Match"),
        silent=row["predicate_modifier"] == "Not",
        requires=row.get("requires", ""),
        confidence=float(row["confidence"] or 0.9),
        literal=sum(not e.startswith("<") and e not in GAPS for e in phrase.split()),
    )  # fmt: skip


def _add_names(lexicon: Lexicon, row: Any, table: str) -> None:
    """A party or a place under each of its names, in their own spelling."""
    kind = "party" if table == "parties" else "place"
    term = row["classes"].split()[0] if kind == "party" and row["classes"] else row.get("term", "")
    canonical = row["party"] if kind == "party" else row["place"]
    for name in dict.fromkeys([canonical, *filter(None, row["aliases"].split("|"))]):
        surfaces = [word.surface for word in lexicon.tokenizer.cut(name.strip()).words]
        if surfaces:
            phrase = " ".join("=" + surface for surface in surfaces)
            lexicon.add(Phrase(phrase, kind, term, row.place, name=canonical, literal=len(surfaces)))
            lexicon.tables.setdefault(row.place, []).append(row)
