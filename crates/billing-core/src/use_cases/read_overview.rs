//! Read what a page shows on which somebody manages a subscription.

use super::read_summary::{BillingSummary, ShownSubscription, read_summary};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::payments::{Capability, Payment};
use crate::subscriptions::SubscriptionStatus;
use crate::values::{Credits, Money, Period, Timestamp, Zone};

/// How many payments a page shows.
const RECENT: u32 = 10;

/// An account's subscription, credits, and money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingOverview {
    /// Subscription and credits.
    pub summary: BillingSummary,
    /// What was spent in this month (UTC), less what was given back in it.
    pub used_this_month: Credits,
    /// What will be asked for next, as far as can be told.
    pub upcoming: Option<UpcomingInvoice>,
    /// The latest payments, newest first.
    pub payments: Vec<Payment>,
}

/// What will be asked for next: the plan's price today, before discounts and tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpcomingInvoice {
    /// How much.
    pub amount: Money,
    /// For which period.
    pub period: Period,
}

/// Reads an account's subscription, credits and money. An account that nobody has seen has none of it.
pub(crate) async fn read_overview(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<BillingOverview, BillingError> {
    let summary = read_summary(ports, external_id).await?;
    let (mut used, mut payments) = (Credits::ZERO, Vec::new());
    if let Some(account) = &summary.account {
        let now = ports.clock.now();
        let until = Timestamp::from_micros(now.micros().saturating_add(1));
        used = ports.reports.net_usage(account.id, start_of_month(now), until).await?;
        payments = ports.payments.payments(account.id, RECENT).await?;
    }
    let upcoming = summary.subscription.as_ref().and_then(upcoming);
    Ok(BillingOverview { used_this_month: used, upcoming, payments, summary })
}

/// What will be asked for next: as the provider counts it, discounts and tax included, where it can say; else the plan's
/// price today. None where nothing will be. Says whether the provider counted.
///
/// # Errors
///
/// [`BillingError::Provider`] if the provider does not answer; [`BillingError::Store`]; may be tried again.
pub(crate) async fn read_upcoming(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<Option<(UpcomingInvoice, bool)>, BillingError> {
    let summary = read_summary(ports, external_id).await?;
    let Some(shown) = &summary.subscription else { return Ok(None) };
    let Some(projected) = upcoming(shown) else { return Ok(None) };
    let provider = ports.provider(shown.subscription.channel);
    let Some(provider) = provider.filter(|provider| provider.capabilities().can(Capability::PreviewRenewal))
    else {
        return Ok(Some((projected, false)));
    };
    let amount = provider.preview_renewal(&shown.subscription).await?;
    Ok(amount.map(|amount| (UpcomingInvoice { amount, ..projected }, true)))
}

/// The next period's price, where the subscription goes on by itself.
fn upcoming(shown: &ShownSubscription) -> Option<UpcomingInvoice> {
    let subscription = &shown.subscription;
    let renews = matches!(
        subscription.status,
        SubscriptionStatus::Active | SubscriptionStatus::Trialing | SubscriptionStatus::PastDue
    );
    if !renews || subscription.cancel_at_period_end || subscription.cancel_at.is_some() {
        return None;
    }
    let plan = shown.renews_as.as_ref().or(shown.plan.as_ref())?;
    let amount = plan.price(subscription.interval)?.times(subscription.quantity())?;
    let start = subscription.period?.end;
    let months = i32::try_from(subscription.interval.months()).ok()?;
    Some(UpcomingInvoice { amount, period: Period { start, end: Zone::UTC.plus_months(start, months) } })
}

fn start_of_month(now: Timestamp) -> Timestamp {
    Zone::UTC.start_of(Zone::UTC.day_of(now).first_of_month())
}
