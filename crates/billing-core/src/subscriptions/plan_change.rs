//! The effect of a change of plan, computed before anything is changed.

use serde::{Deserialize, Serialize};

use super::{Subscription, SubscriptionStatus};
use crate::catalog::{ChangePolicy, Interval, Plan, period_grants};
use crate::payments::{Capabilities, Capability, PaidPeriods, Payment, ProrationBehavior};
use crate::values::{Credits, Money, Period, PlanId, Timestamp, Zone};

/// The target of a change.
#[derive(Debug, Clone, Copy)]
pub struct WantedPlan<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The billing interval.
    pub interval: Interval,
}

/// The current period as paid.
#[derive(Debug, Clone, Copy)]
pub struct PaidPlan<'a> {
    /// The plan that it was paid for.
    pub plan: &'a Plan,
    /// The period.
    pub period: Period,
}

/// The effect of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOffer {
    /// When the new price is paid.
    pub money: ProrationBehavior,
    /// The amount due now, before discounts and tax, by our own computation.
    pub due_now: Money,
    /// The credits granted at once, for the rest of the current period or month.
    pub credits_now: Credits,
    /// The credits of each later grant.
    pub credits_then: Credits,
    /// The price of each later period, before discounts and tax.
    pub price: Money,
    /// The next renewal.
    pub renews_at: Timestamp,
    /// The period that starts now, or would start.
    pub fresh: Period,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The subscription has that plan already.
    #[error("the subscription has this plan already")]
    SamePlan,
    /// Only an active or trialing subscription can be changed.
    #[error("a subscription that is {0} cannot be changed to another plan")]
    NotActive(SubscriptionStatus),
    /// It is going to end.
    #[error("the subscription has a scheduled cancellation; resume it first")]
    Ending,
    /// The current period is a paid year.
    #[error("a year was paid; change to monthly payments when it ends")]
    YearPaid,
    /// It was requested before with an unknown outcome, and the subscription has changed since.
    #[error("the subscription has changed since this was requested first; look at it, and use a new key")]
    ChangedMeanwhile,
    /// The current period's payment is not known yet, so the difference cannot be computed.
    #[error("the payment of the current period is being applied; ask again in a moment")]
    PaymentPending,
    /// The currency differs.
    #[error("the plan `{0}` is sold in another currency")]
    OtherCurrency(String),
    /// The plan is not on sale, or not for this interval.
    #[error("the plan `{0}` is not sold that way")]
    NotOnSale(String),
    /// Its provider does not support the change.
    #[error(
        "its payment provider cannot change this subscription so; cancel it, and subscribe anew when it has ended"
    )]
    NotPossible,
}

impl ChangeRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SamePlan => "already_on_plan",
            Self::NotActive(_) => "subscription_not_active",
            Self::Ending => "subscription_ending",
            Self::YearPaid => "year_paid",
            Self::ChangedMeanwhile => "subscription_changed",
            Self::PaymentPending => "payment_pending",
            Self::OtherCurrency(_) => "other_currency",
            Self::NotOnSale(_) => "not_on_sale",
            Self::NotPossible => "change_not_possible",
        }
    }
}

/// The effect of changing `subscription` to `wanted`, given what the current period was `paid` for and the provider's
/// capabilities `can`.
///
/// A change to a plan that costs the same or less than the paid one takes effect at the renewal: nothing is refunded
/// and nothing lost, so alternating between plans grants no credits. A change to a more expensive plan follows the new
/// plan's policy. A change from monthly to yearly always starts a new period, because providers bill it so.
///
/// # Errors
///
/// [`ChangeRefusal`].
pub fn plan_change(
    subscription: &Subscription,
    paid: Option<PaidPlan<'_>>,
    wanted: WantedPlan<'_>,
    can: Capabilities,
    now: Timestamp,
) -> Result<ChangeOffer, ChangeRefusal> {
    let quantity = subscription.quantity();
    let price = check(subscription, wanted)?.times(quantity).ok_or(ChangeRefusal::NotPossible)?;
    let credits = wanted.plan.terms().times(quantity).credits;
    if !can.can(Capability::ChangePlan) {
        return Err(ChangeRefusal::NotPossible);
    }
    let months = i32::try_from(wanted.interval.months()).unwrap_or(1);
    let fresh = Period { start: now, end: Zone::UTC.plus_months(now, months) };
    let offer = |money, due_now: i64, credits_now, renews_at| ChangeOffer {
        money,
        due_now: Money::new(due_now, price.currency),
        credits_now: Credits::new(credits_now),
        credits_then: credits,
        price,
        renews_at,
        fresh,
    };
    let at_renewal = || {
        let renews_at = paid.map(|paid| paid.period.end).or(subscription.period.map(|period| period.end));
        offer(ProrationBehavior::AtRenewal, 0, 0, renews_at.unwrap_or(now))
    };
    let begins_fresh = || {
        let credits = if can.can(Capability::ResetBillingAnchor) { credits.get() } else { 0 };
        offer(ProrationBehavior::ResetBillingAnchor, price.minor, credits, fresh.end)
    };
    if wanted.interval != subscription.interval {
        // Nothing is paid during a trial, and the provider bills the year at its end.
        let trying = subscription.status == SubscriptionStatus::Trialing;
        return match (wanted.interval, trying) {
            (_, true) => Ok(at_renewal()),
            (Interval::Monthly, false) => Err(ChangeRefusal::YearPaid),
            (Interval::Yearly, false) if can.can(Capability::ResetBillingAnchor) => Ok(begins_fresh()),
            (Interval::Yearly, false) => Err(ChangeRefusal::NotPossible),
        };
    }
    let before = paid.and_then(|paid| Some((paid, paid.plan.price(subscription.interval)?.times(quantity)?)));
    let Some((paid, before)) = before.filter(|(_, before)| price.minor > before.minor) else {
        return Ok(at_renewal());
    };
    match wanted.plan.change_policy {
        ChangePolicy::Prorate if can.can(Capability::Prorate) => {
            let due = rest_of(price.minor.saturating_sub(before.minor), paid.period, now);
            Ok(offer(
                ProrationBehavior::Prorate,
                due,
                credits_now(paid, wanted.plan, quantity, now),
                paid.period.end,
            ))
        }
        ChangePolicy::ResetBillingAnchor if can.can(Capability::ResetBillingAnchor) => Ok(begins_fresh()),
        _ => Ok(at_renewal()),
    }
}

/// The price of a period; refuses impossible changes.
fn check(subscription: &Subscription, wanted: WantedPlan<'_>) -> Result<Money, ChangeRefusal> {
    if !matches!(subscription.status, SubscriptionStatus::Active | SubscriptionStatus::Trialing) {
        return Err(ChangeRefusal::NotActive(subscription.status));
    }
    if subscription.cancel_at_period_end || subscription.cancel_at.is_some() {
        return Err(ChangeRefusal::Ending);
    }
    if (subscription.plan, subscription.interval) == (wanted.plan.id, wanted.interval) {
        return Err(ChangeRefusal::SamePlan);
    }
    let price = wanted.plan.price(wanted.interval).filter(|_| wanted.plan.active);
    price.ok_or_else(|| ChangeRefusal::NotOnSale(wanted.plan.slug.clone()))
}

/// The additional credits for the rest of the month or period; none between monthly and upfront credits.
fn credits_now(paid: PaidPlan<'_>, wanted: &Plan, quantity: u32, now: Timestamp) -> i64 {
    if paid.plan.credits_interval != wanted.credits_interval {
        return 0;
    }
    let shares = period_grants(paid.period, wanted.credits_interval);
    let share = shares.into_iter().find(|share| share.effective_at <= now && now < share.ends_at);
    let Some(share) = share else { return 0 };
    let month = Period { start: share.effective_at, end: share.ends_at };
    let credits = |plan: &Plan| plan.terms().times(quantity).credits.get();
    let (new, old) = (credits(wanted), credits(paid.plan));
    // The new plan's part is rounded down, the old one's up.
    rest_of(new, month, now).saturating_sub(ceil_rest_of(old, month, now)).max(0)
}

/// `amount` for the rest of `period` after `now`, rounded down.
fn rest_of(amount: i64, period: Period, now: Timestamp) -> i64 {
    let (rest, whole) = rest_and_whole(period, now);
    let part = i128::from(amount).saturating_mul(rest).checked_div(whole);
    part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}

/// The same, rounded up.
fn ceil_rest_of(amount: i64, period: Period, now: Timestamp) -> i64 {
    let (rest, whole) = rest_and_whole(period, now);
    let part = i128::from(amount).saturating_mul(rest).saturating_add(whole.saturating_sub(1));
    part.checked_div(whole).and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}

fn rest_and_whole(period: Period, now: Timestamp) -> (i128, i128) {
    let rest = period.end.micros().saturating_sub(now.max(period.start).micros()).max(0);
    let whole = period.end.micros().saturating_sub(period.start.micros()).max(1);
    (i128::from(rest), i128::from(whole))
}

/// The plan that the current period was paid for, and the period. The plan is that of the last change in the period,
/// else the period's own; with several items, that of the subscription's plan. Fully reversed payments do not count,
/// unless all that cover the period were reversed. The period is the provider's current one if any payment was for it,
/// reversed or not, because the provider prorates the rest of that one.
pub fn paid_plan<'a>(
    payments: impl IntoIterator<Item = &'a Payment>,
    subscription: &Subscription,
    now: Timestamp,
) -> Option<(PlanId, Period)> {
    let payments: Vec<_> = payments.into_iter().collect();
    let kept: Vec<_> = payments.iter().copied().filter(|payment| !payment.is_reversed()).collect();
    let set_to = subscription.plan;
    let (plan, period) = plan_of(&kept, set_to, now).or_else(|| plan_of(&payments, set_to, now))?;
    let current = subscription.period.filter(|current| current.contains(now));
    let billed = current.and_then(|current| PaidPeriods::of(payments).like(current));
    Some((plan, billed.unwrap_or(period)))
}

fn plan_of(payments: &[&Payment], set_to: PlanId, now: Timestamp) -> Option<(PlanId, Period)> {
    let periods = PaidPeriods::of(payments.iter().copied());
    let whole = periods.current(set_to, now)?;
    let changes = payments.iter().filter_map(|payment| payment.covers.as_ref()?.change.as_ref());
    let within = changes.filter(|change| {
        change.rest.start <= now && periods.covering(change.rest).is_some_and(|of| of == whole)
    });
    let last = within.max_by_key(|change| change.rest.start);
    Some((last.map_or(whole.line.plan, |change| change.plan), whole.line.period))
}
