//! Audits and checkpoints.

use super::{FEW, ROWS, Table, WHALE};

pub(super) fn fill(table: &mut Table<'_>) {
    table(
        "audit_progress",
        FEW,
        &[
            ("account_id", "id:i"),
            ("seq", &format!("CASE WHEN i = {WHALE} THEN {ROWS} / 2 - 5 ELSE 1 END")),
            ("posted", "0"),
            ("owed_before", "0"),
            ("head", "hash:0"),
            ("usages", &format!("CASE WHEN i = {WHALE} THEN {ROWS} / 2 - 5 ELSE 1 END")),
            ("usage_head", "hash:0"),
            ("last_at", &format!("CASE WHEN i = {WHALE} THEN 99990000000 ELSE i END")),
        ],
    );
    table(
        "checkpoints",
        1000,
        &[
            ("number", "i"),
            ("previous", "hash:0"),
            ("root", "hash:0"),
            ("covers", "salt:0"),
            ("index_hash", "hash:0"),
            ("heads", "100"),
            ("created_at", "i"),
            ("signature", "hash:0"),
            ("public_key", "hash:0"),
        ],
    );
    table(
        "checkpoint_heads",
        FEW,
        &[
            ("checkpoint", "1 + (i - 1) / 100"),
            ("position", "(i - 1) % 100"),
            ("account_id", "id:i"),
            ("seq", "1"),
            ("head", "hash:0"),
            ("usages", "0"),
            ("usage_head", "hash:0"),
        ],
    );
    table(
        "audit_walk",
        1,
        &[("id", "1"), ("begun_at", "i"), ("next_at", "i"), ("accounts", "1"), ("checked", "0")],
    );
}
