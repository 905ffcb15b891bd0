"""The inputs cut into shards, always the same: so many in a row, in the order of the inputs."""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from policy2dpv.batch.folder import Folder, told
from policy2dpv.batch.found import Found
from policy2dpv.batch.records import Fault, File, Item, Page, Stored
from policy2dpv.errors import ReadError


@dataclass(frozen=True)
class Shard:
    """Some inputs in a row. `items` are empty where the shard was read before.

    `stamp` is the hash over what the inputs are, `count` how many there are. `raw` is the file with
    those that came out of archives.
    """

    number: int
    stamp: str
    count: int
    items: tuple[Item, ...]
    raw: str


@dataclass
class Passed:
    """How much has been listed: inputs, and what is no policy."""

    inputs: int = 0
    others: int = 0


def choose_sample(sources: Iterable[Found | None], size: int) -> frozenset[int]:
    """Return which inputs (counted from 0) a sample of so many takes: those of the least hashes.

    It depends on the inputs' names alone; a sample of more inputs holds each smaller one.

    >>> found = [Found(name=name, stamp="") for name in "abcdef"]
    >>> sorted(choose_sample(found, 2)), choose_sample(found, 9) >= choose_sample(found, 2)
    ([3, 5], True)
    """
    inputs = (found for found in sources if found is not None)
    keyed = ((_hash(one.name), n) for n, one in enumerate(inputs))
    return frozenset(n for _, n in heapq.nsmallest(size, keyed))


def plan_shards(
    sources: Iterable[Found | None],
    folder: Folder,
    *,
    size: int,
    is_read: Callable[[int], bool],
    sample: frozenset[int] | None,
    passed: Passed,
) -> Iterator[Shard]:
    """Yield the shards one by one; what comes out of archives is put aside for the workers.

    `is_read` tells whether a shard needs no reading any more. `passed` is kept up to date.
    WriteError: what comes out of an archive cannot be put aside.

    >>> from pathlib import Path
    >>> found = [Found(name=name, stamp="", path=name) for name in ("a.txt", "b.txt", "c.txt")]
    >>> shards = plan_shards(found, Folder(Path("out")), size=2, is_read=lambda number: False,
    ...                      sample=None, passed=Passed())
    >>> [[item.name for item in shard.items] for shard in shards]
    [['a.txt', 'b.txt'], ['c.txt']]
    """
    draft: _Draft | None = None
    number = 0
    for found in sources:
        if found is None:
            passed.others += 1
            continue
        n = passed.inputs
        passed.inputs += 1
        if sample is not None and n not in sample:
            continue
        draft = draft or _Draft(folder, number, needed=not is_read(number))
        draft.add(n, found)
        if draft.count == size:
            yield draft.finish()
            draft, number = None, number + 1
    if draft is not None:
        yield draft.finish()


class _Draft:
    """A shard that is being filled."""

    def __init__(self, folder: Folder, number: int, *, needed: bool) -> None:
        self.number, self.needed, self.count = number, needed, 0
        self._items: list[Item] = []
        self._stamp = hashlib.sha256()
        self._place = folder.raw(number)
        self._raw: IO[bytes] | None = None

    def add(self, n: int, found: Found) -> None:
        """Take an input in, with its bytes where only its archive can give them."""
        self.count += 1
        for part in (found.name, found.stamp):
            self._stamp.update(part.encode("utf-8", "surrogatepass") + b"\0")
        if self.needed:
            self._items.append(Item(
                n=n, name=found.name, uri=found.uri, where=self._where(found), date=found.date,
                media_type=found.media_type, charset=found.charset,
            ))  # fmt: skip

    def _where(self, found: Found) -> File | Page | Stored | Fault:
        if found.path:
            return File(os.fsencode(found.path))
        if found.address:
            return Page(found.address)
        if found.take is None:
            return Fault(found.fault)
        try:
            data = found.take()
        except ReadError as error:
            return Fault(error.found)
        with told(self._place):
            self._raw = self._raw or self._place.open("wb")
            start = self._raw.tell()
            self._raw.write(data)
        return Stored(start, len(data))

    def finish(self) -> Shard:
        if self._raw is not None:
            with told(self._place), self._raw:
                self._raw.flush()
        return Shard(
            self.number, self._stamp.hexdigest(), self.count, tuple(self._items),
            str(self._place.resolve()),
        )  # fmt: skip


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
