//! The request for a change of plan.

use super::{PaidLine, PaidPeriod, PaymentRefs, PeriodReason, SubscriptionFact, SubscriptionItem};
use crate::catalog::Interval;
use crate::subscriptions::Subscription;
use crate::values::{Money, Period, Timestamp, text_enum};

text_enum! {
    /// When a change of plan is paid.
    ProrationBehavior, "way to pay a change", {
        /// With the next renewal; nothing changes before.
        AtRenewal = "at_renewal",
        /// The difference for the rest of the period now, and the full price with the next renewal.
        Prorate = "prorate",
        /// The full price now, for a period that starts now.
        ResetBillingAnchor = "reset_billing_anchor",
    }
}

/// A request to change the plan of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlanRequest {
    /// The stored subscription.
    pub subscription: Subscription,
    /// The provider's price at which the current period was paid. The difference is computed from it, even if the
    /// subscription is set to another price for its renewal.
    pub paid_at: Option<String>,
    /// Whether it is set to another price.
    pub has_scheduled_change: bool,
    /// The provider's price of the new plan.
    pub price: String,
    /// Its billing interval.
    pub interval: Interval,
    /// When it is paid.
    pub money: ProrationBehavior,
    /// The amount due now by our own computation; the provider may round differently.
    pub due: Money,
    /// The period that would start with a reset billing anchor.
    pub fresh: Period,
    /// Now.
    pub now: Timestamp,
}

/// The result of a change of plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPlanChange {
    /// The subscription's new state.
    pub subscription: SubscriptionFact,
    /// The payment for it, if the provider reports it at once; otherwise an event does.
    pub paid: Option<PaidPeriod>,
}

impl ChangePlanRequest {
    /// The stored subscription with the change applied and paid: the response of a stateless provider. The payment's
    /// id is `payment`.
    pub fn carried_out(&self, payment: &str) -> ProviderPlanChange {
        let mut subscription = self.subscription.as_fact();
        let quantity = self.subscription.quantity();
        subscription.items = vec![SubscriptionItem { price: self.price.clone(), quantity }];
        subscription.provider_updated_at = self.now;
        let rest = Period { start: self.now, end: subscription.period.map_or(self.now, |period| period.end) };
        let line = |price: &str, period, proration, gives_back| PaidLine {
            price: price.to_owned(),
            quantity,
            period,
            free: false,
            proration,
            gives_back,
        };
        let lines = match self.money {
            ProrationBehavior::AtRenewal => Vec::new(),
            ProrationBehavior::Prorate => {
                let before = self.paid_at.iter().map(|before| line(before, rest, true, true));
                before.chain([line(&self.price, rest, true, false)]).collect()
            }
            ProrationBehavior::ResetBillingAnchor => {
                subscription.period = Some(self.fresh);
                vec![line(&self.price, self.fresh, false, false)]
            }
        };
        let paid = (!lines.is_empty()).then(|| PaidPeriod {
            payment: payment.to_owned(),
            refs: PaymentRefs::of_payment(payment),
            paid: Some(self.due),
            collected_at: Some(self.now),
            subscription: subscription.id.clone(),
            customer: subscription.customer.clone(),
            reason: PeriodReason::Change,
            lines,
            order_hint: None,
            subscription_now: None,
        });
        ProviderPlanChange { subscription, paid }
    }

    /// The source of the provider's idempotency key: the same change of the same state has the same key.
    pub fn key(&self) -> String {
        let Subscription { id, version, .. } = &self.subscription;
        format!("change:{id}:{version}:{}:{}", self.price, self.money)
    }
}
