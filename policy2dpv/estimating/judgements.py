"""What people found in the policies of a sample: their answers, else their reviews.

A row of answers.csv counts once somebody has signed it with `who`. An `answer` (yes or no) is to
the question that the sample was drawn for. Without one, the policy's review tells: what is left of
the reading after it, for any question. Who signs without an answer says so: I have read the whole
text, and what the reader missed is added.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError
from policy2dpv.estimating.practice import Practice, holds
from policy2dpv.estimating.prevalence import Judged
from policy2dpv.estimating.sample_folder import ANSWERS, read_policy, review_path
from policy2dpv.estimating.sampling import Drawn, Sample
from policy2dpv.reviewing.decisions import is_when
from policy2dpv.reviewing.review_files import BYTE_ORDER_MARK, LIMIT, SEPARATORS

NEEDED = ("number", "answer", "who")
YES, NO = frozenset(("yes", "y", "true", "1")), frozenset(("no", "n", "false", "0"))


class Answer(msgspec.Struct, frozen=True):
    """A signed row of answers.csv; `holds` is None where the review is to tell."""

    number: int
    holds: bool | None


class Judgements(msgspec.Struct, frozen=True):
    """The policies that people judged, weighed by how many they stand for.

    `open` are the numbers of those that were drawn and nobody has signed, `undecided` of those
    whose review leaves the question open. `changed` are those that the reader now answers
    otherwise than when they were drawn.
    """

    judged: tuple[Judged, ...]
    open: tuple[int, ...]
    undecided: tuple[int, ...]
    changed: tuple[int, ...]


def collect_judgements(
    folder: Path, sample: Sample, practice: Practice, holding: frozenset[str]
) -> Judgements:
    """Return what people found for a practice; `holding` are the reader's yes.

    Each policy stands for as many of its stratum as were drawn and judged. ReadError: a file of
    the sample that cannot be read, a row that cannot be used, or an answer to no question.
    """
    answers = read_answers(folder / ANSWERS, len(sample.drawn))
    found: list[tuple[Drawn, bool]] = []
    undecided = []
    for drawn in sample.drawn:
        answer = answers.get(drawn.number)
        if answer is None:
            continue
        told = _told(folder, sample, drawn, practice, answer)
        if told is None:
            undecided.append(drawn.number)
        else:
            found.append((drawn, told))
    many = Counter(drawn.stratum for drawn, _ in found)
    judged = tuple(
        Judged(drawn.policy.graph in holding, told,
               sample.strata[drawn.stratum].policies / many[drawn.stratum])
        for drawn, told in found
    )  # fmt: skip
    changed = tuple(
        drawn.number for drawn in sample.drawn
        if sample.practice == practice
        and sample.strata[drawn.stratum].said is not (drawn.policy.graph in holding)
    )  # fmt: skip
    waiting = tuple(one.number for one in sample.drawn if one.number not in answers)
    return Judgements(judged, waiting, tuple(undecided), changed)


def read_answers(path: Path, most: int) -> dict[int, Answer]:
    """Return the signed rows of answers.csv by their numbers, which are 1 to `most`.

    ReadError names file and row: no such file or column, a number that is not the sample's or
    stands twice, an answer that is neither yes nor no, one that nobody signed, a wrong time.

    >>> read_answers(Path("no-such.csv"), 3)
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: no-such.csv: cannot be read (No such file or directory); ...
    """
    found: dict[int, Answer] = {}
    for place, row in _rows(path):
        number = row["number"]
        if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= most):
            raise ReadError(place, f"the number is {number!r}", "keep the numbers of the sample")
        if int(number) in found:
            raise ReadError(place, f"number {number} stands twice", "keep one row a policy")
        said = row["answer"].lower()
        if said and said not in YES | NO:
            raise ReadError(place, f"the answer is {said!r}", "answer yes or no, or nothing")
        if not row["who"]:
            if said:
                raise ReadError(place, "an answer that nobody has signed", "fill in who")
            continue
        if row.get("when") and not is_when(row["when"]):
            advice = "write 2026-03-01 or 2026-03-01T10:00:00Z"
            raise ReadError(place, f"when is {row['when']!r}", advice)
        found[int(number)] = Answer(int(number), said in YES if said else None)
    return found


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rows of a CSV file as a spreadsheet saves it, with their places, without empty ones."""
    advice = "keep answers.csv of the sample, as CSV in UTF-8"
    try:
        if path.stat().st_size > LIMIT:
            raise ReadError(path, f"more than {LIMIT} bytes", advice)
        text = path.read_bytes().decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except OSError as error:
        raise ReadError(path, f"cannot be read ({error.strerror})", advice) from error
    except UnicodeDecodeError as error:
        raise ReadError(path, "not UTF-8 text", advice) from error
    first = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count))
    heads = [cell.strip().lower() for cell in next(table, [])]
    for name in NEEDED:
        if heads.count(name) != 1:
            found = f"{heads.count(name)} columns {name!r}"
            raise ReadError(f"{path.name}:1", found, f"keep the columns {', '.join(NEEDED)}")
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                padded = [cell.strip() for cell in cells] + [""] * len(heads)
                yield f"{path.name}:{table.line_num}", dict(zip(heads, padded, strict=False))
    except csv.Error as error:
        place = f"{path.name}:{table.line_num}"
        raise ReadError(place, f"a broken line: {error}", advice) from error


def _told(
    folder: Path, sample: Sample, drawn: Drawn, practice: Practice, answer: Answer
) -> bool | None:
    """Whether a policy has the practice, by who signed; None where the review leaves it open."""
    if answer.holds is not None and sample.practice == practice:
        return answer.holds
    if answer.holds is not None and sample.practice is None:
        advice = "leave `answer` empty and fill in the reviews, or draw a sample for one question"
        found = "it was drawn without a question, so no answer is to one"
        raise ReadError(folder / ANSWERS, found, advice)
    return judge_review(folder, sample, drawn.number, practice)


def judge_review(folder: Path, sample: Sample, number: int, practice: Practice) -> bool | None:
    """Return whether a policy has a practice by its review, None where that leaves it open.

    It is open where what nobody decided makes a difference. ReadError: a review or policy that
    cannot be read.
    """
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.reviewing.review_files import read_review

    document = read_policy(folder, number)
    rows = read_review(review_path(folder, number))
    tables = Path(sample.tables) if sample.tables else None
    lexicon = load_lexicon(document.language, tables)
    least = sample.min_confidence
    whole, decided = (
        holds(
            convert(document, lexicon=lexicon, min_confidence=least, review=rows,
                    only_reviewed=only).to_nquads(),
            practice,
        )
        for only in (False, True)
    )  # fmt: skip
    return whole if whole == decided else None
