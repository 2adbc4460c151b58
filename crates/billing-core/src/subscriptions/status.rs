//! The status of a subscription.

use crate::values::text_enum;

text_enum! {
    /// The status of a subscription, in Stripe's terms. A subscription with a scheduled cancellation is active with
    /// `cancel_at_period_end`.
    SubscriptionStatus, "subscription status", {
        /// The first payment is pending.
        Incomplete = "incomplete",
        /// In its trial.
        Trialing = "trialing",
        /// Paid.
        Active = "active",
        /// A renewal's payment is being retried.
        PastDue = "past_due",
        /// Paused.
        Paused = "paused",
        /// All retries have failed.
        Unpaid = "unpaid",
        /// The first payment was never made.
        IncompleteExpired = "incomplete_expired",
        /// Ended.
        Canceled = "canceled",
    }
}

impl SubscriptionStatus {
    /// Whether it has ended permanently.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }

    /// Whether the account counts as subscribed, so that a second subscription is refused.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue | Self::Paused | Self::Unpaid)
    }

    /// The position of a status in the life cycle; decides between two states of the same second.
    pub(super) fn rank(self) -> usize {
        Self::ALL.iter().position(|other| *other == self).unwrap_or(0)
    }
}
