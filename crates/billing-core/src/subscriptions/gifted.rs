//! Subscriptions that nobody collects for.

use super::{Subscription, SubscriptionStatus};
use crate::payments::Channel;
use crate::values::Timestamp;

impl Subscription {
    /// Whether it was given: nobody collects for it, so nobody tells of its end either.
    pub fn is_given(&self) -> bool {
        self.channel == Channel::GIFT
    }

    /// This as it is at `now`: one that was given is over with its period, whoever has written that down.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        let end = self.period.map(|period| period.end).filter(|end| *end <= now);
        if let Some(end) = end
            && self.is_given()
            && self.status.is_live()
        {
            self.status = SubscriptionStatus::Canceled;
            self.ended_at = Some(end);
        }
        self
    }
}
