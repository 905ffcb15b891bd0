"""What the child process runs: bytes on standard input -> JSON on standard output, within limits.

It is run as a script and imports nothing of the package, so that it starts quickly.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn",
             "os.fork", "urllib.")  # fmt: skip
SHORT_OF_MEMORY = "it needs more memory than reading is given"


def main(script: str, seconds: int, memory: int) -> None:
    """Write what the script's `extract` makes of standard input, or the fault that stopped it.

    `seconds` of processor time and `memory` in bytes are what the process may use; where the
    system has no such limits (Windows) only the caller's clock ends it.
    """
    limit_resources(seconds, memory)
    answers = os.dup(sys.stdout.fileno())
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    data = sys.stdin.buffer.read()
    with os.fdopen(answers, "wb") as out:
        out.write(json.dumps(answer(script, data), ensure_ascii=True).encode("ascii"))


def answer(script: str, data: bytes) -> dict[str, Any]:
    """The dictionary that the script's `extract` gives, else {"fault": [found, advice]}.

    A missing library is {"missing": its name}.
    """
    try:
        extract = runpy.run_path(script)["extract"]
        sys.addaudithook(refuse_reaching_out)
        found: dict[str, Any] = extract(data)
        return found
    except ModuleNotFoundError as error:
        return {"missing": error.name or ""}
    except MemoryError:
        return {"fault": [SHORT_OF_MEMORY, "save it again from the program that made it"]}
    except RecursionError:
        return {"fault": ["it is nested too deeply", "save it again as text or HTML"]}
    except Exception as error:  # whatever a library says of a broken file is the file's fault
        reason = " ".join(str(error).split())[:200]
        return {"fault": [f"it is damaged ({type(error).__name__}: {reason})",
                          "open it and save it again"]}  # fmt: skip


def refuse_reaching_out(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: no file needs the network or another program to be read.

    >>> refuse_reaching_out("socket.connect", ())
    Traceback (most recent call last):
    PermissionError: reading a file may not do this: socket.connect
    """
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"reading a file may not do this: {event}")


def limit_resources(seconds: int, memory: int) -> None:
    """Limit this process's time and memory."""
    try:
        import resource
    except ImportError:
        return
    for name, value in (("RLIMIT_CPU", seconds), ("RLIMIT_AS", memory), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        try:
            resource.setrlimit(kind, (value, most))
        except (ValueError, OSError):
            continue


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
