"""What the authority's register gained with the status of certificates: tables in SQL, as in `schema`."""

# What was entered once stays; the status of a certificate is its last row, and none means active.
STATUS = """
ALTER TABLE issued ADD COLUMN permit TEXT NOT NULL DEFAULT '';
CREATE INDEX issued_permit ON issued (permit, not_before) WHERE permit <> '';
CREATE TRIGGER issued_permit_fixed BEFORE UPDATE OF permit ON issued
BEGIN SELECT RAISE(ABORT, 'what was reserved does not change'); END;
CREATE TABLE status_changes (
    n INTEGER PRIMARY KEY,
    serial TEXT NOT NULL REFERENCES issued (serial),
    standing TEXT NOT NULL CHECK (standing IN ('active', 'suspended', 'revoked')),
    since TEXT CHECK ((since IS NULL) = (standing = 'active')),
    reason INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX status_changes_serial ON status_changes (serial, n);
CREATE TRIGGER status_final BEFORE INSERT ON status_changes
WHEN (SELECT standing FROM status_changes WHERE serial = new.serial ORDER BY n DESC LIMIT 1) = 'revoked'
BEGIN SELECT RAISE(ABORT, 'a revoked certificate stays revoked'); END;
CREATE TRIGGER status_no_update BEFORE UPDATE ON status_changes
BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TRIGGER status_no_delete BEFORE DELETE ON status_changes
BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TABLE revocation_lists (
    number INTEGER PRIMARY KEY,
    this_update TEXT NOT NULL,
    next_update TEXT NOT NULL,
    last_change INTEGER NOT NULL
) STRICT;
CREATE TRIGGER lists_only_next BEFORE INSERT ON revocation_lists
WHEN new.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM revocation_lists)
BEGIN SELECT RAISE(ABORT, 'lists are numbered one after the other'); END;
CREATE TRIGGER lists_no_update BEFORE UPDATE ON revocation_lists
BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
CREATE TRIGGER lists_no_delete BEFORE DELETE ON revocation_lists
BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
"""
