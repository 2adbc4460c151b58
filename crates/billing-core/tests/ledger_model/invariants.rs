//! What must always hold, read off the rows themselves: neither the ledger's audit nor the model is asked.

use std::collections::BTreeMap;

use billing_core::ledger::{
    Allocation, Balance, Command, DebtChange, Entry, HoldState, Posting, Shortfall, Stage, UsageRecord,
};
use billing_core::values::{AccountId, Credits};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

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
        hash = chained(hash, entry, rows.parts_at(account, seq), own.into_iter());
        prop_assert_eq!(*entry.hash.bytes(), hash, "the hash of entry {}", seq);
        if let Some(target) = entry.reverses {
            *returned.entry(target).or_default() += i128::from(entry.amount.get());
        }
    }
    prop_assert_eq!(*kept.head.bytes(), hash, "the kept row ends in the last hash");
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
        hash = chained_usage(hash, usage);
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

/// The next hash, by the words that describe it: every field with its length in front, 64 bits, big endian;
/// a field that is not there has the length 2^64 − 1.
fn chained<'a>(
    before: [u8; 32],
    entry: &Entry,
    parts: impl Iterator<Item = &'a Allocation>,
    debts: impl Iterator<Item = &'a DebtChange>,
) -> [u8; 32] {
    let number = |number: i64| Some(number.to_be_bytes().to_vec());
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let id = |id: uuid::Uuid| Some(id.as_bytes().to_vec());
    let mut fields = vec![
        text("billing entry 1"),
        Some(before.to_vec()),
        id(entry.account.uuid()),
        number(entry.seq),
        id(entry.id.uuid()),
        text(entry.kind.as_str()),
        number(entry.amount.get()),
        number(entry.balance_after.get()),
        number(entry.available_after.get()),
        text(&entry.description),
        text(&entry.actor.to_string()),
        entry.posting_key.as_ref().and_then(|key| text(key.as_str())),
        entry.grant.and_then(|grant| id(grant.uuid())),
        entry.hold.and_then(|hold| id(hold.uuid())),
        entry.reverses.and_then(number),
        entry.usages.and_then(|(first, _)| number(first)),
        entry.usages.and_then(|(_, last)| number(last)),
        entry.occurred_at.and_then(|at| number(at.micros())),
        number(i64::try_from(entry.metadata.entries().len()).unwrap()),
    ];
    for (name, note) in entry.metadata.entries() {
        fields.extend([text(name), text(note)]);
    }
    fields.extend([number(entry.effective_at.micros()), number(entry.recorded_at.micros())]);
    fields.extend(parts.flat_map(|part| [id(part.grant.uuid()), number(part.amount.get())]));
    fields.extend(debts.flat_map(|debt| [id(debt.id.uuid()), number(debt.amount.get())]));
    digest(fields)
}

/// The next hash of usage, in the same words.
fn chained_usage(before: [u8; 32], usage: &UsageRecord) -> [u8; 32] {
    let number = |number: i64| Some(number.to_be_bytes().to_vec());
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let id = |id: uuid::Uuid| Some(id.as_bytes().to_vec());
    let units = usage.quantities.iter();
    let units: BTreeMap<_, _> =
        units.map(|(name, units)| (name.clone(), units.normalize().to_string())).collect();
    let mut fields = vec![
        text("billing usage 1"),
        Some(before.to_vec()),
        id(usage.account.uuid()),
        number(usage.number),
        id(usage.id.uuid()),
        usage.entry.and_then(number),
        text(&usage.quote.to_string()),
        text(&usage.meter),
    ];
    let texts = |texts: &BTreeMap<String, String>| {
        let mut fields = vec![number(i64::try_from(texts.len()).unwrap())];
        fields.extend(texts.iter().flat_map(|(name, value)| [text(name), text(value)]));
        fields
    };
    fields.extend(texts(&usage.dimensions));
    fields.extend(texts(&units));
    fields.extend([
        number(usage.price),
        number(usage.credits.get()),
        number(usage.uncovered.get()),
        number(i64::from(usage.carried)),
        text(usage.kind.as_str()),
        text(&usage.description),
    ]);
    fields.extend(texts(usage.metadata.entries()));
    fields.extend([
        text(&usage.actor.to_string()),
        usage.posting_key.as_ref().and_then(|key| text(key.as_str())),
        usage.hold.and_then(|hold| id(hold.uuid())),
        usage.returns.and_then(number),
        number(usage.occurred_at.micros()),
        number(usage.recorded_at.micros()),
        number(usage.markup),
        number(i64::try_from(usage.months.len()).unwrap()),
    ]);
    for (quantity, position) in &usage.months {
        let before = position.before.normalize().to_string();
        let (month, rate) = (position.month.to_string(), &position.rate);
        fields.extend([text(quantity), text(&month), text(rate), text(&before)]);
    }
    digest(fields)
}

fn digest(fields: Vec<Option<Vec<u8>>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        let length = field.as_ref().map_or(u64::MAX, |bytes| u64::try_from(bytes.len()).unwrap());
        hash.update(length.to_be_bytes());
        hash.update(field.unwrap_or_default());
    }
    hash.finalize().into()
}
