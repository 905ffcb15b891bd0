"""Which inputs repeat an earlier one: judged in the order of the inputs, so always the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from policy2dpv.batch.records import Duplicates, Reading


class Copies:
    """The texts that were seen, on disk rather than in memory; gone when it is closed.

    >>> copies = Copies("exact")
    >>> first = Reading(n=0, name="a.html", uri="", sha256="5e" * 32)
    >>> second = Reading(n=1, name="b.html", uri="", sha256="5e" * 32)
    >>> copies.originals([first, second])
    {1: 'a.html'}
    """

    def __init__(self, kind: Duplicates) -> None:
        self.kind = kind
        self._seen = sqlite3.connect("", isolation_level=None)  # a file of its own, not in memory
        self._seen.execute(
            "create table texts (sha256 blob primary key, n integer, name text) without rowid"
        )

    def originals(self, readings: Sequence[Reading]) -> dict[int, str]:
        """Return which of the readings repeat an earlier input: their place -> that one's name.

        Must be called once for each shard, in order; for shards that are done as well.
        """
        found = {}
        for at, reading in enumerate(readings):
            if reading.status != "ok":
                continue
            original = self._original(reading)
            if original is not None:
                found[at] = original
        return found

    def _original(self, reading: Reading) -> str | None:
        """The name of the first input with the same text; None where this is the first."""
        key = bytes.fromhex(reading.sha256)
        row = self._seen.execute("select name from texts where sha256 = ?", (key,)).fetchone()
        if row is not None:
            return str(row[0])
        self._seen.execute("insert into texts values (?, ?, ?)", (key, reading.n, reading.name))
        return None

    def close(self) -> None:
        """Forget all of it."""
        self._seen.close()
