"""What a server serves: a store opened for reading, its catalogue, and the texts beside it."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from policy2dpv.conversion import Conversion, convert
from policy2dpv.destinations import list_policies as find_policies
from policy2dpv.destinations import open_input
from policy2dpv.errors import GraphError
from policy2dpv.querying.store import load_graphs, open_store
from policy2dpv.views.policy_catalogue import Catalogue, PolicyEntry, read_catalogue
from policy2dpv.views.policy_evidence import read_grounds
from policy2dpv.views.policy_facts import PolicyFacts, read_facts
from policy2dpv.views.policy_statements import (
    ClauseText,
    StatementView,
    read_clauses,
    read_statements,
)
from policy2dpv.views.policy_text import Section, find_marks, lay_text, rebuild_text

if TYPE_CHECKING:
    import pyoxigraph

GRAPH_ENDINGS = (".jsonld", ".json", ".ttl", ".nq", ".trig", ".nt", ".rdf")
KEPT = 32  # policies whose pages are kept in memory
Say = Callable[[str], None]


class PolicyPage(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page shows of one policy; `whole` tells that its text is at hand."""

    entry: PolicyEntry
    facts: PolicyFacts
    statements: tuple[StatementView, ...]
    clauses: Mapping[str, ClauseText]
    sections: tuple[Section, ...]
    whole: bool


class Site:
    """A store in a folder, opened for reading, with the texts of some of its policies."""

    def __init__(self, folder: Path, texts: Iterable[Conversion] = ()) -> None:
        self.folder = folder
        self.store: pyoxigraph.Store = open_store(folder, read_only=True)
        self.catalogue: Catalogue = read_catalogue(self.store)
        self.texts = {made.document.sha256: made for made in texts}
        self.page = lru_cache(maxsize=KEPT)(self._page)

    def facts(self, entry: PolicyEntry) -> PolicyFacts:
        """The graph of a policy."""
        import pyoxigraph

        graph = pyoxigraph.NamedNode(entry.record.graph)
        return read_facts(self.store.quads_for_pattern(None, None, None, graph))

    def _page(self, id: str) -> PolicyPage:
        entry = self.catalogue.entries[id]
        facts = self.facts(entry)
        clauses = read_clauses(facts)
        made = next((self.texts[s] for s in entry.texts if s in self.texts), None)
        if made is None:
            told = read_grounds(self.store, facts)
            return PolicyPage(
                entry=entry, facts=facts, clauses=clauses, whole=False,
                statements=tuple(read_statements(facts, told)),
                sections=tuple(rebuild_text(clauses)),
            )  # fmt: skip
        own = dataclasses.replace(made, base=entry.record.notice or None).policy_graph
        grounds = dict(zip(own.triples, own.grounds, strict=True))
        return PolicyPage(
            entry=entry, facts=facts, clauses=clauses, whole=True,
            statements=tuple(read_statements(facts, grounds)),
            sections=tuple(lay_text(made.document, clauses, find_marks(made.annotations))),
        )  # fmt: skip


def is_store(name: str) -> bool:
    """Whether a name is that of a folder with a store in it.

    >>> is_store("no-such-folder")
    False
    """
    return (Path(name) / "CURRENT").is_file()


def open_site(
    inputs: Sequence[str], temporary: Path, *, base: str | None = None, say: Say = print
) -> Site:
    """Return what the inputs name: one store, or graph files and policies, which are converted.

    Beside a store, or a graph that was made of it, a policy only lends its text. What is not in
    a store yet is put into a new one in the folder `temporary`. GraphError: several stores, or a
    store beside graphs or policies that it does not hold. Else what reading them raises.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(open_site([], Path(folder)).catalogue.entries)
    0
    """
    stores = [name for name in inputs if is_store(name)]
    graphs = [name for name in inputs if Path(name).suffix.lower() in GRAPH_ENDINGS]
    policies = [name for name in inputs if name not in (*stores, *graphs)]
    if len(stores) > 1 or (stores and graphs):
        found = f"it stands beside {(*stores, *graphs)[1]}"
        raise GraphError(stores[0], found, "load all into one store with `policy2dpv load`")
    texts = convert_policies(policies, base, say)
    if stores:
        site = Site(Path(stores[0]), texts)
        held = {text for entry in site.catalogue.entries.values() for text in entry.texts}
        for made in texts:
            if made.document.sha256 not in held:
                raise GraphError(
                    made.document.uri or "policy", "the store does not hold this policy",
                    "convert it and load its graph, or leave the store out",
                )  # fmt: skip
        return site
    folder = temporary / "store"
    fill_store(folder, graphs, texts, temporary)
    return Site(folder, texts)


def convert_policies(policies: Sequence[str], base: str | None, say: Say) -> list[Conversion]:
    """Return the conversions of policies; folders stand for the policies in them.

    >>> convert_policies([], None, print)
    []
    """
    from policy2dpv.reading.media_types import ENDINGS

    found = find_policies(policies, ENDINGS) if policies else []
    if base is not None and len(found) > 1:
        raise GraphError("--base", "one IRI for several policies", "serve one, or leave it out")
    made = []
    for name in found:
        one = convert(open_input(name), base=base)
        say(f"{name}: {len(one.statements)} statements")
        made.append(one)
    return made


def fill_store(
    folder: Path, graphs: Sequence[str], texts: Sequence[Conversion], temporary: Path
) -> None:
    """Make a store of graph files and of the conversions whose policy is in none of them.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     fill_store(Path(place) / "store", [], [], Path(place))
    """
    store = open_store(folder)
    load_graphs(store, graphs)
    held = {text for e in read_catalogue(store).entries.values() for text in e.texts}
    files = []
    for number, made in enumerate(texts):
        if made.document.sha256 not in held:
            held.add(made.document.sha256)
            files.append(temporary / f"{number}.nq")
            files[-1].write_text(made.to_nquads(), "utf-8")
    load_graphs(store, files)
    store.flush()
    del store
    gc.collect()  # the engine's lock on the folder goes with its last reference
