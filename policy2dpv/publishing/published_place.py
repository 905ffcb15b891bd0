"""Where a published site lies: a folder or a web address; its files read within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import urldefrag, urljoin, urlsplit

from policy2dpv.errors import ReadError
from policy2dpv.reading.fetch import fetch_page, is_web_address

LIMIT = 50_000_000  # bytes of a file


class Place(Protocol):
    """Something that gives the bytes of what an address names."""

    def read(self, address: str) -> bytes:
        """The bytes. ReadError: nothing is there, or too much."""

    def name(self, address: str) -> str:
        """What messages call it."""


class Web:
    """The web: addresses are fetched.

    >>> Web().name("https://a.example/shop")
    'https://a.example/shop'
    """

    def read(self, address: str) -> bytes:
        """The bytes of an address. ReadError: as `fetch_page`."""
        return fetch_page(address, limit=LIMIT).data

    def name(self, address: str) -> str:
        """The address itself."""
        return address


class Folder:
    """A site's folder, read in the place of the base that it is published under.

    >>> Folder(Path("site"), "https://a.example/").name("https://a.example/shop.ttl")
    'site/shop.ttl'
    """

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base

    def read(self, address: str) -> bytes:
        """The bytes of a file. ReadError: it lies outside the folder or is not there."""
        path = self.path(address)
        try:
            with path.open("rb") as file:
                data = file.read(LIMIT + 1)
        except OSError as error:
            raise ReadError(path, error.strerror or str(error), "publish again") from error
        if len(data) > LIMIT:
            raise ReadError(path, f"larger than {LIMIT:,} bytes", "publish again")
        return data

    def name(self, address: str) -> str:
        """The file's path."""
        return str(self.path(address))

    def path(self, address: str) -> Path:
        """The file of an address. ReadError: no file of this site."""
        name = address.removeprefix(self.base)
        if name == address or ".." in name.split("/") or name.startswith("/"):
            raise ReadError(address, f"it is not under {self.base}", "publish again")
        return self.folder / name


def resolve(base: str, href: str) -> str:
    """Return the address that a page's link leads to. ReadError: no http(s) address.

    >>> resolve("https://a.example/privacy/shop", "shop.ttl#x")
    'https://a.example/privacy/shop.ttl'
    """
    try:
        found = urldefrag(urljoin(base, href)).url
        ok = is_web_address(found) and bool(urlsplit(found).hostname)
    except ValueError:
        found, ok = href, False
    if not ok:
        raise ReadError(base, f"a link leads to {found[:80]!r}", "link to an http(s) address")
    return found
