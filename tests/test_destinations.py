"""Where results go: names never clash, whatever the inputs are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.destinations import list_policies, name_results, place_results
from policy2dpv.errors import ReadError, WriteError

STEPS = st.text(st.sampled_from("abAB-. ü"), min_size=1, max_size=3).filter(
    lambda step: step.strip(". ")
)
PATHS = st.builds(
    lambda steps, suffix: "/".join(steps) + suffix,
    st.lists(STEPS, min_size=1, max_size=3),
    st.sampled_from(["", ".html", ".md"]),
)


@given(st.lists(PATHS | st.just("-"), max_size=8, unique=True))
def test_no_two_policies_share_a_name(policies: list[str]) -> None:
    names = [name.casefold() for name in name_results(policies)]
    assert len(set(names)) == len(policies)
    assert not any("/" in name for name in names)


@pytest.mark.parametrize(
    ("policies", "names"),
    [
        (["policy.html"], ["policy"]),
        (["a/policy.html", "b/policy.html"], ["a-policy", "b-policy"]),
        (["x/a/policy.html", "y/a/policy.html"], ["x-a-policy", "y-a-policy"]),
        (["policy.html", "policy.md"], ["policy-html", "policy-md"]),
        (["https://acme.example/legal/privacy.html"], ["acme.example-legal-privacy"]),
        (["https://acme.example/"], ["acme.example"]),
        (["-"], ["stdin"]),
    ],
)
def test_names(policies: list[str], names: list[str]) -> None:
    assert name_results(policies) == names


def test_a_folder_stands_for_its_policies(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt", "deep/c.md", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = list_policies([str(tmp_path)], [".html", ".txt", ".md"])
    assert [Path(name).name for name in found] == ["a.txt", "b.html", "c.md"]


def test_a_folder_without_policies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="holds no file"):
        list_policies([str(tmp_path)], [".html"])


def test_one_result_goes_to_the_file_named() -> None:
    places = place_results(["a.html"], {"turtle": ".ttl"}, "here.turtle")
    assert places == [{"turtle": Path("here.turtle")}]


def test_many_results_need_a_folder(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("x")
    for output in ("-", str(taken)):
        with pytest.raises(WriteError):
            place_results(["a.html", "b.html"], {"turtle": ".ttl"}, output)
