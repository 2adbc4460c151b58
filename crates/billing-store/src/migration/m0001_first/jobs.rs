//! What background jobs keep, and what is known of applied migrations.

/// An item that failed is not due before `not_before`. A lease is the right to run something alone.
pub(super) const JOBS: &str = "
CREATE TABLE job_retries (
    job text NOT NULL,
    item {id} NOT NULL,
    attempts {int} NOT NULL,
    not_before {int} NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (job, item)
) {strict};
CREATE INDEX job_retries_not_before ON job_retries (job, not_before);
CREATE TABLE leases (
    name text NOT NULL PRIMARY KEY,
    holder {id} NOT NULL,
    expires_at {int} NOT NULL
) {hot};
CREATE TABLE migration_checksums (
    name text NOT NULL PRIMARY KEY,
    checksum {bytes} NOT NULL
) {strict};
";
