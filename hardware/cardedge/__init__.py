"""The PKI applet «CardEdge» of the citizen's card: its files, and a key store over them."""

from hardware.cardedge.store import CardEdgeKeyStore

__all__ = ["CardEdgeKeyStore"]
