"""What a worker does, on whatever engine: read a shard's inputs, or convert its texts.

Both leave their results in the output folder and return counts. Each input goes through a process
of its own kind (`converters.py`), so that what kills or hangs that costs this input alone. Both
may be done twice, after each other or at once: the bytes are the same, and neither takes away
what the other reads; that is for `pipeline.py`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from policy2dpv.batch.converters import CHANCES, CONVERTERS, Converter, Died
from policy2dpv.batch.folder import Folder, put, put_bytes, told
from policy2dpv.batch.messages import (
    FINISH_SECONDS,
    Answer,
    Convert,
    Converted,
    Finish,
    Job,
    Place,
    Read,
    Took,
)
from policy2dpv.batch.records import (
    FORMATS,
    STATUSES,
    Entry,
    Item,
    Original,
    Part,
    PartFile,
    Reading,
    Readings,
    Settings,
    Task,
    part_name,
)
from policy2dpv.errors import BatchError
from policy2dpv.versions import describe_versions


def read_shard(task: Task) -> int:
    """Read a shard's inputs; return how many there are.

    What reading gave lies in the folder afterwards, the texts beside it. WriteError: it cannot be
    written. BatchError: the worker cannot see the folder, or is another version.
    """
    folder = _check(task)
    with _making(folder, task.number) as making, _asking(task.settings) as ask:
        texts = making / "texts"
        texts.touch()
        readings, end = [], 0
        for item in task.items:
            took = ask(Read(item, task.raw, Place(str(texts), end)))
            reading = took.reading if isinstance(took, Took) else _fallen(item, str(took))
            end = reading.start + reading.size if reading.size else end
            readings.append(reading)
        _check(task)
        with told(folder.path):
            os.truncate(texts, end)
            put(texts, folder.texts(task.number))
            data = msgspec.msgpack.encode(Readings(task.stamp, readings))
            put_bytes(data, folder.read(task.number), making)
    return len(readings)


def load_readings(folder: Folder, number: int) -> Readings | None:
    """Return what reading a shard gave, None where it has not been read.

    >>> load_readings(Folder(Path("no-such-folder")), 0) is None
    True
    """
    try:
        data = folder.read(number).read_bytes()
        return msgspec.msgpack.decode(data, type=Readings)
    except (OSError, msgspec.MsgspecError):
        return None


def convert_shard(task: Task) -> Part:
    """Convert the texts of a shard that was read; return what it gave.

    The results and the ledger's lines lie in the folder afterwards; the mark that says so is put
    there last. WriteError: they cannot be written. BatchError: as for `read_shard`.
    """
    folder = _check(task)
    readings = load_readings(folder, task.number)
    if readings is None:
        raise BatchError(folder.read(task.number), "what was read is gone", "start it again")
    with _making(folder, task.number) as making, _asking(task.settings) as ask:
        outputs = {name: Place(str(making / name), 0) for name in task.settings.formats}
        entries = []
        for at, reading in enumerate(readings.rows):
            if reading.status != "ok" or at in task.originals:
                entries.append(_entry(reading, original=task.originals.get(at)))
                continue
            done = ask(Convert(reading, str(folder.texts(task.number)), outputs))
            if isinstance(done, Converted):
                outputs = {n: Place(p.path, done.ends.get(n, p.end)) for n, p in outputs.items()}
            else:
                done = Converted(status="failed", reason=str(done))
            entries.append(_entry(reading, done, part=part_name(task.number)))
        files = _finish(outputs, folder, task.number, ask)
        _check(task)
        return _commit(task, folder, entries, files, making)


def _commit(
    task: Task, folder: Folder, entries: list[Entry], files: dict[Path, Path], making: Path
) -> Part:
    """Put a shard's files in their places, the mark last."""
    encode = msgspec.json.encode
    ledger = folder.ledger(task.number)
    with told(folder.path):
        made = making / "ledger"
        made.write_bytes(b"".join(encode(entry) + b"\n" for entry in entries))
        files = {**files, ledger: made}
        part = Part(
            number=task.number, stamp=task.stamp, inputs=len(entries),
            counts={s: n for s in STATUSES if (n := sum(e.status == s for e in entries))},
            statements=sum(entry.statements for entry in entries),
            triples=sum(entry.triples for entry in entries),
            files=tuple(_described(place, made, folder) for place, made in files.items()),
        )  # fmt: skip
        for place, made in files.items():
            put(made, place)
        put_bytes(encode(part), folder.done(task.number), making)
    return part


def _finish(outputs: dict[str, Place], folder: Folder, number: int, ask: _Ask) -> dict[Path, Path]:
    """The finished files of the formats that have anything, by the places they go to."""
    files: dict[Path, Path] = {}
    for name, place in outputs.items():
        if not place.end:
            continue
        made = Path(place.path)
        with told(folder.path):
            os.truncate(made, place.end)
        if name == "parquet":
            target = f"{place.path}.finished"
            fallen = ask(Finish(place.path, target), seconds=FINISH_SECONDS)
            if isinstance(fallen, str):
                raise BatchError(target, fallen, "give it more --memory")
            made = Path(target)
        files[folder.result(number, FORMATS[name])] = made
    return files


def _described(place: Path, made: Path, folder: Folder) -> PartFile:
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = place.relative_to(folder.path).as_posix()
    return PartFile(name=name, bytes=made.stat().st_size, sha256=digest)


class _Ask:
    """Asks a converter, and takes another one where that fell."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.converter: Converter | None = None

    def __call__(self, job: Job, *, seconds: float | None = None) -> Answer | str:
        """Return the answer, or why the input has none after all chances."""
        reason = ""
        for _ in range(CHANCES):
            self.converter = self.converter or CONVERTERS.take(self._settings)
            try:
                return self.converter.ask(job, seconds or self._settings.seconds)
            except Died as error:
                fallen, self.converter = self.converter, None
                CONVERTERS.drop(fallen)
                reason = str(error)
                if error.late:  # as it would be the next time
                    break
        return reason


@contextmanager
def _asking(settings: Settings) -> Iterator[_Ask]:
    """Lend a converter; one that a job was not finished with is not given back."""
    ask = _Ask(settings)
    try:
        yield ask
    except BaseException:
        if ask.converter is not None:
            CONVERTERS.drop(ask.converter)
        raise
    if ask.converter is not None:
        CONVERTERS.give(ask.converter)


@contextmanager
def _making(folder: Folder, number: int) -> Iterator[Path]:
    """A folder of one's own to make files in, beside the place they go to."""
    with told(folder.path):
        path = tempfile.mkdtemp(prefix=f"{part_name(number)}.", dir=folder.making)
    try:
        yield Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _check(task: Task) -> Folder:
    """The output folder, if it is the one of this run. BatchError: it is not, or not to be seen."""
    folder = Folder(Path(task.folder))
    try:
        key = hashlib.sha256(folder.run.read_bytes()).hexdigest()
    except OSError as error:
        raise BatchError(task.folder, f"{socket.gethostname()} cannot see it ({error.strerror})",
                         "name a folder that all machines share") from error  # fmt: skip
    if key != task.key:
        raise BatchError(task.folder, "another run has begun there", "start this one again")
    if task.versions != describe_versions():
        raise BatchError(socket.gethostname(), "another version of policy2dpv or its tables there",
                         "install the same on all machines")  # fmt: skip
    return folder


def _fallen(item: Item, reason: str) -> Reading:
    return Reading(n=item.n, name=item.name, uri=item.uri, date=item.date, status="failed",
                   reason=reason)  # fmt: skip


def _entry(
    reading: Reading,
    done: Converted | None = None,
    *,
    original: Original | None = None,
    part: str = "",
) -> Entry:
    """A reading's line of the ledger."""
    status, reason = reading.status, reading.reason
    if done is not None:
        status, reason = done.status, done.reason
    elif original is not None:
        status, reason = "duplicate", original.reason
    made = done if done is not None and done.status == "ok" else Converted(status=status)
    return Entry(
        n=reading.n, input=reading.name, status=status, reason=reason,
        duplicate_of=original.name if original else "", uri=reading.uri, date=reading.date,
        language=reading.language, media_type=reading.media_type, sha256=reading.sha256,
        source_sha256=reading.source_sha256, notice=made.notice, graph=made.graph,
        part=part if status == "ok" else "", statements=made.statements, triples=made.triples,
    )  # fmt: skip
