//! Reads of the catalogue.

use async_trait::async_trait;

use super::StoreError;
use crate::catalog::{Pack, Plan, PricedItem, RateCard, RateCardVersion};
use crate::checkin::CheckInConfig;
use crate::coupons::{Coupon, CouponCode};
use crate::payments::Channel;
use crate::values::{CouponId, PackId, PlanId};

/// A reference to a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponRef<'a> {
    /// The coupon with this id.
    Id(CouponId),
    /// The coupon with this code.
    Code(&'a CouponCode),
}

/// Plans, packs, coupons, rate cards and the check-in configuration.
#[async_trait]
pub trait CatalogReads: Send + Sync {
    /// All plans, oldest first.
    async fn plans(&self) -> Result<Vec<Plan>, StoreError>;
    /// The plan with this id.
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError>;
    /// The item that a provider's price or product stands for, even if it is no longer sold.
    async fn priced_item(&self, channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError>;
    /// All packs, oldest first.
    async fn packs(&self) -> Result<Vec<Pack>, StoreError>;
    /// The pack with this id.
    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError>;
    /// All coupons, oldest first.
    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError>;
    /// One coupon.
    async fn coupon(&self, which: CouponRef<'_>) -> Result<Option<Coupon>, StoreError>;
    /// All rate cards, oldest first.
    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError>;
    /// The rate card with this slug.
    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError>;
    /// One version of the rate card with this slug. It is immutable, so callers may cache it.
    async fn rate_card_version(&self, slug: &str, number: u32)
    -> Result<Option<RateCardVersion>, StoreError>;
    /// The check-in configuration; the default until it is set.
    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError>;
}
