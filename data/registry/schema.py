"""The central tables, in SQL that PostgreSQL, Citus, YugabyteDB and CockroachDB all understand.

No triggers, no temporary tables, no COPY, no sequences: rows are only added, and every key begins with what can be
distributed. `word` is bytes, because bytes compare alike everywhere and text does not.
"""

from __future__ import annotations

TABLES = (
    """
CREATE TABLE IF NOT EXISTS office (
    office text PRIMARY KEY,
    name text NOT NULL,
    added_at timestamptz NOT NULL
)""",
    """
CREATE TABLE IF NOT EXISTS office_key (
    office text NOT NULL REFERENCES office (office),
    key text NOT NULL,
    spki bytea NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (office, key)
)""",
    """
CREATE TABLE IF NOT EXISTS office_key_end (
    office text NOT NULL,
    key text NOT NULL,
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (office, key)
)""",
    """
CREATE TABLE IF NOT EXISTS epoch_start (
    office text NOT NULL,
    epoch bigint NOT NULL,
    parent bigint NOT NULL,
    first bigint NOT NULL,
    PRIMARY KEY (office, epoch)
)""",
    """
CREATE TABLE IF NOT EXISTS journal_row (
    office text NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (office, epoch, seq)
)""",
    """
CREATE TABLE IF NOT EXISTS head (
    office text NOT NULL,
    epoch bigint NOT NULL,
    size bigint NOT NULL,
    peaks bytea NOT NULL,
    header bytea NOT NULL,
    signature bytea NOT NULL,
    receipt text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (office, epoch, size)
)""",
    """
CREATE TABLE IF NOT EXISTS alarm (
    office text NOT NULL,
    kind text NOT NULL,
    digest text NOT NULL,
    detail text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (office, kind, digest)
)""",
    """
CREATE TABLE IF NOT EXISTS subject_key (
    office text NOT NULL,
    subject text NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (office, subject)
)""",
    """
CREATE TABLE IF NOT EXISTS erasure (
    office text NOT NULL,
    subject text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (office, subject)
)""",
    """
CREATE TABLE IF NOT EXISTS found_case (
    office text NOT NULL,
    epoch bigint NOT NULL,
    case_id text NOT NULL,
    seq bigint NOT NULL,
    subject text NOT NULL,
    procedure_key text NOT NULL,
    full_name text NOT NULL,
    personal_number text NOT NULL,
    document_number text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (office, epoch, case_id, seq)
)""",
    """
CREATE TABLE IF NOT EXISTS case_word (
    word bytea NOT NULL,
    office text NOT NULL,
    epoch bigint NOT NULL,
    case_id text NOT NULL,
    PRIMARY KEY (word, office, epoch, case_id)
)""",
)

INGEST, SEARCH = "registry_ingest", "registry_search"
"""Roles without log-in; the accounts of the machines that ingest and of those that search are made members of one."""

ADDED_BY_INGEST = (
    "epoch_start",
    "journal_row",
    "head",
    "alarm",
    "subject_key",
    "erasure",
    "found_case",
    "case_word",
)
READ_BY_INGEST = ("office", "office_key", "office_key_end", *ADDED_BY_INGEST)
READ_BY_SEARCH = ("office", "found_case", "case_word")

GRANTS = (
    f"GRANT SELECT ON {', '.join(READ_BY_INGEST)} TO {INGEST}",
    f"GRANT INSERT ON {', '.join(ADDED_BY_INGEST)} TO {INGEST}",
    f"GRANT SELECT ON {', '.join(READ_BY_SEARCH)} TO {SEARCH}",
)
