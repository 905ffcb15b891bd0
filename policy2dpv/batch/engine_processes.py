"""The engine on one machine: a thread a worker, each of which keeps a converter process busy."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from policy2dpv.batch.converters import CONVERTERS


@contextmanager
def open_processes(workers: int) -> Iterator[Executor]:
    """Lend an executor of `workers` workers; their processes end with it.

    >>> with open_processes(2) as executor:
    ...     executor.submit(len, "ab").result()
    2
    """
    CONVERTERS.allow()
    executor = ThreadPoolExecutor(max_workers=workers)
    try:
        yield executor
    finally:
        CONVERTERS.stop()
        executor.shutdown(wait=True, cancel_futures=True)
        CONVERTERS.allow()
