"""Makers of hostile texts and pages: each gives a file's bytes, `size` says how much of it.

Rows of tests/hostile/corpus.tsv name a maker, what the file begins with (head), what it repeats
(piece) and what it ends with (tail).
"""

from __future__ import annotations

CLAUSE = "We collect your name."
CLAUSES = " ".join([CLAUSE] * 500)


def text(head: str, piece: str, tail: str, size: int) -> bytes:
    """The head, the piece `size` times, the tail, in UTF-8."""
    return (head + piece * size + tail).encode("utf-8")


def raw(head: str, piece: str, tail: str, size: int) -> bytes:
    """The same, each character up to U+00FF as a byte."""
    return (head + piece * size + tail).encode("latin-1")


def late(head: str, piece: str, tail: str, size: int) -> bytes:
    """The same behind ten kilobytes of plain clauses."""
    return text(head + CLAUSES, piece, tail, size)


def wide(head: str, piece: str, tail: str, size: int) -> bytes:
    """The same in the encoding that the tail names."""
    return (head + piece * size).encode(tail)


def attributes(head: str, piece: str, tail: str, size: int) -> bytes:
    """An element with that many different attributes."""
    named = " ".join(f"a{number}=1" for number in range(size))
    return f"<p {named}>{CLAUSE}</p>".encode()


def laughs(head: str, piece: str, tail: str, size: int) -> bytes:
    """A billion laughs: entities of entities, in a document type of HTML."""
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(size + 1)]
    return f"<!DOCTYPE html [{''.join(lines)}]><p>{CLAUSE} &l{size};</p>".encode()


def wide_rows(head: str, piece: str, tail: str, size: int) -> bytes:
    """A table whose first row spans what stands below, cell by cell."""
    first = "<td rowspan=1000>name" * size
    return f"<table><tr>{first}{'<tr><td>mail' * size}</table>".encode()


def stairs(head: str, piece: str, tail: str, size: int) -> bytes:
    """Bullets of which each stands further to the right than the one above."""
    return "".join(f"{' ' * number}- name {number}\n" for number in range(size)).encode()


def definitions(head: str, piece: str, tail: str, size: int) -> bytes:
    """That many terms, each defined and used."""
    lines = (f"your name (“Sort {n} Data”). We use Sort {n} Data.\n" for n in range(size))
    return "".join(lines).encode()


def firms(head: str, piece: str, tail: str, size: int) -> bytes:
    """That many firms of different names."""
    return "".join(f"We share names with Acme{number} Ltd.\n" for number in range(size)).encode()


def contents(head: str, piece: str, tail: str, size: int) -> bytes:
    """A table of contents and its headings."""
    titles = [f"Part {number}" for number in range(size)]
    lines = "\n".join(titles)
    return (lines + "\n\n" + "".join(f"{one}\n\n{CLAUSE}\n\n" for one in titles)).encode()


def nested_list(head: str, piece: str, tail: str, size: int) -> bytes:
    """Markdown lists in lists, to that depth; beyond a thousand each is a line of bullets."""
    if size > 1000:
        return ("- " * size + CLAUSE).encode()
    return "".join(f"{'  ' * depth}- name\n" for depth in range(size)).encode()


def nested_quotes(head: str, piece: str, tail: str, size: int) -> bytes:
    """Quotations in quotations, a line each."""
    return "".join(f"{'> ' * depth}name\n" for depth in range(size)).encode()


def backticks(head: str, piece: str, tail: str, size: int) -> bytes:
    """Runs of backticks of which no two are of one length."""
    return (CLAUSE + "".join(f"{'`' * number} a " for number in range(1, size))).encode()


def link_names(head: str, piece: str, tail: str, size: int) -> bytes:
    """Definitions of links and their uses."""
    lines = "".join(f"[a{number}]: /b\n" for number in range(size))
    return f"# Data\n\n{lines}\n{CLAUSE}\n{' '.join(f'[a{n}]' for n in range(size))}".encode()


def wide_markdown_table(head: str, piece: str, tail: str, size: int) -> bytes:
    """A table with as many columns as rows, whose rows hold one cell only."""
    return ("# Data\n\n" + "|a" * size + "|\n" + "|-" * size + "|\n" + "|name|\n" * size).encode()


def deep(head: str, piece: str, tail: str, size: int) -> bytes:
    """The same in three hundred elements that are not closed."""
    return text("<div>" * 300 + head, piece, tail, size)


def expanded(head: str, piece: str, tail: str, size: int) -> bytes:
    """A term defined by a long list, used in that many clauses."""
    kinds = ("name", "e-mail address", "age", "gender", "height", "IP address", "bank account",
             "income", "passport number", "location", "fingerprint", "religion", "photo",
             "telephone number", "job title", "education", "purchase history")  # fmt: skip
    listed = ", ".join(f"your {kind}" for kind in kinds)
    used = "We share All Data with partners. " * size
    return f"We collect {listed} (\u201cAll Data\u201d). {used}".encode()
