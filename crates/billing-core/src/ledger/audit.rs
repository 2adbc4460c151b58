//! The invariants of the ledger, checked on an account's whole history.

use std::collections::{BTreeMap, BTreeSet};

use super::{Allocation, Balance, Buckets, Entry, EntryType, Grant, OwnType};
use crate::values::{AccountId, Credits, GrantId};

/// Everything that the ledger keeps of one account, read in one snapshot.
#[derive(Debug, Clone)]
pub struct History {
    /// The kept row.
    pub balance: Balance,
    /// Every grant there ever was.
    pub grants: Vec<Grant>,
    /// Every entry, by number.
    pub entries: Vec<Entry>,
    /// Every allocation.
    pub allocations: Vec<Allocation>,
}

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {account}: {what}")]
pub struct Violation {
    /// On which account.
    pub account: AccountId,
    /// What is wrong, with the numbers.
    pub what: String,
}

/// Checks every invariant of one account's history and says which do not hold.
pub fn check(history: &History) -> Vec<Violation> {
    let mut audit = Audit { account: history.balance.account, found: Vec::new() };
    audit.sequence(history);
    audit.allocations(history);
    audit.grants(history);
    audit.kept_row(history);
    audit.found
}

struct Audit {
    account: AccountId,
    found: Vec<Violation>,
}

impl Audit {
    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { account: self.account, what: what() });
        }
    }

    /// Numbers without gaps, running balances, time that does not run backwards.
    fn sequence(&mut self, history: &History) {
        let (mut seq, mut posted, mut last_at) = (0_i64, 0_i128, None);
        for entry in &history.entries {
            seq = seq.saturating_add(1);
            posted = posted.saturating_add(i128::from(entry.amount.get()));
            self.expect(entry.seq == seq, || format!("entry {} stands where {seq} belongs", entry.seq));
            self.expect(i128::from(entry.balance_after.get()) == posted, || {
                format!("entry {seq} says {} after it, entries sum to {posted}", entry.balance_after)
            });
            self.expect(last_at <= Some(entry.effective_at), || {
                format!("entry {seq} lies before its predecessor")
            });
            self.expect(entry.amount != Credits::ZERO, || format!("entry {seq} moves nothing"));
            self.expect(posted >= 0 || history.balance.debt.get() > 0, || {
                format!("entry {seq} takes the balance to {posted}")
            });
            last_at = Some(entry.effective_at);
        }
        let kept = &history.balance;
        self.expect(kept.seq == seq, || format!("the kept row says {} entries, there are {seq}", kept.seq));
        self.expect(i128::from(kept.posted.get()) == posted, || {
            format!("the kept row says {}, entries sum to {posted}", kept.posted)
        });
    }

    /// An entry's allocations sum to its amount, and touch only grants that were alive then.
    fn allocations(&mut self, history: &History) {
        let grants: BTreeMap<GrantId, &Grant> =
            history.grants.iter().map(|grant| (grant.id, grant)).collect();
        let mut sums: BTreeMap<i64, i128> = BTreeMap::new();
        for part in &history.allocations {
            let sum = sums.entry(part.seq).or_default();
            *sum = sum.saturating_add(i128::from(part.amount.get()));
        }
        for entry in &history.entries {
            let sum = sums.remove(&entry.seq).unwrap_or_default();
            let amount = i128::from(entry.amount.get());
            self.expect(sum == amount, || format!("entry {} moves {amount}, its parts {sum}", entry.seq));
        }
        self.expect(sums.is_empty(), || format!("allocations without entries: {:?}", sums.keys()));
        let by_seq: BTreeMap<i64, &Entry> = history.entries.iter().map(|entry| (entry.seq, entry)).collect();
        for part in &history.allocations {
            let (Some(grant), Some(entry)) = (grants.get(&part.grant), by_seq.get(&part.seq)) else {
                self.expect(false, || format!("allocation of entry {} names an unknown grant", part.seq));
                continue;
            };
            let ended = |at| grant.expires_at.is_some_and(|end| end <= at);
            let spend = matches!(entry.kind, EntryType::Spend(_));
            self.expect(
                !spend || (grant.effective_at <= entry.effective_at && !ended(entry.effective_at)),
                || format!("entry {} spends from {} outside its life", entry.seq, grant.id),
            );
        }
    }

    /// Per grant, what went in and out is what is left.
    fn grants(&mut self, history: &History) {
        let mut net: BTreeMap<GrantId, i128> = BTreeMap::new();
        for part in &history.allocations {
            let sum = net.entry(part.grant).or_default();
            *sum = sum.saturating_add(i128::from(part.amount.get()));
        }
        let mut facts = BTreeSet::new();
        for grant in &history.grants {
            let expected = if grant.activated { net.get(&grant.id).copied().unwrap_or_default() } else { 0 };
            let left = if grant.activated { grant.remaining.get() } else { 0 };
            self.expect(expected == i128::from(left), || {
                format!("{} has {left} left, its entries leave {expected}", grant.id)
            });
            self.expect((Credits::ZERO..=grant.amount).contains(&grant.remaining), || {
                format!("{} has {} left of {}", grant.id, grant.remaining, grant.amount)
            });
            self.expect(grant.live || grant.remaining.is_zero(), || {
                format!("{} is over with credits left", grant.id)
            });
            self.expect(facts.insert(&grant.business_key), || {
                format!("`{}` granted twice", grant.business_key.as_str())
            });
            let counted = history.entries.iter().filter(|entry| counts(entry, grant.id)).count();
            self.expect(counted == usize::from(grant.activated), || {
                format!("{} was counted {counted} times", grant.id)
            });
        }
    }

    /// The kept row is what grants and entries add up to.
    fn kept_row(&mut self, history: &History) {
        let kept = &history.balance;
        let total: i128 = history.grants.iter().map(|grant| i128::from(grant.spendable().get())).sum();
        let posted = i128::from(kept.posted.get()).saturating_add(i128::from(kept.debt.get()));
        self.expect(total == posted, || format!("grants hold {total}, the kept row says {posted}"));
        let buckets = Buckets::of(&history.grants).ok();
        self.expect(buckets == Some(kept.buckets), || {
            format!("buckets are {buckets:?}, kept {:?}", kept.buckets)
        });
        let next = history.grants.iter().filter_map(Grant::next_change_at).min();
        self.expect(next == kept.next_change_at, || {
            format!("the next change is at {next:?}, kept {:?}", kept.next_change_at)
        });
    }
}

/// Whether `entry` is the one that counts the credits of `grant`.
fn counts(entry: &Entry, grant: GrantId) -> bool {
    let gives = matches!(entry.kind, EntryType::Own(OwnType::Grant | OwnType::Adjustment));
    gives && entry.grant == Some(grant) && entry.amount > Credits::ZERO
}
