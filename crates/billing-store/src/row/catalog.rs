//! Plans and packs.

use billing_core::catalog::{Pack, Plan, Rollover};
use billing_core::ports::StoreError;
use billing_core::values::{Credits, PackId, PlanId};

use super::read::{Reader, at, to_json};
use crate::entity::{packs, plans};

/// The row to write for `plan`, one version on.
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
        stripe_price_id_monthly: plan.stripe_price_id_monthly.clone(),
        stripe_price_id_yearly: plan.stripe_price_id_yearly.clone(),
        creem_product_id: plan.creem_product_id.clone(),
        creem_product_id_yearly: plan.creem_product_id_yearly.clone(),
        rollover_mode: plan.rollover.mode.to_string(),
        rollover_cap: plan.rollover.cap.map(Credits::get),
        change_policy: plan.change_policy.to_string(),
        public: plan.public,
        active: plan.active,
        created_at: plan.created_at.micros(),
        version: plan.version.saturating_add(1),
    }
}

pub(crate) fn read_plan(row: plans::Model) -> Result<Plan, StoreError> {
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
        stripe_price_id_monthly: row.stripe_price_id_monthly,
        stripe_price_id_yearly: row.stripe_price_id_yearly,
        creem_product_id: row.creem_product_id,
        creem_product_id_yearly: row.creem_product_id_yearly,
        rollover: Rollover {
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

/// The row to write for `pack`, one version on.
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
        creem_product_id: pack.creem_product_id.clone(),
        active: pack.active,
        created_at: pack.created_at.micros(),
        version: pack.version.saturating_add(1),
    }
}

pub(crate) fn read_pack(row: packs::Model) -> Result<Pack, StoreError> {
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
        creem_product_id: row.creem_product_id,
        active: row.active,
        created_at: at(row.created_at),
        version: row.version,
    })
}
