//! Rows of coupons and their uses.

use billing_core::coupons::{Coupon, CouponEffect, CouponType, Duration, DurationKind, Redemption};
use billing_core::ports::StoreError;
use billing_core::values::{
    AccountId, CouponId, Credits, Money, OrderId, RedemptionId, RequestKey, Timestamp,
};

use super::read::{Reader, at, to_json};
use crate::entity::{coupon_redemptions, coupons};

/// The row of `coupon`, at the next version.
pub(crate) fn coupon_model(coupon: &Coupon) -> coupons::Model {
    let (value, amounts, expires_after_days) = match &coupon.effect {
        CouponEffect::Percent(percent) => (i64::from(*percent), &[][..], None),
        CouponEffect::Fixed(amounts) => (0, &amounts[..], None),
        CouponEffect::Credits { credits, expires_after_days } => {
            (credits.get(), &[][..], *expires_after_days)
        }
        CouponEffect::TrialDays(days) => (i64::from(*days), &[][..], None),
    };
    coupons::Model {
        id: coupon.id.uuid(),
        code: coupon.code.to_string(),
        kind: coupon.effect.kind().to_string(),
        value,
        amounts: to_json(&amounts),
        expires_after_days: expires_after_days.map(i64::from),
        duration: coupon.duration.kind().to_string(),
        duration_periods: match coupon.duration {
            Duration::Repeating(periods) => Some(i64::from(periods)),
            Duration::Once | Duration::Forever => None,
        },
        max_redemptions: coupon.max_redemptions.map(i64::from),
        max_per_account: coupon.max_per_account.map(i64::from),
        first_purchase_only: coupon.first_purchase_only,
        plans: to_json(&coupon.plans),
        packs: to_json(&coupon.packs),
        starts_at: coupon.starts_at.map(Timestamp::micros),
        ends_at: coupon.ends_at.map(Timestamp::micros),
        active: coupon.active,
        uses: coupon.uses,
        created_at: coupon.created_at.micros(),
        version: coupon.version.saturating_add(1),
    }
}

pub(crate) fn read_coupon(row: &coupons::Model) -> Result<Coupon, StoreError> {
    let read = Reader::new("coupons", row.id);
    let small =
        |column: &str, number: Option<i64>| number.map(|number| read.small(column, number)).transpose();
    let effect = match read.parse("kind", &row.kind)? {
        CouponType::Percent => CouponEffect::Percent(read.small("value", row.value)?),
        CouponType::Fixed => CouponEffect::Fixed(read.json::<Vec<Money>>("amounts", &row.amounts)?),
        CouponType::Credits => CouponEffect::Credits {
            credits: Credits::new(row.value),
            expires_after_days: small("expires_after_days", row.expires_after_days)?,
        },
        CouponType::TrialDays => CouponEffect::TrialDays(read.small("value", row.value)?),
    };
    let duration = match (read.parse("duration", &row.duration)?, row.duration_periods) {
        (DurationKind::Once, None) => Duration::Once,
        (DurationKind::Repeating, Some(periods)) => {
            Duration::Repeating(read.small("duration_periods", periods)?)
        }
        (DurationKind::Forever, None) => Duration::Forever,
        _ => return Err(read.corrupt("duration_periods", "does not go with the duration")),
    };
    Ok(Coupon {
        id: CouponId::from_uuid(row.id),
        code: read.parse("code", &row.code)?,
        effect,
        duration,
        max_redemptions: small("max_redemptions", row.max_redemptions)?,
        max_per_account: small("max_per_account", row.max_per_account)?,
        first_purchase_only: row.first_purchase_only,
        plans: read.json("plans", &row.plans)?,
        packs: read.json("packs", &row.packs)?,
        starts_at: row.starts_at.map(at),
        ends_at: row.ends_at.map(at),
        active: row.active,
        uses: row.uses,
        created_at: at(row.created_at),
        version: row.version,
    })
}

/// The row of `redemption`, at the next version.
pub(crate) fn redemption_model(redemption: &Redemption) -> coupon_redemptions::Model {
    coupon_redemptions::Model {
        id: redemption.id.uuid(),
        coupon_id: redemption.coupon.uuid(),
        account_id: redemption.account.uuid(),
        order_id: redemption.order.map(OrderId::uuid),
        use_number: redemption.use_number.map(i64::from),
        status: redemption.status.to_string(),
        request_key: redemption.request_key.as_ref().map(|key| key.as_str().to_owned()),
        created_at: redemption.created_at.micros(),
        version: redemption.version.saturating_add(1),
    }
}

pub(crate) fn read_redemption(row: &coupon_redemptions::Model) -> Result<Redemption, StoreError> {
    let read = Reader::new("coupon_redemptions", row.id);
    let key = row.request_key.as_deref().map(RequestKey::parse).transpose();
    Ok(Redemption {
        id: RedemptionId::from_uuid(row.id),
        coupon: CouponId::from_uuid(row.coupon_id),
        account: AccountId::from_uuid(row.account_id),
        order: row.order_id.map(OrderId::from_uuid),
        use_number: row.use_number.map(|use_number| read.small("use_number", use_number)).transpose()?,
        status: read.parse("status", &row.status)?,
        request_key: key.map_err(|problem| read.corrupt("request_key", problem))?,
        created_at: at(row.created_at),
        version: row.version,
    })
}
