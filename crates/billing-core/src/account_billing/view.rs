//! How an account's billing is shown.

use super::{AccountBilling, BillingPolicy};
use crate::catalog::Plan;
use crate::orders::{Order, OrderItem};
use crate::payments::PaymentMethod;
use crate::subscriptions::{GracePeriods, Subscription, SubscriptionStatus, paid_plan};
use crate::values::{Money, Period, Timestamp, Zone};

/// How an account's billing is shown: every page and answer is rendered from this, so that no two of them differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BillingView {
    /// The subscription to show: the live one, else the one that ended in the last 30 days.
    pub subscription: Option<ShownSubscription>,
    /// What the account pays with, where the provider has told.
    pub payment_method: Option<PaymentMethod>,
    /// What will be asked for next, as far as can be told.
    pub upcoming: Option<UpcomingInvoice>,
}

/// A subscription with its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSubscription {
    /// The subscription.
    pub subscription: Subscription,
    /// The plan that the current period was paid for, else the one that it is to.
    pub plan: Option<Plan>,
    /// The plan that it renews as, where that is another one.
    pub renews_as: Option<Plan>,
}

/// What will be asked for next, before tax: what was agreed on, for a plan that was changed to its price today; less what
/// the coupon still takes off, which stays with the subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpcomingInvoice {
    /// How much.
    pub amount: Money,
    /// For which period.
    pub period: Period,
}

impl BillingView {
    /// How `billing`, which is as of `now`, is shown.
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
    /// Shows `subscription`: who has changed to another plan for the renewal has until then what was paid for; and where a
    /// period is over, with the days in which its renewal may come, and the provider has told nothing, it is past due, or
    /// ended where it was to end by now, or where all of its grace is over.
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

/// The next period's price, where the subscription goes on by itself.
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
