"""Addresses that open a page at some words of it.

Source: WICG, "URL Fragment Text Directives" (https://wicg.github.io/scroll-to-text-fragment/).
"""

from __future__ import annotations

from urllib.parse import quote

WHOLE = 100  # characters of words that stand in an address as they are
EDGE = 6  # words at each end of longer ones


def link_to_words(page: str, words: str) -> str:
    """Return the address of a page's words, "" where there is no page or there are no words.

    >>> link_to_words("https://a.example/p", "We use e-mail, too.")
    'https://a.example/p#:~:text=We%20use%20e%2Dmail%2C%20too.'
    """
    said = words.split()
    if not said or not page.startswith(("http://", "https://")):
        return ""
    plain = " ".join(said)
    if len(plain) <= WHOLE or len(said) <= 2 * EDGE:
        directive = _encode(plain)
    else:
        directive = f"{_encode(' '.join(said[:EDGE]))},{_encode(' '.join(said[-EDGE:]))}"
    return f"{page.partition('#')[0]}#:~:text={directive}"


def _encode(words: str) -> str:
    """Words with all that has a meaning in a directive percent-encoded, hyphens too."""
    return quote(words.encode("utf-8", "replace"), safe="").replace("-", "%2D")
