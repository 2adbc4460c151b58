//! A database in which reading too much shows.
//!
//! One account has half of everything. What a filter is after is rare and old, so that whoever walks through the
//! newest walks through all; what a job is after lies behind, and among, much that is not due.

use billing_store::testing::TestDatabase;

/// How many rows a table has.
pub(crate) const ROWS: u32 = 100_000;
/// How many rows a table has that is read in few ways: enough to show what reads all of it.
const FEW: u32 = 20_000;

/// The account that has half of everything, as a number.
pub(crate) const WHALE: u128 = 2;

/// How a database writes what the two write differently.
struct Words {
    postgres: bool,
}

impl Words {
    /// The UUID of a number.
    fn id(&self, number: &str) -> String {
        if self.postgres {
            format!("(lpad(to_hex({number}), 32, '0'))::uuid")
        } else {
            format!("unhex(printf('%032x', {number}))")
        }
    }

    /// 32 bytes that a number is.
    fn hash(&self, number: &str) -> String {
        if self.postgres {
            format!("decode(lpad(to_hex({number}), 64, '0'), 'hex')")
        } else {
            format!("unhex(printf('%064x', {number}))")
        }
    }

    /// The day with this number.
    fn day(&self, number: &str) -> String {
        if self.postgres {
            format!("to_char(date '1900-01-01' + ({number})::int, 'YYYY-MM-DD')")
        } else {
            format!("date('1900-01-01', '+' || ({number}) || ' days')")
        }
    }

    /// A statement that fills `table`'s `columns` from `values`, in which `i` counts the rows.
    fn fill(&self, table: &str, rows: u32, columns: &[(&str, &str)]) -> String {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<_> = columns.iter().map(|(_, value)| self.words(value)).collect();
        format!(
            "INSERT INTO {table} ({}) WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted \
             WHERE i < {rows}) SELECT {} FROM counted;",
            names.join(", "),
            values.join(", "),
        )
    }

    /// `value` with `id(…)`, `hash(…)` and `day(…)` around a number, and the names below, written out.
    fn words(&self, value: &str) -> String {
        let owner = format!("CASE WHEN i % 2 = 0 THEN {WHALE} ELSE i END");
        match value.split_once(':') {
            Some(("id", number)) => self.id(number),
            Some(("hash", number)) => self.hash(number),
            Some(("day", number)) => self.day(number),
            Some(("redeemer", number)) => format!("CASE WHEN i > 60 THEN {} END", self.id(number)),
            _ if value == "owner" => self.id(&owner),
            _ if value == "number" => "CASE WHEN i % 2 = 0 THEN i / 2 ELSE 1 END".to_owned(),
            _ => value.to_owned(),
        }
    }
}

const NEVER: &str = "4102444800000000";

/// Fills a database that has every table and no row.
pub(crate) async fn fill(database: &TestDatabase, postgres: bool) {
    let words = Words { postgres };
    // Nothing refers to what is not there, and checking that for each row takes most of the time.
    let unchecked =
        if postgres { "SET session_replication_role = replica;" } else { "PRAGMA foreign_keys = OFF;" };
    let mut script = vec![unchecked.to_owned(), "BEGIN;".to_owned()];
    let mut table = |name: &str, rows: u32, columns: &[(&str, &str)]| {
        script.push(words.fill(name, rows, columns));
    };
    accounts_and_catalog(&mut table);
    sales(&mut table);
    ledger(&mut table);
    rest(&mut table);
    script.push("COMMIT;".to_owned());
    database.execute(&script.join("\n")).await;
    if postgres {
        database.execute("VACUUM ANALYZE").await;
    }
}

type Table<'a> = dyn FnMut(&str, u32, &[(&str, &str)]) + 'a;

fn accounts_and_catalog(table: &mut Table<'_>) {
    table(
        "accounts",
        ROWS,
        &[
            ("id", "id:i"),
            ("external_id", "'user_' || i"),
            ("credits_enabled", "true"),
            ("overdraft_limit", "0"),
            // Most that were never given a month have a subscription; of the others few are due.
            ("subscribed", "CASE WHEN i % 3 = 0 THEN 'stripe:sub_' || i END"),
            ("free_until", &format!("CASE WHEN i % 6 = 0 THEN NULL WHEN i > 99900 THEN i ELSE {NEVER} END")),
            ("metadata", "'{}'"),
            ("created_at", "i"),
            ("version", "1"),
        ],
    );
    table(
        "provider_customers",
        FEW,
        &[("channel", "'stripe'"), ("account_id", "id:i"), ("customer", "'cus_' || i")],
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
    table("stripe_prices", 1, &[("price", "'price_1'"), ("plan_id", "id:1")]);
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

#[expect(clippy::too_many_lines, reason = "one table after the other")]
fn sales(table: &mut Table<'_>) {
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
            ("facts", "'[]'"),
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
            ("stated_at", "i"),
            ("version", "1"),
        ],
    );
    let roles = "CASE i % 3 WHEN 0 THEN 'superfluous' WHEN 1 THEN 'returned' ELSE 'stuck' END";
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
            ("standing", &format!("CASE WHEN i <= 100 THEN {roles} ELSE 'counts' END")),
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
            ("stated_at", "i"),
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
            ("place", "1"),
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

#[expect(clippy::too_many_lines, reason = "one table after the other")]
fn ledger(table: &mut Table<'_>) {
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
            ("audit_due", &format!("i = {WHALE} OR i > 99900")),
            ("seal_due", "i > 99900"),
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
            ("metadata", "'{}'"),
            ("allocations", "'[]'"),
            ("hash", "hash:0"),
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
    table(
        "audit_marks",
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
        "seals",
        1000,
        &[
            ("number", "i"),
            ("previous", "hash:0"),
            ("root", "hash:0"),
            ("heads", "100"),
            ("sealed_at", "i"),
            ("signature", "hash:0"),
            ("public_key", "hash:0"),
        ],
    );
    table(
        "sealed_heads",
        FEW,
        &[
            ("seal", "1 + (i - 1) / 100"),
            ("position", "(i - 1) % 100"),
            ("account_id", "id:i"),
            ("seq", "1"),
            ("head", "hash:0"),
            ("usages", "0"),
            ("usage_head", "hash:0"),
        ],
    );
}

fn rest(table: &mut Table<'_>) {
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
