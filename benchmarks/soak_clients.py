"""Clients of a soaked server: they ask at random, look at each answer, and some hang up."""

from __future__ import annotations

import dataclasses
import gzip
import http.client
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

from soak_requests import Request

PATIENCE = 120.0  # seconds that a client waits
HANG_UP = 0.03  # of all turns, those in which a client goes away half way
PACKED = 0.3  # of all requests, those that take a packed answer
LIMITS = ("all are busy", "ask again in", "stopped after")  # what a 503 may say
SHOWN = 20  # faults that are told


class Tally:
    """What all clients met."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.wrong: Counter[str] = Counter()
        self.hung_up = self.again = self.kills = 0
        self.lock = threading.Lock()

    def count(self) -> int:
        """How many requests were answered."""
        with self.lock:
            return sum(self.statuses.values())

    def add(self, request: Request, status: int, seconds: float, fault: str) -> None:
        """Keep an answer; `fault` says what is wrong with it."""
        with self.lock:
            self.times[request.kind].append(seconds)
            self.statuses[request.kind, status] += 1
            if fault:
                self.wrong[fault] += 1

    def faults(self) -> list[str]:
        """Return the wrong answers, the most frequent first."""
        with self.lock:
            told = [f"{count} times: {fault}" for fault, count in self.wrong.most_common(SHOWN)]
            if not self.statuses:
                told.append("nothing was answered")
        return told


class Client:
    """Asks one request after the other on a connection that it keeps."""

    def __init__(self, port: int, requests: Sequence[Request], tally: Tally, seed: int) -> None:
        self._port, self._requests, self._tally = port, requests, tally
        self._chance = random.Random(seed)
        self._weights = [request.weight for request in requests]
        self._plug = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def run(self, over: threading.Event) -> None:
        """Ask until it is over."""
        while not over.is_set():
            [request] = self._chance.choices(self._requests, self._weights)
            if self._chance.random() < HANG_UP:
                self._hang_up(request)
                continue
            start = time.monotonic()
            try:
                status, body = self._asked(request)
                fault = judge(request, status, body)
            except (OSError, http.client.HTTPException) as error:
                self._plug.close()
                status, fault = 0, f"{request.kind} {request.path[:80]}: {error!r}"
            self._tally.add(request, status, time.monotonic() - start, fault)
        self._plug.close()

    def _asked(self, request: Request) -> tuple[int, bytes]:
        """The answer; a kept connection that the server has closed meanwhile is opened again."""
        kept = self._plug.sock is not None
        packed = self._chance.random() < PACKED
        try:
            return ask(self._plug, request, packed=packed)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._plug.close()
            if not kept:
                raise
        self._tally.again += 1
        return ask(self._plug, request, packed=packed)

    def _hang_up(self, request: Request) -> None:
        """Go away half way: in the head, in the body, before the answer, or in the midst of it."""
        lines = [f"{request.method} {request.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in request.headers().items()]
        body = request.body or b""
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
        where = self._chance.randrange(4)
        sent = (head[: len(head) // 2], head + body[: len(body) // 2], head + body, head + body)
        try:
            with socket.create_connection(("127.0.0.1", self._port), PATIENCE) as plug:
                plug.sendall(sent[where])
                if where == 3 and request.kind != "stopped at the limit":
                    plug.recv(100)
        except OSError:  # the server was quicker
            pass
        with self._tally.lock:
            self._tally.hung_up += 1


def ask(
    plug: http.client.HTTPConnection, request: Request, *, packed: bool = False
) -> tuple[int, bytes]:
    """Return the status and the body of an answer. OSError, HTTPException: there is none."""
    more = {"Accept-Encoding": "gzip"} if packed else {}
    plug.request(request.method, request.path, request.body, {**request.headers(), **more})
    answer = plug.getresponse()
    body = answer.read()
    if answer.headers["Content-Encoding"] == "gzip":
        body = gzip.decompress(body)
    return answer.status, body


def judge(request: Request, status: int, body: bytes) -> str:
    """Return what is wrong with an answer, "" where it is right or refused as documented."""
    where = f"{request.kind} {request.method} {request.path[:80]} {request.accept}"
    if status == 503 and any(said in body.decode("utf-8", "replace") for said in LIMITS):
        return ""
    if status != request.status:
        return f"{where}: {status} {body[:200]!r}"
    if not request.any_body and body != request.right:
        return f"{where}: another answer of {len(body)} bytes"
    return ""


def quiet_answers(requests: Sequence[Request], port: int) -> list[Request]:
    """Ask each request once of a server at rest and return them all with right answers.

    SystemExit: an answer differs from what was worked out without the server.
    """
    plug = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    known, wrong = [], []
    for request in requests:
        status, body = ask(plug, request)
        if request.right is None:
            request = dataclasses.replace(request, right=body)
        if fault := judge(request, status, body):
            wrong.append(fault)
        known.append(request)
    plug.close()
    if wrong:
        raise SystemExit("\n".join(["wrong at rest:", *wrong[:SHOWN]]))
    print(f"{len(known)} requests, each answered rightly at rest")
    return known
