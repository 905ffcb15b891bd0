"""Workers that somebody else ends, as a machine short of memory does: no client is to notice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

httpx = pytest.importorskip("httpx", reason="the extra dev is not installed")
pytest.importorskip("starlette", reason="the extra serve is not installed")
if not Path("/proc/self/stat").exists():
    pytest.skip("the processes of a server are found in /proc", allow_module_level=True)
from serving import serving  # noqa: E402  # needs the extra

from policy2dpv.conversion import convert  # noqa: E402

POLICY = "We share your email address with partners to send you our newsletter.\n"
NAMES = "/query.csv?name=recipients&run=1"
ASK = "/sparql?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%3Fs%20%3Fp%20%3Fo%7D"
WORKERS = 3  # two for queries, one for policies


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "policy.txt").write_text(POLICY, "utf-8")
    with serving(tmp_path / "policy.txt", "--seconds", "20", "--memory", str(1 << 30)) as found:
        yield found


def workers() -> list[int]:
    """The processes of this test's server, by their command lines."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                named = b"serving.serve_worker" in (folder / "cmdline").read_bytes()
                parent = status(int(folder.name))[1]
                if named and status(int(parent))[1] == str(os.getpid()):
                    found.append(int(folder.name))
            except (OSError, IndexError):  # it has just ended
                continue
    return found


def status(pid: int) -> list[str]:
    """State, parent, ... of a process: the fields of /proc/PID/stat behind its name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def ticks(pid: int) -> int:
    return sum(map(int, status(pid)[11:13]))


def end(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_workers_that_were_ended_while_they_waited_are_replaced(address: str) -> None:
    right = [httpx.get(address + path, timeout=60).text for path in (NAMES, ASK)]
    for _ in range(3):
        end(workers())
        again = [httpx.get(address + path, timeout=60) for path in (NAMES, ASK, ASK)]
        assert [got.status_code for got in again] == [200] * 3, again[0].text
        assert [got.text for got in again[:2]] == right
        made = httpx.post(f"{address}/api/convert", content=POLICY, timeout=60,
                          headers={"Content-Type": "text/plain"})  # fmt: skip
        assert made.status_code == 200, made.text
    assert len(workers()) == WORKERS


def test_a_worker_that_was_ended_before_it_was_ready_is_replaced(address: str) -> None:
    until = time.monotonic() + 1.5  # as long as the first ones start
    while time.monotonic() < until:
        end(workers())
        time.sleep(0.05)
    with ThreadPoolExecutor(4) as clients:
        got = list(clients.map(lambda _: httpx.get(address + ASK, timeout=60), range(8)))
    assert [one.status_code for one in got] == [200] * 8, got[0].text


def test_a_job_whose_worker_was_ended_gets_another_one(address: str) -> None:
    long = "".join(f"{POLICY}Company {n} Ltd uses your name for purpose {n}.\n" for n in range(900))

    def post() -> httpx.Response:
        return httpx.post(f"{address}/api/convert", content=long, timeout=120,
                          headers={"Content-Type": "text/plain"})  # fmt: skip

    assert httpx.post(f"{address}/api/convert", content=POLICY, timeout=60,
                      headers={"Content-Type": "text/plain"}).status_code == 200  # fmt: skip
    before = {pid: ticks(pid) for pid in workers()}
    with ThreadPoolExecutor(1) as client:
        answer = client.submit(post)
        busy: list[int] = []
        while not busy and not answer.done():
            busy = [pid for pid in before if ticks(pid) > before[pid] + 5]
            time.sleep(0.01)
        assert busy, "the policy was converted before its worker was seen at work"
        end(busy)
        got = answer.result()
    assert got.status_code == 200, got.text
    assert got.text == convert(long.encode(), media_type="text/plain").to_jsonld()


def test_a_system_that_starts_no_process_now_may_start_one_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import asyncio
    import subprocess

    from policy2dpv.serving.serve_jobs import ConvertJob
    from policy2dpv.serving.serve_pool import WorkerPool

    start, job = subprocess.Popen, ConvertJob(source=POLICY.encode())

    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    async def ask() -> list[int]:
        pool = WorkerPool(None, size=1, seconds=30, patience=30, memory=1 << 30)
        pool.start()
        told = [(await pool.ask(job)).status]
        monkeypatch.setattr(subprocess, "Popen", none_left)
        for worker in list(pool._workers):
            worker.stop()
        told += [(await pool.ask(job)).status, (await pool.ask(job)).status]
        monkeypatch.setattr(subprocess, "Popen", start)
        told.append((await pool.ask(job)).status)
        pool.close()
        return told

    assert asyncio.run(ask()) == [200, 503, 503, 200]
