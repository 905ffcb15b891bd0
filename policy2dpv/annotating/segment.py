"""Document -> Segments: sentences, list items and table rows with the context they are read in."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from policy2dpv.data import data_folder
from policy2dpv.knowledge.lazy_pattern import Trigger
from policy2dpv.knowledge.tables import read_table
from policy2dpv.model import Block, Cell, Document, Segment, Span

# A run-in heading: a few words, then a colon or a dash, then more words.
LABEL = re.compile(
    r"(?=.[^.:;!?–—-]*+[:–—-])"  # most clauses have neither: they need no more than this look
    r"(?P<label>[^\s.:;!?()][^.:;!?\n]{0,70}?)(?::\s+|\s+[-–—]\s+)(?=\S)"
)
LABEL_WORDS = 8
CLOSED = (".", "!", "?", ";", ".)", ".”", '."')
PARAGRAPH = re.compile(r"\([0-9a-z]{1,3}\)")  # of an article
ARTICLE = re.compile(r"(?:\d|\([0-9a-z]{1,3}\))\s*\Z")  # what it stands behind: "6 (1) (a)"
INITIAL = re.compile(r"[A-Z]\.")  # right after a full stop: still inside "U.S."
LONGEST = 6000  # characters of a sentence
TAIL = 40  # characters that hold any abbreviation
ENDING = re.compile(r"[.?!…][^\w\s]{0,40}\s+\S")  # where a sentence may end and another begin


def find_segments(document: Document) -> list[Segment]:
    r"""The segments of a document in reading order; together they cover every block's words.

    Each knows the headings above it, the sentence that introduces its list, and, for a table row,
    its cells with their header cells. Ids are hashes of the words and the headings, so an edit
    elsewhere leaves them alone; the n-th equal one gets ``-n``.

    >>> from policy2dpv import read_document
    >>> document = read_document("We collect:\n- your name;\n- your address.\n")
    >>> [document.text[s.start:s.end] for s in find_segments(document)]
    ['We collect:', 'your name;', 'your address.']
    """
    return list(_walk(document))


def clause_key(clause: str, trail: str) -> str:
    """Sixteen hex digits that stand for a clause under its headings.

    >>> clause_key("We  collect data.", "Data") == clause_key("we collect data.", "data")
    True
    """
    plain = f"{' '.join(clause.split()).casefold()} {_plain_trail(trail)}".lstrip()
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _plain_trail(trail: str) -> str:
    """The headings as they go into the keys of all clauses under them."""
    return " ".join(["\0", *trail.split()]).casefold()


def _walk(document: Document) -> Iterator[Segment]:
    blocks = document.blocks
    context = _Context(document.text, document.language)
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if block.table is not None and block.row is not None:
            after = index
            while (
                after < len(blocks)
                and (blocks[after].table, blocks[after].row) == (block.table, block.row)
            ):  # fmt: skip
                after += 1
            after = max(after, index + 1)
            yield from _row(blocks, index, after, context)
            index = after
            continue
        yield from _block(block, index, context)
        index += 1


class _Context:
    """What stands above the block at hand: headings, and the sentences that introduce a list."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.headings: list[tuple[int, Span]] = []
        self.trail: tuple[Span, ...] = ()
        self.introducers: list[tuple[int, Span]] = []
        self._above = ""
        self._seen: Counter[str] = Counter()

    def name(self, start: int, end: int) -> str:
        """The id of the next segment, which stands there."""
        key = clause_key(self.text[start:end], self._above)
        self._seen[key] += 1
        return key if self._seen[key] == 1 else f"{key}-{self._seen[key]}"

    def leave_headings(self, level: int) -> None:
        self.headings = [h for h in self.headings if h[0] < level]
        self.trail = tuple(span for _, span in self.headings)
        self._above = "\n".join(self.text[a:b] for a, b in self.trail)

    def enter_heading(self, level: int, span: Span) -> None:
        self.headings = [*(h for h in self.headings if h[0] < level), (level, span)]
        self.leave_headings(level + 1)
        self.introducers = []

    def lead_in(self, depth: int) -> tuple[Span, ...]:
        return tuple(span for level, span in self.introducers if level < depth)

    def close(self, depth: int) -> None:
        self.introducers = [i for i in self.introducers if i[0] < depth]

    def introduce(self, depth: int, span: Span) -> None:
        self.introducers = [i for i in self.introducers if i[0] < depth] + [(depth, span)]


def _block(block: Block, index: int, context: _Context) -> Iterator[Segment]:
    text, start, end = context.text, block.words_start, block.end
    if block.kind in ("heading", "caption"):
        if block.kind == "heading" and block.landmark == "main":
            context.leave_headings(block.level)
        yield Segment(
            id=context.name(start, end), start=start, end=end, kind="heading", block=index,
            trail=context.trail, landmark=block.landmark,
        )  # fmt: skip
        if block.kind == "heading" and block.landmark == "main":
            context.enter_heading(block.level, (start, end))
            if text[start:end].endswith(":"):
                context.introduce(0, (start, end))
        return
    item = block.kind in ("list_item", "definition")
    depth = max(block.level, 1) if item else 0
    if block.kind == "term":
        depth = 0
    sentences = list(find_sentences(text, start, end, context.language))
    lead_in = context.lead_in(depth) if item else ()
    for number, (a, b) in enumerate(sentences):
        yield Segment(
            id=context.name(a, b), start=a, end=b, kind="list_item" if item else "sentence",
            block=index, trail=context.trail, lead_in=lead_in, landmark=block.landmark,
            label=_label(text, a, b) if number == 0 else None,
        )  # fmt: skip
    if sentences and _announces(text, *sentences[-1], context.language):
        context.introduce(depth, sentences[-1])
    else:
        context.close(depth)


def _row(blocks: tuple[Block, ...], first: int, after: int, context: _Context) -> Iterator[Segment]:
    row = blocks[first:after]
    if all(b.kind == "header_cell" for b in row) and len(row) > 1:
        for offset, block in enumerate(row):
            yield Segment(
                id=context.name(block.start, block.end), start=block.start, end=block.end,
                kind="heading", block=first + offset, trail=context.trail, landmark=block.landmark,
            )  # fmt: skip
        return
    start, end = row[0].start, row[-1].end
    yield Segment(
        id=context.name(start, end), start=start, end=end, kind="row", block=first,
        trail=context.trail,
        cells=tuple(Cell(b.start, b.end, b.headers) for b in row), landmark=row[0].landmark,
    )  # fmt: skip


def find_sentences(text: str, start: int, end: int, language: str = "en") -> Iterator[Span]:
    """The spans of the sentences in `text[start:end]`, without the space around them.

    >>> list(find_sentences("We share. E.g. with Acme Inc. in Rome.", 0, 38))
    [(0, 9), (10, 38)]
    """
    import sentencex

    words = text[start:end]
    if not ENDING.search(words):
        bounds = [(0, len(words))]
    else:
        try:
            found = sentencex.get_sentence_boundaries(language, words)
        except BaseException as panic:  # what its Rust part raises is no Exception
            if type(panic).__name__ != "PanicException":
                raise
            found = [{"start_index": 0, "end_index": len(words)}]
        bounds = _rejoined(words, [(b["start_index"], b["end_index"]) for b in found], language)
    for a, b in _bounded(words, bounds):
        piece = words[a:b]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if left < right:
            yield start + a + left, start + a + right


def _bounded(words: str, bounds: list[Span]) -> Iterator[Span]:
    """Sentences cut where they are longer than anybody writes, so that time stays bounded."""
    for start, end in bounds:
        while end - start > LONGEST:
            cut = words.rfind(" ", start + 1, start + LONGEST) + 1 or start + LONGEST
            yield start, cut
            start = cut
        yield start, end


def _announces(text: str, start: int, end: int, language: str) -> bool:
    """Whether a sentence introduces a list: it is left open, or says so."""
    if not text.endswith(CLOSED, start, end):
        return True
    told, pattern = _load_lead_ins(language)
    return told.stands_in(text[start:end].lower()) and bool(pattern.search(text, start, end))


@lru_cache(maxsize=8)
def _load_lead_ins(language: str) -> tuple[Trigger, re.Pattern[str]]:
    """The words by which a closed sentence still announces a list, and what tells of them."""
    path = data_folder("mappings") / "patterns" / f"lead_ins.{language}.tsv"
    rows = read_table(path) if path.is_file() else []
    triggers = "|".join(row["trigger"] or row["words"] for row in rows)
    words = "|".join(row["words"] for row in rows)
    return Trigger(triggers), re.compile(rf"\b(?:{words or '(?!)'})\b", re.IGNORECASE)


def _rejoined(words: str, bounds: list[Span], language: str) -> list[Span]:
    """Sentences that an abbreviation or a cited paragraph cut in two, put together again."""
    abbreviation = _load_abbreviations(language)
    joined: list[Span] = []
    for start, end in bounds:
        before = words[joined[-1][0] : joined[-1][1]] if joined else ""
        initials = INITIAL.match(words, start) and before.endswith(".")
        cited = PARAGRAPH.match(words, start) and ARTICLE.search(before[-TAIL:])
        if joined and (initials or cited or abbreviation.search(before.rstrip()[-TAIL:])):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=8)
def _load_abbreviations(language: str) -> re.Pattern[str]:
    """What may stand before a full stop that ends no sentence."""
    path = data_folder("mappings") / "patterns" / f"abbreviations.{language}.tsv"
    rows = read_table(path) if path.is_file() else []
    return re.compile(rf"\b(?:{'|'.join(row['words'] for row in rows) or '(?!)'})\.\Z")


def _label(text: str, start: int, end: int) -> Span | None:
    found = LABEL.match(text, start, end)
    if not found or len(found["label"].split()) > LABEL_WORDS:
        return None
    return found.span("label")
