"""Lists of firms: names that no table knows, and the part a firm plays after its category."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.phrases import Hit, Phrase
from policy2dpv.knowledge.tables import read_table
from policy2dpv.knowledge.tokens import Tokens
from policy2dpv.model import Span

PARTY, RECIPIENT, LISTED, OWN = "party", "recipient", "cue:listed", "cue:first_party"
COLONS = (":", "–", "—", "-")
ENOUGH = 2  # so many known firms make a list of firms
Found = dict[str, list[Hit]]


class ListShapes(NamedTuple):
    """How a language writes lists of names, and the row that names the firms."""

    item: re.Pattern[str]
    aside: re.Pattern[str]
    between: re.Pattern[str]
    lead: re.Pattern[str]
    source: str


@lru_cache(maxsize=8)
def load_list_shapes(language: str, folders: tuple[Path, ...]) -> ListShapes:
    """The compiled rows of ``patterns/party_lists.<language>.tsv``; later folders win.

    TableError: a broken row.

    >>> from policy2dpv.knowledge.lexicon import load_lexicon
    >>> bool(load_list_shapes("en", load_lexicon("en").folders).item.match("Acme Cloud"))
    True
    """
    patterns = dict.fromkeys(("item", "aside", "between", "lead"), "(?!)")
    source = ""
    for folder in folders:
        path = folder / "patterns" / f"party_lists.{language}.tsv"
        for row in read_table(path) if path.is_file() else ():
            patterns[row["sort"]] = row["pattern"]
            source = row.place if row["sort"] == "item" else source
    item, aside, between, lead = (re.compile(pattern) for pattern in patterns.values())
    return ListShapes(item, aside, between, lead, source)


class PartyLists:
    """The lists of firms in one document.

    >>> from policy2dpv.conversion import read_example
    >>> found = read_example("We use hosting providers such as Acme and Bluebird.", "recipient")
    >>> [(a.term, a.name) for a in found if a.name]
    [('dpv:ServiceProvider', 'Acme'), ('dpv:ServiceProvider', 'Bluebird')]
    """

    def __init__(self, text: str, tokens: Tokens, lexicon: Lexicon) -> None:
        self.text, self.tokens = text, tokens
        self.shapes = load_list_shapes(lexicon.language, lexicon.folders)
        self.roles = lexicon.grammar.licences.get("party_role", frozenset())
        self.unknown = min(lexicon.grammar.licences.get("unknown_party", ("",)))
        words = set(tokens.words)
        self.common = frozenset(word.lemma for word in words if word.surface.islower())

    def extend(self, found: Found, first: int, last: int) -> None:
        """Add to `found` the firms listed in tokens `first` to `last` (exclusive).

        Firms behind a category ("service providers such as Acme and Bluebird") get its class, and
        the run from the category to the last of them stands in `found` as a cue. Elsewhere a
        list counts once it holds two firms that a table knows.
        """
        if first >= last or not (found.get(RECIPIENT) or len(found.get(PARTY, ())) >= ENOUGH):
            return
        parties = {hit.first: hit for hit in found.get(PARTY, ())}
        taken = _taken(found)
        end = self.tokens.end(last - 1)
        runs: list[Hit] = []
        for category in found.get(RECIPIENT, ()):
            if category.phrase.term not in self.roles:
                continue
            lead = self.shapes.lead.match(self.text, self.tokens.end(category.last), end)
            if lead is None:
                continue
            names = list(self._walk(lead.end(), end, parties))
            if lead[0].strip()[-1:] in COLONS and self._goes_on(names, end):
                continue  # "Service providers: Acme uses ..." begins a sentence
            items = self._accept(names, parties, taken, first)
            for hit in items:
                parties[hit.first] = self._in_role(hit, category)
            if items:
                runs.append(_run(category, items[-1], first))
        for listed in self._known_lists(parties, end):
            for hit in self._accept(listed, parties, taken, first):
                parties.setdefault(hit.first, hit)
        if parties:
            found[PARTY] = [parties[at] for at in sorted(parties)]
        if runs:
            found[LISTED] = runs

    def alone(self, found: Found, first: int, last: int) -> bool:
        """Whether nothing but known firms stands in tokens `first` to `last` (exclusive)."""
        if not found.get(PARTY):
            return False
        held = {at for hit in found[PARTY] for at in range(hit.first, hit.last + 1)}
        words = self.tokens.words
        return all(at in held or not words[at].surface[0].isalnum() for at in range(first, last))

    def name_alone(self, found: Found, first: int, last: int) -> None:
        """Add to `found` the firm whose name is all that stands in these tokens."""
        if first >= last or any(found.get(kind) for kind in (PARTY, RECIPIENT)):
            return
        start, end = self.tokens.starts[first], self.tokens.end(last - 1)
        items = list(self._walk(start, end, {}))
        if len(items) == 1 and not self.text[items[0][1] : end].strip(" :.*•)"):
            hits = self._accept(items, {}, _taken(found), first)
            if hits:
                found[PARTY] = hits

    def _walk(self, at: int, end: int, parties: dict[int, Hit]) -> Iterator[Span]:
        """The names of a list that begins at a place, in characters."""
        while at < end:
            token = bisect_left(self.tokens.starts, at)
            known = parties.get(token)
            if known is not None and self.tokens.starts[token] == at:
                span = at, self.tokens.end(known.last)
            else:
                match = self.shapes.item.match(self.text, at, end)
                if match is None:
                    return
                span = match.span("name")
            yield span
            aside = self.shapes.aside.match(self.text, span[1], end)
            between = self.shapes.between.match(self.text, aside.end() if aside else span[1], end)
            while between is not None:
                at = between.end()
                between = self.shapes.between.match(self.text, at, end)
            if at <= span[0] or at < span[1]:
                return

    def _goes_on(self, names: Sequence[Span], end: int) -> bool:
        """Whether words follow behind a list that should end a line."""
        rest = self.text[names[-1][1] : end].lstrip() if names else ""
        return rest[:1].isalpha()

    def _known_lists(self, parties: dict[int, Hit], end: int) -> Iterator[list[Span]]:
        """The lists that begin with a known firm and hold another."""
        done = 0
        for at in sorted(parties):
            start = self.tokens.starts[at]
            if start < done:
                continue
            items = list(self._walk(start, end, parties))
            known = {self.tokens.starts[token] for token in parties}
            if sum(a in known for a, _ in items) >= ENOUGH:
                done = items[-1][1]
                yield items

    def _accept(
        self, items: Iterable[Span], parties: dict[int, Hit], taken: frozenset[int], first: int
    ) -> list[Hit]:
        """The firms among the names: the known ones, and words that mean nothing else."""
        hits: list[Hit] = []
        for start, end in items:
            low = bisect_left(self.tokens.starts, start)
            high = bisect_left(self.tokens.starts, end) - 1
            known = parties.get(low)
            if known is not None:
                hits.append(known)
                continue
            words = self.tokens.words[low : high + 1]
            known_part = any(p.first <= high and low <= p.last for p in parties.values())
            if known_part or low in taken:  # "Bluebird Ads" is a name, "Ads Manager" is none
                break
            if not words or all(w.lemma in self.common for w in words):
                continue
            name = " ".join(self.text[start:end].split())
            phrase = Phrase(name, PARTY, self.unknown, self.shapes.source, name=name,
                            confidence=0.75)  # fmt: skip
            hits.append(_hit(low, high, phrase, first))
        return hits

    def _in_role(self, hit: Hit, category: Hit) -> Hit:
        """A firm with the class of its category, where that says more than its own."""
        term = category.phrase.term
        unknown = hit.phrase.source == self.shapes.source
        plays = hit.phrase.term in {*self.roles, self.unknown}
        says = category.phrase.match == "broad" or term != self.unknown
        if not unknown and not (plays and says):
            return hit
        return hit.read_as(hit.phrase.changed(term=term))


def _taken(found: Found) -> frozenset[int]:
    """The tokens that phrases of other kinds and the controller's names hold."""
    return frozenset(
        at
        for kind, hits in found.items() if kind == OWN or (kind != PARTY and "cue:" not in kind)
        for hit in hits for at in range(hit.first, hit.last + 1)
    )  # fmt: skip


def _hit(low: int, high: int, phrase: Phrase, first: int) -> Hit:
    size = high - low + 1
    return Hit(low, high, ((1 << size) - 1) << (low - first), size, True, phrase)


def _run(category: Hit, last: Hit, first: int) -> Hit:
    """The run of tokens from a category to the last of its examples."""
    return _hit(category.first, last.last, category.phrase, first)


def list_start(hit: Hit, runs: Sequence[Hit]) -> int | None:
    """The token at which the category begins that a firm is an example of, if it is one.

    >>> phrase = Phrase("", PARTY, "", "")
    >>> list_start(_hit(5, 5, phrase, 0), [_hit(2, 7, phrase, 0)])
    2
    """
    starts = (run.first for run in runs if run.first <= hit.first and hit.last <= run.last)
    return next(starts, None)
