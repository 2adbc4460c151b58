//! Rows of plans and packs.

use billing_core::catalog::{Pack, PackPrices, Plan, PlanPrices, PricedItem, RolloverPolicy};
use billing_core::payments::Channel;
use billing_core::ports::StoreError;
use billing_core::values::{Credits, PackId, PlanId};

use super::read::{Reader, at, to_json};
use crate::entity::{packs, plans, provider_prices};

/// The row of `plan`, at the next version.
pub(crate) fn plan_model(plan: &Plan) -> plans::Model {
    plans::Model {
        id: plan.id.uuid(),
        slug: plan.slug.clone(),
        name: plan.name.clone(),
        description: plan.description.clone(),
        price_monthly: plan.price_monthly,
        price_yearly: plan.price_yearly,
        currency: plan.currency.code().to_owned(),
        credits_included: plan.credits_included.get(),
        credits_interval: plan.credits_interval.to_string(),
        features: to_json(&plan.features),
        trial_days: i64::from(plan.trial_days),
        trial_credits: plan.trial_credits.get(),
        rollover_mode: plan.rollover.mode.to_string(),
        rollover_cap: plan.rollover.cap.map(Credits::get),
        change_policy: plan.change_policy.to_string(),
        public: plan.public,
        active: plan.active,
        created_at: plan.created_at.micros(),
        version: plan.version.saturating_add(1),
    }
}

pub(crate) fn read_plan(row: plans::Model, prices: PlanPrices) -> Result<Plan, StoreError> {
    let read = Reader::new("plans", row.id);
    Ok(Plan {
        id: PlanId::from_uuid(row.id),
        slug: row.slug,
        name: row.name,
        description: row.description,
        price_monthly: row.price_monthly,
        price_yearly: row.price_yearly,
        currency: read.parse("currency", &row.currency)?,
        credits_included: Credits::new(row.credits_included),
        credits_interval: read.parse("credits_interval", &row.credits_interval)?,
        features: read.json("features", &row.features)?,
        trial_days: read.small("trial_days", row.trial_days)?,
        trial_credits: Credits::new(row.trial_credits),
        prices,
        rollover: RolloverPolicy {
            mode: read.parse("rollover_mode", &row.rollover_mode)?,
            cap: row.rollover_cap.map(Credits::new),
        },
        change_policy: read.parse("change_policy", &row.change_policy)?,
        public: row.public,
        active: row.active,
        created_at: at(row.created_at),
        version: row.version,
    })
}

/// The row of `pack`, at the next version.
pub(crate) fn pack_model(pack: &Pack) -> packs::Model {
    packs::Model {
        id: pack.id.uuid(),
        slug: pack.slug.clone(),
        name: pack.name.clone(),
        price: pack.price,
        currency: pack.currency.code().to_owned(),
        credits: pack.credits.get(),
        bonus_credits: pack.bonus_credits.get(),
        expires_after_days: pack.expires_after_days.map(i64::from),
        active: pack.active,
        created_at: pack.created_at.micros(),
        version: pack.version.saturating_add(1),
    }
}

pub(crate) fn read_pack(row: packs::Model, prices: PackPrices) -> Result<Pack, StoreError> {
    let read = Reader::new("packs", row.id);
    Ok(Pack {
        id: PackId::from_uuid(row.id),
        slug: row.slug,
        name: row.name,
        price: row.price,
        currency: read.parse("currency", &row.currency)?,
        credits: Credits::new(row.credits),
        bonus_credits: Credits::new(row.bonus_credits),
        expires_after_days: row
            .expires_after_days
            .map(|days| read.small("expires_after_days", days))
            .transpose()?,
        prices,
        active: row.active,
        created_at: at(row.created_at),
        version: row.version,
    })
}

/// The provider's price or product, and its item.
pub(crate) fn read_provider_price(row: &provider_prices::Model) -> Result<(Channel, PricedItem), StoreError> {
    let read = Reader::new("provider_prices", &row.reference);
    let channel = read.parse("channel", &row.channel)?;
    let item = match (row.plan_id, &row.plan_interval, row.pack_id) {
        (Some(plan), Some(interval), None) => {
            PricedItem::Plan(PlanId::from_uuid(plan), read.parse("plan_interval", interval)?)
        }
        (None, None, Some(pack)) => PricedItem::Pack(PackId::from_uuid(pack)),
        _ => return Err(read.corrupt("plan_id", format!("{:?}", row.plan_id))),
    };
    Ok((channel, item))
}
