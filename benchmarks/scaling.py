"""How the cost grows with the length of a policy and with the rows of the lexicon: `scaling.py`.

Costs are instructions where the system counts them, else nanoseconds of the processor. Synthetic
rows are words of the real rows in chance order; a text that grows is an example over and over, each
time with a name of its own.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from instructions import open_counter

from policy2dpv import convert, load_lexicon
from policy2dpv.data import data_folder
from policy2dpv.knowledge.lexicon import Lexicon
from policy2dpv.knowledge.rows import read_table

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "university.txt"
LENGTHS = (1, 10, 100)
MULTIPLES = (1, 2, 4)
ROUNDS = 3
WORDS = 3  # of a synthetic phrase
COLUMNS = ("subject_label", "predicate_modifier", "predicate_id", "object_id", "confidence")


def main() -> None:
    """Print both tables."""
    counter = open_counter()
    unit = "instructions" if counter else "nanoseconds"
    read = counter.read if counter else time.process_time_ns
    print(f"cost in {unit}\n\nlength of the text  a character")
    text = EXAMPLE.read_text("utf-8")
    for times in LENGTHS:
        long = "\n\n".join(text.replace("university", f"school{i}") for i in range(times))
        work = partial(convert_with, load_lexicon("en"), long)
        cost = least(read, work, 1 if times > 10 else ROUNDS)
        print(f"{len(long):>18,}{cost / len(long):>13,.0f}")
    print("\nrows of the lexicon  to load     a row  a character, first  a character, later")
    phrases = real_phrases()
    for times in MULTIPLES:
        with tempfile.TemporaryDirectory() as place:
            folder = write_rows(Path(place), phrases, (times - 1) * len(phrases))
            load_lexicon.cache_clear()
            before = read()
            lexicon = load_lexicon("en", folder)
            loaded = read() - before
            work = partial(convert_with, lexicon, text)
            first = least(read, work, 0)
            later = least(read, work, ROUNDS)
        rows = times * len(phrases)
        print(f"{rows:>19,}{loaded / 1e6:>7,.0f} M{loaded / rows:>10,.0f}"
              f"{first / len(text):>20,.0f}{later / len(text):>20,.0f}")  # fmt: skip


def convert_with(lexicon: Lexicon, text: str) -> str:
    """The graph of a text as N-Quads."""
    return convert(text, lexicon=lexicon).to_nquads()


def least(read: Callable[[], int], work: Callable[[], object], rounds: int) -> int:
    """The least cost of some rounds, after one that fills what is remembered; 0: of that one."""
    spent = []
    for _ in range(rounds + 1):
        before = read()
        work()
        spent.append(read() - before)
    return min(spent[1:] or spent)


def real_phrases() -> list[str]:
    """The phrases of all rows of the English lexicon."""
    folder = data_folder("mappings") / "lexicon" / "en"
    return [row["subject_label"] for path in sorted(folder.glob("*.sssom.tsv"))
            for row in read_table(path)]  # fmt: skip


def write_rows(folder: Path, phrases: list[str], count: int) -> Path:
    """A folder with a table of that many synthetic phrases."""
    words = sorted({word for phrase in phrases for word in phrase.split() if word.isalpha()})
    chance = random.Random(7)
    lines = ["\t".join(COLUMNS)]
    lines += [
        "\t".join((" ".join(chance.sample(words, WORDS)), "", "skos:exactMatch", "ex:Any", "0.9"))
        for _ in range(count)
    ]
    path = folder / "lexicon" / "en" / "personal_data.sssom.tsv"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return folder


if __name__ == "__main__":
    main()
