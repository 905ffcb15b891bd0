"""Whose policy it is, and the firms that it names: by the shapes in patterns/names.<lang>.tsv."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.name_shapes import BEHIND_NAME, NameRow, NameShapes, Run, load_name_shapes
from policy2dpv.knowledge.phrases import Hit, Phrase
from policy2dpv.knowledge.tables import read_table
from policy2dpv.knowledge.tokens import Tokens, Word
from policy2dpv.knowledge.trie import NARROW
from policy2dpv.model import Annotation, Document, Segment, Span

UNREAD = ("nav", "dialog", "form")
CONTROLLER, PARTY, RECIPIENT = "controller", "party", "recipient"
OWN_KIND = "cue"  # the controller's names are read as "we"
TITLE, JOINT, PLACE = "title", "joint", "place"


Found = tuple[NameRow, str, int, Segment]  # shape, name, where it starts, in which segment
Added = tuple[int, int, Phrase]  # as the how many-th, of how many words, what it is found as


class Names:
    """The names of one policy: the controller's, read as "we", and other firms'."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self.annotations: list[Annotation] = []
        self.aliases = aliases
        self.own = ""
        self._heads = {_head(a).casefold(): _head(n).casefold() for a, n in aliases.items()}
        self._sequences: dict[str, dict[int, dict[tuple[str, ...], list[Added]]]] = {}
        self._count = 0
        self._places: list[int] | None = None

    def add(self, name: str, phrase: Phrase, lexicon: Lexicon) -> None:
        """Let a name be found as a phrase."""
        surfaces = tuple(word.surface for word in lexicon.tokenizer.cut(name).words)
        if surfaces:
            size = len(surfaces)
            by_words = self._sequences.setdefault(surfaces[0], {}).setdefault(size, {})
            by_words.setdefault(surfaces, []).append((self._count, size, phrase))
            self._count += 1
            self._places = None

    def is_own(self, name: str) -> bool:
        """Whether a name is one of the controller's."""
        return bool(self.own) and self.group(name) == self.own

    def group(self, name: str) -> str:
        """What a firm's names share: their first word, or that of the name they stand for."""
        head = _head(name).casefold()
        return self._heads.get(head, head)

    def leave_others(
        self, found: dict[str, list[Hit]], tokens: Tokens, first: int, last: int
    ) -> None:
        """Take the controller out of the recipients: its names and what it calls itself."""
        if not found.get(PARTY) and not found.get(RECIPIENT):
            return
        own = [h for h in self.hits(tokens, first, last) if h.phrase.kind == OWN_KIND]
        for kind in (PARTY, RECIPIENT):
            if kind in found:
                found[kind] = [
                    h for h in found[kind]
                    if not (kind == PARTY and self.is_own(h.phrase.name))
                    and not any(o.first <= h.first and h.last <= o.last for o in own)
                ]  # fmt: skip

    def hits(self, tokens: Tokens, first: int, last: int) -> list[Hit]:
        """Where the names stand within tokens `first` to `last` (exclusive) of the document."""
        words, sequences = tokens.words, self._sequences
        if self._places is None:
            self._places = [at for at, word in enumerate(words) if word.surface in sequences]
        low = bisect_left(self._places, first)
        high = bisect_left(self._places, last, low)
        found: list[Hit] = []
        for at in self._places[low:high]:
            named: list[Added] = []
            for size, by_words in sequences[words[at].surface].items():
                if at + size <= last:
                    named += by_words.get(tuple([w.surface for w in words[at : at + size]]), ())
            for _, size, phrase in sorted(named):
                mask = ((1 << size) - 1) << (at - first)
                found.append(Hit(at, at + size - 1, mask, size, True, phrase))
        return found


def find_names(
    document: Document, segments: Sequence[Segment], lexicon: Lexicon, tokens: Tokens
) -> Names:
    """Controller and other named firms of a document, whose words are `tokens`.

    All shapes vote, grouped by a name's first word; often named firms weigh more. The best group
    is the controller's: its clearest places are annotated, all its forms are read as "we".
    """
    shapes = load_name_shapes(lexicon.language, lexicon.folders)
    text = _Lines(document.text, tokens, shapes)
    readable = [s for s in segments if s.landmark not in UNREAD]
    common = _common_words(document.text, tokens)
    legal = list(_matches(document, text, readable, shapes.party, shapes))
    formal = {name for _, name, _, _ in legal}
    found = [
        f for f in _matches(document, text, readable, shapes.controller, shapes)
        if (
            f[0].weight >= CERTAIN or f[1] in formal
            or not common.issuperset(lexicon.lemmas(f[1]))
        )
        and not _is_known(f[1], PLACE, lexicon)
        and (f[0].weight > DOUBTFUL or not _is_known(f[1], PARTY, lexicon))
    ]  # fmt: skip
    names = Names(_aliases(text, shapes))
    names.own = _elect(document, found, names)
    if names.own:
        joint = [f for f in found if f[0].where == JOINT]
        clear = [*_clearest(found, legal, names), *(f for f in joint if not names.is_own(f[1]))]
        full = {f[1] for f in [*found, *legal] if names.is_own(f[1])} | {f[1] for f in joint}
        clear += _lines(document, readable, full, clear[0][0])
        longer = {_short(n, shapes): n for n in sorted(full) if _short(n, shapes) != n}
        longer |= names.aliases
        names.annotations = [_controller(document, f, longer) for f in clear]
        heads = {head for head in map(_head, full) if not common.issuperset(lexicon.lemmas(head))}
        forms = full | {_short(name, shapes) for name in full} | {h for h in heads if len(h) > 2}
        forms |= {alias for alias, name in names.aliases.items() if names.is_own(name)}
        for form in sorted(forms):
            names.add(form, Phrase(form, "cue", "first_party", "", literal=9), lexicon)
    sources = {name: row.source for row, name, _, _ in reversed(legal)}  # the first one's
    for name in sorted(name for name in sources if not names.is_own(name)):
        source = sources[name]
        phrase = Phrase(name, PARTY, _party_term(lexicon), source, name=name, literal=1)
        names.add(name, phrase, lexicon)
    return names


CLEAR = 3.0  # a shape of this weight says who the controller is
CERTAIN = 4.0  # one of this weight does so even of common words
DOUBTFUL = 1.0  # one of this weight says nothing of a firm that others use: "Google collects"
PER_MENTION, MOST_MENTIONS = 0.15, 20
MOST_GROUPS = 500  # of names whose mentions are counted
JOINTS = frozenset(".@/-_")  # between the words of an address
COMMA = ","
GAP_REACH = 200  # characters behind a trigger's first word within which "~" finds its other
TRAILING_YEAR = re.compile(r" \d{4}$")
AT_MOST = 4.0  # what repeated shapes of one kind may add


def _head(name: str) -> str:
    """The word that a firm's names share."""
    return name.split()[0].rstrip(",").removesuffix("'s").removesuffix("’s")


def _elect(document: Document, found: Sequence[Found], names: Names) -> str:
    """The group of the controller's names, "" if nothing speaks for anybody."""
    votes: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    heads: dict[str, set[str]] = defaultdict(set)
    for row, name, _, _ in found:
        votes[names.group(name)][row.rank] += row.weight
        heads[names.group(name)].add(_head(name))
    said = {
        group: sum(min(weight, AT_MOST) for weight in by_shape.values())
        for group, by_shape in votes.items()
    }
    likely = sorted(said, key=lambda group: (-said[group], group))[:MOST_GROUPS]
    scores = {
        group: said[group]
        + PER_MENTION * min(MOST_MENTIONS, sum(map(document.text.count, heads[group])))
        for group in likely
    }
    return max(sorted(scores), key=lambda group: scores[group]) if scores else ""


def _clearest(found: Sequence[Found], legal: Sequence[Found], names: Names) -> list[Found]:
    """Where the text says who the controller is: the clear shapes, else the first full name."""
    mine = [f for f in found if names.is_own(f[1])]
    clear = [f for f in mine if f[0].weight >= CLEAR]
    full = [f for f in legal if names.is_own(f[1])]
    chosen = clear or full[:1] or sorted(mine, key=lambda f: (-f[0].weight, f[2]))[:1]
    return list({f[2]: f for f in chosen}.values())


def _common_words(text: str, tokens: Tokens) -> frozenset[str]:
    """The words that the text writes in small letters too, and so mean no firm."""
    common: set[Word] = set()
    for at, word in enumerate(tokens.words):
        if word in common:
            continue
        surface, start, end = word.surface, tokens.starts[at], tokens.end(at)
        if not surface[0].isalpha() or (
            surface.islower()
            and text[start - 1 : start] not in JOINTS
            and not (text[end : end + 1] in JOINTS and text[end + 1 : end + 2].isalnum())
        ):
            common.add(word)
    return frozenset(word.lemma for word in common)


def _is_known(name: str, kind: str, lexicon: Lexicon) -> bool:
    """Whether a name is but one that the tables know: a country's, or that of a known firm."""
    tokens = lexicon.tokenizer.cut(name)
    return any(
        hit.phrase.kind == kind and (hit.first, hit.last) == (0, len(tokens) - 1)
        for hit in lexicon.find(tokens)
    )


def _lines(
    document: Document, segments: Sequence[Segment], names: Iterable[str], row: NameRow
) -> Iterator[Found]:
    """The lines that hold nothing but one of the controller's full names, as contacts begin."""
    for segment in segments:
        line = document.text[segment.start : segment.end]
        for name in sorted(names):
            if line.startswith(name) and not line[len(name) :].strip(" ,.:"):
                yield row, name, segment.start, segment


class _Lines:
    """The lines of a text in which triggers stand."""

    def __init__(self, text: str, tokens: Tokens, shapes: NameShapes) -> None:
        self.text = text
        self._places: dict[Run, list[int]] = defaultdict(list)
        words, runs = tokens.words, shapes.triggers
        ends = {r[2] for found in runs.values() for r in found if len(r) > 1 and r[1] == NARROW}
        later: dict[str, list[int]] = {end: [] for end in ends}
        told = {*later, *runs}
        places = [at for at, word in enumerate(words) if word.surface in told]
        for at in places:
            if words[at].surface in later:
                later[words[at].surface].append(at)
        for at in places:
            named = not self._follows_small(at, tokens)
            for run in runs.get(words[at].surface, ()):
                behind = run[0].startswith(BEHIND_NAME)
                if (named or not behind) and _stands(run, at, tokens, later):
                    self._places[run].append(tokens.starts[at])

    def _follows_small(self, at: int, tokens: Tokens) -> bool:
        """Whether a whole word in small letters, which ends no name, precedes a token."""
        at -= 1
        if at > 0 and tokens.words[at].surface == COMMA:
            at -= 1
        if at < 0:
            return False
        surface, start = tokens.words[at].surface, tokens.starts[at]
        alone = start == 0 or self.text[start - 1].isspace()
        return alone and surface.isalpha() and surface.islower()

    def matches(self, row: NameRow, spans: Iterable[Span] | None = None) -> list[re.Match[str]]:
        """The matches of a shape, in some spans or its lines, that begin no word in its middle."""
        text = self.text
        return [
            match
            for start, end in (self._spans(row) if spans is None else spans)
            for match in row.pattern.regex.finditer(text, start, end)
            if not text[max(match.start() - 1, 0) : match.start()].isalnum()
        ]

    def _spans(self, row: NameRow) -> Iterator[Span]:
        """The lines with a shape's triggers; the whole text for a shape that has none."""
        if not row.triggers:
            yield 0, len(self.text)
        done = 0
        for at in sorted(at for run in row.triggers for at in self._places.get(run, ())):
            if at >= done:
                end = self.text.find("\n", at)
                done = end if end >= 0 else len(self.text)
                yield self.text.rfind("\n", 0, at) + 1, done


def _stands(run: Run, at: int, tokens: Tokens, later: Mapping[str, Sequence[int]]) -> bool:
    """Whether the words of a trigger stand from a token on, those behind a gap somewhat later."""
    if len(run) == 1:
        return True
    words, starts = tokens.words, tokens.starts
    if run[1] != NARROW:
        return tuple(word.surface for word in words[at + 1 : at + len(run)]) == run[1:]
    places = later[run[2]]
    next_one = bisect_right(places, at)
    return next_one < len(places) and starts[places[next_one]] <= starts[at] + GAP_REACH


def _aliases(lines: _Lines, shapes: NameShapes) -> dict[str, str]:
    """The short forms that the text gives for a name, each with that name."""
    found: dict[str, str] = {}
    for row in shapes.alias:
        for match in lines.matches(row):
            if not shapes.not_alias.match(match["alias"]):
                found.setdefault(match["alias"], match["name"])
    return found


def _party_term(lexicon: Lexicon) -> str:
    """The class of a firm of which only the name is known."""
    return next(iter(sorted(lexicon.grammar.licences.get("unknown_party", ()))), "")


def _matches(
    document: Document,
    lines: _Lines,
    segments: Sequence[Segment],
    rows: Sequence[NameRow],
    shapes: NameShapes,
) -> Iterator[Found]:
    """All names that the rows find within one segment each."""
    by_start = {s.start: s for s in segments}
    starts = sorted(by_start)
    titles = [(s.start, s.end) for s in segments if _is_title(document, s)]
    for row in rows:
        for match in lines.matches(row, titles if row.where == TITLE else None):
            at = bisect_right(starts, match.start("name")) - 1
            if at < 0 or match.end("name") > by_start[starts[at]].end:
                continue
            yield from _named(document, row, match, by_start[starts[at]], shapes)


def _is_title(document: Document, segment: Segment) -> bool:
    """Whether a segment is the text's first block or a heading of the first level."""
    return segment.block == 0 or (
        segment.kind == "heading" and document.blocks[segment.block].level == 1
    )


def _named(
    document: Document, row: NameRow, match: re.Match[str], segment: Segment, shapes: NameShapes
) -> Iterator[Found]:
    """The name of a match, without words at its head that are none."""
    name, start = match["name"], match.start("name")
    while name:
        banned = shapes.not_name.match(name + " ")
        if not banned:
            break
        cut = len(banned[0])
        start, name = start + cut, name[cut:]
        lead = len(name) - len(name.lstrip(" ,."))
        start, name = start + lead, name[lead:]
    end = start + len(name)
    if end == segment.end and start > segment.start and name.count(".") == 1:
        name = name.removesuffix(".")  # the sentence's, not the name's
    name = shapes.not_last.sub("", TRAILING_YEAR.sub("", name)).rstrip(" ,")
    line = document.text[segment.start : segment.end]
    shouted = segment.kind == "heading" and line.isupper() and " " in name
    if len(name) > 1 and not name.isdigit() and not shouted:
        yield row, name, start, segment


def _short(name: str, shapes: NameShapes) -> str:
    return shapes.suffix.sub("", name).strip(" ,.") or name


def _controller(document: Document, found: Found, aliases: Mapping[str, str]) -> Annotation:
    row, name, start, segment = found
    quote = document.text[start : start + len(name)]
    return Annotation(
        start=start, end=start + len(name), quote=quote, kind=CONTROLLER,
        term=load_controller_term(), segment=segment.id, source=row.source,
        name=" ".join(aliases.get(quote, quote).split()), confidence=0.9,
    )  # fmt: skip


@lru_cache(maxsize=1)
def load_controller_term() -> str:
    """The class of a controller, from mappings/slots.tsv."""
    from policy2dpv.data import data_folder

    rows = read_table(data_folder("mappings") / "slots.tsv")
    return next(row["node_class"] for row in rows if row["kind"] == CONTROLLER)
