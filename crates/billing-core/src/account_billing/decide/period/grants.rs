//! What a paid line grants.

use super::paid::Paid;
use crate::catalog::{MonthlyShare, Plan, PlanTerms, RolloverMode, period_grants};
use crate::ledger::{GrantCredits, Origin, Rollover, Source, business_keys};
use crate::orders::{Order, OrderItem};
use crate::payments::{PaidLine, Payment};
use crate::subscriptions::Subscription;
use crate::values::{Credits, Period, Timestamp};

/// How far apart the end of a period and the beginning of the next may be: providers' differ by some seconds.
const SLACK_SECONDS: i64 = 3600;

/// The grants of one line, as agreed when the subscription began or changed, else as the plan says today.
pub(super) fn of_line(
    paid: &Paid<'_>,
    line: &PaidLine,
    plan: &Plan,
    order: Option<&Order>,
) -> Vec<GrantCredits> {
    let terms = terms(paid, plan, order).times(line.quantity);
    let (subscription, now) = (paid.subscription(), paid.context.now);
    let unless_made_good = subscription.filter(|known| !known.is_made_good_by(line.period));
    let late = subscription.is_some_and(|known| known.had_ended_before(paid.collected_at()));
    let next = paid.others().filter_map(|other| next_start(other, line.period)).min();
    let shares = period_grants(line.period, terms.credits_interval);
    let last = shares.len().saturating_sub(1);
    let grants = shares.into_iter().enumerate().map(|(number, share)| {
        let name = business_keys::period(
            paid.channel(),
            &paid.fact.payment,
            plan.id,
            line.period.start,
            share.month,
        );
        let ends_at = match next {
            Some(next) => share.ends_at.min(next),
            None if late => share.ends_at,
            None => ends_at(unless_made_good, &share, number == last, paid),
        };
        let keeps = terms.rollover.mode == RolloverMode::Keep;
        GrantCredits {
            effective_at: Some(share.effective_at),
            expires_at: (!keeps).then_some(ends_at),
            rollover: rollover(&terms, &share, paid.context.policy.grace_periods.renewal_days),
            origin: Origin {
                order: order.map(|order| order.id),
                subscription: subscription.map(|subscription| subscription.id),
            },
            ..GrantCredits::new(terms.credits, Source::Plan, name, format!("Plan: {}", plan.name))
        }
    });
    // What was paid for and is over (news that came very late) cannot be spent any more.
    let counts = |grant: &GrantCredits| {
        let from = grant.effective_at.unwrap_or(now).max(now);
        grant.amount != Credits::ZERO && grant.expires_at.is_none_or(|end| end > from)
    };
    grants.filter(counts).collect()
}

/// When `other` pays for a period that begins in `period` or with its end, that beginning.
pub(super) fn next_start(other: &Payment, period: Period) -> Option<Timestamp> {
    let start = other.whole_period()?.start;
    (start > period.start.plus_seconds(SLACK_SECONDS)).then_some(start)
}

pub(super) fn terms(paid: &Paid<'_>, plan: &Plan, order: Option<&Order>) -> PlanTerms {
    if let Some(known) = paid.subscription().filter(|known| known.plan == plan.id) {
        return known.terms;
    }
    match order.map(|order| &order.item) {
        Some(OrderItem::Plan { plan: ordered, credits, .. }) if *ordered == plan.id => {
            PlanTerms { credits: *credits, ..plan.terms() }
        }
        _ => plan.terms(),
    }
}

/// When a share's credits end: a month's of a year with the month, because the next one's are there then; the last one's
/// as its subscription stands.
pub(super) fn ends_at(
    subscription: Option<&Subscription>,
    share: &MonthlyShare,
    last: bool,
    paid: &Paid<'_>,
) -> Timestamp {
    let end = Subscription::credits_end(subscription, paid.context.policy.grace_periods).of(share.ends_at);
    if last { end } else { end.min(share.ends_at) }
}

/// What is left rolls over into the share after, and no further.
fn rollover(terms: &PlanTerms, share: &MonthlyShare, grace_days: i64) -> Option<Rollover> {
    let cap = terms.rollover.cap.filter(|_| terms.rollover.mode == RolloverMode::RollOver)?;
    let length = share.ends_at.micros().saturating_sub(share.effective_at.micros());
    let until = Timestamp::from_micros(share.ends_at.micros().saturating_add(length)).plus_days(grace_days);
    Some(Rollover { cap, until })
}
