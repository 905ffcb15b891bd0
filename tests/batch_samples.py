"""Small policies for tests of `batch`, and all the ways in which they can be packed."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow
import zstandard
from pyarrow import parquet

DATA = ("name", "email address", "phone number", "location", "payment details")
AIMS = ("to send you our newsletter", "to deliver your order", "to prevent fraud",
        "for statistics", "to answer your questions")  # fmt: skip


def policy(number: int) -> str:
    """A policy in a few sentences; no two numbers below 25 give the same."""
    data, aim = DATA[number % 5], AIMS[number // 5 % 5]
    return (
        f"Privacy Policy of Shop {number}\n\nWe collect your {data} {aim}. "
        f"We share your {data} with our service providers. We never sell your personal data. "
        "You have the right to access and to erase your personal data at any time.\n"
    )


def page(number: int) -> str:
    """The same as a page."""
    title, body = policy(number).strip().split("\n\n")
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{body}</p></body>"


def documents(count: int) -> dict[str, bytes]:
    """Policies by file names: text and pages by turns."""
    return {
        f"{n:03d}.txt" if n % 2 else f"{n:03d}.html": (policy(n) if n % 2 else page(n)).encode()
        for n in range(count)
    }


def as_folder(place: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def as_zip(place: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return place


def as_tar(place: Path, files: Mapping[str, bytes]) -> Path:
    """A tar file, packed as its name tells."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    place.write_bytes(packed(stream.getvalue(), place.suffix))
    return place


def packed(data: bytes, suffix: str) -> bytes:
    import bz2
    import lzma

    if suffix == ".zst":
        return zstandard.ZstdCompressor().compress(data)
    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(suffix)
    return pack(data) if pack else data


def as_warc(place: Path, files: Mapping[str, bytes]) -> Path:
    """A crawl of the files, one of which was not found."""
    records = [record(f"https://shop.example/{name}", data) for name, data in files.items()]
    records.append(record("https://shop.example/gone", b"Not here.", status="404 Not Found"))
    place.write_bytes(b"".join(packed(one, place.suffix) for one in records))
    return place


def record(address: str, data: bytes, *, status: str = "200 OK") -> bytes:
    kind = "text/html" if data.startswith(b"<") else "text/plain"
    http = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    ).encode() + data
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\n"
        "WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"WARC-Record-ID: <urn:uuid:{len(address):032x}>\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def as_lines(place: Path, files: Mapping[str, bytes]) -> Path:
    rows = [json.dumps({"id": name, "text": data.decode()}) for name, data in files.items()]
    place.write_bytes(packed("\n".join(rows).encode(), place.suffix))
    return place


def as_parquet(place: Path, files: Mapping[str, bytes]) -> Path:
    columns = {"id": list(files), "text": [data.decode() for data in files.values()]}
    parquet.write_table(pyarrow.table(columns), place)
    return place


def as_history(place: Path, versions: Sequence[bytes]) -> Path:
    """A file of which git keeps the versions, a day apart."""
    place.parent.mkdir(parents=True)
    git(place.parent, "init", "-q", "-b", "main")
    for day, data in enumerate(versions, 1):
        place.write_bytes(data)
        git(place.parent, "add", place.name)
        git(place.parent, "commit", "-q", "-m", f"day {day}", date=f"2026-03-{day:02d}T12:00:00Z")
    return place


def git(folder: Path, *words: str, date: str = "2026-03-01T12:00:00Z") -> None:
    who = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@shop.example", "GIT_COMMITTER_NAME": "A",
           "GIT_COMMITTER_EMAIL": "a@shop.example", "GIT_AUTHOR_DATE": date, "HOME": str(folder),
           "GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin"}  # fmt: skip
    subprocess.run(["git", "-C", str(folder), *words], check=True, env=who)


def results(output: Path) -> dict[str, bytes]:
    """All that a finished batch gave, by file names."""
    kept = (path for path in output.rglob("*") if path.is_file() and ".batch" not in path.parts)
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in kept}


def ledger(output: Path) -> list[dict[str, str]]:
    """The lines of the ledger, in order."""
    return [
        json.loads(line)
        for path in sorted((output / "ledger").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


FATAL = """
import os, signal, time
def read(data):
    if b"segfault" in data: os.kill(os.getpid(), signal.SIGSEGV)
    if b"leave" in data: os._exit(3)
    if b"hang" in data: time.sleep(600)
    if b"greedy" in data: bytearray(1 << 40)
    raise ValueError("no such thing")
"""


def install_fatal_reader(folder: Path) -> str:
    """A reader for .epub that dies, hangs or fails as the file says; return the path to find it."""
    folder.mkdir()
    (folder / "fatal_reader.py").write_text(FATAL, "utf-8")
    info = folder / "fatal_reader-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fatal-reader\nVersion: 1.0\n")
    entry = "[policy2dpv.readers]\napplication/epub+zip = fatal_reader:read\n"
    (info / "entry_points.txt").write_text(entry)
    return str(folder)


# A run that ends itself: at the Nth move of a file to its place, before or after it.
KILLED = """
import itertools, os, signal, sys
number, when, words = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
move, moves = os.replace, itertools.count(1)
def replace(source, target):
    this = next(moves)  # each thread its own number
    if this == number and when == "before": os.kill(os.getpid(), signal.SIGKILL)
    move(source, target)
    if this == number: os.kill(os.getpid(), signal.SIGKILL)
os.replace = replace
from policy2dpv.cli import main
sys.exit(main(words))
"""

# A run on a disk that takes no file above so many bytes.
FULL = """
import resource, sys
from policy2dpv.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(sys.argv[2:]))
"""


def run_script(
    script: str, *words: object, cwd: Path, path: str
) -> subprocess.CompletedProcess[str]:
    """Run a script as a process of its own."""
    import os

    return subprocess.run(
        [sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, cwd=cwd,
        env={**os.environ, "PYTHONPATH": path}, timeout=300, check=False,
    )  # fmt: skip
