"""The IRIs of a graph: from what is said, never from where it stands, from a clock or chance."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections import Counter
from functools import lru_cache
from urllib.parse import quote

from policy2dpv.errors import GraphError

# Known parties and own concepts have their IRIs here, the same in the graphs of all policies.
SHARED = "https://w3id.org/policy2dpv/id/"
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`#\x00-\x20]+")
WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
SLUG = 60  # characters of a phrase in an IRI; a longer one ends in a hash


def notice_iri(sha256: str, base: str | None = None) -> str:
    """The IRI of a notice: `base`, or a urn:uuid (version 5) of the text's sha256.

    Raises GraphError for a base that is not an absolute IRI or has a fragment.

    >>> notice_iri("00")
    'urn:uuid:10b3c231-8ae9-5e23-a4a8-586f68f19928'
    >>> notice_iri("00", "https://shop.example/privacy")
    'https://shop.example/privacy'
    """
    if base is None:
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:sha256:{sha256}')}"
    if not ABSOLUTE.fullmatch(base):
        raise GraphError(
            "base",
            f"not an absolute IRI without fragment: {base!r}",
            "give the policy's address, such as https://shop.example/privacy",
        )
    return base


def page_iri(address: str) -> str | None:
    """A web address as an IRI, with what IRIs may not hold percent-encoded; None for other text.

    >>> page_iri("https://shop.example/a b"), page_iri("policy.html")
    ('https://shop.example/a%20b', None)
    """
    if not re.match(r"https?://[^/\s]", address):
        return None
    return quote(address, safe="%/:=&?~#+!$,;'@()*[]-._")


def normal_phrase(phrase: str) -> str:
    """The words of a phrase in lower case with single spaces.

    >>> normal_phrase("our  Advertising-partners,")
    'our advertising partners'
    """
    return " ".join(WORDS.findall(unicodedata.normalize("NFC", phrase).lower()))


@lru_cache(maxsize=4096)
def shared_iri(term: str, phrase: str = "") -> str:
    """The IRI of an own concept, by the term (a CURIE) that it narrows and its phrase.

    >>> shared_iri("ex:Sale", "selling your boat")
    'https://w3id.org/policy2dpv/id/ex.Sale.selling-your-boat'
    """
    words = normal_phrase(phrase).replace(" ", "-")
    if len(words) > SLUG:
        words = f"{words[: SLUG - 9]}-{_digest(words)[:8]}"
    name = re.sub(r"[^A-Za-z0-9_-]+", ".", term) + (f".{words}" if words else "")
    return SHARED + quote(name, safe="-._")


class Names:
    """Gives the IRIs of one graph. All are the notice's with a fragment: letter and hash.

    >>> names = Names("https://shop.example/privacy")
    >>> names.entity("r", "Acme") == names.entity("r", "Acme")
    True
    >>> names.next("p", "clause") == names.next("p", "clause")
    False
    """

    def __init__(self, notice: str) -> None:
        self.notice = notice
        self._seen: Counter[str] = Counter()

    def entity(self, letter: str, *said: str) -> str:
        """The IRI of what `said` identifies: the same for the same words."""
        return f"{self.notice}#{letter}{_digest(letter, *said)}"

    def next(self, letter: str, *said: str) -> str:
        """A new IRI for each call: the n-th of the same words ends in ``-n``."""
        iri = self.entity(letter, *said)
        self._seen[iri] += 1
        count = self._seen[iri]
        return iri if count == 1 else f"{iri}-{count}"


def _digest(*said: str) -> str:
    return hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]
