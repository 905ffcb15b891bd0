"""How common a practice is: intervals that hold, samples that are fair, answers that count."""

from __future__ import annotations

import csv
import json
import random
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.cli import main
from policy2dpv.errors import EstimateError, PolicyError
from policy2dpv.estimating.corpus import Corpus, Policy, read_corpus
from policy2dpv.estimating.judgements import collect_judgements, read_answers
from policy2dpv.estimating.practice import Practice
from policy2dpv.estimating.prevalence import (
    Judged,
    Share,
    estimate_prevalence,
    rogan_gladen,
    wilson,
)
from policy2dpv.estimating.sample_folder import read_sample
from policy2dpv.estimating.sampling import allocate, draw_sample
from policy2dpv.knowledge.rows import read_table

LOOKED_AT = Path("out", "looked-at")
DRAWS = 800  # of each population
BELOW, ABOVE = 0.925, 1.0  # which share of intervals of 95 % may hold: score intervals oscillate

# How many policies, how many of them have the practice, how often the reader's yes and no are
# right where it holds and where not, how many of its yes and of its no are judged.
POPULATIONS = [
    (2000, 0.3, 0.85, 0.95, 50, 50),
    (2000, 0.3, 0.85, 0.95, 100, 100),
    (2000, 0.1, 0.8, 0.97, 50, 50),
    (2000, 0.02, 0.8, 0.995, 30, 70),
    (2000, 0.6, 0.9, 0.8, 50, 50),
    (2000, 0.9, 0.95, 0.7, 60, 40),
    (2000, 0.05, 0.5, 0.98, 50, 100),
    (300, 0.3, 0.85, 0.95, 80, 100),
    (2000, 0.5, 0.7, 0.7, 100, 100),
    (1000, 0.2, 0.9, 0.99, 20, 20),
]


def population(
    chance: random.Random, many: int, common: float, hit: float, right: float
) -> list[tuple[bool, bool]]:
    """What the reader says of each policy, and what is true."""
    true = [at < round(many * common) for at in range(many)]
    return [(chance.random() < (hit if one else 1 - right), one) for one in true]


def judged(
    chance: random.Random, whole: list[tuple[bool, bool]], yes: int, no: int
) -> list[Judged]:
    found = []
    for said, size in ((True, yes), (False, no)):
        stratum = [one for one in whole if one[0] is said]
        found += [Judged(*one) for one in chance.sample(stratum, min(size, len(stratum)))]
    return found


def holds(share: Share | None, truth: float) -> bool:
    return share is not None and share.low - 1e-9 <= truth <= share.high + 1e-9


@pytest.mark.parametrize("sizes", POPULATIONS, ids=str)
def test_intervals_hold_as_often_as_they_say(
    sizes: tuple[int, float, float, float, int, int],
) -> None:
    many, common, hit, right, yes, no = sizes
    chance = random.Random(str(sizes))
    held = {"share": 0, "precision": 0, "recall": 0}
    errors = []
    for _ in range(DRAWS):
        whole = population(chance, many, common, hit, right)
        said, true = sum(s for s, _ in whole), sum(t for _, t in whole)
        both = sum(s and t for s, t in whole)
        found = estimate_prevalence(said, many, judged(chance, whole, yes, no))
        held["share"] += holds(found.share, true / many)
        held["precision"] += holds(found.precision, both / said)
        held["recall"] += holds(found.recall, both / true)
        errors.append(found.share.value - true / many)
    for name, count in held.items():
        assert BELOW <= count / DRAWS <= ABOVE, (name, count / DRAWS)
    spread = (sum(error**2 for error in errors) / DRAWS) ** 0.5
    assert abs(sum(errors) / DRAWS) < 4 * spread / DRAWS**0.5, "the estimate leans to one side"


def test_the_readers_own_share_is_corrected() -> None:
    chance = random.Random(1)
    whole = population(chance, 20_000, 0.1, 0.6, 0.9)
    said = sum(one for one, _ in whole)
    found = estimate_prevalence(said, len(whole), judged(chance, whole, 1000, 1000))
    assert found.raw > 0.145
    assert holds(found.share, 0.1)
    assert found.share.high < 0.125


@pytest.mark.parametrize("common", [0.1, 0.4])
def test_intervals_hold_for_a_wider_population(common: float) -> None:
    chance = random.Random(common)
    held = narrow = 0
    for _ in range(DRAWS):
        drawn = sum(chance.random() < common for _ in range(400))
        whole = population(chance, 400, drawn / 400, 0.9, 0.95)
        rows, said = judged(chance, whole, 40, 80), sum(one for one, _ in whole)
        held += holds(estimate_prevalence(said, 400, rows, wider=True).share, common)
        narrow += holds(estimate_prevalence(said, 400, rows).share, common)
    assert held / DRAWS >= BELOW
    assert narrow < held


def test_intervals_hold_where_the_sample_was_drawn_for_something_else() -> None:
    chance = random.Random(5)
    held = 0
    for _ in range(DRAWS):
        whole = population(chance, 2000, 0.3, 0.85, 0.9)
        # Another practice, which goes with this one, was sampled for.
        strata: dict[bool, list[tuple[bool, bool]]] = {True: [], False: []}
        for one in whole:
            strata[chance.random() < (0.7 if one[1] else 0.2)].append(one)
        rows = [
            Judged(*one, weight=len(several) / 80)
            for several in strata.values() for one in chance.sample(several, 80)
        ]  # fmt: skip
        found = estimate_prevalence(sum(s for s, _ in whole), 2000, rows)
        held += holds(found.share, 0.3)
    assert BELOW <= held / DRAWS <= ABOVE


@pytest.mark.parametrize(
    "sizes", [(0.3, 0.85, 0.95, 1000, 100, 100), (0.1, 0.8, 0.97, 1000, 50, 50),
              (0.02, 0.8, 0.995, 1000, 60, 200), (0.6, 0.9, 0.8, 500, 50, 50)], ids=str,
)  # fmt: skip
def test_rogan_gladen_holds(sizes: tuple[float, float, float, int, int, int]) -> None:
    common, hit, right, many, positives, negatives = sizes
    chance = random.Random(str(sizes))

    def count(size: int, share: float) -> int:
        return sum(chance.random() < share for _ in range(size))

    held = 0
    for _ in range(DRAWS):
        true = count(many, common)
        said = count(true, hit) + count(many - true, 1 - right)
        known = (count(positives, hit), positives), (count(negatives, right), negatives)
        held += holds(rogan_gladen(said, many, *known), common)
    assert BELOW <= held / DRAWS <= ABOVE


def people(**counts: int) -> list[Judged]:
    """Judged policies by what the reader and people say: yes_yes, yes_no, no_yes, no_no."""
    return [Judged(*(word == "yes" for word in key.split("_")))
            for key, count in counts.items() for _ in range(count)]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "many", "judged", "share", "precision", "recall"),
    [
        # All were judged: nothing is left to chance.
        (3, 10, people(yes_yes=2, yes_no=1, no_yes=1, no_no=6), (0.3, 0.3, 0.3), (2 / 3,) * 3,
         (2 / 3,) * 3),
        # Nothing is read and nothing is there.
        (0, 10, people(no_no=10), (0, 0, 0), None, None),
        (10, 10, people(yes_yes=10), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        # The reader says no to all and is wrong in some.
        (0, 100, people(no_yes=10, no_no=40), (0.2, 0.133, 0.289), None, (0, 0, 0)),
        # Nobody found a mistake: it may still make some.
        (300, 1000, people(yes_yes=50, no_no=50), (0.3, 0.282, 0.347), (1, 0.940, 1),
         (1, 0.865, 1)),
        # The reader's yes is never right.
        (300, 1000, people(yes_no=50, no_no=50), (0, 0, 0.050), (0, 0, 0.060), None),
    ],
)  # fmt: skip
def test_cases_at_the_edge(
    said: int, many: int, judged: list[Judged], share: object, precision: object, recall: object
) -> None:
    found = estimate_prevalence(said, many, judged)
    for got, wanted in ((found.share, share), (found.precision, precision), (found.recall, recall)):
        if wanted is None:
            assert got is None
        else:
            assert got is not None
            assert (got.value, got.low, got.high) == pytest.approx(wanted, abs=0.0006)


@given(
    st.integers(1, 300), st.integers(0, 300),
    st.tuples(*[st.integers(0, 40)] * 4), st.sampled_from([0.8, 0.95, 0.99]),
)  # fmt: skip
def test_limits_hold_the_estimate(
    many: int, said: int, counts: tuple[int, ...], level: float
) -> None:
    names = ("yes_yes", "yes_no", "no_yes", "no_no")
    looked = people(**dict(zip(names, counts, strict=True)))
    try:
        found = estimate_prevalence(said, many, looked, level=level)
    except EstimateError:
        return
    wide = estimate_prevalence(said, many, looked, level=level, wider=True)
    for one in (found.share, found.precision, found.recall):
        if one is not None:
            assert 0 <= one.low <= one.value <= one.high <= 1
    assert wide.share.low <= found.share.low
    assert found.share.high <= wide.share.high


@given(st.floats(0, 1), st.floats(1, 1e6), st.floats(0.5, 4))
def test_wilson_holds_the_share_and_narrows(share: float, size: float, z: float) -> None:
    low, high = wilson(share, size, z)
    assert 0 <= low <= share <= high <= 1
    assert wilson(share, size * 4, z)[1] <= high + 1e-9


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: estimate_prevalence(5, 3, []), "5 of 3 policies"),
        (lambda: estimate_prevalence(0, 0, []), "0 of 0 policies"),
        (lambda: estimate_prevalence(5, 30, people(no_no=3)), "any of the 5 policies that the "
         "reader says yes to"),
        (lambda: estimate_prevalence(5, 30, people(yes_no=3)), "any of the 25 policies that it "
         "says no to"),
        (lambda: estimate_prevalence(1, 30, people(yes_no=3, no_no=2)), "3 judged, but there are"),
        (lambda: estimate_prevalence(1, 3, people(yes_no=1), level=95), "level: 95"),
        (lambda: rogan_gladen(1, 3, (1, 2), (1, 2)), "such a reader tells nothing"),
        (lambda: rogan_gladen(1, 3, (3, 2), (1, 2)), "3 of 2"),
        (lambda: rogan_gladen(1, 3, (0, 0), (1, 2)), "0 of 0"),
        (lambda: draw_sample(Corpus({}, frozenset(), None), 9, None), "9 of 0 policies"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_an_error(make: Callable[[], object], found: str) -> None:
    with pytest.raises(EstimateError, match=re.escape(found)):
        make()


# Drawing


def corpus(many: int, holding: int) -> Corpus:
    named = {f"urn:p{n}#G": Policy(graph=f"urn:p{n}#G", name=f"{n}.html") for n in range(many)}
    return Corpus(named, frozenset(list(named)[:holding]), None)


@given(st.integers(2, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_sample_has_the_size_asked_for(size: int, yes: int, no: int) -> None:
    sizes = allocate([(True, yes), (False, no)] if yes and no else [(None, yes + no)], size)
    assert sum(sizes) == min(size, yes + no)
    if yes and no:
        assert 0 < sizes[0] <= yes
        assert 0 < sizes[1] <= no


def test_a_draw_depends_on_nothing_but_policies_question_and_seed() -> None:
    asked = Practice("recipients")
    one, again = (draw_sample(corpus(500, 90), 40, asked) for _ in range(2))
    backwards = Corpus(
        dict(reversed(corpus(500, 90).policies.items())), corpus(500, 90).holding, None
    )
    assert one == again == draw_sample(backwards, 40, asked)
    other = draw_sample(corpus(500, 90), 40, asked, seed="b")
    assert {d.policy.graph for d in one.drawn} != {d.policy.graph for d in other.drawn}


def test_a_greater_sample_holds_the_smaller_one() -> None:
    small, large = (draw_sample(corpus(500, 0), size, None) for size in (30, 90))
    assert {d.policy for d in small.drawn} < {d.policy for d in large.drawn}


def test_each_policy_is_drawn_as_often() -> None:
    counts = dict.fromkeys(corpus(40, 10).policies, 0)
    for seed in range(600):
        for drawn in draw_sample(corpus(40, 10), 20, Practice("x"), seed=str(seed)).drawn:
            counts[drawn.policy.graph] += 1
    first = draw_sample(corpus(40, 10), 20, Practice("x"))
    for stratum, graphs in enumerate([list(counts)[:10], list(counts)[10:]]):
        share = first.strata[stratum].drawn / first.strata[stratum].policies
        assert all(abs(counts[graph] / 600 - share) < 0.1 for graph in graphs)


# docs/estimate.md

PAGE = ROOT / "docs" / "estimate.md"
BLOCKS = re.findall(
    r"^```sh\n(policy2dpv .*?)\n```\n(?:\n```text\n(.*?)```)?", PAGE.read_text("utf-8"), re.M | re.S
)


def test_the_page_shows_what_its_commands_say(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert [words.split()[1] for words, _ in BLOCKS] == ["batch", "sample", "estimate", "estimate"]
    for words, shown in BLOCKS:
        capsys.readouterr()
        assert main(shlex.split(words)[1:]) == 0, capsys.readouterr().err
        out = capsys.readouterr().out
        if words.startswith("policy2dpv sample"):  # people agree with the reader
            agree(read_corpus(tmp_path / "out" / "corpus", read_sample(LOOKED_AT).practice))
        elif shown and pytestconfig.getoption("--update-golden"):
            PAGE.write_text(PAGE.read_text("utf-8").replace(shown, out), "utf-8")
        else:
            assert out == shown


def agree(said: Corpus) -> None:
    yes = {said.policies[graph].name for graph in said.holding}
    fill(LOOKED_AT, lambda name: "yes" if name in yes else "no")


# From policies to a figure

FIRMS = 40
SHARES = "We share your email address with DHL and with our advertising partners."
KEEPS = "We never share your email address with anybody."
WORDS = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "inlet", "jetty"]


def shares(n: int) -> bool:
    return n % 4 == 0


def is_sharing(name: str) -> bool:
    return shares(int(re.findall(r"firm(\d+)", name)[0]))


def text_of(n: int) -> str:
    name = f"{WORDS[n % 10].title()}{WORDS[n // 10 % 10].title()}"
    said = SHARES if shares(n) else KEEPS
    return (
        f"# Privacy policy of {name}\n\n{name} GmbH is the controller. We collect your name to"
        f" process your orders and keep it for {n + 2} months.\n\n{said}\n\n"
        f"You have the right to access your data. Write to privacy@{name.lower()}.example.\n"
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with policies, a batch of them, and a sample of it."""
    folder = tmp_path_factory.mktemp("estimate")
    (folder / "policies").mkdir()
    for n in range(FIRMS):
        (folder / "policies" / f"firm{n:02}.md").write_text(text_of(n))
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    both = ["--format", "nquads,parquet"]
    assert main(["batch", "policies", "-o", "out", "--workers", "1", "-q", *both]) == 0
    assert main(["sample", "out", "--for-review", "16", "--name", "recipients", "-o", "drawn"]) == 0
    yield folder
    patch.undo()


def fill(folder: Path, answer: Callable[[str], str], who: str = "Ann") -> None:
    """Answer for each drawn policy, by its name."""
    path = folder / "answers.csv"
    text = path.read_text("utf-8-sig")
    found = list(csv.DictReader(text.splitlines()))
    for row in found:
        row["answer"] = answer(row["policy"])
        row["who"] = who
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, found[0], delimiter=";")
        table.writeheader()
        table.writerows(found)


def copied(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "drawn", tmp_path / "drawn")
    return tmp_path / "drawn"


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Ask = Callable[..., Ran]


@pytest.fixture
def ask(made: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command in the folder of the policies."""

    def run(*words: object) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *capsys.readouterr())

    return run


def estimated(ask: Ask, *words: object) -> dict[str, object]:
    done = ask("estimate", "out", *words, "--format", "json")
    assert done.code == 0, done.err
    return json.loads(done.out)["prevalence"]  # type: ignore[no-any-return]


def test_the_reader_finds_what_these_policies_say(made: Path) -> None:
    found = read_corpus(made / "out", Practice("recipients"))
    names = {found.policies[graph].name for graph in found.holding}
    assert names == {f"policies/firm{n:02}.md" for n in range(FIRMS) if shares(n)}
    assert len(found.policies) == FIRMS


QUESTIONS = [
    line.split("\t")[0] for line in (ROOT / "mappings" / "practices.tsv").read_text().splitlines()
    if line[0] != "#" and not line.startswith("query")
]  # fmt: skip
TERMS = {
    "data": "pd:Name", "legal-bases": "dpv:Consent", "operations": "dpv:Share",
    "purposes": "dpv:Marketing", "recipients": "dpv:ThirdParty", "security": "dpv:Encryption",
    "subjects": "dpv:Customer", "technologies": "tech:Cookie",
}  # fmt: skip


def test_rows_tell_what_graphs_tell(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed: the extra batch")
    out, told = str(tmp_path / "out"), []
    assert main(["batch", str(ROOT / "examples"), "-o", out, "--format", "nquads,parquet"]) == 0
    assert sorted(TERMS) == sorted(QUESTIONS)
    for name in QUESTIONS:
        [row] = [r for r in read_table(ROOT / "mappings" / "practices.tsv") if r["query"] == name]
        for settings in ({}, {row["setting"]: TERMS[name]}):
            asked = Practice(name, settings)
            graphs, rows = (read_corpus(Path(out), asked, rows=way) for way in (False, True))
            assert graphs == rows, asked
            told.append(len(rows.holding))
    assert len(set(told)) > 2, "the questions tell the policies apart"


def test_a_sample_is_drawn_from_both_and_does_not_tell_which(made: Path) -> None:
    sample = read_sample(made / "drawn")
    assert [(one.said, one.policies, one.drawn) for one in sample.strata] == [
        (True, 10, 8), (False, 30, 8),
    ]  # fmt: skip
    assert "True" not in (made / "drawn" / "answers.csv").read_text()
    assert len({drawn.stratum for drawn in sample.drawn[:6]}) == 2
    text = (made / "drawn" / "texts" / "0001.txt").read_text()
    assert "is the controller" in text


def test_answers_make_a_figure(made: Path, ask: Ask, tmp_path: Path) -> None:
    drawn = copied(made, tmp_path)
    fill(drawn, lambda name: "yes" if is_sharing(name) else "no")
    done = ask("estimate", "out", "--sample", drawn)
    assert done.code == 0, done.err
    assert done.out.startswith("recipients\n  as read    25.0% (10 of 40 policies)\n")
    assert "  corrected  25.0% (" in done.out
    assert "of 8 judged" in done.out


def test_what_the_reader_misses_is_counted(made: Path, ask: Ask, tmp_path: Path) -> None:
    drawn = copied(made, tmp_path)
    fill(drawn, lambda name: "yes")  # people find it everywhere
    found = estimated(ask, "--sample", drawn)
    assert found["share"]["value"] == 1.0  # type: ignore[index]
    assert found["recall"]["value"] == pytest.approx(0.25)  # type: ignore[index]


def test_reviews_tell_where_nobody_answered(made: Path, ask: Ask, tmp_path: Path) -> None:
    drawn = copied(made, tmp_path)
    fill(drawn, lambda name: "")
    done = ask("estimate", "out", "--sample", drawn)
    assert done.code == 2
    assert "8 signed policies are left open by their reviews" in done.err
    decide(drawn, lambda row: "accept")
    found = estimated(ask, "--sample", drawn)
    assert (found["judged_said"], found["judged_others"]) == (8, 8)
    assert found["share"]["value"] == pytest.approx(0.25)  # type: ignore[index]
    decide(drawn, lambda row: "reject" if row["kind"] == "recipient" else "accept")
    found = estimated(ask, "--sample", drawn)
    assert found["share"]["value"] == 0.0  # type: ignore[index]
    # The same reviews answer another question, on the same policies.
    found = estimated(ask, "--sample", drawn, "--name", "rights")
    assert found["share"]["value"] == 1.0  # type: ignore[index]


def decide(drawn: Path, choice: Callable[[dict[str, str]], str]) -> None:
    for path in sorted((drawn / "reviews").glob("*.csv")):
        found = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        for row in found:
            row |= {"decision": choice(row), "who": "Ann", "when": "2026-03-01"}
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, found[0])
            table.writeheader()
            table.writerows(found)


def test_unsigned_and_undecided_policies_are_listed(made: Path, tmp_path: Path) -> None:
    drawn = copied(made, tmp_path)
    sample, asked = read_sample(drawn), Practice("recipients")
    holding = read_corpus(made / "out", asked).holding
    found = collect_judgements(drawn, sample, asked, holding)
    assert (found.judged, len(found.open)) == ((), 16)
    fill(drawn, lambda name: "no" if is_sharing(name) else "")
    found = collect_judgements(drawn, sample, asked, frozenset())
    assert {one.true for one in found.judged} == {False}
    assert len(found.changed) == 8
    assert sum(one.weight for one in found.judged) == pytest.approx(40)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("number,answer\n1,yes\n", "answers.csv:1: 0 columns 'who'"),
        ("number,answer,who\n0,yes,A\n", "answers.csv:2: the number is '0'"),
        ("number,answer,who\n1,yes,A\n1,no,A\n", "answers.csv:3: number 1 stands twice"),
        ("number,answer,who\n1,maybe,A\n", "answers.csv:2: the answer is 'maybe'"),
        ("number,answer,who\n1,yes,\n", "answers.csv:2: an answer that nobody has signed"),
        ("number,answer,who,when\n1,yes,A,today\n", "answers.csv:2: when is 'today'"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
    ],
)
def test_a_wrong_row_is_named(text: str | bytes, found: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(PolicyError, match=re.escape(found)):
        read_answers(path, 3)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("estimate out --name recipients", "it is not told how right the reader is"),
        ("estimate out --sample drawn --sensitivity 1/1 --specificity 1/1", "not told how right"),
        ("estimate out --sensitivity 9/10 --specificity 9/10", "no practice is named"),
        ("estimate out --name recipients --sensitivity 9 --specificity 9/10", "'9' are no counts"),
        ("estimate out --sample out", "cannot be read"),
        ("estimate drawn --sample drawn", "there are no graphs in it"),
        ("estimate nowhere --sample drawn", "no such folder"),
        ("estimate out --sample drawn", "nobody has judged any of the 10 policies"),
        ("estimate out --name practices --sensitivity 9/10 --specificity 9/10", "do not name"),
        ("estimate out --name nonsense --sensitivity 9/10 --specificity 9/10", "no query named"),
        ("sample out --for-review 4 -o drawn", "it is there already"),
        ("sample out --for-review 4 -o new --set kind=x", "only a named query has parameters"),
        ("sample out --for-review 4 -o new --policies drawn", "4 policies are missing"),
        ("sample policies --for-review 4 -o new", "there are no graphs in it"),
        ("sample policies --for-review 4 -o new --rows", "there are no rows in it"),
        ("sample out --for-review 4 -o new --rows --name rights", "rows of Parquet files do not"),
        (
            "sample out --for-review 4 -o new --rows --name purposes --set data=pd:Name",
            "--set data: rows of Parquet files do not tell",
        ),
    ],
)
def test_wrong_use_ends_with_what_to_do(words: str, found: str, made: Path, ask: Ask) -> None:
    done = ask(*words.split())
    assert done.code == 2
    assert found in done.err
    assert not (made / "new").exists()


def test_a_folder_of_convert_does_as_well(made: Path, ask: Ask, tmp_path: Path) -> None:
    chosen = [f"policies/firm{n:02}.md" for n in range(12)]
    graphs = tmp_path / "graphs"
    assert ask("convert", *chosen, "-o", graphs).code == 0
    again = (chosen[0], "-o", graphs / "firm00.nq", "--evidence", graphs / "evidence.ttl")
    assert ask("convert", *again).code == 0  # neither is a further policy
    words = ("sample", tmp_path / "graphs", "--for-review", "6", "-o", tmp_path / "some")
    done = ask(*words)
    assert "the graphs do not say where the policies are" in done.err
    done = ask(*words, "--policies", "policies")
    assert done.code == 0, done.err
    decide(tmp_path / "some", lambda row: "accept")
    fill(tmp_path / "some", lambda name: "")
    done = ask("estimate", tmp_path / "graphs", "--sample", tmp_path / "some", "--name",
                   "rights")  # fmt: skip
    assert done.code == 0, done.err
    assert "as read    100.0% (12 of 12 policies)" in done.out


def test_a_policy_that_has_changed_is_not_reviewed(made: Path, ask: Ask) -> None:
    path = made / "policies" / "firm00.md"
    before = path.read_text()
    path.write_text(before.replace("orders", "order"))
    try:
        done = ask("sample", "out", "--for-review", "40", "-o", "new")
    finally:
        path.write_text(before)
    assert done.code == 2
    assert "firm00.md: its text has changed since" in done.err
    assert not (made / "new").exists()
