"""A published policy checked against its text: what the page says and its graph claims."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from policy2dpv.conversion import convert
from policy2dpv.errors import PolicyError, ReadError
from policy2dpv.graphs.triples import Triple
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Document
from policy2dpv.publishing.published_page import JSON_LD, PublishedPage, read_page
from policy2dpv.publishing.published_place import Folder, Place, Web, resolve
from policy2dpv.publishing.published_version import hash_words, make_version
from policy2dpv.publishing.read_published import check_document, parse_graph
from policy2dpv.publishing.site_files import GRAPHS, PAGE, STRUCTURE, policy_page
from policy2dpv.publishing.site_record import NAME, SiteRecord
from policy2dpv.publishing.stated import LONGEST, Stated, read_stated
from policy2dpv.querying.store import vocabulary_graph
from policy2dpv.views.policy_facts import PolicyFacts
from policy2dpv.views.policy_statements import read_clauses

MANY = 20_000  # files of a site
HASH = "sha256:"
Triples = frozenset[Triple]


class Drift(msgspec.Struct, frozen=True, order=True):
    """One way in which text and claims part: its kind, where, what was found."""

    where: str
    kind: str
    found: str
    quote: str = ""


def verify(target: str) -> list[Drift]:
    """Return where a site (a folder, or an address that ends in a slash) or a page has drifted.

    ReadError: there is no page or no site, or it cannot be read.

    >>> verify("no-such-folder")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: no-such-folder/site.json: No such file or directory; ...
    """
    if not target.startswith(("http://", "https://")):
        folder = Path(target)
        return sorted(verify_site(Folder(folder, ""), _read_record(folder / NAME), folder))
    if target.endswith("/"):
        return sorted(verify_site(Web(), _decode(Web().read(target + NAME), target), None, target))
    return sorted(verify_page(Web(), target))


def verify_site(
    place: Place, record: SiteRecord, folder: Path | None, base: str = ""
) -> Iterator[Drift]:
    """Yield the drifts of a site: of its files, then of the last version of each policy.

    ReadError: it claims too many files.
    """
    if len(record.files) > MANY:
        raise ReadError(base or folder, f"it claims {len(record.files):,} files", "publish again")
    base = base or record.base
    if folder is not None:
        place = Folder(folder, base)
    for name, digest in sorted(record.files.items()):
        try:
            data = place.read(resolve(base, name))
        except ReadError as error:
            yield Drift(name, "missing-file", error.found)
            continue
        if hashlib.sha256(data).hexdigest() != digest:
            yield Drift(name, "changed-file", "it is not the file that was published")
    for version in record.latest():
        page = f"{base}{version.name}{PAGE}"
        if f"{version.name}{PAGE}" in record.files and _is_there(place, page):
            yield from verify_page(place, page)


def verify_page(place: Place, address: str) -> Iterator[Drift]:
    """Yield where a page and its graph part. ReadError: there is no page, or it has no graph."""
    data = place.read(address)
    page = read_page(data, address)
    where = place.name(address)
    graphs, found = read_graphs(place, address, page)
    yield from (msgspec.structs.replace(one, where=where) for one in found)
    if not graphs:
        if not found:
            raise ReadError(where, "the page has no graph: no JSON-LD in it and no link to one",
                            "publish it, or paste the snippet of `publish --embed`")  # fmt: skip
        return
    name, triples = next(iter(graphs.items()))
    for other, others in graphs.items():
        if others != triples:
            part = len(others ^ triples)
            kind = "embedded-differs" if "page" in (other, name) else "formats-differ"
            yield Drift(where, kind, f"{name} and {other} differ in {part} triples")
    for drift in _check_page(place, address, page, triples, data):
        yield msgspec.structs.replace(drift, where=where)


def read_graphs(
    place: Place, address: str, page: PublishedPage
) -> tuple[dict[str, Triples], list[Drift]]:
    """Return the graphs that a page has and links to, and what is wrong with them."""
    sources: list[tuple[str, str, Callable[[], bytes]]] = [
        (form.label, form.type, lambda href=href: place.read(resolve(address, href)))  # type: ignore[misc]
        for form in GRAPHS if (href := page.href("alternate", form.type))
    ]  # fmt: skip
    sources += [("page", JSON_LD, lambda text=text: text.encode("utf-8", "replace"))  # type: ignore[misc]
                for text in page.embedded]  # fmt: skip
    graphs: dict[str, Triples] = {}
    found: list[Drift] = []
    for label, type, read in sources:
        try:
            triples = parse_graph(read(), type, address)
        except ReadError as error:
            found.append(Drift("", "missing-file", f"{label}: {error.where}: {error.found}"))
        except PolicyError as error:
            found.append(Drift("", "invalid-graph", f"{label}: {error.found}"))
        else:
            if label != "page" or PolicyFacts(triples).notice() or len(sources) == 1:
                graphs[label] = triples
    return graphs, found


def _check_page(
    place: Place, address: str, page: PublishedPage, triples: Triples, data: bytes
) -> Iterator[Drift]:
    """The drifts of a graph against its vocabulary, its page and its text."""
    facts = PolicyFacts(sorted(triples, key=repr))
    notice = facts.notice()
    if not notice:
        yield Drift("", "no-notice", "the graph describes no privacy notice")
        return
    named = page.href("privacy-policy")
    if named and resolve(address, named) != notice:
        yield Drift("", "wrong-notice", f"the page is of {named}, the graph of {notice}")
    yield from _unknown_terms(triples)
    structure = page.href("describedby", STRUCTURE.type)
    claimed = read_stated(facts.triples)
    if page.article and structure:
        try:
            document = check_document(place.read(resolve(address, structure)), address)
        except PolicyError as error:
            yield Drift("", "missing-file", f"the text: {error.found}")
            return
        yield from _against_text(facts, page.words, document)
        yield from _against_reading(notice, page, document, claimed)
        return
    made = convert(page.article.encode() if page.article else data, base=notice,
                   media_type="text/html")  # fmt: skip
    yield from _against_text(facts, page.words or made.document.text, made.document)
    yield from _parted(claimed, read_stated(made.policy_graph.triples))


def _against_text(facts: PolicyFacts, words: str, document: Document) -> Iterator[Drift]:
    """Whether the graph is of this text, and all words that it quotes are on the page."""
    texts = [facts.words(text, "identifier") for text in facts.typed("text")]
    if texts != [HASH + document.sha256]:
        told = ", ".join(texts) or "no text"
        yield Drift("", "wrong-hash", f"the graph is of {told}, the text is {document.sha256}")
    plain = "".join(words.split())
    for clause in read_clauses(facts).values():
        if "".join(clause.quote.split()) not in plain:
            yield Drift("", "quote-gone", "these words are not on the page",
                        " ".join(clause.quote.split())[:LONGEST])  # fmt: skip


def _against_reading(
    notice: str, page: PublishedPage, document: Document, claimed: Stated
) -> Iterator[Drift]:
    """What reading the text again gives, and reading the page where its words have changed."""
    base, _, name = notice.rpartition("/")
    fresh = make_version(name, convert(document), f"{base}/")
    yield from _parted(claimed, read_stated(fresh.graph.triples))
    if hash_words(page.words) == fresh.record.text_sha256:
        return
    yield Drift("", "text-changed", "the page's words are not those that were published")
    as_published = read_page(policy_page(fresh, f"{base}/", [], latest=True), notice)
    before, now = (
        read_stated(convert(one.article.encode(), base=notice, media_type="text/html")
                    .policy_graph.triples)
        for one in (as_published, page)
    )  # fmt: skip
    yield from _parted(before, now)


def _parted(claimed: Stated, read: Stated) -> Iterator[Drift]:
    for said, quote in claimed.without(read):
        yield Drift("", "statement-gone", f"published, but not read: {said.describe()}", quote)
    for said, quote in read.without(claimed):
        yield Drift("", "statement-new", f"read, but not published: {said.describe()}", quote)


def _unknown_terms(triples: Triples) -> Iterator[Drift]:
    """Terms in the vocabulary's name spaces that the release does not have."""
    known = load_vocabulary()
    iris = {part for triple in triples for part in triple if isinstance(part, str)}
    for iri in sorted(iris):
        if known.is_dpv(iri) and not known.has(known.curie(iri)) and iri != vocabulary_graph():
            yield Drift("", "unknown-term", f"DPV {known.release} has no {known.curie(iri)}")


def _is_there(place: Place, address: str) -> bool:
    try:
        place.read(address)
    except ReadError:
        return False
    return True


def _read_record(path: Path) -> SiteRecord:
    try:
        return _decode(path.read_bytes(), path)
    except OSError as error:
        advice = "name the folder of a published site, or a page's address"
        raise ReadError(path, error.strerror or str(error), advice) from error


def _decode(data: bytes, where: object) -> SiteRecord:
    try:
        return msgspec.json.decode(data, type=SiteRecord)
    except msgspec.MsgspecError as error:
        raise ReadError(where, f"{NAME} is not what `publish` writes: {error}",
                        "publish again") from error  # fmt: skip
