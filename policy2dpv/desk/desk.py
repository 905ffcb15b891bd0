"""One policy under review: what was read, what people decided, and the file that keeps it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from policy2dpv.annotating.annotation_check import known_kinds
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.conversion import Conversion
from policy2dpv.data import replace_file
from policy2dpv.errors import PolicyError, ReadError, WriteError
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Segment, Span
from policy2dpv.reviewing.acceptance import open_points
from policy2dpv.reviewing.decisions import ADD, REPLACE, Decision, check_decisions, key_of
from policy2dpv.reviewing.review import Reviewed, apply_review, find_words, propose_rows
from policy2dpv.reviewing.review_files import LINES, format_review, read_review
from policy2dpv.reviewing.review_match import Reading, clause_words, list_readings
from policy2dpv.schemes.anchor import squeeze

DIGITS = 12  # of a row's name on a page


class ReviewError(PolicyError):
    """A decision that cannot be taken: what it speaks of is not there, or changed meanwhile."""


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """A reading that a person adds: words, what they mean, and the clause that they stand in.

    `segment` is the clause's id, "" to look for the words everywhere; `before` are the words of
    the clause that stand before them. The rest is as in Decision, "" for as the clause says.
    """

    quote: str
    kind: str
    term: str
    segment: str = ""
    before: str = ""
    polarity: str = ""
    modality: str = ""
    actor: str = ""
    name: str = ""
    value: str = ""
    note: str = ""


class Desk:
    """The review of one policy; one writer at a time.

    `rows` are those of all readings in the text's order, then added ones, then stale ones. The
    file is written in one step with each decision, and read again where somebody else wrote it.
    ReadError: the file there is no review.
    """

    def __init__(self, made: Conversion, path: Path) -> None:
        self.made, self.path = made, path
        self.readings: Sequence[Reading] = list_readings(
            made.document, made.segments, made.annotations
        )
        self.segments: Mapping[str, Segment] = {one.id: one for one in made.segments}
        self.rows: Sequence[Decision] = ()
        self.outcome: Reviewed = Reviewed(annotations=())
        self._seen: bytes | None = None
        self._lock = threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Take the file as it is now, where it is another than before. ReadError: no review."""
        with self._lock:
            if not self._is_current():
                self._load()

    def decide(
        self, names: Iterable[str], decision: str, who: str, when: str, *,
        new_term: str = "", note: str = "",
    ) -> None:  # fmt: skip
        """Decide the rows of these names; "" takes a decision back, and an added row away.

        ReviewError: no such row, or the file was changed meanwhile. ReadError: a decision that
        cannot be used, such as a term that the kind cannot have. WriteError: the file.
        """
        chosen = set(names)
        with self._lock:
            self._refuse_changed()
            if unknown := chosen - {name_of(row) for row in self.rows}:
                found = f"there is no reading {sorted(unknown)[0][:DIGITS]!r} any more"
                raise ReviewError(self.path.name, found, "look at the page again")
            signed = {"who": who, "when": when} if decision else {"who": "", "when": ""}
            rows = []
            for at, row in enumerate(self.rows):
                if name_of(row) not in chosen:
                    rows.append(row)
                elif at < len(self.readings):
                    term = new_term if decision == REPLACE else ""
                    rows.append(msgspec.structs.replace(
                        row, decision=decision, new_term=term, note=note if decision else "",
                        **signed,
                    ))  # fmt: skip
                elif decision:
                    found = "what a person added is kept or taken away"
                    raise ReviewError(self.path.name, found, "take it away and add another")
            self._keep(rows)

    def add(self, given: Addition, who: str, when: str) -> str:
        """Add a reading and return its name. ReviewError, ReadError, WriteError: as `decide`."""
        with self._lock:
            self._refuse_changed()
            row = self._added(given, who, when)
            self._keep([*self.rows, row])
        kept = next((r for r in self.rows if _is_same(r, row)), row)
        return name_of(kept)

    def accepted_so_far(self) -> Conversion:
        """The conversion as what is decided and signed makes it."""
        made = self.made
        reviewed = apply_review(made.document, made.segments, made.annotations, self.signed())
        statements = relate_annotations(made.document, made.segments, reviewed.annotations)
        return Conversion(
            made.document, made.segments, reviewed.annotations, statements, review=reviewed
        )

    def signed(self) -> list[Decision]:
        """The rows that somebody decided and signed."""
        return [row for row in self.rows if row.decision and row.who and row.when]

    def open_points(self) -> list[str]:
        """What stands between the review and a published page, see `acceptance.open_points`."""
        return open_points(self.accepted_so_far())

    def _added(self, given: Addition, who: str, when: str) -> Decision:
        quote = " ".join(given.quote.split())
        if not quote:
            raise ReviewError("words", "there are none", "give the policy's words")
        segment, spans = self._place(quote, given.segment)
        clause, section = clause_words(self.made.document.text, segment)
        nth = squeeze(given.before).count(squeeze(quote)) + 1 if len(spans) > 1 else 0
        term = resolve_term(given.kind, given.term)
        known = load_vocabulary()
        return Decision(
            decision=ADD, quote=quote, kind=given.kind, term=term, clause=clause, section=section,
            label=", ".join(known.label(one) for one in term.split() if known.has(one)),
            polarity=given.polarity, modality=given.modality, actor=given.actor, name=given.name,
            value=given.value, nth=nth, who=who, when=when, note=given.note,
        )  # fmt: skip

    def _place(self, quote: str, name: str) -> tuple[Segment, list[Span]]:
        """The clause that words stand in, and where in it."""
        text = self.made.document.text
        if name and name not in self.segments:
            raise ReviewError("clause", "there is no such clause", "look at the page again")
        asked = [self.segments[name]] if name else list(self.segments.values())
        found = [(one, spans) for one in asked
                 if (spans := find_words(text[one.start : one.end], quote))]  # fmt: skip
        if not found:
            where = "in this clause" if name else "in any clause"
            found_not = f"{quote[:60]!r} does not stand {where}"
            raise ReviewError("words", found_not, "give whole words as the policy has them")
        if len(found) > 1:
            several = f"{quote[:60]!r} stands in {len(found)} clauses"
            raise ReviewError("words", several, "choose them in the text, or add to a clause")
        return found[0]

    def _is_current(self) -> bool:
        return self._seen is not None and self._seen == self._bytes()

    def _refuse_changed(self) -> None:
        if not self._is_current():
            self._load()
            found = "somebody else wrote this file since the page was made; nothing was decided"
            raise ReviewError(self.path.name, found, "look at the page again")

    def _load(self) -> None:
        seen = self._bytes()
        self._propose(read_review(self.path) if seen else [])
        self._seen = seen

    def _propose(self, rows: Iterable[Decision]) -> None:
        made = self.made
        self.rows, self.outcome = propose_rows(
            made.document, made.segments, made.annotations, list(rows)
        )

    def _keep(self, rows: Sequence[Decision]) -> None:
        """Write the rows, once they are known to be usable."""
        plain = check_decisions(msgspec.structs.replace(row, place="") for row in rows)
        before = self.rows, self.outcome
        self._propose(plain)
        try:
            replace_file(self.path, format_review(self.rows, LINES))
        except OSError as error:
            self.rows, self.outcome = before
            found = f"cannot be written ({error.strerror})"
            raise WriteError(self.path, found, "make the folder writable") from error
        self._seen = self._bytes()

    def _bytes(self) -> bytes:
        """The file's bytes, none where there is no file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            found = f"cannot be read ({error.strerror})"
            raise ReadError(self.path, found, "give a file that can be read") from error


def name_of(row: Decision) -> str:
    """Return the name of a row on pages: the same for as long as it speaks of the same.

    >>> len(name_of(Decision(decision="", quote="your name", kind="k", term="t")))
    13
    """
    key = msgspec.json.encode(key_of(row))
    return "r" + hashlib.sha256(key).hexdigest()[:DIGITS]


@cache
def terms_of_kind(kind: str) -> tuple[tuple[str, str], ...]:
    """Return the terms that a kind may have, each with its label, by the label.

    >>> [label for term, label in terms_of_kind("personal_data") if term == "pd:EmailAddress"]
    ['Email Address']
    """
    known = load_vocabulary()
    tops = known_kinds().get(kind, ())
    found = [
        (term, known.label(term)) for term in known.terms
        if any(known.is_under(term, top) for top in tops)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda pair: (pair[1].casefold(), pair[0])))


def resolve_term(kind: str, words: str) -> str:
    """Return the term that somebody typed: itself, or the one of the kind with this label.

    ReviewError: no term of this kind has the label, or several have.

    >>> resolve_term("personal_data", "email address"), resolve_term("purpose", "dpv:Marketing")
    ('pd:EmailAddress', 'dpv:Marketing')
    """
    plain = " ".join(words.split())
    if ":" in plain or not plain:
        return plain
    found = [term for term, label in terms_of_kind(kind) if label.casefold() == plain.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ReviewError("term", f"{plain[:60]!r} is {' or '.join(found)}", "give one of them")
    what = f"no term for {kind} is called {plain[:60]!r}"
    raise ReviewError("term", what, "choose one of the list, or give PREFIX:NAME")


def _is_same(row: Decision, added: Decision) -> bool:
    return (squeeze(row.quote), row.kind, row.term, squeeze(row.clause)) == (
        squeeze(added.quote), added.kind, added.term, squeeze(added.clause)
    ) and bool(row.decision)  # fmt: skip
