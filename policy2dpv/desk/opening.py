"""Policies opened for review: each with the file beside it, in a site of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from policy2dpv.desk.desk import Desk
from policy2dpv.desk.routes import Reviews
from policy2dpv.destinations import STANDARD_INPUT, describe_input, is_address, list_policies
from policy2dpv.errors import ReadError
from policy2dpv.graphs.graph_source import is_graph_file
from policy2dpv.reviewing.review_files import review_beside
from policy2dpv.serving.serve_site import Site, convert_policies, fill_store, is_store

Say = Callable[[str], None]


def open_reviews(
    inputs: Sequence[str], temporary: Path, *, base: str | None, who: str, say: Say
) -> tuple[Site, Reviews]:
    """Return a site of policies and their reviews; the store goes to the folder `temporary`.

    ReadError: what is no file of a policy, two policies whose reviews would be one file, a file
    there that is no review. Else what reading the policies raises.

    >>> open_reviews(["-"], Path(), base=None, who="", say=print)
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: standard input: a review lies beside a policy's file; name ...
    """
    from policy2dpv.reading.media_types import ENDINGS

    for name in inputs:
        graph = is_graph_file(name) or is_store(name)
        if name == STANDARD_INPUT or is_address(name) or graph:
            found = "a review lies beside a policy's file"
            raise ReadError(describe_input(name), found, "name files of policies, saved before")
    names = list_policies(inputs, ENDINGS)
    places = [review_beside(name).absolute() for name in names]
    for at, place in enumerate(places):
        if place in places[:at]:
            other = names[places.index(place)]
            found = f"its review would be that of {other}, {place.name}"
            raise ReadError(names[at], found, "rename one of them")
    made = convert_policies(names, base, say)
    folder = temporary / "store"
    fill_store(folder, (), made, temporary)
    site = Site(folder, made)
    of_text = {text: entry for entry in site.catalogue.entries.values() for text in entry.texts}
    desks: dict[str, Desk] = {}
    for one, place in zip(made, places, strict=True):
        entry = of_text[one.document.sha256]
        if entry.id in desks:
            other = desks[entry.id].path.name
            raise ReadError(place.name, f"the policy's text is that of {other}", "leave one out")
        desks[entry.id] = Desk(one, place)
    for id, desk in desks.items():
        say(f"{desk.path}: {desk.outcome.summary()}; decide at /review/{id}")
    return site, Reviews(desks, site.catalogue.entries, who)
