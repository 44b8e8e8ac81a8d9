"""The test card in the reader at a loopback port: `python -m tests.services.pkcs15 PORT`."""

from __future__ import annotations

import sys

from hardware.training.server import serve
from tests.services.pkcs15.card import Pkcs15Card

serve(Pkcs15Card(), "127.0.0.1", int(sys.argv[1]))
