"""What `batch` finds in folders, archives, tables, histories; what is bounded there."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import batch_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy2dpv.batch import streams, zip_parts
from policy2dpv.batch.found import Found
from policy2dpv.batch.plan import choose_sample
from policy2dpv.batch.sources import Inputs, Sources
from policy2dpv.batch.text_rows import Columns
from policy2dpv.cli import main
from policy2dpv.errors import BatchError, ReadError

DOCUMENTS = samples.documents(4)
Pack = Callable[[Path, Mapping[str, bytes]], Path]
PACKED: list[tuple[str, Pack]] = [
    ("a.zip", samples.as_zip),
    ("a.tar", samples.as_tar),
    ("a.tar.gz", samples.as_tar),
    ("a.tar.bz2", samples.as_tar),
    ("a.tar.xz", samples.as_tar),
    ("a.tar.zst", samples.as_tar),
    ("a.warc", samples.as_warc),
    ("a.warc.gz", samples.as_warc),
    ("a.warc.zst", samples.as_warc),
    ("a.jsonl", samples.as_lines),
    ("a.jsonl.gz", samples.as_lines),
    ("a.jsonl.zst", samples.as_lines),
    ("a.parquet", samples.as_parquet),
]


def listed(*names: Path, **more: object) -> list[tuple[Found, bytes]]:
    """The inputs with their bytes, which are taken as they come."""
    sources = Sources(Inputs(names=tuple(map(str, names)), **more))  # type: ignore[arg-type]
    return [_taken(one) for one in sources if one is not None]


def _taken(one: Found) -> tuple[Found, bytes]:
    if one.path:
        return one, Path(one.path).read_bytes()
    try:
        return one, one.take() if one.take else b""
    except ReadError as error:
        return replace(one, fault=error.found), b""


def faults(*names: Path, **more: object) -> list[str]:
    return [one.fault for one, _ in listed(*names, **more) if one.fault]


@pytest.mark.parametrize(("name", "pack"), PACKED, ids=[name for name, _ in PACKED])
def test_packing_changes_no_byte_and_no_order(tmp_path: Path, name: str, pack: Pack) -> None:
    found = listed(pack(tmp_path / name, DOCUMENTS))
    assert [data for _, data in found] == list(DOCUMENTS.values())
    assert len({one.name for one, _ in found}) == len(DOCUMENTS)


def test_a_folder_gives_its_policies_and_opens_its_archives_by_name(tmp_path: Path) -> None:
    samples.as_folder(tmp_path / "in", {"b/2.txt": b"two", "a.txt": b"one", "logo.png": b"\x89"})
    samples.as_zip(tmp_path / "in" / "c.zip", {"3.txt": b"three", "inner.zip": b"PK"})
    (tmp_path / "in" / "b" / "up").symlink_to(tmp_path / "in")  # a loop
    found = listed(tmp_path / "in")
    assert [data for _, data in found] == [b"one", b"two", b"three"]
    passed = [one for one in Sources(Inputs(names=(str(tmp_path / "in"),))) if one is None]
    assert len(passed) == 2  # the picture, and the archive in the archive


def test_a_glob_stands_for_what_matches_sorted(tmp_path: Path) -> None:
    samples.as_folder(tmp_path, {"b.txt": b"b", "a.txt": b"a", "a.md": b"no"})
    assert [data for _, data in listed(tmp_path / "*.txt")] == [b"a", b"b"]
    with pytest.raises(ReadError, match="nothing matches"):
        listed(tmp_path / "*.html")


def test_a_history_gives_each_version_with_its_day(tmp_path: Path) -> None:
    path = samples.as_history(tmp_path / "repo" / "privacy.md", [b"# One", b"# Two", b"# Three"])
    for place in (path, path.parent):
        found = [one for one, _ in listed(histories=(str(place),))]
        assert [one.date for one in found] == ["2026-03-01", "2026-03-02", "2026-03-03"]
        data = [data for _, data in listed(histories=(str(place),))]
        assert data == [b"# One", b"# Two", b"# Three"]
        assert len({one.name for one in found}) == 3


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="not in a git repository"):
        listed(histories=(str(tmp_path),))


def test_columns_are_chosen_or_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"who": "x", "where": "https://x.example/p", "page": "<p>Hello"}\n')
    with pytest.raises(BatchError, match="who, where, page"):
        listed(path)
    columns = Columns(text="page", name="who", address="where")
    [(one, data)] = listed(path, columns=columns)
    assert (one.name, one.uri, data) == (f"{path}!/x", "https://x.example/p", b"<p>Hello")


@pytest.mark.parametrize("line", ["no json", "[1]", '{"text": 7}', '{"other": "x"}', "{" * 9999])
def test_a_bad_line_costs_that_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "one"}}\n{line}\n\n{{"text": "two"}}')
    assert [data for _, data in listed(path)] == [b"one", b"", b"two"]
    assert len(faults(path)) == 1


def test_a_line_that_never_ends_is_passed_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n' + "x" * 700_000 + '\n{"text": "two"}\n')
    assert faults(path, limit=100_000) == ["larger than 100,000 bytes"]
    assert [data for _, data in listed(path, limit=100_000)] == [b"one", b"", b"two"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.zst", "a.warc.gz", "a.jsonl.gz"])
def test_a_cut_off_archive_gives_what_it_has_and_its_fault(tmp_path: Path, name: str) -> None:
    pack = dict(PACKED)[name]
    chance = random.Random(7)
    noise = {f"{n}.txt": chance.randbytes(300).hex().encode() for n in range(30)}
    path = pack(tmp_path / name, noise)
    data = path.read_bytes()
    for end in range(len(data) // 2, len(data) // 2 + 700, 13):  # around a member's end too
        path.write_bytes(data[:end])
        found = listed(path)
        assert len(found) < 30
        assert found[-1][0].fault.startswith(("damaged", "cut off")), end
        whole = [data for one, data in found if not one.fault]
        assert whole == list(noise.values())[: len(whole)]


def test_a_member_above_the_limit_is_never_unpacked_whole(tmp_path: Path) -> None:
    big = {"big.txt": b"0" * 3_000_000, "small.txt": b"We use data."}
    for path in (
        samples.as_zip(tmp_path / "a.zip", big),
        samples.as_tar(tmp_path / "a.tar.gz", big),
    ):
        first, second = [one for one in Sources(Inputs(names=(str(path),), limit=1000)) if one][:2]
        assert first.take is not None
        with pytest.raises(ReadError, match="larger than 1,000 bytes"):
            first.take()
        assert second.name.endswith("small.txt")


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.zst"])
def test_an_archive_that_unpacks_to_too_much_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = dict(PACKED)[name](tmp_path / name, {f"{n}.txt": b"0" * 90_000 for n in range(50)})
    monkeypatch.setattr(streams, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(streams, "MOST_TIMES", 10)
    found = listed(path)
    assert found[-1][0].fault == "it unpacks to more than 1,000,000 bytes"
    assert 5 < len(found) < 13


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("a.txt")
        member.pax_headers = {"comment": "x" * 3_000_000}
        archive.addfile(member, io.BytesIO(b""))
    path = tmp_path / "a.tar"
    path.write_bytes(stream.getvalue())
    [fault] = faults(path)
    assert "header" in fault


def test_names_are_labels_and_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members with paths up or from the root, links and devices write nothing outside."""
    monkeypatch.chdir(tmp_path)
    text = samples.policy(1).encode()
    path = tmp_path / "in" / "a.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as archive:
        for name in ("../../up.txt", "/etc/root.txt", "a\nb\udcff.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
        for kind in (tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo("link.txt")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert main(["batch", "in", "-o", "out", "--workers", "1", "-q"]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]
    told = samples.ledger(tmp_path / "out")
    assert [entry["status"] for entry in told] == ["ok", "duplicate", "duplicate"]
    assert told[0]["input"] == "in/a.tar!/../../up.txt"


@given(st.integers(0, 25), st.integers(1, 9), st.binary(max_size=50), st.booleans())
def test_a_zip_file_in_pieces_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, count: int, piece: int, before: bytes, far: bool
) -> None:
    """Whatever the size of the pieces, with bytes before the archive, and with 64-bit records."""
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with path.open("wb") as file:
        file.write(before)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.comment = b"PK, as it is called"
            for n in range(count):
                with archive.open(f"{n}ä.txt", "w", force_zip64=far) as member:
                    member.write(b"We use data." * n)
    with zipfile.ZipFile(path) as archive:
        whole = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zip_parts, "PIECE", piece)
        parts = [(one.filename, archive.read(one), total)
                 for archive, _, total in zip_parts.open_parts(path)
                 for one in archive.infolist()]  # fmt: skip
    assert parts == [(*one, count) for one in whole]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + b"\xff" * 18, b"x" * 99])
def test_what_only_is_named_zip_is_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    [fault] = faults(path)
    assert fault.startswith("damaged")


def test_a_locked_member_is_its_own_fault(tmp_path: Path) -> None:
    path = samples.as_zip(tmp_path / "a.zip", {"1.txt": b"one", "2.txt": b"two"})
    data = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # say that the first one is encrypted
        at = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    path.write_bytes(data)
    (locked, _), (_, data) = listed(path)
    assert "password" in locked.fault
    assert data == b"two"


@given(st.lists(st.text(min_size=1), unique=True, max_size=30), st.integers(1, 30))
def test_a_sample_is_chosen_by_names_alone(names: list[str], size: int) -> None:
    found = [Found(name=name, stamp="") for name in names]
    chosen = {names[n] for n in choose_sample(found, size)}
    backwards = list(reversed(names))
    again = {backwards[n] for n in choose_sample(list(reversed(found)), size)}
    assert chosen == again
    assert len(chosen) == min(size, len(names))
    assert chosen >= {names[n] for n in choose_sample(found, max(size - 1, 0))}
