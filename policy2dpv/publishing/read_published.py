"""What a published site claims, taken in with care: graphs and the text that they point to."""

from __future__ import annotations

import hashlib

import msgspec

from policy2dpv.errors import GraphError, ReadError
from policy2dpv.graphs.triples import Triple
from policy2dpv.model import Document
from policy2dpv.views.policy_facts import read_facts


def parse_graph(data: bytes, type: str, base: str) -> frozenset[Triple]:
    """Return the triples of a graph in a media type, names of graphs left aside.

    GraphError: no valid RDF. Contexts and the like are never fetched.

    >>> parse_graph(b"<urn:a> <urn:b> <urn:c> .", "text/turtle", "https://a.example/")
    frozenset({('urn:a', 'urn:b', 'urn:c')})
    """
    import pyoxigraph

    syntax = pyoxigraph.RdfFormat.from_media_type(type)
    if syntax is None:
        raise GraphError(base, f"{type} is no graph format", "publish again")
    try:
        return frozenset(read_facts(pyoxigraph.parse(data, syntax, base_iri=base)).triples)
    except (SyntaxError, ValueError) as error:
        raise GraphError(base, f"no valid {syntax.name}: {error}", "publish again") from error


def check_document(data: bytes, where: object) -> Document:
    """Return the published text with its structure.

    ReadError: it is damaged: not what `publish` writes, a hash that is not the text's, or a place
    outside the text.

    >>> check_document(b"{}", "shop")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: shop: the published text is damaged: ...
    """
    advice = "publish again"
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ReadError(where, f"the published text is damaged: {error}", advice) from error
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    if digest != document.sha256:
        raise ReadError(where, "the published text is damaged: its hash is another", advice)
    length = len(document.text)
    spans = [(b.start, b.end) for b in document.blocks] + [(x.start, x.end) for x in document.links]
    spans += [span for block in document.blocks for span in block.headers]
    spans += [block.marker for block in document.blocks if block.marker]
    spans += [(date.start, date.end) for date in document.dates]
    if not all(0 <= start <= end <= length for start, end in spans):
        raise ReadError(where, "the published text is damaged: a place outside it", advice)
    return document
