"""Which inputs repeat an earlier one: judged in the order of the inputs, so always the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from policy2dpv.batch.records import Duplicates, Original, Reading
from policy2dpv.errors import WriteError


class Copies:
    """The texts that were seen, on disk rather than in memory; gone when it is closed.

    With ``near`` the texts that stand for others are compared as well, which takes memory (see
    `duplicates.Collapser`).

    >>> copies = Copies("exact")
    >>> first = Reading(n=0, name="a.html", uri="", sha256="5e" * 32)
    >>> second = Reading(n=1, name="b.html", uri="", sha256="5e" * 32)
    >>> copies.originals([first, second])
    {1: Original(name='a.html', reason='')}
    """

    def __init__(self, kind: Duplicates) -> None:
        self._near = None
        if kind == "near":
            from policy2dpv.batch.duplicates import Collapser

            self._near = Collapser()
        self._seen = sqlite3.connect("", isolation_level=None)  # a file of its own, not in memory
        self._seen.execute("create table texts (sha256 blob primary key, of integer) without rowid")
        self._seen.execute("create table names (n integer primary key, name text)")

    def originals(self, readings: Sequence[Reading]) -> dict[int, Original]:
        """Return which of the readings repeat an earlier input, by their places.

        Must be called once for each shard, in order; for shards that are done as well. WriteError:
        the disk of temporary files is full.
        """
        found = {}
        try:
            for at, reading in enumerate(readings):
                original = self._original(reading) if reading.status == "ok" else None
                if original is not None:
                    found[at] = original
        except sqlite3.OperationalError as error:
            advice = "make room where temporary files go; the same command goes on"
            raise WriteError(
                "the texts that were seen", f"cannot be kept ({error})", advice
            ) from error
        return found

    def _original(self, reading: Reading) -> Original | None:
        """The first input with the same text, or one that stands for it; None if it is new."""
        key = bytes.fromhex(reading.sha256)
        row = self._seen.execute("select of from texts where sha256 = ?", (key,)).fetchone()
        if row is not None:
            return Original(self._name(row[0]))
        near = self._near.add(reading.n, reading.signature) if self._near else None
        of = reading.n if near is None else near.of
        self._seen.execute("insert into texts values (?, ?)", (key, of))
        if near is not None:
            return Original(self._name(of), f"{near.similarity:.2f} of the words' runs are alike")
        self._seen.execute("insert into names values (?, ?)", (of, reading.name))
        return None

    def _name(self, n: int) -> str:
        row = self._seen.execute("select name from names where n = ?", (n,)).fetchone()
        return str(row[0])

    def close(self) -> None:
        """Forget all of it."""
        self._seen.close()
