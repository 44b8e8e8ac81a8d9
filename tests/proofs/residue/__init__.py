"""The proof that no copy of a PIN is left: in memory, in core files, in logs, archive, papers, or on a terminal."""
