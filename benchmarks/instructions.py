"""The instructions that this process runs, as the processor counts them.

Counts repeat to a fraction of a percent on a machine that others keep busy; times do not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

CALLS = {"x86_64": 298, "aarch64": 241}  # perf_event_open in Linux
SIZE, CONFIG, FLAGS = 4, 8, 40  # where they stand in the request
LENGTH = 128
INSTRUCTIONS = 1
WITH_THREADS, NO_KERNEL, NO_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6


class Counter:
    """A running count of what this process and its later threads run outside the kernel."""

    def __init__(self, file: int) -> None:
        self._file = file

    def read(self) -> int:
        """The instructions since it was opened."""
        (count,) = struct.unpack("Q", os.read(self._file, 8))
        return int(count)


def open_counter() -> Counter | None:
    """A counter; None where the system has none or does not let us use it."""
    call = CALLS.get(platform.machine())
    if sys.platform != "linux" or call is None:
        return None
    request = bytearray(LENGTH)
    struct.pack_into("I", request, SIZE, LENGTH)
    struct.pack_into("Q", request, CONFIG, INSTRUCTIONS)
    struct.pack_into("Q", request, FLAGS, WITH_THREADS | NO_KERNEL | NO_HYPERVISOR)
    library = ctypes.CDLL(None, use_errno=True)
    place = (ctypes.c_char * LENGTH).from_buffer(request)
    file = library.syscall(call, place, 0, -1, -1, 0)
    return Counter(file) if file >= 0 else None
