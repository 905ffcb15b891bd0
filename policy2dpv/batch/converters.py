"""Converter processes that are kept from shard to shard, and how one is asked and outlived."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import msgspec

from policy2dpv.batch.messages import Answer, Begin, Broken, Job, Short
from policy2dpv.batch.records import Settings
from policy2dpv.data import PACKAGE
from policy2dpv.errors import BatchError, WriteError
from policy2dpv.serving.serve_jobs import receive_message, send_message

START_SECONDS = 120.0
# A death may be somebody else's doing (a machine short of memory): the input gets another chance.
CHANCES = 2


class Died(Exception):
    """The process ended under a job, or was ended for taking too long (`late`); says why."""

    def __init__(self, reason: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(reason)


class Stopped(Exception):
    """The run is being ended; nothing is to be concluded from a converter's death."""


class Converter:
    """One process of `converter.py`."""

    def __init__(self, settings: Settings) -> None:
        path = os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))
        self.settings = settings
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "policy2dpv.batch.converter"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def begin(self) -> None:
        """Tell it how to read and write. BatchError: it does not start."""
        try:
            self.ask(Begin(self.settings), START_SECONDS)
        except Died as error:
            advice = "see what it says above, or give it more --memory"
            raise BatchError("batch", f"a converter does not start ({error})", advice) from error

    def ask(self, job: Job, seconds: float) -> Answer:
        """Return the answer to a job.

        Died: the process fell over the job or needed more than `seconds`. WriteError, BatchError:
        something that is not the input's fault.
        """
        assert self._process.stdin is not None
        try:
            send_message(self._process.stdin, job)
        except OSError as error:
            self.stop()
            raise Died("the process had gone") from error
        message, late = self._receive(seconds)
        if message is None:
            code = self._process.wait()
            self.stop()
            if late:
                raise Died(f"it took more than {seconds:g} seconds", late=True)
            raise Died(_describe(code))
        answer: Answer = msgspec.msgpack.decode(message, type=Answer)
        if isinstance(answer, Short):
            self.stop()
            raise Died(f"it needs more than {self.settings.memory >> 20:,} MiB of memory")
        if isinstance(answer, Broken):
            kind = WriteError if answer.found.startswith("cannot be written") else BatchError
            raise kind(answer.where, answer.found, answer.advice)
        return answer

    def _receive(self, seconds: float) -> tuple[bytes | None, bool]:
        """The next message, and whether the time was over before it came."""
        assert self._process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            message = receive_message(self._process.stdout)
        finally:
            timer.cancel()
        return message, late.is_set()

    def kill(self) -> None:
        """Have the process ended; who waits for its answer tidies up."""
        self._process.kill()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not yet sent has no reader any more
                    continue


class Converters:
    """The idle converters of this process, for whichever shard comes next."""

    def __init__(self) -> None:
        self._idle: list[Converter] = []
        self._busy: set[Converter] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def take(self, settings: Settings) -> Converter:
        """Return an idle converter with these settings, or a new one. Stopped: the run ends."""
        with self._lock:
            if self._stopping:
                raise Stopped
            while self._idle:
                one = self._idle.pop()
                if one.alive and one.settings == settings:
                    self._busy.add(one)
                    return one
                one.stop()
            one = Converter(settings)
            self._busy.add(one)
        try:
            one.begin()
        except BaseException:
            self.drop(one)
            raise
        return one

    def give(self, one: Converter) -> None:
        """Take back a converter that is well."""
        with self._lock:
            self._busy.discard(one)
            if self._stopping or not one.alive:
                one.stop()
            else:
                self._idle.append(one)

    def drop(self, one: Converter) -> None:
        """Take back one that is not. Stopped: it did not fall, it was ended with the run."""
        one.stop()
        with self._lock:
            self._busy.discard(one)
            if self._stopping:
                raise Stopped

    def stop(self) -> None:
        """End all of them; who asks one meets Stopped."""
        with self._lock:
            self._stopping = True
            for one in self._busy:
                one.kill()
            while self._idle:
                self._idle.pop().stop()

    def allow(self) -> None:
        """Let converters be started again, for another run in this process."""
        with self._lock:
            self._stopping = False


CONVERTERS = Converters()


def _describe(code: int) -> str:
    """What the exit code of a process that fell tells."""
    if code < 0:
        import signal

        try:
            return f"the process was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"the process was ended by signal {-code}"
    return f"the process ended with code {code}"
