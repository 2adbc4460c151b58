//! Checkpoints of the ledger, and the positions of audits.

pub(super) const AUDITS: &str = "
CREATE TABLE checkpoints (
    number {int} PRIMARY KEY,
    previous {bytes} NOT NULL,
    root {bytes} NOT NULL,
    covers {bytes} NOT NULL,
    index_hash {bytes} NOT NULL,
    heads {int} NOT NULL,
    created_at {int} NOT NULL,
    signature {bytes} NOT NULL,
    public_key {bytes} NOT NULL
) {strict};
CREATE TABLE checkpoint_heads (
    checkpoint {int} NOT NULL,
    position {int} NOT NULL,
    account_id {id} NOT NULL,
    seq {int} NOT NULL,
    head {bytes} NOT NULL,
    usages {int} NOT NULL,
    usage_head {bytes} NOT NULL,
    PRIMARY KEY (checkpoint, position)
) {strict};
CREATE INDEX checkpoint_heads_account ON checkpoint_heads (account_id, seq, checkpoint);
CREATE TABLE audit_progress (
    account_id {id} PRIMARY KEY,
    seq {int} NOT NULL,
    posted {int} NOT NULL,
    owed_before {int} NOT NULL,
    head {bytes} NOT NULL,
    usages {int} NOT NULL,
    usage_head {bytes} NOT NULL,
    last_at {int} NOT NULL
) {hot};
CREATE TABLE audit_walk (
    id {int} PRIMARY KEY CHECK (id = 1),
    begun_at {int} NOT NULL,
    next_at {int} NOT NULL,
    accounts {int} NOT NULL,
    checked {int} NOT NULL,
    checkpoint {int},
    checkpoint_hash {bytes},
    account_id {id}
) {hot};
";
