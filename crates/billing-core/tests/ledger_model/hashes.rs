//! The hashes of a history, by the words that describe them: every field with its length in front, 64 bits, big endian;
//! a field that is absent has the length 2^64 − 1.

use std::collections::BTreeMap;

use billing_core::ledger::{DebtChange, Entry, Grant, UsageRecord};
use billing_core::values::{AccountId, Metadata};
use sha2::{Digest, Sha256};

use crate::store::Rows;

type Field = Option<Vec<u8>>;

#[expect(clippy::unnecessary_wraps, reason = "a field may be absent")]
fn number(number: i64) -> Field {
    Some(number.to_be_bytes().to_vec())
}

#[expect(clippy::unnecessary_wraps, reason = "a field may be absent")]
fn text(text: &str) -> Field {
    Some(text.as_bytes().to_vec())
}

#[expect(clippy::unnecessary_wraps, reason = "a field may be absent")]
fn id(id: uuid::Uuid) -> Field {
    Some(id.as_bytes().to_vec())
}

fn texts(texts: &BTreeMap<String, String>) -> Vec<Field> {
    let mut fields = vec![number(i64::try_from(texts.len()).unwrap())];
    fields.extend(texts.iter().flat_map(|(name, value)| [text(name), text(value)]));
    fields
}

/// The hash of the entry behind `before`.
pub(crate) fn chained<'a>(
    rows: &Rows,
    before: [u8; 32],
    entry: &Entry,
    debts: impl Iterator<Item = &'a DebtChange>,
) -> [u8; 32] {
    let account = entry.account;
    let posting = entry.posting_key.as_ref().map(|key| &rows.postings[&(account, key.clone())]);
    let mut fields = vec![
        text("billing entry 1"),
        Some(before.to_vec()),
        id(account.uuid()),
        number(entry.seq),
        id(entry.id.uuid()),
        text(entry.kind.as_str()),
        number(entry.amount.get()),
        number(entry.balance_after.get()),
        number(entry.available_after.get()),
        Some(free_text(rows, account, &entry.description, &entry.metadata)),
        text(&entry.actor.to_string()),
        entry.posting_key.as_ref().and_then(|key| text(key.as_str())),
        posting.map(|posting| posting.fingerprint.bytes().to_vec()),
        entry.grant.and_then(|grant| id(grant.uuid())),
        entry.hold.and_then(|hold| id(hold.uuid())),
        entry.reverses.and_then(number),
        entry.usages.and_then(|(first, _)| number(first)),
        entry.usages.and_then(|(_, last)| number(last)),
        entry.occurred_at.and_then(|at| number(at.micros())),
        number(entry.effective_at.micros()),
        number(entry.recorded_at.micros()),
    ];
    for part in rows.parts_at(account, entry.seq) {
        let given = part.amount.get() > 0;
        let terms = given.then(|| terms(&rows.grants[&part.grant]).to_vec());
        fields.extend([id(part.grant.uuid()), number(part.amount.get()), terms]);
    }
    fields.extend(debts.flat_map(|debt| [id(debt.id.uuid()), number(debt.amount.get())]));
    digest(fields)
}

/// The hash of the usage behind `before`.
pub(crate) fn chained_usage(rows: &Rows, before: [u8; 32], usage: &UsageRecord) -> [u8; 32] {
    let units = usage.quantities.iter();
    let units = units.map(|(name, units)| (name.clone(), units.normalize().to_string())).collect();
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
    fields.extend(texts(&usage.dimensions));
    fields.extend(texts(&units));
    fields.extend([
        number(usage.price),
        number(usage.credits.get()),
        number(usage.uncovered.get()),
        number(i64::from(usage.carried)),
        text(usage.kind.as_str()),
        Some(free_text(rows, usage.account, &usage.description, &usage.metadata)),
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

/// What never changes of a grant.
fn terms(grant: &Grant) -> [u8; 32] {
    digest(vec![
        text("billing grant 1"),
        id(grant.id.uuid()),
        number(grant.amount.get()),
        text(grant.source.as_str()),
        number(grant.priority.into()),
        number(grant.effective_at.micros()),
        text(grant.business_key.as_str()),
        grant.posting_key.as_ref().and_then(|key| text(key.as_str())),
        grant.origin.order.and_then(|order| id(order.uuid())),
        grant.origin.subscription.and_then(|subscription| id(subscription.uuid())),
        text(grant.kind.as_str()),
        text(&grant.actor.to_string()),
        number(grant.created_at.micros()),
    ])
}

/// Free text under the account's salt.
fn free_text(rows: &Rows, account: AccountId, description: &str, metadata: &Metadata) -> Vec<u8> {
    let salt = rows.balances[&account].text_key.bytes().to_vec();
    let mut fields = vec![text("billing text 1"), Some(salt), text(description)];
    fields.extend(texts(metadata.entries()));
    digest(fields).to_vec()
}

fn digest(fields: Vec<Field>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        let length = field.as_ref().map_or(u64::MAX, |bytes| u64::try_from(bytes.len()).unwrap());
        hash.update(length.to_be_bytes());
        hash.update(field.unwrap_or_default());
    }
    hash.finalize().into()
}
