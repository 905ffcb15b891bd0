"""A conversion leaves nothing behind that only a search for unreachable cycles would find."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from policy2dpv import convert
from policy2dpv.garbage import uncollected

EXAMPLES = sorted(path for path in Path(__file__).parents[1].glob("examples/*.*"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_conversion_leaves_no_cycles(path: Path) -> None:
    convert(path).to_nquads()  # what is loaded once may leave some
    gc.collect()
    with uncollected():
        convert(path).to_nquads()
        assert gc.collect() == 0
