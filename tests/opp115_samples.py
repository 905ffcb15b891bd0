"""A policy of a firm that does not exist, annotated as OPP-115 is: pages, rows, offsets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

FIRST, THIRD = "First Party Collection/Use", "Third Party Sharing/Collection"
CHOICE, ACCESS = "User Choice/Control", "User Access, Edit and Deletion"
DATA, ENTITY = "Personal Information Type", "Third Party Entity"

SEGMENTS = (
    "<strong>Privacy at Lumen</strong> <br> This notice tells what Lumen does with your data.",
    "When you register we collect your e-mail  address and your <b>date of birth</b>.<br>"
    "We use them to advertise our lamps.",
    "We do not collect your location &amp; never track you.",
    "We share your e-mail address with Facebook and with advertising partners, for advertising.",
    "Advertisers set cookies on our site to show ads.",
    "You may opt out of our newsletter; write to privacy@lumen.example.",
    "You can view and correct your profile.",
    "We keep log files for six months. Data are encrypted by SSL in transit.",
    "Children under 13 may not use Lumen.",
    "We may change this notice; we will tell you by e-mail.",
    "We do not respond to Do Not Track signals.",
)
Attributes = Mapping[str, tuple[str, str]]  # value and marked words, "" for none
PRACTICES: tuple[tuple[str, int, str, Attributes], ...] = (
    ("1", 0, "Other", {"Other Type": ("Introductory/Generic", "This notice tells")}),
    ("2", 1, FIRST, {
        "Does/Does Not": ("Does", ""), DATA: ("Contact", "e-mail  address"),
        "Action First-Party": ("Collect on website", "we collect"),
        "Collection Mode": ("Explicit", "When you register"),
        "User Type": ("User with account", "register"),
        "Purpose": ("Advertising", "to advertise our lamps"),
        "Choice Type": ("not-selected", ""),
    }),
    ("3", 1, FIRST, {
        DATA: ("Demographic", "<b>date of birth</b>"), "Purpose": ("Unspecified", ""),
        "Action First-Party": ("Unspecified", "we collect"),
    }),
    ("4", 2, FIRST, {
        "Does/Does Not": ("Does Not", "do not"), DATA: ("Location", "location"),
        "Action First-Party": ("Collect on website", "collect"),
    }),
    ("5", 3, THIRD, {
        DATA: ("Contact", "your e-mail address"), "Purpose": ("Advertising", "for advertising"),
        "Action Third Party": ("Receive/Shared with", "We share"),
        ENTITY: ("Named third party", "Facebook"),
    }),
    ("6", 4, THIRD, {
        DATA: ("Cookies and tracking elements", "cookies"),
        "Purpose": ("Advertising", "to show ads"),
        "Action Third Party": ("Track on first party website/app", "set cookies on our site"),
        ENTITY: ("Unnamed third party", "Advertisers"),
    }),
    ("7", 5, CHOICE, {
        "Choice Type": ("Opt-out via contacting company", "opt out of our newsletter; write to "
                        "privacy@lumen.example"),
        "Choice Scope": ("First party use", "our newsletter"),
        "Purpose": ("Marketing", "our newsletter"), DATA: ("Unspecified", ""),
    }),
    ("8", 6, ACCESS, {
        "Access Type": ("Edit information", "correct"),
        "Access Scope": ("User account data", "your profile"),
    }),
    ("9", 7, "Data Retention", {
        DATA: ("Other", "log files"), "Retention Period": ("Stated Period", "for six months"),
        "Retention Purpose": ("Unspecified", ""),
    }),
    ("10", 7, "Data Security", {"Security Measure": ("Secure data transfer", "encrypted by SSL")}),
    ("11", 8, "International and Specific Audiences", {
        "Audience Type": ("Children", "Children under 13"),
    }),
    ("12", 9, "Policy Change", {
        "Change Type": ("Unspecified", "change this notice"), "User Choice": ("Unspecified", ""),
        "Notification Type": ("Personal notice", "we will tell you by e-mail"),
    }),
    ("13", 10, "Do Not Track", {
        "Do Not Track policy": ("Not honored", "do not respond to Do Not Track signals"),
    }),
)  # fmt: skip

CATEGORIES = """<?xml version="1.0"?>
<categories xmlns="http://www.w3schools.com"><version>1</version>
<category><name>Lamps</name><attributes>
<attribute optional="true" default="not-selected"><name> Colour </name><values>
<value><name>Red</name></value><value><name>Blue</name></value></values></attribute>
</attributes></category></categories>
"""


def marked(value: str, words: str, segment: str) -> dict[str, object]:
    """The JSON of one attribute, with the offsets of the words in the raw segment."""
    start = segment.index(words) if words else -1
    return {
        "selectedText": words or "Not selected", "value": value,
        "startIndexInSegment": start, "endIndexInSegment": start + len(words) if words else -1,
    }  # fmt: skip


def row(
    name: str, number: int, category: str, attributes: Attributes, annotator: str = "77"
) -> list[str]:
    """One row as the release has it."""
    told = {a: marked(value, words, SEGMENTS[number]) for a, (value, words) in attributes.items()}
    return [name, "batch", annotator, "1", str(number), category, json.dumps(told), "", ""]


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Rows in the dialect of the release."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def corpus(folder: Path, content: str | None = None, name: str = "lumen.example") -> Path:
    """Write the page and one annotation file as the release lays them out; return the file."""
    page = folder / "sanitized_policies" / f"{name}.html"
    annotations = folder / "annotations" / f"{name}.csv"
    for path in (page, annotations):
        path.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("|||".join(SEGMENTS), "utf-8")
    rows = as_csv(row(*practice) for practice in PRACTICES)
    annotations.write_bytes((rows if content is None else content).encode())
    return annotations
