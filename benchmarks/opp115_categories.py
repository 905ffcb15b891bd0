"""OPP-115's categories of segments, from annotations alone: `opp115_categories.py FOLDER`.

FOLDER holds the corpus as JSON lines (train.jsonl, valid.jsonl), each line with "text" and "label".
What an annotation is worth for a category stands in mappings/schemes/opp115-categories.tsv; a
segment has the categories for which its annotations are worth 1 or more together, else the one
whose row has no kind. Nothing is trained.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from policy2dpv import (
    Annotation,
    annotate_segments,
    find_segments,
    load_lexicon,
    load_vocabulary,
    read_document,
)

TABLE = Path(__file__).resolve().parent.parent / "mappings/schemes/opp115-categories.tsv"
LINES = re.compile(r"\s{3,}")  # what is left of line breaks in the corpus
TRAINED = 0.775  # micro F1 of TF-IDF of words and a linear SVM, trained on 2,771 segments
Count = list[int]  # right, said, labelled


class Rule(NamedTuple):
    """One row: what an annotation must be like, what it is worth, and for which category."""

    kind: str
    term: str
    actor: str
    polarity: str
    worth: float
    category: str
    example: str

    def fits(self, one: Annotation) -> bool:
        """Whether an annotation is of this kind and branch, by this actor, of this polarity."""
        return (
            self.kind == one.kind
            and self.actor in ("", one.actor)
            and self.polarity in ("", one.polarity)
            and (self.term in ("", one.term) or load_vocabulary().is_under(one.term, self.term))
        )


def main() -> None:
    """Print the figures for one part of the corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="the folder with the corpus")
    parser.add_argument("--part", default="valid", help="train or valid")
    wanted = parser.parse_args()
    rules = load_rules(TABLE)
    for rule in rules:
        if rule.category not in categories(annotate(rule.example), rules):
            print(f"{TABLE.name}: {rule.example!r} does not give {rule.category}", file=sys.stderr)
    counts: dict[str, Count] = defaultdict(lambda: [0, 0, 0])
    with (wanted.folder / f"{wanted.part}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            segment = json.loads(line)
            count(counts, categories(annotate(segment["text"]), rules), segment["label"])
    print_figures(counts)


def load_rules(path: Path) -> list[Rule]:
    """Return the rows of the table of categories."""
    lines = [line for line in path.read_text("utf-8").splitlines()[1:] if line]
    rows = [line.split("\t") for line in lines]
    return [Rule(r[0], r[1], r[2], r[3], float(r[4]), r[5], r[6]) for r in rows]


def annotate(text: str) -> list[Annotation]:
    """Return the annotations of one segment, read as a plain text of its own."""
    document = read_document(
        LINES.sub("\n\n", text.strip()) + "\n", language="en", media_type="text/plain"
    )
    return annotate_segments(document, find_segments(document), load_lexicon("en"))


def categories(found: Iterable[Annotation], rules: Sequence[Rule]) -> set[str]:
    """Return the categories that annotations give together; what says the same counts once."""
    worth: dict[str, float] = defaultdict(float)
    distinct = {(a.kind, a.term, a.actor, a.polarity): a for a in found}.values()
    for one in distinct:
        given: dict[str, float] = {}
        for rule in rules:
            if rule.kind and rule.fits(one):
                given[rule.category] = max(given.get(rule.category, 0), rule.worth)
        for category, value in given.items():
            worth[category] += value
    said = {category for category, value in worth.items() if value >= 1}
    return said or {rule.category for rule in rules if not rule.kind}


def count(counts: dict[str, Count], said: Collection[str], labelled: Collection[str]) -> None:
    """Add one segment to the counts."""
    for category in {*said, *labelled}:
        counts[category][0] += category in said and category in labelled
        counts[category][1] += category in said
        counts[category][2] += category in labelled


def figures(right: int, said: int, labelled: int) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    precision, recall = right / max(1, said), right / max(1, labelled)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def print_figures(counts: Mapping[str, Count]) -> None:
    """Print a line for each category, then micro and macro beside the trained baseline."""
    print(f"{'category':<36}{'P':>7}{'R':>7}{'F1':>7}{'said':>7}{'labelled':>9}")
    scores = {name: figures(*counts[name]) for name in sorted(counts)}
    for name, (precision, recall, f1) in scores.items():
        _, said, labelled = counts[name]
        print(f"{name:<36}{precision:7.3f}{recall:7.3f}{f1:7.3f}{said:7}{labelled:9}")
    right, said, labelled = (sum(c[i] for c in counts.values()) for i in range(3))
    precision, recall, f1 = figures(right, said, labelled)
    macro = sum(score[2] for score in scores.values()) / max(1, len(scores))
    print(f"{'micro':<36}{precision:7.3f}{recall:7.3f}{f1:7.3f}{said:7}{labelled:9}")
    print(f"{'macro':<50}{macro:7.3f}")
    print(f"a trained bag of words: micro F1 {TRAINED:.3f}; ours is not trained")


if __name__ == "__main__":
    main()
