"""Which key store a desk opens beside a card, and what it may do there."""

from __future__ import annotations

from hardware.errors import Unsupported
from hardware.id_card import OBSERVED_ONLY
from hardware.interface import Authenticity, Feature, Identity, Transmit
from hardware.key_store import KeyStore
from hardware.settings import TRAINING, DeviceSettings

CARDEDGE, PKCS11 = "cardedge", "pkcs11"
NOTHING: frozenset[Feature] = frozenset()


class ConfiguredKeyStores:
    """Opens the key store named in the settings; `transmit` is the road to the card that was read."""

    def __init__(self, settings: DeviceSettings, transmit: Transmit) -> None:
        self._settings = settings
        self._transmit = transmit

    def open(self, identity: Identity) -> KeyStore:
        """Open it. Raises `Unsupported` for an unknown name, `ModuleFault` or `NoCard` where the module does."""
        if self._settings.key_store == CARDEDGE:
            from hardware.cardedge import CardEdgeKeyStore

            return CardEdgeKeyStore(self._transmit)
        if self._settings.key_store == PKCS11 and self._settings.pkcs11_module is not None:
            from hardware.pkcs11 import Pkcs11KeyStore

            label = self._settings.token_label if self.is_training(identity) else ""
            return Pkcs11KeyStore(
                self._settings.pkcs11_module, label=label, serial=f"ID{identity.document.document_number}"
            )
        raise Unsupported(f"key store {self._settings.key_store}")

    def is_training(self, identity: Identity) -> bool:
        """True in the training reader, and where the only trusted signer, our TEST authority, signed the data.

        A desk with ministry certificates does not trust the TEST list: no card behind its reader is for training.
        """
        return self._settings.reader == TRAINING or (
            self._settings.trusted_signers is None and identity.authenticity is Authenticity.AUTHENTIC
        )

    def accepts_label(self, identity: Identity, label: str) -> bool:
        """Only the token the settings name, and only beside a training card: a label proves nothing of a document."""
        return bool(label) and label == self._settings.token_label and self.is_training(identity)

    def forbidden(self, identity: Identity) -> frozenset[Feature]:
        """What was only observed, on a real card, unless the settings say `provisioning = "cardedge"`."""
        observed = self._settings.key_store == CARDEDGE and self._settings.provisioning != CARDEDGE
        return OBSERVED_ONLY if observed and not self.is_training(identity) else NOTHING

    def shares_reader(self) -> bool:
        """A PKCS#11 module opens the card by itself."""
        return self._settings.key_store == PKCS11
