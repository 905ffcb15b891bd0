"""A sample as a folder: what people read, what they fill in, and how it was drawn.

answers.csv      a row a policy: whether it holds, who looked and when
texts/           the policies as text, for people
reviews/         what was read of each, a row a reading, as `policy2dpv review` writes it
documents/       the policies as they were read, for `estimate`
sample.json      how the sample was drawn; it tells what the reader says, so look at it last
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from policy2dpv.errors import ReadError, WriteError
from policy2dpv.estimating.sampling import Sample
from policy2dpv.model import Document
from policy2dpv.reviewing.review_files import ACTIVE, BYTE_ORDER_MARK

DESIGN, ANSWERS = "sample.json", "answers.csv"
TEXTS, REVIEWS, DOCUMENTS = "texts", "reviews", "documents"
COLUMNS = ("number", "answer", "who", "when", "note", "policy", "text", "review")


def write_sample(sample: Sample, documents: Mapping[str, Document], folder: Path) -> None:
    """Write a sample into a new folder, in one step; `documents` are the policies by their graphs.

    WriteError: the folder is there and not empty, or cannot be written. TableError: a wrong row of
    a firm's own tables.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        advice = "name a new folder, or remove it if nobody needs what was filled in"
        raise WriteError(folder, "it is there already", advice)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _fill(made, sample, documents)
            made.chmod(0o755)
            os.replace(made, folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(folder, found, "name another folder with -o") from error


def read_sample(folder: Path) -> Sample:
    """Return how a sample was drawn. ReadError: the folder holds none.

    >>> read_sample(Path("no-such-folder"))
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: ...sample.json: cannot be read (No such file or directory); ...
    """
    path = folder / DESIGN
    advice = "give the folder that `policy2dpv sample` wrote"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sample)
    except OSError as error:
        raise ReadError(path, f"cannot be read ({error.strerror})", advice) from error
    except msgspec.MsgspecError as error:
        raise ReadError(path, f"no sample ({error})", advice) from error


def read_policy(folder: Path, number: int) -> Document:
    """Return a policy of a sample as it was read. ReadError: it is not there.

    >>> read_policy(Path("no-such-folder"), 1)
    Traceback (most recent call last):
    ...
    policy2dpv.errors.ReadError: ...0001.json: cannot be read (No such file or directory); ...
    """
    path = folder / DOCUMENTS / f"{number:04d}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Document)
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise ReadError(path, found, "keep all files of the sample") from error
    except msgspec.MsgspecError as error:
        raise ReadError(path, f"damaged ({error})", "draw the sample again") from error


def review_path(folder: Path, number: int) -> Path:
    """Return where the review of a policy of a sample lies.

    >>> review_path(Path("sample"), 7).as_posix()
    'sample/reviews/0007.csv'
    """
    return folder / REVIEWS / f"{number:04d}.csv"


def _fill(folder: Path, sample: Sample, documents: Mapping[str, Document]) -> None:
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon
    from policy2dpv.reviewing.review import propose_rows
    from policy2dpv.reviewing.review_files import format_review

    for name in (TEXTS, REVIEWS, DOCUMENTS):
        (folder / name).mkdir()
    tables = Path(sample.tables) if sample.tables else None
    for drawn in sample.drawn:
        document = documents[drawn.policy.graph]
        lexicon = load_lexicon(document.language, tables)
        made = convert(document, lexicon=lexicon, min_confidence=sample.min_confidence)
        rows, _ = propose_rows(made.document, made.segments, made.annotations)
        name = f"{drawn.number:04d}"
        (folder / TEXTS / f"{name}.txt").write_text(document.text, "utf-8", "replace", newline="\n")
        (folder / DOCUMENTS / f"{name}.json").write_bytes(msgspec.json.encode(document))
        review_path(folder, drawn.number).write_text(
            format_review(rows, ".csv"), "utf-8", newline=""
        )
    (folder / DESIGN).write_bytes(msgspec.json.format(msgspec.json.encode(sample), indent=1))
    (folder / ANSWERS).write_text("".join(_answers(sample)), "utf-8", newline="")


def _answers(sample: Sample) -> Iterator[str]:
    """The table that people fill in, as CSV for spreadsheets; no cell becomes a formula."""
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for drawn in sample.drawn:
        name, number = drawn.policy.name, f"{drawn.number:04d}"
        shown = f"'{name}" if ACTIVE.match(name) else name
        cells = (shown, f"{TEXTS}/{number}.txt", f"{REVIEWS}/{number}.csv")
        table.writerow((drawn.number, "", "", "", "", *cells))
    yield BYTE_ORDER_MARK
    yield stream.getvalue()
