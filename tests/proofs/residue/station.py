"""The station as it is installed, with a device host of the proof's: `python -m tests.proofs.residue.station run`."""

from __future__ import annotations

from hardware import host_process
from kiosk.__main__ import main

if __name__ == "__main__":
    host_process.PROGRAM = "tests.proofs.residue.hosts"
    main()
