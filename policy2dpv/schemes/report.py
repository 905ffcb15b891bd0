"""How far DPV can say what a scheme says: its labels by how they are mapped, and how often used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from policy2dpv.annotating.relate import load_fields
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.tables import ENDING
from policy2dpv.schemes.apply import Mapped
from policy2dpv.schemes.mapping import EFFECTS, Meaning, SchemeTable, scheme_form, scheme_path
from policy2dpv.schemes.marks import MarkedPolicy
from policy2dpv.schemes.table_check import LABELS

Standing = Literal["exact", "close", "broad", "narrow", "clause", "excused", "unmapped"]
# How a label stands, from the best to the worst, and what a report calls it.
STANDINGS: Mapping[Standing, str] = {
    "exact": "mapped exactly",
    "close": "mapped to a close term",
    "broad": "mapped to a broader term",
    "narrow": "mapped to a narrower term",
    "clause": "said of the whole clause",
    "excused": "excused",
    "unmapped": "without a row",
}
LACKING = "no-term"  # the reason that tells what DPV lacks


class LabelReport(msgspec.Struct, frozen=True):
    """One label: how it stands, its terms or the reason why it has none, how often it is used."""

    label: str
    standing: Standing
    terms: tuple[str, ...] = ()
    reason: str = ""
    used: int = 0


class SchemeReport(msgspec.Struct, frozen=True):
    """All labels of a scheme; with annotations, what is stated by category and slot.

    `counts` holds for each category how many values its statements have in each field, and under
    "statements" and "denied" how many statements there are and how many of them are denials.
    """

    scheme: str
    labels: tuple[LabelReport, ...]
    policies: int = 0
    counts: Mapping[str, Mapping[str, int]] = {}

    def standing(self, standing: Standing) -> tuple[LabelReport, ...]:
        """The labels that stand in one way."""
        return tuple(label for label in self.labels if label.standing == standing)

    @property
    def lacking(self) -> tuple[LabelReport, ...]:
        """The labels for which DPV has no term."""
        return tuple(label for label in self.labels if label.reason == LACKING)


def report_scheme(
    table: SchemeTable,
    labels: Iterable[str],
    mapped: Sequence[tuple[MarkedPolicy, Mapped]] = (),
) -> SchemeReport:
    """Return how each label stands, and of mapped policies how often it is used.

    Labels that are used and that the scheme's definition lacks are reported too.

    >>> from policy2dpv.schemes.mapping import load_scheme
    >>> report = report_scheme(load_scheme("opp-115"), ["Data Retention", "Other"])
    >>> [(one.label, one.standing, one.terms) for one in report.labels]
    [('Data Retention', 'exact', ('dpv:Store',)), ('Other', 'excused', ())]
    """
    used = Counter(
        label
        for policy, _ in mapped
        for clause in policy.clauses
        for label in (clause.path(), *map(clause.path, clause.marks)) if label
    )  # fmt: skip
    known = dict.fromkeys([*labels, *sorted(used)])
    return SchemeReport(
        scheme=table.name,
        labels=tuple(_label_report(table, label, used[label]) for label in known),
        policies=len(mapped),
        counts=_count_statements(mapped),
    )


def defined_labels(table: SchemeTable, path: Path | None = None) -> list[str]:
    """All labels of a scheme: those of its definition, else those of its table's rows.

    `path` is that of the table, where it is not ours. TableError: a damaged list of labels.

    >>> from policy2dpv.schemes.mapping import load_scheme
    >>> "Data Retention > Retention Period > Limited" in defined_labels(load_scheme("opp-115"))
    True
    """
    place = path or scheme_path(table.name)
    for beside in (place, scheme_path(table.name)):
        definition = beside.with_name(beside.name.removesuffix(ENDING) + LABELS)
        if definition.is_file():
            return [row["label"] for row in read_table(definition)]
    return list(dict.fromkeys(row.label for row in table.rows))


def _label_report(table: SchemeTable, label: str, used: int) -> LabelReport:
    rows = sorted(table.rows_of(label), key=lambda row: "found" in row.words)
    terms = tuple(dict.fromkeys(row.term for row in rows if row.term))
    standings = {_standing(row) for row in rows}
    standing: Standing = next((one for one in STANDINGS if one in standings), "unmapped")
    reason = next((row.reason for row in rows if row.reason), "") if standing == "excused" else ""
    return LabelReport(label, standing, terms, reason, used)


def _standing(row: Meaning) -> Standing:
    if not row.term:
        return "excused"
    return "clause" if row.kind in EFFECTS else row.match


def _count_statements(mapped: Sequence[tuple[MarkedPolicy, Mapped]]) -> dict[str, dict[str, int]]:
    """How many statements each category has, and how many values in each field."""
    fields = list(dict.fromkeys(load_fields().values()))
    counts: dict[str, Counter[str]] = {}
    for policy, made in mapped:
        categories = {clause.id: clause.category for clause in policy.clauses}
        for one in made.conversion.statements:
            count = counts.setdefault(categories[one.segment], Counter())
            count["statements"] += 1
            count["denied"] += one.polarity == "denied"
            for field in fields:
                count[field] += len(getattr(one, field))
    return {category: dict(+counts[category]) for category in sorted(counts)}


def format_report(report: SchemeReport) -> str:
    """Return a report as text: the figures, what DPV lacks, then each label that is used."""
    lines = [f"== {report.scheme}: {len(report.labels)} labels" + _of_policies(report)]
    for standing, name in STANDINGS.items():
        found = report.standing(standing)
        if found or standing != "unmapped":
            lines.append(_figure(name, found))
    for reason, words in scheme_form().reasons.items():
        why = [one for one in report.standing("excused") if one.reason == reason]
        lines.append(_figure(f"  {reason}", why) + f"  {words}")
    lines += ["DPV has no term for", *(f"  {one.label}" for one in report.lacking)]
    if report.policies:
        lines += ["", *_count_lines(report), "", "used by how many marks, and what it means"]
        for one in sorted(report.labels, key=lambda one: (-one.used, one.label)):
            if one.used:
                meaning = " ".join(one.terms) or one.reason or STANDINGS["unmapped"]
                lines.append(f"{one.used:6}  {one.label}: {meaning}")
    return "\n".join(lines) + "\n"


def _of_policies(report: SchemeReport) -> str:
    if not report.policies:
        return ""
    used = sum(one.used for one in report.labels)
    return f", used {used} times in {report.policies} policies"


def _figure(name: str, labels: Sequence[LabelReport]) -> str:
    used = sum(one.used for one in labels)
    return f"{name:<28}{len(labels):5}{used:8}" if used else f"{name:<28}{len(labels):5}{'':8}"


def _count_lines(report: SchemeReport) -> Iterable[str]:
    """The table of statements: a line for each category and slot, and one for all of them."""
    fields = ("statements", "denied", *dict.fromkeys(load_fields().values()))
    shown = [f for f in fields if any(count.get(f) for count in report.counts.values())]
    yield f"{'statements by category':<36}" + "".join(f"{f[:11]:>12}" for f in shown)
    total: Counter[str] = Counter()
    for category, count in report.counts.items():
        total.update(count)
        yield f"{category:<36}" + "".join(f"{count.get(f, 0):12}" for f in shown)
    yield f"{'all':<36}" + "".join(f"{total[f]:12}" for f in shown)
