"""A server under load for so many minutes, its workers killed: the second half of `soak.py`."""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import children, megabytes, named, open_files, threads
from query_benchmark import EXAMPLES, find_policies, write_copies
from soak_clients import Client, Tally, quiet_answers
from soak_requests import Request, make_requests

from policy2dpv.querying.store import load_graphs, open_store

ADDRESS = re.compile(r"at http://127\.0\.0\.1:(\d+)/")
SHOWN = 10  # lines of a traceback
WORKER = "policy2dpv.serving.serve_worker"
LINES = 20  # of the table of memory, at equal steps
GROWTH = 1.25  # of the server's memory from a quarter of the time to the end, at the most
SPARE = 8  # open files that may be more at the end than before the load
REST = 8.0  # seconds after the load in which connections are closed


def soak_server(wanted: argparse.Namespace) -> list[str]:
    """Keep a server busy until the time is over, and return what is wrong."""
    with tempfile.TemporaryDirectory() as place:
        texts = find_policies(wanted.policies or [EXAMPLES])
        store = fill_store(texts, Path(place), wanted.count)
        requests = make_requests(store, texts)
        words = [str(store), *map(str, texts[:2]), "--seconds", str(wanted.seconds)]
        said: list[str] = []
        with served(words, said) as (process, port):
            requests = quiet_answers(requests, port)
            faults = load_server(wanted, process, port, requests)
        print(f"lines that the server said: {len(said)}")
        if any("Traceback" in line for line in said):
            faults.append("the server said: " + "".join(said[-SHOWN:]))
        return faults


def fill_store(policies: list[Path], place: Path, count: int) -> Path:
    """Return the folder of a store with so many policies, copies under addresses of their own."""
    files = write_copies(policies, place, count)
    store = open_store(place / "store")
    print(f"{sum(one.triples for one in load_graphs(store, files)):,} triples of {count} policies")
    store.flush()
    return place / "store"


@contextmanager
def served(words: list[str], said: list[str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `policy2dpv serve` on a free port; gives the process and the port, and ends it.

    What it says after its address goes to `said`.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "policy2dpv", "serve", "--port", "0", *words],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    try:
        for line in process.stderr:
            if found := ADDRESS.search(line):
                listener.start()
                yield process, int(found[1])
                return
        raise SystemExit("the server did not start")
    finally:
        process.kill()
        process.wait()
        if listener.ident is not None:
            listener.join(5)


def load_server(
    wanted: argparse.Namespace,
    process: subprocess.Popen[str],
    port: int,
    requests: list[Request],
) -> list[str]:
    """Run the clients, kill workers, look at the server; return what is wrong."""
    tally, over = Tally(), threading.Event()
    start = (len(children(process.pid)), open_files(process.pid))
    clients = [threading.Thread(target=Client(port, requests, tally, wanted.seed + n).run,
                                args=(over,)) for n in range(wanted.clients)]  # fmt: skip
    for client in clients:
        client.start()
    memory = watch(wanted, process, tally)
    over.set()
    for client in clients:
        client.join()
    print_tally(tally, wanted.minutes * 60)
    time.sleep(REST)
    end = (len(children(process.pid)), open_files(process.pid))
    print(f"processes {start[0]} before, {end[0]} after; open files {start[1]}, {end[1]}")
    faults = tally.faults()
    faults += [f"{end[0]} workers after {start[0]}"] if end[0] != start[0] else []
    faults += [f"{end[1]} open files after {start[1]}"] if end[1] > start[1] + SPARE else []
    settled = memory[len(memory) // 4]
    if memory[-1] > GROWTH * settled:
        faults.append(f"the server grew from {settled:.0f} to {memory[-1]:.0f} MB")
    return faults + ended(process)


def watch(wanted: argparse.Namespace, process: subprocess.Popen[str], tally: Tally) -> list[float]:
    """Kill a worker now and then until the time is over; print and return the server's memory."""
    chance = random.Random(wanted.seed)
    begin = time.monotonic()
    total = wanted.minutes * 60
    steps = [begin + total * number / LINES for number in range(1, LINES + 1)]
    moment = begin + chance.uniform(*wanted.between)
    memory: list[float] = []
    print("seconds  requests  server MB  workers MB  processes  open files  threads")
    while steps and process.poll() is None:
        time.sleep(0.1)
        now = time.monotonic()
        if now > moment:
            tally.kills += kill_worker(process.pid, chance)
            moment = now + chance.uniform(*wanted.between)
        if now > steps[0]:
            memory.append(megabytes(process.pid))
            workers = [megabytes(one) for one in children(process.pid)]
            print(f"{now - begin:7.0f}{tally.count():10,}{memory[-1]:11.1f}{max(workers):12.1f}"
                  f"{len(workers):11}{open_files(process.pid):12}{threads(process.pid):9}",
                  flush=True)  # fmt: skip
            del steps[0]
    return memory or [0.0]


def kill_worker(server: int, chance: random.Random) -> int:
    """Kill one of a server's workers; return how many."""
    workers = [one for one in children(server) if named(one, WORKER)]
    if not workers:
        return 0
    os.kill(chance.choice(workers), signal.SIGKILL)
    return 1


def print_tally(tally: Tally, seconds: float) -> None:
    """Print requests, rates and the times of each kind of request."""
    print(f"{tally.count():,} requests answered, {tally.count() / seconds:.1f} a second; "
          f"{tally.hung_up:,} clients hung up; {tally.kills} workers killed; "
          f"{tally.again} asked again on a new connection")  # fmt: skip
    print(f"{'kind':20}{'answers':>9}{'50 %, ms':>10}{'95 %':>8}{'99 %':>8}{'most':>8}  statuses")
    for kind, times in sorted(tally.times.items()):
        ordered = sorted(times)
        shown = "".join(f"{1000 * ordered[int(share * (len(ordered) - 1))]:8.0f}"
                        for share in (0.5, 0.95, 0.99, 1.0))  # fmt: skip
        told = ", ".join(f"{status} {count:,}" for (one, status), count
                         in sorted(tally.statuses.items()) if one == kind)  # fmt: skip
        print(f"{kind:20}{len(times):9,}  {shown}  {told}")


def ended(process: subprocess.Popen[str]) -> list[str]:
    """End the server as a user does, and return what is wrong with its end."""
    workers = children(process.pid)
    process.terminate()
    try:
        code = process.wait(30)
    except subprocess.TimeoutExpired:
        return ["the server does not end"]
    time.sleep(1)
    left = [one for one in workers if named(one, WORKER)]
    faults = [f"worker {one} has outlived the server" for one in left]
    return faults + ([f"the server ended with {code}"] if code else [])
