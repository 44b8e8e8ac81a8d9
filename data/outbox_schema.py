"""The office's table of receipts, in SQL. A receipt that contradicts the journal is kept as well, with that verdict."""

RECEIPTS = """
CREATE TABLE receipts (
    n INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('agrees', 'forked', 'behind', 'superseded')),
    text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'a receipt does not change'); END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'a receipt stays'); END;
"""
