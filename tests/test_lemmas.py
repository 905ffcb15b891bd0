"""What is kept of the dictionary gives what simplemma gives, and is read only when whole."""

import os
from pathlib import Path

import pytest

from policy2dpv.knowledge.lemmas import (
    KeptDictionary,
    cache_folder,
    keep,
    load_dictionary,
    read_kept,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    load_dictionary("en", folder)
    [path] = folder.iterdir()
    return path


def test_kept_dictionary_is_simplemmas(kept: Path) -> None:
    from simplemma.strategies import DefaultDictionaryFactory

    unpacked = DefaultDictionaryFactory().get_dictionary("en")
    again = load_dictionary("en", kept.parent)
    assert isinstance(again, KeptDictionary)
    assert len(again) == len(unpacked) > 100_000
    assert list(again) == sorted(unpacked)
    assert all(again.get(word) == lemma for word, lemma in unpacked.items())
    assert [again.get(word) for word in ("", "a", "qqq", "hous", "housess", "a\tb", "\n", "é")] == [
        unpacked.get(word) for word in ("", "a", "qqq", "hous", "housess", "a\tb", "\n", "é")
    ]


@pytest.mark.parametrize("damage", [
    lambda data: data[:-10],
    lambda data: data.replace(b"\nhouses\thouse\n", b"\nhouses\tmouse\n"),
    lambda data: b"",
    lambda data: b"{}\n",
    lambda data: b"\x80\x04N." + data,
    lambda data: data.replace(b'"form":1', b'"form":0'),
])  # fmt: skip
def test_a_damaged_file_is_not_read_but_made_anew(kept: Path, tmp_path: Path, damage) -> None:
    path = tmp_path / kept.name
    damaged = damage(kept.read_bytes())
    assert damaged != kept.read_bytes()
    path.write_bytes(damaged)
    assert read_kept(path) is None
    assert load_dictionary("en", tmp_path)["houses"] == "house"
    assert path.read_bytes() == kept.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="POSIX tells who may write a file")
def test_a_file_that_anybody_may_write_is_not_read(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / kept.name
    path.write_bytes(kept.read_bytes())
    path.chmod(0o666)
    assert read_kept(path) is None
    path.chmod(0o644)
    assert read_kept(path) is not None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert load_dictionary("en", tmp_path / "file" / "below")["houses"] == "house"


def test_words_with_few_letters_and_long_ones() -> None:
    words = {"a": "a", "ab": "ab", "abc": "x", "abcd": "y", "be": "b", "ß": "ss"}
    found = KeptDictionary(*keep(words))
    assert {word: found[word] for word in found} == words


def test_the_folder_is_the_one_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POLICY2DPV_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("POLICY2DPV_CACHE", "")
    assert cache_folder() is None
