"""Builds the index of a DPV release from its Turtle files: facts only, no definitions' text."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from policy2dpv.data import data_folder, replace_file
from policy2dpv.errors import VocabularyError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import (
    RELEASE,
    REPLACED_COLUMNS,
    SUNSET,
    TERM_COLUMNS,
    Replacement,
    Term,
    Vocabulary,
    open_vocabulary,
)
from policy2dpv.knowledge.vocabulary_read import Names, ReleaseFile, read_release_file, some_names


class BuildReport(msgspec.Struct, frozen=True):
    """What a build made: numbers of core, further and replaced terms, and the faults it met."""

    folder: Path
    core: int
    further: int
    replaced: int
    files: tuple[str, ...]
    faults: tuple[str, ...]


def build_vocabulary(
    directory: Path,
    *,
    release: str = RELEASE,
    modules: Sequence[str] | None = None,
    output: Path | None = None,
    changes: Path | None = None,
) -> BuildReport:
    """Read a release's Turtle files (NAME.ttl) and write its index; return what was met.

    `modules` are the core files, else those of vocab/release.toml, which also says what is put
    right. `output` is else vocab/dpv-RELEASE; `changes` is a table of retired terms (columns
    term, successor, note and one of ``in RELEASE``). Raises VocabularyError for a missing or
    unreadable file, or one of another release.

    >>> build_vocabulary(Path("nowhere"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.VocabularyError: nowhere: no file dpv.ttl; give the folder that holds it
    """
    settings = tomllib.loads((data_folder("vocab") / "release.toml").read_text("utf-8"))
    core_names = tuple(modules or settings["core"])
    files = _read_files(directory, core_names, settings["further"], release)
    folder = output or data_folder("vocab") / f"dpv-{release}"
    folder.mkdir(parents=True, exist_ok=True)
    faults = [fault for file in files for fault in file.faults]
    terms, origin = _merge(files, faults)
    terms = _put_right(terms, settings, faults)
    core, further = _divide(terms, origin, core_names, settings["places"])
    _write_terms(folder / "terms.tsv", core)
    _write_terms(folder / "further.tsv", further)
    replace_file(folder / "replaced.tsv", _replaced_text(()))
    vocabulary = open_vocabulary(folder)
    faults += _count_untyped(vocabulary, settings["types"]["expected"])
    faults += _count_same_labels(core, settings["places"]["region"])
    replaced = _replacements(changes, release, vocabulary) if changes else []
    replace_file(folder / "replaced.tsv", _replaced_text(replaced))
    replace_file(folder / "SOURCE.toml", _source_text(files, changes, release, settings, faults))
    names = tuple(file.path.name for file in files)
    return BuildReport(folder, len(core), len(further), len(replaced), names, tuple(faults))


def _read_files(
    directory: Path, core: Iterable[str], further: Iterable[str], release: str
) -> list[ReleaseFile]:
    names = Names()
    files = []
    for name in dict.fromkeys((*core, *further)):
        path = directory / f"{name}.ttl"
        if path.is_file():
            files.append(read_release_file(path, names))
        elif name in core:
            advice = "give the folder that holds it"
            raise VocabularyError(directory, f"no file {path.name}", advice)
    for file in files:
        if file.version and file.version != release:
            raise VocabularyError(
                file.path, f"it is of release {file.version}", f"give --release {file.version}"
            )
    return files


def _merge(
    files: Iterable[ReleaseFile], faults: list[str]
) -> tuple[dict[str, Term], dict[str, str]]:
    """All terms, and the first file that each was read from; a term may stand in several files."""
    terms: dict[str, Term] = {}
    origin: dict[str, str] = {}
    for file in files:
        for name, new in file.terms.items():
            origin.setdefault(name, file.path.stem)
            if (old := terms.get(name)) is None:
                terms[name] = new
            else:
                terms[name] = _joined(old, new)
                if not new.label:
                    faults.append(f"{file.path.name}: describes {name} of another file again")
    unnamed = sorted(name for name, term in terms.items() if not term.label)
    for name in unnamed:
        faults.append(f"{origin[name]}.ttl: {name} has no label and is left out")
        del terms[name]
    return terms, origin


def _joined(one: Term, other: Term) -> Term:
    def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({*a, *b}))

    return Term(
        one.term,
        one.iri,
        one.label or other.label,
        both(one.broader, other.broader),
        both(one.types, other.types),
        one.status or other.status,
        one.module,
        both(one.subproperty_of, other.subproperty_of),
        both(one.source, other.source),
    )


def _put_right(
    terms: dict[str, Term], settings: dict[str, Any], faults: list[str]
) -> dict[str, Term]:
    """The terms without the inverse places, wrong parents and parents that do not exist."""
    left_out = settings["places"]["left_out"]
    inverse = {name for name in terms if name.startswith(left_out)}
    if inverse:
        faults.append(f"{len(inverse)} inverse places {left_out}* are left out")
    kept = {name: term for name, term in terms.items() if name not in inverse}
    modules = {term.module for term in kept.values()}
    wrong = {(rule["type"], rule["parent"]): 0 for rule in settings["wrong_parent"]}
    dangling: dict[tuple[str, str], list[str]] = {}
    result = {}
    for name, term in kept.items():
        cut: set[str] = set()
        for (type_, parent), count in wrong.items():
            if type_ in term.types and parent in term.broader:
                wrong[type_, parent] = count + 1
                cut.add(parent)
        for role, linked in (("parent", term.broader), ("type", term.types)):
            for missing in linked:
                if missing.partition(":")[0] in modules and missing not in kept:
                    dangling.setdefault((role, missing), []).append(name)
                    cut.add(missing)
        broader = tuple(t for t in term.broader if t not in cut)
        types = tuple(t for t in term.types if t not in cut or t in term.broader)
        result[name] = msgspec.structs.replace(term, broader=broader, types=types)
    for (type_, parent), count in wrong.items():
        if count:
            faults.append(f"{count} terms typed {type_} have the parent {parent}: not taken over")
    for (role, missing), names in sorted(dangling.items()):
        faults.append(f"the {role} {missing} of {some_names(names)} does not exist: left out")
    return result


def _divide(
    terms: dict[str, Term], origin: dict[str, str], core: Iterable[str], places: dict[str, Any]
) -> tuple[list[Term], list[Term]]:
    """Core and further terms: regions are core only in the countries named by the settings."""
    core_files, near = set(core), set(places["regions_of"])
    parts: tuple[list[Term], list[Term]] = ([], [])
    for name in sorted(terms):
        term = terms[name]
        far = places["region"] in term.types and not near.intersection(term.broader)
        parts[origin[name] not in core_files or far].append(term)
    return parts


def _count_untyped(vocabulary: Vocabulary, tops: Iterable[str]) -> list[str]:
    """Faults: terms under a top class by broader that the release does not type with it."""
    faults = []
    for top in tops:
        below = [t for t in vocabulary.terms if top in vocabulary.ancestors(t)]
        bare = [t for t in below if top not in vocabulary.term(t).types]
        if bare:
            faults.append(f"{len(bare)} of {len(below)} terms under {top} are not typed with it")
    return faults


def _count_same_labels(terms: Iterable[Term], region: str) -> list[str]:
    """Faults: labels that core terms of two modules share, so that a label needs its slot."""
    modules: dict[str, dict[str, str]] = {}
    for term in terms:
        if region not in term.types:
            modules.setdefault(term.label.casefold(), {}).setdefault(term.module, term.term)
    shared = [" = ".join(found.values()) for found in modules.values() if len(found) > 1]
    what = f"{len(shared)} labels stand in two modules: {some_names(shared)}"
    return [f"{what}: look labels up by slot"] if shared else []


def _replacements(changes: Path, release: str, vocabulary: Vocabulary) -> list[Replacement]:
    """The terms of a table of changes that the release lacks or has as sunset.

    `gone` is the release that dropped the term, "sunset", or "never" for one that never was.
    """
    found = {}
    for row in read_table(changes):
        term, standing = vocabulary.curie(row["iri"]), row[f"in {release}"]
        sunset = vocabulary.has(term) and vocabulary.status(term) == SUNSET
        if not vocabulary.is_dpv(row["iri"]) or term.endswith(":"):
            continue
        if sunset or (standing == "no" and not vocabulary.has(term)):
            successor = row["successor"] if vocabulary.has(row["successor"]) else ""
            gone = re.search(r"gone in (\d+\.\d+)", row["note"])
            when = SUNSET if sunset else gone[1] if gone else "never"
            found[term] = Replacement(term, successor, when)
    return [found[term] for term in sorted(found)]


def _write_terms(path: Path, terms: Iterable[Term]) -> None:
    lines = ["\t".join(TERM_COLUMNS)]
    for term in terms:
        cells = (getattr(term, name) for name in TERM_COLUMNS)
        lines.append("\t".join(c if isinstance(c, str) else " ".join(c) for c in cells))
    replace_file(path, "\n".join(lines) + "\n")


def _replaced_text(replaced: Iterable[Replacement]) -> str:
    lines = ["\t".join(REPLACED_COLUMNS)]
    lines += ["\t".join((row.term, row.successor, row.gone)) for row in replaced]
    return "\n".join(lines) + "\n"


def _source_text(
    files: Sequence[ReleaseFile],
    changes: Path | None,
    release: str,
    settings: dict[str, Any],
    faults: Iterable[str],
) -> str:
    """SOURCE.toml: where the index comes from, under which licence, and what was changed."""
    date = max(file.date for file in files)
    title = f"{settings['title']} {release}"
    address = settings["address"].format(release=release)
    statement = (
        f"This index is derived from {title}, {address}. Copyright (c) {date[:4]} "
        f"{settings['holder']}, {settings['licence_address']}. Changes: only terms, labels, "
        "parents, types, standing and addresses of sources were taken, definitions and notes "
        "were not; the faults listed below were put right as they say."
    )
    lines = [
        "# Written by `policy2dpv vocab build`; not to be edited.",
        f"title = {_toml(title)}",
        f"version = {_toml(release)}",
        f"date = {_toml(date)}",
        f"address = {_toml(address)}",
        f"licence = {_toml(settings['licence'])}",
        f"licence_address = {_toml(settings['licence_address'])}",
        f"licence_in_files = {_toml_list(sorted({f.licence for f in files if f.licence}))}",
        f"statement_of_change = {_toml(statement)}",
        f"faults = {_toml_list(faults)}",
        "",
        "[sha256]",
        *(f"{_toml(file.path.name)} = {_toml(file.sha256)}" for file in files),
    ]
    if changes:
        digest = hashlib.sha256(changes.read_bytes()).hexdigest()
        lines.append(f"{_toml(changes.name)} = {_toml(digest)}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _toml_list(items: Iterable[str]) -> str:
    rows = "".join(f"\n    {_toml(item)}," for item in items)
    return f"[{rows}\n]" if rows else "[]"
