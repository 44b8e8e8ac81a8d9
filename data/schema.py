"""The tables, in SQL. Times are UTC in ISO 8601 of one width, so that they sort as text; hashes and DER are blobs."""

# The columns after `root` are read out of the body, so that what is searched cannot differ from what was hashed.
JOURNAL = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    root BLOB NOT NULL CHECK (length(root) = 32),
    at TEXT GENERATED ALWAYS AS (CAST(body AS TEXT) ->> '$.at') VIRTUAL,
    clerk TEXT GENERATED ALWAYS AS (CAST(body AS TEXT) ->> '$.clerk') VIRTUAL,
    case_id TEXT GENERATED ALWAYS AS (CAST(body AS TEXT) ->> '$.case_id') VIRTUAL,
    kind TEXT GENERATED ALWAYS AS (CAST(body AS TEXT) ->> '$.kind') VIRTUAL
) STRICT;
CREATE INDEX journal_case ON journal (case_id, seq);
CREATE TRIGGER journal_only_next BEFORE INSERT ON journal
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TABLE journal_head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    root BLOB NOT NULL
) STRICT;
"""

# `n` gives the full-text index a row number that VACUUM does not change.
CASES = """
CREATE TABLE cases (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    procedure_key TEXT NOT NULL,
    edition TEXT NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    parent_id TEXT REFERENCES cases (id),
    contract_number TEXT,
    citizen TEXT NOT NULL,
    personal_number TEXT NOT NULL,
    document_number TEXT NOT NULL,
    full_name TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX cases_status ON cases (status, changed_at);
CREATE INDEX cases_changed ON cases (changed_at);
CREATE TABLE evidence (
    case_id TEXT NOT NULL REFERENCES cases (id),
    step INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    seq INTEGER NOT NULL UNIQUE REFERENCES journal (seq),
    PRIMARY KEY (case_id, step, attempt)
) STRICT;
CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TABLE numbers (
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (series, year)
) STRICT;
CREATE TABLE contract_numbers (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    number TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE contracts (
    number TEXT PRIMARY KEY,
    personal_number TEXT NOT NULL,
    concluded_on TEXT NOT NULL,
    case_id TEXT UNIQUE REFERENCES cases (id),
    seen_by TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX contracts_person ON contracts (personal_number, concluded_on);
CREATE TABLE papers (
    n INTEGER PRIMARY KEY,
    form TEXT NOT NULL,
    case_id TEXT REFERENCES cases (id),
    copies INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    printed_at TEXT NOT NULL,
    printed_where TEXT NOT NULL
) STRICT;
CREATE INDEX papers_case ON papers (case_id);
"""

ENROLMENT = """
CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    profile TEXT NOT NULL,
    state TEXT NOT NULL,
    act TEXT NOT NULL,
    act_finished INTEGER NOT NULL,
    token_serial TEXT NOT NULL,
    keys_before TEXT NOT NULL,
    key_id BLOB NOT NULL,
    public_key BLOB NOT NULL,
    csr BLOB NOT NULL,
    email TEXT,
    wire_body BLOB NOT NULL,
    wire_state BLOB NOT NULL,
    answer BLOB NOT NULL,
    certificate BLOB NOT NULL,
    serial TEXT NOT NULL,
    replaces TEXT NOT NULL,
    UNIQUE (case_id, profile)
) STRICT;
CREATE INDEX orders_state ON orders (state);
CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    personal_number TEXT NOT NULL,
    document_number TEXT NOT NULL,
    certificate BLOB NOT NULL,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL
) STRICT;
CREATE INDEX certificates_person ON certificates (personal_number, not_after);
CREATE INDEX certificates_case ON certificates (case_id);
"""

# What an authority behind a network needs remembered between one message and the next.
TRANSACTIONS = """
ALTER TABLE orders ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN question_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN question_body BLOB NOT NULL DEFAULT x'';
ALTER TABLE orders ADD COLUMN question_state BLOB NOT NULL DEFAULT x'';
ALTER TABLE orders ADD COLUMN confirm_body BLOB NOT NULL DEFAULT x'';
ALTER TABLE orders ADD COLUMN confirm_state BLOB NOT NULL DEFAULT x'';
ALTER TABLE orders ADD COLUMN ask_at TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN refusal_code TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN refusal_text TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;
"""

# Without its own secure-delete the index would keep names in its pages after they were deleted.
SEARCH = """
CREATE VIRTUAL TABLE search USING fts5(skey, tokenize = 'unicode61', prefix = '2 3');
INSERT INTO search(search, rank) VALUES ('secure-delete', 1);
CREATE TABLE search_version (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    fold_version INTEGER NOT NULL
) STRICT;
"""

# Checkpoints speak about the journal and are not in it. Only the countersignature arrives later.
HEADS = """
CREATE TABLE checkpoints (
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    countersigned TEXT,
    PRIMARY KEY (epoch, size)
) STRICT;
CREATE TRIGGER checkpoints_fixed BEFORE UPDATE OF epoch, size, note ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint does not change'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'a checkpoint stays'); END;
CREATE TABLE office_keys (
    spki BLOB PRIMARY KEY,
    since_seq INTEGER NOT NULL REFERENCES journal (seq)
) STRICT;
CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY,
    since_seq INTEGER NOT NULL REFERENCES journal (seq),
    is_compared INTEGER NOT NULL
) STRICT;
"""

# Keys are no projection of the journal: destroying one is how a person is erased. A restricted case is kept, not used.
PERSONS = """
CREATE TABLE subject_keys (
    subject TEXT PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
CREATE TABLE persons (
    subject TEXT PRIMARY KEY,
    personal_number TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE restrictions (
    case_id TEXT PRIMARY KEY REFERENCES cases (id),
    reason TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT;
CREATE TABLE erasing (subject TEXT PRIMARY KEY) STRICT;
DROP TRIGGER evidence_no_delete;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence WHEN NOT EXISTS (SELECT 1 FROM erasing)
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
"""

# What the reports ask for: rows of a kind in a span of time, certificates that end in one.
REPORTS = """
CREATE INDEX journal_kind ON journal (kind, at);
CREATE INDEX certificates_end ON certificates (not_after);
"""

# One certificate for one key and profile. The only change a row knows is that its certificate arrives.
REGISTER = """
CREATE TABLE issued (
    n INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    spki_sha256 BLOB NOT NULL CHECK (length(spki_sha256) = 32),
    profile TEXT NOT NULL,
    order_bytes BLOB NOT NULL,
    serial TEXT NOT NULL UNIQUE,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL,
    certificate BLOB,
    UNIQUE (spki_sha256, profile)
) STRICT;
CREATE TRIGGER issued_certificate_once BEFORE UPDATE ON issued
WHEN old.certificate IS NOT NULL OR new.certificate IS NULL
BEGIN SELECT RAISE(ABORT, 'a certificate is kept once'); END;
CREATE TRIGGER issued_fixed
BEFORE UPDATE OF n, order_id, spki_sha256, profile, order_bytes, serial, not_before, not_after ON issued
BEGIN SELECT RAISE(ABORT, 'what was reserved does not change'); END;
CREATE TRIGGER issued_no_delete BEFORE DELETE ON issued
BEGIN SELECT RAISE(ABORT, 'the register is append-only'); END;
"""
