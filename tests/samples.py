"""A small policy and what it says, written by hand: the sketch of the modelling as statements."""

from __future__ import annotations

import hashlib
from typing import Any

from strategies import FIELDS, segments_of

from policy2dpv.model import Annotation, Block, Document, Segment, Span, StatedDate, Statement

TEXT = """Who we are
Acme Ltd, 1 Main St, Dublin is the controller; write to privacy@acme.example.
Our data protection officer is at dpo@acme.example. The GDPR applies.
Marketing
We use your email address to send you newsletters if you consent.
We keep it for 6 months on servers in Ireland, until you close your account.
Sharing
We may transfer your IP address to Google Analytics in the United States \
under standard contractual clauses for analytics.
Our advertising partners set cookies.
We use Google Analytics cookies and encryption.
We do not sell your personal data, unless you agree.
We do not knowingly collect data from children.
Your rights
You may access your data; write to privacy@acme.example.
You can opt out.
"""
DATE = StatedDate(0, 10, "modified", "2025-05-01")


def document(text: str = TEXT, **changes: Any) -> Document:
    """The policy as a document; short lines without a full stop are headings."""
    blocks, at = [], 0
    for line in text.splitlines():
        kind: Any = "heading" if len(line) < 20 and not line.endswith(".") else "paragraph"
        blocks.append(Block(kind=kind, start=at, end=at + len(line), level=int(kind == "heading")))
        at += len(line) + 1
    digest = hashlib.sha256(text.encode()).hexdigest()
    fields: dict[str, Any] = {
        "uri": "https://acme.example/privacy", "text": text, "blocks": tuple(blocks),
        "title": "Acme Privacy Policy", "language": "en", "sha256": digest,
        "source_sha256": digest, "media_type": "text/plain", "dates": (DATE,),
    }  # fmt: skip
    return Document(**(fields | changes))


class Reading:
    """Makes the annotations and statements of a document by their words."""

    def __init__(self, policy: Document) -> None:
        self.document = policy
        self.segments = segments_of(policy)

    def segment(self, words: str) -> Segment:
        """The segment that holds the words."""
        at = self.document.text.index(words)
        return next(s for s in self.segments if s.start <= at < s.end)

    def span(self, words: str, near: str) -> Span:
        """Where words stand in the segment that holds the words `near`."""
        start = self.document.text.index(words, self.segment(near).start)
        return start, start + len(words)

    def said(self, near: str, *values: tuple[Any, ...], **fields: Any) -> Statement:
        """A statement of the segment that holds `near`, from (kind, term, words, extras)."""
        segment = self.segment(near)
        found: dict[str, list[Annotation]] = {}
        for kind, term, words, *extra in values:
            start, end = self.span(words, near)
            found.setdefault(FIELDS[kind], []).append(
                Annotation(
                    start=start, end=end, quote=words, kind=kind, term=term, segment=segment.id,
                    **({"source": f"lexicon/en/{kind}.sssom.tsv:7"} | (extra[0] if extra else {})),
                )
            )  # fmt: skip
        given: dict[str, Any] = {"kind": "practice", "evidence": ((segment.start, segment.end),)}
        for name in ("condition", "exception"):
            if isinstance(fields.get(name), str):
                fields[name] = self.span(fields[name], near)
        lists = {field: tuple(annotations) for field, annotations in found.items()}
        return Statement(segment=segment.id, **(given | lists | fields))


def statements(reading: Reading) -> list[Statement]:
    """What the policy says."""
    mail = {"value": "mailto:privacy@acme.example"}
    clauses = "eu-gdpr:StandardContractualClauses"
    post = {"value": "mailto:dpo@acme.example"}
    google = {"name": "Google Analytics", "source": "parties.tsv:3"}
    return [
        reading.said(
            "Acme Ltd",
            ("controller", "dpv:DataController", "Acme Ltd", {"name": "Acme Ltd"}),
            ("contact", "dpv:hasContact", "1 Main St, Dublin"),
            ("contact", "dpv:hasContact", "privacy@acme.example", mail),
            kind="notice",
        ),
        reading.said(
            "Our data protection",
            ("dpo_contact", "dpv:hasContact", "dpo@acme.example", post),
            ("law", "legal-eu:law-GDPR", "The GDPR"),
            kind="notice",
        ),
        reading.said(
            "We use your email",
            ("processing", "dpv:Use", "use"),
            ("personal_data", "pd:EmailAddress", "email address"),
            ("data_subject", "dpv:Customer", "you"),
            ("purpose", "dpv:DirectMarketing", "send you newsletters", {"match": "broad"}),
            ("legal_basis", "dpv:Consent", "if you consent"),
            condition="if you consent",
        ),
        reading.said(
            "We keep it",
            ("storage_duration", "dpv:StorageDuration", "6 months", {"value": "P6M"}),
            ("storage_duration", "dpv:UntilEventDuration", "until you close your account"),
            ("storage_location", "loc:IE", "Ireland"),
        ),
        reading.said(
            "We may transfer",
            ("processing", "dpv:CrossBorderTransfer", "transfer"),
            ("personal_data", "pd:IPAddress", "IP address"),
            ("recipient", "dpv:ThirdParty", "Google Analytics", google),
            ("transfer_destination", "loc:US", "United States"),
            ("transfer_safeguard", clauses, "standard contractual clauses"),
            ("purpose", "dpv:ServiceUsageAnalytics", "analytics"),
            kind="transfer",
            modality="possible",
        ),
        reading.said("set cookies", ("technology", "tech:Cookie", "cookies"), actor="third_party"),
        reading.said(
            "We use Google",
            ("technology", "tech:Cookie", "Google Analytics cookies", google),
            ("security_measure", "dpv:Encryption", "encryption"),
        ),
        reading.said(
            "We do not sell",
            ("purpose", "dpv:SellDataToThirdParties", "sell"),
            ("personal_data", "dpv:PersonalData", "personal data"),
            ("legal_basis", "dpv:Consent", "unless you agree"),
            polarity="denied",
            exception="unless you agree",
        ),
        reading.said(
            "We do not knowingly",
            ("processing", "dpv:Collect", "collect"),
            ("data_subject", "dpv:Child", "children"),
            polarity="denied",
        ),
        reading.said(
            "You may access",
            ("right", "eu-gdpr:A15", "access your data"),
            ("contact", "dpv:hasContact", "privacy@acme.example", mail),
            kind="notice",
        ),
        reading.said(
            "You can opt out",
            ("right", "dpv:OptingOutFromProcess", "opt out"),
            ("processing", "dpv:Use", "opt"),
            modality="permitted",
        ),
    ]  # fmt: skip
