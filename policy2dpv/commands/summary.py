"""A conversion in a few lines for people: who, what for, which data, to whom, where, how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap

from policy2dpv.conversion import Conversion
from policy2dpv.knowledge.vocabulary import Vocabulary
from policy2dpv.model import Annotation, Statement

WIDTH = 100
MARGIN = 18
SHOWN = 12
WORD = re.compile(r"[\w.@+-]+")  # names that differ in other signs only are the same

# Heading of each line, the fields of a statement that it sums up, and whether the policy's own
# words tell more than the label of the term.
LINES: Sequence[tuple[str, tuple[str, ...], bool]] = (
    ("controller", ("controllers",), True),
    ("contact", ("contacts", "dpo_contacts"), True),
    ("purposes", ("purposes",), False),
    ("personal data", ("data",), False),
    ("recipients", ("recipients",), True),
    ("legal bases", ("legal_bases",), False),
    ("stored in", ("locations",), False),
    ("transferred to", ("destinations",), False),
    ("kept for", ("durations",), True),
    ("rights", ("rights",), False),
    ("measures", ("measures",), False),
)
# What a denial is named after: the first of these that it has.
DENIED = ("purposes", "recipients", "data")


def summarize_conversion(conversion: Conversion, vocabulary: Vocabulary) -> str:
    """Return the summary: a headline, a line for each thing that the policy speaks of.

    Values stand in the order of how often they are said; what a policy denies has its own line.

    >>> from policy2dpv import convert, load_vocabulary
    >>> made = convert(b"We use your email address to send you our newsletter.")
    >>> "Email Address" in summarize_conversion(made, load_vocabulary())
    True
    """
    affirmed = [said for said in conversion.statements if said.polarity == "affirmed"]
    denied = [said for said in conversion.statements if said.polarity == "denied"]
    lines = [_headline(conversion)]
    label = _labels_of(vocabulary)
    for heading, fields, own_words in LINES:
        lines += _line(heading, _values(affirmed, fields, _own_words if own_words else label))
    lines += _line("denied", _ranked(_denied(denied, label)), "; ")
    return "\n".join(lines)


def _labels_of(vocabulary: Vocabulary) -> Callable[[Annotation], str]:
    """Return a function that gives an annotation's name: the party's, else its term's label."""

    def name(annotation: Annotation) -> str:
        known = vocabulary.has(annotation.term)
        return annotation.name or (vocabulary.label(annotation.term) if known else annotation.quote)

    return name


def _own_words(annotation: Annotation) -> str:
    """Return the party's name, a contact's address, else the policy's words."""
    value = annotation.value or ""
    address = value.partition(":")[2] if value.startswith(("mailto:", "tel:")) else ""
    return annotation.name or address or " ".join(annotation.quote.split())


def _headline(conversion: Conversion) -> str:
    document = conversion.document
    dates = [f"{date.kind} {date.value}" for date in document.dates]
    count = len(conversion.statements)
    said = f"{count} statement" + ("" if count == 1 else "s")
    parts = [document.title or document.uri, document.language, *dates, said]
    return ", ".join(filter(None, parts))


def _values(
    statements: Iterable[Statement], fields: Sequence[str], name: Callable[[Annotation], str]
) -> list[str]:
    """Return the names in the fields, the most frequent first."""
    return _ranked(
        name(annotation)
        for said in statements
        for field in fields
        for annotation in getattr(said, field)
    )


def _denied(statements: Iterable[Statement], label: Callable[[Annotation], str]) -> Iterator[str]:
    """Yield what each denial is about: what is not done, and its purposes, recipients or data."""
    for said in statements:
        fields = (getattr(said, field) for field in DENIED)
        about = _ranked(map(_own_words, next(filter(None, fields), ())))
        done = _ranked(map(label if about else _own_words, said.processing))
        parts = filter(None, (" or ".join(done), ", ".join(about)))
        if about or done:
            yield ": ".join(parts)


def _ranked(names: Iterable[str]) -> list[str]:
    """Return the names, the most frequent first, equal ones as they come."""
    count: dict[str, int] = {}
    spelling: dict[str, str] = {}
    for name in names:
        key = " ".join(WORD.findall(name.casefold())) or name
        spelling.setdefault(key, name)
        count[key] = count.get(key, 0) + 1
    return [spelling[key] for key in sorted(count, key=lambda key: -count[key])]


def _line(heading: str, values: Sequence[str], between: str = ", ") -> list[str]:
    if not values:
        return []
    more = len(values) - SHOWN
    text = between.join(values[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    indent = " " * MARGIN
    return wrap(text, WIDTH, initial_indent=f"  {heading}".ljust(MARGIN), subsequent_indent=indent)
