"""The engine on a cluster: Dask distributed, by its executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from policy2dpv.errors import BatchError

LOCAL = "local"
WAIT_SECONDS = 60  # for a first worker


@contextmanager
def open_dask(address: str, workers: int) -> Iterator[tuple[Executor, int]]:
    """Lend an executor on the scheduler at an address, with the number of its workers.

    `address` may be ``local``: then a scheduler and `workers` workers run here meanwhile. A worker
    that dies costs no more than the time of its shard, which another one does again. BatchError:
    the library is not installed, the scheduler does not answer, or has no workers.
    """
    try:
        import distributed
    except ImportError as error:
        found = "the library distributed is not installed"
        advice = 'install it: pip install "policy2dpv[cluster]"'
        raise BatchError("--scheduler", found, advice) from error
    dask: Any = distributed  # it has no types
    cluster: Any = None
    if address == LOCAL:
        cluster = dask.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    try:
        client = dask.Client(cluster or address, timeout=WAIT_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        if cluster is not None:
            cluster.close()
        advice = "start dask scheduler and dask worker, or check the address"
        raise BatchError(address, f"no scheduler with workers answers ({error})", advice) from error
    try:
        threads = sum(client.nthreads().values())
        yield client.get_executor(pure=False), threads
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
