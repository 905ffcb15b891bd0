"""The process that reads and converts one input at a time, and may die of one.

A shard's keeper (`shard.py`) asks it through a pipe and waits no longer than an input may take.
It appends to files whose kept length the keeper names, so whatever it left half-written does not
count. It ends when the pipe does, when nobody asks for a while, or when its own alarm rings.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from policy2dpv.batch.found import told_type
from policy2dpv.batch.messages import (
    FINISH_SECONDS,
    Answer,
    Begin,
    Broken,
    Convert,
    Converted,
    Finish,
    Job,
    Place,
    Read,
    Ready,
    Short,
    Took,
)
from policy2dpv.batch.records import Fault, Item, Page, Reading, Settings, Stored
from policy2dpv.batch.streams import read_within
from policy2dpv.errors import PolicyError, ReadError, TableError
from policy2dpv.model import Document
from policy2dpv.reading.addresses import Fetched
from policy2dpv.reading.fetch import fetch_page
from policy2dpv.reading.read import read_document
from policy2dpv.serving.serve_jobs import LENGTH, receive_message, send_message
from policy2dpv.serving.serve_worker import bound_memory

if TYPE_CHECKING:
    from policy2dpv.conversion import Conversion
    from policy2dpv.graphs.triples import PolicyGraph

IDLE = 300  # seconds without a job after which it ends
GRACE = 30  # seconds after its time within which its keeper would have ended it


def main() -> None:
    """Answer jobs until standard input ends: ``python -m policy2dpv.batch.converter``."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keeper is told, and closes the pipe
    settings = Settings()
    while (message := _next(source)) is not None:
        job = msgspec.msgpack.decode(message, type=Job)
        _alarm((FINISH_SECONDS if isinstance(job, Finish) else settings.seconds) + GRACE)
        if isinstance(job, Begin):
            settings = job.settings
            bound_memory(settings.memory)
        answer = answer_job(job, settings)
        try:
            send_message(target, answer)
        except BrokenPipeError:  # the run was cut off: nobody waits for it
            os._exit(1)
        if isinstance(answer, Short):
            return


def _next(source: IO[bytes]) -> bytes | None:
    _alarm(IDLE)
    return receive_message(source)


def _alarm(seconds: float) -> None:
    """Let the system end this process then, should it not be asked or be stuck."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds) + 1)


def answer_job(job: Job, settings: Settings) -> Answer:
    """Return the answer to a job: what became of the input, or what ends the run.

    >>> answer_job(Begin(Settings()), Settings())
    Ready()
    """
    try:
        if isinstance(job, Read):
            return read_input(job, settings)
        if isinstance(job, Convert):
            return convert_text(job, settings)
        if isinstance(job, Finish):
            _finish(job)
        else:
            _warm(settings)
        return Ready()
    except MemoryError:
        return Short()
    except OSError as error:  # of our own files: the input's are ReadErrors
        place = error.filename or "the output"
        return Broken(str(place), f"cannot be written ({error.strerror or error})",
                      "make room; the same command goes on where it was")  # fmt: skip
    except PolicyError as error:
        return Broken(error.where, error.found, error.advice)


def _warm(settings: Settings) -> None:
    """Load what every conversion needs, so that a fault of the tables is told at once."""
    from policy2dpv.knowledge.lexicon import load_lexicon

    if settings.language or settings.tables:
        load_lexicon(settings.language or "en", _tables(settings))


def read_input(job: Read, settings: Settings) -> Answer:
    """Return what reading an input gave; its text is appended to the shard's.

    OSError: it cannot be appended.

    >>> item = Item(n=0, name="a.zip!/a.txt", uri="a.txt", where=Fault("damaged"))
    >>> answer = read_input(Read(item, "", Place("", 0)), Settings())
    >>> answer.reading.status, answer.reading.reason
    ('failed', 'damaged')
    """
    from policy2dpv.batch.gate import status_of_error, status_of_text

    item = job.item
    reading = Reading(n=item.n, name=item.name, uri=item.uri, date=item.date)
    change = partial(msgspec.structs.replace, reading)
    data = _load(item, job.raw, settings)
    if isinstance(data, str):
        return Took(change(status="failed", reason=data))
    try:
        document = read_document(data, language=settings.language, limit=settings.limit)
    except ReadError as error:
        status, reason = status_of_error(error)
        language = getattr(error, "language", "")
        return Took(change(status=status, reason=reason, language=language))
    except (MemoryError, PolicyError):
        raise
    except Exception as error:  # whatever a library says of a broken input is the input's fault
        return Took(change(status="failed", reason=_described(error)))
    status, reason = status_of_text(document) if settings.gates else ("ok", "")
    size = append(job.texts, msgspec.msgpack.encode(document)) if status == "ok" else 0
    return Took(change(
        status=status, reason=reason, signature=_signature(document, settings) if size else b"",
        uri=document.uri or item.uri, language=document.language, media_type=document.media_type,
        sha256=document.sha256, source_sha256=document.source_sha256,
        start=job.texts.end, size=size,
    ))  # fmt: skip


def _signature(document: Document, settings: Settings) -> bytes:
    """What near-duplicates are told by, where they are looked for."""
    if settings.duplicates != "near":
        return b""
    from policy2dpv.batch.duplicates import sign_text

    return sign_text(document.text)


def _load(item: Item, raw: str, settings: Settings) -> Fetched | str:
    """The bytes of an input with what is said of them, or why they cannot be had."""
    where = item.where
    try:
        if isinstance(where, Fault):
            return where.reason
        if isinstance(where, Page):
            return fetch_page(where.address, limit=settings.limit)
        if isinstance(where, Stored):
            with open(raw, "rb") as file:
                file.seek(where.start)
                data = file.read(where.size)
        else:
            data = _read_file(Path(os.fsdecode(where.path)), item.name, settings.limit)
    except ReadError as error:
        return error.found
    return Fetched(data, item.uri, item.media_type or told_type(item.uri), item.charset)


def _read_file(path: Path, name: str, limit: int) -> bytes:
    """The bytes of an input. ReadError: it cannot be read, or is too large."""
    try:
        with path.open("rb") as file:
            return read_within(file, limit, name)
    except OSError as error:
        raise ReadError(name, f"cannot be read ({error.strerror})", "check its rights") from error


def convert_text(job: Convert, settings: Settings) -> Answer:
    """Return what converting a text gave; what it says is appended to the outputs.

    OSError: it cannot be appended.
    """
    from policy2dpv.batch.gate import status_of

    try:
        made = _converted(job, settings)
        status, reason = status_of(made) if settings.gates else ("ok", "")
        if status != "ok":
            return Converted(status=status, reason=reason)
        parts = {name: form(made.policy_graph, job.reading) for name, form in FORMS.items()
                 if name in job.outputs}  # fmt: skip
    except (MemoryError, OSError, TableError):
        raise
    except Exception as error:  # a text that our own code fails on costs that text only
        return Converted(status="failed", reason=_described(error))
    ends = {name: job.outputs[name].end + append(job.outputs[name], data)
            for name, data in parts.items()}  # fmt: skip
    graph = made.policy_graph
    return Converted(
        status="ok", notice=graph.notice, graph=graph.name, statements=len(graph.statements),
        triples=len(graph.lines), ends=ends,
    )  # fmt: skip


def _converted(job: Convert, settings: Settings) -> Conversion:
    from policy2dpv.conversion import convert
    from policy2dpv.knowledge.lexicon import load_lexicon

    with open(job.texts, "rb") as file:
        file.seek(job.reading.start)
        document = msgspec.msgpack.decode(file.read(job.reading.size), type=Document)
    lexicon = load_lexicon(document.language, _tables(settings))
    return convert(document, lexicon=lexicon, quotes=settings.quotes,
                   min_confidence=settings.min_confidence)  # fmt: skip


def _as_nquads(graph: PolicyGraph, _: Reading) -> bytes:
    from policy2dpv.graphs.write import write_nquads

    return write_nquads(graph).encode("utf-8", "replace")


def _as_rows(graph: PolicyGraph, reading: Reading) -> bytes:
    from policy2dpv.batch.statement_rows import statement_rows

    data = msgspec.msgpack.encode(statement_rows(graph, reading))
    return LENGTH.pack(len(data)) + data


FORMS = {"nquads": _as_nquads, "parquet": _as_rows}


def append(place: Place, data: bytes) -> int:
    """Write data after the bytes of a file that stay; return its length.

    OSError: it cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder, "texts")
    ...     size = append(Place(str(place), 0), b"one two")
    ...     size = append(Place(str(place), 3), b"!")
    ...     place.read_bytes()
    b'one!'
    """
    handle = os.open(place.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "r+b", closefd=True) as file:
        file.truncate(place.end)
        file.seek(place.end)
        file.write(data)
    return len(data)


def _finish(job: Finish) -> None:
    """Make the Parquet file of the rows that were kept."""
    from policy2dpv.batch.statement_rows import Row, write_parquet

    def rows() -> Iterator[Row]:
        with open(job.rows, "rb") as file:
            while (message := receive_message(file)) is not None:
                yield from msgspec.msgpack.decode(message, type=list[Row])

    write_parquet(rows(), Path(job.target))


def _tables(settings: Settings) -> Path | None:
    return Path(settings.tables) if settings.tables else None


def _described(error: Exception) -> str:
    reason = " ".join(str(error).split())[:200]
    return f"it could not be read ({type(error).__name__}{': ' if reason else ''}{reason})"


if __name__ == "__main__":
    main()
