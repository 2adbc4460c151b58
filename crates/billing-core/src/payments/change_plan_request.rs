//! What we ask of a provider when somebody changes to another plan.

use super::{PaidLine, PaidPeriod, PaymentRefs, PeriodReason, SubscriptionFact, SubscriptionItem};
use crate::catalog::Interval;
use crate::subscriptions::Subscription;
use crate::values::{Money, Period, Timestamp, text_enum};

text_enum! {
    /// When the new price is paid.
    ProrationBehavior, "way to pay a change", {
        /// With the next renewal; nothing moves before.
        AtRenewal = "at_renewal",
        /// The difference for the rest of the period now, and the whole with the next renewal.
        Prorate = "prorate",
        /// All of it now, for a period that begins now.
        ResetBillingAnchor = "reset_billing_anchor",
    }
}

/// A subscription that is to be to another plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePlanRequest {
    /// The subscription as it is kept.
    pub subscription: Subscription,
    /// The provider's price that the current period was paid at: the difference is counted from it, also where the
    /// subscription is set to another one for its renewal.
    pub paid_at: Option<String>,
    /// Whether it is set to another one.
    pub has_scheduled_change: bool,
    /// The provider's price of the new plan.
    pub price: String,
    /// How often it is paid.
    pub interval: Interval,
    /// When it is paid.
    pub money: ProrationBehavior,
    /// What we take to be due now; the provider may count a cent otherwise.
    pub due: Money,
    /// The period that a fresh one would be.
    pub fresh: Period,
    /// Now.
    pub now: Timestamp,
}

/// A subscription that is to another plan now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPlanChange {
    /// How it is now.
    pub subscription: SubscriptionFact,
    /// What was paid for it, where the provider says so at once; elsewhere its event tells.
    pub paid: Option<PaidPeriod>,
}

impl ChangePlanRequest {
    /// The subscription as it is kept, with the change carried out and paid: what a provider answers that keeps nothing
    /// itself. The payment is called `payment`.
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

    /// What the provider's idempotency key is made of: the same change of the same state is one change.
    pub fn key(&self) -> String {
        let Subscription { id, version, .. } = &self.subscription;
        format!("change:{id}:{version}:{}:{}", self.price, self.money)
    }
}
