"""Endurance: `soak.py batch` and `soak.py serve`, each for so many minutes under random kills.

`batch` converts a corpus again and again, ended by kill -9 at random moments and gone on with by
the same command; each round must give each input once and the bytes of the first. `serve` keeps a
server busy with clients of all kinds while its workers are killed; each answer must be the right
one, and the server must not grow. Both end with 1 where something is wrong. Linux only.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from soak_batch import soak_batch
from soak_serve import soak_server


def main() -> int:
    """Run what is asked for; return 1 where a fault was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    modes = parser.add_subparsers(dest="mode", required=True)
    batch = _mode(modes.add_parser, "batch", "many policies in one run")
    batch.add_argument("corpus", type=Path, help="made by batch_corpus.py, expectations beside it")
    batch.add_argument("--output", type=Path, required=True, help="a folder for the results")
    batch.add_argument("--between", type=float, nargs=2, default=(1.0, 30.0),
                       help="seconds from one kill to the next, at least and at most")  # fmt: skip
    serve = _mode(modes.add_parser, "serve", "a server under load")
    serve.add_argument("policies", type=Path, nargs="*", help="policies; else the examples")
    serve.add_argument("--count", type=int, default=60, help="policies in the store")
    serve.add_argument("--clients", type=int, default=8, help="requests at the same time")
    serve.add_argument("--seconds", type=float, default=2.0, help="what a query may take")
    serve.add_argument("--between", type=float, nargs=2, default=(1.0, 20.0),
                       help="seconds from one kill of a worker to the next")  # fmt: skip
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends, too
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")))
    )
    print(f"{wanted.mode}: {wanted.minutes:g} minutes, seed {wanted.seed}", flush=True)
    faults = soak_batch(wanted) if wanted.mode == "batch" else soak_server(wanted)
    for fault in faults:
        print(f"FAULT: {fault}")
    print("no fault" if not faults else f"{len(faults)} faults")
    return int(bool(faults))


def _mode(add: Callable[..., argparse.ArgumentParser], name: str, text: str) -> (
    argparse.ArgumentParser
):  # fmt: skip
    mode = add(name, help=text)
    mode.add_argument("--minutes", type=float, default=20.0)
    mode.add_argument("--seed", type=int, default=7, help="of the moments, and of the requests")
    return mode


if __name__ == "__main__":
    sys.exit(main())
