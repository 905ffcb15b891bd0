"""What a source yields: one input, not yet read, and how its bytes are come by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from policy2dpv.reading.media_types import ENDINGS, ZIP

# In folders and archives these are policies; an archive in an archive is not opened.
POLICIES = {ending: kind for ending, kind in ENDINGS.items() if kind != ZIP}


@dataclass(frozen=True, kw_only=True)
class Found:
    """One input. Exactly one of `path`, `address`, `take` and `fault` is given.

    `stamp` changes when the input does (a file's size and time, an archive's). `take` gives the
    bytes and must be called before the source is asked for the next input; it raises ReadError.
    `fault` says why there are none.
    """

    name: str
    stamp: str
    uri: str = ""
    date: str = ""
    media_type: str = ""
    charset: str = ""
    path: str = ""
    address: str = ""
    take: Callable[[], bytes] | None = None
    fault: str = ""


class Source:
    """Inputs one after the other, under the `name` that the user gave.

    `share` tells how much of them has been listed, from 0 to 1.

    Iterating yields None for what is there but is no policy: a folder, a picture, a redirect.
    """

    name: str
    share = 0.0

    def __iter__(self) -> Iterator[Found | None]:
        raise NotImplementedError


def is_policy(name: str) -> bool:
    """Whether a file's ending is that of a policy.

    >>> is_policy("a/privacy.HTML"), is_policy("a/logo.png")
    (True, False)
    """
    return PurePosixPath(name).suffix.lower() in POLICIES


def told_type(name: str) -> str:
    """The media type that a file's ending tells, else "".

    >>> told_type("privacy.htm"), told_type("privacy")
    ('text/html', '')
    """
    return ENDINGS.get(PurePosixPath(name).suffix.lower(), "")
