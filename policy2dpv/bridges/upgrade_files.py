"""Graph files, table files and folders of them -> new files of a later release of the DPV."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy2dpv.bridges.upgrade import Move, Upgrade, Upgraded, upgrade_text
from policy2dpv.data import replace_file
from policy2dpv.errors import GraphError, PolicyError, TableError, WriteError
from policy2dpv.graphs.graph_files import graph_syntax, read_bytes
from policy2dpv.knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph

TABLES = (".tsv", ".csv")
LIMIT = 200_000_000  # bytes of a file


def upgrade_files(source: Path, output: Path, release: str) -> tuple[Move, ...]:
    """Write a graph, a table, or a folder of both with the terms of a release; return the moves.

    `output` is a new file or folder, whole or not there at all. In a folder, files of other kinds
    are copied. Raises VocabularyError for a release without an index, GraphError or TableError for
    what cannot be read, WriteError for an output that is the input, or a folder that is there.

    >>> upgrade_files(Path("no-such.ttl"), Path("new.ttl"), "2.3")
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: no-such.ttl: there is no such file; give a graph or a table
    """
    known = load_vocabulary(release)
    if not source.exists():
        raise GraphError(source, "there is no such file", "give a graph or a table")
    if source.resolve() == output.resolve():
        raise WriteError(output, "it is the input", "name a new file with -o")
    try:
        if source.is_dir():
            return _upgrade_folder(source, output, known)
        done = upgrade_file(source, output.suffix, known)
        replace_file(output, done.text.decode("utf-8"))
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(output, found, "name another place with -o") from error
    return done.moves


def upgrade_file(path: Path, suffix: str, vocabulary: Vocabulary) -> Upgraded:
    """Return one file's new text, a graph in the format of `suffix`.

    Raises GraphError or TableError for a file that cannot be read or is too large.

    >>> upgrade_file(Path("no-such.tsv"), ".tsv", load_vocabulary())
    Traceback (most recent call last):
    policy2dpv.errors.TableError: no-such.tsv: No such file or directory; give a table file
    """
    if path.is_file() and path.stat().st_size > LIMIT:
        raise GraphError(path, f"it has more than {LIMIT:,} bytes", "take it apart")
    if path.suffix.lower() not in TABLES:
        return _upgrade_graph(path, suffix, vocabulary)
    try:
        return upgrade_text(path.read_bytes().decode("utf-8"), vocabulary)
    except OSError as error:
        raise TableError(path, error.strerror or str(error), "give a table file") from error
    except UnicodeDecodeError as error:
        raise TableError(path, "not UTF-8 text", "save the file as UTF-8") from error


def _upgrade_graph(path: Path, suffix: str, vocabulary: Vocabulary) -> Upgraded:
    import pyoxigraph

    upgrade = Upgrade(vocabulary)
    syntax, target = graph_syntax(path), graph_syntax(path.with_name("new" + suffix))
    try:
        data = read_bytes(path)
        quads = list(pyoxigraph.parse(data, syntax, base_iri=path.resolve().as_uri()))
    except SyntaxError as error:
        found = f"no valid {syntax.name}: {error}"
        raise GraphError(path, found, "mend it or convert it again") from error
    numbers: dict[pyoxigraph.BlankNode, pyoxigraph.BlankNode] = {}
    moved = [_moved(quad, upgrade, numbers) for quad in quads]
    named = any(not isinstance(quad.graph_name, pyoxigraph.DefaultGraph) for quad in moved)
    if named and not target.supports_datasets:
        found = f"its named graphs do not fit into {target.name}"
        raise GraphError(path, found, "name an output that ends in .trig, .nq or .jsonld")
    # a JSON-LD or N-Quads file keeps its graphs; the others have one
    lines = sorted(set(moved), key=str)
    facts = lines if named else [quad.triple for quad in lines]
    prefixes = _used(lines, vocabulary)
    text = pyoxigraph.serialize(facts, format=target, prefixes=prefixes) or b""
    return Upgraded(text, upgrade.moves)


def _moved(
    quad: pyoxigraph.Quad,
    upgrade: Upgrade,
    numbers: dict[pyoxigraph.BlankNode, pyoxigraph.BlankNode],
) -> pyoxigraph.Quad:
    """The quad with its terms moved, and its blank nodes numbered as they come in the file."""
    import pyoxigraph

    def moved(node: Any) -> Any:
        if isinstance(node, pyoxigraph.NamedNode):
            return pyoxigraph.NamedNode(upgrade.iri(node.value))
        if isinstance(node, pyoxigraph.BlankNode):
            return numbers.setdefault(node, pyoxigraph.BlankNode(f"b{len(numbers)}"))
        return node

    subject, predicate = moved(quad.subject), moved(quad.predicate)
    return pyoxigraph.Quad(subject, predicate, moved(quad.object), moved(quad.graph_name))


def _used(quads: list[pyoxigraph.Quad], vocabulary: Vocabulary) -> dict[str, str]:
    """The prefixes that the graph's IRIs make use of."""
    import pyoxigraph

    nodes = {node for quad in quads for node in (quad.subject, quad.predicate, quad.object)}
    iris = (node.value for node in nodes if isinstance(node, pyoxigraph.NamedNode))
    used = {vocabulary.curie(iri).partition(":")[0] for iri in iris}
    return {p: space for p, space in sorted(vocabulary.prefixes.items()) if p in used}


def _upgrade_folder(source: Path, output: Path, vocabulary: Vocabulary) -> tuple[Move, ...]:
    """A whole folder: made aside, then moved to its place."""
    if output.exists():
        raise WriteError(output, "it is there already", "name a new folder with -o")
    if output.resolve().is_relative_to(source.resolve()):
        raise WriteError(output, "it lies in the input", "name a folder elsewhere with -o")
    count: Counter[tuple[str, str, str]] = Counter()
    aside = Path(tempfile.mkdtemp(dir=output.resolve().parent, prefix=f".{output.name}."))
    try:
        for path in sorted(p for p in source.rglob("*") if p.is_file()):
            place = aside / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            done = _known(path, vocabulary)
            if done is None:
                shutil.copyfile(path, place)
                continue
            place.write_bytes(done.text)
            for move in done.moves:
                count[move.old, move.new, move.why] += move.times
        aside.chmod(0o755)
        aside.rename(output)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return tuple(sorted(Move(*what, times) for what, times in count.items()))


def _known(path: Path, vocabulary: Vocabulary) -> Upgraded | None:
    """A file's new text, None for a file that is neither a table nor a graph."""
    if path.suffix.lower() not in TABLES:
        try:
            graph_syntax(path)
        except PolicyError:
            return None
    return upgrade_file(path, path.suffix, vocabulary)
