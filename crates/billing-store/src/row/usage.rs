//! Rows of usage.

use billing_core::catalog::{MonthKey, MonthPositions, quantities};
use billing_core::ledger::{ChainHash, UsageRecord};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, HoldId, PostingKey, UsageId, parse_decimal};
use rust_decimal::Decimal;

use super::read::{Reader, at, to_json};
use crate::entity::{usage_months, usages};

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Quantities(#[serde(with = "quantities")] std::collections::BTreeMap<String, Decimal>);

pub(crate) fn usage_model(usage: &UsageRecord) -> usages::Model {
    usages::Model {
        account_id: usage.account.uuid(),
        number: usage.number,
        id: usage.id.uuid(),
        entry: usage.entry,
        quote: usage.quote.to_string(),
        meter: usage.meter.clone(),
        dimensions: to_json(&usage.dimensions),
        quantities: to_json(&Quantities(usage.quantities.clone())),
        price: usage.price,
        markup: usage.markup,
        months: (!usage.months.is_empty()).then(|| to_json(&usage.months)),
        credits: usage.credits.get(),
        uncovered: usage.uncovered.get(),
        carried: i64::from(usage.carried),
        kind: usage.kind.as_str().to_owned(),
        description: usage.description.clone(),
        metadata: to_json(&usage.metadata),
        erased: usage.erased.map(|digest| digest.bytes().to_vec()),
        actor: usage.actor.to_string(),
        posting_key: usage.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        hold_id: usage.hold.map(HoldId::uuid),
        returns: usage.returns,
        occurred_at: usage.occurred_at.micros(),
        recorded_at: usage.recorded_at.micros(),
        hash: usage.hash.bytes().to_vec(),
    }
}

pub(crate) fn read_usage(row: usages::Model) -> Result<UsageRecord, StoreError> {
    let read = Reader::new("usages", row.id);
    Ok(UsageRecord {
        id: UsageId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        number: row.number,
        entry: row.entry,
        quote: read.parse("quote", &row.quote)?,
        meter: row.meter,
        dimensions: read.json("dimensions", &row.dimensions)?,
        quantities: read.json::<Quantities>("quantities", &row.quantities)?.0,
        price: row.price,
        markup: row.markup,
        months: row.months.map_or_else(|| Ok(MonthPositions::new()), |text| read.json("months", &text))?,
        credits: Credits::new(row.credits),
        uncovered: Credits::new(row.uncovered),
        carried: read.small("carried", row.carried)?,
        kind: read.parse("kind", &row.kind)?,
        description: row.description,
        metadata: read.json("metadata", &row.metadata)?,
        erased: read.hash_or_none("erased", row.erased.as_deref())?,
        actor: read.parse("actor", &row.actor)?,
        posting_key: row.posting_key.map(PostingKey::from_stored),
        hold: row.hold_id.map(HoldId::from_uuid),
        returns: row.returns,
        occurred_at: at(row.occurred_at),
        recorded_at: at(row.recorded_at),
        hash: ChainHash::from_bytes(read.bytes32("hash", &row.hash)?),
    })
}

pub(crate) fn usage_month_model(account: AccountId, key: &MonthKey, units: Decimal) -> usage_months::Model {
    usage_months::Model {
        account_id: account.uuid(),
        meter: key.meter.clone(),
        month: key.month.to_string(),
        quantity: key.quantity.clone(),
        rate: key.rate.clone(),
        units: units.normalize().to_string(),
    }
}

/// The account, the counter, and its units.
pub(crate) fn read_usage_month(
    row: usage_months::Model,
) -> Result<(AccountId, MonthKey, Decimal), StoreError> {
    let read = Reader::new("usage_months", row.account_id);
    let month = read.parse("month", &row.month)?;
    let units = parse_decimal(&row.units).map_err(|problem| read.corrupt("units", problem))?;
    let key = MonthKey { meter: row.meter, month, quantity: row.quantity, rate: row.rate };
    Ok((AccountId::from_uuid(row.account_id), key, units))
}
