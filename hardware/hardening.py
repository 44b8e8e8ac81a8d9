"""What a process does that holds a PIN: no core dump, no debugger, no swap, no traceback on the screen."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys

PR_SET_DUMPABLE = 4
MCL_CURRENT, MCL_FUTURE = 1, 2


def harden() -> None:
    """Close the ways by which memory leaves a process. Locking it is best effort: it needs root or a memlock limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE)")
    _lock_memory(library)
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _lock_memory(library: ctypes.CDLL) -> None:
    """Lock only where no limit applies: with a small limit, later allocations would fail instead of being swapped."""
    unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    if not (unlimited or os.geteuid() == 0):
        return
    if library.mlockall(MCL_CURRENT | MCL_FUTURE) != 0:
        print(f"memory not locked: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
