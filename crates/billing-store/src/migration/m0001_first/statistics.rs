//! Fixed statistics for SQLite's planner.
//!
//! SQLite collects no statistics by itself. It then assumes a status to be as selective as a name, and prefers its
//! index to a job's partial index, or to the one in the order of a list. The numbers are those of a service with a
//! history; only their relative sizes matter. They stay until ANALYZE is run.

/// After all tables: the number of rows of an index, and the number per value of its first column, of its first two,
/// and so on.
pub(super) const STATISTICS: &str = "
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('accounts', 'accounts_free', '300000 100000 1'),
    ('orders', 'sqlite_autoindex_orders_1', '1000000 1'),
    ('orders', 'orders_account', '1000000 10 1'),
    ('orders', 'orders_account_status', '1000000 10 5 1'),
    ('orders', 'orders_status', '1000000 200000 1'),
    ('orders', 'orders_slot', '10000 1 1'),
    ('orders', 'orders_completed', '300000 5'),
    ('orders', 'orders_unpaid', '1000 2 1'),
    ('payments', 'sqlite_autoindex_payments_1', '1000000 1'),
    ('payments', 'payments_account', '1000000 10 1'),
    ('subscriptions', 'sqlite_autoindex_subscriptions_1', '100000 1'),
    ('subscriptions', 'sqlite_autoindex_subscriptions_2', '100000 25000 1'),
    ('subscriptions', 'subscriptions_account', '100000 2 1'),
    ('subscriptions', 'subscriptions_status', '100000 20000 1'),
    ('subscriptions', 'subscriptions_role', '100000 25000 1'),
    ('subscriptions', 'subscriptions_role_status', '100000 25000 10000 1'),
    ('subscriptions', 'subscriptions_given', '1000 2 1'),
    ('gifts', 'sqlite_autoindex_gifts_1', '100000 1'),
    ('gifts', 'gifts_buyer', '100000 2 1'),
    ('gifts', 'gifts_buyer_status', '100000 2 1 1'),
    ('gifts', 'gifts_status', '100000 25000 1'),
    ('entries', 'sqlite_autoindex_entries_1', '10000000 1'),
    ('entries', 'sqlite_autoindex_entries_2', '10000000 1000 1'),
    ('entries', 'entries_key', '10000000 1000 1'),
    ('posting_keys', 'sqlite_autoindex_posting_keys_1', '1000000 100 1'),
    ('entries', 'entries_kind', '1000000 100 20 1'),
    ('entries', 'entries_own', '500000 50 1'),
    ('entries', 'entries_all_kind', '1000000 100000 1'),
    ('balances', 'balances_due', '10000 2 1'),
    ('balances', 'balances_audit', '1000 1'),
    ('balances', 'balances_checkpoint', '1000 1'),
    ('holds', 'sqlite_autoindex_holds_1', '1000000 1'),
    ('holds', 'sqlite_autoindex_holds_2', '1000000 1000 1'),
    ('holds', 'holds_ended', '1000000 1000 2 1');
";
