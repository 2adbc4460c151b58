//! Orders, payments, subscriptions, coupons and gifts.

use super::{FEW, NEVER, ROWS, Table, WHALE};

#[expect(clippy::too_many_lines, reason = "one table after the other")]
pub(super) fn fill(table: &mut Table<'_>) {
    let rare = "CASE i % 4 WHEN 0 THEN 'failed' WHEN 1 THEN 'expired' WHEN 2 THEN 'refunded' ELSE 'partially_refunded' END";
    table(
        "orders",
        ROWS,
        &[
            ("id", "id:i"),
            ("account_id", "owner"),
            (
                "status",
                &format!("CASE WHEN i <= 100 THEN {rare} WHEN i % 3 = 0 THEN 'pending' ELSE 'completed' END"),
            ),
            ("pack_id", "id:1"),
            ("credits", "100"),
            ("bonus_credits", "0"),
            ("description", "''"),
            ("price", "100"),
            ("currency", "'USD'"),
            ("channel", "'stripe'"),
            ("success_url", "''"),
            ("cancel_url", "''"),
            ("request_key", "'key_' || i"),
            ("request_fingerprint", "hash:i"),
            ("slot", "CASE WHEN i % 3 = 0 THEN 'request ' || i END"),
            ("session_id", "CASE WHEN i % 5 <> 0 THEN 'cs_' || i END"),
            ("session_url", "CASE WHEN i % 5 <> 0 THEN '' END"),
            // Pending ones are open still, or paid; few have closed, and those are the youngest.
            (
                "session_expires_at",
                &format!("CASE WHEN i % 5 = 0 THEN NULL WHEN i % 6 = 0 OR i > 99700 THEN 1 ELSE {NEVER} END"),
            ),
            ("payment_ref", "CASE WHEN i % 6 = 0 THEN 'pay_' || i END"),
            ("subscription_ref", "CASE WHEN i % 3 = 1 THEN 'sub_' || i END"),
            ("created_at", &format!("CASE WHEN i % 5 = 0 AND i <= 99700 THEN {NEVER} ELSE i END")),
            ("completed_at", "CASE WHEN i <= 99990 AND i % 3 <> 0 AND i % 2 <> 0 THEN i END"),
            ("version", "1"),
        ],
    );
    table(
        "payments",
        ROWS,
        &[
            ("id", "id:i"),
            ("account_id", "owner"),
            ("channel", "'stripe'"),
            ("payment_ref", "'pay_' || i"),
            ("invoice_ref", "'in_' || i"),
            ("order_id", "id:i"),
            ("paid", "100"),
            ("currency", "'USD'"),
            ("grant_keys", "'[]'"),
            ("refunded_in_all", "0"),
            ("refunds", "'[]'"),
            ("disputes", "'[]'"),
            ("restored", "0"),
            ("paid_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "payment_methods",
        FEW,
        &[
            ("channel", "'stripe'"),
            ("provider_id", "'pm_' || i"),
            ("account_id", "owner"),
            ("brand", "'visa'"),
            ("last4", "'4242'"),
            ("exp_month", "1"),
            ("exp_year", "2030"),
            ("removed", "i > 10"),
            ("provider_updated_at", "i"),
            ("version", "1"),
        ],
    );
    let roles =
        "CASE i % 3 WHEN 0 THEN 'duplicate' WHEN 1 THEN 'duplicate_refunded' ELSE 'duplicate_unresolved' END";
    let statuses = "CASE i % 8 WHEN 0 THEN 'incomplete' WHEN 1 THEN 'trialing' WHEN 2 THEN 'past_due' WHEN 3 THEN 'paused' \
                    WHEN 4 THEN 'active' WHEN 5 THEN 'unpaid' ELSE 'canceled' END";
    table(
        "subscriptions",
        ROWS,
        &[
            ("id", "id:i"),
            ("account_id", "id:i"),
            ("channel", "CASE WHEN i % 4 = 0 THEN 'gift' ELSE 'stripe' END"),
            ("provider_id", "'sub_' || i"),
            ("provider_customer", "''"),
            ("plan_id", "id:1"),
            ("plan_interval", "'monthly'"),
            ("terms_credits", "100"),
            ("terms_credits_interval", "'monthly'"),
            ("terms_rollover_mode", "'expire'"),
            ("terms_change_policy", "'none'"),
            ("role", &format!("CASE WHEN i <= 100 THEN {roles} ELSE 'active' END")),
            (
                "status",
                &format!(
                    "CASE WHEN i <= 200 THEN {statuses} WHEN i % 8 = 0 THEN 'canceled' ELSE 'active' END"
                ),
            ),
            ("period_start", "0"),
            // Gifts that are over have ended; few have not, and those are the youngest.
            (
                "period_end",
                &format!("CASE WHEN i % 8 = 0 OR i % 4 <> 0 OR i > 99900 THEN i ELSE {NEVER} END"),
            ),
            ("cancel_at_period_end", "false"),
            ("started_at", "i"),
            ("provider_updated_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "subscription_commands",
        FEW,
        &[
            ("account_id", &format!("id:{WHALE}")),
            ("request_key", "'key_' || i"),
            ("request", "'cancel_now'"),
            ("subscription_id", "id:i"),
            ("subscription_version", "1"),
            ("state", "'completed'"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "coupons",
        FEW,
        &[
            ("id", "id:i"),
            ("code", "'CODE' || i"),
            ("kind", "'percent'"),
            ("value", "10"),
            ("amounts", "'[]'"),
            ("duration", "'once'"),
            ("first_purchase_only", "false"),
            ("plans", "'[]'"),
            ("packs", "'[]'"),
            ("active", "true"),
            ("uses", "0"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "coupon_redemptions",
        FEW,
        &[
            ("id", "id:i"),
            // One coupon that everybody uses, and one account that uses every coupon.
            ("coupon_id", "id:CASE WHEN i % 2 = 0 THEN i ELSE 1 END"),
            ("account_id", "owner"),
            ("order_id", "id:i"),
            ("use_number", "1"),
            ("status", "'confirmed'"),
            ("request_key", "'key_' || i"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    let code = "'00000-00000-00000-00000-' || (100000 + i)";
    table(
        "gifts",
        ROWS,
        &[
            ("id", "id:i"),
            ("buyer_id", "owner"),
            ("order_id", "id:i"),
            ("code", code),
            ("plan_id", "id:1"),
            ("months", "1"),
            ("plan_interval", "'monthly'"),
            ("terms_credits", "100"),
            ("terms_credits_interval", "'monthly'"),
            ("terms_rollover_mode", "'expire'"),
            ("terms_change_policy", "'none'"),
            (
                "status",
                "CASE WHEN i > 60 THEN 'redeemed' WHEN i % 3 = 0 THEN 'pending' WHEN i % 3 = 1 THEN 'paid' ELSE 'refunded' END",
            ),
            ("redeemed_by", "redeemer:i"),
            ("redeemed_at", "CASE WHEN i > 60 THEN i END"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
}
