"""A reader with keys for a PIN: the keys and the card in them are one process; the driver is the tests' own."""
