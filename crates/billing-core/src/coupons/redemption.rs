//! One use of a coupon.

use crate::values::{AccountId, CouponId, IdSource, OrderId, RedemptionId, RequestKey, Timestamp, text_enum};

text_enum! {
    /// The status of a use of a coupon.
    RedemptionStatus, "redemption status", {
        /// Reserved for an unpaid order.
        Reserved = "reserved",
        /// Used permanently.
        Confirmed = "confirmed",
        /// Returned, because the order expired or failed.
        Returned = "returned",
    }
}

/// One account's use of a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// The id.
    pub id: RedemptionId,
    /// The coupon.
    pub coupon: CouponId,
    /// The owner.
    pub account: AccountId,
    /// The order that used it; none for a coupon that grants credits. An order uses one coupon.
    pub order: Option<OrderId>,
    /// The index among the account's uses of the coupon, from 0; none once it is returned. It is unique, so that
    /// concurrent uses conflict.
    pub use_number: Option<u32>,
    /// The status.
    pub status: RedemptionStatus,
    /// The idempotency key of the request that redeemed it without an order, if any.
    pub request_key: Option<RequestKey>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// The effect of a redemption on its coupon's counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponUse {
    /// Increments it, if the limit allows and the coupon is unchanged since it was read at `version`.
    Take {
        /// The coupon.
        coupon: CouponId,
        /// The version that was read.
        version: i64,
    },
    /// Increments it beyond the limit, because the order was paid.
    TakeBeyond {
        /// The coupon.
        coupon: CouponId,
    },
    /// Decrements it.
    Return {
        /// The coupon.
        coupon: CouponId,
    },
}

/// The end of an order with a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was paid.
    Paid,
    /// It expired or failed.
    Unpaid,
}

/// An account's history with a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastUses {
    /// Its uses of the coupon, including returned ones.
    pub redemptions: Vec<Redemption>,
    /// Whether it has bought anything before, with or without a coupon.
    pub bought_before: bool,
}

impl CouponUse {
    /// The coupon.
    pub const fn coupon(self) -> CouponId {
        match self {
            Self::Take { coupon, .. } | Self::TakeBeyond { coupon } | Self::Return { coupon } => coupon,
        }
    }
}

impl PastUses {
    /// The number of its uses: reserved and confirmed.
    pub fn used(&self) -> u32 {
        let held = self.redemptions.iter().filter(|one| one.status != RedemptionStatus::Returned);
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    /// The smallest unused use number.
    fn free_use_number(&self) -> Option<u32> {
        (0..=u32::MAX)
            .find(|use_number| self.redemptions.iter().all(|one| one.use_number != Some(*use_number)))
    }
}

impl Redemption {
    /// A use reserved for `order`, or a confirmed one without an order.
    pub fn new(
        coupon: CouponId,
        account: AccountId,
        order: Option<OrderId>,
        past: &PastUses,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Self {
        let status = match order {
            Some(_) => RedemptionStatus::Reserved,
            None => RedemptionStatus::Confirmed,
        };
        Self {
            id: RedemptionId::new(ids),
            coupon,
            account,
            order,
            use_number: past.free_use_number(),
            status,
            request_key: None,
            created_at: now,
            version: 0,
        }
    }

    /// Follows its order. Returns whether the status changed, and the effect on the coupon's counter. A late payment
    /// confirms a returned use; a confirmed one stays confirmed, even after a refund.
    pub fn settle(&mut self, how: Settled) -> (bool, Option<CouponUse>) {
        let coupon = self.coupon;
        match (self.status, how) {
            (RedemptionStatus::Reserved, Settled::Paid) => {
                self.status = RedemptionStatus::Confirmed;
                (true, None)
            }
            (RedemptionStatus::Reserved, Settled::Unpaid) => {
                (self.status, self.use_number) = (RedemptionStatus::Returned, None);
                (true, Some(CouponUse::Return { coupon }))
            }
            (RedemptionStatus::Returned, Settled::Paid) => {
                self.status = RedemptionStatus::Confirmed;
                (true, Some(CouponUse::TakeBeyond { coupon }))
            }
            (RedemptionStatus::Confirmed, _) | (RedemptionStatus::Returned, Settled::Unpaid) => (false, None),
        }
    }
}
