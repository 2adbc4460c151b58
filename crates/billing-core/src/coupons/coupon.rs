//! The coupon.

use super::{CouponCode, CouponEffect, CouponRefusal, Duration, PastUses};
use crate::catalog::CatalogRefusal;
use crate::values::{CouponId, Credits, PackId, PlanId, Timestamp};

/// A coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// Its id.
    pub id: CouponId,
    /// The unique code; immutable.
    pub code: CouponCode,
    /// Its effect; fixed after the first use.
    pub effect: CouponEffect,
    /// The duration of its discount; fixed after the first use.
    pub duration: Duration,
    /// The maximum number of uses in total; unlimited if none.
    pub max_redemptions: Option<u32>,
    /// The maximum number of uses per account; unlimited if none.
    pub max_per_account: Option<u32>,
    /// Whether only accounts without a previous purchase can use it, once each.
    pub first_purchase_only: bool,
    /// The plans that it applies to. Without plans and packs it applies to all.
    pub plans: Vec<PlanId>,
    /// The packs that it applies to.
    pub packs: Vec<PackId>,
    /// The start of its validity.
    pub starts_at: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub ends_at: Option<Timestamp>,
    /// Whether it is active.
    pub active: bool,
    /// The number of uses: reserved and confirmed. Only [`CouponUse`](super::CouponUse) changes it; writing a coupon
    /// does not.
    pub uses: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet. Uses do not increment it.
    pub version: i64,
}

/// The item that a coupon is used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponItem {
    /// A plan.
    Plan(PlanId),
    /// A pack.
    Pack(PackId),
}

impl Coupon {
    /// Whether it applies to `item`.
    pub(super) fn applies_to(&self, item: CouponItem) -> Result<(), CouponRefusal> {
        let for_all = self.plans.is_empty() && self.packs.is_empty();
        let named = match item {
            CouponItem::Plan(plan) => self.plans.contains(&plan),
            CouponItem::Pack(pack) => self.packs.contains(&pack),
        };
        if for_all || named {
            return Ok(());
        }
        Err(CouponRefusal::NotApplicable { code: self.code.clone(), why: "it is for other plans or packs" })
    }

    /// Whether an account with these `past` uses can use it at `now`.
    ///
    /// # Errors
    ///
    /// [`CouponRefusal`] says why not.
    pub fn usable(&self, past: &PastUses, now: Timestamp) -> Result<(), CouponRefusal> {
        let code = || self.code.clone();
        if !self.active {
            return Err(CouponRefusal::Inactive { code: code() });
        }
        if let Some(starts_at) = self.starts_at.filter(|starts_at| now < *starts_at) {
            return Err(CouponRefusal::NotStarted { code: code(), starts_at });
        }
        if let Some(ended_at) = self.ends_at.filter(|ends_at| *ends_at <= now) {
            return Err(CouponRefusal::Expired { code: code(), ended_at });
        }
        // The account's own limit is reported before the total one.
        if let Some(limit) = self.limit_per_account().filter(|limit| *limit <= past.used()) {
            return Err(CouponRefusal::UsedUp { code: code(), limit, used: past.used() });
        }
        if self.first_purchase_only && past.bought_before {
            return Err(CouponRefusal::FirstPurchaseOnly { code: code() });
        }
        if let Some(limit) = self.max_redemptions.filter(|limit| i64::from(*limit) <= self.uses) {
            return Err(CouponRefusal::Exhausted { code: code(), limit });
        }
        Ok(())
    }

    /// The limit per account: one for first purchases and for credits.
    pub fn limit_per_account(&self) -> Option<u32> {
        let once = self.first_purchase_only || matches!(self.effect, CouponEffect::Credits { .. });
        if once { Some(1) } else { self.max_per_account }
    }

    /// Validates the coupon for publishing.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        let invalid = |field: &'static str, problem: &str| Err(CatalogRefusal::invalid(field, problem));
        match &self.effect {
            CouponEffect::Percent(percent) if !(1..=100).contains(percent) => {
                return invalid("value", "goes from 1 to 100 for percent");
            }
            CouponEffect::Fixed(amounts) => {
                let mut seen = Vec::new();
                for amount in amounts {
                    if !(1..=9_999_999_999).contains(&amount.minor) {
                        return invalid("value", "takes 1 to 9999999999 minor units for fixed");
                    }
                    if seen.contains(&amount.currency.code()) {
                        return invalid("other_currencies", "takes each currency once");
                    }
                    seen.push(amount.currency.code());
                }
                if amounts.is_empty() || amounts.len() > 50 {
                    return invalid("currency", "takes 1 to 50 currencies");
                }
            }
            CouponEffect::Credits { credits, expires_after_days } => {
                if !credits.is_amount() {
                    let problem = format!("takes 1 to {} credits", Credits::MAX_AMOUNT);
                    return invalid("value", &problem);
                }
                if expires_after_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
                    return invalid("expires_after_days", "goes from 1 to 36500");
                }
                if !self.plans.is_empty() || !self.packs.is_empty() || self.first_purchase_only {
                    return invalid("type", "brings credits by itself: it is for no plan, pack or purchase");
                }
            }
            CouponEffect::TrialDays(days) if !(1..=730).contains(days) => {
                return invalid("value", "goes from 1 to 730 for trial_days");
            }
            _ => {}
        }
        let discounts = matches!(self.effect, CouponEffect::Percent(_) | CouponEffect::Fixed(_));
        if !discounts && self.duration != Duration::Once {
            return invalid("duration", "is `once` but for discounts");
        }
        if matches!(self.duration, Duration::Repeating(periods) if !(1..=120).contains(&periods)) {
            return invalid("duration_periods", "goes from 1 to 120");
        }
        for (field, limit) in
            [("max_redemptions", self.max_redemptions), ("max_per_account", self.max_per_account)]
        {
            if limit == Some(0) {
                return invalid(field, "is at least 1");
            }
        }
        if self.plans.len() > 100 || self.packs.len() > 100 {
            return invalid("plan_ids", "takes at most 100, as does `pack_ids`");
        }
        if self.starts_at.zip(self.ends_at).is_some_and(|(starts_at, ends_at)| ends_at <= starts_at) {
            return invalid("ends_at", "lies after `starts_at`");
        }
        Ok(())
    }
}
