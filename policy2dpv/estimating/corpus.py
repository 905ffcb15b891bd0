"""The policies of a folder of graphs, as `batch` or `convert` left it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from policy2dpv.batch.folder import LEDGER, MANIFEST
from policy2dpv.batch.manifest import Manifest
from policy2dpv.batch.records import Entry
from policy2dpv.errors import GraphError
from policy2dpv.estimating.practice import Holders, Practice, find_holders
from policy2dpv.estimating.practice_rows import find_row_holders

QUADS, ROWS = "part-*.nq", "part-*.parquet"
GRAPHS = (".jsonld", ".nq", ".nt", ".rdf", ".trig", ".ttl")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy of a folder: its graph, what its input is called, the SHA-256 of its text if known.

    `media_type` is that of its input, "" where nothing tells.
    """

    graph: str
    name: str
    sha256: str = ""
    media_type: str = ""


class Corpus(msgspec.Struct, frozen=True):
    """The policies of a folder by the names of their graphs, and those that have a practice.

    `manifest` is that of the batch, None for a folder of `convert`.
    """

    policies: dict[str, Policy]
    holding: frozenset[str]
    manifest: Manifest | None


def read_corpus(folder: Path, practice: Practice | None, *, rows: bool = False) -> Corpus:
    """Return the policies of a folder, and which of them have the practice, file by file.

    Of a batch those count that its ledger calls ok; with `rows`, or where it wrote nothing else,
    the rows of its Parquet files are asked. GraphError: no graphs in the folder, a batch that is
    not done, or a ledger that does not fit its parts. QueryError: see `find_holders` and
    `find_row_holders`.

    >>> read_corpus(Path("no-such-folder"), None)
    Traceback (most recent call last):
    ...
    policy2dpv.errors.GraphError: no-such-folder: no such folder; give what `batch` or `convert` ...
    """
    if not folder.is_dir():
        advice = "give what `batch` or `convert` wrote to"
        raise GraphError(folder, "no such folder", advice)
    manifest = _manifest(folder)
    named = {} if manifest is None else {one.graph: one for one in _ledger(folder)}
    policies: dict[str, Policy] = {}
    holding: set[str] = set()
    for found in _holders(folder, manifest, practice, rows=rows):
        holding.update(found.holding)
        for graph in found.graphs:
            many = f"{found.file.name} {graph}" if len(found.graphs) > 1 else found.file.stem
            policies.setdefault(graph, named.get(graph) or Policy(graph=graph, name=many))
    if manifest is not None:
        _check_ledger(folder, named, policies)
        policies |= named  # a policy without statements has no rows
    return Corpus(dict(sorted(policies.items())), frozenset(holding), manifest)


def _holders(
    folder: Path, manifest: Manifest | None, practice: Practice | None, *, rows: bool
) -> Iterator[Holders]:
    """The files of a folder with the policies in them that have the practice."""
    files = sorted(folder.glob(QUADS)) if manifest else _graph_files(folder)
    tables = sorted(folder.glob(ROWS)) if manifest else []
    if tables and (rows or not files):
        return find_row_holders(tables, practice)
    if rows or not files:
        wanted = "rows" if rows else "graphs"
        advice = "give what `batch` or `convert` wrote to; --rows needs `batch --format parquet`"
        raise GraphError(folder, f"there are no {wanted} in it", advice)
    return find_holders(files, practice)


def _check_ledger(folder: Path, named: dict[str, Policy], found: dict[str, Policy]) -> None:
    odd = sorted(set(found) - set(named))
    if odd:
        what = f"{len(odd)} policies are not in its ledger, such as {odd[0]}"
        raise GraphError(folder, what, "run the same `batch` again")


def _manifest(folder: Path) -> Manifest | None:
    """The manifest of a batch; None for another folder."""
    if not (folder / LEDGER).is_dir():
        return None
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        advice = "run the same `batch` again, which goes on where it was"
        raise GraphError(folder, "the batch is not done", advice) from error
    except (OSError, msgspec.MsgspecError) as error:
        found = f"cannot be read ({error})"
        raise GraphError(folder / MANIFEST, found, "run the same `batch` again") from error


def _ledger(folder: Path) -> Iterator[Policy]:
    """The policies of a ledger that were converted."""
    for path in sorted((folder / LEDGER).glob("part-*.jsonl")):
        try:
            entries = msgspec.json.Decoder(Entry).decode_lines(path.read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            found = f"cannot be read ({error})"
            raise GraphError(path, found, "run the same `batch` again") from error
        for entry in entries:
            if entry.status == "ok":
                yield Policy(graph=entry.graph, name=entry.input, sha256=entry.sha256,
                             media_type=entry.media_type)  # fmt: skip


def _graph_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in GRAPHS)
