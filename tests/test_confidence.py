"""How sure statements are: by which factors, and what a least confidence leaves out."""

from __future__ import annotations

import pytest
from conftest import ROOT, Run

from policy2dpv import convert
from policy2dpv.annotating.confidence import (
    SUREST,
    UNSUREST,
    keep_sure,
    load_factors,
    weigh_annotations,
)
from policy2dpv.model import Annotation, Statement

SHOP = ROOT / "examples" / "eu-shop.html"


def annotation(source: str = "purpose.tsv:1", **values: object) -> Annotation:
    fixed: dict[str, object] = {
        "start": 0, "end": 1, "quote": "x", "kind": "purpose", "term": "ex:Sale",
        "segment": "a", "confidence": 0.9,
    }  # fmt: skip
    return Annotation(source=source, **fixed | values)  # type: ignore[arg-type]  # checked by use


def sure(*several: Annotation, **factors: float) -> float:
    named = {("polarity", "denied") if k == "denied" else (k, ""): v for k, v in factors.items()}
    return weigh_annotations(several, {}, named)[0].confidence


def test_each_factor_of_the_table_is_a_feature_and_positive() -> None:
    features = {"any", "again", "kind", "match", "modality", "polarity", "requires", "condition"}
    assert {feature for feature, _ in load_factors()} <= features
    assert all(0 < factor < 10 for factor in load_factors().values())


def test_a_factor_counts_where_its_feature_holds_only() -> None:
    assert sure(annotation(), denied=2.0) == 0.9
    assert sure(annotation(polarity="denied"), denied=2.0) == 0.8
    assert sure(annotation(condition="if you agree"), condition=3.0) == 0.7


def test_another_row_that_says_the_same_makes_surer_and_the_same_row_does_not() -> None:
    one, same, other = annotation(), annotation(start=5), annotation("purpose.tsv:2")
    assert sure(one, same, again=0.5) == 0.9
    assert sure(one, other, again=0.5) == 0.95
    assert sure(one, annotation("purpose.tsv:2", term="ex:Gift"), again=0.5) == 0.9


def test_nothing_is_certain_and_nothing_hopeless() -> None:
    assert sure(annotation(confidence=1.0)) == SUREST
    assert sure(annotation(confidence=0.0)) == UNSUREST


def test_less_sure_values_go_from_affirmed_statements() -> None:
    low, high = annotation(confidence=0.5), annotation(confidence=0.9)
    statement = Statement(segment="a", kind="practice", purposes=(low, high))
    [kept], dropped = keep_sure([statement], 0.8)
    assert (kept.purposes, dropped) == ((high,), 1)
    assert keep_sure([statement], 0.95) == ([], 2)
    assert keep_sure([statement], 0.5) == ([statement], 0)


def test_a_denial_never_loses_a_part() -> None:
    low, high = annotation(confidence=0.5), annotation(confidence=0.9)
    statement = Statement(
        segment="a", kind="practice", polarity="denied", purposes=(low,), recipients=(high,)
    )
    assert keep_sure([statement], 0.8) == ([], 2)


def test_a_greater_least_confidence_never_states_more() -> None:
    said = [len(convert(SHOP, min_confidence=least).policy_graph.triples) for least in (0, 0.9, 1)]
    assert said[0] > said[1] > said[2]


def test_a_term_said_by_several_rows_is_surer() -> None:
    once = b"We collect your phone number."
    sure = [
        {a.confidence for a in convert(text).annotations if a.term == "pd:TelephoneNumber"}
        for text in (once, once + b" We store your mobile phone number.")
    ]
    assert min(sure[1]) > max(sure[0])


def test_the_command_says_how_much_it_left_out(command: Run) -> None:
    done = command("convert", SHOP, "--min-confidence", "0.9", "-o", "shop.ttl")
    assert done.returncode == 0, done.stderr
    assert "less sure than 0.9 left out" in done.stderr
    assert command("convert", SHOP, "--min-confidence", "2").returncode == 2


@pytest.mark.parametrize("least", [0.0, 0.5])
def test_without_a_least_confidence_all_is_kept(least: float) -> None:
    made = convert(b"We collect your email address.", min_confidence=least)
    assert made.left_out == 0
    assert made.statements
