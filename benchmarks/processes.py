"""What Linux tells of processes in /proc: children, memory, open files."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run, [] where it has gone."""
    try:
        tasks = list((PROC / str(pid) / "task").iterdir())
        return sorted({int(child) for task in tasks
                       for child in (task / "children").read_text().split()})  # fmt: skip
    except OSError:
        return []


def megabytes(pid: int) -> float:
    """The memory that a process holds now, in MB; 0 where it has gone."""
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files(pid: int) -> int:
    """How many files, pipes and connections a process has open."""
    try:
        return len(os.listdir(PROC / str(pid) / "fd"))
    except OSError:
        return 0


def threads(pid: int) -> int:
    """How many threads a process has."""
    try:
        return len(os.listdir(PROC / str(pid) / "task"))
    except OSError:
        return 0


def named(pid: int, words: str) -> bool:
    """Whether a process' command line holds words."""
    try:
        return words.encode() in (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def marked(variable: str, value: str) -> list[int]:
    """The processes that were started with a variable in their environment."""
    wanted = f"{variable}={value}".encode()
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # it has ended, or is somebody else's
                continue
    return found
