"""TILT documents (Transparency Information Language): written from a graph, read as a register."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from policy2dpv.bridges.register_files import read_limited
from policy2dpv.bridges.register_model import Activity, Entry, Register
from policy2dpv.bridges.register_terms import read_value
from policy2dpv.bridges.tilt_content import Item, tilt_content
from policy2dpv.bridges.tilt_fields import ITEM, LATEST, Edition, Field, load_tilt
from policy2dpv.errors import ReadError, WriteError
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.views.policy_facts import PolicyFacts

DATED = "format=iso-date"
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?)?)?")
PLACES = ("format=uri", "format=uri-reference")
KEPT = ":/?#@!$&'()*+,;=~%"  # what an address may hold besides letters, digits and "-._"


def format_tilt(
    facts: PolicyFacts, data: bytes, *, time: str | None = None, edition: Edition = 1
) -> str:
    """Return a notice as a TILT document, JSON with sorted content.

    `data` are the graph's bytes, `time` (ISO 8601) stands for dates that the notice lacks;
    `edition` is that of TILT, of which python-tilt reads the first. Raises WriteError where there
    is no date at all, since TILT's schema wants one.

    >>> from policy2dpv import convert
    >>> made = convert(b"We use your email address for marketing.")
    >>> text = format_tilt(PolicyFacts(made.policy_graph.triples), b"", time="2026-01-02")
    >>> json.loads(text)["dataDisclosed"][0]["category"]
    'Email Address'
    """
    content = tilt_content(facts, data, time=time)
    document = _build(load_tilt(edition), content)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read_tilt(path: Path) -> Register:
    """Return what a TILT document holds, as a register. ReadError: no TILT document.

    >>> read_tilt(Path("no-such.json"))
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: no-such.json: No such file or directory; give a register
    """
    try:
        document = json.loads(read_limited(path).decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ReadError(path, f"no valid JSON: {error}", "give a TILT document") from error
    except RecursionError as error:
        raise ReadError(path, "it is nested too deeply", "give a TILT document") from error
    if not isinstance(document, dict):
        raise ReadError(path, "it is no JSON object", "give a TILT document")
    tree = load_tilt(LATEST)
    arrays = [f for f in tree.below if f.needed and f.type == "array" and any(
        one.kind for one in f.walk())]  # fmt: skip
    for field in arrays:
        if not isinstance(document.get(field.name), list):
            raise ReadError(path, f'its "{field.name}" is no array', "give a TILT document")
    return _Reader(tree).register(document)


class _Reader:
    """Reads one document."""

    def __init__(self, tree: Field) -> None:
        self.tree = tree
        self.unread: dict[str, None] = {}

    def register(self, document: Item) -> Register:
        activities: list[Activity] = []
        facts: list[Entry] = []
        for field in self.tree.below:
            if field.type != "array":
                facts += [e for _, e in self.entries(field, document.get(field.name))]
                continue
            for number, item in enumerate(document.get(field.name) or ()):
                found = [p for one in field.below for p in self.entries(one, item)]
                place = f"{field.name}[{number}]"
                activities += _activities(found, place)
        fields = list(self.tree.walk())
        return Register(
            tuple(activities),
            tuple(sorted(set(facts))),
            ties=frozenset(f.kind for f in fields if f.tie),
            kinds=frozenset(f.kind for f in fields if f.kind),
            unread=tuple(self.unread),
        )

    def entries(self, field: Field, value: Any) -> Iterator[tuple[bool, Entry]]:
        """The entries of a field and those below, and whether each is tied to the purpose."""
        if isinstance(value, list) and field.type == "array":
            for item in value:
                for one in field.below:
                    yield from self.entries(one, item)
        elif isinstance(value, list):  # of an edition that lists what another one has once
            for item in value:
                yield from () if isinstance(item, list) else self.entries(field, item)
        elif isinstance(value, dict) and field.type == "object":
            told: set[str] = set()  # in an item the first field of a kind tells all of it
            for one in field.below:
                if field.name != ITEM or one.kind not in told:
                    found = list(self.entries(one, value.get(one.name)))
                    yield from found
                    told.update(one.kind for _ in found if one.kind)
        elif isinstance(value, str) and field.kind and value not in ("", field.unstated):
            for entry in self.value(field, value):
                yield field.tie, entry

    def value(self, field: Field, value: str) -> list[Entry]:
        """The entries of a text, by its code or by its words."""
        term, known = field.decoded(value), load_vocabulary()
        if field.kind not in ("contact", "dpo_contact") and ":" in term and known.has(term):
            return [Entry(field.kind, known.label(term), (term,))]
        found, understood = read_value(field.kind, value)
        if not understood:
            self.unread[f"{field.path}: {value[:80]}"] = None
        if field.name == "name" and field.kind == "recipient":
            terms = found[0].terms
            return [Entry(field.kind, value, terms, value)]
        return found


def _activities(found: Iterable[tuple[bool, Entry]], place: str) -> list[Activity]:
    """One activity for each purpose, with what is tied to it; and one for all the rest."""
    pairs = list(found)
    purposes = [e for _, e in pairs if e.kind == "purpose"]
    tied = tuple(e for tie, e in pairs if tie and e.kind != "purpose")
    rest = tuple(e for tie, e in pairs if not tie and e.kind != "purpose")
    made = [Activity(purpose, tied, place=place) for purpose in dict.fromkeys(purposes)]
    if rest or not made:
        made.append(Activity(None, rest if made else (*tied, *rest), place=place))
    return made


def _build(field: Field, item: Item) -> Any:
    """The JSON value of a field for what is stated."""
    if field.type == "object":
        inside = {one.name: _member(one, item) for one in field.below}
        return {name: value for name, value in inside.items() if value not in (None, [])
                or name in {one.name for one in field.below if one.needed}}  # fmt: skip
    if field.type == "array":
        found = _items(field, item)
        return [one if isinstance(one, str) else _build(field.below[0], one) for one in found]
    if field.type == "boolean":
        return bool(field.terms) and _under(item.get(field.source) or (), field.terms)
    text = _text(field, item)
    return [text] if field.listed and text is not None else text


def _member(field: Field, item: Item) -> Any:
    """A member of an object: the object that it takes its content from is chosen here."""
    if field.type == "object" and field.source:
        given = item.get(field.source) or {}
        return _build(field, given if isinstance(given, dict) else _merged(_items(field, item)))
    return _build(field, item)


def _items(field: Field, item: Item) -> list[Any]:
    found = list(item.get(field.source) or ()) if field.source else []
    if not field.terms:
        return found
    return [one for one in found if _under(one["terms"], field.terms)]


def _merged(items: Iterable[Item]) -> Item:
    """Several items as one: their terms together, their words one after the other."""
    whole: dict[str, Any] = {}
    for item in items:
        for key, value in item.items():
            if key == "terms":
                whole[key] = [*whole.get(key, ()), *value]
            elif key in ("label", "words") and whole.get(key) and value:
                whole[key] = "\n".join(dict.fromkeys([*whole[key].split("\n"), value]))
            elif not whole.get(key):
                whole[key] = value
    return whole


def _under(terms: Iterable[str], wanted: Iterable[str]) -> bool:
    known = load_vocabulary()
    above = list(wanted)
    return any(known.is_under(term, one) for term in terms for one in above)


def _text(field: Field, item: Item) -> Any:
    """A string or a number, what the table has for the unstated, or None to leave it out."""
    value = item.get(field.source, "") if field.source else ""
    text = str(value)
    if field.code is not None and text:
        text = field.coded(text)
    if field.limits in PLACES:
        text = _address(text)
    if not _fits(field, text):
        text = ""
    if not text and not field.needed:
        return None
    text = text or field.unstated
    if not text and field.limits == DATED:
        found = f"{value!r} is no date of ISO 8601" if value else "the policy states no date"
        advice = "TILT wants one: give it by --time or SOURCE_DATE_EPOCH"
        raise WriteError(field.path, found, advice)
    if field.type in ("number", "integer"):
        return int(text)
    return text


def _address(iri: str) -> str:
    """An IRI as a URI (RFC 3987, section 3.1), a stray percent sign encoded.

    >>> _address("https://a.example/für 100%")
    'https://a.example/f%C3%BCr%20100%25'
    """
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", iri), safe=KEPT)


def _fits(field: Field, text: str) -> bool:
    """Whether a text keeps to the field's limits."""
    name, _, limit = field.limits.partition("=")
    if name == "pattern":
        return re.fullmatch(limit, text) is not None
    if name == "length":
        return len(text) == int(limit)
    if limit == "iso-date":
        return DATE.fullmatch(text) is not None
    if limit == "duration":
        return text.startswith("P")
    if limit == "email":
        return "@" in text
    if limit == "uri":
        return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) is not None
    return True
