"""A corpus of small policies out of passages of real ones: `batch_corpus.py FOLDER --from CORPORA`.

Each document is a run of passages of one corpus, put into HTML, Markdown or text, and into
folders, archives and tables of all kinds that `batch` reads. Some are copies, empty, or no
policies, some are broken. The same numbers give the same corpus. FOLDER-expected.tsv says what
each input is called, and what it was made as.
"""

from __future__ import annotations

import argparse
import gzip
import html
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

KINDS = ("folder", "zip", "tar", "zst", "warc", "lines", "parquet")
ODD = {"copy": 0.02, "empty": 0.01, "other": 0.01, "broken": 0.01}  # of all documents
WEATHER = "The morning was grey and the harbour quiet. Three boats left for the northern banks. "
LENGTH = (700, 5000)  # characters of a document


class Maker:
    """Makes documents one after the other."""

    def __init__(self, corpora: Path) -> None:
        self.passages = [list(read_passages(path)) for path in corpus_files(corpora)]
        self.passages = [found for found in self.passages if len(found) > 50]
        self.earlier: list[tuple[str, bytes]] = []

    def document(self, number: int) -> tuple[str, str, bytes]:
        """Return a document's kind, its ending and its bytes."""
        chance = random.Random(number)
        drawn = chance.random()
        for kind, share in ODD.items():
            drawn -= share
            if drawn < 0:
                return kind, *self._odd(kind, chance, number)
        ending, data = self._policy(chance, number)
        if len(self.earlier) < 500:
            self.earlier.append((ending, data))
        return "policy", ending, data

    def _odd(self, kind: str, chance: random.Random, number: int) -> tuple[str, bytes]:
        if kind == "copy" and self.earlier:
            return chance.choice(self.earlier)
        if kind == "empty":
            return ".html", b"<html><body> </body></html>"
        if kind == "broken":
            return ".pdf", b"%PDF-1.4 " + bytes(chance.randrange(256) for _ in range(300))
        return ".txt", f"Log {number}. {WEATHER * chance.randrange(5, 30)}".encode()

    def _policy(self, chance: random.Random, number: int) -> tuple[str, bytes]:
        source = chance.choice(self.passages)
        at, wanted = chance.randrange(len(source)), chance.randrange(*LENGTH)
        chosen: list[str] = []
        while sum(map(len, chosen)) < wanted:
            chosen.append(source[at % len(source)])
            at += 1
        title = f"Privacy Policy of Company {number}"
        ending = chance.choice((".html", ".md", ".txt"))
        if ending == ".html":
            body = "".join(f"<p>{html.escape(one)}</p>\n" for one in chosen)
            text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body>"
        else:
            text = "\n\n".join([f"# {title}" if ending == ".md" else title, *chosen])
        return ending, text.encode()


def corpus_files(corpora: Path) -> list[Path]:
    """Return the files that passages are taken from, in a fixed order."""
    found = [*corpora.rglob("*.jsonl"), *corpora.glob("gdpr-transparency/*.json")]
    return sorted(path for path in found if "slot_filling" not in path.name)


def read_passages(path: Path) -> Iterator[str]:
    """Yield the passages of a corpus' file."""
    text = path.read_text("utf-8")
    rows = json.loads(text) if path.suffix == ".json" else map(json.loads, text.splitlines())
    for row in rows:
        words = row.get("text") or row.get("sentence") or row.get("passage") or ""
        passage = " ".join(str(words or " ".join(row.get("tokens", ()))).split())
        if len(passage) > 20:
            yield passage


def make_corpus(folder: Path, corpora: Path, count: int) -> None:
    """Write the corpus and expected.tsv."""
    maker = Maker(corpora)
    folder.mkdir(parents=True)
    share = -(-count // len(KINDS))
    rows = []
    for at, kind in enumerate(KINDS):
        numbers = range(at * share, min((at + 1) * share, count))
        documents = ((number, *maker.document(number)) for number in numbers)
        rows += WRITERS[kind](folder, documents)
    lines = "".join(f"{name}\t{made}\n" for name, made in rows)
    folder.with_name(f"{folder.name}-expected.tsv").write_text(lines, "utf-8")


Documents = Iterator[tuple[int, str, str, bytes]]
Rows = list[tuple[str, str]]


def _folder(folder: Path, documents: Documents) -> Rows:
    rows = []
    for number, kind, ending, data in documents:
        path = folder / "files" / f"{number // 1000:03d}" / f"{number:06d}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        rows.append((str(path), kind))
    return rows


def _zip(folder: Path, documents: Documents) -> Rows:
    path, rows = folder / "policies.zip", []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, kind, ending, data in documents:
            archive.writestr(f"p/{number:06d}{ending}", data)
            rows.append((f"{path}!/p/{number:06d}{ending}", kind))
    return rows


def _tar(folder: Path, documents: Documents) -> Rows:
    with gzip.open(folder / "policies.tar.gz", "wb", compresslevel=1) as stream:
        return _tar_into(stream, folder / "policies.tar.gz", documents)


def _zst(folder: Path, documents: Documents) -> Rows:
    import zstandard

    path = folder / "policies.tar.zst"
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as stream:
        return _tar_into(stream, path, documents)


def _tar_into(stream: Any, path: Path, documents: Documents) -> Rows:
    rows = []
    with tarfile.open(fileobj=stream, mode="w|") as archive:
        for number, kind, ending, data in documents:
            member = tarfile.TarInfo(f"p/{number:06d}{ending}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
            rows.append((f"{path}!/{member.name}", kind))
    return rows


def _warc(folder: Path, documents: Documents) -> Rows:
    path, rows = folder / "crawl.warc.gz", []
    types = {".html": "text/html", ".md": "text/markdown", ".txt": "text/plain",
             ".pdf": "application/pdf"}  # fmt: skip
    with path.open("wb") as file:
        for at, (number, kind, ending, data) in enumerate(documents):
            http = (f"HTTP/1.1 200 OK\r\nContent-Type: {types[ending]}; charset=utf-8\r\n"
                    f"Content-Length: {len(data)}\r\n\r\n").encode() + data  # fmt: skip
            head = (f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-01-02T00:00:00Z\r\n"
                    f"WARC-Target-URI: https://company{number}.example/privacy\r\n"
                    f"WARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
                    "Content-Type: application/http; msgtype=response\r\n"
                    f"Content-Length: {len(http)}\r\n\r\n").encode()  # fmt: skip
            file.write(gzip.compress(head + http + b"\r\n\r\n", 1, mtime=0))
            rows.append((f"{path}!/{at}", kind))
    return rows


def _lines(folder: Path, documents: Documents) -> Rows:
    path, rows = folder / "rows.jsonl.gz", []
    stream: IO[bytes]
    with gzip.open(path, "wb", compresslevel=1) as stream:  # type: ignore[assignment]
        for at, (_, kind, _, data) in enumerate(documents, 1):
            row = {"text": data.decode("latin-1" if kind == "broken" else "utf-8")}
            stream.write(json.dumps(row).encode() + b"\n")
            rows.append((f"{path}!/{at}", kind))
    return rows


def _parquet(folder: Path, documents: Documents) -> Rows:
    import pyarrow
    from pyarrow import parquet

    path, rows, texts = folder / "rows.parquet", [], []
    for at, (_, kind, _, data) in enumerate(documents, 1):
        texts.append(data)
        rows.append((f"{path}!/{at}", kind))
    table = pyarrow.table({"html": pyarrow.array(texts, pyarrow.binary())})
    parquet.write_table(table, path, row_group_size=500)
    return rows


WRITERS = {"folder": _folder, "zip": _zip, "tar": _tar, "zst": _zst, "warc": _warc,
           "lines": _lines, "parquet": _parquet}  # fmt: skip


def main() -> None:
    """Make the corpus that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="corpora", type=Path, required=True, help="the corpora")
    parser.add_argument("--count", type=int, default=20_000)
    wanted = parser.parse_args()
    make_corpus(wanted.folder, wanted.corpora, wanted.count)


if __name__ == "__main__":
    main()
