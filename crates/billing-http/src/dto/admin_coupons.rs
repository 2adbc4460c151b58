//! Coupons for operators.

use std::collections::BTreeMap;

use billing_core::coupons::{Coupon, CouponEffect, CouponType, Duration, DurationKind};
use billing_core::requests::CouponDraft;
use billing_core::values::{Credits, Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::Whole;
use crate::request::words::moment;

/// A coupon as submitted by an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CouponBody {
    /// The code, case-insensitive: 3 to 40 of A-Z, 0-9, - and _. Immutable.
    code: String,
    /// `percent`, `fixed`, `credits` or `trial_days`.
    r#type: String,
    /// Whole percent (1 to 100), minor units, credits, or days.
    value: Whole,
    /// For `fixed`: the currency of `value`; ISO 4217.
    currency: Option<String>,
    /// For `fixed`: the amounts off in other currencies, in their minor units.
    #[serde(default)]
    other_currencies: BTreeMap<String, i64>,
    /// For `credits`: the days after the redemption at which they expire; never by default.
    expires_after_days: Option<u32>,
    /// For `percent` and `fixed`: `once` (default), `repeating` or `forever`.
    duration: Option<String>,
    /// For `repeating`: the number of periods, including the first.
    duration_periods: Option<u32>,
    /// The maximum number of uses in total; unlimited by default.
    max_redemptions: Option<u32>,
    /// The maximum number of uses per account; 1 by default, unlimited if null.
    #[serde(default = "once")]
    max_per_account: Option<u32>,
    /// Whether only accounts without a previous purchase can use it.
    #[serde(default)]
    first_purchase_only: bool,
    /// The plans that it applies to; all plans and packs if neither are named.
    #[serde(default)]
    plan_ids: Vec<String>,
    /// The packs that it applies to.
    #[serde(default)]
    pack_ids: Vec<String>,
    /// The start of its validity; RFC 3339.
    starts_at: Option<String>,
    /// The end of its validity; RFC 3339.
    ends_at: Option<String>,
    /// True by default.
    active: Option<bool>,
}

/// A coupon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CouponView {
    id: String,
    code: String,
    /// `percent`, `fixed`, `credits` or `trial_days`.
    r#type: String,
    /// Whole percent, minor units, credits, or days.
    value: i64,
    /// For `fixed`.
    currency: Option<String>,
    /// For `fixed`: the amounts off in other currencies, in their minor units.
    other_currencies: BTreeMap<String, i64>,
    expires_after_days: Option<u32>,
    /// `once`, `repeating` or `forever`.
    duration: String,
    duration_periods: Option<u32>,
    max_redemptions: Option<u32>,
    max_per_account: Option<u32>,
    first_purchase_only: bool,
    plan_ids: Vec<String>,
    pack_ids: Vec<String>,
    /// RFC 3339, UTC.
    starts_at: Option<String>,
    /// RFC 3339, UTC.
    ends_at: Option<String>,
    active: bool,
    /// The number of uses, open checkouts included.
    redemptions: i64,
    /// RFC 3339, UTC.
    created_at: String,
    version: i64,
}

#[expect(clippy::unnecessary_wraps, reason = "what is left out means once, what is null means no limit")]
const fn once() -> Option<u32> {
    Some(1)
}

impl CouponBody {
    /// The draft of this body.
    pub(crate) fn into_draft(self) -> Result<CouponDraft, Problem> {
        let kind: CouponType = self.r#type.parse().map_err(|problem| Problem::invalid("type", problem))?;
        Ok(CouponDraft {
            effect: self.effect(kind)?,
            duration: self.duration()?,
            code: self.code.parse().map_err(|problem| Problem::invalid("code", problem))?,
            plans: ids("plan_ids", &self.plan_ids)?,
            packs: ids("pack_ids", &self.pack_ids)?,
            starts_at: moment("starts_at", self.starts_at.as_deref())?,
            ends_at: moment("ends_at", self.ends_at.as_deref())?,
            max_redemptions: self.max_redemptions,
            max_per_account: self.max_per_account,
            first_purchase_only: self.first_purchase_only,
            active: self.active.unwrap_or(true),
        })
    }

    fn effect(&self, kind: CouponType) -> Result<CouponEffect, Problem> {
        let foreign = |field| Err(Problem::invalid(field, "does not belong to this type"));
        if kind != CouponType::Fixed && self.currency.is_some() {
            return foreign("currency");
        }
        if kind != CouponType::Fixed && !self.other_currencies.is_empty() {
            return foreign("other_currencies");
        }
        if kind != CouponType::Credits && self.expires_after_days.is_some() {
            return foreign("expires_after_days");
        }
        // A value out of range is mapped to one that the coupon's own validation refuses.
        let small = || u32::try_from(self.value.0).unwrap_or(0);
        Ok(match kind {
            CouponType::Percent => CouponEffect::Percent(small()),
            CouponType::TrialDays => CouponEffect::TrialDays(small()),
            CouponType::Credits => CouponEffect::Credits {
                credits: Credits::new(self.value.0),
                expires_after_days: self.expires_after_days,
            },
            CouponType::Fixed => {
                let code = self.currency.as_deref();
                let code = code.ok_or_else(|| Problem::invalid("currency", "is required for this type"))?;
                let mut amounts = vec![Money::new(self.value.0, currency("currency", code)?)];
                for (code, minor) in &self.other_currencies {
                    amounts.push(Money::new(*minor, currency("other_currencies", code)?));
                }
                CouponEffect::Fixed(amounts)
            }
        })
    }

    fn duration(&self) -> Result<Duration, Problem> {
        let kind = self.duration.as_deref().map(str::parse).transpose();
        let kind = kind.map_err(|problem| Problem::invalid("duration", problem))?;
        match (kind.unwrap_or(DurationKind::Once), self.duration_periods) {
            (DurationKind::Once, None) => Ok(Duration::Once),
            (DurationKind::Forever, None) => Ok(Duration::Forever),
            (DurationKind::Repeating, Some(periods)) => Ok(Duration::Repeating(periods)),
            (DurationKind::Repeating, None) => {
                Err(Problem::invalid("duration_periods", "is required for `repeating`"))
            }
            (_, Some(_)) => Err(Problem::invalid("duration_periods", "belongs to `repeating`")),
        }
    }
}

fn currency(field: &str, code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|problem| Problem::new("unknown_currency", format!("`{field}`: {problem}")))
}

fn ids<T: std::str::FromStr>(field: &str, texts: &[String]) -> Result<Vec<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    texts.iter().map(|text| text.parse().map_err(|problem| Problem::invalid(field, problem))).collect()
}

impl From<Coupon> for CouponView {
    fn from(coupon: Coupon) -> Self {
        let kind = coupon.effect.kind();
        let (value, money, expires_after_days) = match coupon.effect {
            CouponEffect::Percent(percent) => (i64::from(percent), Vec::new(), None),
            CouponEffect::TrialDays(days) => (i64::from(days), Vec::new(), None),
            CouponEffect::Credits { credits, expires_after_days } => {
                (credits.get(), Vec::new(), expires_after_days)
            }
            CouponEffect::Fixed(amounts) => (amounts.first().map_or(0, |amount| amount.minor), amounts, None),
        };
        let other = money.iter().skip(1).map(|amount| (amount.currency.to_string(), amount.minor));
        Self {
            id: coupon.id.to_string(),
            code: coupon.code.to_string(),
            r#type: kind.to_string(),
            value,
            currency: money.first().map(|amount| amount.currency.to_string()),
            other_currencies: other.collect(),
            expires_after_days,
            duration: coupon.duration.kind().to_string(),
            duration_periods: periods(coupon.duration),
            max_redemptions: coupon.max_redemptions,
            max_per_account: coupon.max_per_account,
            first_purchase_only: coupon.first_purchase_only,
            plan_ids: coupon.plans.iter().map(ToString::to_string).collect(),
            pack_ids: coupon.packs.iter().map(ToString::to_string).collect(),
            starts_at: coupon.starts_at.map(|at| at.to_string()),
            ends_at: coupon.ends_at.map(|at| at.to_string()),
            active: coupon.active,
            redemptions: coupon.uses,
            created_at: coupon.created_at.to_string(),
            version: coupon.version,
        }
    }
}

pub(super) fn periods(duration: Duration) -> Option<u32> {
    match duration {
        Duration::Repeating(periods) => Some(periods),
        Duration::Once | Duration::Forever => None,
    }
}
