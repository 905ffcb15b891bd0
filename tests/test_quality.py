"""The floors: no change may make the reader worse on any gold set without a written reason."""

from __future__ import annotations

import pytest
from conftest import ROOT

from policy2dpv.evaluating.evaluate import evaluate_trials, try_policy
from policy2dpv.evaluating.floors import check_floors, read_floors

FLOOR = ROOT / "tests" / "floor.json"
FLOORS = read_floors(FLOOR)
FIGURES = {
    "strict_f1", "near_precision", "near_f1", "ties_precision", "ties_f1", "grounded_recall",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FLOORS.sets))
def test_figures_hold_their_floors(name: str) -> None:
    floor = FLOORS.sets[name]
    gold, policy = FLOOR.parent / floor.gold, FLOOR.parent / floor.policy
    if not policy.is_file():
        pytest.skip(f"{floor.policy} is absent: the floors of {name} are NOT checked")
    faults = check_floors(floor, evaluate_trials([try_policy(gold, policy)]))
    advice = "raise floors with `policy2dpv evaluate --floor tests/floor.json --pin`"
    assert not faults, "\n".join([*faults, advice])


@pytest.mark.parametrize("name", sorted(FLOORS.sets))
def test_each_set_pins_all_figures(name: str) -> None:
    assert set(FLOORS.sets[name].floors) == FIGURES


def test_each_floor_that_fell_has_a_reason() -> None:
    assert all(one.reason.strip() for one in FLOORS.regressions)
