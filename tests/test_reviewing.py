"""Reviews over HTTP: each decision is kept in one step, and nobody else's page can make one."""

from __future__ import annotations

import http.client
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="the extra serve is not installed")
from conftest import ROOT, Run  # needs the extra
from publishing import BASE
from serving import serving

from policy2dpv import convert
from policy2dpv.desk.desk import Addition, Desk, ReviewError, name_of
from policy2dpv.errors import PolicyError
from policy2dpv.publishing.verify import verify
from policy2dpv.reviewing.decisions import Decision
from policy2dpv.reviewing.review_files import read_review, review_beside

POLICY = """# Privacy policy

Acme Ltd is the controller of your personal data.

We collect your email address to send you our newsletter.

We share your name with our partners for analytics. We keep invoices for ten years.

We do not sell your IP address. We keep old invoices in a safe.
"""
ANN, DAY = "Ann Lee", "2026-03-01"
FIXED = {"SOURCE_DATE_EPOCH": "1772323200"}  # 2026-03-01


class Client:
    """A client that sends what it is told, as a browser or as somebody else would."""

    def __init__(self, address: str) -> None:
        self.address, self.host = address, urlsplit(address).netloc

    def send(
        self, method: str, path: str, body: str = "", **headers: str | None
    ) -> tuple[int, str, dict[str, str]]:
        client = http.client.HTTPConnection(self.host, timeout=60)
        given = {name.replace("_", "-"): v for name, v in headers.items() if v is not None}
        client.putrequest(method, path, skip_host="Host" in given)
        for name, value in given.items():
            client.putheader(name, value)
        if body:
            client.putheader("Content-Length", str(len(body)))
        client.endheaders(body.encode() or None)
        answer = client.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())

    def page(self) -> str:
        [path] = set(re.findall(r'href="(/review/[\w-]+)"', self.send("GET", "/")[1]))
        self.path = path
        return self.send("GET", path)[1]

    def token(self) -> str:
        return re.findall(r'name="token" value="([^"]+)"', self.page())[0]

    def post(self, fields: list[tuple[str, str]], **headers: str | None) -> tuple[int, str]:
        own: dict[str, str | None] = {
            "Origin": self.address, "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        status, text, _ = self.send("POST", self.path, urlencode(fields), **own | headers)
        return status, text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.md").write_text(POLICY, "utf-8")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    with serving("--review", folder / "shop.md", "--who", ANN, **FIXED) as address:
        yield Client(address)


def rows_of(folder: Path) -> list[Decision]:
    return read_review(folder / "shop.review.jsonl")


# -- the way from a reading to a published page


def test_a_policy_is_reviewed_published_and_verified(
    client: Client, folder: Path, command: Run
) -> None:
    token = client.token()
    names = re.findall(r'class="reading [^"]*" id="(\w+)"', client.page())
    assert client.post([("token", token), ("decision", "accept"), ("reading", " ".join(names))]) \
        == (303, "")  # fmt: skip
    [analytics] = [name_of(row) for row in rows_of(folder) if row.quote == "analytics"]
    [name] = [name_of(row) for row in rows_of(folder) if row.term == "pd:Name"]
    for fields in (
        [("decision", "reject"), ("reading", analytics), ("note", "not for that")],
        [("decision", "replace"), ("reading", name), ("new_term", "official id")],
        [("decision", "add"), ("quote", "invoices"), ("kind", "personal_data"),
         ("term", "pd:Transactional"), ("segment", segment_of("We keep invoices"))],
    ):  # fmt: skip
        assert client.post([("token", token), *fields])[0] == 303
    page = client.page()
    assert "it can be published" in page
    assert {(row.who, row.when) for row in rows_of(folder) if row.decision} == {
        (ANN, f"{DAY}T00:00:00Z")
    }
    done = command("publish", folder / "shop.md", "--base", BASE, "-o", "site")
    assert done.returncode == 0, done.stderr
    graph = (folder / "site" / "shop.ttl").read_text("utf-8")
    assert "OfficialID" in graph
    assert "Transactional" in graph
    assert "ServiceUsageAnalytics" not in graph
    assert verify(str(folder / "site")) == []


def segment_of(words: str) -> str:
    made = convert(POLICY.encode(), media_type="text/markdown")
    [found] = [s for s in made.segments if made.document.text[s.start : s.end].startswith(words)]
    return found.id


def test_the_file_is_what_the_command_writes(client: Client, folder: Path, command: Run) -> None:
    token = client.token()
    name = re.findall(r'class="reading [^"]*" id="(\w+)"', client.page())[0]
    client.post([("token", token), ("decision", "accept"), ("reading", name)])
    kept = (folder / "shop.review.jsonl").read_bytes()
    again = command("review", folder / "shop.md", "--review", folder / "shop.review.jsonl")
    assert again.stdout.encode() == kept
    client.post([("token", token), ("decision", ""), ("reading", name)])
    assert not [row for row in rows_of(folder) if row.decision or row.who]


def test_the_review_comes_as_a_spreadsheet_and_goes_back(client: Client, folder: Path) -> None:
    token = client.token()
    client.post([("token", token), ("decision", "add"), ("quote", "invoices for ten"),
                 ("kind", "personal_data"), ("term", "Transactional")])  # fmt: skip
    status, text, headers = client.send("GET", f"{client.path}.csv")
    assert status == 200
    assert headers["content-disposition"].endswith("shop.review.csv")
    (folder / "shop.review.csv").write_text(text, "utf-8", newline="")
    plain = read_review(folder / "shop.review.csv")
    assert [row.quote for row in plain] == [row.quote for row in rows_of(folder)]
    assert plain[-1].term == "pd:Transactional"


# -- who may write


REFUSED: dict[str, tuple[int, dict[str, str | None], str | None]] = {
    "another site's page": (403, {"Origin": "https://evil.example"}, None),
    "a page of another port": (403, {"Origin": "http://127.0.0.1:1"}, None),
    "a sandboxed page": (403, {"Origin": "null"}, None),
    "no origin": (403, {"Origin": None}, None),
    "a name that was pointed here": (
        421,
        {"Host": "evil.example", "Origin": "http://evil.example"},
        None,
    ),
    "two hosts in one": (421, {"Host": "127.0.0.1@evil.example"}, None),
    "a request from elsewhere": (403, {"Sec-Fetch-Site": "cross-site"}, None),
    "another port of this machine": (403, {"Sec-Fetch-Site": "same-site"}, None),
    "no token": (403, {}, ""),
    "a token of yesterday": (403, {}, "x" * 32),
    "text that is no form": (415, {"Content-Type": "text/plain"}, None),
    "JSON": (415, {"Content-Type": "application/json"}, None),
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    folder = tmp_path_factory.mktemp("one")
    (folder / "shop.md").write_text(POLICY, "utf-8")
    with serving("--review", folder / "shop.md", "--who", ANN, **FIXED) as address:
        yield Client(address), folder


@pytest.mark.parametrize("case", REFUSED)
def test_nobody_else_can_decide(one: tuple[Client, Path], case: str) -> None:
    client, folder = one
    wanted, headers, token = REFUSED[case]
    given = client.token() if token is None else token
    name = re.findall(r'class="reading [^"]*" id="(\w+)"', client.page())[0]
    fields = [("token", given), ("decision", "accept"), ("reading", name)]
    status, text = client.post(fields, **headers)
    assert status == wanted, text
    assert not (folder / "shop.review.jsonl").exists()


def test_no_other_site_reads_the_token(one: tuple[Client, Path]) -> None:
    client, _ = one
    client.page()
    _, _, headers = client.send("GET", client.path, Origin="https://evil.example")
    lower = {name.lower(): value for name, value in headers.items()}
    assert "access-control-allow-origin" not in lower
    assert lower["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in lower["content-security-policy"]
    assert lower["cache-control"] == "no-store"
    for host in ("evil.example", "127.0.0.1.evil.example", "0.0.0.0", ""):
        assert client.send("GET", client.path, Host=host)[0] in (400, 421), host
    port = urlsplit(client.address).port
    assert client.send("GET", client.path, Host=f"localhost:{port}")[0] == 200


WRONG: dict[str, tuple[int, list[tuple[str, str]], str]] = {
    "no such reading": (409, [("decision", "accept"), ("reading", "r0")], "no reading"),
    "no reading": (400, [("decision", "accept")], "no reading is named"),
    "no such decision": (400, [("decision", "maybe"), ("reading", "r0")], "the decision is one"),
    "no term": (400, [("decision", "replace"), ("reading", "?")], "without a new_term"),
    "a term of another kind": (
        400, [("decision", "replace"), ("reading", "?"), ("new_term", "dpv:Marketing")],
        "is not under",
    ),
    "an unknown label": (
        409, [("decision", "replace"), ("reading", "?"), ("new_term", "no such")], "is called",
    ),
    "words that are not there": (
        409, [("decision", "add"), ("quote", "cake"), ("kind", "personal_data"),
              ("term", "pd:Name")], "does not stand in any clause",
    ),
    "words of several clauses": (
        409, [("decision", "add"), ("quote", "invoices"), ("kind", "personal_data"),
              ("term", "pd:Name")], "stands in 2 clauses",
    ),
    "half a word": (
        409, [("decision", "add"), ("quote", "nvoices"), ("kind", "personal_data"),
              ("term", "pd:Name")], "give whole words",
    ),
    "no such kind": (
        400, [("decision", "add"), ("quote", "a safe"), ("kind", "cake"), ("term", "pd:Name")],
        "no kind",
    ),
    "no name": (400, [("decision", "sign"), ("who", "  ")], "give a name"),
    "a name that turns the text": (
        400, [("decision", "sign"), ("who", "Ann\u202e")], "give a name",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_decided_is_said(one: tuple[Client, Path], case: str) -> None:
    client, folder = one
    wanted, fields, found = WRONG[case]
    token = client.token()
    made = convert(folder / "shop.md")
    desk = Desk(made, folder / "shop.review.jsonl")
    name = next(name_of(row) for row in desk.rows if row.kind == "personal_data")
    given = [(field, name if value == "?" else value) for field, value in fields]
    status, text = client.post([("token", token), *given])
    assert (status, found in text) == (wanted, True), text
    assert not (folder / "shop.review.jsonl").exists()


def test_unknown_addresses_and_huge_forms(one: tuple[Client, Path]) -> None:
    client, _ = one
    token = client.token()
    assert client.send("GET", "/review/nothing")[0] == 404
    assert client.send("GET", "/review/..%2f..%2fetc%2fpasswd.csv")[0] == 404
    assert client.post([("token", token), ("note", "x" * 200_000)])[0] == 413
    assert client.send("PUT", client.path)[0] == 405
    terms = json.loads(client.send("GET", "/review/terms?kind=personal_data")[1])
    assert ["pd:EmailAddress", "Email Address"] in terms
    assert json.loads(client.send("GET", "/review/terms?kind=nonsense")[1]) == []


def test_somebody_without_a_name_decides_nothing(folder: Path) -> None:
    with serving("--review", folder / "shop.md") as address:
        client = Client(address)
        token, page = client.token(), client.page()
        name = re.findall(r'class="reading [^"]*" id="(\w+)"', page)[0]
        fields = [("token", token), ("decision", "accept"), ("reading", name)]
        assert client.post(fields)[0] == 409
        assert client.post([("token", token), ("decision", "sign"), ("who", "Bob Ray")])[0] == 303
        assert client.post(fields)[0] == 303
    assert [row.who for row in rows_of(folder) if row.decision] == ["Bob Ray"]


def test_words_that_look_like_markup_stay_words(tmp_path: Path) -> None:
    text = "We use your name to <b>deliver</b> goods &amp; <script>x()</script> your email address."
    (tmp_path / "p.txt").write_text(text, "utf-8")
    with serving("--review", tmp_path / "p.txt", "--who", "<i>Ann</i>") as address:
        client = Client(address)
        token = client.token()
        name = re.findall(r'class="reading [^"]*" id="(\w+)"', client.page())[0]
        fields = [("reading", name), ("note", "<script>y()</script>")]
        assert client.post([("token", token), ("decision", "accept"), *fields])[0] == 303
        page = client.page()
    assert "<script>x" not in page
    assert "<script>y" not in page
    assert "<i>Ann" not in page
    assert "&lt;i&gt;Ann" in page


# -- what is refused before anything is served


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "a.example"])
def test_reviews_are_taken_on_this_machine_alone(command: Run, folder: Path, host: str) -> None:
    done = command("serve", "--review", "shop.md", "--host", host)
    assert done.returncode == 2
    assert "on this machine alone" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("shop.md", "--origin", "https://a.example"), "no other site's pages may ask"),
        (("-",), "a review lies beside a policy's file"),
        (("https://a.example/p",), "a review lies beside a policy's file"),
        (("shop.ttl",), "a review lies beside a policy's file"),
        (("shop.md", "shop.txt"), "its review would be that of shop.md"),
        (("shop.md", "copy.md"), "the policy's text is that of"),
        (("broken.md",), "broken.review.jsonl:1"),
    ],
)
def test_what_cannot_be_reviewed_is_said(
    command: Run, folder: Path, words: tuple[str, ...], found: str
) -> None:
    for name in ("shop.txt", "copy.md", "broken.md"):
        shutil.copy(folder / "shop.md", folder / name)
    (folder / "broken.review.jsonl").write_text("{}\n", "utf-8")
    done = command("serve", "--review", *words)
    assert done.returncode == 2
    assert found in done.stderr
    assert "Traceback" not in done.stderr


# -- the desk itself


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(convert(folder / "shop.md"), review_beside(folder / "shop.md"))


def named(desk: Desk, quote: str) -> str:
    return next(name_of(row) for row in desk.rows if row.quote == quote)


def test_a_file_that_somebody_else_wrote_is_not_overwritten(desk: Desk, folder: Path) -> None:
    other = Desk(desk.made, desk.path)
    other.decide([named(other, "analytics")], "reject", "Bob", DAY)
    before = desk.path.read_bytes()
    with pytest.raises(ReviewError, match="somebody else"):
        desk.decide([named(desk, "your name")], "accept", ANN, DAY)
    assert desk.path.read_bytes() == before
    desk.decide([named(desk, "your name")], "accept", ANN, DAY)
    assert {(row.decision, row.who) for row in rows_of(folder) if row.decision} == {
        ("reject", "Bob"), ("accept", ANN)
    }  # fmt: skip


def test_a_folder_that_cannot_be_written_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policy2dpv import data

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    rows = desk.rows
    with monkeypatch.context() as patched:
        patched.setattr(data.os, "replace", full)
        with pytest.raises(PolicyError, match="No space left"):
            desk.decide([named(desk, "your name")], "accept", ANN, DAY)
    assert desk.rows == rows
    assert list(desk.path.parent.iterdir()) == [desk.path.parent / "shop.md"]


def test_an_edited_page_asks_for_another_look(desk: Desk, folder: Path) -> None:
    desk.decide([named(desk, "your name"), named(desk, "your IP address")], "accept", ANN, DAY)
    desk.decide([named(desk, "analytics")], "reject", ANN, DAY)
    edited = POLICY.replace("We share", "From June on we share").replace("do not sell", "sell")
    (folder / "shop.md").write_text(edited, "utf-8")
    after = Desk(convert(folder / "shop.md"), desk.path)
    state = {row.quote: (row.decision, row.who) for row in after.rows if row.decision}
    assert state["your name"] == ("accept", "")  # it holds, and is to be signed again
    assert [one.quote for one in after.outcome.stale] == ["your IP address"]
    assert any("your name" in point for point in after.open_points())
    after.decide([named(after, "your name")], "accept", ANN, "2026-06-01")
    assert not any("your name" in point for point in after.open_points())
    gone = next(name_of(row) for row in after.rows[len(after.readings) :])
    after.decide([gone], "", ANN, "2026-06-01")
    assert after.outcome.stale == ()


def test_which_of_equal_words_is_added(tmp_path: Path) -> None:
    text = b"We keep a file and share a file."
    made = convert(text)
    [segment] = made.segments
    desk = Desk(made, tmp_path / "p.review.jsonl")
    at = desk.add(
        Addition(quote="file", kind="personal_data", term="pd:Name", segment=segment.id,
                 before="We keep a file and share a "), ANN, DAY,
    )  # fmt: skip
    [row] = [row for row in desk.rows if name_of(row) == at]
    assert row.nth == 2
    [one] = [a for a in desk.accepted_so_far().annotations if a.term == "pd:Name"]
    assert one.start == len("We keep a file and share a ")


def test_adding_what_was_read_accepts_it(desk: Desk) -> None:
    at = desk.add(Addition(quote="your name", kind="personal_data", term="Name"), ANN, DAY)
    [row] = [row for row in desk.rows if name_of(row) == at]
    assert row.decision == "accept"


@pytest.mark.parametrize("name", ["us-app.md", "eu-shop.html", "de/laden.md"])
def test_all_of_an_example_can_be_accepted(name: str, tmp_path: Path) -> None:
    desk = Desk(convert(ROOT / "examples" / name), tmp_path / "p.review.jsonl")
    assert desk.open_points()
    desk.decide([name_of(row) for row in desk.rows], "accept", ANN, DAY)
    assert desk.open_points() == []
    assert desk.accepted_so_far().statements == desk.made.statements
