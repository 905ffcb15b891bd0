"""The tables of a language, compiled once and frozen: phrases, word classes, grammar, names."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import cast

from policy2dpv.data import data_folder
from policy2dpv.errors import LanguageError
from policy2dpv.knowledge.grammar import Grammar, load_grammar
from policy2dpv.knowledge.phrases import Phrase, PhraseTrie
from policy2dpv.knowledge.tables import Row, read_table
from policy2dpv.knowledge.tokens import Tokenizer
from policy2dpv.knowledge.trie import GAPS
from policy2dpv.model import Match


class Lexicon(PhraseTrie):
    """Everything that the tables say in one language.

    `titles` finds what headings and header cells are about; `requires` tells what a row, by its
    place, requires; `sha256` is of all table files read,
    `folders` are where they lie (ours first).
    """

    def __init__(
        self,
        language: str,
        tokenizer: Tokenizer,
        classes: Mapping[str, list[str]],
        folders: Iterable[Path],
    ) -> None:
        super().__init__(tokenizer, classes)
        self.titles = PhraseTrie(tokenizer, classes)
        self.language = language
        self.folders = tuple(folders)
        self.grammar: Grammar = load_grammar(self.folders, self.classes)
        self.requires: dict[str, str] = {}
        self.sha256 = ""


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
    >>> "pd:EmailAddress" in {hit.phrase.term for hit in lexicon.find(tokens)}
    True
    """
    if language not in languages():
        raise LanguageError(
            language,
            f"no tables for the language {language!r}",
            f"use one of {', '.join(languages())}, or add mappings/lexicon/{language}",
        )
    folders = [data_folder("mappings"), *([tables] if tables else [])]
    digest = hashlib.sha256()
    files = {folder: sorted(folder.rglob("*.tsv")) for folder in folders}
    for paths in files.values():
        for path in paths:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    with _uncollected():
        lexicon = _filled(language, folders)
    lexicon.sha256 = digest.hexdigest()
    return lexicon


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage while tables are built, nor among them ever after: they stay."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collects:
            gc.enable()


def _filled(language: str, folders: Sequence[Path]) -> Lexicon:
    """The lexicon with all rows of its tables."""
    lexicon = _empty(language, folders)
    for folder in folders:
        for path in sorted((folder / "lexicon" / language).glob("*.sssom.tsv")):
            kind = path.name.split(".")[0]
            for row in read_table(path):
                lexicon.add(_phrase(row, kind))
                lexicon.requires[row.place] = row.get("requires", "")
        for row in _rows(folder, f"cues/{language}.tsv"):
            cue = Phrase(row["phrase"], "cue", row["cue"], row.place)
            (lexicon.titles if ":" in cue.term else lexicon).add(cue)
        for name in ("parties", "places"):
            for row in _rows(folder, f"{name}.tsv"):
                _add_names(lexicon, row, name)
    return lexicon


def _rows(folder: Path, name: str) -> list[Row]:
    path = folder / name
    return list(read_table(path)) if path.is_file() else []


def _empty(language: str, folders: Iterable[Path]) -> Lexicon:
    words: dict[str, str] = {}
    endings: list[tuple[str, str, int]] = []
    classes: dict[str, list[str]] = {}
    for folder in folders:
        words |= {r["written"]: r["read"] for r in _rows(folder, f"cues/{language}.words.tsv")}
        endings += [
            (r["ending"], r["read"], int(r["longer_than"]))
            for r in _rows(folder, f"cues/{language}.spelling.tsv")
        ]
        for row in _rows(folder, f"lexicon/{language}/classes.tsv"):
            classes.setdefault(row["class"], []).append(row["member"])
    return Lexicon(language, Tokenizer(language, words, endings), classes, folders)


def _phrase(row: Row, kind: str) -> Phrase:
    """One lexicon row as a phrase."""
    phrase = row["subject_label"]
    match = row["predicate_id"].removeprefix("skos:").removesuffix("Match")
    return Phrase(
        phrase, kind, row["object_id"], row.place,
        match=cast(Match, match or "exact"),
        silent=row["predicate_modifier"] == "Not",
        requires=row.get("requires", ""),
        confidence=float(row["confidence"] or 0.9),
        literal=sum(not e.startswith("<") and e not in GAPS for e in phrase.split()),
    )  # fmt: skip


def _add_names(lexicon: Lexicon, row: Row, table: str) -> None:
    """A party or a place under each of its names, in their own spelling."""
    kind = "party" if table == "parties" else "place"
    term = row["classes"].split()[0] if kind == "party" and row["classes"] else row.get("term", "")
    canonical = row["party"] if kind == "party" else row["place"]
    for name in dict.fromkeys([canonical, *filter(None, row["aliases"].split("|"))]):
        surfaces = [word.surface for word in lexicon.tokenizer.cut(name.strip()).words]
        if surfaces:
            phrase = " ".join("=" + surface for surface in surfaces)
            lexicon.add(
                Phrase(phrase, kind, term, row.place, name=canonical, literal=len(surfaces))
            )
