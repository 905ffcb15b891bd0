"""Near-duplicates: texts that are the same but for a menu, a date or a few words.

Two texts are compared by the shingles (runs of five words, without case and white space) that
they share: Jaccard similarity, estimated by MinHash (A. Broder, "On the resemblance and
containment of documents", 1997) and looked up by locality-sensitive hashing. A signature is made
where a text is read; signatures are compared afterwards in the order of the inputs, each with
the texts that stand for others. So what is a duplicate of what depends on nothing but that order.

Templates that many firms fill in share more than nine tenths of their shingles; who can be written
to tells their policies apart. So texts with other e-mail addresses are no duplicates.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.errors import PluginError

if TYPE_CHECKING:
    import rensa

THRESHOLD = 0.95  # of the shingles of two texts; docs/estimate.md says what that keeps apart
SHINGLE = 5  # words
SKETCH = 128  # values of a signature: an estimate near the threshold is 0.02 off (one sigma)
SEED = 42
LESS = 1e-9  # a later text must be more alike than an earlier one, not as much
ADDRESSED = 8  # bytes of a signature that tell the addresses in a text
WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


class Duplicate(msgspec.Struct, frozen=True):
    """Which input stands for a text (its number), and how alike the two are (0 to 1)."""

    of: int
    similarity: float


def sign_text(text: str) -> bytes:
    """Return what near-duplicates of a text are told by, about 700 bytes.

    PluginError: the extra `batch` is not installed.

    >>> sign_text("We share  no data.") == sign_text("we share no data")
    True
    >>> sign_text("Write to a@acme.example.") == sign_text("Write to b@acme.example.")
    False
    """
    sketch = _library().RMinHash(SKETCH, SEED)
    sketch.update(_shingles(text))
    state: bytes = sketch.__reduce__()[2]
    return _addresses(text) + state


class Collapser:
    """Names for each text the one that stands for it; kept in memory, 2 kB for each of those.

    Ask in the order of the inputs. To go on after a stop, ask for the earlier ones again.

    >>> found = Collapser()
    >>> found.add(0, sign_text("We store your name. We share it with nobody else at all."))
    >>> found.add(7, sign_text("WE STORE YOUR NAME. We share it with nobody else, at all."))
    Duplicate(of=0, similarity=1.0)
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        if not 0.5 <= threshold <= 1:
            advice = "give a share of words from 0.5 to 1"
            raise PluginError("duplicates", f"the threshold is {threshold:g}", advice)
        library = _library()
        self._threshold = threshold
        self._index = library.RMinHashLSH(threshold, SKETCH, SKETCH // 8)
        self._sketch = library.RMinHash
        self._kept: dict[int, tuple[bytes, rensa.RMinHash]] = {}

    def add(self, number: int, signature: bytes) -> Duplicate | None:
        """Return which earlier text a text is a duplicate of: the most alike, else the first.

        PluginError: the signature is not of this version of the library.
        """
        addresses, sketch = signature[:ADDRESSED], self._restored(signature[ADDRESSED:])
        best: Duplicate | None = None
        for other in sorted(set(self._index.query(sketch))):
            theirs, kept = self._kept[other]
            alike = sketch.jaccard(kept)
            enough = self._threshold if best is None else best.similarity + LESS
            if theirs == addresses and alike >= enough:
                best = Duplicate(other, alike)
        if best is None:
            self._kept[number] = (addresses, sketch)
            self._index.insert(number, sketch)
        return best

    def _restored(self, state: bytes) -> rensa.RMinHash:
        sketch = self._sketch(SKETCH, SEED)
        try:
            sketch.__setstate__(state)
        except (ValueError, TypeError) as error:
            found = f"a signature cannot be read ({error})"
            advice = "begin the batch anew in another folder"
            raise PluginError("duplicates", found, advice) from error
        return sketch


def _shingles(text: str) -> list[str]:
    words = WORD.findall(text.casefold())
    return [" ".join(words[at : at + SHINGLE]) for at in range(max(len(words) - SHINGLE + 1, 1))]


def _addresses(text: str) -> bytes:
    """A hash of the e-mail addresses in a text."""
    found = sorted({one.casefold() for one in ADDRESS.findall(text)})
    return hashlib.sha256("\n".join(found).encode("utf-8", "surrogatepass")).digest()[:ADDRESSED]


def _library() -> Any:
    """The module."""
    try:
        import rensa
    except ImportError as error:
        advice = 'pip install "policy2dpv[batch]"'
        raise PluginError("duplicates", "rensa is not installed", advice) from error
    return rensa
