"""Which certificates of an authority are revoked, known without a network: its CRL, read once, looked up often."""
