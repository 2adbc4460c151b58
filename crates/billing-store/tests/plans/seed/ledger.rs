//! The ledger.

use super::{FEW, NEVER, ROWS, Table, WHALE};

#[expect(clippy::too_many_lines, reason = "one table after the other")]
pub(super) fn fill(table: &mut Table<'_>) {
    table(
        "balances",
        ROWS,
        &[
            ("account_id", "id:i"),
            ("posted", "0"),
            ("held", "0"),
            ("open_holds", "0"),
            ("debt", "0"),
            ("late", "0"),
            ("upcoming", "0"),
            ("bucket_plan", "0"),
            ("bucket_purchased", "0"),
            ("bucket_bonus", "0"),
            ("overdraft_limit", "0"),
            ("enabled", "true"),
            // The longest overdue are frozen; a month's end is everybody's end.
            ("frozen", "i > 95000"),
            ("seq", &format!("CASE WHEN i = {WHALE} THEN {ROWS} / 2 ELSE 1 END")),
            ("last_at", &format!("CASE WHEN i = {WHALE} THEN 99999000000 ELSE i END")),
            (
                "next_change_at",
                &format!("CASE WHEN i > 95000 THEN 1 WHEN i > 60000 THEN 2 WHEN i > 50000 THEN {NEVER} END"),
            ),
            ("head", "hash:0"),
            ("usages", &format!("CASE WHEN i = {WHALE} THEN {ROWS} / 2 ELSE 1 END")),
            ("usage_head", "hash:0"),
            ("text_key", "salt:0"),
            ("audit_due", &format!("i = {WHALE} OR i > 99900")),
            ("checkpoint_due", "i > 99900"),
        ],
    );
    table(
        "grants",
        ROWS,
        &[
            ("account_id", "owner"),
            ("id", "id:i"),
            ("amount", "100"),
            ("remaining", "CASE WHEN i % 2 <> 0 OR i <= 10 THEN 100 ELSE 0 END"),
            ("pinned", "0"),
            ("forfeited", "0"),
            ("clawed", "0"),
            ("source", "'manual'"),
            ("burn_rank", "6"),
            ("priority", "0"),
            ("effective_at", "0"),
            ("stage", "'active'"),
            ("live", "i % 2 <> 0 OR i <= 10"),
            ("business_key", "'manual:' || i"),
            ("posting_key", "'request:key_' || i"),
            ("kind", "'grant'"),
            ("actor", "'operator:test'"),
            ("description", "''"),
            ("metadata", "'{}'"),
            ("created_at", "i"),
        ],
    );
    let kinds = "CASE i % 6 WHEN 0 THEN 'grant' WHEN 2 THEN 'expiry' ELSE 'rare_word' END";
    table(
        "entries",
        ROWS,
        &[
            ("account_id", "owner"),
            ("seq", "number"),
            ("id", "id:i"),
            ("kind", &format!("CASE WHEN i > 60 THEN 'usage' ELSE {kinds} END")),
            ("amount", "1"),
            ("balance_after", "number"),
            ("available_after", "0"),
            ("effective_at", "CAST(i AS bigint) * 1000000"),
            ("recorded_at", "CAST(i AS bigint) * 1000000"),
            ("occurred_at", "CASE WHEN i % 10 = 0 THEN CAST(i AS bigint) * 1000000 END"),
            ("hold_id", "id:i"),
            ("first_usage", "CASE WHEN i % 6 = 0 THEN i / 2 END"),
            ("last_usage", "CASE WHEN i % 6 = 0 THEN i / 2 END"),
            ("description", "''"),
            ("actor", "'user'"),
            ("posting_key", "'request:key_' || i"),
            ("key_hash", "id:i"),
            ("fingerprint", "hash:0"),
            ("metadata", "'{}'"),
            ("allocations", "no bytes"),
            ("hash", "hash:0"),
        ],
    );
    table(
        "posting_keys",
        ROWS,
        &[
            ("account_id", "owner"),
            ("key_hash", "id:i + 1000000"),
            ("fingerprint", "hash:0"),
            ("available", "0"),
            ("grants", "0"),
        ],
    );
    table(
        "usages",
        ROWS,
        &[
            ("account_id", "owner"),
            ("number", "number"),
            ("id", "id:i"),
            ("entry", "CASE WHEN i % 6 = 0 THEN i / 2 END"),
            ("quote", "'default@1'"),
            ("meter", "CASE WHEN i % 2 = 0 THEN 'chat' ELSE 'image' END"),
            ("dimensions", "'{\"model\":\"big\"}'"),
            ("quantities", "'{\"tokens\":\"12.5\"}'"),
            ("price", "300000"),
            ("markup", "0"),
            ("credits", "CASE WHEN i % 6 = 0 THEN 1 ELSE 0 END"),
            ("uncovered", "0"),
            ("carried", "0"),
            ("kind", "'usage'"),
            ("description", "''"),
            ("metadata", "'{}'"),
            ("actor", "'user'"),
            ("posting_key", "'request:key_' || i"),
            ("hold_id", "id:i"),
            ("returns", "CASE WHEN i % 1000 = 0 THEN i / 2 - 1 END"),
            ("occurred_at", "CAST(i AS bigint) * 1000000"),
            ("recorded_at", "CAST(i AS bigint) * 1000000"),
            ("hash", "hash:0"),
        ],
    );
    table(
        "usage_months",
        ROWS,
        &[
            ("account_id", "owner"),
            ("meter", "CASE WHEN i % 2 = 0 THEN 'chat' ELSE 'image' END"),
            ("month", "'20' || (10 + i % 90) || '-0' || (1 + i % 9)"),
            ("quantity", "'tokens'"),
            ("rate", "'model=' || i"),
            ("units", "'12.5'"),
        ],
    );
    table(
        "holds",
        ROWS,
        &[
            ("account_id", "owner"),
            ("id", "id:i"),
            ("amount", "1"),
            ("captured", "0"),
            ("overrun", "0"),
            ("state", "CASE WHEN i <= 60 THEN 'open' ELSE 'released' END"),
            ("uncovered", "0"),
            ("uncovered_left", "0"),
            ("description", "''"),
            ("metadata", "'{}'"),
            ("actor", "'user'"),
            ("posting_key", "'request:key_' || i"),
            ("placed_at", "CAST(i AS bigint) * 1000000"),
            (
                "expires_at",
                &format!("CASE WHEN i <= 60 THEN {NEVER} ELSE CAST(i AS bigint) * 1000000 + 10 END"),
            ),
            ("ended_at", "CASE WHEN i > 60 THEN CAST(i AS bigint) * 1000000 + 5 END"),
        ],
    );
    table(
        "hold_slices",
        FEW,
        &[
            ("account_id", "owner"),
            ("hold_id", "id:i"),
            ("position", "0"),
            ("grant_id", "id:i"),
            ("amount", "1"),
            ("remaining", "CASE WHEN i <= 60 THEN 1 ELSE 0 END"),
        ],
    );
    table(
        "debts",
        FEW,
        &[
            ("account_id", "owner"),
            ("id", "id:i"),
            ("seq", "number"),
            ("amount", "CASE WHEN i % 4 = 0 THEN 1 ELSE -1 END"),
            ("at", "i"),
        ],
    );
}
