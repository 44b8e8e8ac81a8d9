"""The procedures, step by step: two as published, and the unblock that may come before them."""

from kiosk.procedures.issuance import ISSUANCE
from kiosk.procedures.renewal import RENEWAL
from kiosk.procedures.step import Procedure
from kiosk.procedures.unblock import UNBLOCK

PROCEDURES: dict[str, Procedure] = {p.key: p for p in (ISSUANCE, RENEWAL, UNBLOCK)}

__all__ = ["ISSUANCE", "PROCEDURES", "RENEWAL", "UNBLOCK", "Procedure"]
