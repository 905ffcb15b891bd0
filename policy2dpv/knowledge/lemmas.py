"""Lemmas by simplemma, whose dictionary of a language is unpacked once and kept for later runs.

Unpacking takes longer than all else that a first conversion needs. What is kept is text, named by
simplemma's version and proved by its SHA-256: nothing in it is ever run, and a file that is not
whole, or not the user's own, is not read. The folder is that of `POLICY2DPV_CACHE` (empty: nothing
is kept), else policy2dpv in the user's own cache folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from policy2dpv.data import replace_file_bytes

FOLDER = "POLICY2DPV_CACHE"
FORM = 1  # of the files kept
SHELF = 3  # characters that the words of a shelf begin with
REMEMBERED = 1024  # words; whoever asks remembers them as well


class Head(msgspec.Struct, frozen=True):
    """The first line of a kept dictionary: what proves the rest, and where each shelf stands."""

    form: int
    sha256: str
    count: int
    shelves: dict[str, tuple[int, int]]


class KeptDictionary(Mapping[str, str]):
    r"""The lemmas of words: a line for each, those with the same first letters on one shelf.

    >>> kept = KeptDictionary(*keep({"was": "be", "is": "be"}))
    >>> kept.get("was"), kept.get("as"), sorted(kept), len(kept)
    ('be', None, ['is', 'was'], 2)
    """

    def __init__(self, head: Head, body: bytes) -> None:
        self._shelves = head.shelves
        self._count = head.count
        self._body = body

    def get(self, word: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The lemma of a word, `default` for one that is not there."""
        shelf = self._shelves.get(word[:SHELF])
        if shelf is None:
            return default
        line = b"\n%b\t" % word.encode("utf-8", "surrogatepass")
        at = self._body.find(line, *shelf)
        if at < 0:
            return default
        at += len(line)
        return self._body[at : self._body.index(b"\n", at)].decode("utf-8")

    def __getitem__(self, word: str) -> str:
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return found

    def __iter__(self) -> Iterator[str]:
        return (line.partition(b"\t")[0].decode() for line in self._body.split(b"\n")[1:-1])

    def __len__(self) -> int:
        return self._count


class Kept:
    """Gives simplemma its dictionaries (a DictionaryFactory), each from the kept file if it can."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, str]] = {}

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        """The words of a language with their lemmas. ValueError: simplemma has none."""
        found = self._known.get(lang)
        if found is None:
            found = self._known[lang] = load_dictionary(lang, cache_folder())
        return found


def load_lemmatizer(language: str) -> Callable[[str], str]:
    """A function that gives the lemma of a word of a language.

    >>> load_lemmatizer("en")("houses")
    'house'
    """
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy

    strategy = DefaultStrategy(dictionary_factory=Kept())
    known = Lemmatizer(cache_max_size=REMEMBERED, lemmatization_strategy=strategy)
    return lambda word: known.lemmatize(word, lang=language)


def cache_folder() -> Path | None:
    """Where files are kept from run to run; None where nothing shall be."""
    told = os.environ.get(FOLDER)
    if told is not None:
        return Path(told) if told else None
    own = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    try:
        return Path(own or Path.home() / ".cache") / "policy2dpv"
    except RuntimeError:  # a user without a home
        return None


def load_dictionary(language: str, folder: Path | None) -> Mapping[str, str]:
    """The dictionary that simplemma has of a language, from a file in the folder or else put there.

    A folder that cannot be written is no error: the dictionary is then unpacked each time.
    ValueError: simplemma has none for the language.
    """
    import simplemma
    from simplemma.strategies import DefaultDictionaryFactory

    path = folder and folder / f"lemmas-{language}-{simplemma.__version__}.{FORM}.txt"
    kept = read_kept(path) if path else None
    if kept is not None:
        return kept
    unpacked = DefaultDictionaryFactory().get_dictionary(language)
    if path:
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(path.parent, os.W_OK):
                head, body = keep(unpacked)
                replace_file_bytes(path, msgspec.json.encode(head) + body)
    return unpacked


def keep(words: Mapping[str, str]) -> tuple[Head, bytes]:
    """Words and their lemmas in the form in which they are kept."""
    lines: list[bytes] = []
    shelves: dict[str, tuple[int, int]] = {}
    at = 0
    for word, lemma in sorted(words.items()):
        line = f"\n{word}\t{lemma}".encode()
        start = shelves.get(word[:SHELF], (at, at))[0]
        at += len(line)
        shelves[word[:SHELF]] = start, at + 1  # with the line break behind it
        lines.append(line)
    body = b"".join(lines) + b"\n"
    return Head(FORM, hashlib.sha256(body).hexdigest(), len(lines), shelves), body


def read_kept(path: Path) -> KeptDictionary | None:
    """The dictionary in a kept file; None where there is none that can be trusted."""
    try:
        with path.open("rb") as file:
            if not _is_own(os.fstat(file.fileno())):
                return None
            line = file.readline()
            body = b"\n" + file.read()
        head = msgspec.json.decode(line, type=Head)
    except (OSError, msgspec.MsgspecError):
        return None
    if head.form != FORM or hashlib.sha256(body).hexdigest() != head.sha256:
        return None
    return KeptDictionary(head, body)


def _is_own(status: os.stat_result) -> bool:
    """Whether a file is the user's (or the system's) and not for everybody to write."""
    if os.name == "nt":
        return True
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o002
