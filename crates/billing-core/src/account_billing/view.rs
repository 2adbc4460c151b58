//! How an account's billing is shown.

use super::{AccountBilling, BillingPolicy};
use crate::catalog::Plan;
use crate::orders::{Order, OrderItem};
use crate::payments::PaymentMethod;
use crate::subscriptions::{GracePeriods, Subscription, SubscriptionStatus, paid_plan};
use crate::values::{Money, Period, Timestamp, Zone};

/// How an account's billing is shown. Every page and response is rendered from this, so that they agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BillingView {
    /// The subscription to show: the live one, else the one that ended in the last 30 days.
    pub subscription: Option<ShownSubscription>,
    /// The account's payment method, if the provider has reported one.
    pub payment_method: Option<PaymentMethod>,
    /// The next invoice, as far as it can be computed.
    pub upcoming: Option<UpcomingInvoice>,
}

/// A subscription with its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSubscription {
    /// The subscription.
    pub subscription: Subscription,
    /// The plan that the current period was paid for, else the subscription's.
    pub plan: Option<Plan>,
    /// The plan that it renews as, if that is another one.
    pub renews_as: Option<Plan>,
}

/// The next invoice, before tax: the agreed price, or after a change of plan that plan's current price; less the
/// discount that the coupon still gives, which stays with the subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpcomingInvoice {
    /// The amount.
    pub amount: Money,
    /// The period.
    pub period: Period,
}

impl BillingView {
    /// The view of `billing`, which is advanced to `now`.
    pub fn of(billing: &AccountBilling, policy: BillingPolicy, now: Timestamp) -> Self {
        let shown = billing.shown_subscription(policy.grace_periods, now);
        let subscription = shown.map(|shown| ShownSubscription::of(billing, shown.clone(), policy, now));
        let upcoming = subscription.as_ref().and_then(|shown| upcoming(billing, shown));
        let methods = billing.payment_methods.iter().filter(|method| !method.removed);
        let latest = methods.max_by_key(|method| (method.provider_updated_at, &method.provider_id));
        Self { subscription, payment_method: latest.cloned(), upcoming }
    }
}

impl ShownSubscription {
    /// Shows `subscription`. If a change of plan is scheduled for the renewal, the plan that was paid for is shown
    /// until then. If the period and the grace period of renewals are over and the provider has reported nothing, the
    /// subscription is past due; if its scheduled end has passed, or the grace period for past-due renewals, it has
    /// ended.
    pub fn of(
        billing: &AccountBilling,
        mut subscription: Subscription,
        policy: BillingPolicy,
        now: Timestamp,
    ) -> Self {
        use SubscriptionStatus::{Active, Canceled, PastDue, Trialing};
        let grace = policy.grace_periods;
        let unrenewed = subscription.period.map(|period| period.end.plus_days(grace.renewal_days));
        if billing.has_lapsed(&subscription, grace, now) {
            let ended_at = subscription.lapses_at(grace);
            (subscription.status, subscription.ended_at) = (Canceled, ended_at);
        } else if matches!(subscription.status, Active | Trialing) && unrenewed.is_some_and(|at| at <= now) {
            subscription.status = PastDue;
        }
        let payments = billing.payments_for(subscription.channel, &subscription.provider_id);
        let paid = paid_plan(payments, &subscription, now).filter(|_| !subscription.status.is_final());
        let plan = |id| billing.plan(id).cloned();
        let set_to = plan(subscription.plan);
        match paid.filter(|(paid, _)| *paid != subscription.plan) {
            Some((paid, _)) => Self { subscription, plan: plan(paid), renews_as: set_to },
            None => Self { subscription, plan: set_to, renews_as: None },
        }
    }
}

impl AccountBilling {
    /// The live subscription, else the one that ended in the last 30 days.
    pub fn shown_subscription(&self, grace: GracePeriods, now: Timestamp) -> Option<&Subscription> {
        let live = |known: &&Subscription| known.is_live() && !self.has_lapsed(known, grace, now);
        let all = || self.subscriptions.iter();
        all().find(live).or_else(|| all().find(|known| known.is_shown(grace, now)))
    }
}

/// The next period's price, if the subscription renews.
fn upcoming(billing: &AccountBilling, shown: &ShownSubscription) -> Option<UpcomingInvoice> {
    let subscription = &shown.subscription;
    let renews = matches!(
        subscription.status,
        SubscriptionStatus::Active | SubscriptionStatus::Trialing | SubscriptionStatus::PastDue
    );
    let ends_at =
        subscription.cancel_at.zip(subscription.period).is_some_and(|(at, period)| at <= period.end);
    if !renews || subscription.cancel_at_period_end || ends_at {
        return None;
    }
    let plan = shown.renews_as.as_ref().or(shown.plan.as_ref())?;
    let start = subscription.period?.end;
    let order = billing.order_of_subscription(subscription.channel, &subscription.provider_id, None);
    let is_agreed = |order: &&Order| {
        matches!(order.item, OrderItem::Plan { plan: agreed, interval, .. }
            if (agreed, interval) == (plan.id, subscription.interval))
    };
    let quantity = subscription.quantity();
    let list = match order.filter(is_agreed) {
        Some(order) => order.list_price().times(quantity)?,
        None => plan.price(subscription.interval)?.times(quantity)?,
    };
    let amount = order.map_or(list, |order| order.renewal_price(list, subscription.started_at, start));
    let months = i32::try_from(subscription.interval.months()).ok()?;
    Some(UpcomingInvoice { amount, period: Period { start, end: Zone::UTC.plus_months(start, months) } })
}
