//! One use of a coupon.

use crate::values::{AccountId, CouponId, IdSource, OrderId, RedemptionId, RequestKey, Timestamp, text_enum};

text_enum! {
    /// Where a use of a coupon stands.
    RedemptionStatus, "redemption status", {
        /// Set aside for an order that is not paid yet.
        Reserved = "reserved",
        /// Used for good.
        Confirmed = "confirmed",
        /// Given back, because the order came to nothing.
        Returned = "returned",
    }
}

/// One account's use of a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// Its id.
    pub id: RedemptionId,
    /// Which coupon.
    pub coupon: CouponId,
    /// Whose.
    pub account: AccountId,
    /// The order that used it; none where the coupon brought credits by itself. An order uses one coupon.
    pub order: Option<OrderId>,
    /// Which of the account's uses of the coupon it is, from 0; none once it was given back. Two uses never have the
    /// same, so that of two at once one is noticed.
    pub use_number: Option<u32>,
    /// Where it stands.
    pub status: RedemptionStatus,
    /// The idempotency key of the request that redeemed it by itself, if it had one.
    pub request_key: Option<RequestKey>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

/// What a redemption does to its coupon's count of uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponUse {
    /// One use more, if there is one left and nobody changed the coupon since it was read in `version`.
    Take {
        /// Which coupon.
        coupon: CouponId,
        /// As it was read.
        version: i64,
    },
    /// One use more whatever the limit, because it was paid for.
    TakeBeyond {
        /// Which coupon.
        coupon: CouponId,
    },
    /// One use less.
    Return {
        /// Which coupon.
        coupon: CouponId,
    },
}

/// How an order with a coupon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was paid.
    Paid,
    /// It came to nothing.
    Unpaid,
}

/// What an account has behind it when it wants to use a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastUses {
    /// Its uses of the coupon, also those that it gave back.
    pub redemptions: Vec<Redemption>,
    /// Whether it bought anything before, with or without a coupon.
    pub bought_before: bool,
}

impl CouponUse {
    /// The coupon whose count changes.
    pub const fn coupon(self) -> CouponId {
        match self {
            Self::Take { coupon, .. } | Self::TakeBeyond { coupon } | Self::Return { coupon } => coupon,
        }
    }
}

impl PastUses {
    /// How often the account used the coupon: reserved and confirmed.
    pub fn used(&self) -> u32 {
        let held = self.redemptions.iter().filter(|one| one.status != RedemptionStatus::Returned);
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    /// The first use number that none of its uses has.
    fn free_use_number(&self) -> Option<u32> {
        (0..=u32::MAX)
            .find(|use_number| self.redemptions.iter().all(|one| one.use_number != Some(*use_number)))
    }
}

impl Redemption {
    /// A use set aside for `order`, or one for good without an order.
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

    /// Follows its order. Says whether that is news, and what it does to the coupon's count. Money that comes after all
    /// confirms also what was given back; what was confirmed stays so, also where the money goes back.
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
