"""The phrases of annotated corpora that no row reads: `unread_phrases.py FOLDER`.

FOLDER holds the corpora's train parts: policyie (slots of both types), piextract (spans) and
gdpr-transparency (values). Each phrase of data and each purpose is set into the frames of
frames.tsv and read alone; it counts as read where an annotation of its kind, or one of data in
general, touches it. Unread phrases are printed by lemma with their counts.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from policy2dpv import annotate_segments, find_segments, load_lexicon, read_document

FRAMES = Path(__file__).with_name("frames.tsv")
DATA, PURPOSE = "personal_data", "purpose"
SLOTS = (  # file, label, kind
    ("policyie/type_I_slot_filling_train.jsonl", re.compile(r".*\.data-"), DATA),
    ("policyie/type_II_slot_filling_train.jsonl", re.compile(r"purpose-"), PURPOSE),
    ("piextract/CollectUse_train.jsonl", re.compile(""), DATA),
    ("piextract/Share_train.jsonl", re.compile(""), DATA),
)
VALUES = {"Data Categories": DATA, "Processing Purpose": PURPOSE}
COUNTS_AS = {DATA: (DATA, "any_data", "technology"), PURPOSE: (PURPOSE,)}
HOLES = re.compile(r"\[?(?:\.{3}|…)\]?|PLACEHOLDER")  # values leave words out with these
CLOSE = re.compile(r"\s+([,.;:!?')\]%])|([(\[$#])\s+")
LONGEST = 40  # words; longer values are whole passages


def main() -> None:
    """Print how much is read of each kind, and what is not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="the folder with the corpora")
    parser.add_argument("--kind", choices=(DATA, PURPOSE), help="only this kind")
    parser.add_argument("--top", type=int, default=60, help="how many unread phrases to print")
    wanted = parser.parse_args()
    for kind in (DATA, PURPOSE):
        if wanted.kind in (None, kind):
            report(kind, Counter(p for k, p in phrases(wanted.folder) if k == kind), wanted.top)


def report(kind: str, found: Counter[str], top: int) -> None:
    """Print coverage of the phrases of a kind and the most frequent unread ones."""
    lemmas: Counter[str] = Counter()
    sample: dict[str, str] = {}
    for phrase, times in found.items():
        key = normalised(phrase)
        if key:
            lemmas[key] += times
            sample.setdefault(key, phrase)
    unread = Counter({key: n for key, n in lemmas.items() if not is_read(kind, sample[key])})
    total, missed = lemmas.total(), unread.total()
    print(f"{kind}: {total} phrases, {100 - 100 * missed / max(1, total):.1f} % read; "
          f"{len(lemmas)} distinct, {100 - 100 * len(unread) / max(1, len(lemmas)):.1f} % read; "
          f"{sum(n > 1 for n in unread.values())} unread ones stand twice or more")  # fmt: skip
    for key, times in sorted(unread.items(), key=lambda item: (-item[1], item[0]))[:top]:
        print(f"{times:5}  {sample[key]}")


def phrases(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and phrase of every annotated span of data or purpose."""
    for name, label, kind in SLOTS:
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            for phrase in spans(row["tokens"], row["labels"], label):
                yield kind, phrase
    for path in sorted((folder / "gdpr-transparency").glob("*.json")):
        for passage in json.loads(path.read_text("utf-8")):
            for value in passage["annotations"]:
                if kind := VALUES.get(value["requirement"], ""):
                    parts = (part.strip(" .,;:[]") for part in HOLES.split(value["value"]))
                    yield kind, " ".join(part for part in parts if part)


def spans(tokens: Sequence[str], tags: Sequence[str], label: re.Pattern[str]) -> Iterator[str]:
    """Yield the words of each span (IOB2) whose label matches."""
    words: list[str] = []
    for token, tag in [*zip(tokens, tags, strict=True), ("", "O")]:
        if tag[:2] != "I-":
            if words:
                yield CLOSE.sub(r"\1\2", " ".join(words))
            words = [token] if tag[:2] == "B-" and label.match(tag[2:]) else []
        elif words:
            words.append(token)


def normalised(phrase: str) -> str:
    """Return a phrase by its lemmas, without determiners; "" for none and for whole passages."""
    lexicon = load_lexicon("en")
    words = [word.lemma for word in lexicon.tokenizer.cut(phrase).words]
    kept = [w for w in words if w not in lexicon.classes["determiner"] and w.strip("\"'“”‘’")]
    return " ".join(kept) if len(words) <= LONGEST and any(w.isalpha() for w in kept) else ""


def is_read(kind: str, phrase: str) -> bool:
    """Whether a phrase is read in one of the frames of its kind."""
    return any(_reads(kind, frame, phrase) for frame in frames(kind))


def _reads(kind: str, frame: str, phrase: str) -> bool:
    text = frame.format(phrase)
    start = frame.index("{")
    document = read_document(text + "\n", language="en", media_type="text/plain")
    found = annotate_segments(document, find_segments(document), load_lexicon("en"))
    end = start + len(phrase)
    return any(a.kind in COUNTS_AS[kind] and a.start < end and a.end > start for a in found)


@cache
def frames(kind: str) -> tuple[str, ...]:
    """Return the sentences that license a phrase of a kind, from the table."""
    rows = [line.split("\t") for line in FRAMES.read_text("utf-8").splitlines()[1:]]
    return tuple(row[1] for row in rows if row[0] == kind)


if __name__ == "__main__":
    main()
