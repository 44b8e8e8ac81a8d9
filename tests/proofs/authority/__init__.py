"""The proof that at no cut of the wire or the power a certificate is issued twice, lost, or left alive unknown."""
