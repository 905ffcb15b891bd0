"""A command's text to a file, written in one step, or to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from policy2dpv.data import replace_file
from policy2dpv.destinations import STANDARD_OUTPUT, make_folder
from policy2dpv.errors import WriteError


def write_output(place: str, text: str) -> None:
    """Write text as UTF-8 to a file, or to standard output for ``-``.

    WriteError: the file cannot be written.

    >>> write_output("/dev/null/x", "")
    Traceback (most recent call last):
    policy2dpv.errors.WriteError: ...
    """
    if place == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    make_folder(Path(place))
    try:
        replace_file(Path(place), text)
    except OSError as error:
        advice = "name another place with -o"
        raise WriteError(place, f"cannot be written ({error.strerror})", advice) from error
