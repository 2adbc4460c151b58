//! What we ask of a provider about a subscription that it collects for.

use super::SubscriptionFact;
use crate::subscriptions::Subscription;
use crate::values::{Timestamp, text_enum};

text_enum! {
    /// What is to become of a subscription.
    SubscriptionChange, "subscription change", {
        /// It ends now.
        CancelNow = "cancel_now",
        /// It ends with its period.
        CancelAtPeriodEnd = "cancel_at_period_end",
        /// It is set aside: nothing is collected, and nothing granted, until it is resumed.
        Pause = "pause",
        /// It goes on: an end that was set is taken back, and what was set aside is taken up again.
        Resume = "resume",
    }
}

text_enum! {
    /// Which of a provider's own pages to begin with.
    PortalFlow, "portal flow", {
        /// Where a customer changes what is paid with.
        PaymentMethod = "payment_method",
        /// Where a subscription is ended.
        Cancel = "cancel",
        /// Where a subscription is changed to another plan.
        Change = "change",
    }
}

/// The provider's own pages, to be opened for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalRequest {
    /// The provider's customer.
    pub customer: String,
    /// The provider's id of the subscription that it is about.
    pub subscription: String,
    /// Which page to begin with; the first one where it is not said. Providers with one page alone show that.
    pub flow: Option<PortalFlow>,
    /// Where the customer returns to; on the list of allowed origins.
    pub return_url: String,
    /// What the provider's idempotency key is made of; another one each time, since such pages do not stay open.
    pub key: String,
}

/// A subscription to be changed at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    /// The subscription as it is kept.
    pub subscription: Subscription,
    /// What is to become of it.
    pub change: SubscriptionChange,
    /// Now.
    pub now: Timestamp,
}

impl ChangeRequest {
    /// What the provider's idempotency key is made of: the same change of the same state is one change.
    pub fn key(&self) -> String {
        let Subscription { id, version, .. } = &self.subscription;
        format!("subscription:{id}:{}:{version}", self.change)
    }

    /// The subscription as it is kept, with the change carried out: what a provider answers that keeps nothing itself.
    pub fn carried_out(&self) -> SubscriptionFact {
        use crate::subscriptions::SubscriptionStatus::{Active, Canceled, Paused};
        let mut fact = self.subscription.as_fact();
        fact.provider_updated_at = self.now;
        match self.change {
            SubscriptionChange::CancelNow => {
                fact.status = Canceled;
                (fact.canceled_at, fact.ended_at) = (Some(self.now), Some(self.now));
            }
            SubscriptionChange::CancelAtPeriodEnd => {
                fact.cancel_at_period_end = true;
                fact.cancel_at = fact.period.map(|period| period.end);
                fact.canceled_at = Some(self.now);
            }
            SubscriptionChange::Pause => fact.status = Paused,
            SubscriptionChange::Resume => {
                if fact.status == Paused {
                    fact.status = Active;
                }
                fact.cancel_at_period_end = false;
                (fact.cancel_at, fact.canceled_at) = (None, None);
            }
        }
        fact
    }
}
