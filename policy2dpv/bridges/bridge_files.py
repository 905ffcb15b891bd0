"""Graph files -> TILT documents and registers in files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from policy2dpv.bridges.register_graph import build_register, read_notice
from policy2dpv.data import replace_file_bytes
from policy2dpv.errors import WriteError

SUFFIXES = {"": "csv", ".csv": "csv", ".xlsx": "excel"}


def export_tilt(graph: Path, output: str, *, time: str | None = None) -> None:
    """Write a graph file as a TILT document. Raises GraphError, or WriteError without a date.

    >>> export_tilt(Path("no-such.ttl"), "-")
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: no-such.ttl: No such file or directory; give a graph file
    """
    from policy2dpv.bridges.tilt import format_tilt
    from policy2dpv.graphs.evidence import run_time
    from policy2dpv.graphs.graph_files import read_bytes

    facts = read_notice(graph)
    when = run_time(time, os.environ)
    write_bytes(output, format_tilt(facts, read_bytes(graph), time=when).encode("utf-8"))


def export_register(graph: Path, output: str) -> None:
    """Write a graph file's register as CSV, or Excel where the output ends in .xlsx.

    Raises GraphError, and WriteError for an output of another kind.

    >>> export_register(Path("policy.ttl"), "register.pdf")
    Traceback (most recent call last):
    policy2dpv.errors.WriteError: register.pdf: ".pdf" is no register; name a .csv or .xlsx
    """
    from policy2dpv.bridges.register_excel import format_excel
    from policy2dpv.bridges.register_files import format_csv

    suffix = "" if output == "-" else Path(output).suffix.lower()
    if suffix not in SUFFIXES:
        raise WriteError(output, f'"{suffix}" is no register', "name a .csv or .xlsx")
    register = build_register(read_notice(graph))
    excel = SUFFIXES[suffix] == "excel"
    write_bytes(output, format_excel(register) if excel else format_csv(register).encode("utf-8"))


def write_bytes(output: str, data: bytes) -> None:
    """Write bytes to a file in one step, or to standard output for ``-``. Raises WriteError.

    >>> write_bytes("no/such/folder/file", b"")
    Traceback (most recent call last):
    policy2dpv.errors.WriteError: no/such/folder/file: cannot be written...
    """
    if output == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        replace_file_bytes(Path(output), data)
    except OSError as error:
        found = f"cannot be written ({error.strerror})"
        raise WriteError(output, found, "name another place with -o") from error
