//! The state of background jobs, and the checksums of migrations.

/// A failed item is not due before `not_before`. A lease is the exclusive right to run something.
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
