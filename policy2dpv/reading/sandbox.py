"""A hostile file is read in a child process with limits of time and memory: bytes -> its answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from policy2dpv.errors import ReadError

SECONDS = 8  # of processor time
PATIENCE = 6  # times as long by the clock, where the machine is busy
MEMORY = 384 << 20  # bytes
FOLDER = Path(__file__).resolve().parent
CHILD = FOLDER / "sandbox_child.py"

Answer = TypeVar("Answer")


class Refusal(msgspec.Struct, frozen=True):
    """Why the child gave no answer: a fault (found, advice), or a library that is missing."""

    fault: tuple[str, str] = ("", "")
    missing: str = ""


def extract_apart(
    script: str, data: bytes, answer: type[Answer], *, where: object, extra: str,
    seconds: int = SECONDS, memory: int = MEMORY,
) -> Answer:  # fmt: skip
    """What a script's `extract` makes of the data in a process of its own.

    `seconds` limit its processor time and `memory` (bytes) its size. `extra` is what brings the
    library that it needs. ReadError: the file is damaged, refused, too costly, or the library is
    missing.

    >>> extract_apart("docx_extract.py", b"PK", dict, where="policy.docx", extra="docx")
    Traceback (most recent call last):
    policy2dpv.errors.ReadError: policy.docx: it is damaged (BadZipFile: File is not a zip file)...
    """
    words = [sys.executable, "-P", str(CHILD), str(FOLDER / script), str(seconds), str(memory)]
    try:
        done = subprocess.run(
            words, input=data, capture_output=True, timeout=PATIENCE * seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_costly(where, seconds) from error
    except OSError as error:
        raise ReadError(where, f"no process can be started to read it ({error.strerror})",
                        "free memory and processes") from error  # fmt: skip
    try:
        refusal = msgspec.json.decode(done.stdout, type=Refusal)
    except msgspec.DecodeError as error:
        raise _fallen(where, done.returncode, seconds) from error
    if refusal.missing:
        advice = f'install what reads it: pip install "policy2dpv[{extra}]"'
        raise ReadError(where, f"the library {refusal.missing} is not installed", advice)
    if refusal.fault[0]:
        raise ReadError(where, *refusal.fault)
    return msgspec.json.decode(done.stdout, type=answer)


def _too_costly(where: object, seconds: int) -> ReadError:
    return ReadError(where, f"reading it takes more than {seconds} seconds",
                     "save it again from the program that made it, or as text")  # fmt: skip


def _fallen(where: object, code: int, seconds: int) -> ReadError:
    """The error for a child that ended without an answer; signals tell of its limits."""
    import signal

    if -code in (getattr(signal, "SIGXCPU", 0), getattr(signal, "SIGKILL", 0)):
        return _too_costly(where, seconds)
    found = "its reader stopped on it: the file is damaged or needs too much memory"
    return ReadError(where, found, "save it again from the program that made it, or as text")
