"""A table to fill in: a row for each label that a file of annotations uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from policy2dpv.schemes.mapping import scheme_form
from policy2dpv.schemes.marks import MarkedPolicy


def count_labels(policies: Iterable[MarkedPolicy]) -> Mapping[str, int]:
    """How often each label stands in policies, as a table writes it, by label.

    >>> from policy2dpv import read_document
    >>> from policy2dpv.schemes.marks import MarkedClause
    >>> clause = MarkedClause(id="1", category="Data Security", span=(0, 9))
    >>> document = read_document(b"We encrypt your data.")
    >>> count_labels([MarkedPolicy(name="p", document=document, clauses=[clause])])
    {'Data Security': 1}
    """
    found: Counter[str] = Counter()
    for policy in policies:
        for clause in policy.clauses:
            found.update(label for mark in (None, *clause.marks) if (label := clause.path(mark)))
    return dict(sorted(found.items()))


def format_template(labels: Mapping[str, int]) -> str:
    r"""A table with a row for each label and no objects, as TSV; the comment says how often.

    `load_scheme` takes it as it is: a label without object stays unmapped.

    >>> rows = format_template({"Data > kept > long": 2}).splitlines()
    >>> rows[0].split("\t")[0], [cell for cell in rows[1].split("\t") if cell][:2]
    ('subject_label', ['Data > kept > long', 'skos:exactMatch'])
    """
    form = scheme_form()
    columns = form.columns
    if any(label.startswith("#") for label in labels):
        columns = (*columns[1:], columns[0])  # a line that begins with # would be a comment
    lines = ["\t".join(columns)]
    for label, count in labels.items():
        cells = {**form.filled, "subject_label": " ".join(label.split()),
                 "predicate_id": "skos:exactMatch",
                 "comment": f"{count} time" + ("" if count == 1 else "s")}  # fmt: skip
        lines.append("\t".join(cells.get(column, "") for column in columns))
    return "".join(line + "\n" for line in lines)
