//! Everything else.

use super::{FEW, NEVER, ROWS, Table, WHALE};

pub(super) fn fill(table: &mut Table<'_>) {
    table(
        "checkins",
        FEW,
        &[
            ("account_id", &format!("id:{WHALE}")),
            ("day", "day:i"),
            ("id", "id:i"),
            ("streak", "1"),
            ("credits", "1"),
            ("at", "i"),
            ("next_at", "i"),
            ("request_key", "'key_' || i"),
        ],
    );
    table(
        "api_keys",
        FEW,
        &[
            ("id", "id:i"),
            ("name", "''"),
            ("hash", "hash:i"),
            ("last4", "'abcd'"),
            ("scopes", "'billing:read'"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "webhook_inbox",
        ROWS,
        &[
            ("id", "id:i"),
            ("channel", "'stripe'"),
            ("event_id", "'evt_' || i"),
            ("kind", "'x'"),
            ("created_at", "i"),
            ("body", "hash:0"),
            ("received_at", "i"),
            ("state", "CASE WHEN i > 99900 THEN 'pending' WHEN i % 5 = 0 THEN 'failed' ELSE 'processed' END"),
            ("attempts", "1"),
            ("next_attempt_at", &format!("CASE WHEN i > 99900 THEN 1 WHEN i % 5 = 0 THEN {NEVER} END")),
        ],
    );
}
