"""The procedures, step by step: two as published, and around them the unblock and the change of status."""

from kiosk.procedures.issuance import ISSUANCE
from kiosk.procedures.renewal import RENEWAL
from kiosk.procedures.status_change import STATUS_CHANGE
from kiosk.procedures.step import Procedure
from kiosk.procedures.unblock import UNBLOCK

PROCEDURES: dict[str, Procedure] = {p.key: p for p in (ISSUANCE, RENEWAL, UNBLOCK, STATUS_CHANGE)}

__all__ = ["ISSUANCE", "PROCEDURES", "RENEWAL", "STATUS_CHANGE", "UNBLOCK", "Procedure"]
