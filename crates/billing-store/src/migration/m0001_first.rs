//! The first schema.
//!
//! Times are microseconds since 1970 in UTC, days and enums are text, JSON is text. Unique constraints guard against
//! duplicates, not a read before a write.

mod audits;
mod coupons;
mod gifts;
mod jobs;
mod rates;
mod sales;
mod statistics;

use super::sql_migration::SqlMigration;

pub(super) const FIRST: SqlMigration =
    SqlMigration { name: "m0001_first", parts: &PARTS, for_sqlite: statistics::STATISTICS };

/// All tables, each after those that it refers to.
const PARTS: [&str; 13] = [
    ACCOUNTS,
    CATALOG,
    rates::RATES,
    coupons::COUPONS,
    sales::SALES,
    coupons::REDEMPTIONS,
    gifts::GIFTS,
    CHECK_IN,
    CREDENTIALS,
    INBOX,
    jobs::JOBS,
    LEDGER,
    audits::AUDITS,
];

const ACCOUNTS: &str = "
CREATE TABLE accounts (
    id {id} PRIMARY KEY,
    external_id text NOT NULL UNIQUE,
    email text,
    name text,
    timezone text,
    credits_enabled {bool} NOT NULL,
    overdraft_limit {int} NOT NULL CHECK (overdraft_limit >= 0),
    frozen text,
    active_subscription text,
    free_until {int},
    metadata text NOT NULL,
    text_key {bytes} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE INDEX accounts_free ON accounts (free_until, id) WHERE active_subscription IS NULL;
CREATE TABLE provider_customers (
    channel text NOT NULL,
    customer text NOT NULL,
    account_id {id} NOT NULL REFERENCES accounts (id),
    is_current {bool} NOT NULL,
    deleted {bool} NOT NULL,
    PRIMARY KEY (channel, customer)
) {strict};
CREATE UNIQUE INDEX provider_customers_current ON provider_customers (channel, account_id) WHERE is_current;
";

const CATALOG: &str = "
CREATE TABLE plans (
    id {id} PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    description text NOT NULL,
    price_monthly {int} NOT NULL CHECK (price_monthly >= 0),
    price_yearly {int} CHECK (price_yearly >= 0),
    currency text NOT NULL,
    credits_included {int} NOT NULL CHECK (credits_included >= 0),
    credits_interval text NOT NULL,
    features text NOT NULL,
    trial_days {int} NOT NULL,
    trial_credits {int} NOT NULL CHECK (trial_credits >= 0),
    rollover_mode text NOT NULL,
    rollover_cap {int},
    change_policy text NOT NULL,
    public {bool} NOT NULL,
    active {bool} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE TABLE packs (
    id {id} PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    price {int} NOT NULL CHECK (price >= 0),
    currency text NOT NULL,
    credits {int} NOT NULL CHECK (credits > 0),
    bonus_credits {int} NOT NULL CHECK (bonus_credits >= 0),
    expires_after_days {int},
    active {bool} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE TABLE provider_prices (
    channel text NOT NULL,
    reference text NOT NULL,
    plan_id {id} REFERENCES plans (id),
    plan_interval text,
    pack_id {id} REFERENCES packs (id),
    is_current {bool} NOT NULL,
    PRIMARY KEY (channel, reference),
    CHECK ((plan_id IS NULL) <> (pack_id IS NULL) AND (plan_id IS NULL) = (plan_interval IS NULL))
) {strict};
CREATE INDEX provider_prices_plan ON provider_prices (plan_id) WHERE is_current;
CREATE INDEX provider_prices_pack ON provider_prices (pack_id) WHERE is_current;
";

const CHECK_IN: &str = "
CREATE TABLE checkin_config (
    id {int} PRIMARY KEY CHECK (id = 1),
    enabled {bool} NOT NULL,
    daily_credits {int} NOT NULL,
    streak_bonuses text NOT NULL,
    timezone text NOT NULL,
    use_account_timezone {bool} NOT NULL,
    expires_after_days {int},
    version {int} NOT NULL
) {strict};
CREATE TABLE checkins (
    account_id {id} NOT NULL REFERENCES accounts (id),
    day text NOT NULL,
    id {id} NOT NULL,
    streak {int} NOT NULL,
    credits {int} NOT NULL,
    at {int} NOT NULL,
    next_at {int} NOT NULL,
    request_key text,
    PRIMARY KEY (account_id, day)
) {strict};
CREATE UNIQUE INDEX checkins_request ON checkins (account_id, request_key) WHERE request_key IS NOT NULL;
";

const CREDENTIALS: &str = "
CREATE TABLE api_keys (
    id {id} PRIMARY KEY,
    name text NOT NULL,
    hash {bytes} NOT NULL UNIQUE,
    last4 text NOT NULL,
    scopes text NOT NULL,
    account_id {id} REFERENCES accounts (id),
    expires_at {int},
    revoked_at {int},
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE TABLE settings (
    name text PRIMARY KEY,
    value text NOT NULL
) {strict};
";

const INBOX: &str = "
CREATE TABLE webhook_inbox (
    id {id} PRIMARY KEY,
    channel text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    created_at {int} NOT NULL,
    body {bytes} NOT NULL,
    received_at {int} NOT NULL,
    state text NOT NULL,
    attempts {int} NOT NULL,
    note text,
    next_attempt_at {int},
    UNIQUE (channel, event_id)
) {strict};
CREATE INDEX webhook_inbox_due ON webhook_inbox (next_attempt_at, received_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_inbox_state ON webhook_inbox (state, id);
";

/// The primary keys of hot tables start with the account, so that accounts can be sharded over databases. The only key
/// that spans accounts is a grant's business key: one grant per key, for any account.
///
/// The columns that every spend changes are last and adjacent in `balances`: Postgres logs the range between the first
/// and the last changed byte. A spend does not update the row of the grant that it draws on: `burning_left` is what is
/// left of `burning_grant`, and `current_grants` shows the actual values.
///
/// The hash of a posting's key is stored on the posting's first entry; `posting_keys` has the keys of postings without
/// entries. `recorded_keys` shows both; its columns are cast, because SQLite flattens a view of two tables only if the
/// types agree.
///
/// There are no foreign keys between them: every writer locks the account's row, and a foreign key would cost a lookup
/// and a lock per row. The audit checks the references.
const LEDGER: &str = "
CREATE TABLE balances (
    account_id {id} PRIMARY KEY REFERENCES accounts (id),
    overdraft_limit {int} NOT NULL CHECK (overdraft_limit >= 0),
    held {int} NOT NULL CHECK (held >= 0),
    open_holds {int} NOT NULL CHECK (open_holds >= 0),
    debt {int} NOT NULL CHECK (debt >= 0),
    late {int} NOT NULL CHECK (late >= 0),
    upcoming {int} NOT NULL CHECK (upcoming >= 0),
    usages {int} NOT NULL,
    usage_head {bytes} NOT NULL,
    text_key {bytes} NOT NULL,
    enabled {bool} NOT NULL,
    frozen {bool} NOT NULL,
    audit_due {bool} NOT NULL DEFAULT true,
    checkpoint_due {bool} NOT NULL DEFAULT false,
    next_change_at {int},
    burning_grant {id},
    burning_left {int} CHECK (burning_left > 0),
    posted {int} NOT NULL,
    bucket_plan {int} NOT NULL,
    bucket_purchased {int} NOT NULL,
    bucket_bonus {int} NOT NULL,
    seq {int} NOT NULL,
    last_at {int} NOT NULL,
    head {bytes} NOT NULL
) {hot};
CREATE INDEX balances_due ON balances (next_change_at, account_id) WHERE next_change_at IS NOT NULL AND NOT frozen;
CREATE INDEX balances_audit ON balances (account_id) WHERE audit_due;
CREATE INDEX balances_checkpoint ON balances (account_id) WHERE checkpoint_due;
CREATE TABLE grants (
    account_id {id} NOT NULL,
    id {id} NOT NULL UNIQUE,
    amount {int} NOT NULL CHECK (amount > 0),
    remaining {int} NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    pinned {int} NOT NULL CHECK (pinned >= 0 AND pinned <= remaining),
    forfeited {int} NOT NULL,
    clawed {int} NOT NULL,
    source text NOT NULL,
    burn_rank {small} NOT NULL,
    priority {small} NOT NULL,
    effective_at {int} NOT NULL,
    expires_at {int},
    late_until {int},
    rollover_cap {int},
    rollover_until {int},
    stage text NOT NULL,
    live {bool} NOT NULL,
    business_key text NOT NULL UNIQUE,
    posting_key text,
    order_id {id},
    subscription_id {id},
    kind text NOT NULL,
    actor text NOT NULL,
    description text NOT NULL,
    metadata text NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (account_id, id)
) {hot};
CREATE INDEX grants_burn ON grants
    (account_id, priority, coalesce(expires_at, 9223372036854775807), burn_rank, effective_at, id) WHERE live;
CREATE INDEX grants_posting ON grants (account_id, posting_key);
CREATE VIEW current_grants AS SELECT
    g.account_id, g.id, g.amount,
    CASE WHEN b.burning_grant = g.id THEN b.burning_left ELSE g.remaining END AS remaining,
    g.pinned, g.forfeited, g.clawed, g.source, g.burn_rank, g.priority, g.effective_at, g.expires_at, g.late_until,
    g.rollover_cap, g.rollover_until, g.stage, g.live, g.business_key, g.posting_key, g.order_id, g.subscription_id,
    g.kind, g.actor, g.description, g.metadata, g.created_at
FROM grants g LEFT JOIN balances b ON b.account_id = g.account_id;
CREATE TABLE entries (
    account_id {id} NOT NULL,
    seq {int} NOT NULL,
    id {id} NOT NULL UNIQUE,
    kind text NOT NULL,
    amount {int} NOT NULL,
    balance_after {int} NOT NULL,
    available_after {int} NOT NULL,
    effective_at {int} NOT NULL,
    recorded_at {int} NOT NULL,
    occurred_at {int},
    reverses {int},
    grant_id {id},
    hold_id {id},
    description text NOT NULL,
    actor text NOT NULL,
    posting_key text,
    key_hash {id},
    fingerprint {bytes},
    posting_available {int},
    posting_last {int},
    posting_grants {int},
    seen text,
    first_usage {int},
    last_usage {int},
    metadata text NOT NULL,
    erased {bytes},
    allocations {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (account_id, seq)
) {strict};
CREATE UNIQUE INDEX entries_key ON entries (account_id, key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX entries_reversals ON entries (account_id, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX entries_late ON entries (account_id, occurred_at) WHERE occurred_at IS NOT NULL;
CREATE INDEX entries_hold ON entries (account_id, hold_id, seq) WHERE hold_id IS NOT NULL;
CREATE INDEX entries_kind ON entries (account_id, kind, seq) WHERE kind <> 'usage';
CREATE INDEX entries_own ON entries (account_id, seq) WHERE kind IN ('grant', 'adjustment', 'expiry', 'clawback', 'void',
    'capture', 'repayment', 'rollover', 'hold', 'release');
CREATE INDEX entries_all_kind ON entries (kind, id) WHERE kind <> 'usage';
CREATE TABLE posting_keys (
    account_id {id} NOT NULL,
    key_hash {id} NOT NULL,
    fingerprint {bytes} NOT NULL,
    available {int} NOT NULL,
    grants {int} NOT NULL,
    seen text,
    PRIMARY KEY (account_id, key_hash)
) {strict};
CREATE VIEW recorded_keys AS
SELECT account_id, key_hash, fingerprint, CAST(coalesce(posting_available, available_after) AS {int}) AS available,
    seq AS first_seq, CAST(coalesce(posting_last, seq) AS {int}) AS last_seq,
    CAST(coalesce(posting_grants, 0) AS {int}) AS grants, seen
FROM entries WHERE key_hash IS NOT NULL
UNION ALL
SELECT account_id, key_hash, fingerprint, available, CAST(1 AS {int}), CAST(0 AS {int}), grants, seen FROM posting_keys;
CREATE TABLE holds (
    account_id {id} NOT NULL,
    id {id} NOT NULL UNIQUE,
    amount {int} NOT NULL CHECK (amount >= 0),
    captured {int} NOT NULL CHECK (captured >= 0 AND captured <= amount),
    overrun {int} NOT NULL CHECK (overrun >= 0),
    state text NOT NULL,
    uncovered {int} NOT NULL,
    uncovered_left {int} NOT NULL CHECK (uncovered_left >= 0 AND uncovered_left <= uncovered),
    usages text,
    description text NOT NULL,
    metadata text NOT NULL,
    actor text NOT NULL,
    posting_key text NOT NULL,
    placed_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    ended_at {int},
    PRIMARY KEY (account_id, id)
) {hot};
CREATE INDEX holds_ended ON holds (account_id, ended_at, id);
CREATE TABLE hold_slices (
    account_id {id} NOT NULL,
    hold_id {id} NOT NULL,
    position {small} NOT NULL,
    grant_id {id} NOT NULL,
    amount {int} NOT NULL,
    remaining {int} NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    PRIMARY KEY (account_id, hold_id, position)
) {hot};
CREATE TABLE debts (
    account_id {id} NOT NULL,
    id {id} NOT NULL,
    seq {int} NOT NULL,
    grant_id {id},
    amount {int} NOT NULL,
    at {int} NOT NULL,
    PRIMARY KEY (account_id, id)
) {strict};
CREATE INDEX debts_entry ON debts (account_id, seq);
CREATE TABLE usage_carries (
    account_id {id} NOT NULL,
    meter text NOT NULL,
    millionths {int} NOT NULL CHECK (millionths >= 0 AND millionths < 1000000),
    uncovered {int} NOT NULL CHECK (uncovered >= 0),
    PRIMARY KEY (account_id, meter)
) {hot};
CREATE TABLE usage_months (
    account_id {id} NOT NULL,
    meter text NOT NULL,
    month text NOT NULL,
    quantity text NOT NULL,
    rate text NOT NULL,
    units text NOT NULL,
    PRIMARY KEY (account_id, meter, month, quantity, rate)
) {hot};
CREATE TABLE usages (
    account_id {id} NOT NULL,
    number {int} NOT NULL,
    id {id} NOT NULL UNIQUE,
    entry {int},
    quote text NOT NULL,
    meter text NOT NULL,
    dimensions text NOT NULL,
    quantities text NOT NULL,
    price {int} NOT NULL,
    markup {int} NOT NULL,
    months text,
    credits {int} NOT NULL,
    uncovered {int} NOT NULL,
    carried {int} NOT NULL,
    kind text NOT NULL,
    description text NOT NULL,
    metadata text NOT NULL,
    erased {bytes},
    actor text NOT NULL,
    posting_key text,
    hold_id {id},
    returns {int},
    occurred_at {int} NOT NULL,
    recorded_at {int} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (account_id, number)
) {strict};
CREATE INDEX usages_time ON usages (account_id, occurred_at, number);
CREATE INDEX usages_hold ON usages (account_id, hold_id, number) WHERE hold_id IS NOT NULL AND entry IS NULL;
CREATE INDEX usages_returns ON usages (account_id, returns) WHERE returns IS NOT NULL;
";
