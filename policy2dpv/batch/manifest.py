"""What a batch was asked to do and what it gave: run.json before it, manifest.json after it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from policy2dpv.batch.folder import Folder, put_bytes, told
from policy2dpv.batch.records import STATUSES, Part, PartFile, Settings
from policy2dpv.batch.sources import Inputs
from policy2dpv.errors import BatchError
from policy2dpv.versions import describe_versions


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was asked for: with equal orders and inputs the results are equal."""

    inputs: Inputs
    settings: Settings
    sample: int | None = None
    versions: str


class PartSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A shard in the manifest."""

    number: int
    inputs: int
    statements: int
    triples: int
    files: tuple[PartFile, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a run gave. `counts` are inputs by status, `passed_over` is what is no policy."""

    order: Order
    inputs: int
    passed_over: int
    counts: dict[str, int]
    statements: int
    triples: int
    parts: list[PartSummary]


def make_order(inputs: Inputs, settings: Settings, sample: int | None) -> Order:
    """Return what is asked for, with the versions that do it."""
    return Order(inputs=inputs, settings=settings, sample=sample, versions=describe_versions())


def claim_folder(folder: Folder, order: Order) -> bytes:
    """Return run.json, written now or found equal.

    BatchError: the folder holds the results of another order, or files of somebody else.
    WriteError: it cannot be written.
    """
    wanted = _json(order)
    with told(folder.path):
        if not folder.run.exists():
            if any(folder.path.glob("part-*")) or folder.manifest.exists():
                raise BatchError(folder.path, "it holds parts of which no run is known",
                                 "name another folder with -o")  # fmt: skip
            put_bytes(wanted, folder.run, folder.making)
        found = folder.run.read_bytes()
    if found != wanted:
        differing = _differences(found, wanted)
        raise BatchError(folder.path, f"a run of another order is there: {differing}",
                         "name another folder with -o, or give the order of that run")  # fmt: skip
    return wanted


def _differences(found: bytes, wanted: bytes) -> str:
    """Which settings differ, as ``NAME was A, is B``."""
    try:
        old, new = (_flat(msgspec.json.decode(data)) for data in (found, wanted))
    except msgspec.MsgspecError:
        return "run.json is not readable"
    shown = [f"{key} was {old.get(key)!r}, is {new.get(key)!r}"
             for key in sorted({*old, *new}) if old.get(key) != new.get(key)]  # fmt: skip
    return "; ".join(one[:200] for one in shown[:5])


def _flat(value: object, name: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {name: value}
    flat: dict[str, object] = {}
    for key, inner in value.items():
        flat |= _flat(inner, f"{name}.{key}" if name else str(key))
    return flat


def write_manifest(
    folder: Folder, order: Order, parts: Iterable[Part], passed_over: int
) -> Manifest:
    """Write the manifest and return it. WriteError: it cannot be written."""
    counts = dict.fromkeys(map(str, STATUSES), 0)
    listed = []
    for part in parts:
        for status, count in part.counts.items():
            counts[status] += count
        listed.append(PartSummary(number=part.number, inputs=part.inputs, files=part.files,
                                  statements=part.statements, triples=part.triples))  # fmt: skip
    manifest = Manifest(
        order=order, inputs=sum(part.inputs for part in listed), passed_over=passed_over,
        counts=counts, statements=sum(part.statements for part in listed),
        triples=sum(part.triples for part in listed), parts=listed,
    )  # fmt: skip
    with told(folder.path):
        put_bytes(_json(manifest), folder.manifest, folder.making)
    return manifest


def finished_parts(folder: Folder) -> int | None:
    """Return the number of shards of a run that ended, None where none did.

    >>> from pathlib import Path
    >>> finished_parts(Folder(Path("no-such-folder"))) is None
    True
    """
    try:
        return len(msgspec.json.decode(folder.manifest.read_bytes(), type=Manifest).parts)
    except (OSError, msgspec.MsgspecError):
        return None


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
