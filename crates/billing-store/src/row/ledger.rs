//! The ledger's rows.

use billing_core::ledger::{Allocation, Balance, Buckets, Entry, Grant, Origin, RecordedPosting};
use billing_core::ports::StoreError;
use billing_core::values::{
    AccountId, BusinessKey, Credits, EntryId, GrantId, OrderId, PostingKey, SubscriptionId, Timestamp,
};

use super::read::{Reader, at, to_json};
use crate::entity::{balances, entries, entry_allocations, grants, posting_keys};

pub(crate) fn balance_model(balance: &Balance) -> balances::Model {
    balances::Model {
        account_id: balance.account.uuid(),
        posted: balance.posted.get(),
        held: balance.held.get(),
        debt: balance.debt.get(),
        bucket_plan: balance.buckets.plan.get(),
        bucket_purchased: balance.buckets.purchased.get(),
        bucket_bonus: balance.buckets.bonus.get(),
        seq: balance.seq,
        last_at: balance.last_at.micros(),
        next_change_at: balance.next_change_at.map(Timestamp::micros),
    }
}

pub(crate) fn read_balance(row: &balances::Model) -> Balance {
    Balance {
        account: AccountId::from_uuid(row.account_id),
        posted: Credits::new(row.posted),
        held: Credits::new(row.held),
        debt: Credits::new(row.debt),
        buckets: Buckets {
            plan: Credits::new(row.bucket_plan),
            purchased: Credits::new(row.bucket_purchased),
            bonus: Credits::new(row.bucket_bonus),
        },
        seq: row.seq,
        last_at: at(row.last_at),
        next_change_at: row.next_change_at.map(at),
    }
}

pub(crate) fn grant_model(grant: &Grant) -> grants::Model {
    grants::Model {
        account_id: grant.account.uuid(),
        id: grant.id.uuid(),
        amount: grant.amount.get(),
        remaining: grant.remaining.get(),
        source: grant.source.to_string(),
        priority: grant.priority,
        effective_at: grant.effective_at.micros(),
        expires_at: grant.expires_at.map(Timestamp::micros),
        business_key: grant.business_key.as_str().to_owned(),
        posting_key: grant.posting_key.as_str().to_owned(),
        order_id: grant.origin.order.map(OrderId::uuid),
        subscription_id: grant.origin.subscription.map(SubscriptionId::uuid),
        description: grant.description.clone(),
        activated: grant.activated,
        live: grant.live,
        created_at: grant.created_at.micros(),
    }
}

pub(crate) fn read_grant(row: grants::Model) -> Result<Grant, StoreError> {
    let read = Reader::new("grants", row.id);
    Ok(Grant {
        id: GrantId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        amount: Credits::new(row.amount),
        remaining: Credits::new(row.remaining),
        source: read.parse("source", &row.source)?,
        priority: row.priority,
        effective_at: at(row.effective_at),
        expires_at: row.expires_at.map(at),
        business_key: BusinessKey::from_stored(row.business_key),
        posting_key: PostingKey::from_stored(row.posting_key),
        origin: Origin {
            order: row.order_id.map(OrderId::from_uuid),
            subscription: row.subscription_id.map(SubscriptionId::from_uuid),
        },
        description: row.description,
        activated: row.activated,
        live: row.live,
        created_at: at(row.created_at),
    })
}

pub(crate) fn entry_model(entry: &Entry) -> entries::Model {
    entries::Model {
        account_id: entry.account.uuid(),
        seq: entry.seq,
        id: entry.id.uuid(),
        kind: entry.kind.as_str().to_owned(),
        amount: entry.amount.get(),
        balance_after: entry.balance_after.get(),
        available_after: entry.available_after.get(),
        description: entry.description.clone(),
        actor: entry.actor.to_string(),
        posting_key: entry.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        grant_id: entry.grant.map(GrantId::uuid),
        metadata: to_json(&entry.metadata),
        effective_at: entry.effective_at.micros(),
        recorded_at: entry.recorded_at.micros(),
    }
}

pub(crate) fn read_entry(row: entries::Model) -> Result<Entry, StoreError> {
    let read = Reader::new("entries", row.id);
    Ok(Entry {
        id: EntryId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        kind: read.parse("kind", &row.kind)?,
        amount: Credits::new(row.amount),
        balance_after: Credits::new(row.balance_after),
        available_after: Credits::new(row.available_after),
        description: row.description,
        actor: read.parse("actor", &row.actor)?,
        posting_key: row.posting_key.map(PostingKey::from_stored),
        grant: row.grant_id.map(GrantId::from_uuid),
        metadata: read.json("metadata", &row.metadata)?,
        effective_at: at(row.effective_at),
        recorded_at: at(row.recorded_at),
    })
}

pub(crate) fn allocation_model(part: &Allocation) -> entry_allocations::Model {
    entry_allocations::Model {
        account_id: part.account.uuid(),
        seq: part.seq,
        grant_id: part.grant.uuid(),
        amount: part.amount.get(),
    }
}

pub(crate) fn read_allocation(row: &entry_allocations::Model) -> Allocation {
    Allocation {
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        grant: GrantId::from_uuid(row.grant_id),
        amount: Credits::new(row.amount),
    }
}

/// The row of a new key. Its entries stand next to each other, so the first and last number name them all;
/// 1 to 0 where there are none.
pub(crate) fn posting_key_model(posting: &RecordedPosting) -> posting_keys::Model {
    posting_keys::Model {
        account_id: posting.account.uuid(),
        key: posting.key.as_str().to_owned(),
        fingerprint: posting.fingerprint.bytes().to_vec(),
        available: posting.available.get(),
        first_seq: posting.entries.first().map_or(1, |entry| entry.seq),
        last_seq: posting.entries.last().map_or(0, |entry| entry.seq),
        grants: i64::try_from(posting.grants.len()).unwrap_or(i64::MAX),
    }
}
