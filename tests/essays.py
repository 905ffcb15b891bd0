"""Literate cases: Markdown essays whose fenced blocks are policies and what they must say.

A `#` heading names the behaviour of the file, each `##` heading is one case: a sentence that says
why, a fenced block `text`, `markdown` or `html` with the policy, and a fenced block `expect` with
one expectation a line. In expectations `|` joins terms that are equally right, `*` is any term.

    purpose dpv:Marketing|dpv:DirectMarketing "send you offers"    said of these words
    - personal_data pd:Name                       nothing affirms it
    processing dpv:Share denied                   other words: any, possible, certain, name=, value=
    tie pd:Name dpv:Marketing                     one affirmed statement has both
    prohibition dpv:Share pd:Name                 one denied statement has both
    statement data=pd:Name,pd:Age actor=user      fields of one statement; condition="if you ..."
    date modified 2025-03-03                      a date of the policy itself
    graph dpv:hasRight *                          a triple with that property and object
    count 1 dpv:hasRight                          how many triples have that property
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from policy2dpv import Conversion, convert, load_vocabulary
from policy2dpv.annotating.relate import load_fields, load_kinds
from policy2dpv.graphs.triples import Literal
from policy2dpv.model import Annotation, Statement, overlaps

MEDIA = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPACES = {
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
SINGLE = {"actor", "polarity", "modality", "kind"}
SPANS = {"condition", "exception"}
Said = tuple[str, Annotation, Statement]


@dataclass(frozen=True)
class Case:
    """One case of an essay: its place, its policy and its expectations."""

    path: Path
    line: int
    title: str
    language: str
    text: str
    expectations: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.path.stem}: {self.title}"


def read_essay(path: Path) -> Iterator[Case]:
    """Yield the cases of an essay in order; AssertionError says what a case lacks."""
    text = path.read_text("utf-8")
    bare = FENCE.sub(lambda m: " " * len(m[0]), text)  # a policy has headings of its own
    starts = [m.start() for m in re.finditer(r"^## ", bare, re.MULTILINE)] + [len(text)]
    assert text.startswith("# "), f"{path.name} begins with no title"
    for start, end in pairwise(starts):
        line = text.count("\n", 0, start) + 1
        title, _, body = text[start + 3 : end].partition("\n")
        blocks = [(m[1], m[2]) for m in FENCE.finditer(body)]
        where = f"{path.name}:{line}"
        assert FENCE.sub("", body).strip(), f"{where}: no word of why"
        assert [language for language, _ in blocks][1:] == ["expect"], f"{where}: blocks"
        (language, policy), (_, expected) = blocks
        assert language in MEDIA, f"{where}: a policy in {language!r}"
        lines = tuple(line for line in map(str.strip, expected.splitlines()) if line)
        assert lines, f"{where}: nothing is expected"
        yield Case(path, line, title.strip(), language, policy, lines)


def unmet(case: Case) -> list[str]:
    """Return the expectations of a case that its policy does not meet, each with what was said."""
    reading = Reading(case)
    return [wrong for line in case.expectations if (wrong := reading.complaint(line))]


class Reading:
    """A case's policy as it was read, and the questions that expectations ask of it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.made: Conversion = convert(
            case.text.encode("utf-8"), media_type=MEDIA[case.language], language="en"
        )
        kinds = {field: kind for kind, field in load_fields().items()}
        self.said: list[Said] = [
            (kinds[field], annotation, statement)
            for statement in self.made.statements
            for field in kinds
            for annotation in getattr(statement, field)
        ]

    def complaint(self, line: str) -> str:
        """Return "" if an expectation is met, else the expectation and what is there instead."""
        words = shlex.split(line)
        wanted = words[0] != "-"
        kind, *rest = words if wanted else words[1:]
        ask = {
            "tie": self.tied, "prohibition": self.prohibited, "statement": self.stated,
            "date": self.dated, "graph": self.drawn, "count": self.counted,
        }.get(kind)  # fmt: skip
        if ask is None:
            assert kind in {*load_fields(), *load_kinds()}, f"{self.case.name}: no kind {kind!r}"
            found: list[Any] = self.facts(kind, rest)
        else:
            found = ask(rest)
        if wanted == bool(found):
            return ""
        return f"{line}    [{self.instead(kind, rest, found)}]"

    # -- questions --------------------------------------------------------------------------
    def facts(self, kind: str, rest: list[str]) -> list[Said]:
        """The annotations of a kind that a statement holds, of that term, words and flags."""
        terms, *more = rest
        kind = load_kinds().get(kind, kind)
        flags = {word for word in more if word in ("denied", "any", "possible", "certain")}
        pairs = dict(word.split("=", 1) for word in more if re.match(r"\w+=", word))
        quotes = [word for word in more if word not in flags and not re.match(r"\w+=", word)]
        polarity = "denied" if "denied" in flags else "affirmed"
        return [
            (of, one, by)
            for of, one, by in self.said
            if of == kind and matches(terms, one.term)
            and ("any" in flags or by.polarity == polarity)
            and all(self.on_words(one, quote) for quote in quotes)
            and ("possible" not in flags or by.modality == "possible")
            and ("certain" not in flags or by.modality == "")
            and all(
                str(getattr(by if key == "actor" else one, key)) in value.split("|")
                for key, value in pairs.items()
            )
        ]  # fmt: skip

    def on_words(self, one: Annotation, quote: str) -> bool:
        text, at = self.made.document.text, -1
        while (at := text.find(quote, at + 1)) >= 0:
            if overlaps((one.start, one.end), (at, at + len(quote))):
                return True
        assert quote in text, f"{self.case.name}: {quote!r} does not stand in the policy"
        return False

    def tied(self, terms: list[str], polarity: str = "affirmed") -> list[Statement]:
        """The statements of a polarity that have all the terms."""
        return [
            one for one in self.made.statements
            if one.polarity == polarity
            and all(any(holds(wanted, a) for a in members(one)) for wanted in terms)
        ]  # fmt: skip

    def prohibited(self, terms: list[str]) -> list[Statement]:
        """The denied statements that have all the terms."""
        return self.tied(terms, "denied")

    def stated(self, pairs: list[str]) -> list[Statement]:
        """The statements whose fields are as given."""
        found = []
        for one in self.made.statements:
            for pair in pairs:
                field, _, wanted = pair.partition("=")
                if not self.field_is(one, field, wanted):
                    break
            else:
                found.append(one)
        return found

    def field_is(self, one: Statement, field: str, wanted: str) -> bool:
        value = getattr(one, field)
        if field in SINGLE:
            return bool(wanted == value)
        if field in SPANS:
            text = self.made.document.text
            return (text[value[0] : value[1]] if value else "") == wanted
        if field == "party":
            return value is not None and holds(wanted, value)
        if not wanted:
            return not value
        return all(any(holds(term, a) for a in value) for term in wanted.split(","))

    def dated(self, rest: list[str]) -> list[Any]:
        """The dates of the policy of that kind and value."""
        return [d for d in self.made.document.dates if [d.kind, d.value] == rest]

    def drawn(self, rest: list[str]) -> list[Any]:
        """The triples with that property and object, a term or a literal's text."""
        term, *value = rest
        shown = ((p, self.short(o)) for p, o in self.pairs)
        return [
            (p, o) for p, o in shown
            if p == term and (not value or matches(value[0], o))
        ]  # fmt: skip

    def counted(self, rest: list[str]) -> list[Any]:
        """The triples of a property, if they are that many."""
        number, *triple = rest
        found = self.drawn(triple)
        return [number] if len(found) == int(number) else []

    @cached_property
    def pairs(self) -> list[tuple[str, Any]]:
        return [(self.short(p), o) for _, p, o in self.made.policy_graph.triples]

    def short(self, node: Any) -> str:
        if isinstance(node, Literal):
            return node.text
        for prefix, space in SPACES.items():
            if node.startswith(space):
                return f"{prefix}:{node[len(space) :]}"
        vocabulary = load_vocabulary()
        return vocabulary.curie(node) if vocabulary.is_dpv(node) else str(node)

    # -- what is there instead --------------------------------------------------------------
    def instead(self, kind: str, rest: list[str], found: list[Any]) -> str:
        """What was read in place of what was expected, for the message."""
        if kind in ("tie", "prohibition", "statement"):
            return " / ".join(map(brief, found or self.made.statements)) or "no statement"
        if kind == "date":
            return str([(d.kind, d.value) for d in self.made.document.dates])
        if kind in ("graph", "count"):
            term = rest[kind == "count"]
            return f"{term}: {[self.short(o) for p, o in self.pairs if p == term]}"
        kind = load_kinds().get(kind, kind)
        of_kind = [(a, s) for k, a, s in self.said if k == kind]
        return "; ".join(dict.fromkeys(shown(a, s) for a, s in of_kind)) or f"no {kind}"


def matches(wanted: str, term: str) -> bool:
    """Whether a term is one of those joined by a bar; a star is any."""
    for one in wanted.split("|"):
        if one.partition(":")[0] in load_vocabulary().prefixes:
            assert load_vocabulary().has(one), f"no term {one}: mend the case"
    return wanted == "*" or term in wanted.split("|")


def holds(wanted: str, one: Annotation) -> bool:
    """Whether an annotation is of a term, or has a name or value that stands for one."""
    return matches(wanted, one.term) or wanted in (one.name, one.value)


def members(one: Statement) -> Iterator[Annotation]:
    """Yield all annotations of a statement."""
    for field in load_fields().values():
        yield from getattr(one, field)


def shown(one: Annotation, by: Statement) -> str:
    """Return an annotation in a line: term, words, and what is not plain about it."""
    extras = [f"name={one.name}" if one.name else "", f"value={one.value}" if one.value else "",
              "denied" if by.polarity == "denied" else "", by.modality,
              by.actor if by.actor != "first_party" else ""]  # fmt: skip
    return " ".join([one.term, f'"{one.quote}"', *filter(None, extras)])


def brief(one: Statement) -> str:
    """Return a statement in a line: how it is said and its terms."""
    how: list[str] = [one.kind] if one.kind != "practice" else []
    how += [one.actor] if one.actor != "first_party" else []
    how += [one.polarity] if one.polarity != "affirmed" else []
    terms = [a.name or a.value or a.term for a in members(one)]
    return " ".join([*how, *dict.fromkeys(terms), one.modality]).strip()
