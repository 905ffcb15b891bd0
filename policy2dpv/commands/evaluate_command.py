"""The evaluate command: gold in, figures out; `register` adds it to an app."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

if TYPE_CHECKING:
    from policy2dpv.evaluating.evaluate import Evaluation, Trial

GOLD = Path("tests/gold")
POLICIES = Path("examples")
FLOOR = Path("tests/floor.json")
DONE, FOUND = 0, 1

Show = Literal["wrong", "missed", "all"]


class Place(msgspec.Struct, frozen=True):
    """Where a gold set and its policy lie."""

    gold: Path
    policy: Path


def register(app: typer.Typer) -> None:
    """Add the command to a command line.

    >>> app = typer.Typer()
    >>> register(app)
    >>> [command.callback.__name__ for command in app.registered_commands]
    ['evaluate']
    """
    app.command()(evaluate)


def evaluate(
    gold: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of gold, or paths up to NAME; else tests/gold."),
    ] = None,
    policies: Annotated[
        list[Path] | None,
        typer.Option(help="Folders with the policies called NAME; else examples."),
    ] = None,
    show: Annotated[
        Show | None, typer.Option(help="List what is wrong or missed, with the deciding rows.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
    against: Annotated[
        bool, typer.Option("--against", help="How far a second annotator's gold agrees.")
    ] = False,
    strip: Annotated[
        Path | None,
        typer.Option(help="Write the gold without the policies' words into this folder."),
    ] = None,
    floor: Annotated[
        Path | None, typer.Option(help="A floor file: fail where a figure is below its floor.")
    ] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Write the figures as floors; else tests/floor.json.")
    ] = False,
    allow_regression: Annotated[
        str, typer.Option(help="Why a floor may fall; the floor file keeps it.")
    ] = "",
) -> None:
    """Measure the reader against gold: per kind precision, recall, F1; ties, grounds, actors.

    Example: policy2dpv evaluate tests/gold/eu-shop --show wrong
    """
    if against:
        _tell_agreement(gold or [], policies, json=json)
        return
    from_floor = floor if not gold else None
    places = _floor_places(from_floor) if from_floor else _find_places(gold or [GOLD], policies)
    if strip:
        _strip(places, strip)
        return
    from policy2dpv.evaluating.evaluate import evaluate_trials, try_policy

    trials = [try_policy(place.gold, place.policy) for place in places]
    evaluations = [evaluate_trials([trial]) for trial in trials]
    _tell_figures(trials, evaluations, show, json=json)
    if pin:
        _pin(floor or FLOOR, places, evaluations, allow_regression)
    elif floor:
        raise typer.Exit(_compare(floor, evaluations))


def _find_places(gold: Sequence[Path], policies: Sequence[Path] | None) -> list[Place]:
    from policy2dpv.evaluating.evaluate import find_policy
    from policy2dpv.evaluating.gold import find_gold

    prefixes = [prefix for place in gold for prefix in find_gold(place)]
    folders = list(policies or [POLICIES])
    return [Place(prefix, find_policy(prefix.name, folders)) for prefix in prefixes]


def _floor_places(floor: Path) -> list[Place]:
    from policy2dpv.evaluating.floors import read_floors

    sets = read_floors(floor).sets.values()
    return [Place(floor.parent / one.gold, floor.parent / one.policy) for one in sets]


def _tell_figures(
    trials: Sequence[Trial], evaluations: Sequence[Evaluation], show: Show | None, *, json: bool
) -> None:
    """Print the figures, of several sets also together, and the findings that are asked for."""
    from policy2dpv.evaluating.evaluate import evaluate_trials
    from policy2dpv.evaluating.evaluate_report import (
        format_evaluation,
        format_findings,
        format_json,
        list_missed,
        list_wrong,
    )

    listers = {"wrong": [list_wrong], "missed": [list_missed], "all": [list_missed, list_wrong]}
    chosen = listers.get(show or "", [])
    findings = [found for trial in trials for lister in chosen for found in lister(trial)]
    whole = evaluate_trials(trials) if len(trials) > 1 else evaluations[0]
    if json:
        _print(format_json(evaluations, whole, findings if show else None))
        return
    if show:
        _print(format_findings(findings))
    for one in evaluations:
        _print(format_evaluation(one))
    if len(trials) > 1:
        _print(format_evaluation(whole))


def _tell_agreement(gold: Sequence[Path], policies: Sequence[Path] | None, *, json: bool) -> None:
    from policy2dpv.evaluating.evaluate import compare_golds, find_policy
    from policy2dpv.evaluating.evaluate_report import format_agreement
    from policy2dpv.evaluating.gold import Gold, GoldError, find_gold, read_gold, restore_gold
    from policy2dpv.reading.read import read_document

    if len(gold) != 2:
        advice = "name the first annotator's gold and the second's"
        raise GoldError("evaluate --against", f"{len(gold)} names of gold", advice)

    def words_of(prefix: Path) -> Gold:
        one = read_gold(prefix)
        if any(line.quote_sha256 for line in one.lines):
            policy = find_policy(one.name, list(policies or [POLICIES]))
            one, _ = restore_gold(one, read_document(policy).text)
        return one

    for first, second in _pairs(*map(find_gold, gold)):
        result = compare_golds(words_of(first), words_of(second))
        if json:
            _print(msgspec.json.encode({"name": first.name, "agreement": result}).decode() + "\n")
        else:
            _print(format_agreement([str(first), str(second)], result))


def _pairs(first: Sequence[Path], second: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Gold of the same name by two annotators; two single ones whatever their names."""
    from policy2dpv.evaluating.gold import GoldError

    if len(first) == len(second) == 1:
        return [(first[0], second[0])]
    by_name = {path.name: path for path in second}
    pairs = [(path, by_name[path.name]) for path in first if path.name in by_name]
    if not pairs:
        found = "the two folders have no gold of the same name"
        raise GoldError("evaluate --against", found, "name two paths up to the NAME")
    return pairs


def _strip(places: Sequence[Place], folder: Path) -> None:
    from policy2dpv.evaluating.gold import GoldError, read_gold, strip_gold, write_gold
    from policy2dpv.reading.read import read_document

    folder.mkdir(parents=True, exist_ok=True)
    for place in places:
        if place.gold.parent.resolve() == folder.resolve():
            advice = "name another folder for what has no quotes"
            raise GoldError(place.gold, "the gold would be replaced", advice)
        stripped, lost = strip_gold(read_gold(place.gold), read_document(place.policy).text)
        written = write_gold(stripped, folder)
        _say(f"{place.gold.name} -> {', '.join(map(str, written))}")
        for words in lost:
            _say(f"  not in the text: {words!r}")


def _pin(
    path: Path, places: Sequence[Place], evaluations: Sequence[Evaluation], reason: str
) -> None:
    from policy2dpv.evaluating.floors import Floors, Pin, pin_floors, read_floors, write_floors

    old = read_floors(path) if path.is_file() else Floors()
    pins = [
        Pin(place.gold, place.policy, one)
        for place, one in zip(places, evaluations, strict=True)
    ]  # fmt: skip
    write_floors(pin_floors(old, pins, path.parent, reason=reason), path)
    _say(f"{path}: {len(pins)} sets are pinned")


def _compare(path: Path, evaluations: Sequence[Evaluation]) -> int:
    from policy2dpv.evaluating.floors import check_floors, read_floors

    sets = read_floors(path).sets
    pinned = [one for one in evaluations if one.name in sets]
    faults = [fault for one in pinned for fault in check_floors(sets[one.name], one)]
    for fault in faults:
        _say(fault)
    return FOUND if faults else DONE


def _print(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _say(message: str) -> None:
    typer.echo(message, err=True)
