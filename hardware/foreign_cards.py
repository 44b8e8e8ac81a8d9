"""What a card is that has no data applet, so that the clerk can be told; asked by SELECT only.

Sources of the identifiers: the published readers bas-celik (health, vehicle), OpenSC (health, CardEdge) and
LibreMiddleware (the newest identity cards). The ATR is no help: all these kinds share some.
"""

from __future__ import annotations

from collections.abc import Callable

KINDS = {
    bytes.fromhex("F38100000253455256535A4B01"): "health_card",
    bytes.fromhex("F381000002534552564C040201"): "vehicle_licence",
    bytes.fromhex("A0000000183414010065564C2D303031"): "vehicle_licence",
    bytes.fromhex("F3810000025345524F44494401"): "newer_generation",
    bytes.fromhex("A000000063504B43532D3135"): "no_identity_data",
}
"""Application identifier to `WrongCard.reason`. Health cards have keys too, so keys alone are asked for last."""


def kind_of(has_applet: Callable[[bytes], bool]) -> str:
    """The reason to refuse the card; `has_applet` selects an application and says whether it is there."""
    return next((reason for aid, reason in KINDS.items() if has_applet(aid)), "no_data_applet")
