"""The floor file: figures that each gold set must keep, raised by hand and never lowered by chance.

A floor may rise in any change and falls only with a written reason, which the file keeps.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from policy2dpv.data import replace_file
from policy2dpv.errors import PolicyError
from policy2dpv.evaluating.evaluate import Evaluation

DIGITS = 4


class FloorError(PolicyError):
    """A floor file that cannot be read, or a floor that would fall without a reason."""


class FloorSet(msgspec.Struct, frozen=True):
    """One gold set: its gold and policy (from the floor file's folder), text hash and floors."""

    gold: str
    policy: str
    sha256: str
    floors: dict[str, float]


class Regression(msgspec.Struct, frozen=True):
    """A floor that fell, and why."""

    name: str
    figure: str
    before: float
    after: float
    reason: str


class Floors(msgspec.Struct, frozen=True):
    """What the floor file holds, by the names of the gold sets."""

    sets: Mapping[str, FloorSet] = {}
    regressions: tuple[Regression, ...] = ()


class Pin(msgspec.Struct, frozen=True):
    """A gold set as measured: where its gold and its policy lie, and its figures."""

    gold: Path
    policy: Path
    evaluation: Evaluation


def read_floors(path: Path) -> Floors:
    """Return what a floor file holds. FloorError: it cannot be read or is none.

    >>> read_floors(Path("nowhere.json"))
    Traceback (most recent call last):
    ...
    policy2dpv.evaluating.floors.FloorError: nowhere.json: there is no such file; ...
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Floors)
    except FileNotFoundError as error:
        advice = "make it with `policy2dpv evaluate GOLD --pin`"
        raise FloorError(path, "there is no such file", advice) from error
    except (OSError, msgspec.DecodeError) as error:
        raise FloorError(path, f"cannot be read ({error})", "restore the file") from error


def write_floors(floors: Floors, path: Path) -> None:
    """Write a floor file in one step, its sets by name."""
    ordered = msgspec.structs.replace(floors, sets=dict(sorted(floors.sets.items())))
    text = msgspec.json.format(msgspec.json.encode(ordered), indent=2).decode("utf-8")
    replace_file(path, text + "\n")


def check_floors(floor: FloorSet, evaluation: Evaluation) -> list[str]:
    """Return what is wrong: figures below their floor, or a text that is not the pinned one."""
    name, found = evaluation.name, list[str]()
    if evaluation.sha256 != floor.sha256:
        found.append(f"{name}: the text is another one than at pinning; check it and pin again")
    measured = evaluation.floors
    for figure, least in floor.floors.items():
        value = measured.get(figure, 0.0)
        if _rounded(value) < least:
            found.append(f"{name}: {figure} is {value:.4f}, its floor is {least}")
    return found


def pin_floors(floors: Floors, pins: Sequence[Pin], folder: Path, *, reason: str = "") -> Floors:
    """Return the floors with the measured figures in place of the old ones.

    `folder` is the floor file's, from which paths are written. FloorError: a figure is below its
    floor and no reason is given.
    """
    sets, regressions = dict(floors.sets), list(floors.regressions)
    fallen: list[Regression] = []
    for pin in pins:
        name = pin.evaluation.name
        measured = {figure: _rounded(v) for figure, v in pin.evaluation.floors.items()}
        old = sets[name].floors if name in sets else {}
        fallen += [
            Regression(name, figure, least, measured.get(figure, 0.0), reason)
            for figure, least in old.items()
            if measured.get(figure, 0.0) < least
        ]
        sets[name] = FloorSet(
            _relative(pin.gold, folder), _relative(pin.policy, folder),
            pin.evaluation.sha256, measured,
        )  # fmt: skip
    if fallen and not reason.strip():
        said = ", ".join(f"{r.name} {r.figure} {r.before} -> {r.after}" for r in fallen)
        advice = 'mend it, or give a reason: --allow-regression "why"'
        raise FloorError("floors", f"these would fall: {said}", advice)
    return Floors(sets, (*regressions, *fallen))


def _rounded(value: float) -> float:
    """Down to what a floor file holds, so that what was pinned is never below its floor."""
    scale = 10.0**DIGITS
    rounded: float = math.floor(value * scale + 1e-6) / scale
    return rounded


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
