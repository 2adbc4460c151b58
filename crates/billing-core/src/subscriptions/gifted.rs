//! Gift subscriptions, which are never charged.

use super::{Subscription, SubscriptionStatus};
use crate::payments::Channel;
use crate::values::Timestamp;

impl Subscription {
    /// Whether it is a gift: it is never charged, so no provider reports its end either.
    pub fn is_given(&self) -> bool {
        self.channel == Channel::GIFT
    }

    /// The subscription as of `now`: a gift has ended with its period, even if that is not persisted yet.
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
