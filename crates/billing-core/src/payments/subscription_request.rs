//! Requests to a provider about a subscription.

use super::SubscriptionFact;
use crate::subscriptions::Subscription;
use crate::values::{Timestamp, text_enum};

text_enum! {
    /// A change of a subscription's state.
    SubscriptionChange, "subscription change", {
        /// Cancel immediately.
        CancelNow = "cancel_now",
        /// Cancel at the period's end.
        CancelAtPeriodEnd = "cancel_at_period_end",
        /// Pause: nothing is charged and nothing granted until it is resumed.
        Pause = "pause",
        /// Resume a paused subscription, or undo a scheduled cancellation.
        Resume = "resume",
    }
}

text_enum! {
    /// The first page of a customer portal.
    PortalFlow, "portal flow", {
        /// Payment methods.
        PaymentMethod = "payment_method",
        /// Cancellation of a subscription.
        Cancel = "cancel",
        /// Change of plan.
        Change = "change",
    }
}

/// A request to open the provider's customer portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalRequest {
    /// The provider's customer.
    pub customer: String,
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The first page; the portal's default if none. Providers with a single page ignore it.
    pub flow: Option<PortalFlow>,
    /// The return URL; its origin is allowed.
    pub return_url: String,
    /// The source of the provider's idempotency key; a new one each time, because portal sessions expire.
    pub key: String,
}

/// A request to change a subscription at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRequest {
    /// The stored subscription.
    pub subscription: Subscription,
    /// The change.
    pub change: SubscriptionChange,
    /// Why, in the customer's words.
    pub reason: Option<String>,
    /// Now.
    pub now: Timestamp,
}

impl ChangeRequest {
    /// The source of the provider's idempotency key: the same change of the same state has the same key.
    pub fn key(&self) -> String {
        let Subscription { id, version, .. } = &self.subscription;
        format!("subscription:{id}:{}:{version}", self.change)
    }

    /// The stored subscription with the change applied: the response of a stateless provider.
    pub fn carried_out(&self) -> SubscriptionFact {
        use crate::subscriptions::SubscriptionStatus::{Active, Canceled, Paused};
        let mut fact = self.subscription.as_fact();
        fact.provider_updated_at = self.now;
        fact.cancel_reason.clone_from(&self.reason);
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
