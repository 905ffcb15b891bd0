"""Versions of a policy: files, folders of files, and a file's git history -> meanings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from policy2dpv.comparing.meaning import Meaning, meaning_of, read_meaning
from policy2dpv.destinations import describe_input, is_address, list_policies, open_input
from policy2dpv.errors import PolicyError, ReadError
from policy2dpv.graphs.graph_triples import ENDINGS as GRAPHS
from policy2dpv.graphs.graph_triples import is_graph_file, only_notice, read_graph_file

DATE = re.compile(r"(?<!\d)(\d{4}-\d\d(?:-\d\d)?)(?!\d)")  # in a file's name
GIT_SECONDS = 60
MOST_VERSIONS = 500
Say = Callable[[str], None]


class Source(msgspec.Struct, frozen=True):
    """How versions are read: the language if it is known, the notice of a graph with several."""

    language: str | None = None
    notice: str | None = None


def read_version(name: str, how: Source, say: Say) -> Meaning:
    """Return what a policy (file, address, ``-``) or a graph file says.

    ReadError, LanguageError, GraphError: it cannot be read, holds no policy or several notices.

    >>> read_version("nowhere.md", Source(), print)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: nowhere.md: no such file; check the path
    """
    if not is_address(name) and is_graph_file(name):
        return _graph(Path(name), how, say)
    from policy2dpv.conversion import convert

    made = convert(open_input(name), language=how.language)
    return meaning_of(made, name if is_address(name) else Path(describe_input(name)).name)


def read_folder(folder: str, how: Source, say: Say) -> list[Meaning]:
    """Return the versions in a folder by their dates; those without one are left out and said.

    ReadError: a folder without policies or graphs, or fewer than two of them can be dated.
    """
    from policy2dpv.reading.media_types import ENDINGS

    return read_files(list_policies([folder], {*ENDINGS, *GRAPHS}), how, say, where=folder)


def read_files(
    names: Sequence[str], how: Source, say: Say, *, where: str = "versions"
) -> list[Meaning]:
    """Return the versions that files hold, by their dates; those without one are left out.

    ReadError, LanguageError, GraphError: as read_version, or fewer than two can be dated.

    >>> read_files([], Source(), print)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: versions: fewer than two versions with a date; ...
    """
    found = [_dated(read_version(name, how, say), Path(name).name) for name in names]
    return order_versions(found, where, say)


def read_history(file: str, how: Source, say: Say) -> list[Meaning]:
    """Return the versions of a file in its git history, oldest first.

    A version has the policy's own date, else the commit's. ReadError: git is missing, the file is
    in no repository or was never committed. A version that cannot be read is left out and said.
    """
    path = Path(file)
    if not path.is_file():
        raise ReadError(file, "no such file", "name a file that git keeps")
    folder = path.resolve().parent
    log = _git(folder, "log", "--follow", "--format=%x00%H %cs", "--name-only", "--", path.name)
    entries = [entry.split("\n") for entry in log.decode("utf-8", "replace").split("\0")[1:]]
    if not entries:
        raise ReadError(file, "git keeps no version of it", "commit it first")
    found = []
    for head, *names in reversed(entries[:MOST_VERSIONS]):
        commit, _, day = head.partition(" ")
        name = next(filter(None, names), path.name)
        try:
            meaning = _version_at(folder, commit, name, how, say)
        except PolicyError as error:
            say(f"policy2dpv: {path.name} at {commit[:10]}: left out: {error}")
            continue
        found.append(_dated(meaning, "", day))
    return found


def read_revision(file: str, revision: str, how: Source, say: Say) -> Meaning:
    """Return what a file said at a revision of git. ReadError: git has no such version."""
    path = Path(file)
    folder = path.resolve().parent
    if revision.startswith("-"):
        raise ReadError(revision, "not a revision of git", "name a commit, tag or branch")
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    top = _git(folder, "rev-parse", "--show-prefix").decode("utf-8", "replace").strip()
    return _version_at(folder, commit.decode().strip(), f"{top}{path.name}", how, say)


def order_versions(found: Sequence[Meaning], where: str, say: Say) -> list[Meaning]:
    """Return versions by their dates. ReadError: fewer than two have one.

    >>> order_versions([], "versions", print)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: versions: fewer than two versions with a date; ...
    """
    for meaning in found:
        if not meaning.date:
            say(f"policy2dpv: {meaning.name}: warning: no date in it or in its name; left out")
    dated = sorted((m for m in found if m.date), key=lambda m: (m.date, m.name))
    if len(dated) < 2:
        advice = "give two files, or put the date (2026-03-01) into the files' names"
        raise ReadError(where, "fewer than two versions with a date", advice)
    return dated


def _dated(meaning: Meaning, name: str, day: str = "") -> Meaning:
    """The meaning with the date of its file or commit where it has none of its own."""
    if meaning.date:
        return meaning
    match = DATE.search(name)
    return msgspec.structs.replace(meaning, date=match[1] if match else day)


def _graph(path: Path, how: Source, say: Say) -> Meaning:
    graph = read_graph_file(path)
    if how.notice and graph.notices != (how.notice,):
        graph = only_notice(graph, how.notice)
    if len(graph.notices) > 1:
        found = f"{len(graph.notices)} notices: {', '.join(graph.notices[:3])}"
        raise ReadError(path, found, "choose one with --notice")
    meaning = read_meaning(graph, path.name)
    if not graph.notices:
        say(f"policy2dpv: {path.name}: warning: no notice in it; all its statements are taken")
    return meaning


def _version_at(folder: Path, commit: str, name: str, how: Source, say: Say) -> Meaning:
    import tempfile

    data = _git(folder, "cat-file", "blob", f"{commit}:{name}")
    label = f"{PurePosixPath(name).name}@{commit[:10]}"
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / PurePosixPath(name).name
        path.write_bytes(data)
        meaning = read_version(str(path), how, say)
    return msgspec.structs.replace(meaning, name=label)


def _git(folder: Path, *words: str) -> bytes:
    """What git prints; it runs no hook, pager, filter or monitor of the repository."""
    command = ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
               "-C", str(folder), *words]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=GIT_SECONDS, check=False)
    except FileNotFoundError as error:
        raise ReadError("git", "the program is not installed", "install git") from error
    except subprocess.TimeoutExpired as error:
        found = f"git does not answer within {GIT_SECONDS} seconds"
        raise ReadError(folder, found, "give the versions as files") from error
    if done.returncode:
        reason = (done.stderr.decode("utf-8", "replace").strip() or "it failed").splitlines()[0]
        raise ReadError(folder, f"git says: {reason}", "name a file in a git repository")
    return done.stdout
