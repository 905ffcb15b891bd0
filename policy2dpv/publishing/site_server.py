"""Snippets for web servers: content negotiation and Link headers for a published site.

Sources: RFC 9110 section 12.5.1 (Accept), RFC 8288 (Link), RFC 6903 (privacy-policy), RFC 5829
(latest-version, predecessor-version), W3C POWDER (describedby).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from policy2dpv.publishing.published_version import VersionRecord
from policy2dpv.publishing.site_files import CATALOGUE, EVIDENCE, NEGOTIATED, PLAIN, STRUCTURE

VARIABLE = "$policy2dpv_form"
# Weights from the highest to the lowest, as regular expressions after a media type.
OTHER = r"(?:\s*;\s*(?!q=)[^;,]*)*"
HIGHEST = OTHER + r"(?:\s*;\s*q=1(?:\.0*)?\s*)?\s*(?:,|$)"
LOWER = tuple(OTHER + rf"\s*;\s*q=0?\.{digit}" for digit in range(9, 0, -1))
LOWEST = OTHER + r"\s*;\s*q=0?\.0\d*[1-9]"
ALSO = {"text/html": "application/xhtml+xml"}
ANY = r"(?:\*/\*|text/\*)"
CHARSETS = "text/css text/plain text/turtle application/n-quads application/json image/svg+xml"


def nginx_http() -> str:
    """Return the part of nginx's configuration that stands in its http block.

    >>> nginx_http().splitlines()[1]
    'map $http_accept $policy2dpv_form {'
    """
    lines = [
        "# Put this into nginx's http block, such as /etc/nginx/conf.d/policy2dpv.conf.",
        f"map $http_accept {VARIABLE} {{",
        '    default "";  # nothing that is taken: 406',
        f'    "" {NEGOTIATED[0].ending};',
    ]
    for weight in (HIGHEST, *LOWER, LOWEST):
        for form in NEGOTIATED:
            names = "|".join(map(re.escape, filter(None, (form.type, ALSO.get(form.type)))))
            lines.append(f'    "~*(?:^|,)\\s*(?:{_plain(names)}){weight}" {form.ending};')
        lines.append(f'    "~*(?:^|,)\\s*{ANY}{weight}" {NEGOTIATED[0].ending};')
        lines.append(f'    "~*(?:^|,)\\s*application/\\*{weight}" {NEGOTIATED[1].ending};')
    return "\n".join([*lines, "}", ""])


def nginx_server(base: str, versions: Sequence[VersionRecord]) -> str:
    """Return the part that stands in the server block whose root holds the site at its path.

    >>> nginx_server("https://a.example/privacy/", []).splitlines()[2]
    'location /privacy/ {'
    """
    path = urlsplit(base).path
    names = sorted({version.name for version in versions})
    lines = [
        "# Put this into the server block whose root holds the site's folder at this path. To name",
        "# the policy on all other pages too: add_header Link '<...>; rel=\"privacy-policy\"';",
        f"location {path} {{",
        "    index index.html;",
        "    charset utf-8;",
        f"    charset_types {CHARSETS};",
        "    types {",
        *(f"        {kind} {' '.join(ends)};" for kind, ends in _types()),
        "    }",
        "    add_header Access-Control-Allow-Origin * always;",
        "    add_header X-Content-Type-Options nosniff always;",
    ]
    for name in names:
        own = [version for version in versions if version.name == name]
        last = own[-1]
        lines += _location(
            path + name, _links(base + name, base + name, _before(base, last), False)
        )
        for one in own:
            iri = f"{base}{name}/{one.id}"
            lines += _location(f"{path}{name}/{one.id}",
                               _links(iri, base + name, _before(base, one), True))  # fmt: skip
    return "\n".join([*lines, "}", ""])


def _location(path: str, links: Iterable[str]) -> list[str]:
    return [
        f"    location = {path} {{",
        f'        if ({VARIABLE} = "") {{ return 406; }}',
        *(f"        add_header Link '{link}' always;" for link in links),
        "        add_header Vary Accept always;",
        "        add_header Access-Control-Allow-Origin * always;",
        "        add_header X-Content-Type-Options nosniff always;",
        f"        try_files $uri{VARIABLE} =404;",
        "    }",
    ]


def _links(iri: str, notice: str, before: str, version: bool) -> Iterator[str]:
    """The Link headers of a policy or one of its versions."""
    yield f'<{notice}>; rel="privacy-policy"'
    for form in NEGOTIATED:
        yield f'<{iri}{form.ending}>; rel="alternate"; type="{form.type}"'
    yield f'<{iri}{NEGOTIATED[2].ending}>; rel="describedby"; type="{NEGOTIATED[2].type}"'
    yield f'<{iri}{EVIDENCE.ending}>; rel="describedby"; type="{EVIDENCE.type}"'
    if version:
        yield f'<{notice}>; rel="latest-version"'
    if before:
        yield f'<{before}>; rel="predecessor-version"'


def _before(base: str, version: VersionRecord) -> str:
    return f"{base}{version.name}/{version.previous}" if version.previous else ""


def _types() -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for form in (*NEGOTIATED, *CATALOGUE, PLAIN, STRUCTURE):
        ending = form.ending.rpartition(".")[2]
        if ending not in found.setdefault(form.type, []):
            found[form.type].append(ending)
    found |= {"text/css": ["css"], "image/svg+xml": ["svg"], "application/xml": ["xml"]}
    return sorted(found.items())


def _plain(pattern: str) -> str:
    """A pattern without the escapes that Python adds and nginx's strings would double."""
    return pattern.replace(r"\-", "-").replace(r"\/", "/")


PAGES_WORKFLOW = """\
# .github/workflows/pages.yml of a repository whose folder site/ is what `policy2dpv publish` wrote.
# GitHub Pages has no content negotiation and sets no Link headers: /shop is the page, /shop.jsonld
# and /shop.ttl are the graph, and the page's own link elements lead there.
name: pages
on:
  push:
    branches: [main]
permissions:
  contents: read
  pages: write
  id-token: write
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{ steps.deploy.outputs.page_url }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/configure-pages@v5
      - uses: actions/upload-pages-artifact@v3
        with:
          path: site
      - id: deploy
        uses: actions/deploy-pages@v4
"""
