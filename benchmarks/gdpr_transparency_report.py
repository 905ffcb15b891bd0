"""How far `report` finds the items that annotators of GDPR-Transparency found, policy by policy.

    python benchmarks/gdpr_transparency_report.py FOLDER [--show ITEM]

FOLDER holds the corpus's JSON files. An item is disclosed where the report answers stated, vague
or stated as not applicable; the annotators disclose it where any passage has its requirement, be
it denied. Precision, recall and F1 count pairs of policy and item.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from policy2dpv.checking.notices import choose_notices
from policy2dpv.checking.report import Answer, report_graph
from policy2dpv.conversion import convert
from policy2dpv.knowledge.rows import read_table
from policy2dpv.schemes.gdpr_transparency import read_gdpr_transparency
from policy2dpv.schemes.marks import MarkedPolicy

ITEMS = Path(__file__).parent / "gdpr_transparency_items.tsv"
Counts = dict[str, list[int]]  # found by both, by the report, by the annotators


def main() -> None:
    """Print precision, recall and F1 of each item and of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", help="a requirement, whose differences are listed")
    given = parser.parse_args()
    wanted = {r["requirement"]: (r["notice"], r["item"]) for r in read_table(ITEMS)}
    counts: Counts = {name: [0, 0, 0] for name in wanted}
    for policy in read_gdpr_transparency(given.folder):
        told = {mark.value for clause in policy.clauses for mark in clause.marks}
        answers = dict(answer_items(policy))
        for name, place in wanted.items():
            found, marked = answers[place].answer != "not_found", name in told
            for at, true in enumerate((found and marked, found, marked)):
                counts[name][at] += true
            if given.show == name and found != marked:
                which = "found" if found else "missed"
                print(which, policy.name, [q.words for q in answers[place].quotes][:3])
    print("\n".join(format_counts(counts)))


def answer_items(policy: MarkedPolicy) -> Iterator[tuple[tuple[str, str], Answer]]:
    """Yield the answers to all items of Articles 13 and 14 by notice and item."""
    notices = choose_notices("gdpr-13,gdpr-14")
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder, "graph.nq")
        convert(policy.document).write(graph, "nquads")
        [report] = report_graph(graph, notices)
    for section in report.sections:
        for answer in section.answers:
            yield (section.notice.name, answer.item.item), answer


def format_counts(counts: Mapping[str, list[int]]) -> Iterator[str]:
    """Yield a line an item, then one for all together."""
    yield f"{'item':36s}{'P':>6s}{'R':>7s}{'F1':>7s}{'policies':>10s}"
    total = [sum(count[at] for count in counts.values()) for at in range(3)]
    for name, (both, found, marked) in [*counts.items(), ("all", total)]:
        precision = both / found if found else 0.0
        recall = both / marked if marked else 0.0
        f1 = 2 * both / (found + marked) if found + marked else 0.0
        yield f"{name:36s}{precision:6.3f}{recall:7.3f}{f1:7.3f}{marked:10d}"


if __name__ == "__main__":
    main()
