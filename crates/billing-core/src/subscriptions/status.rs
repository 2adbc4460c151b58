//! Where a subscription stands.

use crate::values::text_enum;

text_enum! {
    /// Where a subscription stands, in Stripe's words. Canceling is active with `cancel_at_period_end`.
    SubscriptionStatus, "subscription status", {
        /// The first payment has not come yet.
        Incomplete = "incomplete",
        /// In its trial.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// A renewal's payment is being tried again.
        PastDue = "past_due",
        /// Set aside.
        Paused = "paused",
        /// The tries are used up.
        Unpaid = "unpaid",
        /// The first payment never came.
        IncompleteExpired = "incomplete_expired",
        /// Ended.
        Canceled = "canceled",
    }
}

impl SubscriptionStatus {
    /// Whether it is over for good.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }

    /// Whether the account counts as subscribed: a second subscription beside it is refused.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue | Self::Paused | Self::Unpaid)
    }

    /// How far along its life a subscription in this status is; settles which of two descriptions of one
    /// second is the later.
    pub(super) fn rank(self) -> usize {
        Self::ALL.iter().position(|other| *other == self).unwrap_or(0)
    }
}
