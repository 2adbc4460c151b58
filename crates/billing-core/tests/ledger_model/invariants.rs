//! What must always hold, read off the rows themselves: neither the ledger's audit nor the model is asked.

use std::collections::BTreeMap;

use billing_core::ledger::{Balance, Command, DebtChange, HoldState, Posting, Shortfall, Stage};
use billing_core::values::{AccountId, Credits};
use proptest::prelude::*;

use crate::hashes::{chained, chained_usage};
use crate::store::Rows;

pub(crate) fn check(rows: &Rows, account: AccountId) -> Result<(), TestCaseError> {
    let kept = &rows.balances[&account];
    let mut hash = [0; 32];
    let (mut posted, mut last_at) = (0, None);
    let mut returned: BTreeMap<i64, i128> = BTreeMap::new();
    let mut owed: BTreeMap<i64, Vec<&DebtChange>> = BTreeMap::new();
    for debt in rows.debts_of(account).filter(|debt| debt.grant.is_none()) {
        owed.entry(debt.seq).or_default().push(debt);
    }
    for (seq, entry) in (1_i64..).zip(rows.entries_of(account)) {
        prop_assert_eq!(entry.seq, seq, "numbers have no gaps");
        posted += i128::from(entry.amount.get());
        prop_assert_eq!(i128::from(entry.balance_after.get()), posted);
        prop_assert!(last_at <= Some(entry.effective_at), "an account's time never runs backwards");
        last_at = Some(entry.effective_at);
        let own = owed.remove(&seq).unwrap_or_default();
        hash = chained(rows, hash, entry, own.into_iter());
        prop_assert_eq!(*entry.hash.bytes(), hash, "the hash of entry {}", seq);
        if let Some(target) = entry.reverses {
            *returned.entry(target).or_default() += i128::from(entry.amount.get());
        }
    }
    prop_assert_eq!(*kept.head.bytes(), hash, "the balance row ends in the last hash");
    usages(rows, account)?;
    prop_assert_eq!(i128::from(kept.posted.get()), posted);
    for (target, returned) in returned {
        let taken = -i128::from(rows.entries[&(account, target)].amount.get());
        prop_assert!(returned <= taken, "{} of {} of entry {} came back", returned, taken, target);
    }
    grants(rows, account)
}

/// Usage has numbers without gaps and a chain of its own, and what it took is what its entries moved.
fn usages(rows: &Rows, account: AccountId) -> Result<(), TestCaseError> {
    let kept = &rows.balances[&account];
    let mut hash = [0; 32];
    let mut count = 0;
    for (number, usage) in (1_i64..).zip(rows.usages_of(account)) {
        prop_assert_eq!(usage.number, number, "numbers have no gaps");
        hash = chained_usage(rows, hash, usage);
        prop_assert_eq!(*usage.hash.bytes(), hash, "the hash of usage {}", number);
        count = number;
        let named = usage.entry.map(|seq| rows.entries[&(account, seq)].usages);
        let named =
            named.is_none_or(|range| range.is_some_and(|(first, last)| (first..=last).contains(&number)));
        prop_assert!(named, "the entry of usage {} does not name it", number);
    }
    prop_assert_eq!((kept.usages, *kept.usage_head.bytes()), (count, hash));
    Ok(())
}

fn grants(rows: &Rows, account: AccountId) -> Result<(), TestCaseError> {
    let kept = &rows.balances[&account];
    let mut pinned: BTreeMap<_, i128> = BTreeMap::new();
    for hold in rows.holds_of(account).filter(|hold| hold.state == HoldState::Open) {
        for slice in &hold.slices {
            *pinned.entry(slice.grant).or_default() += i128::from(slice.left.get());
        }
    }
    let (mut left, mut free, mut upcoming) = (0, 0, 0);
    for grant in rows.grants_of(account) {
        let bounds = [Credits::ZERO, grant.pinned, grant.remaining, grant.amount];
        prop_assert!(bounds.is_sorted(), "0 ≤ pinned ≤ remaining ≤ amount: {:?}", grant);
        prop_assert_eq!(i128::from(grant.pinned.get()), pinned.remove(&grant.id).unwrap_or_default());
        let remaining = i128::from(grant.remaining.get());
        match grant.stage {
            Stage::Upcoming => upcoming += remaining,
            Stage::Active => free += i128::from(grant.free().get()),
            Stage::Late | Stage::Expired | Stage::Voided => {}
        }
        left += remaining;
    }
    prop_assert!(pinned.is_empty(), "a hold has pinned a grant that is not there");
    let debt = i128::from(kept.debt.get());
    prop_assert_eq!(
        left - upcoming - debt,
        i128::from(kept.posted.get()),
        "posted is what is left less debt"
    );
    prop_assert!(debt == 0 || free == 0, "{} are free while {} are owed", free, debt);
    Ok(())
}

/// What spending and holding alone may never push below zero: what is available, with the overdraft; for usage
/// that is reported late, with what waits for it.
pub(crate) fn room(kept: &Balance, posting: &Posting) -> i128 {
    let late = posting.commands.iter().any(|command| match command {
        Command::Spend(spend) => spend.occurred_at.is_some(),
        _ => false,
    });
    let waiting = if late { i128::from(kept.late.get()) } else { 0 };
    i128::from(kept.available().get()) + i128::from(kept.overdraft_limit.get()) + waiting
}

/// Whether none of the posting's commands takes credits away by itself.
pub(crate) fn only_spends(posting: &Posting) -> bool {
    !posting.commands.iter().any(|command| match command {
        Command::Clawback(_) | Command::Void { .. } => true,
        Command::Spend(spend) => spend.shortfall == Shortfall::Owe,
        Command::Capture(capture) => capture.shortfall == Shortfall::Owe,
        _ => false,
    })
}
