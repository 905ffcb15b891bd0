"""Workers that wait for jobs; one that takes too long is killed and another takes its place."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from policy2dpv.data import PACKAGE
from policy2dpv.serving.serve_jobs import Job, Reply, receive_message, refusal, send_message

START_SECONDS = 60.0  # until a new worker must be ready
RETRY = 5  # seconds after which a client that found no free worker may ask again
# A worker may be ended by somebody else (a machine short of memory): the job gets another one.
CHANCES = 2
OUTER = frozenset((-9, -15))  # exit codes of a process that was ended from outside (POSIX)


class Gone(Exception):
    """The worker ended before or under a job, and not because of it."""


def _module_path() -> str:
    """Where a worker finds this package, be it installed or not."""
    return os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))


class Worker:
    """One process of `serve_worker`, which answers one job at a time."""

    def __init__(self, memory: int, store: Path | None) -> None:
        words = [str(memory), *([str(store)] if store else [])]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "policy2dpv.serving.serve_worker", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _module_path()},
        )
        self._ready = False
        self.alive = True

    @property
    def ended(self) -> bool:
        """Whether the process has ended, of itself or by somebody else."""
        return self._process.poll() is not None

    def ask(self, job: Job, seconds: float) -> Reply:
        """Return the answer; a refusal where it took too long or the worker broke under it.

        Gone: somebody else ended the worker, or it did not start.
        """
        if not self._ready:
            self._ready = self._receive(START_SECONDS)[0] is not None
        if not self._ready:
            self.stop()
            raise Gone("the worker does not start")
        assert self._process.stdin is not None
        try:
            send_message(self._process.stdin, job)
        except OSError as error:
            self.stop()
            raise Gone("the worker has gone") from error
        message, late = self._receive(seconds)
        if message is None:
            self._process.wait()
        if message is None or late:
            self.stop()
        if message is not None:
            return msgspec.msgpack.decode(message, type=Reply)
        if late:
            return refusal(503, f"stopped after {seconds:g} s; ask for less")
        if self._process.returncode in OUTER:
            raise Gone("the worker was ended")
        if (self._process.returncode or 0) > 0:  # a fault of ours, told on standard error
            return refusal(500, "the worker failed")
        return refusal(400, "this needs more memory than it may use, or is nested too deeply")

    def _receive(self, seconds: float) -> tuple[bytes | None, bool]:
        """The next message, and whether the time was over before it came."""
        assert self._process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.start()
        try:
            message = receive_message(self._process.stdout)
        finally:
            timer.cancel()
        return message, late.is_set()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not yet sent has no reader any more
                    continue


class WorkerPool:
    """A fixed number of workers; a job waits for a free one, but not for ever."""

    def __init__(
        self, store: Path | None, *, size: int, seconds: float, patience: float, memory: int
    ) -> None:
        self._store, self._memory = store, memory
        self._size, self._seconds, self._patience = size, seconds, patience
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._workers: set[Worker] = set()
        self._threads = ThreadPoolExecutor(max_workers=size)

    def start(self) -> None:
        """Start the workers."""
        for _ in range(self._size):
            self._idle.put_nowait(self._new())

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()
        self._threads.shutdown(wait=False)

    async def ask(self, job: Job) -> Reply:
        """Return a job's answer; a refusal with status 503 where no worker gets free."""
        reason = ""
        for _ in range(CHANCES):
            try:
                worker = await asyncio.wait_for(self._idle.get(), self._patience)
            except TimeoutError:
                return refusal(503, f"all are busy; ask again in {RETRY} s")
            if worker not in self._workers:
                return refusal(503, "the server is ending")
            if worker.ended:  # while it waited
                worker = self._replace(worker)
            if worker.ended:
                self._idle.put_nowait(worker)
                return refusal(503, f"no worker can be started now; ask again in {RETRY} s")
            try:
                return await asyncio.shield(self._run(worker, job))
            except Gone as error:
                reason = str(error)
        return refusal(503, f"{reason}; ask again in {RETRY} s")

    async def _run(self, worker: Worker, job: Job) -> Reply:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, worker.ask, job, self._seconds)
        finally:
            if worker.alive:
                self._idle.put_nowait(worker)
            elif worker in self._workers:
                self._idle.put_nowait(self._replace(worker))

    def _replace(self, worker: Worker) -> Worker:
        """A new worker for one that is stopped; that one where the system starts none now."""
        worker.stop()
        try:
            made = self._new()
        except OSError:
            return worker
        self._workers.discard(worker)
        return made

    def _new(self) -> Worker:
        worker = Worker(self._memory, self._store)
        self._workers.add(worker)
        return worker
