"""A published page read back: its graph, its links, and the policy's text that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.errors import ReadError

if TYPE_CHECKING:
    from lxml.etree import _Element

ARTICLE = "policy-text"  # the id of the policy's own text on the pages that we write
JSON_LD = "application/ld+json"


class PageLink(msgspec.Struct, frozen=True):
    """A link element of a page's head."""

    rel: str
    type: str
    href: str


class PublishedPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a page gives: its links, the JSON-LD in it, and its text as a page of its own.

    `article` is "" where the page is not one of ours, and all of it is the policy.
    """

    links: tuple[PageLink, ...]
    embedded: tuple[str, ...]
    article: str
    words: str

    def href(self, rel: str, type: str = "") -> str:
        """The address of the first link of a relation (and a media type), "" if there is none."""
        found = (x.href for x in self.links if rel in x.rel.split() and type in ("", x.type))
        return next(found, "")


def read_page(data: bytes, where: object) -> PublishedPage:
    """Return what a page gives. ReadError: it is no HTML page.

    >>> page = read_page(b'<html><link rel="alternate" type="text/turtle" href="a.ttl"><p>Hi', "a")
    >>> page.href("alternate", "text/turtle"), page.article
    ('a.ttl', '')
    """
    from lxml import etree

    parser = etree.HTMLParser(no_network=True, encoding="utf-8", remove_comments=True,
                              remove_pis=True)  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError):
        root = None
    if root is None:
        raise ReadError(where, "it is no HTML page", "name the page or the site's folder")
    links = tuple(
        PageLink((one.get("rel") or "").lower(), (one.get("type") or "").lower(), href)
        for one in root.iter("link") if (href := one.get("href"))
    )  # fmt: skip
    scripts = tuple(
        _words(one) for one in root.iter("script")
        if (one.get("type") or "").partition(";")[0].strip().lower() == JSON_LD
    )  # fmt: skip
    article = next(_articles(root), None)
    language = (article.get("lang") if article is not None else "") or root.get("lang") or ""
    title = " ".join(_words(one) for one in root.iter("title"))
    return PublishedPage(
        links=links, embedded=scripts, article=_own_page(article, title, language),
        words=_words(article) if article is not None else "",
    )  # fmt: skip


def _words(element: _Element) -> str:
    return "".join(map(str, element.itertext()))


def _articles(root: _Element) -> Iterator[_Element]:
    return (one for one in root.iter("article") if one.get("id") == ARTICLE)


def _own_page(article: _Element | None, title: str, language: str) -> str:
    """The policy's text as a page, without all that our pages put around it."""
    from lxml import etree

    if article is None:
        return ""
    root = etree.Element("html", lang=language)
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(root, "body").append(article)
    return etree.tostring(root, encoding="unicode", method="html")
