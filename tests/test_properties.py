"""What holds for any policy: words stay, denials affirm nothing, edits elsewhere change nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import DENIALS, UNRELATED, acts, policies, scraps

from policy2dpv import Conversion, PolicyError, convert
from policy2dpv.annotating.relate import load_fields
from policy2dpv.model import Statement

MEDIA = ("text/plain", "text/markdown", "text/html")
BASE = "https://shop.example/privacy"
FEW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(text: str, media_type: str = "text/plain") -> Conversion:
    return convert(text.encode("utf-8"), base=BASE, media_type=media_type, language="en")


@given(scraps, st.sampled_from(MEDIA))
@FEW
def test_any_text_converts_and_its_spans_quote_it(text: str, media_type: str) -> None:
    made = None
    with contextlib.suppress(PolicyError):  # such as a file without a word
        made = read("We keep data. " + text, media_type)
    if made is None:
        return
    for found in made.annotations:
        assert made.document.text[found.start : found.end] == found.quote
        assert found.quote.strip()
    for said in made.statements:
        for start, end in (*said.evidence, said.condition or (0, 1), said.exception or (0, 1)):
            assert 0 <= start < end <= len(made.document.text)
    assert made.to_turtle() == read("We keep data. " + text, media_type).to_turtle()


@given(acts, st.sampled_from(DENIALS))
@FEW
def test_a_denied_clause_affirms_nothing(act: tuple[str, str, str], denial: str) -> None:
    verb, data, aim = act
    plain, denied = read(f"We {verb} {data}{aim}."), read(f"We {denial} {verb} {data}{aim}.")
    affirmed = set(affirmations(plain))
    assert affirmed
    assert not affirmed.intersection(affirmations(denied))


@given(policies(), st.lists(st.sampled_from(UNRELATED), min_size=1, max_size=3))
@FEW
def test_an_unrelated_paragraph_at_the_end_changes_nothing(
    text: list[str], more: list[str]
) -> None:
    before, after = read("\n\n".join(text)), read("\n\n".join([*text, *more]))
    assert list(after.statements) == list(before.statements)
    assert not set(nodes(before)) ^ set(nodes(after))


@given(policies(), st.sampled_from(UNRELATED))
@FEW
def test_an_unrelated_paragraph_at_the_head_moves_no_node(text: list[str], more: str) -> None:
    first, *rest = text
    before, after = read("\n\n".join(text)), read("\n\n".join([first, more, *rest]))
    assert not set(nodes(before)) ^ set(nodes(after))


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff", "\x00\x01"])
def test_a_file_without_words_is_told(text: str) -> None:
    with pytest.raises(PolicyError):
        read(text)


def affirmations(made: Conversion) -> Iterator[tuple[str, str]]:
    """Yield kind and term of all that practices and transfers affirm."""
    for said in made.statements:
        if said.polarity == "affirmed" and said.kind != "notice":
            yield from members(said)


def members(said: Statement) -> Iterator[tuple[str, str]]:
    for kind, field in load_fields().items():
        yield from ((kind, found.term) for found in getattr(said, field))


def nodes(made: Conversion) -> Iterator[tuple[str, str, object]]:
    """Yield the triples of processes and rules, which hold all that is said."""
    kinds = {"https://w3id.org/dpv#Process", "https://w3id.org/dpv#Prohibition"}
    triples = made.policy_graph.triples
    owners = {s for s, p, o in triples if p.endswith("#type") and o in kinds}
    yield from (triple for triple in triples if triple[0] in owners)
