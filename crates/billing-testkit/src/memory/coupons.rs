//! Coupons and their uses.

use billing_core::coupons::{Coupon, CouponUse};
use billing_core::ports::CommitError;

use super::cold::Cold;
use super::commit::guard;
use super::versions::put;

impl Cold {
    /// Writes a coupon, without its counter.
    pub(super) fn put_coupon(&mut self, mut coupon: Coupon) -> Result<(), CommitError> {
        if let Some(stored) = self.coupons.get(&coupon.id) {
            guard(coupon.uses > 0 || stored.uses == 0)?;
            coupon.uses = stored.uses;
        }
        put(&mut self.coupons, coupon)
    }

    /// Counts a use.
    pub(super) fn count(&mut self, one: CouponUse) -> Result<(), CommitError> {
        let Some(coupon) = self.coupons.get_mut(&one.coupon()) else { return Err(CommitError::Conflict) };
        let counted = match one {
            CouponUse::Take { version, .. } => {
                let left = coupon.max_redemptions.is_none_or(|limit| coupon.uses < i64::from(limit));
                guard(coupon.version == version && left)?;
                coupon.uses.checked_add(1)
            }
            CouponUse::TakeBeyond { .. } => coupon.uses.checked_add(1),
            CouponUse::Return { .. } => coupon.uses.checked_sub(1).filter(|uses| *uses >= 0),
        };
        coupon.uses = counted.ok_or(CommitError::Conflict)?;
        Ok(())
    }
}
