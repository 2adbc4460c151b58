//! Coupons: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::coupons::{Coupon, CouponCode};
use crate::use_cases::{self, CouponDraft, PurchaseItem, RedeemedCoupon, ValidCoupon};
use crate::values::{CouponId, RequestKey};

/// Coupons.
impl Billing {
    /// All coupons, oldest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn coupons(&self) -> Result<Vec<Coupon>, BillingError> {
        Ok(self.ports.store.catalog.coupons().await?)
    }

    /// Publishes a new coupon, or replaces the one with `id`. Its effect and duration are fixed after the first use.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] and [`BillingError::Invalid`] name the invalid field; [`BillingError::Coupon`] if the
    /// code is taken, or the coupon in use; [`BillingError::NotFound`].
    pub async fn publish_coupon(
        &self,
        id: Option<CouponId>,
        draft: &CouponDraft,
    ) -> Result<Coupon, BillingError> {
        use_cases::publish_coupon::publish_coupon(&self.ports, id, draft).await
    }

    /// The effect of a code for the account, on the `wanted` item if there is one. Nothing is reserved.
    ///
    /// # Errors
    ///
    /// [`BillingError::Coupon`] says why it cannot be used; [`BillingError::NotFound`] if the plan or pack is unknown.
    pub async fn validate_coupon(
        &self,
        account: &ExternalId,
        code: &CouponCode,
        wanted: Option<PurchaseItem>,
    ) -> Result<ValidCoupon, BillingError> {
        use_cases::validate_coupon::validate_coupon(&self.ports, account, code, wanted).await
    }

    /// Grants the credits of a coupon, once per account; creates the account if it is unknown. Idempotent with a key:
    /// the first outcome is answered again.
    ///
    /// # Errors
    ///
    /// [`BillingError::Coupon`] says why it cannot be used.
    pub async fn redeem_coupon(
        &self,
        account: &ExternalId,
        code: &CouponCode,
        key: Option<&RequestKey>,
    ) -> Result<RedeemedCoupon, BillingError> {
        use_cases::redeem_coupon::redeem_coupon(&self.ports, account, code, key).await
    }
}
