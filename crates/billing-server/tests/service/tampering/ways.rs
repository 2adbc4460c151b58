//! Ways to change history: crude ones, and those that leave everything in the database consistent.

use billing_core::values::AccountId;
use futures_util::future::BoxFuture;

use super::forger::Forger;

/// One way, with the name of the account that suffers it.
pub(super) struct Way {
    pub(super) name: &'static str,
    go: Go,
}

enum Go {
    /// A statement about `{account}`.
    Crude(&'static str),
    /// More than that.
    Consistent(for<'a> fn(&'a Forger<'_>, AccountId) -> BoxFuture<'a, ()>),
}

impl Way {
    pub(super) async fn go(&self, forger: &Forger<'_>, account: AccountId) {
        match self.go {
            Go::Crude(statement) => forger.run(account, statement).await,
            Go::Consistent(go) => go(forger, account).await,
        }
    }
}

const fn crude(name: &'static str, statement: &'static str) -> Way {
    Way { name, go: Go::Crude(statement) }
}

const fn consistent(
    name: &'static str,
    go: for<'a> fn(&'a Forger<'_>, AccountId) -> BoxFuture<'a, ()>,
) -> Way {
    Way { name, go: Go::Consistent(go) }
}

pub(super) const WAYS: &[Way] = &[
    crude("entry-text", "UPDATE entries SET description = 'Gift' WHERE account_id = {account} AND seq = 3"),
    crude("entry-amount", "UPDATE entries SET amount = -1 WHERE account_id = {account} AND seq = 3"),
    crude("entry-deleted", "DELETE FROM entries WHERE account_id = {account} AND seq = 3"),
    crude("entry-unreadable", "UPDATE entries SET metadata = '{' WHERE account_id = {account} AND seq = 3"),
    crude(
        "grant-left",
        "UPDATE grants SET remaining = remaining + 1 WHERE account_id = {account}; UPDATE balances SET burning_left = burning_left + 1 WHERE account_id = {account}",
    ),
    crude("grant-terms", "UPDATE grants SET priority = 7 WHERE account_id = {account}"),
    crude(
        "grant-fact",
        "UPDATE grants SET business_key = business_key || '-again' WHERE account_id = {account}",
    ),
    crude("grant-unreadable", "UPDATE grants SET source = 'nowhere' WHERE account_id = {account}"),
    crude(
        "balance",
        "UPDATE balances SET posted = posted + 50, bucket_bonus = bucket_bonus + 50 WHERE account_id = {account}",
    ),
    crude("balance-unreadable", "UPDATE balances SET head = substr(head, 1, 5) WHERE account_id = {account}"),
    crude("hold-let-go", "UPDATE hold_slices SET remaining = 0 WHERE account_id = {account}"),
    crude(
        "key-deleted",
        "UPDATE entries SET key_hash = NULL WHERE account_id = {account} AND posting_key LIKE '%s1'",
    ),
    crude(
        "key-of-another-request",
        "UPDATE entries SET fingerprint = (SELECT first.hash FROM entries first WHERE first.account_id = {account} AND first.seq = 1) WHERE account_id = {account} AND posting_key LIKE '%s1'",
    ),
    crude(
        "key-range",
        "UPDATE entries SET posting_last = seq - 1 WHERE account_id = {account} AND posting_key LIKE '%s1'",
    ),
    crude("usage-price", "UPDATE usages SET price = 0 WHERE account_id = {account}"),
    crude("usage-deleted", "DELETE FROM usages WHERE account_id = {account}"),
    crude("carry", "UPDATE usage_carries SET millionths = 1 WHERE account_id = {account}"),
    crude(
        "audited-too-far",
        "UPDATE audit_progress SET seq = 99 WHERE account_id = {account}; UPDATE entries SET description = 'Gift' WHERE account_id = {account} AND seq = 3",
    ),
    crude("head-changed", "UPDATE checkpoint_heads SET head = usage_head WHERE account_id = {account}"),
    crude("heads-deleted", "DELETE FROM checkpoint_heads WHERE account_id = {account}"),
    crude(
        "head-unreadable",
        "UPDATE checkpoint_heads SET head = substr(head, 1, 5) WHERE account_id = {account}",
    ),
    crude(
        "mark-unreadable",
        "UPDATE audit_progress SET head = substr(head, 1, 5), seq = 1 WHERE account_id = {account}; UPDATE entries SET amount = 0 WHERE account_id = {account} AND seq = 2",
    ),
    crude("grant-not-live", "UPDATE grants SET live = (1 = 0) WHERE account_id = {account}"),
    crude("grant-burn-rank", "UPDATE grants SET burn_rank = 77 WHERE account_id = {account}"),
    crude("grant-clawed", "UPDATE grants SET clawed = -1 WHERE account_id = {account}"),
    crude("settings-disagree", "UPDATE balances SET overdraft_limit = 1000 WHERE account_id = {account}"),
    consistent("text-forged", |forger, account| Box::pin(forger.forge_text(account, 3))),
    consistent("spend-rewritten", |forger, account| Box::pin(forger.undo_part_of_a_spend(account, 2, 2))),
    consistent("tail-cut-off", |forger, account| Box::pin(forger.cut_off_the_last_spend(account))),
    consistent("usage-rewritten", |forger, account| Box::pin(forger.rewrite_usage(account))),
    consistent("heads-rewritten", |forger, account| {
        Box::pin(async move {
            forger.undo_part_of_a_spend(account, 2, 2).await;
            forger.rewrite_heads(account).await;
        })
    }),
];
