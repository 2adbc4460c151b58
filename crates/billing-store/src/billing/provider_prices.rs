//! The items that providers' prices and products stand for: rows are inserted, and marked as not current, never
//! deleted.

use std::collections::HashMap;

use billing_core::catalog::{Pack, PackPrices, Plan, PlanPrices, PricedItem};
use billing_core::payments::Channel;
use billing_core::ports::{CommitError, StoreError};
use billing_core::values::{PackId, PlanId};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use super::versioned::insert;
use crate::entity::provider_prices::{Column, Entity, Model};
use crate::error::{commit_error, store_error};
use crate::row::read_provider_price;
use crate::transaction::Transaction;

/// Makes the plan's prices the current ones. A reference of another item is a conflict.
pub(super) async fn put_plan_prices(transaction: &Transaction, plan: &Plan) -> Result<(), CommitError> {
    let rows = plan.prices.iter().map(|(channel, interval, reference)| Model {
        channel: channel.to_string(),
        reference: reference.to_owned(),
        plan_id: Some(plan.id.uuid()),
        plan_interval: Some(interval.to_string()),
        pack_id: None,
        is_current: true,
    });
    put(transaction, rows.collect(), Column::PlanId.eq(plan.id.uuid())).await
}

/// The same for a pack.
pub(super) async fn put_pack_prices(transaction: &Transaction, pack: &Pack) -> Result<(), CommitError> {
    let rows = pack.prices.iter().map(|(channel, reference)| Model {
        channel: channel.to_string(),
        reference: reference.to_owned(),
        plan_id: None,
        plan_interval: None,
        pack_id: Some(pack.id.uuid()),
        is_current: true,
    });
    put(transaction, rows.collect(), Column::PackId.eq(pack.id.uuid())).await
}

async fn put(transaction: &Transaction, rows: Vec<Model>, of_item: Expr) -> Result<(), CommitError> {
    Entity::update_many()
        .col_expr(Column::IsCurrent, Expr::value(false))
        .filter(of_item)
        .filter(Expr::col(Column::IsCurrent))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    for row in rows {
        let identity = (row.channel.clone(), row.reference.clone());
        let known = Entity::find_by_id(identity.clone()).one(transaction).await.map_err(commit_error)?;
        match known {
            None => insert(transaction, row).await?,
            Some(known) if Model { is_current: true, ..known.clone() } == row => {
                Entity::update_many()
                    .col_expr(Column::IsCurrent, Expr::value(true))
                    .filter(Column::Channel.eq(identity.0))
                    .filter(Column::Reference.eq(identity.1))
                    .exec(transaction)
                    .await
                    .map_err(commit_error)?;
            }
            Some(_) => return Err(CommitError::Conflict),
        }
    }
    Ok(())
}

/// The item of `reference`, even if it is not current.
pub(super) async fn find(
    reader: &impl ConnectionTrait,
    channel: Channel,
    reference: &str,
) -> Result<Option<PricedItem>, StoreError> {
    let identity = (channel.to_string(), reference.to_owned());
    let row = Entity::find_by_id(identity).one(reader).await.map_err(store_error)?;
    row.map(|row| read_provider_price(&row).map(|(_, item)| item)).transpose()
}

/// The current prices of the plans that match `those`, by plan.
pub(super) async fn of_plans(
    reader: &impl ConnectionTrait,
    those: Condition,
) -> Result<HashMap<PlanId, PlanPrices>, StoreError> {
    let mut all: HashMap<PlanId, PlanPrices> = HashMap::new();
    for row in current(reader, those).await? {
        if let (channel, PricedItem::Plan(plan, interval)) = read_provider_price(&row)? {
            let prices = all.entry(plan).or_default();
            *prices = std::mem::take(prices).with(channel, interval, Some(row.reference));
        }
    }
    Ok(all)
}

/// The current products of the packs that match `those`, by pack.
pub(super) async fn of_packs(
    reader: &impl ConnectionTrait,
    those: Condition,
) -> Result<HashMap<PackId, PackPrices>, StoreError> {
    let mut all: HashMap<PackId, PackPrices> = HashMap::new();
    for row in current(reader, those).await? {
        if let (channel, PricedItem::Pack(pack)) = read_provider_price(&row)? {
            let prices = all.entry(pack).or_default();
            *prices = std::mem::take(prices).with(channel, Some(row.reference));
        }
    }
    Ok(all)
}

async fn current(reader: &impl ConnectionTrait, those: Condition) -> Result<Vec<Model>, StoreError> {
    let found = Entity::find().filter(Expr::col(Column::IsCurrent)).filter(those);
    found.all(reader).await.map_err(store_error)
}
