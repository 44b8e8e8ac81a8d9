"""The tables of orders that wait for a folder or a stick, and of the batches they went in; in SQL, as in `schema`."""

# A message never changes. Its answer is replaced only by one that brings more: a certificate after a refusal.
BATCHES = """
CREATE TABLE outgoing_batches (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    file BLOB NOT NULL,
    reply_key BLOB NOT NULL CHECK (length(reply_key) = 32),
    sha256 TEXT NOT NULL,
    settled_at TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE outgoing_messages (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    number INTEGER NOT NULL,
    message BLOB NOT NULL,
    clerk TEXT NOT NULL,
    at TEXT NOT NULL,
    batch INTEGER REFERENCES outgoing_batches (number),
    answer BLOB NOT NULL DEFAULT x'',
    brings INTEGER NOT NULL DEFAULT 0,
    answered_at TEXT NOT NULL DEFAULT '',
    sent_body BLOB NOT NULL DEFAULT x'',
    sent_state BLOB NOT NULL DEFAULT x'',
    sent_kind TEXT NOT NULL DEFAULT '',
    sent_name TEXT NOT NULL DEFAULT '',
    told BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX outgoing_sent ON outgoing_messages (sent_name) WHERE sent_name <> '';
CREATE INDEX outgoing_about ON outgoing_messages (kind, about, number);
CREATE INDEX outgoing_waiting ON outgoing_messages (batch) WHERE batch IS NULL;
CREATE TRIGGER outgoing_fixed BEFORE UPDATE OF id, kind, about, number, message, clerk, at ON outgoing_messages
BEGIN SELECT RAISE(ABORT, 'a message does not change'); END;
CREATE TRIGGER outgoing_answer_stays BEFORE UPDATE OF answer ON outgoing_messages
WHEN old.answer <> x'' AND NOT (new.brings > old.brings)
BEGIN SELECT RAISE(ABORT, 'an answer stays'); END;
"""
