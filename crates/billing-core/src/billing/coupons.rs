//! Coupons, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::coupons::{Coupon, CouponCode};
use crate::use_cases::{self, CouponDraft, PurchaseItem, RedeemedCoupon, ValidCoupon};
use crate::values::{CouponId, RequestKey};

/// Coupons.
impl Billing {
    /// All coupons, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn coupons(&self) -> Result<Vec<Coupon>, BillingError> {
        Ok(self.ports.store.catalog.coupons().await?)
    }

    /// Offers a new coupon, or replaces the one with `id`. What it does, and for how long, stays once anybody uses it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] and [`BillingError::Invalid`] name the field that is off; [`BillingError::Coupon`] if
    /// the code is taken, or the coupon in use; [`BillingError::NotFound`].
    pub async fn publish_coupon(
        &self,
        id: Option<CouponId>,
        draft: &CouponDraft,
    ) -> Result<Coupon, BillingError> {
        use_cases::publish_coupon::publish_coupon(&self.ports, id, draft).await
    }

    /// What a code does for the account, on what is `wanted` if anything. Nothing is set aside.
    ///
    /// # Errors
    ///
    /// [`BillingError::Coupon`] says why it cannot be used; [`BillingError::NotFound`] without such a plan or pack.
    pub async fn validate_coupon(
        &self,
        account: &ExternalId,
        code: &CouponCode,
        wanted: Option<PurchaseItem>,
    ) -> Result<ValidCoupon, BillingError> {
        use_cases::validate_coupon::validate_coupon(&self.ports, account, code, wanted).await
    }

    /// Gives the credits of a coupon, once per account; makes an account that nobody has seen. With a key it is safe to
    /// repeat: the first outcome is answered again.
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
