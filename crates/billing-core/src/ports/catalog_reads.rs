//! What operators set up.

use async_trait::async_trait;

use super::StoreError;
use crate::catalog::{Pack, Plan, PricedItem, RateCard, RateCardVersion};
use crate::checkin::CheckInConfig;
use crate::coupons::{Coupon, CouponCode};
use crate::payments::Channel;
use crate::values::{CouponId, PackId, PlanId};

/// Which coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponRef<'a> {
    /// The coupon with this id.
    Id(CouponId),
    /// The coupon with this code.
    Code(&'a CouponCode),
}

/// What is on sale, and on what terms.
#[async_trait]
pub trait CatalogReads: Send + Sync {
    /// All plans, in the order in which they were made.
    async fn plans(&self) -> Result<Vec<Plan>, StoreError>;
    /// The plan with this id.
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError>;
    /// What a provider's price or product stands for, also where it is not sold any more.
    async fn priced_item(&self, channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError>;
    /// All packs, in the order in which they were made.
    async fn packs(&self) -> Result<Vec<Pack>, StoreError>;
    /// The pack with this id.
    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError>;
    /// All coupons, in the order in which they were made.
    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError>;
    /// One coupon.
    async fn coupon(&self, which: CouponRef<'_>) -> Result<Option<Coupon>, StoreError>;
    /// All rate cards, in the order in which they were made.
    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError>;
    /// The rate card with this slug.
    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError>;
    /// One version of the rate card with this slug. It never changes, so callers may keep it.
    async fn rate_card_version(&self, slug: &str, number: u32)
    -> Result<Option<RateCardVersion>, StoreError>;
    /// How check-in is set up; the default until somebody sets it.
    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError>;
}
