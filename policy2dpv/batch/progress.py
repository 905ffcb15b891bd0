"""How far a batch is: a line on standard error that renews itself, or one now and then."""

from __future__ import annotations

import sys
import time
from typing import IO

LIVELY, QUIET = 0.5, 30.0  # seconds between lines on a terminal, and elsewhere


class Progress:
    """Tells rate and time left. `share` is how much of the inputs is listed, from 0 to 1."""

    def __init__(self, stream: IO[str] | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._quiet = quiet
        self._start = self._last = time.monotonic()
        self._shown = 0

    def tell(self, done: int, earlier: int, listed: int, share: float) -> None:
        """Say where it is: `done` inputs, `earlier` of them by a run before, `listed` so far."""
        now = time.monotonic()
        if self._quiet or now - self._last < (LIVELY if self._live else QUIET):
            return
        self._last = now
        line = describe_progress(done, earlier, listed, share, now - self._start)
        if self._live:
            self._stream.write(f"\r{line:<{self._shown}}")
            self._shown = len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the terminal's line."""
        if self._live and self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()


def describe_progress(done: int, earlier: int, listed: int, share: float, seconds: float) -> str:
    """Return the line: inputs done, of how many, how many a second, how long it will take.

    >>> describe_progress(500, 100, 1000, 0.5, 20.0)
    '500 of about 2,000 inputs, 20.0 a second, 1 min 15 s left'
    """
    total = max(round(listed / share), listed) if share > 0 else listed
    rate = (done - earlier) / seconds if seconds > 0 else 0.0
    about = "" if share >= 1 else "about "
    line = f"{done:,} of {about}{total:,} inputs, {rate:.1f} a second"
    if rate <= 0 or share <= 0:
        return line
    return f"{line}, {describe_seconds((total - done) / rate)} left"


def describe_seconds(seconds: float) -> str:
    """Return a time in words.

    >>> describe_seconds(75), describe_seconds(7260)
    ('1 min 15 s', '2 h 1 min')
    """
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
