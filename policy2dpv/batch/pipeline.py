"""A batch from its inputs to its manifest: shards are read, judged in order, then converted.

    inputs --plan--> shards --read_shard--> readings --Copies, in order--> --convert_shard--> parts

Reading and converting are done by workers, as many shards at once as there are workers; only so
many shards are listed ahead. What is done is known by the marks in the folder alone.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy2dpv.batch.copies import Copies
from policy2dpv.batch.folder import Folder
from policy2dpv.batch.manifest import (
    Manifest,
    Order,
    claim_folder,
    finished_parts,
    write_manifest,
)
from policy2dpv.batch.plan import Passed, Shard, choose_sample, plan_shards
from policy2dpv.batch.progress import Progress
from policy2dpv.batch.records import Original, Part, Task
from policy2dpv.batch.shard import convert_shard, load_readings, read_shard
from policy2dpv.batch.sources import Sources
from policy2dpv.errors import BatchError

Say = Callable[[str], None]
AHEAD = 2  # shards a worker that may be read and not yet converted, besides the one it works on
MOMENT = 0.5  # seconds after which the progress is told though nothing has ended


@dataclass
class Waiting:
    """A shard in the line: still being read, or read."""

    shard: Shard
    reading: Future[int] | None


def run_batch(
    folder: Folder, order: Order, executor: Executor, workers: int, say: Say, progress: Progress
) -> Manifest:
    """Do what is ordered, or what of it is not done yet, and return the manifest.

    The folder must be locked. BatchError: it holds the results of another order, or the inputs
    have changed since. WriteError: it cannot be written. What was done by then stays.
    """
    folder.prepare()
    key = hashlib.sha256(claim_folder(folder, order)).hexdigest()
    batch = _Batch(folder, order, key, executor, workers, progress)
    try:
        batch.run()
        if batch.again:
            say(f"{batch.again} shards whose files were missing were made again")
        return write_manifest(folder, order, batch.parts(), batch.passed.others)
    finally:
        batch.close()


class _Batch:
    """One run: the line of shards, and what is under way."""

    def __init__(
        self, folder: Folder, order: Order, key: str, executor: Executor, workers: int,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.folder, self.order, self.key = folder, order, key
        self.executor, self.workers, self.progress = executor, workers, progress
        self.passed = Passed()
        self.again = self.shards = self.listed = self.done = self.earlier = 0
        self._copies = Copies(order.settings.duplicates)
        self._line: deque[Waiting] = deque()
        self._converting: set[Future[Part]] = set()
        self._sources = Sources(order.inputs, leave=folder.path)
        self._finished = finished_parts(folder)

    def run(self) -> None:
        """List, read, judge and convert until all is done."""
        for shard in self._plan():
            self._enter(shard)
            self._advance()
            while len(self._line) + len(self._converting) > (AHEAD + 1) * self.workers:
                self._wait()
        self._sources.share = 1.0
        while self._line or self._converting:
            self._wait()
        self._check_none_left()

    def _plan(self) -> Iterator[Shard]:
        sample = None
        if self.order.sample is not None:
            sample = choose_sample(
                Sources(self.order.inputs, leave=self.folder.path), self.order.sample
            )
        return plan_shards(
            self._sources, self.folder, size=self.order.settings.shard, is_read=self._is_read,
            sample=sample, passed=self.passed,
        )  # fmt: skip

    def _is_read(self, number: int) -> bool:
        """Whether a shard's inputs need not be looked at: its texts or its results are there."""
        if load_readings(self.folder, number) is None:
            return False
        return self.folder.part(number) is not None or self.folder.texts(number).exists()

    def _enter(self, shard: Shard) -> None:
        """Put a shard in the line, and have it read where it is not."""
        if self._finished is not None and shard.number >= self._finished:
            raise self._changed(shard.number)
        self.shards += 1
        self.listed += shard.count
        reading = None
        if shard.items:
            self.folder.read(shard.number).unlink(missing_ok=True)
            reading = self.executor.submit(read_shard, self._task(shard))
        self._line.append(Waiting(shard, reading))

    def _advance(self) -> None:
        """Judge the shards at the head of the line that are read, and have them converted."""
        while self._line and (self._line[0].reading is None or self._line[0].reading.done()):
            head = self._line.popleft()
            if head.reading is not None:
                head.reading.result()
                Path(head.shard.raw).unlink(missing_ok=True)
            self._judge(head.shard)
        for future in [one for one in self._converting if one.done()]:
            self._converting.remove(future)
            self._leave(future.result())

    def _leave(self, part: Part) -> None:
        """Count a shard that is done; its texts are not needed any more."""
        self.done += part.inputs
        self.folder.texts(part.number).unlink(missing_ok=True)

    def _judge(self, shard: Shard) -> None:
        readings = load_readings(self.folder, shard.number)
        if readings is None:
            raise BatchError(self.folder.read(shard.number), "what was read is gone",
                             "start the command again")  # fmt: skip
        if readings.stamp != shard.stamp:
            raise self._changed(shard.number)
        originals = self._copies.originals(readings.rows)
        part = self.folder.part(shard.number)
        if part is None:
            if self.folder.done(shard.number).exists():
                self.again += 1
            task = self._task(shard, originals)
            self._converting.add(self.executor.submit(convert_shard, task))
            return
        if part.stamp != shard.stamp:
            raise self._changed(shard.number)
        self.earlier += part.inputs
        self._leave(part)

    def _task(self, shard: Shard, originals: dict[int, Original] | None = None) -> Task:
        return Task(
            folder=str(self.folder.path.resolve()), key=self.key, number=shard.number,
            stamp=shard.stamp, settings=self.order.settings, versions=self.order.versions,
            items=() if originals is not None else shard.items, originals=originals or {},
            raw=shard.raw,
        )  # fmt: skip

    def _wait(self) -> None:
        under_way = [one.reading for one in self._line if one.reading and not one.reading.done()]
        futures: list[Future[Any]] = [*under_way, *self._converting]
        wait(futures, timeout=MOMENT, return_when=FIRST_COMPLETED)
        self._advance()
        self.progress.tell(self.done, self.earlier, self.listed, self._sources.share)

    def _changed(self, number: int) -> BatchError:
        return BatchError(
            self.folder.path, f"the inputs have changed since the run began (shard {number})",
            "name another folder with -o for the inputs as they are now",
        )  # fmt: skip

    def _check_none_left(self) -> None:
        """Refuse marks of more shards than there are inputs for, and no inputs at all."""
        if self.shards == 0:
            raise BatchError("batch", "there is no policy in what is named",
                             "name files, or folders and archives with policies")  # fmt: skip
        if self.folder.done(self.shards).exists():
            raise self._changed(self.shards)

    def parts(self) -> Iterator[Part]:
        """What all shards gave, in order."""
        for number in range(self.shards):
            part = self.folder.part(number)
            if part is None:
                raise BatchError(self.folder.path, f"shard {number} has gone meanwhile",
                                 "start the command again")  # fmt: skip
            yield part

    def close(self) -> None:
        """Let go of what waits."""
        for future in self._converting:
            future.cancel()
        for one in self._line:
            if one.reading is not None:
                one.reading.cancel()
        self._copies.close()
