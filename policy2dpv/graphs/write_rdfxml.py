"""RDF/XML: one description for each subject, in reading order."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from policy2dpv.errors import WriteError
from policy2dpv.graphs.layout import Shortener, lay_out, reading_order
from policy2dpv.graphs.triples import Object, PolicyGraph

# Characters that XML cannot hold, not even escaped; they become U+FFFD in this format alone.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_rdfxml(graph: PolicyGraph) -> str:
    """The graph as RDF/XML. Raises WriteError for a property that has no XML name.

    >>> from policy2dpv.graphs.graph import build_graph, plain_document
    >>> text = write_rdfxml(build_graph(plain_document("Our policy."), [], []))
    >>> text.count("<rdf:Description")
    3
    """
    short = Shortener(graph.prefixes)
    body = []
    laid = lay_out(graph)
    for subject in reading_order(laid, next(iter(graph.order))):
        body.append(f"  <rdf:Description rdf:about={quoteattr(subject)}>\n")
        for term, values in laid[subject].items():
            name = short.curie(term)
            if name is None:
                raise WriteError(term, "no prefix makes an XML name of it", "add a prefix for it")
            body += [f"    {_element(name, value)}\n" for value in values]
        body.append("  </rdf:Description>\n")
    used = sorted(short.used | {"rdf"})
    spaces = "".join(f"\n    xmlns:{prefix}={quoteattr(graph.prefixes[prefix])}" for prefix in used)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n'
    return f"{head}{''.join(body)}</rdf:RDF>\n"


def _element(name: str, value: Object) -> str:
    if isinstance(value, str):
        return f"<{name} rdf:resource={quoteattr(value)}/>"
    kind = f" xml:lang={quoteattr(value.language)}" if value.language else ""
    if value.datatype:
        kind = f" rdf:datatype={quoteattr(value.datatype)}"
    text = escape(FORBIDDEN.sub("\ufffd", value.text), {"\r": "&#13;"})
    return f"<{name}{kind}>{text}</{name}>"
