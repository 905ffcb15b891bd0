"""Hypothesis strategies for documents and what is found in them."""

from __future__ import annotations

import hashlib

from hypothesis import strategies as st

from policy2dpv.annotating.segment import clause_key
from policy2dpv.model import Annotation, Block, Document, Segment, StatedDate, Statement

WORDS = (
    "we", "collect", "your", "email", "address", "share", "data", "with", "partners", "café",
    "naïve", "\N{GRINNING FACE}", "§5", '"quoted"', "back\\slash", "<tag>", "a&b", "6", "months",
    "Zürich", "don't", "e\u0301", "tab\tbed", "line\nbroken",
)  # fmt: skip

# Terms by kind that the release has, of every form that the graph knows.
TERMS: dict[str, tuple[str, ...]] = {
    "personal_data": ("pd:EmailAddress", "pd:IPAddress", "dpv:PersonalData", "dpv:AnonymisedData"),
    "purpose": ("dpv:DirectMarketing", "dpv:ServiceProvision", "dpv:FraudPreventionAndDetection"),
    "processing": ("dpv:Collect", "dpv:Share", "dpv:CrossBorderTransfer"),
    "legal_basis": ("dpv:Consent", "dpv:LegalObligation", "eu-gdpr:A6-1-f"),
    "recipient": ("dpv:ThirdParty", "dpv:DataProcessor", "dpv:Organisation", "dpv:Employee"),
    "storage_location": ("loc:TW", "loc:IE"),
    "transfer_destination": ("loc:US", "loc:EU", "dpv:ThirdCountry", "loc:US-CA"),
    "transfer_safeguard": ("eu-gdpr:StandardContractualClauses", "eu-gdpr:A46-2-c"),
    "storage_duration": ("dpv:StorageDuration", "dpv:UntilEventDuration", "dpv:StorageDeletion"),
    "right": ("eu-gdpr:A15", "dpv:WithdrawConsent", "dpv:OptingOutFromProcess"),
    "security_measure": ("dpv:Encryption", "dpv:StaffTraining", "dpv:PhysicalSecureStorage"),
    "controller": ("dpv:DataController", "dpv:Organisation"),
    "contact": ("dpv:hasContact",),
    "dpo_contact": ("dpv:hasContact",),
    "data_subject": ("dpv:Customer", "dpv:Child"),
    "data_source": ("dpv:ThirdPartyDataSource", "dpv:ThirdParty"),
    "technology": ("tech:Cookie", "tech:LocalStorage"),
    "automated_decision": ("dpv:AutomatedDecisionMaking", "dpv:FullAutomation", "dpv:Profiling"),
    "necessity": ("dpv:Optional", "dpv:Required"),
    "law": ("legal-eu:law-GDPR", "legal-us:law-CA-CCPA"),
}
FIELDS = {
    "personal_data": "data", "purpose": "purposes", "processing": "processing",
    "legal_basis": "legal_bases", "recipient": "recipients", "storage_location": "locations",
    "transfer_destination": "destinations", "transfer_safeguard": "safeguards",
    "storage_duration": "durations", "right": "rights", "security_measure": "measures",
    "controller": "controllers", "contact": "contacts", "dpo_contact": "dpo_contacts",
    "data_subject": "subjects", "data_source": "sources", "technology": "technologies",
    "automated_decision": "automation", "necessity": "necessity", "law": "laws",
}  # fmt: skip
NAMED = {"recipient", "controller", "technology", "data_source", "dpo_contact"}
VALUES = {
    "storage_duration": (None, "P6M", "P1Y", "P2W", "2030-01-31"),
    "contact": (None, "mailto:privacy@shop.example", "tel:+1555"),
    "dpo_contact": (None, "mailto:dpo@shop.example"),
}
DATES = (
    StatedDate(0, 1, "modified", "2018-05-17"), StatedDate(0, 1, "valid", "2022-11"),
    StatedDate(0, 1, "issued", "2022"), StatedDate(0, 1, "version", "3.2"),
)  # fmt: skip

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document whose blocks are headings and paragraphs, one to a line."""
    parts = draw(st.lists(st.tuples(st.booleans(), sentences), min_size=1, max_size=6))
    blocks, text = [], ""
    for heading, words in parts:
        start = len(text) + 1 if text else 0
        text = f"{text}\n{words}" if text else words
        kind = "heading" if heading else "paragraph"
        blocks.append(Block(kind=kind, start=start, end=len(text), level=int(heading)))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(
        uri=draw(st.sampled_from(["", "policy.txt", "https://shop.example/a b?c=<d>"])),
        text=text,
        blocks=tuple(blocks),
        title=draw(st.sampled_from(["", "Privacy Policy", 'A "title"\\'])),
        language=draw(st.sampled_from(["en", "de", ""])),
        sha256=digest,
        source_sha256=digest,
        media_type="text/plain",
        dates=tuple(draw(st.lists(st.sampled_from(DATES), max_size=2, unique=True))),
    )


def segments_of(document: Document) -> list[Segment]:
    """One segment for each block, under the last heading before it."""
    found: list[Segment] = []
    trail: tuple[tuple[int, int], ...] = ()
    seen: dict[str, int] = {}
    for index, block in enumerate(document.blocks):
        heading = block.kind == "heading"
        if heading:
            trail = ()
        above = "\n".join(document.text[a:b] for a, b in trail)
        key = clause_key(document.text[block.start : block.end], above)
        seen[key] = seen.get(key, 0) + 1
        found.append(
            Segment(
                id=key if seen[key] == 1 else f"{key}-{seen[key]}",
                start=block.start, end=block.end, kind="heading" if heading else "sentence",
                block=index, trail=trail,
            )
        )  # fmt: skip
        if heading:
            trail = ((block.start, block.end),)
    return found


@st.composite
def annotations(draw: st.DrawFn, document: Document, segment: Segment, kind: str) -> Annotation:
    """An annotation of a kind, on words of the segment."""
    start = draw(st.integers(segment.start, segment.end - 1))
    end = draw(st.integers(start + 1, segment.end))
    name = draw(st.sampled_from([None, "Acme Ltd", "Google Analytics"])) if kind in NAMED else None
    return Annotation(
        start=start, end=end, quote=document.text[start:end], kind=kind,
        term=draw(st.sampled_from(TERMS[kind])), segment=segment.id,
        source=draw(st.sampled_from(["lexicon/en/x.sssom.tsv:7", "parties.tsv:3"])),
        match=draw(st.sampled_from(["exact", "close", "broad"])),
        value=draw(st.sampled_from(VALUES.get(kind, (None,)))), name=name,
        confidence=draw(st.sampled_from([0.5, 0.9, 1.0])),
    )  # fmt: skip


@st.composite
def statements(draw: st.DrawFn, document: Document, segment: Segment) -> Statement:
    """A statement of a segment with values of up to five kinds."""
    kinds = draw(st.lists(st.sampled_from(sorted(TERMS)), max_size=5, unique=True))
    values = {
        FIELDS[kind]: tuple(
            draw(st.lists(annotations(document, segment, kind), min_size=1, max_size=2))
        )
        for kind in kinds
    }
    own = (segment.start, segment.end)
    party = draw(st.none() | annotations(document, segment, "recipient"))
    return Statement(
        segment=segment.id,
        kind=draw(st.sampled_from(["practice", "transfer", "notice"])),
        actor=draw(st.sampled_from(["first_party", "third_party", "user"])),
        polarity=draw(st.sampled_from(["affirmed", "denied"])),
        modality=draw(st.sampled_from(["", "possible", "permitted", "obliged"])),
        evidence=(own, *segment.trail),
        condition=draw(st.none() | st.just(own)),
        exception=draw(st.none() | st.just((segment.start, segment.start + 1))),
        party=party,
        **values,  # type: ignore[arg-type]  # the fields are named by kind
    )


@st.composite
def readings(draw: st.DrawFn) -> tuple[Document, list[Segment], list[Statement]]:
    """A document, its segments and some statements, as the graph takes them."""
    document = draw(documents())
    segments = segments_of(document)
    found = [
        draw(statements(document, segment))
        for segment in draw(st.lists(st.sampled_from(segments), max_size=4))
    ]
    return document, segments, found


# Policies in words, for the whole line.

ACTS = ("collect", "store", "use", "share", "disclose", "analyse", "transfer", "process")
DATA = (
    "your e-mail address", "your name and postal address", "your IP address",
    "your date of birth", "your browsing history", "information about your health",
)  # fmt: skip
AIMS = (
    "", " to send you our newsletter", " for advertising", " to prevent fraud",
    " in order to improve our services", " with advertisers", " for marketing purposes",
)  # fmt: skip
DENIALS = ("do not", "never", "will not", "do not and will not", "will never", "don't")
HEADINGS = ("Your rights", "How we use your information", "1. Sharing", "Security")
FACTS = (
    "You have the right to access your data.", "We keep invoices for ten years.",
    "Contact us at privacy@shop.example.", "Our servers are located in Ireland.",
    "We do not sell your personal data unless you agree.", "We use cookies for analytics.",
    'We ask for your name and age ("Sign-up Data").', "We share Sign-up Data with sponsors.",
)  # fmt: skip
UNRELATED = (
    "The office is painted green every spring.", "Tea is served at four.",
    "Thank you for reading this page.", "The meaning of words in capitals is their usual one.",
    "Our logo shows an oak.", "We change this text from time to time.",
)  # fmt: skip
INTRODUCTION = "This policy says how we treat the data of our customers."
acts = st.tuples(st.sampled_from(ACTS), st.sampled_from(DATA), st.sampled_from(AIMS))
paragraphs = st.one_of(
    acts.map(lambda act: "We {} {}{}.".format(*act)),
    st.sampled_from(FACTS),
)


@st.composite
def policies(draw: st.DrawFn) -> list[str]:
    """The paragraphs of a policy: an introduction, then sections, each under its own heading."""
    found = [INTRODUCTION]
    for heading in draw(st.lists(st.sampled_from(("", *HEADINGS)), max_size=3, unique=True)):
        found += [heading] if heading else []
        found += draw(st.lists(paragraphs, min_size=1, max_size=3))
    return found


# Anything that a file may hold: words of policies, marks of lists and tables, odd characters.
SCRAPS = (
    *ACTS, *DATA, *AIMS, *FACTS, *HEADINGS, "We", "not", "unless", "except", "to", "and", ",",
    ";", ":", ".", "- ", "* ", "1.", "(a)", "|", "\t", "\n", "\n\n", "“", "”", "(", ")", "[list]",
    "GDPR", "Art. 6(1)(a)", "30 days", "Acme Ltd", "e.g.", "...", "\u00ad", "\u202e",
    "\N{GRINNING FACE}", "# ", "> ", "<b>", "</p>", "&nbsp;", "https://a.example/?b=c&d",
    "x@y.example", "\x00", "\x0c",
)  # fmt: skip
scraps = st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=4)), max_size=40).map(
    lambda parts: " ".join(parts)
)
