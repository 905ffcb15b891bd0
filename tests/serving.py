"""A real server for tests: the command itself, on a free port of this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import ROOT

ADDRESS = re.compile(r"at (http://127\.0\.0\.1:\d+)/")


@contextmanager
def serving(*words: str | Path, **variables: str) -> Iterator[str]:
    """Run `policy2dpv serve` with further words; gives its address and ends it afterwards.

    Whatever it was sent, it must not have told its keeper a traceback.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "policy2dpv", "serve", "--port", "0", *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
    )
    assert process.stderr is not None
    said: list[str] = []
    later: list[str] = []
    listener = threading.Thread(target=later.extend, args=(process.stderr,), daemon=True)
    try:
        for line in process.stderr:
            said.append(line)
            if found := ADDRESS.search(line):
                # What is said later must not fill the pipe.
                listener.start()
                yield found[1]
                return
        process.wait(timeout=30)
        raise AssertionError("the server did not start: " + "".join(said))
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        if listener.ident is not None:
            listener.join(timeout=30)
        assert not any("Traceback" in line for line in later), "".join(later)
