"""The proof that no cut hurts a card: the card is pulled out, the kiosk killed, or both, at every single command."""
