//! Publishes coupons.

use super::retry::{Again, retry};
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::coupons::{Coupon, CouponCode, CouponEffect, CouponRefusal, Duration};
use crate::ports::{CouponRef, StoreError};
use crate::values::{CouponId, PackId, PlanId, Timestamp};

/// A coupon as submitted by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the coupon's own of the same name, documented there")]
pub struct CouponDraft {
    pub code: CouponCode,
    pub effect: CouponEffect,
    pub duration: Duration,
    pub max_redemptions: Option<u32>,
    pub max_per_account: Option<u32>,
    pub first_purchase_only: bool,
    pub plans: Vec<PlanId>,
    pub packs: Vec<PackId>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub active: bool,
}

/// Publishes a new coupon, or replaces the one with `id`. Its code is immutable; its effect and duration are fixed
/// after the first use.
pub(crate) async fn publish_coupon(
    ports: &Ports,
    id: Option<CouponId>,
    draft: &CouponDraft,
) -> Result<Coupon, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let known = match id {
            Some(id) => {
                let found = ports.store.catalog.coupon(CouponRef::Id(id)).await?;
                Some(found.ok_or_else(|| BillingError::not_found("coupon", id))?)
            }
            None => None,
        };
        let mut coupon = draft.to_coupon(known.as_ref(), || CouponId::new(&*ports.ids), now);
        coupon.check()?;
        check_names(ports, &coupon).await?;
        match &known {
            Some(known) => unchanged(known, &coupon)?,
            None if ports.store.catalog.coupon(CouponRef::Code(&coupon.code)).await?.is_some() => {
                return Err(CouponRefusal::CodeTaken { code: coupon.code }.into());
            }
            None => {}
        }
        let changes = Changes { coupons: vec![coupon.clone()], ..Changes::default() };
        ports.store.writer.commit(changes, now).await?;
        coupon.version = coupon.version.saturating_add(1);
        Ok(coupon)
    })
    .await
}

/// Refuses changes of fixed fields between `known` and `wanted`.
fn unchanged(known: &Coupon, wanted: &Coupon) -> Result<(), Again> {
    if known.code != wanted.code {
        let problem = format!("never changes: it is {}", known.code);
        return Err(BillingError::Invalid { field: "code", problem }.into());
    }
    let same = (&known.effect, known.duration) == (&wanted.effect, wanted.duration);
    if known.uses > 0 && !same {
        return Err(CouponRefusal::InUse { code: known.code.clone(), uses: known.uses }.into());
    }
    Ok(())
}

/// The plans and packs must exist.
async fn check_names(ports: &Ports, coupon: &Coupon) -> Result<(), Again> {
    for plan in &coupon.plans {
        named(ports.store.catalog.plan(*plan).await, "plan_ids", || format!("there is no plan `{plan}`"))?;
    }
    for pack in &coupon.packs {
        named(ports.store.catalog.pack(*pack).await, "pack_ids", || format!("there is no pack `{pack}`"))?;
    }
    Ok(())
}

fn named<T>(
    found: Result<Option<T>, StoreError>,
    field: &'static str,
    problem: impl Fn() -> String,
) -> Result<(), BillingError> {
    match found? {
        Some(_) => Ok(()),
        None => Err(BillingError::Invalid { field, problem: problem() }),
    }
}

impl CouponDraft {
    fn to_coupon(&self, known: Option<&Coupon>, id: impl Fn() -> CouponId, now: Timestamp) -> Coupon {
        let draft = self.clone();
        Coupon {
            id: known.map_or_else(id, |known| known.id),
            code: draft.code,
            effect: draft.effect,
            duration: draft.duration,
            max_redemptions: draft.max_redemptions,
            max_per_account: draft.max_per_account,
            first_purchase_only: draft.first_purchase_only,
            plans: draft.plans,
            packs: draft.packs,
            starts_at: draft.starts_at,
            ends_at: draft.ends_at,
            active: draft.active,
            uses: known.map_or(0, |known| known.uses),
            created_at: known.map_or(now, |known| known.created_at),
            version: known.map_or(0, |known| known.version),
        }
    }
}
