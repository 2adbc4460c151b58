//! Accounts and the catalogue.

use super::{FEW, NEVER, ROWS, Table};

pub(super) fn fill(table: &mut Table<'_>) {
    table(
        "accounts",
        ROWS,
        &[
            ("id", "id:i"),
            ("external_id", "'user_' || i"),
            ("credits_enabled", "true"),
            ("overdraft_limit", "0"),
            // Most that were never given a month have a subscription; of the others few are due.
            ("active_subscription", "CASE WHEN i % 3 = 0 THEN 'stripe:sub_' || i END"),
            ("free_until", &format!("CASE WHEN i % 6 = 0 THEN NULL WHEN i > 99900 THEN i ELSE {NEVER} END")),
            ("metadata", "'{}'"),
            ("text_key", "salt:0"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "provider_customers",
        FEW,
        &[
            ("channel", "'stripe'"),
            ("account_id", "id:i"),
            ("customer", "'cus_' || i"),
            ("is_current", "true"),
            ("deleted", "false"),
        ],
    );
    table(
        "plans",
        1,
        &[
            ("id", "id:i"),
            ("slug", "'pro'"),
            ("name", "'Pro'"),
            ("description", "''"),
            ("price_monthly", "100"),
            ("currency", "'USD'"),
            ("credits_included", "100"),
            ("credits_interval", "'monthly'"),
            ("features", "'[]'"),
            ("trial_days", "0"),
            ("trial_credits", "0"),
            ("rollover_mode", "'expire'"),
            ("change_policy", "'none'"),
            ("public", "true"),
            ("active", "true"),
            ("created_at", "1"),
            ("version", "1"),
        ],
    );
    let price = [
        ("channel", "'stripe'"),
        ("reference", "'price_1'"),
        ("plan_id", "id:1"),
        ("plan_interval", "'monthly'"),
        ("is_current", "true"),
    ];
    table("provider_prices", 1, &price);
    table(
        "packs",
        1,
        &[
            ("id", "id:i"),
            ("slug", "'small'"),
            ("name", "'Small'"),
            ("price", "100"),
            ("currency", "'USD'"),
            ("credits", "100"),
            ("bonus_credits", "0"),
            ("active", "true"),
            ("created_at", "1"),
            ("version", "1"),
        ],
    );
}
