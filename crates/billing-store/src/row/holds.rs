//! Rows of holds and debts.

use super::read::{Reader, at, to_json};
use crate::entity::{debts, hold_slices, holds};
use billing_core::ledger::{DebtChange, Hold, Slice};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, DebtId, GrantId, HoldId, PostingKey, Timestamp};

pub(crate) fn hold_model(hold: &Hold) -> holds::Model {
    holds::Model {
        account_id: hold.account.uuid(),
        id: hold.id.uuid(),
        amount: hold.amount.get(),
        captured: hold.captured.get(),
        overrun: hold.overrun.get(),
        state: hold.state.to_string(),
        uncovered: hold.uncovered.get(),
        uncovered_left: hold.uncovered_left.get(),
        usages: (!hold.usages.is_empty()).then(|| to_json(&hold.usages)),
        description: hold.description.clone(),
        metadata: to_json(&hold.metadata),
        actor: hold.actor.to_string(),
        posting_key: hold.posting_key.as_str().to_owned(),
        placed_at: hold.placed_at.micros(),
        expires_at: hold.expires_at.micros(),
        ended_at: hold.ended_at.map(Timestamp::micros),
    }
}

pub(crate) fn slice_models(hold: &Hold) -> impl Iterator<Item = hold_slices::Model> {
    hold.slices.iter().zip(0_i16..).map(|(slice, position)| hold_slices::Model {
        account_id: hold.account.uuid(),
        hold_id: hold.id.uuid(),
        position,
        grant_id: slice.grant.uuid(),
        amount: slice.amount.get(),
        remaining: slice.left.get(),
    })
}

/// The hold in `row` with its slices, in order.
pub(crate) fn read_hold(row: holds::Model, slices: &[hold_slices::Model]) -> Result<Hold, StoreError> {
    let read = Reader::new("holds", row.id);
    let slice = |row: &hold_slices::Model| Slice {
        grant: GrantId::from_uuid(row.grant_id),
        amount: Credits::new(row.amount),
        left: Credits::new(row.remaining),
    };
    Ok(Hold {
        id: HoldId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        amount: Credits::new(row.amount),
        captured: Credits::new(row.captured),
        overrun: Credits::new(row.overrun),
        state: read.parse("state", &row.state)?,
        slices: slices.iter().map(slice).collect(),
        uncovered: Credits::new(row.uncovered),
        uncovered_left: Credits::new(row.uncovered_left),
        usages: row.usages.map_or(Ok(Vec::new()), |text| read.json("usages", &text))?,
        description: row.description,
        metadata: read.json("metadata", &row.metadata)?,
        actor: read.parse("actor", &row.actor)?,
        posting_key: PostingKey::from_stored(row.posting_key),
        placed_at: at(row.placed_at),
        expires_at: at(row.expires_at),
        ended_at: row.ended_at.map(at),
    })
}

pub(crate) fn debt_model(debt: &DebtChange) -> debts::Model {
    debts::Model {
        account_id: debt.account.uuid(),
        id: debt.id.uuid(),
        seq: debt.seq,
        grant_id: debt.grant.map(GrantId::uuid),
        amount: debt.amount.get(),
        at: debt.at.micros(),
    }
}

pub(crate) fn read_debt(row: &debts::Model) -> DebtChange {
    DebtChange {
        id: DebtId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        grant: row.grant_id.map(GrantId::from_uuid),
        amount: Credits::new(row.amount),
        at: at(row.at),
    }
}
