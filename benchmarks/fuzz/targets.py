"""The fuzzers' targets: what each does with the bytes that it is given.

A target returns for an input that is refused by a PolicyError, and raises for all that must not be.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import atheris
import msgspec
import pyoxigraph
from invariants import check_conversion, parse_quads
from provided import make_pdf_answer, make_sentence

from policy2dpv.annotating.annotators import annotate_by
from policy2dpv.annotating.segment import find_segments, find_sentences
from policy2dpv.checking.check_vocabulary import find_term_faults
from policy2dpv.conversion import convert
from policy2dpv.errors import PolicyError, QueryError
from policy2dpv.graphs.graph_files import read_graphs
from policy2dpv.graphs.graph_source import read_quads
from policy2dpv.knowledge.lexicon import load_lexicon
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.querying.named_queries import fill_query, list_queries
from policy2dpv.querying.query import ask_store
from policy2dpv.querying.query_words import TOKENS, refuse_service, write_prefixes
from policy2dpv.reading.media_types import HTML, MARKDOWN, TEXT
from policy2dpv.reading.pdf_layout import Sheet, write_layout
from policy2dpv.reading.pdf_words import Speller, find_edges, link_words
from policy2dpv.reading.read import read_document
from policy2dpv.reading.read_pdf import join_pieces
from policy2dpv.reviewing.review_files import read_review

Target = Callable[[bytes], None]
POLICY = "We collect your name and your email address.\nWe share it with partners.\n"
PAGE = "<p>We collect your name.</p>|||<p>We share it with partners.</p>"
GRAPHS = (".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf")
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-files-"))


def of_media_type(media_type: str | None) -> Target:
    """A target that converts bytes twice and compares the N-Quads."""

    def target(data: bytes) -> None:
        if media_type is None and data.lstrip()[:4] in (b"%PDF", b"PK\x03\x04"):
            return  # read in a process of their own, where no coverage is seen
        try:
            language = None if media_type is None else "en"
            made = convert(data, media_type=media_type, language=language)
        except PolicyError:
            return
        quads = check_conversion(made)
        assert quads == convert(data, media_type=media_type, language=language).to_nquads()

    return target


def read_sentences(data: bytes) -> None:
    """Sentences of any text cover its words, in order."""
    text = data.decode("utf-8", "replace")
    end = 0
    covered = ""
    for start, after in find_sentences(text, 0, len(text), "en"):
        assert end <= start < after, (start, after)
        covered += text[start:after]
        end = after
    assert "".join(covered.split()) == "".join(text.split())


def annotate_words(data: bytes) -> None:
    """Sentences put together from words that mean something, in English or German."""
    text, language = make_sentence(atheris.FuzzedDataProvider(data))
    try:
        made = convert(text.encode(), media_type=TEXT, language=language)
    except PolicyError:
        return
    check_conversion(made)
    again = annotate_by("ours", made.document, find_segments(made.document), load_lexicon(language))
    assert list(again) == list(made.annotations)


def lay_out_pdf(data: bytes) -> None:
    """Words with any places, as a PDF's child process gives them."""
    pages = make_pdf_answer(atheris.FuzzedDataProvider(data))
    words = []
    for page in pages:
        page.words = join_pieces(page.words)
        link_words(page.words, page.links)
        find_edges(page.words)
        words += page.words
    if not words:
        return
    sheets = [Sheet(page.words, page.shapes, page.height) for page in pages]
    html = write_layout(sheets, Speller(words, "en"))
    try:
        read_document(html.encode("utf-8", "replace"), media_type=HTML, language="en")
    except PolicyError:
        return


def of_scheme(scheme: str, file: str) -> Target:
    """A target that maps a file of annotations, with the files that must stand beside it."""
    from policy2dpv.commands.convert_files import Order
    from policy2dpv.commands.map_files import Scheme, _found

    def target(data: bytes) -> None:
        folder = FOLDER / scheme / "annotations"
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        path = folder / file
        for name, content in _files(scheme, data).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        page = folder / "page.txt" if scheme in ("jsonl", "web-annotation") else None
        order = Order(inputs=(str(path),), language="en")
        try:
            found = list(_found(order, Scheme(name=scheme, page=page)))
        except PolicyError:
            return
        for _, _, mapped in found:
            check_conversion(mapped.conversion)

    return target


def _files(scheme: str, data: bytes) -> Mapping[str, bytes]:
    """The files of a scheme by name; parts of the data are parted by lines of "=="."""
    first, *others = data.split(b"\n==\n")
    more = others + [b""] * 2
    if scheme == "opp-115":
        return {"a.csv": first, "../sanitized_policies/a.html": more[0] or PAGE.encode()}
    if scheme == "policyie":
        return {"intent_classification_a.jsonl": first, "type_I_slot_filling_a.jsonl": more[0],
                "type_II_slot_filling_a.jsonl": more[1] or more[0]}  # fmt: skip
    if scheme == "brat":
        return {"a.ann": first, "a.txt": more[0] or POLICY.encode()}
    if scheme == "inception":
        types = (Path(__file__).parent / "seeds" / "types.xml").read_bytes()
        return {"a.xmi": first, "TypeSystem.xml": more[0] or types}
    return {SCHEMES[scheme]: first, "page.txt": POLICY.encode()}


def read_graph(data: bytes) -> None:
    """A graph file of any format, as check and query read it; the first byte chooses the format."""
    if not data:
        return
    path = FOLDER / f"a{GRAPHS[data[0] % len(GRAPHS)]}"
    path.write_bytes(data[1:])
    vocabulary = load_vocabulary()
    prefixes = vocabulary.prefixes if data[0] >= 128 else None
    try:
        quads = read_quads(path, prefixes=prefixes)
        list(find_term_faults(quads, vocabulary))
    except PolicyError:
        pass
    try:
        graphs = read_graphs(path, vocabulary)
    except PolicyError:
        return
    for graph in graphs:
        parse_quads("".join(f"{quad} .\n" for quad in graph.quads))


def fill_named_query(data: bytes) -> None:
    """Values of any text change nothing of a query but what stands for the value."""
    given = atheris.FuzzedDataProvider(data)
    queries = list_queries()
    query = queries[given.ConsumeIntInRange(0, len(queries) - 1)]
    values = {
        parameter.name: given.ConsumeUnicode(given.ConsumeIntInRange(0, 60))
        for parameter in query.parameters if parameter.required or given.ConsumeBool()
    }  # fmt: skip
    try:
        filled = fill_query(query, values)
    except PolicyError:
        return
    several = {p.name for p in query.parameters if p.type == "terms"}
    if not several & {name for name, value in values.items() if value}:
        assert _shape(filled) in {_shape(one) for one in _plain(query.name, frozenset(
            name for name, value in values.items() if value))}, filled  # fmt: skip
    refuse_service(filled)
    with contextlib.suppress(QueryError):  # an IRI that only the parser knows to be none
        ask_store(pyoxigraph.Store(), write_prefixes(filled, load_vocabulary().prefixes))


PLAIN = {"term": "dpv:Purpose", "iri": "urn:x:y", "graph": "urn:x:y", "string": "x", "integer": "1",
         "count": "1", "decimal": "1.5", "date": "2025-01-01", "terms": "dpv:Purpose"}  # fmt: skip


def _plain(name: str, given: frozenset[str]) -> list[str]:
    """The query with plain values of the same types in the same places."""
    query = next(one for one in list_queries() if one.name == name)
    values = {p.name: PLAIN[p.type] for p in query.parameters if p.name in given or p.required}
    signed = {p.name: "-1" for p in query.parameters if p.type in ("integer", "decimal")}
    return [fill_query(query, values), fill_query(query, values | {
        name: value for name, value in signed.items() if name in values})]  # fmt: skip


def _shape(sparql: str) -> tuple[str, ...]:
    """The tokens of a query, with values as what they are: IRI, string, number."""
    sorts = []
    for token in TOKENS.finditer(sparql):
        words = token[0]
        sign = words[0]
        sorts.append("value" if sign in "<\"'" or sign.isdigit() else words)
    return tuple(sorts)


def read_decisions(data: bytes) -> None:
    """A review as CSV or JSON lines; the first byte chooses."""
    path = FOLDER / ("a.csv" if data[:1] < b"\x80" else "a.jsonl")
    path.write_bytes(data[1:])
    try:
        rows = read_review(path)
        made = convert(POLICY.encode(), media_type=TEXT, language="en", review=rows)
    except PolicyError:
        return
    check_conversion(made)
    msgspec.json.encode(rows)


SCHEMES = {
    "jsonl": "a.jsonl", "web-annotation": "a.jsonld", "label-studio": "a.json",
    "inception": "a.xmi", "brat": "a.ann", "opp-115": "a.csv", "gdpr-transparency": "a.json",
    "policyie": "intent_classification_a.jsonl",
}  # fmt: skip
TARGETS: dict[str, Target] = {
    "html": of_media_type(HTML), "markdown": of_media_type(MARKDOWN), "text": of_media_type(TEXT),
    "bytes": of_media_type(None), "sentences": read_sentences, "words": annotate_words,
    "pdf": lay_out_pdf, "graph": read_graph, "query": fill_named_query, "review": read_decisions,
    **{f"map-{name}": of_scheme(name, file) for name, file in SCHEMES.items()},
}  # fmt: skip
