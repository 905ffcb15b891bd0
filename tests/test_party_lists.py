"""Lists of firms: unknown names, the class that their category gives, and what is no firm."""

import pytest

from policy2dpv import annotate_segments, find_segments, load_lexicon, read_document


def named(text: str) -> list[tuple[str, str]]:
    document = read_document(text.encode(), language="en")
    found = annotate_segments(document, find_segments(document), load_lexicon("en"))
    return [(a.term, a.name) for a in found if a.kind == "recipient" and a.name]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "We share your name with hosting providers such as Acme, Bluebird and Northwind.",
            [("dpv:ServiceProvider", name) for name in ("Acme", "Bluebird", "Northwind")],
        ),
        (
            "Our processors: Stripe, Zendesk and Northwind.",
            [("dpv:DataProcessor", name) for name in ("Stripe", "Zendesk", "Northwind")],
        ),
        (
            "We share your device ID with advertising partners (e.g. Bluebird Ads).",
            [("dpv:ThirdParty", "Bluebird Ads")],
        ),
        ("Service providers: Northwind runs our servers for you.", []),
        ("You may log in through third parties like Facebook.", []),
        ("We share your name with service providers such as Hosting and Support.", []),
    ],
)
def test_firms_in_lists(sentence: str, expected: list[tuple[str, str]]) -> None:
    common = " We need support and hosting."  # words that the text writes small are no names
    assert named(sentence + common) == expected


def test_bare_names_below_a_sentence_about_recipients() -> None:
    text = "We use these service providers:\n\n- Google Analytics\n- Northwind Cloud\n"
    assert {name for _, name in named(text)} == {"Google Analytics", "Northwind Cloud"}


def test_bare_names_below_anything_else_say_nothing() -> None:
    text = "You can block cookies in these browsers:\n\n- Microsoft\n- Northwind Cloud\n"
    assert named(text) == []
