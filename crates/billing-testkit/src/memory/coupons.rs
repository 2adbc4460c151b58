//! Coupons and their uses.

use async_trait::async_trait;
use billing_core::coupons::{Coupon, CouponCode, CouponUse, Redemption};
use billing_core::ports::{CommitError, CouponReads, StoreError};
use billing_core::values::{AccountId, CouponId, RedemptionId, RequestKey};

use super::MemoryStore;
use super::cold::Cold;
use super::commit::guard;
use super::versions::put;

impl Cold {
    /// Writes a coupon, without what it counts.
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

#[async_trait]
impl CouponReads for MemoryStore {
    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError> {
        let mut coupons: Vec<_> = self.lock().cold.coupons.values().cloned().collect();
        coupons.sort_by_key(|coupon| (coupon.created_at, coupon.id));
        Ok(coupons)
    }

    async fn coupon(&self, id: CouponId) -> Result<Option<Coupon>, StoreError> {
        Ok(self.lock().cold.coupons.get(&id).cloned())
    }

    async fn coupon_by_code(&self, code: &CouponCode) -> Result<Option<Coupon>, StoreError> {
        Ok(self.lock().cold.coupons.values().find(|coupon| coupon.code == *code).cloned())
    }

    async fn redemption(&self, id: RedemptionId) -> Result<Option<Redemption>, StoreError> {
        Ok(self.lock().cold.redemptions.get(&id).cloned())
    }

    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError> {
        let state = self.lock();
        let own = state.cold.redemptions.values();
        let own = own.filter(|one| one.coupon == coupon && one.account == account);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|one| (one.created_at, one.id));
        Ok(own)
    }

    async fn redemption_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Redemption>, StoreError> {
        let state = self.lock();
        let mut own = state.cold.redemptions.values().filter(|one| one.account == account);
        Ok(own.find(|one| one.request_key.as_ref() == Some(key)).cloned())
    }

    async fn bought_before(&self, account: AccountId) -> Result<bool, StoreError> {
        let state = self.lock();
        let mut own = state.cold.orders.values().filter(|order| order.account == account);
        Ok(own.any(|order| order.completed_at.is_some()))
    }
}
