"""Older graphs and tables moved to a release of the DPV."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from conftest import ROOT, Run

from policy2dpv.bridges.upgrade import Upgrade, upgrade_text
from policy2dpv.bridges.upgrade_files import upgrade_file, upgrade_files
from policy2dpv.errors import GraphError, TableError, VocabularyError, WriteError
from policy2dpv.knowledge.rows import read_table
from policy2dpv.knowledge.vocabulary import load_vocabulary

OLD = ROOT / "tests" / "bridges" / "old.ttl"
SHARED = ROOT.parent / "shared" / "dpv"
REPLACED = read_table(ROOT / "vocab" / "dpv-2.3" / "replaced.tsv")


@pytest.mark.parametrize("suffix", [".ttl", ".jsonld", ".nq", ".nt", ".rdf", ".trig"])
def test_an_old_graph_holds_only_terms_of_the_release(tmp_path: Path, suffix: str) -> None:
    new = tmp_path / f"new{suffix}"
    moves = {move.old: (move.new, move.why) for move in upgrade_files(OLD, new, "2.3")}
    assert moves == {
        "dpv-gdpr:A6-1-a": ("eu-gdpr:A6-1-a", "namespace"),
        "dpv-pd:EmailAddress": ("pd:EmailAddress", "namespace"),
        "dpv:PersonalDataHandling": ("dpv:Process", "sunset"),
        "dpv:PublicLocation": ("dpv:PublicSpace", "sunset"),
        "dpv:WithinVirtualEnvironment": ("tech:Software", "sunset"),
    }
    again = tmp_path / f"again{suffix}"
    assert upgrade_files(new, again, "2.3") == ()
    assert len(list(pyoxigraph.parse(path=again))) == len(list(pyoxigraph.parse(path=OLD)))


@pytest.mark.parametrize("row", REPLACED, ids=lambda row: row["term"])
def test_each_replaced_term_moves_or_is_told(row: dict[str, str]) -> None:
    known = load_vocabulary()
    upgrade = Upgrade(known)
    new = upgrade.term(row["term"])
    [move] = upgrade.moves
    if row["successor"] and move.new:
        assert known.has(new)
        assert known.replacement(new) is None or not known.successor(new)
    else:
        assert (new, move.new) == (row["term"], "")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/dpv is not there")
def test_the_shared_table_of_changes_is_covered() -> None:
    known, wrong = load_vocabulary(), []
    for row in read_table(SHARED / "term-changes.tsv"):
        new = Upgrade(known).term(row["term"])
        if ":" in row["successor"] and known.has(row["successor"]) and not known.has(new):
            wrong.append((row["term"], row["successor"], new))
    assert not wrong


SSSOM = (
    "#mapping_set_id: https://ours.example/set\n#curie_map:\n#  dpv: https://w3id.org/dpv#\n"
    "subject_label\tpredicate_id\tobject_id\tobject_label\tcomment\n"
    "open spaces\tskos:exactMatch\tdpv:PublicLocation\tPublic Location\tnot dpv:Purposes\r\n"
    "mail\tskos:exactMatch\thttps://w3id.org/dpv/dpv-pd#EmailAddress\t\tx dpv-pd:EmailAddress\n"
    "mailto:dpv:PublicLocation\tskos:exactMatch\tdpv:LegalAgreement\tLegal Agreement\t\n"
)


def test_a_table_moves_and_all_else_stays() -> None:
    done = upgrade_text(SSSOM, load_vocabulary())
    assert done.text.decode() == (
        "#mapping_set_id: https://ours.example/set\n#curie_map:\n"
        "#  pd: https://w3id.org/dpv/pd#\n#  dpv: https://w3id.org/dpv#\n"
        "subject_label\tpredicate_id\tobject_id\tobject_label\tcomment\n"
        "open spaces\tskos:exactMatch\tdpv:PublicSpace\tPublic Space\tnot dpv:Purposes\r\n"
        "mail\tskos:exactMatch\thttps://w3id.org/dpv/pd#EmailAddress\t\tx pd:EmailAddress\n"
        "mailto:dpv:PublicLocation\tskos:exactMatch\tdpv:LegalAgreement\tLegal Agreement\t\n"
    )
    assert {move.old for move in done.left} == {"dpv:LegalAgreement", "dpv:Purposes"}


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").rglob("*.sssom.tsv")), ids=str)
def test_our_own_tables_need_no_move(path: Path) -> None:
    done = upgrade_text(path.read_bytes().decode(), load_vocabulary())
    assert (done.moves, done.text) == ((), path.read_bytes())


def test_a_folder_moves_whole(command: Run, tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "inner").mkdir(parents=True)
    (old / "notice.ttl").write_bytes(OLD.read_bytes())
    (old / "inner" / "table.tsv").write_text(SSSOM, "utf-8")
    (old / "README.md").write_text("dpv:PublicLocation", "utf-8")
    done = command("vocab", "upgrade", "old", "-o", "new", "--to", "2.3")
    assert done.returncode == 1  # a term without successor
    assert "dpv:LegalAgreement -> no successor: left as it is (sunset, once)" in done.stderr
    assert "dpv:PublicLocation -> dpv:PublicSpace (sunset, twice)" not in done.stderr
    assert "dpv:PublicLocation -> dpv:PublicSpace (sunset, 2 times)" in done.stderr
    assert (tmp_path / "new" / "README.md").read_text("utf-8") == "dpv:PublicLocation"
    assert "dpv:Process" in (tmp_path / "new" / "notice.ttl").read_text("utf-8")
    quiet = command("vocab", "upgrade", "old", "-o", "newer", "-q")
    assert "PublicSpace" not in quiet.stderr
    assert "no successor" in quiet.stderr


def test_a_folder_with_a_broken_file_leaves_nothing(command: Run, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.ttl").write_bytes(OLD.read_bytes())
    (tmp_path / "old" / "b.ttl").write_text("not turtle", "utf-8")
    done = command("vocab", "upgrade", "old", "-o", "new")
    assert (done.returncode, "b.ttl" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_graph_that_is_current_ends_with_0(command: Run, tmp_path: Path) -> None:
    graph = ROOT / "tests" / "bridges" / "foreign.ttl"
    done = command("vocab", "upgrade", graph, "-o", "new.ttl")
    assert (done.returncode, done.stderr) == (
        0, "new.ttl: 0 places of 0 terms moved, 0 terms without successor\n"
    )  # fmt: skip
    first = (tmp_path / "new.ttl").read_bytes()
    command("vocab", "upgrade", graph, "-o", "again.ttl", PYTHONHASHSEED="7")
    assert (tmp_path / "again.ttl").read_bytes() == first


def test_bad_input_is_told(tmp_path: Path) -> None:
    new = tmp_path / "new.ttl"
    with pytest.raises(WriteError, match="it is the input"):
        upgrade_files(OLD, OLD, "2.3")
    with pytest.raises(VocabularyError, match="there is no index of this release"):
        upgrade_files(OLD, new, "9.9")
    with pytest.raises(GraphError, match="no graph format"):
        upgrade_files(OLD, tmp_path / "new.pdf", "2.3")
    (tmp_path / "bad.tsv").write_bytes(b"term\n\xff\n")
    with pytest.raises(TableError, match="not UTF-8"):
        upgrade_file(tmp_path / "bad.tsv", ".tsv", load_vocabulary())
    (tmp_path / "there").mkdir()
    (tmp_path / "folder").mkdir()
    with pytest.raises(WriteError, match="it is there already"):
        upgrade_files(tmp_path / "folder", tmp_path / "there", "2.3")
    with pytest.raises(WriteError, match="it lies in the input"):
        upgrade_files(tmp_path / "folder", tmp_path / "folder" / "new", "2.3")
    named = tmp_path / "named.nq"
    named.write_text("<urn:a> <urn:p> <urn:b> <urn:g> .\n", "utf-8")
    with pytest.raises(GraphError, match="do not fit into Turtle"):
        upgrade_files(named, new, "2.3")
    assert not new.exists()
