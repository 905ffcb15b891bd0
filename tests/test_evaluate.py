"""Gold against graphs: figures computed by hand, and the same as the given scorer's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from conftest import ROOT
from typer.testing import CliRunner

from policy2dpv.commands.evaluate_command import register
from policy2dpv.conversion import convert
from policy2dpv.errors import PolicyError
from policy2dpv.evaluating.calibration import calibrate, sweep_confidence
from policy2dpv.evaluating.evaluate import (
    Evaluation,
    compare_golds,
    evaluate_trials,
    find_policy,
    try_policy,
)
from policy2dpv.evaluating.evaluate_report import list_missed, list_wrong
from policy2dpv.evaluating.floors import (
    FloorError,
    Floors,
    Pin,
    check_floors,
    pin_floors,
    read_floors,
)
from policy2dpv.evaluating.gold import (
    Gold,
    GoldError,
    GoldFact,
    GoldPractice,
    GoldRecipient,
    read_gold,
    restore_gold,
    strip_gold,
    write_gold,
)
from policy2dpv.evaluating.gold_match import ALL, Comparison, same_actor
from policy2dpv.graphs.graph_facts import Fact, StatedFact, StatedPractice
from policy2dpv.graphs.triples import Ground
from policy2dpv.knowledge.yardstick import load_yardstick

SHARED = ROOT.parent / "shared"
SCORER = SHARED / "gold" / "score.py"
POLICY = b"""Our policy

We collect your email address to send you our newsletter.

We share your postal address with couriers.

We never sell your personal data.
"""


def fact(kind: str, term: str, quote: str = "", **more: Any) -> GoldFact:
    return GoldFact(kind=kind, term=term, quote=quote, **more)


def stated(kind: str, term: str, sure: float = 1.0, *, quote: str = "", **more: Any) -> StatedFact:
    return StatedFact(Fact(kind, term, **more), frozenset({quote}), (Ground(0, 9, "row", sure),))


def practice(**terms: list[str]) -> StatedPractice:
    fields = load_yardstick().rows["field"]
    given = {field: dict.fromkeys(terms.get(field, ()), 1.0) for field in fields}
    return StatedPractice("node", "affirmed", given, frozenset({"first_party"}), ((0, 9),))


def compare(
    facts: list[GoldFact],
    said: list[StatedFact],
    practices: list[GoldPractice] | None = None,
    tied: list[StatedPractice] | None = None,
) -> Comparison:
    return Comparison(Gold("x", tuple(facts), tuple(practices or ())), said, tied or [])


def test_figures_by_hand() -> None:
    """Two of three lines are read, one only nearly; of three statements one is odd."""
    gold = [
        fact("personal_data", "pd:EmailAddress", "your e-mail address"),
        fact("purpose", "dpv:Marketing", "for marketing"),
        fact("purpose", "dpv:FraudPreventionAndDetection", "to prevent fraud"),
        fact("purpose", "dpv:Advertising", "to advertise", explicit=False),
    ]
    said = [
        stated("personal_data", "pd:EmailAddress", quote="We use your e-mail address."),
        stated("purpose", "dpv:DirectMarketing", quote="We use it elsewhere."),
        stated("purpose", "dpv:SellDataToThirdParties"),
    ]
    result = compare(gold, said).result()
    strict, near = result.strict[ALL], result.near[ALL]
    assert (strict.precision, strict.recall, strict.f1) == (1 / 3, 1 / 3, 1 / 3)
    assert (near.precision, near.recall, near.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert strict.grounded_recall == near.grounded_recall == 1 / 3
    assert result.strict["purpose"].f1 == 0.0
    assert result.near["purpose"].precision == 1 / 2


# gold | statement | whether the statement is what the gold says
SAME = """
legal_basis eu-gdpr:A45                  | transfer_safeguard eu-gdpr:A45              | yes
purpose dpv:Marketing                    | purpose dpv:Marketing polarity=denied       | no
purpose dpv:Marketing also_ok=dpv:Advertising | purpose dpv:Advertising                | yes
recipient dpv:ThirdParty name=Acme       | recipient dpv:Authority name=Acme_Inc.      | yes
recipient dpv:ThirdParty name=Acme       | recipient dpv:ThirdParty name=Zeta          | no
recipient dpv:ThirdParty quote=others    | recipient dpv:ThirdParty name=Zeta          | no
recipient dpv:ThirdParty                 | recipient dpv:Entity|dpv:ThirdParty value=x | yes
contact dpv:hasContact value=+1_555_0100_23 | contact dpv:hasContact value=+1555010023 | yes
storage_duration dpv:Duration value=one_year | storage_duration dpv:Duration value=P12M | yes
storage_duration dpv:Duration value=one_year | storage_duration dpv:Duration value=P1M | no
storage_duration dpv:Duration value=you_close_it | storage_duration dpv:Duration value=close | yes
technology tech:Cookie name=Acme         | technology tech:Cookie name=Zeta            | no
other dpv:Profiling                      | processing dpv:Profiling                    | yes
other dpv:DataController                 | controller dpv:DataController               | no
"""


def words_of(cell: str) -> tuple[str, str, dict[str, Any]]:
    """Kind, term and the rest of a cell of SAME; "_" is a space."""
    kind, term, *rest = cell.split()
    more: dict[str, Any] = dict(part.replace("_", " ").split("=") for part in rest if "=" in part)
    if "also ok" in more:
        more["also_ok"] = (more.pop("also ok"),)
    return kind, term, more


@pytest.mark.parametrize("row", SAME.strip().splitlines())
def test_what_is_the_same_statement(row: str) -> None:
    gold, said, answer = row.split(" | ")
    kind, term, more = words_of(gold)
    stated_kind, stated_term, rest = words_of(said)
    one = compare([fact(kind, term, **more)], [stated(stated_kind, stated_term, **rest)])
    assert bool(one.right(near=False)) is (answer.strip() == "yes")


def test_ties_by_hand() -> None:
    """One of two gold pairs is tied (by a near term); of two stated pairs one is right."""
    gold = GoldPractice(data=("pd:EmailAddress", "pd:Name"), purposes=("dpv:Marketing",))
    tied = [practice(data=["pd:EmailAddress", "pd:Age"], purposes=["dpv:DirectMarketing"])]
    ties = compare([], [], [gold], tied).ties()
    assert (ties.precision, ties.recall, ties.gold, ties.found) == (1 / 2, 1 / 2, 2, 2)
    assert ties.f1 == 1 / 2


def test_what_a_practice_says_is_right_but_need_not_be_said_again() -> None:
    gold = GoldPractice(
        data=("pd:Name",), recipients=(GoldRecipient("dpv:ThirdParty", "Acme"),), quote="x"
    )
    said = [stated("personal_data", "pd:Name"), stated("recipient", "dpv:Entity", name="Acme")]
    whole = compare([], said, [gold]).result().strict[ALL]
    assert (whole.precision, whole.recall, whole.gold) == (1.0, None, 0)


def test_who_acts_by_hand() -> None:
    gold = [
        GoldPractice(data=("pd:Name",), start=0, end=9),
        GoldPractice(data=("pd:Name",), start=0, end=9, actor="third_party"),
        GoldPractice(data=("pd:Name",), start=50, end=60),
    ]
    actors = compare([], [], gold, [practice(data=["pd:Name"])]).actors()
    assert (actors.gold, actors.matched, actors.right, actors.share) == (3, 2, 1, 1 / 3)
    assert same_actor("Acme", "Acme, Inc.")
    assert not same_actor("third_party", "user")


def test_clauses_by_hand() -> None:
    """Of two clauses with a quote one is read; of two without one, one is a false alarm."""
    gold = [fact("purpose", "dpv:Marketing", start=at, end=at + 5) for at in (0, 10)]
    grounds = (Ground(0, 5, "row", 1.0), Ground(20, 25, "row", 1.0))
    wrong = StatedFact(Fact("purpose", "dpv:SellDataToThirdParties"), frozenset(), grounds)
    counts = compare(gold, [wrong]).clauses([(0, 8), (10, 18), (20, 28), (30, 38)])
    assert msgspec.structs.astuple(counts) == (2, 1, 2, 1, 1)


def test_calibration_by_hand() -> None:
    """Four statements at 0.95, three right: off by 0.2; one at 0.5, right: off by 0.5."""
    terms = ("dpv:Marketing", "dpv:Advertising", "dpv:Analytics", "dpv:Payment", "dpv:Verification")
    said = [stated("purpose", term, 0.5 if at == 4 else 0.95) for at, term in enumerate(terms)]
    gold = [fact("purpose", term) for term in (*terms[:3], terms[4])]
    found = calibrate([compare(gold, said)])
    assert [(part.count, part.strict) for part in found.bins] == [(1, 1.0), (4, 0.75)]
    assert found.error == pytest.approx((0.5 + 4 * 0.2) / 5)


def test_the_sweep_trades_recall_for_precision() -> None:
    said = [stated("purpose", "dpv:Marketing", 0.9), stated("purpose", "dpv:Payment", 0.4)]
    steps = sweep_confidence([compare([fact("purpose", "dpv:Marketing")], said)])
    precisions = [(step.least, step.strict.precision) for step in steps]
    assert precisions == [(0.0, 0.5), (0.5, 1.0), (0.95, None)]


def test_two_annotators_by_hand() -> None:
    one = Gold("a", (fact("purpose", "dpv:Marketing"), fact("personal_data", "pd:Name")), ())
    two = Gold("b", (fact("purpose", "dpv:DirectMarketing"), fact("personal_data", "pd:Name")), ())
    result = compare_golds(one, two)
    assert (result.strict[ALL].f1, result.near[ALL].f1) == (0.5, 1.0)


def test_an_optional_line_of_the_second_annotator_is_no_mistake() -> None:
    one = Gold("a", (fact("purpose", "dpv:Marketing"),), ())
    more = fact("purpose", "dpv:SellDataToThirdParties", explicit=False)
    assert compare_golds(one, Gold("b", (*one.facts, more), ())).strict[ALL].f1 == 1.0


# gold with and without words


GOLD = Gold(
    "shop",
    (
        fact("personal_data", "pd:EmailAddress", "your  email\naddress", note="their words"),
        fact("recipient", "dpv:ThirdParty", "with **couriers**", value="couriers"),
        fact("purpose", "dpv:SellDataToThirdParties", "never sell", polarity="denied"),
    ),
    (
        GoldPractice(
            quote="We collect your email address to send you our newsletter",
            processing=("dpv:Collect",), data=("pd:EmailAddress",), condition="of the annotator",
        ),
    ),
)  # fmt: skip


def test_stripped_gold_holds_no_words_and_gives_them_back() -> None:
    text = POLICY.decode()
    stripped, lost = strip_gold(GOLD, text)
    assert not lost
    written = b"".join(msgspec.json.encode(line) for line in stripped.lines)
    assert not any(words in written for words in (b"email", b"couriers", b"sell you", b"their"))
    restored, lost = restore_gold(stripped, text)
    assert not lost
    quotes = [line.quote for line in restored.facts]
    assert quotes == ["your email address", "with couriers", "never sell"]
    assert restored.facts[1].value == "couriers"
    assert restored.practices[0].condition == "of the annotator"


def test_words_are_found_again_where_the_text_has_moved() -> None:
    stripped, _ = strip_gold(GOLD, POLICY.decode())
    text = "A new beginning.\n\n" + POLICY.decode().replace("We never", "Indeed, we never")
    restored, lost = restore_gold(stripped, text)
    assert not lost
    for line in restored.lines:
        assert line.start is not None
        assert text[line.start : line.end] == line.quote


def test_words_that_are_gone_are_named() -> None:
    _, lost = strip_gold(GOLD, "Something else.")
    assert "never sell" in lost
    stripped, _ = strip_gold(GOLD, POLICY.decode())
    restored, lost = restore_gold(stripped, "Something else.")
    assert len(lost) == 5
    assert all(line.start is None for line in restored.lines)


def test_both_forms_give_the_same_figures(tmp_path: Path) -> None:
    policy = tmp_path / "shop.txt"
    policy.write_bytes(POLICY)
    (tmp_path / "stripped").mkdir()
    stripped, _ = strip_gold(GOLD, convert(policy).document.text)
    results = []
    for folder, gold in ((tmp_path, GOLD), (tmp_path / "stripped", stripped)):
        write_gold(gold, folder)
        results.append(evaluate_trials([try_policy(folder / "shop", policy)]))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("line", "found"),
    [('{"kind": "purpose"}', "bad.facts.jsonl:2"), ("not JSON", "bad.facts.jsonl:2")],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, found: str) -> None:
    (tmp_path / "bad.facts.jsonl").write_text(f"\n{line}\n")
    with pytest.raises(GoldError, match=found):
        read_gold(tmp_path / "bad")


def test_a_policy_is_found_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no policy of this name"):
        find_policy("shop", [tmp_path])
    for ending in ("txt", "html"):
        (tmp_path / f"shop.{ending}").write_text("x")
    with pytest.raises(GoldError, match="both have this name"):
        find_policy("shop", [tmp_path])


# the findings and the floors


def trial_of(tmp_path: Path) -> Any:
    policy = tmp_path / "shop.txt"
    policy.write_bytes(POLICY)
    gold = msgspec.structs.replace(
        GOLD, facts=(*GOLD.facts, fact("purpose", "dpv:Payment", "postal address"))
    )
    write_gold(gold, tmp_path)
    return try_policy(tmp_path / "shop", policy)


def test_findings_name_the_deciding_row_and_the_words(tmp_path: Path) -> None:
    trial = trial_of(tmp_path)
    wrong = {finding.said: finding for finding in list_wrong(trial)}
    postal = next(finding for said, finding in wrong.items() if "PhysicalAddress" in said)
    assert any(source.quote == "your postal address" for source in postal.sources)
    assert all(".tsv:" in source.source for source in postal.sources)
    missed = {finding.said: finding for finding in list_missed(trial)}
    payment = missed["purpose dpv:Payment affirmed"]
    assert any("personal_data" in source.said for source in payment.sources)


def pinned(tmp_path: Path, evaluation: Evaluation, old: Floors, **options: str) -> Floors:
    pin = Pin(tmp_path / "shop", tmp_path / "shop.txt", evaluation)
    return pin_floors(old, [pin], tmp_path, **options)


def test_a_floor_rises_and_falls_only_with_a_reason(tmp_path: Path) -> None:
    evaluation = evaluate_trials([trial_of(tmp_path)])
    first = pinned(tmp_path, evaluation, Floors())
    assert first.sets["shop"].gold == "shop"
    assert not check_floors(first.sets["shop"], evaluation)
    higher = {figure: value + 0.01 for figure, value in first.sets["shop"].floors.items()}
    raised = Floors({"shop": msgspec.structs.replace(first.sets["shop"], floors=higher)})
    assert any("strict_f1" in fault for fault in check_floors(raised.sets["shop"], evaluation))
    with pytest.raises(FloorError, match="strict_f1"):
        pinned(tmp_path, evaluation, raised)
    fallen = pinned(tmp_path, evaluation, raised, reason="a stricter gold")
    assert fallen.sets == first.sets
    assert {one.reason for one in fallen.regressions} == {"a stricter gold"}


def test_another_text_is_told(tmp_path: Path) -> None:
    evaluation = evaluate_trials([trial_of(tmp_path)])
    floors = pinned(tmp_path, evaluation, Floors())
    other = msgspec.structs.replace(evaluation, sha256="0")
    assert "another one" in check_floors(floors.sets["shop"], other)[0]


# the command


def run(*words: str | Path) -> tuple[int, str]:
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, PolicyError):
        return 2, str(done.exception)
    return done.exit_code, done.output


def test_the_command_prints_figures_and_pins_them(tmp_path: Path) -> None:
    trial_of(tmp_path)
    floor = tmp_path / "floor.json"
    code, out = run(tmp_path, "--policies", tmp_path, "--floor", floor, "--pin", "--show", "missed")
    assert code == 0, out
    assert "MISSED shop: purpose dpv:Payment" in out
    assert "grounded recall" in out
    assert read_floors(floor).sets["shop"].floors["strict_f1"] > 0
    assert run("--floor", floor)[0] == 0
    floor.write_text(floor.read_text().replace('"strict_f1": 0.', '"strict_f1": 1.'))
    code, out = run("--floor", floor)
    assert code == 1
    assert "strict_f1" in out


def test_the_command_gives_json(tmp_path: Path) -> None:
    trial_of(tmp_path)
    code, out = run(tmp_path / "shop", "--policies", tmp_path, "--json", "--show", "all")
    content = json.loads(out)
    assert code == 0
    assert content["all"]["strict"]["ALL"]["gold"] == 4
    assert {finding["what"] for finding in content["findings"]} == {"wrong", "missed"}


def test_the_command_strips_and_compares(tmp_path: Path) -> None:
    trial_of(tmp_path)
    stripped = tmp_path / "stripped"
    assert run(tmp_path, "--policies", tmp_path, "--strip", tmp_path)[0] == 2
    assert run(tmp_path, "--policies", tmp_path, "--strip", stripped)[0] == 0
    code, out = run("--against", tmp_path / "shop", stripped / "shop", "--policies", tmp_path)
    assert code == 0, out
    whole = next(line.split() for line in out.splitlines() if line.startswith("ALL"))
    assert whole[3] == whole[6] == "1.000"
    assert run("--against", tmp_path / "shop")[0] == 2


# the given scorer


needs_scorer = pytest.mark.skipif(
    not SCORER.is_file(), reason="../shared is absent: no figures to agree with"
)


@needs_scorer
@pytest.mark.parametrize("policy", ["informetric", "infortrend-short", "infortrend-long"])
@pytest.mark.parametrize("gold", ["informetric", "infortrend-short"])
def test_figures_agree_with_the_given_scorer(tmp_path: Path, policy: str, gold: str) -> None:
    """On each policy with its own gold, and with the other's, where most of it is wrong."""
    trial = try_policy(SHARED / "gold" / gold, find_policy(policy, [SHARED / "policies" / "text"]))
    ours = evaluate_trials([trial])
    graph = tmp_path / "graph.nt"
    trial.conversion.write(graph, "ntriples")
    index = SHARED / "dpv" / "terms-2.3.tsv"
    words = [SCORER, graph, SHARED / "gold" / gold, "--index", index, "--json"]
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=True
    )
    theirs = json.loads(done.stdout)
    for mode, figures in (("strict", ours.strict), ("near", ours.near)):
        assert set(figures) == set(theirs[mode])
        for kind, expected in theirs[mode].items():
            for name, value in expected.items():
                measured = getattr(figures[kind], name)
                assert measured == pytest.approx(value, abs=1e-9), (mode, kind, name)
    for name, value in theirs["ties"].items():
        assert (getattr(ours.ties, name) or 0.0) == pytest.approx(value, abs=1e-9), name
