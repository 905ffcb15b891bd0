"""Reports of notices as Markdown, JSON and RDF; report_html.py writes the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from policy2dpv.checking.notices import Item
from policy2dpv.checking.report import Answer, Applies, Quote, Report, Section
from policy2dpv.data import data_folder
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import load_vocabulary

if TYPE_CHECKING:
    import pyoxigraph

SHOWN = 5  # quotes of an item that Markdown shows
REMARK = (
    "This report tells what was read in the text of the notice, with the words that say it. "
    "It does not judge whether a law is kept, and the reader can err: what is not found may "
    "still be there."
)
APPLIES: Mapping[Applies, str] = {
    "always": "",
    "seen": "the text shows that this is so",
    "no_sign": "no sign of this in the text",
    "unknown": "no text can show whether this is so",
}


class AnswerName(msgspec.Struct, frozen=True):
    """What an answer is called, the term it has in RDF, and what it means."""

    label: str
    term: str
    meaning: str


@cache
def answer_names() -> Mapping[str, AnswerName]:
    """Return the four answers by name. TableError: the table is damaged.

    >>> answer_names()["not_found"].label
    'not found in the text'
    """
    rows = read_table(data_folder("vocab") / "notices" / "answers.tsv")
    return {row["answer"]: AnswerName(row["label"], row["term"], row["meaning"]) for row in rows}


def format_markdown(reports: Sequence[Report]) -> str:
    """Return the reports as one Markdown document.

    >>> format_markdown([]).splitlines()[0]
    '# What the notice says'
    """
    lines = ["# What the notice says", "", REMARK, ""]
    for report in reports:
        lines += [f"## {_escape(report.title) or 'Notice'}", "", f"Notice: `{report.notice}`", ""]
        for section in report.sections:
            lines += _section(section)
    return "\n".join(lines)


def format_json(reports: Sequence[Report]) -> str:
    """Return the reports as JSON, with the number of each answer by section.

    >>> print(format_json([]))
    []
    """
    told = [
        {
            "file": report.file, "notice": report.notice, "title": report.title,
            "page": report.page, "remark": REMARK,
            "sections": [
                {"notice": s.notice.name, "title": s.notice.title, "law": s.notice.law,
                 "link": s.notice.link, "in_play": s.in_play, "counts": count_answers(s),
                 "answers": s.answers}
                for s in report.sections
            ],
        }
        for report in reports
    ]  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def format_rdf(reports: Iterable[Report]) -> str:
    """Return the answers as Turtle, each a p2d:ItemAnswer that points to what says it.

    >>> format_rdf([])
    ''
    """
    import pyoxigraph

    prefixes = dict(load_vocabulary().prefixes)
    triples = sorted({t for report in reports for t in _triples(report)}, key=str)
    written = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.TURTLE, prefixes=prefixes)
    lines = written.decode("utf-8").splitlines(keepends=True) if triples and written else []
    head = sorted(line for line in lines if line.startswith("@prefix "))
    body = "".join(line for line in lines if not line.startswith("@prefix "))
    return "".join(line for line in head if line.split()[1] in body) + body


def count_answers(section: Section) -> dict[str, int]:
    """Return how many items got each of the four answers."""
    return {
        name: sum(answer.answer == name for answer in section.answers) for name in answer_names()
    }


def describe_condition(item: Item, applies: Applies) -> str:
    """Return when an item is asked for, and whether the text shows it; "" for always."""
    return f"{item.condition}: {APPLIES[applies]}" if item.condition else ""


def quote_words(quote: Quote) -> str:
    """Return the words of a quote, or where they stand if the graph has them not."""
    words = " ".join(quote.words.split())
    return words or f"characters {quote.start} to {quote.end}"


def _section(section: Section) -> Iterator[str]:
    notice = section.notice
    names = answer_names()
    counts = count_answers(section)
    yield from (f"### [{notice.title}]({notice.link})", "")
    if not section.in_play:
        yield from ("The text does not name this law.", "")
    yield from (", ".join(f"{n} {names[a].label}" for a, n in counts.items()) + ".", "")
    yield from ("| Item | Article | Answer | What is said |", "|---|---|---|---|")
    for one in section.answers:
        said = "; ".join(one.values) or _missing(one)
        item = one.item
        yield (
            f"| {_escape(item.name)} | [{item.article}]({item.link}) "
            f"| {names[one.answer].label} | {_escape(said)} |"
        )
    yield ""
    for one in section.answers:
        yield from _evidence(one)


def _evidence(one: Answer) -> Iterator[str]:
    condition = describe_condition(one.item, one.applies)
    notes = [note for note in (condition, one.item.comment) if note]
    if not (one.quotes or notes):
        return
    yield from (f"**{one.item.name}** ({answer_names()[one.answer].label})", "")
    yield from (f"- {_escape(note)}" for note in notes)
    yield from (f"- > {_escape(quote_words(quote))}" for quote in one.quotes[:SHOWN])
    if len(one.quotes) > SHOWN:
        yield f"- and {len(one.quotes) - SHOWN} more"
    yield ""


def _missing(one: Answer) -> str:
    return "looked for: " + "; ".join(one.looked_for) if one.answer == "not_found" else ""


def _escape(text: str) -> str:
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in flat)


def _triples(report: Report) -> Iterator[pyoxigraph.Triple]:
    import pyoxigraph

    known = load_vocabulary()

    def iri(term: str) -> pyoxigraph.NamedNode:
        return pyoxigraph.NamedNode(term if "://" in term else known.iri(term))

    for section in report.sections:
        for one in section.answers:
            item, name = one.item, f"report-{section.notice.name}-{one.item.item}"
            node = _named(report.notice.partition("#")[0] + "#" + name, report.notice, name)
            facts: list[tuple[str, Any]] = [
                ("rdf:type", iri("p2d:ItemAnswer")),
                ("dct:subject", _named(report.notice, report.notice, report.notice)),
                ("p2d:answer", iri(answer_names()[one.answer].term)),
                ("dct:references", pyoxigraph.NamedNode(item.link)),
                ("dct:identifier", pyoxigraph.Literal(item.article)),
                ("dct:title", pyoxigraph.Literal(item.name, language="en")),
            ]
            facts += [
                ("p2d:lookedFor", pyoxigraph.Literal(words, language="en"))
                for words in one.looked_for
            ]
            facts += [
                ("dct:source", pyoxigraph.NamedNode(name)) for name in one.nodes if ":" in name
            ]
            yield from (pyoxigraph.Triple(node, iri(name), value) for name, value in facts)


def _named(iri: str, notice: str, label: str) -> Any:
    """The node with this IRI; a blank one where the notice itself has none."""
    import pyoxigraph

    return pyoxigraph.NamedNode(iri) if ":" in notice else pyoxigraph.BlankNode(label)
