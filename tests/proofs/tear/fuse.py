"""A kill before or after the n-th call into a PKCS#11 module: its own table of functions is made to count.

Whoever loads the module in this process calls through the same table, so nothing is left out, and nothing is simulated.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.proofs.tear.cuts import Cut

FUNCTIONS = 68
"""C_Initialize to C_WaitForSlotEvent (PKCS#11 2.40, CK_FUNCTION_LIST)."""
MOST_ARGUMENTS = 8
"""C_GenerateKeyPair. All arguments are words; what a function does not take is passed on and not looked at."""
VERSION_SIZE = 8
"""CK_VERSION and the padding behind it."""

CFunction = ctypes.CFUNCTYPE(ctypes.c_ulong, *[ctypes.c_size_t] * MOST_ARGUMENTS)


class Fuse:
    """Counts calls; at the cut it kills this process, with no clean-up and no goodbye."""

    def __init__(self, cut: Cut | None) -> None:
        self._cut = cut
        self.calls = 0
        self._kept: list[Any] = []

    def install(self, module: Path) -> None:
        """Put the fuse into every function of the module. It must not be initialised yet."""
        library = ctypes.CDLL(str(module))
        table = ctypes.c_void_p()
        library.C_GetFunctionList(ctypes.byref(table))
        assert table.value is not None
        entries = (ctypes.c_void_p * FUNCTIONS).from_address(table.value + VERSION_SIZE)
        for index, address in enumerate(entries):
            if address is not None:
                fused = CFunction(self._fused(CFunction(address)))
                self._kept.append(fused)
                entries[index] = ctypes.cast(fused, ctypes.c_void_p).value
        self._kept.append(library)

    def _fused(self, call: Callable[..., int]) -> Callable[..., int]:
        def fused(*arguments: int) -> int:
            self.calls += 1
            self._burn(is_after=False)
            result = call(*arguments)
            self._burn(is_after=True)
            return result

        return fused

    def _burn(self, *, is_after: bool) -> None:
        if self._cut is not None and (self._cut.number, self._cut.is_after) == (self.calls, is_after):
            os.kill(os.getpid(), signal.SIGKILL)
