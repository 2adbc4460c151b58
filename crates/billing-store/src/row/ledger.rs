//! Rows of balances, grants, entries and keys.

use billing_core::ledger::{
    Balance, Buckets, ChainHash, Entry, Grant, NewLine, Origin, Rollover, Source, TextKey,
};
use billing_core::ports::StoreError;
use billing_core::values::{
    AccountId, BusinessKey, Credits, EntryId, GrantId, HoldId, OrderId, PostingKey, SubscriptionId, Timestamp,
};

use super::allocations::allocations_bytes;
use super::posting_key::KeyColumns;
use super::read::{Reader, at, to_json};
use crate::entity::{balances, entries, grants};

pub(crate) fn balance_model(balance: &Balance) -> balances::Model {
    balances::Model {
        account_id: balance.account.uuid(),
        posted: balance.posted.get(),
        held: balance.held.get(),
        open_holds: balance.open_holds,
        debt: balance.debt.get(),
        late: balance.late.get(),
        upcoming: balance.upcoming.get(),
        bucket_plan: balance.buckets.plan.get(),
        bucket_purchased: balance.buckets.purchased.get(),
        bucket_bonus: balance.buckets.bonus.get(),
        overdraft_limit: balance.overdraft_limit.get(),
        enabled: balance.enabled,
        frozen: balance.frozen,
        seq: balance.seq,
        last_at: balance.last_at.micros(),
        next_change_at: balance.next_change_at.map(Timestamp::micros),
        burning_grant: None,
        burning_left: None,
        head: balance.head.bytes().to_vec(),
        usages: balance.usages,
        usage_head: balance.usage_head.bytes().to_vec(),
        text_key: balance.text_key.bytes().to_vec(),
    }
}

pub(crate) fn read_balance(row: &balances::Model) -> Result<Balance, StoreError> {
    let read = Reader::new("balances", row.account_id);
    Ok(Balance {
        account: AccountId::from_uuid(row.account_id),
        posted: Credits::new(row.posted),
        held: Credits::new(row.held),
        open_holds: row.open_holds,
        debt: Credits::new(row.debt),
        late: Credits::new(row.late),
        upcoming: Credits::new(row.upcoming),
        buckets: Buckets {
            plan: Credits::new(row.bucket_plan),
            purchased: Credits::new(row.bucket_purchased),
            bonus: Credits::new(row.bucket_bonus),
        },
        overdraft_limit: Credits::new(row.overdraft_limit),
        enabled: row.enabled,
        frozen: row.frozen,
        seq: row.seq,
        last_at: at(row.last_at),
        next_change_at: row.next_change_at.map(at),
        head: ChainHash::from_bytes(read.bytes32("head", &row.head)?),
        usages: row.usages,
        usage_head: ChainHash::from_bytes(read.bytes32("usage_head", &row.usage_head)?),
        text_key: TextKey::from_bytes(read.bytes("text_key", &row.text_key)?),
    })
}

pub(crate) fn grant_model(grant: &Grant) -> grants::Model {
    grants::Model {
        account_id: grant.account.uuid(),
        id: grant.id.uuid(),
        amount: grant.amount.get(),
        remaining: grant.remaining.get(),
        pinned: grant.pinned.get(),
        forfeited: grant.forfeited.get(),
        clawed: grant.clawed.get(),
        source: grant.source.to_string(),
        burn_rank: i16::from(grant.source.burn_rank()),
        priority: grant.priority,
        effective_at: grant.effective_at.micros(),
        expires_at: grant.expires_at.map(Timestamp::micros),
        late_until: grant.late_until.map(Timestamp::micros),
        rollover_cap: grant.rollover.map(|rollover| rollover.cap.get()),
        rollover_until: grant.rollover.map(|rollover| rollover.until.micros()),
        stage: grant.stage.to_string(),
        live: grant.is_live(),
        business_key: grant.business_key.as_str().to_owned(),
        posting_key: grant.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        order_id: grant.origin.order.map(OrderId::uuid),
        subscription_id: grant.origin.subscription.map(SubscriptionId::uuid),
        kind: grant.kind.as_str().to_owned(),
        actor: grant.actor.to_string(),
        description: grant.description.clone(),
        metadata: to_json(&grant.metadata),
        created_at: grant.created_at.micros(),
    }
}

pub(crate) fn read_grant(row: grants::Model) -> Result<Grant, StoreError> {
    let read = Reader::new("grants", row.id);
    let rollover = row.rollover_cap.zip(row.rollover_until);
    let source: Source = read.parse("source", &row.source)?;
    // Redundant columns that queries use must be consistent.
    if row.live != (row.remaining != 0) {
        return Err(read.corrupt("live", row.live));
    }
    if row.burn_rank != i16::from(source.burn_rank()) {
        return Err(read.corrupt("burn_rank", row.burn_rank));
    }
    Ok(Grant {
        id: GrantId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        amount: Credits::new(row.amount),
        remaining: Credits::new(row.remaining),
        pinned: Credits::new(row.pinned),
        forfeited: Credits::new(row.forfeited),
        clawed: Credits::new(row.clawed),
        source,
        priority: row.priority,
        effective_at: at(row.effective_at),
        expires_at: row.expires_at.map(at),
        late_until: row.late_until.map(at),
        rollover: rollover.map(|(cap, until)| Rollover { cap: Credits::new(cap), until: at(until) }),
        stage: read.parse("stage", &row.stage)?,
        business_key: BusinessKey::from_stored(row.business_key),
        posting_key: row.posting_key.map(PostingKey::from_stored),
        origin: Origin {
            order: row.order_id.map(OrderId::from_uuid),
            subscription: row.subscription_id.map(SubscriptionId::from_uuid),
        },
        kind: read.parse("kind", &row.kind)?,
        actor: read.parse("actor", &row.actor)?,
        description: row.description,
        metadata: read.json("metadata", &row.metadata)?,
        created_at: at(row.created_at),
    })
}

pub(crate) fn entry_model(line: NewLine<'_>) -> entries::Model {
    let key = KeyColumns::of(&line);
    let NewLine { entry, parts, .. } = line;
    entries::Model {
        account_id: entry.account.uuid(),
        seq: entry.seq,
        id: entry.id.uuid(),
        kind: entry.kind.as_str().to_owned(),
        amount: entry.amount.get(),
        balance_after: entry.balance_after.get(),
        available_after: entry.available_after.get(),
        effective_at: entry.effective_at.micros(),
        recorded_at: entry.recorded_at.micros(),
        occurred_at: entry.occurred_at.map(Timestamp::micros),
        reverses: entry.reverses,
        grant_id: entry.grant.map(GrantId::uuid),
        hold_id: entry.hold.map(HoldId::uuid),
        description: entry.description.clone(),
        actor: entry.actor.to_string(),
        posting_key: entry.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        key_hash: key.key_hash,
        fingerprint: key.fingerprint.map(|bytes| bytes.to_vec()),
        posting_available: key.available,
        posting_last: key.last_seq,
        posting_grants: key.grants,
        seen: key.seen,
        first_usage: entry.usages.map(|(first, _)| first),
        last_usage: entry.usages.map(|(_, last)| last),
        metadata: to_json(&entry.metadata),
        erased: entry.erased.map(|digest| digest.bytes().to_vec()),
        allocations: allocations_bytes(parts),
        hash: entry.hash.bytes().to_vec(),
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
        hold: row.hold_id.map(HoldId::from_uuid),
        reverses: row.reverses,
        usages: row.first_usage.zip(row.last_usage),
        occurred_at: row.occurred_at.map(at),
        metadata: read.json("metadata", &row.metadata)?,
        erased: read.hash_or_none("erased", row.erased.as_deref())?,
        effective_at: at(row.effective_at),
        recorded_at: at(row.recorded_at),
        hash: ChainHash::from_bytes(read.bytes32("hash", &row.hash)?),
    })
}
